"""`facilitator formats`: writing a format of one's own, checking it, reading it, going through it."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.formats.describe import CHOSEN, MEANINGS, does
from facilitator.core.events import Agreed, Command, Rated, Say, SelfRated
from facilitator.core.formats.parse import parse_format, with_options
from facilitator.core.formats.stages import STAGE_KINDS, Agree, Indicators, Step
from facilitator.resources import paths
from facilitator.resources.prompts import parsed_format, read
from tests.support.simulation import NAMES, PROMPTS, play

FORMATS = sorted((PROMPTS / "formats").glob("*.toml"))
every_format = pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
LINE = re.compile(r'  (\d+):(\d\d)(?::(\d\d))?  ["\[(-]')


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of somebody without settings or prompts of their own."""
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.delenv("FACILITATOR_PROMPTS", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def formats(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["formats", *args])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


# --- new ---------------------------------------------------------------------------------------------


@every_format
def test_a_new_file_does_what_its_model_does(path: Path, here: Path) -> None:
    formats("new", "my-own", "--from", path.stem)
    mine, model = parsed_format(here / "my-own.toml"), parsed_format(path)
    assert mine.name == "My own"
    assert (mine.stages, mine.host, mine.summary) == (model.stages, model.host, model.summary)
    formats("check", "my-own.toml")


def test_a_new_file_explains_every_key_of_its_stages(here: Path) -> None:
    formats("new", "walk")
    text = (here / "walk.toml").read_text(encoding="utf-8")
    for stage in parsed_format(here / "walk.toml").stages:
        for field in dataclasses.fields(stage):
            if field.name != "step":
                assert re.search(rf"^(# )?{field.name} = .*  # \w", text, flags=re.M), field.name


def test_a_new_file_says_what_to_do_next_and_that_works(here: Path) -> None:
    told = formats("new", "walk").output
    lines = [line.split("#")[0].split() for line in told.splitlines() if line.startswith("  facilitator")]
    assert [line[:3] for line in lines[:2]] == [["facilitator", "formats", "check"], ["facilitator", "formats", "try"]]
    assert lines[2] == ["facilitator", "start", "--format", "walk.toml"]
    for line in lines[:2]:
        formats(*line[2:])


def test_nothing_is_ever_overwritten(here: Path) -> None:
    (here / "walk.toml").write_text("mine", encoding="utf-8")
    assert "stays as it is" in formats("new", "walk", code=2).output
    assert (here / "walk.toml").read_text(encoding="utf-8") == "mine"


def test_a_new_file_goes_among_the_persons_own_prompts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = here / "own"
    (own / "languages").mkdir(parents=True)
    (own / "languages" / "en.toml").write_bytes((PROMPTS / "languages" / "en.toml").read_bytes())
    monkeypatch.setenv("FACILITATOR_PROMPTS", str(own))
    told = formats("new", "walk").output
    assert (own / "formats" / "walk.toml").is_file()
    assert "facilitator start --format walk " in told
    assert "walk" in formats("list").output
    formats("try", "walk")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["../walk"], "cannot be a format's name"),
        ([""], "cannot be a format's name"),
        (["a b"], "cannot be a format's name"),
        (["walk", "--folder", "nowhere"], "There is no folder nowhere"),
        (["walk", "--from", "opne"], "did you mean open?"),
    ],
)
def test_new_with_what_cannot_be(args: list[str], sentence: str, here: Path) -> None:
    assert sentence in formats("new", *args, code=2).output
    assert not list(here.iterdir())


# --- check -------------------------------------------------------------------------------------------

