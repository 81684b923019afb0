"""What people type, and what is asked of them."""

from __future__ import annotations

import contextlib
import io
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.commands.session.answers import answers
from facilitator.commands.session.page_setup import PageSetup, offered_form
from facilitator.core.formats.parse import parse_format, with_options
from facilitator.errors import UsageError
from facilitator.page.broker import Broker
from facilitator.resources.prompts import default_prompts
from facilitator.terminal import ask
from facilitator.terminal.ask import (
    FormTimes,
    SetupAnswers,
    WordChoice,
    ask_missing,
    parse_choice,
    parse_minutes,
    parse_name,
    parse_new_name,
    parse_people,
    parse_rounds,
)
from tests.support.texts import ENGLISH

FORMATS = (WordChoice(name="round-robin", title="Everyone in turn"), WordChoice(name="open", title="Free talk"))


def refused(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(text)
    message = caught.value.message
    assert message.endswith((".", "?")) and "\n" not in message
    return message


def test_people() -> None:
    assert parse_people("Ana, Ben") == ("Ana", "Ben")
    assert parse_people(" Ana ,, Ben  Miller;محمد، 王小明 、 Zoë\n") == ("Ana", "Ben Miller", "محمد", "王小明", "Zoë")


def test_names_are_normalised() -> None:
    decomposed = "Zoe\u0308"
    assert parse_people(f"{decomposed}, Ana")[0] == "Zo\u00eb"


def test_two_of_the_same_name() -> None:
    assert refused(parse_people, "Ana, Ben, Ana") == "Two people are called Ana: add an initial, as in “Ana B”."
    assert "Two people are called Zoë" in refused(parse_people, "Zoë, Zoe\u0308")
    assert "Two people are called Ana" in refused(parse_people, "Ana, ANA")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ,",
        "Ana",
        ",".join(f"P{i}" for i in range(13)),
        "Ana, !!",
        "A\x07na, Ben",
        "Ana, " + "x" * 41,
        "Ana=1, Ben",
    ],
)
def test_people_that_cannot_be(text: str) -> None:
    refused(parse_people, text)


@given(st.text())
def test_a_name_is_safe_to_show_and_store_or_refused(text: str) -> None:
    try:
        name = parse_name(text)
    except UsageError:
        return
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    assert name and all(unicodedata.category(c) not in ("Cc", "Zl", "Zp", "Cs") for c in name)
    assert parse_name(name) == name


@given(
    st.lists(st.from_regex(r"[A-Za-zÀ-ÿ王小明]{1,12}", fullmatch=True), min_size=2, max_size=12, unique_by=str.casefold)
)
def test_people_come_out_as_they_went_in(names: list[str]) -> None:
    normal = [unicodedata.normalize("NFC", n) for n in names]
    keys = {unicodedata.normalize("NFKC", n).casefold() for n in normal}
    if len(keys) == len(names):
        assert parse_people(" , ".join(names)) == tuple(normal)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("5", 5),
        (" 2.5 ", 2.5),
        ("2,5", 2.5),
        ("1:30", 1.5),
        ("90 s", 1.5),
        ("20s", 1 / 3),
        ("5 min", 5),
        ("3 minutes", 3),
    ],
)
def test_minutes(text: str, minutes: float) -> None:
    assert parse_minutes(text) == pytest.approx(minutes)


@pytest.mark.parametrize("text", ["", "five", "0", "-1", "121", "1:75", "nan", "inf", "1e3", "5 hours", "1 s", "٥x"])
def test_minutes_that_cannot_be(text: str) -> None:
    refused(parse_minutes, text)


@given(st.floats(ask.MIN_TURN_MINUTES, ask.MAX_TURN_MINUTES))
def test_any_minutes_in_range(minutes: float) -> None:
    assert parse_minutes(f"{minutes:.6f}") == pytest.approx(minutes, abs=1e-5) if minutes > 0.0834 else True


@given(st.text(max_size=12))
def test_numbers_are_read_or_refused(text: str) -> None:
    for parse, low, high in ((parse_minutes, ask.MIN_TURN_MINUTES, 120), (parse_rounds, 1, ask.MAX_ROUNDS)):
        with contextlib.suppress(UsageError):
            assert low <= parse(text) <= high


@given(st.integers(-10, 10**12))
def test_rounds(rounds: int) -> None:
    if 1 <= rounds <= ask.MAX_ROUNDS:
        assert parse_rounds(f" {rounds} ") == rounds
    else:
        refused(parse_rounds, str(rounds))


@pytest.mark.parametrize("text", ["round-robin", "1", "r", "Round Robin", " ROUND"])
def test_choice(text: str) -> None:
    assert parse_choice(text, FORMATS) == "round-robin"


@pytest.mark.parametrize("text", ["", "0", "3", "debate", "²"])
def test_choice_that_is_not_there(text: str) -> None:
    assert "round-robin, open" in refused(lambda t: parse_choice(t, FORMATS), text)


