"""Two have become loud: met gently, seldom, about nobody, and never on doubtful evidence."""

from __future__ import annotations

import pytest

from facilitator.core.events import Paused, RaisedVoices, Say
from tests.support.told_room import Room

TWO = ("Ana", "Ben")


def room(form: str = "round-robin", **options: object) -> Room:
    found = Room(TWO, form, enrolled=TWO, **options)
    found.until("floor.granted" if form == "round-robin" else "talk.start")
    found.wait(1_000)
    return found


def loud(table: Room, seconds: float, over_db: float = 12.0) -> None:
    """So long, told half a second at a time, and told anew as labels are."""
    start_ms = table.now_ms
    for _ in range(round(2 * seconds)):
        table.wait(500)
        for since_ms in (table.now_ms - 500, max(start_ms, table.now_ms - 1_500)):
            table.tell(RaisedVoices(at_ms=table.now_ms, start_ms=since_ms, end_ms=table.now_ms, over_db=over_db))


def said(table: Room) -> list[str]:
    return [kind for kind in table.kinds() if kind.startswith("loud.")]


@pytest.mark.parametrize("form", ["round-robin", "open"])
def test_after_some_seconds_everyone_is_asked_for_a_breath_and_then_for_a_break(form: str) -> None:
    table = room(form)
    loud(table, 4)
    text = table.until("loud.breath").text
    assert not any(name in text for name in TWO)
    loud(table, 4)
    assert said(table) == ["loud.breath"], "at most once in a minute"
    table.wait(60_000)
    loud(table, 4)
    table.until("loud.break")
    table.press("yes")
    table.until("break.ask")
    assert any(isinstance(one, Paused) for one in table.log) or "break.ask" in table.kinds()


@pytest.mark.parametrize(("seconds", "over_db"), [(2.0, 20.0), (60.0, 7.0)])
def test_a_loud_word_and_lively_talk_are_nothing(seconds: float, over_db: float) -> None:
    table = room()
    loud(table, seconds, over_db)
    table.wait(20_000)
    assert said(table) == []


def test_what_is_scattered_is_no_quarrel() -> None:
    table = room()
    for _ in range(6):
        loud(table, 1)
        table.wait(20_000)
    assert said(table) == []


def test_quiet_holds() -> None:
    table = room()
    table.press("quiet")
    loud(table, 8)
    table.wait(10_000)
    assert said(table) == []


def test_in_a_pause_nobody_is_met() -> None:
    table = room()
    table.press("pause")
    table.until("pause.start")
    loud(table, 8)
    assert said(table) == []


def test_every_language_has_the_words_and_names_nobody() -> None:
    for code in ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt"):
        table = room(language=code)
        loud(table, 4)
        table.until("loud.breath")
        (text,) = [one.text for one in table.log if isinstance(one, Say) and one.prompt_kind == "loud.breath"]
        assert "Ana" not in text and "Ben" not in text
