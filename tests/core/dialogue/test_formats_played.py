"""Every format at every table: each ends, is fair, and keeps its promises, whoever sits there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from facilitator.core.events import (
    Activity,
    Agreed,
    CutIn,
    Finish,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    HandLowered,
    HandRaised,
    Heard,
    Intrusion,
    Invited,
    PromptEnded,
    PromptStarted,
    Rated,
    Say,
    SessionEnded,
    StageEnded,
    StageStarted,
)
from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import Closing, Format, Opening, Step, Talk, Turns
from facilitator.resources.prompts import read
from tests.support.simulation import NAMES, PROMPTS, Behaviour, Played, play

FORMATS = sorted((PROMPTS / "formats").glob("*.toml"))
BEHAVIOURS: tuple[Behaviour, ...] = ("all", "dominated", "one-silent", "nobody", "cut-ins", "passes")
SIZES = (2, 3, 5, 8)
TABLES = [
    (path, SIZES[(row + column) % 4], behaviour)
    for row, path in enumerate(FORMATS)
    for column, behaviour in enumerate(BEHAVIOURS)
]
"""Each format with each behaviour, each size with each format and each behaviour; not all three with all three, which
takes four times as long and has found nothing more."""
HOUR_MS = 3_600_000
ASKED = ("floor.", "rate.", "agree.", "note.", "closing.", "summary.", "observations.", "questions.")


def played(path: Path, people: int, behaviour: Behaviour) -> tuple[Format, Played]:
    form = parse_format(read(path))
    people = max(people, 3) if form.host else people
    options = {"host": NAMES[0]} if form.host else {}
    return form, play(people, path.stem, behaviour, until_ms=HOUR_MS * 3 // 2, **options)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "people", "behaviour"), TABLES, ids=lambda part: getattr(part, "stem", str(part)))
def test_it_keeps_its_promises(path: Path, people: int, behaviour: Behaviour) -> None:
    form, run = played(path, people, behaviour)
    log = run.log
    assert isinstance(log[-1], Finish)
    assert [e.reason for e in run.of(SessionEnded)] in (["done"], ["finish"])
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(log))
    stages = run.of(StageStarted, StageEnded)
    assert all(isinstance(a, StageStarted) != isinstance(b, StageStarted) for a, b in pairwise(stages))
    assert (stages[0].kind, stages[-1].kind) == ("opening", "closing")
    _turns_are_fair(form, run, behaviour)
    _what_was_taken_is_given_back(run)
    _nothing_unasked_over_speech(run)
    _interventions_keep_their_distance(run)
    _hands_are_called(run)


def _turns_are_fair(form: Format, run: Played, behaviour: Behaviour) -> None:
    """Everyone who takes turns is the speaker equally often and for as long, and the host never."""
    granted, released = run.of(FloorGranted), run.of(FloorReleased)
    assert [g.person for g in granted] == [r.person for r in released]
    setup = run.discussion.setup
    takers = [p for p in setup.people if p != setup.host]
    if run.of(SessionEnded)[0].reason != "done" or not any(isinstance(s, Turns) for s in form.stages):
        return
    assert setup.host not in {g.person for g in granted}
    if behaviour == "passes":
        return  # what nobody says needs no answer
    plain = all(step.who == "speaker" for s in form.stages if isinstance(s, Turns) for step in s.step)
    given = {p: [g.limit_ms or 0 for g in granted if g.person == p] for p in takers}
    if plain:
        if behaviour == "one-silent":
            _silence_is_offered_every_step(form, given.pop(takers[-1]), takers[-1])
        assert len({tuple(sorted(limits)) for limits in given.values()}) == 1, given
    else:
        counts = {len(limits) for limits in given.values()}
        assert max(counts) <= 3 * min(counts), given
    for grant, release in zip(granted, released, strict=True):
        if release.reason == "time":
            within = [e for e in run.of(FloorExtended) if grant.at_ms <= e.at_ms <= release.at_ms]
            assert grant.limit_ms is not None
            promised = grant.limit_ms + sum(e.added_ms for e in within)
            assert promised - 1_000 <= release.used_ms <= promised + 20_000


def _silence_is_offered_every_step(form: Format, limits: list[int], silent: str) -> None:
    """Whoever says nothing has the floor in every round for as long as anybody. Nothing is counted of silence: there is
    no second of three needs where there was no first, and nothing builds on a first step that was silent."""
    steps = [
        step.minutes or stage.minutes
        for stage in form.stages
        if isinstance(stage, Turns)
        for step in (stage.step or (Step(),))[:1]
        for _ in range(stage.rounds)
    ]
    assert sorted(limits) == sorted(round(minutes * 60_000) for minutes in steps), silent


def _what_was_taken_is_given_back(run: Played) -> None:
    """All of it, up to a third of the turn."""
    for grant, release in zip(run.of(FloorGranted), run.of(FloorReleased), strict=True):
        within = [r for r in run.of(Intrusion, FloorExtended) if grant.at_ms <= r.at_ms <= release.at_ms]
        lost_ms = sum(r.lost_ms for r in within if isinstance(r, Intrusion) and r.over == grant.person)
        back_ms = sum(r.added_ms for r in within if isinstance(r, FloorExtended) and r.reason == "repaid")
        assert back_ms == min(lost_ms, round((grant.limit_ms or 0) / 3))


def _nothing_unasked_over_speech(run: Played) -> None:
    """What nobody waits for begins in silence."""
    speaking = False
    for record in run.of(Activity, Say):
        if isinstance(record, Activity):
            speaking = record.speaking
        elif record.prompt_kind in ("talk.invite", "talk.invite_anyone", "floor.minute", "talk.minute", "talk.called"):
            assert not speaking, record


def _interventions_keep_their_distance(run: Played) -> None:
    invited = run.of(Invited)
    assert all(b.at_ms - a.at_ms >= 600_000 for a, b in pairwise(invited))
    said = [s for s in run.of(Say) if s.prompt_kind in ("floor.protect", "talk.invite")]
    for a, b in pairwise(said):
        assert b.text != a.text or b.at_ms - a.at_ms > 30_000
    protecting = ("floor.protect", "floor.protect_last", "floor.breathe")
    budgets = [[s.at_ms for s in run.of(Say) if s.prompt_kind.startswith("talk.invite")]]
    for holder in run.discussion.setup.people:
        budgets.append([s.at_ms for s in run.of(Say) if s.prompt_kind in protecting and s.person == holder])
    for unasked in budgets:
        assert all(unasked[k + 6] - unasked[k] >= 600_000 for k in range(len(unasked) - 6)), "more than the budget"


def _hands_are_called(run: Played) -> None:
    raised, lowered = run.of(HandRaised), run.of(HandLowered)
    assert [sorted(h.person for h in raised)] == [sorted(h.person for h in lowered)] or len(lowered) <= len(raised)


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
def test_one_prompt_at_a_time_and_each_ends(path: Path) -> None:
    _, run = played(path, 3, "cut-ins")
    saying: int | None = None
    for record in run.of(Say, PromptStarted, PromptEnded):
        if isinstance(record, Say):
            assert saying is None
            saying = record.prompt
        else:
            assert record.prompt == saying
            saying = None if isinstance(record, PromptEnded) else saying


@pytest.mark.slow
def test_in_open_talk_prompts_start_in_silence() -> None:
    """Of all that is said while a talk is open, at least 98 % begins in silence. What is left are the
    beginning and the end of the talk at a table that never pauses, after waiting for it."""
    begun = 0
    over: list[Say] = []
    for path in FORMATS:
        if not any(isinstance(stage, Talk) for stage in parse_format(read(path)).stages):
            continue
        for behaviour in BEHAVIOURS:
            _, run = played(path, 5, behaviour)
            talking = speaking = False
            for record in run.of(StageStarted, Activity, Say):
                if isinstance(record, StageStarted):
                    talking = record.kind == "talk"
                elif isinstance(record, Activity):
                    speaking = record.speaking
                elif talking:
                    begun += 1
                    over += [record] if speaking else []
    assert len(over) <= 0.02 * begun, (over, begun)
    assert {say.prompt_kind for say in over} <= {"talk.time_up", "talk.start_limited", "own"}


@pytest.mark.slow
@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
def test_the_same_table_says_the_same(path: Path) -> None:
    _, one = played(path, 3, "cut-ins")
    _, two = played(path, 3, "cut-ins")
    assert one.log == two.log


def test_what_is_asked_is_stored_as_what_was_said() -> None:
    run = play(2, "check-in", "all", hears_words=True)
    assert {r.what for r in run.of(Rated)} == {"arriving", "leaving"}
    assert {r.person for r in run.of(Rated)} == {"Ana", "Ben"}
    assert all(1 <= r.value <= 5 for r in run.of(Rated))
    assert len(run.of(Agreed)) == 1
    items = [s.text for s in run.of(Say) if s.prompt_kind == "floor.item"]
    assert len(items) == 2 * 2 * 2, "three of each, counted aloud"


def test_quiet_people_come_first_in_a_decision() -> None:
    run = play(3, "decision", "dominated", until_ms=HOUR_MS)
    airtime = dict.fromkeys(NAMES[:3], 0)
    for record in run.log:
        if isinstance(record, Heard) and not record.final:
            for person in record.people:
                airtime[person] += record.end_ms - record.start_ms
    rounds = [g.person for g in run.of(FloorGranted)]
    assert rounds[:3] == ["Ana", "Ben", "Carla"]
    assert rounds[-1] == "Ana", "who talked most comes last"


def test_a_quiet_table_is_left_alone() -> None:
    """Nobody is scolded for silence: no sentence about anybody but checks, and no cut-in is made up."""
    run = play(3, "five-minutes-each", "nobody")
    assert not run.of(Intrusion, CutIn)
    kinds = {s.prompt_kind for s in run.of(Say)}
    assert "floor.protect" not in kinds
    assert "talk.invite" not in kinds


def test_formats_begin_and_end_as_people_expect() -> None:
    for path in FORMATS:
        form = parse_format(read(path))
        assert isinstance(form.stages[0], Opening), path.stem
        assert isinstance(form.stages[-1], Closing), path.stem
        assert any(isinstance(s, Turns | Talk) for s in form.stages), path.stem