HEAD = 'name = "Mine"\nsummary = "x."\n[[stage]]\n'


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ('kind = "turns"\nask = "smal-step"', "'smal-step' is no key of [asks] in de.toml, en.toml"),
        ('kind = "turns"\nask = "smal-step"', "did you mean small-step"),
        ('kind = "turns"\nask = "may-pass"', "'may-pass' is no key of [asks]"),
        ('kind = "turns"\nask = "Onward"', "end it with a full stop"),
        ('kind = "turns"\n[[stage.step]]\nask = "say-itt"', "did you mean say-it"),
        ('kind = "opening"\nrules = ["may-passs"]\n[[stage]]\nkind = "turns"', "did you mean may-pass"),
        ('kind = "tell"\nsay = ["breath"]\n[[stage]]\nkind = "talk"', "[rules] or [asks]"),
        ('kind = "talk"\nask = "answer"', "in a stage of kind talk nobody is called"),
        ('kind = "turns"\nask = "what do you say, {name}?"', "only in a language file"),
        ('kind = "turns"\nstep = 3', "[[stage.step]]"),
    ],
)
def test_what_would_go_wrong_is_found(stage: str, sentence: str, here: Path) -> None:
    (here / "mine.toml").write_text(HEAD + stage + "\n", encoding="utf-8")
    told = formats("check", "mine.toml", code=1).output
    assert "mine.toml needs mending" in told
    assert sentence in told


@pytest.mark.parametrize(
    "stage",
    [
        'kind = "turns"\nask = "what is on your mind?"',
        'kind = "turns"\nask = "Breathe."',
        'kind = "turns"\nask = "答えは何ですか"',
        'kind = "tell"\nsay = ["may-pass", "breathe"]\n[[stage]]\nkind = "talk"',
    ],
)
def test_sentences_and_keys_are_good(stage: str, here: Path) -> None:
    (here / "mine.toml").write_text(HEAD + stage + "\n", encoding="utf-8")
    assert formats("check", "mine.toml").output == "mine.toml: good\n"


def test_what_comes_with_the_program_is_good() -> None:
    told = formats("check").output.splitlines()
    told = [line for line in told if not line.startswith("  - ")]  # what a translator should know
    words = [path for folder in ("languages", "screens") for path in (PROMPTS / folder).glob("*.toml")]
    assert len(told) == len(FORMATS) + len(words)


