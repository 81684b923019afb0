"""Every file in prompts/ by existing: it parses, fills its slots, and says what people expect."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from facilitator.core.formats import STAGE_KINDS, Format, Turns, parse_format, with_options
from facilitator.core.phrases import PHRASES
from facilitator.core.wording import Language, parse_language
from facilitator.errors import PromptsError

PROMPTS = Path(__file__).parent.parent / "prompts"
FORMATS = sorted((PROMPTS / "formats").glob("*.toml"))
LANGUAGES = sorted((PROMPTS / "languages").glob("*.toml"))


def read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def language(code: str = "en") -> Language:
    return parse_language(read(PROMPTS / "languages" / f"{code}.toml"))


def test_there_are_files() -> None:
    assert {p.stem for p in FORMATS} >= {"round-robin", "open"}
    assert {p.stem for p in LANGUAGES} >= {"en"}


@pytest.mark.parametrize("path", FORMATS, ids=lambda p: p.stem)
def test_every_format(path: Path) -> None:
    form = parse_format(read(path), path.name)
    assert form.name
    assert form.summary.endswith(".")
    assert any(stage.counted for stage in form.stages)


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda p: p.stem)
def test_every_language(path: Path) -> None:
    spoken = parse_language(read(path), path.name)
    assert spoken.code == path.stem
    for key, slots in PHRASES.items():
        for count in range(len(spoken.phrases[key])):
            text = spoken.phrase(key, count, **{slot: f"<{slot}>" for slot in slots})
            assert text.strip() == text
            assert "{" not in text
    assert len(spoken.numbers) > 60


def test_durations_are_words() -> None:
    spoken = language()
    cases = {0: "zero seconds", 1_000: "one second", 60_000: "one minute", 90_000: "one minute and thirty seconds"}
    cases |= {300_000: "five minutes", 3_599_000: "sixty minutes", 3_600_000: "sixty minutes", 6_000_000: "100 minutes"}
    assert {ms: spoken.duration(ms) for ms in cases} == cases


def test_names_are_listed() -> None:
    spoken = language()
    assert [spoken.listed(n) for n in [(), ("A",), ("A", "B"), ("A", "B", "C")]] == ["", "A", "A and B", "A, B and C"]


def test_options_reach_their_stages() -> None:
    form = parse_format(with_options(read(PROMPTS / "formats" / "round-robin.toml"), minutes=0.5, rounds=3))
    turns = next(stage for stage in form.stages if isinstance(stage, Turns))
    assert (turns.minutes, turns.rounds) == (0.5, 3)


def problems(raw: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(PromptsError) as caught:
        parse_format(raw, "mine.toml")
    assert "mine.toml" in caught.value.message
    return caught.value.problems


def test_all_problems_of_a_format_at_once() -> None:
    found = problems(
        {
            "summary": "",
            "stages": [],
            "stage": [
                {"kind": "turns", "minuets": 5, "rounds": 1.5, "protected": "yes"},
                {"kind": "dance"},
                {"kind": "opening"},
                3,
            ],
        }
    )
    text = "\n".join(found)
    for part in (
        "name needs a text",
        "summary needs a text",
        "did you mean stage?",
        "did you mean minutes?",
        "rounds is 1.5; write a whole number",
        "write true or false",
        "'dance'; it can be opening, turns, talk, closing",
        "an opening can only be the first stage",
        "stage 4 is not a table",
    ):
        assert part in text
    assert len(found) == 9


def test_a_format_needs_talk() -> None:
    assert any(
        "no stage in which people talk" in p
        for p in problems({"name": "x", "summary": "y", "stage": [{"kind": "opening"}]})
    )
    assert any("at least one" in p for p in problems({"name": "x", "summary": "y"}))
    assert any(
        "it can be 1 to 100" in p
        for p in problems({"name": "x", "summary": "y", "stage": [{"kind": "turns", "rounds": 0}]})
    )


def test_all_problems_of_a_language_at_once() -> None:
    raw = read(PROMPTS / "languages" / "en.toml")
    raw["floor"] = {**raw["floor"], "granted": "{nam}, you have the floor", "graned": "x", "check": [], "more": "{time"}  # type: ignore[dict-item]
    raw["numbers"] = "one"
    with pytest.raises(PromptsError) as caught:
        parse_language(raw, "en.toml")
    text = "\n".join(caught.value.problems)
    for part in (
        "no slot {nam} here; it can hold {name}, {time}",
        "'graned' here; did you mean granted?",
        "check needs a text",
        "a bracket too many",
        "numbers needs",
    ):
        assert part in text


def test_phrases_take_turns() -> None:
    spoken = language()
    said = [spoken.phrase("floor.granted", n, name="Ana", time="one minute") for n in range(4)]
    assert said[0] == said[2] != said[1] == said[3]


def test_a_format_is_a_value() -> None:
    form = parse_format(read(PROMPTS / "formats" / "open.toml"))
    assert isinstance(form, Format)
    assert form == parse_format(read(PROMPTS / "formats" / "open.toml"))


def test_the_readme_tells_every_key_with_its_default() -> None:
    """`prompts/README.md` names each stage kind, each of its keys with what holds without it, each slot and table."""
    text = (PROMPTS / "README.md").read_text(encoding="utf-8")
    for kind, cls in STAGE_KINDS.items():
        section = text.split(f"### `{kind}`")[1].split("\n#")[0]
        for field in dataclasses.fields(cls):
            default = "none" if field.default is None else str(field.default).lower().removesuffix(".0")
            assert f"| `{field.name}` | {default} |" in section
    for key, slots in PHRASES.items():
        assert f"`[{key.split('.')[0]}]`" in text
        for slot in slots:
            assert f"`{{{slot}}}`" in text
