"""Every file in prompts/ by existing: it parses, fills its slots, and says what people expect."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.commands.formats.checks import unknown_keys, useless_slots
from facilitator.core.dialogue.questions import (
    breaks,
    by_when,
    days_ahead,
    fairness,
    in_days,
    percents,
    scale,
    somebody,
    yes_or_no,
)
from facilitator.core.events import COMMANDS
from facilitator.core.formats.parse import parse_format, staged, with_options
from facilitator.core.formats.stages import STAGE_KINDS, Format, Step, Turns
from facilitator.core.language.choices import Choice
from facilitator.core.language.grammar import ANSWERS, DATES, DAYS, OF_SOMEBODY, OWN, TABLES, vocabulary
from facilitator.core.language.phrases import ASK_SLOTS, COUNTED, JOINED, PHRASES
from facilitator.core.language.wording import Language, parse_language
from facilitator.errors import PromptsError
from facilitator.hearing.words.transcript import spelled
from facilitator.resources.prompts import parsed_language

PROMPTS = Path(__file__).parents[3] / "prompts"
FORMATS = sorted((PROMPTS / "formats").glob("*.toml"))
LANGUAGES = sorted((PROMPTS / "languages").glob("*.toml"))
README = (PROMPTS / "README.md").read_text(encoding="utf-8")
every_format = pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
every_language = pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def language(code: str = "en") -> Language:
    return parsed_language(PROMPTS / "languages" / f"{code}.toml")


def test_there_are_files() -> None:
    assert {p.stem for p in FORMATS} >= {"round-robin", "open"}
    assert {p.stem for p in LANGUAGES} >= {"en"}


@every_format
def test_every_format(path: Path) -> None:
    form = parse_format(read(path), path.name)
    assert form.name
    assert form.summary.endswith(".")
    assert any(stage.counted for stage in form.stages)


@every_format
def test_every_text_of_a_format_is_worded_in_every_language(path: Path) -> None:
    form = parse_format(read(path), path.name)
    languages = {file.name: parsed_language(file) for file in LANGUAGES}
    assert not unknown_keys(form, languages)
    assert not useless_slots(form, languages)
    assert not [text for _, text in form.texts if " " in text], "a sentence would be said in English everywhere"


@every_language
def test_every_language(path: Path) -> None:
    spoken = parsed_language(path)
    assert spoken.code == path.stem
    for key, variants in spoken.phrases.items():
        own = key.split(".")[0] in ("asks", "rules", "steps", "indicators")
        slots = ASK_SLOTS if own else (PHRASES | JOINED)[key]
        for count in range(len(variants)):
            text = spoken.phrase(key, count, **{slot: f"<{slot}>" for slot in slots})
            assert text.strip() == text
            assert "{" not in text


@every_language
def test_every_language_has_what_english_has(path: Path) -> None:
    """Also in the tables that may hold whatever keys they like."""
    other, english = parsed_language(path), language()
    assert other.phrases.keys() == english.phrases.keys()
    for table in (table for table in TABLES if table not in ("consent", "dates")):
        ours, theirs = getattr(english.spoken, table), getattr(other.spoken, table)
        assert {key for key, phrases in theirs.items() if phrases} == {key for key, phrases in ours.items() if phrases}
    assert other.spoken.wake
    assert other.spoken.consent.refusing
    assert other.spoken.consent.agreeing
    assert all(getattr(other.spoken.dates, key) for key in DATES if key != "days_named")


@every_language
def test_numbers_are_words_up_to_a_hundred(path: Path) -> None:
    spoken = parsed_language(path)
    words = [spoken.number(n) for n in range(101)]
    assert not [word for word in words if re.search(r"\d", word) or word != word.strip().lower()]
    assert len(set(words)) == 101
    assert spoken.number(101) == "101"


@every_language
def test_every_plural_form_has_its_wording(path: Path) -> None:
    spoken = parsed_language(path)
    for key in COUNTED:
        forms = spoken.counted[key]
        needed, exact = set(spoken.plurals), {form for form in forms if form.isdigit()}
        assert needed <= forms.keys()
        assert forms.keys() <= needed | exact | {"other"}
        said = {spoken.counted_phrase(key, n) for n in range(1001)}
        assert not [text for text in said if not text or "{" in text]
        assert spoken.counted_phrase(key, 1) != spoken.counted_phrase(key, 2)


def lists_of_answers(spoken: Language) -> list[tuple[Choice, ...]]:
    """Every list of answers that a question can have."""
    people = ("Ana", "Ben", "Carla", "David")
    days = [by_when(spoken, weekday) for weekday in range(7)]
    days += [by_when(spoken, 1, "2028-02-29")]
    return [
        yes_or_no(spoken),
        scale(spoken, 1, 5),
        fairness(spoken),
        percents(spoken),
        somebody(spoken, people),
        breaks(spoken),
        *days,
    ]


@every_language
def test_no_phrase_means_two_things_at_one_time(path: Path) -> None:
    spoken = parsed_language(path)
    ours = spoken.spoken
    for choices in [(), *lists_of_answers(spoken)]:
        seats = {key: {1: "Ana"} for key in COMMANDS}
        found = vocabulary(ours, wake="", commands=COMMANDS, choices=choices, own=not choices, seats=seats)
        meanings: list[tuple[str, str]] = [
            (f"{name} {phrase.replace(OF_SOMEBODY, 'Ana')}", key)
            for name in ours.wake
            for key, said in ours.commands.items()
            for phrase in said
        ]
        meanings += [(phrase, key) for key, said in ours.own.items() for phrase in said if not choices]
        meanings += [(phrase, str(choice.value)) for choice in choices for phrase in choice.phrases]
        first = dict(reversed(meanings))
        assert not [(phrase, key, first[phrase]) for phrase, key in meanings if first[phrase] != key]
        assert found.keys() == {phrase for phrase, _ in meanings}


@every_language
def test_phrases_are_listened_for_as_they_are_spoken(path: Path) -> None:
    """A model of words writes small letters and no punctuation but the apostrophe and the hyphen."""
    spoken = parsed_language(path).spoken
    dates = {
        "dates": [phrase for phrases in days_ahead(parsed_language(path), "2028-02-29").values() for phrase in phrases]
    }
    tables: Sequence[Any] = [spoken.commands, spoken.own, spoken.answers, spoken.days, dates, {"wake": spoken.wake}]
    listed = [phrase for table in tables for phrases in table.values() for phrase in phrases]
    for phrase in (variant.replace(OF_SOMEBODY, "ana") for one in listed for variant in one.split(" / ")):
        assert phrase == " ".join(phrase.lower().split()), phrase
        assert re.fullmatch(r"[^\W\d_][\w' -]*", phrase), phrase


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", {"on the third of may": 155, "may third": 155, "in three weeks": 21, "in ten days": 10}),
        ("de", {"am dritten mai": 155, "in drei wochen": 21, "bis zum ersten dezember": 2, "übermorgen": 2}),
        ("fr", {"le trois mai": 155, "le premier décembre": 2, "dans trois semaines": 21, "pour après-demain": 2}),
        ("es", {"el tres de mayo": 155, "el uno de diciembre": 2, "dentro de tres semanas": 21}),
        ("it", {"il tre maggio": 155, "entro l'otto dicembre": 9, "fra tre settimane": 21, "dopodomani": 2}),
        (
            "pt",
            {"no dia três de maio": 155, "primeiro de dezembro": 2, "em duas semanas": 14, "em cinco meses": 152},
        ),
        ("pl", {"trzeciego maja": 155, "do pierwszego grudnia": 2, "za trzy tygodnie": 21, "pojutrze": 2}),
        ("nl", {"op drie mei": 155, "over drie weken": 21, "één december": 2, "overmorgen": 2}),
        (
            "ko",
            {
                "오월 삼 일": 155,
                "오월 삼 일까지": 155,
                "삼 주 뒤에": 21,
                "삼 주 후에": 21,
                "십이월 일 일에": 2,
                "모레": 2,
            },
        ),
        ("pt", {"segunda-feira": 1, "até sexta-feira": 5, "no sábado": 6}),
    ],
)
def test_a_day_to_come_can_be_said(code: str, said: dict[str, int]) -> None:
    """On the 29th of November, a Sunday."""
    choices = by_when(language(code), 6, "2026-11-29")
    days = {phrase: in_days(choice.value) for choice in choices for phrase in choice.phrases}
    assert {phrase: days.get(phrase) for phrase in said} == said
    shown = [choice.label for choice in choices if choice.shown]
    assert len(shown) == 14, "what can be pressed stays a short list"
    dates = language(code).spoken.dates
    assert not [
        phrase for phrase in days if phrase.endswith(dates.months_named[10].split(" / ")[0]) and days[phrase] == 0
    ]


SAID = {
    "yes": "answers",
    "next": "own",
    "break": "commands",
    "pause": "commands",
    "note": "commands",
    "repeat": "commands",
    "time": "commands",
    "question": "commands",
    "here": "commands",
    "left": "commands",
    "decline": "commands",
}
"""What people say without having read anything, and where it is understood: an answer, the holder's own, or after the
facilitator's name."""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "en",
            "yeah, okay, correct, exactly; that's all, that's it; time out; hold on; write that down; say that again; "
            "how much time is left; give us a question; Carla is here; Carla has left; don't listen to me",
        ),
        (
            "de",
            "ja, okay, richtig, genau; das war alles, das wars; auszeit; moment bitte; schreib das auf; "
            "sag das noch einmal; wie viel zeit ist noch; gib uns eine frage; Carla ist da; Carla ist gegangen; "
            "hör mir nicht zu",
        ),
        (
            "fr",
            "ouais, d'accord, correct, exactement; c'est tout; temps mort; un instant; écris ça; redis ça; "
            "combien de temps il reste; donne-nous une question; Carla est là; Carla est partie; ne m'écoute pas",
        ),
        (
            "es",
            "sí claro, vale, correcto, exacto; eso es todo; tiempo muerto; espera un momento; apunta eso; "
            "dilo otra vez; cuánto tiempo queda; danos una pregunta; Carla está aquí; Carla se ha ido; no me escuches",
        ),
        (
            "it",
            "certo, va bene, corretto, esatto; è tutto; time out; un attimo; scrivilo; puoi ripetere; "
            "quanto tempo rimane; dacci una domanda; Carla è qui; Carla è andata via; non ascoltarmi",
        ),
        (
            "pt",
            "tá bom, okay, correto, exatamente; é só isso; vamos parar um pouco; só um momento; anote isso; "
            "diga de novo; quanto tempo falta; faça uma pergunta; Carla chegou; Carla foi embora; não me escute",
        ),
        (
            "nl",
            "ja, oké, juist, precies; dat was alles; time-out; wacht even; schrijf dat op; zeg dat nog een keer; "
            "hoeveel tijd is er nog; geef ons een vraag; Carla is er; Carla is weg; luister niet naar mij",
        ),
        (
            "pl",
            "tak, okej, zgadza się, dokładnie; to wszystko; zróbmy przerwę; chwileczkę; zapisz to; "
            "powiedz to jeszcze raz; ile czasu zostało; daj nam pytanie; Carla już jest; Carla wyszła; "
            "nie słuchaj mnie",
        ),
        (
            "ko",
            "네, 네 좋아요, 네 맞아요, 그렇습니다; 이상으로 마치겠습니다; 잠시 휴식해요; 잠시만 기다려 주세요; "
            "이것을 적어 주세요; 다시 들려주세요; 시간이 얼마나 남았어요; 하나 물어봐 주세요; Carla 님이 오셨어요; "
            "Carla 님이 가셨어요; 듣지 마세요",
        ),
    ],
)
def test_what_people_really_say_is_understood(code: str, said: str) -> None:
    spoken = language(code).spoken
    for (means, table), phrases in zip(SAID.items(), said.split("; "), strict=True):
        known = {spelled(phrase.replace(OF_SOMEBODY, "Carla")) for phrase in getattr(spoken, table)[means]}
        assert not [phrase for phrase in phrases.split(", ") if spelled(phrase) not in known], means


