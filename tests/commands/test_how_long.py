"""A long session is said to be before it begins, and a shorter one is offered."""

from __future__ import annotations

import pytest

from facilitator.commands.formats.how_long import LONG_MS, longest_ms, offered, page_length
from facilitator.core.formats.parse import parse_format, shortened
from facilitator.core.formats.stages import Quiet, Talk, Turns
from facilitator.core.language.texts import Texts
from facilitator.errors import UsageError
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.terminal.ask import parse_yes
from tests.support.texts import ENGLISH

PROMPTS = default_prompts()
FORMS = [file.stem for file in PROMPTS.format_files()]
SPOKEN = PROMPTS.language("en")


def asked(form: str, people: int, *, wants: bool = True) -> tuple[list[str], int | None]:
    """What is said, and how long the format takes that comes of it."""
    told: list[str] = []

    def answer(sentence: str, question: str, _: Texts) -> bool:
        told.append(f"{sentence} {question}")
        return wants

    raw = offered(PROMPTS.format(form), SPOKEN, people, ENGLISH, wants=answer)
    return told, longest_ms(raw, SPOKEN, people, host=parse_format(raw).host)


@pytest.mark.parametrize("form", ["describe-feel-request", "round-robin", "check-in"])
def test_what_is_long_with_five_people_is_offered_shorter(form: str) -> None:
    told, ms = asked(form, 5)
    assert len(told) == 1 and told[0].startswith("With 5 people this can take about ")
    assert ms is not None and ms <= LONG_MS + 60_000
    refused, long_ms = asked(form, 5, wants=False)
    assert refused == told and long_ms is not None and long_ms > LONG_MS


@pytest.mark.parametrize("form", FORMS)
def test_two_people_are_not_asked(form: str) -> None:
    assert asked(form, 2 + parse_format(PROMPTS.format(form)).host)[0] == []


@pytest.mark.parametrize("form", FORMS)
def test_what_is_shortened_is_a_format_with_the_same_stages(form: str) -> None:
    raw = PROMPTS.format(form)
    before, after = parse_format(raw), parse_format(shortened(raw, 0.5))
    assert [stage.kind for stage in before.stages] == [stage.kind for stage in after.stages]
    for old, new in zip(before.stages, after.stages, strict=True):
        if isinstance(old, Turns | Quiet | Talk) and isinstance(new, Turns | Quiet | Talk):
            assert (old.minutes is None) == (new.minutes is None)
            assert old.minutes is None or new.minutes is None or new.minutes <= max(old.minutes, 0.5)
        if isinstance(old, Turns) and isinstance(new, Turns):
            assert len(old.step) == len(new.step) and old.rounds == new.rounds
    assert raw == PROMPTS.format(form), "it is a copy"


def test_the_page_says_what_would_be_shorter() -> None:
    told = page_length(PROMPTS.format("round-robin"), SPOKEN, 5, ENGLISH, advise=True)
    assert told == "about 55 minutes; with one round less about 30 minutes"
    assert page_length(PROMPTS.format("round-robin"), SPOKEN, 2, ENGLISH, advise=True) == "about 20 minutes"


def test_yes_and_no_are_read_however_they_begin() -> None:
    assert [parse_yes(text, ENGLISH) for text in ("y", "Yes", "n", " no ")] == [True, True, False, False]
    for text in ("", "maybe", "yn"):
        with pytest.raises(UsageError, match="yes or no"):
            parse_yes(text, ENGLISH)
    for code, yes, no in (
        ("es", "si", "no"),
        ("it", "SÌ", "n"),
        ("pt", "s", "nao"),
        ("ko", "네", "아니요"),
        ("pl", "y", "N"),
    ):
        assert [parse_yes(text, texts_of(code)) for text in (yes, no)] == [True, False], code