class Person:
    """Somebody at the keyboard, who answers one thing after the other."""

    def __init__(self, *answers: str) -> None:
        self._answers: Iterator[str] = iter(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def read(self, question: str) -> str:
        self.asked.append(question)
        try:
            return next(self._answers)
        except StopIteration:
            raise EOFError from None


TIMES = {
    "round-robin": FormTimes(minutes=4.0, rounds=3),
    "check-in": FormTimes(minutes=None, rounds=1),
}


def run(person: Person, **given_: object) -> SetupAnswers:
    wanted: dict[str, object] = {"people": None, "format": None, "minutes": None, "rounds": None} | given_
    return ask_missing(
        texts=ENGLISH,
        formats=FORMATS,
        **{"times": TIMES.get, "enough": lambda *_: None, **wanted},  # type: ignore[arg-type]
        read=person.read,
        tell=person.told.append,
    )


def test_asks_for_everything_in_order_with_defaults() -> None:
    person = Person("Ana, Ben", "", "", "")
    assert run(person) == SetupAnswers(people=("Ana", "Ben"), format="round-robin", minutes=None, rounds=None)
    assert person.asked[1:] == ["Which form? [round-robin]: ", "Minutes for each turn? [4]: ", "How many rounds? [3]: "]
    assert any("Free talk" in line for line in person.told)


@pytest.mark.parametrize("typed", ["Ana, Eve", "Ana、Eve", "Ana;Eve", "Ana؛ Eve"])
def test_nobody_comes_to_be_called_two_names(typed: str) -> None:
    assert "has a comma in it" in refused(parse_new_name, typed)
    assert parse_new_name(" Ana  Eve ") == "Ana Eve"


def test_turns_that_differ_stay_as_they_are() -> None:
    person = Person("", "")
    given_ = {"people": ("Ana", "Ben"), "format": "check-in"}
    assert run(person, **given_) == SetupAnswers(people=("Ana", "Ben"), format="check-in", minutes=None, rounds=None)
    assert person.asked[0] == "Minutes for each turn? [as it is]: "
    assert run(Person("2", "2"), **given_).minutes == 2


def unchanged_on_the_page(name: str, raw: dict[str, Any]) -> tuple[float | None, int | None]:
    """What a form comes to whose minutes and rounds are sent back as they were offered."""
    offered = offered_form(name, raw, ENGLISH)
    asked = PageSetup.__new__(PageSetup)
    asked._broker, asked._texts, asked._formats, asked._wanted = Broker(), ENGLISH, {name: raw}, None
    order = {"do": "length", "format": name, "people": 2, "minutes": offered["minutes"], "rounds": offered["rounds"]}
    asked._order(order)
    assert asked._wanted is not None, "it was refused"
    return asked._wanted[2:]


@pytest.mark.parametrize("minutes", [0.05, 1 / 3, 150.0])
def test_what_nobody_could_type_can_be_left_as_it_is(minutes: float) -> None:
    """A form may have longer and shorter turns, and more of them, than somebody may wish for at the table."""
    turns = {"kind": "turns", "minutes": minutes, "rounds": 60}
    raw = {"name": "Long", "summary": "Turns", "stage": [{"kind": "opening"}, turns]}
    parse_format(raw)
    person = Person("", "")
    given_ = {"people": ("Ana", "Ben"), "format": "long"}
    usual = FormTimes(minutes=minutes, rounds=60)
    found = run(person, **given_, times={"long": usual}.get)
    assert (found.minutes, found.rounds, person.told) == (None, None, [])
    assert unchanged_on_the_page("long", raw) == (None, None)


@pytest.mark.parametrize("path", default_prompts().format_files(), ids=lambda path: path.stem)
def test_enter_leaves_every_form_as_it_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of 45 seconds is not one of five minutes because somebody pressed Enter."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    told = answers(default_prompts(), ("Ana", "Ben"), path.stem, None, None, ENGLISH, yes=False)
    raw = default_prompts().format(path.stem)
    assert (told.minutes, told.rounds) == (None, None) == unchanged_on_the_page(path.stem, raw)
    assert parse_format(with_options(raw, minutes=told.minutes, rounds=told.rounds)) == parse_format(raw)


@pytest.mark.parametrize(
    ("form", "typed", "people", "said"),
    [
        ("rehearse", "Ana, Ben\nAna\n\n\n", ("Ana",), "is for one person alone: name one."),
        (None, "Ana, Ben\nmediation\nopen\n", ("Ana", "Ben"), "needs a host and two others"),
        ("mediation", "Ana, Ben\nAna, Ben, Carla\n\n\n", ("Ana", "Ben", "Carla"), "needs a host and two others"),
    ],
)
def test_a_form_that_is_not_for_so_many_says_so_at_once(
    form: str | None,
    typed: str,
    people: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not once all has been answered."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    told = answers(default_prompts(), None, form, None, None, ENGLISH, yes=False)
    assert (told.people, told.format) == (people, form or "open")
    assert said in capsys.readouterr().out


def test_asks_again_after_an_answer_it_cannot_read() -> None:
    person = Person("Ana", "Ana, Ben", "2")
    assert run(person) == SetupAnswers(people=("Ana", "Ben"), format="open", minutes=None, rounds=None)
    assert person.told[0] == "A discussion needs at least two people: who is here besides Ana?"


def test_asks_nothing_that_is_known() -> None:
    person = Person()
    given_ = {"people": ("Ana", "Ben"), "format": "round-robin", "minutes": 1.0, "rounds": 1}
    assert run(person, **given_).minutes == 1.0
    assert person.asked == []


def test_nobody_there_to_answer() -> None:
    with pytest.raises(UsageError, match="--people"):
        run(Person())