def test_without_the_day_of_the_session_there_are_no_dates() -> None:
    """A session that was stored before it was noted."""
    phrases = {phrase for choice in by_when(language(), 6) for phrase in choice.phrases}
    assert "in three weeks" in phrases
    assert not {phrase for phrase in phrases if "may" in phrase.split()}


def test_every_day_of_a_year_has_one_name() -> None:
    ahead = days_ahead(language(), "2027-12-31")
    dates = {phrase: n for n, phrases in ahead.items() for phrase in phrases if phrase.startswith("on the ")}
    assert sorted(dates.values()) == list(range(1, 366))
    assert dates["on the twenty-ninth of february"] == 60  # 2028 has one


def test_problems_of_dates() -> None:
    raw = read(PROMPTS / "languages" / "en.toml")
    raw["dates"] = {**raw["dates"], "days": ["in {nmber} days"], "months_named": ["january"]}  # type: ignore[dict-item]
    with pytest.raises(PromptsError) as caught:
        parse_language(raw, "en.toml")
    text = "\n".join(caught.value.problems)
    assert "days: 'in {nmber} days' needs {nmber} and {number}, or cannot hold it" in text
    assert "months_named needs twelve months" in text
    del raw["dates"]
    assert not parse_language(raw).spoken.dates.named


