"""People as A, B, C: every figure stays, no name does."""

from __future__ import annotations

import dataclasses

from facilitator.core.events import Agreed, CutIn, StageStarted
from facilitator.core.review.anonymous import anonymous, letter
from facilitator.core.review.review import review
from tests.core.review.test_review_figures import account, floor
from tests.core.review.test_summary import timeline

ROWS = ((0, 20, "Ana"), (20, 40, "Ben"), (38, 60, "Carla"), (61, 90, "Ana"), (90, 95, "?"))


def test_every_figure_stays_and_no_name_does() -> None:
    events = (
        StageStarted(at_ms=0, stage="Ana's hour", kind="talk"),
        *floor("Ana", 0, 20),
        Agreed(at_ms=95_000, number=1, kind="agreement", text="Ana calls Ben", owner="Ben"),
    )
    named = account(timeline(*ROWS), *events)
    nameless = anonymous(named)
    assert "Ana" not in repr((nameless.people, nameless.events, list(nameless.timeline)))
    assert "Ben" not in repr((nameless.people, nameless.events, list(nameless.timeline)))
    before, after = review(named).summary, review(nameless).summary
    assert [person.name for person in after.people] == ["A", "B", "C"]
    for one, other in zip(before.people, after.people, strict=True):
        assert dataclasses.replace(one, name=other.name) == other
    assert [pair.cut_ins for pair in before.pairs] == [pair.cut_ins for pair in after.pairs]


def test_somebody_who_has_no_seat_has_a_letter_too() -> None:
    cut_in = CutIn(at_ms=40_000, kind="cut-in", by="Dora", over="Ana", start_ms=39_000, end_ms=40_000)
    (event,) = anonymous(account(timeline(*ROWS), cut_in)).events
    assert isinstance(event, CutIn)
    assert (event.by, event.over) == ("D", "A")


def test_letters_go_on_after_z() -> None:
    assert [letter(number) for number in (0, 25, 26, 51, 52)] == ["A", "Z", "A2", "Z2", "A3"]