def test_what_is_shown_is_looked_at_and_counted(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    mine = tmp_path / "screens" / "pl.toml"
    mine.write_text('end = "The end"\ntimes = { one = "{number} raz", other = "{number} razy" }\n', encoding="utf-8")
    told = formats("check", str(mine)).output
    assert "1 the same as in English: end" in told
    assert "2 plural forms that are missing: times: few, times: many" in told
    assert "said in English, as they are not there" in told
    mine.write_text('queue = "{nobody}"\nnothing-like-it = "x"\n', encoding="utf-8")
    refused = formats("check", str(mine), code=1).output
    assert "queue has a slot that nothing is put into: nobody" in refused
    assert "nothing asks for nothing-like-it" in refused


def test_what_is_said_is_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of one's own, half done: a copy of the English one, under a new name."""
    (tmp_path / "languages").mkdir()
    (tmp_path / "screens").mkdir()
    mine = tmp_path / "languages" / "cs.toml"
    english = (PROMPTS / "languages" / "en.toml").read_text(encoding="utf-8")
    mine.write_text(english, encoding="utf-8")
    refused = formats("check", str(mine), code=1).output
    assert "its code is 'en', and the file is called cs.toml: write code = \"cs\"" in refused
    mine.write_text(english.replace('code = "en"', 'code = "cs"').replace('"next", "done"', '"dál"'), encoding="utf-8")
    told = formats("check", str(mine)).output
    assert re.search(r"\d{3} the same as in English: stages.opening, ", told)
    assert "7 plural forms that are missing: milestones.agreements: few," in told
    assert "buttons" not in told, "it has none yet"
    monkeypatch.setattr(paths, "data_folder", lambda: tmp_path)
    (tmp_path / "screens" / "cs.toml").write_text('[button]\nnext = "Další"\n', encoding="utf-8")
    assert "1 buttons whose text is no phrase of their command: next (“Další”)" in formats("check", str(mine)).output


# --- show --------------------------------------------------------------------------------------------


def test_every_setting_has_a_meaning() -> None:
    kinds = {**STAGE_KINDS, "step": Step}
    assert MEANINGS.keys() == {
        f"{kind}.{field.name}" for kind, cls in kinds.items() for field in dataclasses.fields(cls)
    }
    for path in FORMATS:
        for stage in parsed_format(path).stages:
            assert does(stage).endswith(".")
    from facilitator.core.formats.parse import _CHOICES  # noqa: PLC0415

    usual = {"seats", "speaker", "arriving", "agreement"}
    assert CHOSEN.keys() == {value for values in _CHOICES.values() for value in values} - usual


@every_format
def test_show_tells_the_stages_in_order_and_what_is_not_as_usual(path: Path) -> None:
    told = formats("show", path.stem).output
    numbers = re.findall(r"^  (\d+)\. .*\((\w+)\)", told, flags=re.M)
    form = parsed_format(path)
    assert numbers == [(str(n), stage.kind) for n, stage in enumerate(form.stages, 1)]
    for _, text in form.texts:
        assert f": {text})" in " ".join(told.split()).replace("- ", "-")
    assert re.search(r"it takes about .* with \d people|as long as you like", " ".join(told.split()))
    parts = [*form.stages, *(step for stage in form.stages for step in getattr(stage, "steps", ()))]
    settings = [
        (field.name, getattr(part, field.name) == field.default) for part in parts for field in dataclasses.fields(part)
    ]
    as_usual = {name for name, _ in settings} - {name for name, usual in settings if not usual}
    assert as_usual and not {name for name in as_usual if f" {name} = " in told}


def test_show_says_how_long_it_takes(here: Path) -> None:
    (here / "mine.toml").write_text(HEAD + 'kind = "turns"\nminutes = 10\nrounds = 1\n', encoding="utf-8")
    assert "about 20 minutes with 2 people" in formats("show", "mine.toml").output
    (here / "mine.toml").write_text(HEAD + 'kind = "turns"\nminutes = 120\nrounds = 9\n', encoding="utf-8")
    assert "more than six hours with 2 people" in formats("show", "mine.toml").output


@every_format
def test_show_as_json_is_all_of_it(path: Path) -> None:
    told = json.loads(formats("show", path.stem, "--json").output)
    of_it = ("name", "summary", "host", "alone", "whose_idea", "who_decided")
    assert parse_format({**{key: told[key] for key in of_it}, "stage": stages(told)}) == parsed_format(path)


def stages(told: dict[str, object]) -> list[dict[str, object]]:
    """The stages of the JSON without what is empty, which a file cannot say."""
    found = []
    for stage in told["stages"]:  # type: ignore[attr-defined]
        row = {key: value for key, value in stage.items() if value not in (None, "", [])}
        if "step" in row:
            row["step"] = [{k: v for k, v in step.items() if v not in (None, "")} for step in row["step"]]
        found.append(row)
    return found


# --- try ---------------------------------------------------------------------------------------------


def seconds(line: str) -> int | None:
    found = LINE.match(line)
    if found is None:
        return None
    first, second, third = found.groups()
    return int(first) * 60 + int(second) if third is None else (int(first) * 60 + int(second)) * 60 + int(third)


@every_format
def test_try_tells_all_that_would_be_said_in_order(path: Path) -> None:
    people = ("Ada",) if parsed_format(path).alone else ("Ada", "Bo", "Cy")
    told = formats("try", path.stem, "--people", ", ".join(people))
    lines = told.output.splitlines()
    times = [time for line in lines if (time := seconds(line)) is not None]
    assert times == sorted(times)
    assert len(times) > 15
    assert people[0] in told.output and people[-1] in told.output
    assert '"Thank you all. Go well."' in told.output
    shares = [int(share) for share in re.findall(r"(\d+) %$", told.output, flags=re.M)]
    assert 98 <= sum(shares) <= 102


def test_try_tells_the_same_each_time() -> None:
    assert formats("try", "repair").output == formats("try", "repair").output


def test_try_takes_ones_own_minutes_rounds_language_and_people() -> None:
    told = formats("try", "round-robin", "--people", "Ada, Bo", "--minutes", "0:30", "--rounds", "1").output
    assert re.findall(r"- (\w+) has the floor for (\S+)", told) == [("Ada", "0:30"), ("Bo", "0:30")]
    german = formats("try", "round-robin", "--language", "de", "--minutes", "0:30").output
    assert "Hallo" in german and "Hello" not in german


def test_try_with_each_behaviour() -> None:
    short = ("try", "five-minutes-each", "--minutes", "1")
    assert "comes in on" in formats(*short, "--behaviour", "cut-ins").output
    assert formats(*short, "--behaviour", "passes").output.count("passes after") == 3
    assert "nobody spoke in any talk or turn" in formats(*short, "--behaviour", "nobody").output
    silent = formats(*short, "--behaviour", "one-silent").output
    assert re.search(r"Carla +0:00 +0 %", silent)
    dominated = formats("try", "open", "--behaviour", "dominated").output
    assert int(re.search(r"Ana .* (\d+) %", dominated)[1]) > 60  # type: ignore[index]


def test_try_ends_what_would_never_end(here: Path) -> None:
    (here / "mine.toml").write_text(HEAD + 'kind = "turns"\nminutes = 120\nrounds = 50\n', encoding="utf-8")
    assert "after six hours it was ended" in formats("try", "mine.toml").output


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["opne"], 2, "did you mean open?"),
        (["open", "--people", "Ana"], 2, "at least two people"),
        (["open", "--minutes", "soon"], 2, "no length of time"),
        (["open", "--rounds", "x"], 2, "no whole number"),
        (["open", "--behaviour", "wild"], 2, "wild"),
        (["open", "--language", "xx"], 2, "no language called 'xx'"),
        (["class-discussion", "--people", "Ana, Ben"], 2, "needs a host and two others"),
        (["rehearse", "--people", "Ana, Ben"], 2, "is for one person alone"),
        (["nowhere.toml"], 2, "There is no file nowhere.toml"),
    ],
)
def test_try_with_what_cannot_be(args: list[str], code: int, sentence: str) -> None:
    assert sentence in formats("try", *args, code=code).output