def test_durations_are_words() -> None:
    spoken = language()
    cases = {0: "zero seconds", 1_000: "one second", 60_000: "one minute", 90_000: "one minute and thirty seconds"}
    cases |= {
        300_000: "five minutes",
        3_599_000: "one hour",
        5_400_000: "one hour and thirty minutes",
        172_800_000: "two days",
    }
    assert {ms: spoken.duration(ms) for ms in cases} == cases


def test_names_are_listed() -> None:
    spoken = language()
    assert [spoken.listed(n) for n in [(), ("A",), ("A", "B"), ("A", "B", "C")]] == ["", "A", "A and B", "A, B and C"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", {"minute": "twenty-one minutes", "hour": "thirty-one hours", "day": "two days"}),
        ("de", {"minute": "einundzwanzig Minuten", "hour": "einunddreißig Stunden", "day": "zwei Tage"}),
        ("fr", {"minute": "vingt et une minutes", "hour": "trente et une heures", "day": "deux jours"}),
        ("es", {"minute": "veintiún minutos", "hour": "treinta y una horas", "day": "dos días"}),
        ("it", {"minute": "ventuno minuti", "hour": "trentuno ore", "day": "due giorni"}),
        ("pt", {"minute": "vinte e um minutos", "hour": "trinta e uma horas", "day": "dois dias"}),
    ],
)
def test_a_number_agrees_with_what_is_counted(code: str, said: dict[str, str]) -> None:
    spoken = language(code)
    assert {unit: spoken.counting(unit, n) for unit, n in (("minute", 21), ("hour", 31), ("day", 2))} == said


