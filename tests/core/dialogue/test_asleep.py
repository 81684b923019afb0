"""The lid is closed for a while: breaks and turns go by the clock on the wall, and nothing of it is counted."""

from __future__ import annotations

from typing import Literal

from facilitator.core.events import FloorReleased, Heard, Invited, Missed, NotMeasured, Say
from facilitator.core.review.review import review
from facilitator.report.review.words import story
from tests.core.dialogue.test_dialogues import MINUTE_MS, answer, hear
from tests.core.dialogue.test_discussion import Quiet
from tests.support.texts import ENGLISH

HOUR_MS = 60 * MINUTE_MS


def miss(table: Quiet, ms: int, why: Literal["asleep", "no-sound"] = "asleep") -> tuple[int, int]:
    """From when to when."""
    start_ms = table.now_ms
    table.now_ms = end_ms = start_ms + ms
    table.take(Missed(at_ms=end_ms, start_ms=start_ms, end_ms=end_ms, why=why))
    return start_ms, end_ms


def test_a_break_is_over_as_soon_as_it_wakes() -> None:
    table = Quiet()
    table.wait(5_000)
    table.press("break")
    answer(table, 2)
    miss(table, HOUR_MS)
    assert table.said()[-2:] == ["resume.asleep", "break.over"]
    assert "asleep for one hour." in table.of(Say)[-2].text
    table.press("go-on")
    assert table.view.floor == "Ana"
    assert table.view.floor_used_ms < 8_000, "her turn waited for the end of the break"


def test_in_a_break_that_is_not_over_only_the_sleep_is_told() -> None:
    table = Quiet()
    table.wait(5_000)
    table.press("break")
    answer(table, 2)
    miss(table, 4 * MINUTE_MS)
    assert table.said()[-1] == "resume.asleep"
    table.wait(5 * MINUTE_MS)
    assert "break.over" not in table.said()
    table.wait(MINUTE_MS)
    assert table.said()[-1] == "break.over"


def test_a_turn_is_over_by_the_clock_on_the_wall_and_its_holder_is_not_counted_the_sleep() -> None:
    table = Quiet(minutes=5)
    hear(table, "Ana", 60)
    miss(table, HOUR_MS)
    table.wait(20_000)
    assert table.said().index("resume.asleep") < table.said().index("floor.time_up")
    (over,) = table.of(FloorReleased)
    assert (over.person, over.reason) == ("Ana", "time")
    assert over.used_ms < 2 * MINUTE_MS


def test_a_turn_goes_on_where_there_is_time_left_and_nobody_is_asked_whether_they_are_done() -> None:
    table = Quiet(minutes=5)
    table.wait(10_000)
    miss(table, 60_000)
    table.wait(2_000)
    assert table.view.floor == "Ana"
    assert 70_000 < table.view.floor_used_ms < 90_000
    assert not [kind for kind in table.said() if kind.startswith("floor.check")], "how still it was is not known"


def test_nothing_of_it_is_speech_or_silence_whatever_is_heard_of_it_later() -> None:
    table = Quiet(form="open", minutes=200)
    table.wait(5_000)
    hear(table, "Ana", 60)
    start_ms, end_ms = miss(table, HOUR_MS)
    hear(table, "Ana", 60)
    table.take(Heard(at_ms=table.now_ms, start_ms=start_ms - 5_000, end_ms=end_ms + 5_000, people=("Ana",), final=True))
    found = review(table.discussion.account())
    assert [(gap.start_ms, gap.end_ms) for gap in table.of(NotMeasured)] == [(start_ms, end_ms)]
    assert found.not_measured == ((start_ms, end_ms),)
    assert found.summary.person("Ana").airtime_ms <= 2 * 60_000
    assert found.summary.person("Ana").longest_turn_ms <= 61_000
    assert found.summary.silence_ms < MINUTE_MS
    assert found.open_ms < 5 * MINUTE_MS
    assert "For 1:00:00 nothing could be heard: that time is not measured." in story(found, ENGLISH)


def test_a_microphone_that_was_away_is_no_silence_and_nothing_is_said_of_a_sleep() -> None:
    table = Quiet(form="open", minutes=200)
    table.wait(5_000)
    hear(table, "Ana", 60)
    start_ms = table.now_ms
    table.wait(5 * MINUTE_MS)
    table.take(Heard(at_ms=table.now_ms, start_ms=start_ms, end_ms=table.now_ms))
    end_ms = table.now_ms
    table.take(Missed(at_ms=end_ms, start_ms=start_ms, end_ms=end_ms, why="no-sound"))
    hear(table, "Ben", 60)
    found = review(table.discussion.account())
    assert found.summary.silence_ms < MINUTE_MS
    assert found.not_measured == ((start_ms, end_ms),)
    assert "resume.asleep" not in table.said()


def test_nobody_is_invited_for_what_they_did_not_say_while_it_slept() -> None:
    def invited(sleeps: bool) -> list[str]:
        table = Quiet(form="open", minutes=200)
        for _ in range(5):
            hear(table, "Ana", 40)
            table.wait(3_000)
        if sleeps:
            miss(table, 20 * MINUTE_MS)
        for _ in range(5):
            hear(table, "Ana", 40)
            table.wait(3_000)
        return [event.person for event in table.of(Invited)]

    assert invited(sleeps=False) == ["Ben"]
    assert invited(sleeps=True) == []