# --- the people in it --------------------------------------------------------------------------------


@every_format
@pytest.mark.parametrize("hears_words", [False, True], ids=["keys", "words"])
def test_people_answer_every_question_in_time(path: Path, hears_words: bool) -> None:
    """Nobody has to be asked twice, by key or by word; what they agree on is kept once they say yes."""
    form = parse_format(with_options(read(path)))
    host: dict[str, Any] = {"host": NAMES[0]} if form.host else {}
    played = play(3, path.stem, done_early=0.5, talk_ms=300_000, hears_words=hears_words, **host)
    said = [say.prompt_kind for say in played.of(Say)]
    rates = sum(getattr(stage, key, False) for stage in form.stages for key in ("mood", "guess"))
    people = 2 if form.host else 3
    assert len([kind for kind in said if kind.startswith("rate.")]) == len(played.of(Rated)) == rates * people
    agrees = [stage for stage in form.stages if isinstance(stage, Agree)]
    once = [stage for stage in agrees if stage.most == 1]  # asked again only where what was heard was not right
    again = said.count("note.dropped") if once else 0
    assert said.count("agree.any") + said.count("agree.more") == 2 * len(agrees) - len(once) + again
    indicators = [name for stage in form.stages if isinstance(stage, Indicators) for name in stage.of]
    assert said.count("fair.number") == len(played.of(SelfRated)) == len(indicators) * people
    assert said.count("closing.next") <= 1
    assert len(played.of(Agreed)) == said.count("note.kept") + said.count("note.kept_as")
    assert not [c for c in played.of(Command) if c.name == "pass"]