def test_a_number_has_the_gender_of_every_noun_beside_it() -> None:
    """In languages whose numbers have one; a number that stands alone is as one counts."""
    assert language("fr").counting("second", 81) == "quatre-vingt-une secondes"
    assert language("fr").counting("month", 21) == "vingt et un mois"
    assert language("pt").counting("hour", 42) == "quarenta e duas horas"
    assert "duas rodadas" in language("pt").phrase("turns.start", rounds="dois", time="um minuto")
    guess = language("es").phrase("summary.part_guess", name="Ana", guess=language("es").number(31), percent="cuarenta")
    assert guess.endswith("una estimación de treinta y uno")
    assert language("de").phrase("summary.part", name="Ana", percent="eins") == "Ana etwa ein Prozent"
    assert language("es").counted_phrase("milestones.check_ins", 21).endswith("veintiuna veces.")


@pytest.mark.parametrize(
    ("code", "time", "said"),
    [
        ("en", "one minute", "Ana was speaking at one of three cut-ins. Ana, you still have one minute of your turn,"),
        ("de", "eine Minute", "Bei einer von drei Unterbrechungen sprach gerade Ana. Ana, von deiner Redezeit hast du"),
        (
            "fr",
            "une minute",
            "Ana avait la parole pendant une des trois interruptions. Ana, il te reste une minute de ton",
        ),
        ("es", "un minuto", "En una de tres interrupciones estaba hablando Ana. Ana, de tu turno todavía tienes un"),
        (
            "it",
            "un minuto",
            "In una delle tre interruzioni stava parlando Ana. Ana, del tuo turno hai ancora un minuto,",
        ),
        ("pt", "um minuto", "Em uma de três interrupções, quem falava era Ana. Ana, da sua vez você ainda tem um"),
        (
            "nl",
            "een minuut",
            "Bij één van de drie onderbrekingen was Ana aan het woord. Ana, van je beurt heb je nog een",
        ),
        (
            "pl",
            "minuta",
            "Liczba wejść w słowo: trzy. Z tego, gdy mówi Ana: jeden. Ana, z twojej kolejki zostało jeszcze: ",
        ),
        ("ko", "일 분", "말이 끊긴 세 번 가운데 한 번은 Ana 님이 말씀하시던 때였어요. Ana 님, 아직 일 분 남아"),
    ],
)
def test_one_thing_is_told_as_one(code: str, time: str, said: str) -> None:
    """A verb or a noun beside a number that may be one is not in the plural."""
    spoken = language(code)
    three, one = spoken.number(3), spoken.number(1)
    told = [
        spoken.phrase("observations.cut-ins", name="Ana", of=three, count=one),
        spoken.phrase("floor.again", name="Ana", time=spoken.duration(60_000)),
    ]
    assert spoken.duration(60_000) == time
    assert " ".join(told).startswith(said)


