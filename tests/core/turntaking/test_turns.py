"""Rule R and turns against brute force on a 10 ms grid, and what happens live against the whole."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import BackChannel, CutIn, Event, Spoke, TurnEnded, TurnStarted
from facilitator.core.turntaking.timeline import Timeline
from facilitator.core.turntaking.tracker import Span, TurnTracker, overlaps, silences, speech, turns, utterances

STEP = 10

spans = st.lists(
    st.tuples(st.integers(0, 1200), st.integers(1, 400)).map(lambda s: Span(STEP * s[0], STEP * (s[0] + s[1]))),
    max_size=8,
)
voices = st.dictionaries(st.sampled_from(["Ana", "Ben", "Carla", "Dušan"]), spans, max_size=4)


def cells(them: list[Span]) -> set[int]:
    return {cell for start, end in them for cell in range(start // STEP, end // STEP)}


def runs(speaking: set[int], bridge: int) -> list[tuple[int, int]]:
    """The runs of cells, those fewer than `bridge` cells apart made one."""
    found: list[list[int]] = []
    for cell in sorted(speaking):
        if found and cell - found[-1][1] < max(bridge, 1):
            found[-1][1] = cell + 1
        else:
            found.append([cell, cell + 1])
    return [(start, end) for start, end in found]


def rule_r(talk: dict[str, list[Span]]) -> set[tuple[str, str, str, int]]:
    """Rule R word by word, over every pair of utterances, in cells of 10 ms."""
    said = {person: runs(cells(them), 50) for person, them in talk.items()}
    found = set()
    for a, b in itertools.permutations(said, 2):
        for (x, y), (s, e) in itertools.product(said[a], said[b]):
            if not (s >= x + 100 and s <= y - 30):
                continue
            short, over_in_time, goes_on = e - s < 100, e <= y + 20, e >= y + 100
            kind = "back-channel" if short and over_in_time else "cut-in" if goes_on else "attempt"
            found.add((kind, b, a, s * STEP))
    return found


def plain(events: list[Event] | list[CutIn | BackChannel]) -> list[tuple[object, ...]]:
    return sorted(
        (e.kind if isinstance(e, CutIn) else "back-channel", e.by, e.over, e.start_ms, e.end_ms)
        for e in events
        if isinstance(e, CutIn | BackChannel)
    )


@given(voices)
@settings(max_examples=300, deadline=None)
def test_rule_r_against_brute_force(talk: dict[str, list[Span]]) -> None:
    found = plain(overlaps(talk))
    assert {row[:4] for row in found} == rule_r(talk)
    assert len(found) == len({row[:4] for row in found})


@given(voices)
@settings(max_examples=200, deadline=None)
def test_speech_and_utterances_against_brute_force(talk: dict[str, list[Span]]) -> None:
    for bridge, made in ((20, speech(talk)), (50, utterances(talk))):
        for person, them in talk.items():
            assert [(a // STEP, b // STEP) for a, b in made[person]] == runs(cells(them), bridge)


@given(voices, spans, st.sampled_from([10, 700]))
@settings(max_examples=200, deadline=None)
def test_silences_against_brute_force(talk: dict[str, list[Span]], within: list[Span], least_ms: int) -> None:
    spoken = cells([span for them in talk.values() for span in them])
    expected = [
        run
        for start, end in runs(cells(within), 1)
        for run in runs(set(range(start, end)) - spoken, 1)
        if (run[1] - run[0]) * STEP >= least_ms
    ]
    found = silences([span for them in talk.values() for span in them], within, least_ms)
    assert [(a // STEP, b // STEP) for a, b in found] == expected


@given(voices)
@settings(max_examples=200, deadline=None)
def test_every_utterance_is_in_one_turn_or_a_back_channel(talk: dict[str, list[Span]]) -> None:
    taken = turns(talk)
    listening = {(e.by, e.start_ms) for e in overlaps(talk) if isinstance(e, BackChannel)}
    for person, them in utterances(talk).items():
        own = [turn for turn in taken if turn.person == person]
        assert all(before.end_ms < after.start_ms for before, after in itertools.pairwise(own))
        for span in them:
            holding = [turn for turn in own if turn.start_ms <= span.start_ms and span.end_ms <= turn.end_ms]
            assert len(holding) == 1 or (person, span.start_ms) in listening
    edges = {(person, ms) for person, them in utterances(talk).items() for span in them for ms in span}
    assert all({(turn.person, turn.start_ms), (turn.person, turn.end_ms)} <= edges for turn in taken)


LONG = Span(0, 10_000)


@pytest.mark.parametrize(
    ("ana", "ben", "kind", "end_ms"),
    [
        (LONG, Span(5_000, 5_990), "back-channel", 5_990),
        (LONG, Span(5_000, 6_000), "attempt", 6_000),
        (LONG, Span(9_500, 10_200), "back-channel", 10_000),
        (LONG, Span(9_500, 10_210), "attempt", 10_000),
        (LONG, Span(9_700, 11_000), "cut-in", 10_000),
        (LONG, Span(9_700, 10_990), "attempt", 10_000),
        (LONG, Span(9_710, 12_000), None, 0),
        (LONG, Span(1_000, 11_000), "cut-in", 10_000),
        (LONG, Span(990, 11_000), None, 0),
        (LONG, Span(10_000, 12_000), None, 0),
    ],
)
def test_borders_of_rule_r(ana: Span, ben: Span, kind: str | None, end_ms: int) -> None:
    expected = [(kind, "Ben", "Ana", ben.start_ms, end_ms)] if kind else []
    assert plain(overlaps({"Ana": [ana], "Ben": [ben]})) == expected


def test_silence_and_listening_break_no_turn_and_a_change_of_floor_does() -> None:
    talk = {"Ana": [Span(0, 8_000), Span(60_000, 63_000), Span(70_000, 72_000)]}
    assert turns(talk) == [("Ana", 0, 72_000)]
    talk["Ben"] = [Span(4_000, 4_400)]  # mhm
    assert turns(talk) == [("Ana", 0, 72_000)]
    talk["Ben"] = [Span(4_000, 6_000)]  # an attempt while Ana goes on
    assert turns(talk) == [("Ana", 0, 72_000), ("Ben", 4_000, 6_000)]
    talk["Ben"] = [Span(65_000, 66_000)]
    assert turns(talk) == [("Ana", 0, 63_000), ("Ben", 65_000, 66_000), ("Ana", 70_000, 72_000)]
    talk["Ben"] = [Span(65_000, 65_200)]  # too little to have had the floor
    assert turns(talk)[0] == ("Ana", 0, 72_000)


def test_a_new_floor_ends_a_turn_in_a_pause_but_not_in_a_word() -> None:
    talk = {"Ana": [Span(0, 8_000), Span(20_000, 23_000)]}
    assert turns(talk, breaks=[10_000]) == [("Ana", 0, 8_000), ("Ana", 20_000, 23_000)]
    assert turns(talk, breaks=[5_000, 22_000]) == [("Ana", 0, 23_000)]


# --- while it happens ----------------------------------------------------------------------------

people = st.lists(st.sampled_from(["Ana", "Ben", "Carla"]), unique=True, max_size=3).map(lambda p: tuple(sorted(p)))
script = st.lists(st.tuples(people, st.integers(1, 25).map(lambda n: n * 50)), max_size=40)


def played(steps: list[tuple[tuple[str, ...], int]], chunk_ms: int) -> list[Spoke]:
    """Stretches of at most `chunk_ms`, each known when it ends."""
    found, now = [], 0
    for who, length in steps:
        for start in range(now, now + length, chunk_ms):
            end = min(start + chunk_ms, now + length)
            found.append(Spoke(at_ms=end, start_ms=start, end_ms=end, people=who))
        now += length
    return found


def spoken_turns(events: list[Event]) -> list[tuple[object, ...]]:
    return sorted((e.person, e.start_ms, e.end_ms) for e in events if isinstance(e, TurnEnded))


@given(script, st.sampled_from([50, 100, 1000]))
@settings(max_examples=300, deadline=None)
def test_live_is_what_the_whole_is(steps: list[tuple[tuple[str, ...], int]], chunk_ms: int) -> None:
    stretches = played(steps, chunk_ms)
    tracker = TurnTracker()
    found = [event for spoke in stretches for event in tracker.receive(spoke)]
    found += tracker.finish(stretches[-1].end_ms if stretches else 0)
    voices = Timeline(stretches).spans()
    assert plain(found) == plain(overlaps(voices))
    assert spoken_turns(found) == sorted((t.person, t.start_ms, t.end_ms) for t in turns(voices))
    started = [(e.person, e.start_ms) for e in found if isinstance(e, TurnStarted)]
    assert sorted(started) == [turn[:2] for turn in spoken_turns(found)]


@given(script)
@settings(max_examples=100, deadline=None)
def test_repeating_what_is_known_changes_nothing(steps: list[tuple[tuple[str, ...], int]]) -> None:
    stretches = played(steps, 100)
    once, twice = TurnTracker(), TurnTracker()
    first, second = [], []
    for earlier, spoke in zip([None, *stretches], stretches, strict=False):
        first += once.receive(spoke)
        second += twice.receive(spoke)
        if earlier is not None:
            second += twice.receive(dataclasses.replace(earlier, at_ms=spoke.at_ms))
    assert second == first


@given(script, st.lists(st.tuples(st.integers(0, 300), people), max_size=30))
@settings(max_examples=200, deadline=None)
def test_revisions_say_nothing_twice(
    steps: list[tuple[tuple[str, ...], int]], revisions: list[tuple[int, tuple[str, ...]]]
) -> None:
    tracker = TurnTracker()
    found: list[Event] = []
    stretches = played(steps, 100)
    for index, spoke in enumerate(stretches):
        found += tracker.receive(spoke)
        for when, who in revisions:
            if when == index:
                start = max(0, spoke.start_ms - 1_000)
                found += tracker.receive(dataclasses.replace(spoke, start_ms=start, people=who))
    found += tracker.finish(stretches[-1].end_ms if stretches else 0)
    rows = plain(found)
    assert len({(by, over, start) for _, by, over, start, _ in rows}) == len(rows)
    running: dict[str, int] = {}
    for event in found:
        if isinstance(event, TurnStarted):
            assert event.person not in running
            running[event.person] = event.start_ms
        elif isinstance(event, TurnEnded):
            assert running.pop(event.person) == event.start_ms <= event.end_ms
    assert not running


def heard(tracker: TurnTracker, start_ms: int, end_ms: int, *people: str) -> list[Event]:
    return tracker.receive(Spoke(at_ms=end_ms, start_ms=start_ms, end_ms=end_ms, people=people))


def test_a_revision_in_time_changes_what_follows() -> None:
    tracker = TurnTracker()
    heard(tracker, 0, 5_000, "Ana")
    heard(tracker, 5_000, 5_500, "Ana", "Ben")
    heard(tracker, 5_000, 5_500, "Ana")  # it was Ana alone after all
    assert heard(tracker, 5_500, 8_000, "Ana") == []
    heard(tracker, 7_000, 8_000, "Ana", "Carla")  # and Carla had begun a second ago
    events = heard(tracker, 8_000, 9_500, "Carla")
    assert [e for e in events if isinstance(e, CutIn)] == [
        CutIn(at_ms=9_500, kind="cut-in", by="Carla", over="Ana", start_ms=7_000, end_ms=8_000)
    ]


def test_certain_as_soon_as_more_speech_cannot_change_it() -> None:
    tracker = TurnTracker()
    assert heard(tracker, 0, 100, "Ana") == [TurnStarted(at_ms=100, person="Ana", start_ms=0)]
    heard(tracker, 100, 4_000, "Ana")
    assert heard(tracker, 4_000, 4_600, "Ana", "Ben") == []
    assert heard(tracker, 4_600, 5_000, "Ana") == []
    assert heard(tracker, 5_000, 5_100, "Ana") == [
        BackChannel(at_ms=5_100, by="Ben", over="Ana", start_ms=4_000, end_ms=4_600)
    ]


def test_uncounted_speech_is_nobodys_turn() -> None:
    tracker = TurnTracker()
    spoke = Spoke(at_ms=5_000, start_ms=0, end_ms=5_000, people=("Ana",), counted=False)
    assert tracker.receive(spoke) == []
    assert tracker.finish(5_000) == []


def test_a_new_floor_ends_a_live_turn() -> None:
    tracker = TurnTracker()
    heard(tracker, 0, 4_000, "Ana")
    tracker.new_floor(5_000)
    heard(tracker, 4_000, 6_000)
    assert heard(tracker, 6_000, 7_000, "Ana") == [TurnStarted(at_ms=7_000, person="Ana", start_ms=6_000)]


def test_memory_is_bounded() -> None:
    tracker = TurnTracker()
    for index in range(20_000):
        who = ("Ana", "Ben", "Carla")[index // 7 % 3]
        tracker.receive(
            Spoke(
                at_ms=index * 300,
                start_ms=index * 300,
                end_ms=index * 300 + 250,
                people=(who, "Dušan")[: 1 + index % 2],
            )
        )
        if index % 1000 == 999:
            kept = [
                len(person.spans) + len(person.utterances) + len(person.todo) for person in tracker._people.values()
            ]
            assert sum(kept) < 2_000
            assert len(tracker._pairs) < 10
