"""Whole discussions on a simulated table: both formats, tables of 2 to 8, five ways to behave."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Activity,
    Chime,
    Command,
    Consented,
    Event,
    Fact,
    Finish,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    Heard,
    Intrusion,
    Invited,
    Outcome,
    PromptEnded,
    PromptStarted,
    Reviewed,
    Say,
    SessionEnded,
    Spoke,
    StageStarted,
    Tick,
    to_row,
)
from facilitator.core.snapshot import Snapshot
from tests.support.simulation import NAMES, Behaviour, Played, play, setup

R = TypeVar("R", bound=Outcome)
GOLDEN = Path(__file__).parents[2] / "data" / "golden"
BEHAVIOURS: tuple[Behaviour, ...] = ("all", "dominated", "one-silent", "nobody", "cut-ins")
SIZES, FORMS = (2, 3, 5, 8), ("round-robin", "open")
TABLES = [
    (n, behaviour, FORMS[(row + column) % 2])
    for row, n in enumerate(SIZES)
    for column, behaviour in enumerate(BEHAVIOURS)
]


def an_hour(people: int, form: str, behaviour: Behaviour) -> Played:
    options = {"minutes": 30 / people} if form == "round-robin" else {}
    return play(people, form, behaviour, **options)


@pytest.mark.parametrize(("people", "behaviour", "form"), TABLES)
def test_an_hour_keeps_its_promises(people: int, behaviour: Behaviour, form: str) -> None:
    played = an_hour(people, form, behaviour)
    log = played.log
    assert isinstance(log[-1], Finish)
    assert [e.reason for e in played.of(SessionEnded)] in (["done"], ["finish"])
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(log))
    stages = [s.kind for s in played.of(StageStarted)]
    assert (stages[0], stages[-1]) == ("opening", "closing")
    _one_prompt_at_a_time(played)
    _sums_are_right(played)
    if form == "round-robin":
        _everyone_has_the_floor(played, people)
    else:
        _invitations_are_seldom_and_in_pauses(played, behaviour)


def _one_prompt_at_a_time(played: Played) -> None:
    saying: int | None = None
    for record in played.of(Say, PromptEnded):
        if isinstance(record, Say):
            assert saying is None
            saying = record.prompt
        else:
            assert isinstance(record, PromptEnded) and record.prompt == saying
            saying = None
    assert [s.prompt for s in played.of(Say)] == list(range(1, len(played.of(Say)) + 1))


def _sums_are_right(played: Played) -> None:
    summary = played.discussion.summary()
    spans = played.discussion.timeline.spans()
    for person in summary.people:
        bare = sum(s.end_ms - s.start_ms for s in spans.get(person.name, []))
        assert bare <= person.airtime_ms <= bare + 200 * len(spans.get(person.name, []))
    total = sum(p.airtime_ms for p in summary.people)
    assert sum(p.share for p in summary.people) == pytest.approx(1.0 if total else 0.0)
    assert summary.airtime_ms == total
    for person in summary.people:
        assert person.share_low <= person.share <= person.share_high


def _everyone_has_the_floor(played: Played, people: int) -> None:
    granted, released = played.of(FloorGranted), played.of(FloorReleased)
    finished_early = played.of(SessionEnded)[0].reason == "finish"
    names = [g.person for g in granted]
    order = [*NAMES[:people], *NAMES[:people]]
    assert names == (order[: len(names)] if finished_early else order)
    assert [r.person for r in released] == names
    for grant, release in zip(granted, released, strict=True):
        added = [
            e for e in played.of(FloorExtended) if grant.at_ms <= e.at_ms <= release.at_ms and e.reason == "repaid"
        ]
        lost = [i for i in played.of(Intrusion) if grant.at_ms <= i.at_ms <= release.at_ms]
        most_ms = round((grant.limit_ms or 0) / 3)
        assert sum(e.added_ms for e in added) == min(most_ms, sum(i.lost_ms for i in lost))
        assert all(i.over == grant.person != i.by for i in lost)
        if release.reason == "time":
            assert grant.limit_ms is not None
            promised = grant.limit_ms + sum(e.added_ms for e in added)
            assert promised <= release.used_ms <= promised + 20_000


def _invitations_are_seldom_and_in_pauses(played: Played, behaviour: Behaviour) -> None:
    invited = played.of(Invited)
    assert all(b.at_ms - a.at_ms >= 600_000 for a, b in pairwise(invited))
    if behaviour == "nobody":
        assert not invited
    if behaviour == "one-silent":
        assert {i.person for i in invited} == {played.discussion.setup.people[-1]}
    speaking = False
    for record in played.of(Activity, Say):
        if isinstance(record, Activity):
            speaking = record.speaking
        elif record.prompt_kind == "talk.invite":
            assert not speaking


@pytest.mark.parametrize("form", ["round-robin", "open"])
def test_the_same_facts_give_the_same_outcomes(form: str) -> None:
    played = an_hour(3, form, "cut-ins")
    again = Discussion(played.discussion.setup)
    outcomes: list[Outcome] = []
    for fact in played.of(Fact):
        outcomes += again.receive(fact)
    assert outcomes == [r for r in played.log if isinstance(r, Outcome)]
    assert again.summary() == played.discussion.summary()
    assert again.settled() == played.discussion.settled()


@pytest.mark.parametrize(
    ("name", "people", "form", "behaviour", "options"),
    [
        ("round-robin-3", 3, "round-robin", "all", {"minutes": 2, "rounds": 1}),
        ("round-robin-2-cut-ins", 2, "round-robin", "cut-ins", {"minutes": 0.5, "rounds": 1}),
        ("round-robin-2-nobody", 2, "round-robin", "nobody", {"minutes": 1, "rounds": 1}),
        ("open-3-one-silent", 3, "open", "one-silent", {"minutes": 12}),
    ],
)
def test_golden(name: str, people: int, form: str, behaviour: Behaviour, options: dict[str, float]) -> None:
    """What is concluded, said and chimed, word for word. `UPDATE_GOLDEN=1` writes the files anew."""
    played = play(people, form, behaviour, **options)
    lines = [
        json.dumps(to_row(r)) for r in played.log if isinstance(r, Event | Say | Chime) and not isinstance(r, Spoke)
    ]
    path = GOLDEN / f"{name}.jsonl"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines() == lines


# --- one thing at a time ---------------------------------------------------------------------------


class Quiet:
    """A discussion with nobody simulated: facts by hand, prompts end after two seconds."""

    def __init__(self, people: int = 2, form: str = "round-robin", **options: Any) -> None:
        names = NAMES[:people]
        options = {"enrolled": names, "minutes": 5, "rounds": 1, **options}
        self.discussion = Discussion(setup(names, form, **options))
        self.now_ms = 0
        self.log: list[Outcome] = []
        self.take(Command(at_ms=0, name="go-on"))

    def take(self, fact: Fact) -> list[Outcome]:
        outcomes = self.discussion.receive(fact)
        self.log += outcomes
        for outcome in outcomes:
            if isinstance(outcome, Say):
                self.take(PromptStarted(at_ms=self.now_ms, prompt=outcome.prompt, start_ms=self.now_ms))
                self.now_ms += 2_000
                self.take(
                    PromptEnded(
                        at_ms=self.now_ms,
                        prompt=outcome.prompt,
                        start_ms=self.now_ms - 2_000,
                        end_ms=self.now_ms,
                        how="spoken",
                    )
                )
        return outcomes

    def press(self, name: str) -> None:
        self.take(Command(at_ms=self.now_ms, name=name))  # type: ignore[arg-type]

    def speech(self, *, on: bool) -> None:
        self.take(Activity(at_ms=self.now_ms, speaking=on, start_ms=self.now_ms))

    def wait(self, ms: int) -> None:
        """Lets time pass, telling it whenever it is asked for."""
        end_ms = self.now_ms + ms
        while (deadline_ms := self.discussion.deadline_ms) is not None and deadline_ms <= end_ms:
            self.now_ms = max(self.now_ms, deadline_ms)
            self.take(Tick(at_ms=self.now_ms))
        self.now_ms = max(self.now_ms, end_ms)
        self.take(Tick(at_ms=self.now_ms))

    def said(self) -> list[str]:
        return [o.prompt_kind for o in self.log if isinstance(o, Say)]

    def of(self, kind: type[R]) -> list[R]:
        return [o for o in self.log if isinstance(o, kind)]

    @property
    def view(self) -> Snapshot:
        return self.discussion.snapshot()


def test_a_turn_ends_by_key() -> None:
    table = Quiet()
    assert table.view.floor == "Ana"
    table.wait(3_000)
    table.press("next")
    assert table.view.floor == "Ben"
    assert [(r.person, r.reason, r.used_ms) for r in table.of(FloorReleased)] == [("Ana", "done", 3_000)]


def test_silence_alone_ends_no_turn() -> None:
    table = Quiet()
    table.wait(29_900)
    assert "floor.check_begin" not in table.said()
    table.wait(200)
    assert table.said()[-1] == "floor.check_begin", "Ana has not begun"
    table.speech(on=True)
    table.wait(3_000)
    table.take(Heard(at_ms=table.now_ms, start_ms=table.now_ms - 3_000, end_ms=table.now_ms, people=("Ana",)))
    table.speech(on=False)
    table.wait(59_000)
    assert "floor.check" not in table.said(), "after an answer it is more patient"
    table.wait(2_000)
    assert table.said()[-1] == "floor.check"
    table.wait(100_000)
    assert table.view.floor == "Ana"
    assert not table.of(FloorReleased)


def test_the_minute_and_the_last_seconds_are_signalled_and_time_is_called_in_a_pause() -> None:
    table = Quiet(minutes=2)
    table.speech(on=True)
    table.wait(59_000)
    assert "minute" not in [c.chime for c in table.of(Chime)]
    table.wait(2_000)
    assert [c.chime for c in table.of(Chime)][-1] == "minute"
    assert "floor.minute" not in table.said(), "not over somebody's speech"
    table.speech(on=False)
    table.wait(800)
    assert table.said()[-1] == "floor.minute"
    table.speech(on=True)
    table.wait(49_000)
    assert [c.chime for c in table.of(Chime)][-1] == "last"
    table.wait(9_000)
    assert [c.chime for c in table.of(Chime)][-1] == "end"
    assert table.view.floor == "Ana", "a thought may be finished"
    table.speech(on=False)
    table.wait(1_000)
    assert table.view.floor == "Ben"


def test_who_never_stops_is_stopped() -> None:
    table = Quiet(minutes=1)
    table.speech(on=True)
    table.wait(60_000)
    assert table.view.floor == "Ana"
    table.wait(11_000)
    assert [r.reason for r in table.of(FloorReleased)] == ["time"]


def test_passing_is_free() -> None:
    table = Quiet()
    table.press("pass")
    assert [(r.person, r.reason) for r in table.of(FloorReleased)] == [("Ana", "passed")]
    assert table.view.floor == "Ben"
    assert table.discussion.summary().person("Ana").passes == 1


def test_more_time_also_after_the_time_is_up() -> None:
    table = Quiet(minutes=1)
    table.speech(on=True)
    table.wait(60_500)
    table.press("more-time")
    assert 59_000 < (table.view.floor_left_ms or 0) <= 60_000
    table.wait(30_000)
    assert table.view.floor == "Ana"


def test_a_pause_stops_the_clock_and_counts_nobody() -> None:
    table = Quiet()
    table.wait(5_000)
    table.press("pause")
    assert table.view.paused
    used_ms = table.view.floor_used_ms
    table.wait(600_000)
    assert table.view.floor_used_ms == used_ms
    table.press("pause")
    assert not table.view.paused
    table.wait(1_000)
    assert used_ms < table.view.floor_used_ms <= used_ms + 1_100
    assert table.said()[-2:] == ["pause.start", "pause.end_floor"]


def test_what_was_said_in_one_stage_is_not_shown_in_the_next() -> None:
    table = Quiet()
    assert table.view.last_said
    table.press("finish")
    table.press("yes")
    shown = table.view
    assert shown.stage_kind == "closing"
    said = [say.text for say in table.log if isinstance(say, Say)]
    assert shown.last_said in ("", said[-1])
    assert "floor" not in shown.last_said


def test_quiet_shows_instead_of_saying() -> None:
    table = Quiet()
    table.press("quiet")
    said = len(table.said())
    table.press("next")
    assert len(table.said()) == said
    assert table.view.floor == "Ben"
    assert "Ben" in table.view.last_said
    table.press("quiet")
    assert table.said()[-1] == "quiet.off"


def test_repeat_says_the_last_again() -> None:
    table = Quiet()
    last = table.of(Say)[-1]
    table.press("repeat")
    assert table.of(Say)[-1].text == last.text


def test_finish_goes_to_the_closing_from_anywhere() -> None:
    table = Quiet()
    table.wait(2_000)
    table.press("finish")
    assert [r.reason for r in table.of(FloorReleased)] == ["finish"]
    assert table.view.stage_kind == "closing"
    table.take(Reviewed(at_ms=table.now_ms))
    table.wait(1_000)
    assert isinstance(table.log[-1], Finish)
    assert table.said()[-1] == "closing.thanks"


def test_who_declines_has_turns_but_no_airtime() -> None:
    table = Quiet(enrolled=())
    table.press("decline")
    table.press("decline")
    assert [(c.person, c.heard) for c in table.of(Consented)] == [("Ana", False), ("Ben", False)]
    assert table.view.floor == "Ana"
    assert table.discussion.summary().declined == ("Ana", "Ben")


def test_timer_only_greets_and_leads() -> None:
    table = Quiet(enrolled=(), listening=False)
    assert table.said()[0] == "opening.greeting_timer"
    table.wait(301_000)
    assert [r.reason for r in table.of(FloorReleased)] == ["time"]