def test_in_polish_a_length_of_time_has_its_own_case() -> None:
    """It is in the nominative, and so stands after a colon. What is proposed for the next time is days or months, which
    are the same after "za"."""
    phrases = language("pl").phrases
    told = {key: text for key, variants in phrases.items() for text in variants if "{time}" in text}
    wrong = [key for key, text in told.items() if ": {time}" not in text]
    assert sorted(wrong) == ["closing.next_kept", "closing.next_proposed"]
    assert all("za {time}" in told[key] for key in wrong)
    assert "na godzinę" in phrases["break.ask"][0]


@pytest.mark.parametrize(
    ("code", "names", "said"),
    [
        ("es", ("Juan", "Inés"), "Juan e Inés"),
        ("es", ("Ana", "Juan", "Íñigo"), "Ana, Juan e Íñigo"),
        ("es", ("Juan", "Hilda"), "Juan e Hilda"),
        ("es", ("nieve", "hielo"), "nieve y hielo"),
        ("es", ("Inés", "Juan"), "Inés y Juan"),
        ("it", ("Ana", "Elena"), "Ana ed Elena"),
        ("it", ("Ana", "Édith"), "Ana e Édith"),
        ("it", ("Elena", "Ana"), "Elena e Ana"),
        ("it", ("Ana", "Edoardo"), "Ana e Edoardo"),
        ("en", ("Ana", "Inés"), "Ana and Inés"),
    ],
)
def test_and_changes_before_its_own_sound(code: str, names: tuple[str, ...], said: str) -> None:
    assert language(code).listed(names) == said


def test_problems_of_forms_and_sounds() -> None:
    raw = read(PROMPTS / "languages" / "es.toml")
    raw["number_forms"] = {"feminine": {"uno": "una"}}
    raw["turns"] = {**raw["turns"], "start_one": "{time:feminine}", "round": "{round:neuter}"}  # type: ignore[dict-item]
    raw["and_sound"] = {"word": "e", "befor": ["i"]}
    raw["quotes"] = ["«"]
    with pytest.raises(PromptsError) as caught:
        parse_language(raw, "es.toml")
    text = "\n".join(caught.value.problems)
    for part in (
        "minute.other: {number:masculine} cannot be filled in: [number_forms] has no masculine",
        "start_one: {time:feminine} cannot be filled in: {time} holds no number",
        "[number_forms] has no neuter",
        "did you mean before?",
        "before needs a list of texts",
        "quotes needs the two marks",
    ):
        assert part in text
    raw["number_forms"] = {"feminine": "una"}
    with pytest.raises(PromptsError, match="feminine needs what each ending becomes"):
        parse_language(raw, "es.toml")


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
        "'dance'; it can be opening, turns, talk, tell, rate, indicators, compare, milestones, quiet, agree, closing",
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


def test_problems_of_steps_are_told_with_their_place() -> None:
    stage = {"kind": "turns", "step": [{"who": "other", "times": 0}, {"aks": "x", "confirm": 1}]}
    found = problems({"name": "x", "summary": "y", "stage": [stage, {"kind": "turns", "step": {"ask": "x"}}]})
    assert "stage 1 (turns), step 1: who is 'other'; it can be speaker, listener, others" in found
    assert any(p.startswith("stage 1 (turns), step 1: times is 0") for p in found)
    assert any(p.startswith("stage 1 (turns), step 2: nothing is called 'aks'") for p in found)
    assert any(p.startswith("stage 1 (turns), step 2: confirm is 1") for p in found)
    assert "stage 2 (turns): its steps begin with [[stage.step]]" in found


# --- whatever somebody writes ------------------------------------------------------------------------

FIELDS = sorted({field.name for cls in (*STAGE_KINDS.values(), Step) for field in dataclasses.fields(cls)})
WORDS = ["seats", "rotate", "speaker", "listener", "others", "share", "rule", "small-step", "Go on.", ""]
SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(WORDS), st.just(1)
)
VALUES = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner), max_leaves=5
)
KINDS = st.sampled_from([*STAGE_KINDS, "dance"]) | VALUES
STAGES = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), VALUES, max_size=5)
ROWS = st.tuples(STAGES, KINDS).map(lambda row: {**row[0], "kind": row[1]})
RAW = st.fixed_dictionaries(
    {"name": st.just("x") | VALUES, "summary": st.just("y") | VALUES},
    optional={"host": VALUES, "stage": st.lists(ROWS | VALUES, max_size=4) | VALUES, "stages": VALUES},
)


@settings(max_examples=400, deadline=None)
@given(raw=RAW)
def test_whatever_is_written_is_a_format_or_has_problems(raw: dict[str, Any]) -> None:
    try:
        form = parse_format(raw, "mine.toml")
    except PromptsError as error:
        assert error.problems
        assert all(isinstance(problem, str) and problem for problem in error.problems)
        return
    stages, closing = staged(form)
    assert stages[-1].kind == "closing"
    assert closing < len(stages)
    assert all(text for _, text in form.texts)


# --- the page about it -------------------------------------------------------------------------------


def usual(default: object) -> str:
    """A default as the page writes it."""
    if default in (None, "", ()):
        return "none"
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower().removesuffix(".0")


@pytest.mark.parametrize(
    ("title", "cls"), [*((f"`{kind}`", cls) for kind, cls in STAGE_KINDS.items()), ("`[[stage.step]]`", Step)]
)
def test_the_readme_tells_every_key_with_its_default(title: str, cls: type[Any]) -> None:
    section = README.split(f"### {title}")[1].split("\n#")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", section, flags=re.M))
    assert told == {field.name: usual(field.default) for field in dataclasses.fields(cls)}


def test_the_readme_names_what_each_key_can_be() -> None:
    from facilitator.core.formats.parse import _CHOICES  # noqa: PLC0415

    for key, values in _CHOICES.items():
        row = next(row for row in README.splitlines() if row.startswith(f"| `{key}` |"))
        assert all(f"`{value}`" in row for value in values), key


def test_the_readme_tells_every_table_slot_and_spoken_key() -> None:
    slots = {
        slot for table in (PHRASES, COUNTED, JOINED, DATES) for slots in table.values() for slot in slots
    } | ASK_SLOTS
    assert not {slot for slot in slots if f"`{{{slot}}}`" not in README}
    assert set(re.findall(r"`\{(\w+)\}`", README)) == slots
    tables = {key.split(".")[0] for key in (*PHRASES, *COUNTED, *JOINED)} | {
        "asks",
        "rules",
        "steps",
        "indicators",
        "number_forms",
        "and_sound",
        *TABLES,
    }
    assert set(re.findall(r"`\[(\w+)\]`", README)) == tables
    said = README.split("### What people say to it")[1]
    for key in (*language().spoken.commands, "wake", *OWN, *ANSWERS, *DAYS, *DATES):
        assert f"`{key}`" in said


def test_the_examples_in_the_readme_are_formats() -> None:
    blocks = [tomllib.loads(block) for block in re.findall(r"^```toml\n(.*?)^```", README, flags=re.M | re.S)]
    whole = [parse_format(raw) for raw in blocks if "name" in raw]
    assert len(whole) >= 3
    for raw in blocks:
        if "stage" in raw and "name" not in raw:
            parse_format({"name": "x", "summary": "y", **raw})
    languages = {file.name: parsed_language(file) for file in LANGUAGES}
    assert not [
        problem for form in whole for problem in (*unknown_keys(form, languages), *useless_slots(form, languages))
    ]
