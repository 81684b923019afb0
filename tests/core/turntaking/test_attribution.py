"""The timeline against one entry a step, and what becomes of a `Heard`."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.events import Heard, Spoke
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import OWN_TAIL_MS, Tile, Timeline, attribute

people = st.lists(st.sampled_from(["Ana", "Ben", "Carla"]), unique=True, max_size=2).map(tuple)
stretch = st.builds(
    lambda start, length, who, guest, sure, counted: Spoke(
        at_ms=0, start_ms=start, end_ms=start + length, people=who, guest=guest, confidence=sure, counted=counted
    ),
    st.integers(0, 300),
    st.integers(0, 60),
    people,
    st.booleans(),
    st.sampled_from([0.5, 1.0]),
    st.booleans(),
)

Label = tuple[tuple[str, ...], bool, bool, float, bool]
"""Who, whether a guest, whether nobody knows, how sure, whether it counts."""


def each_ms(stretches: list[Spoke]) -> dict[int, Label]:
    found: dict[int, Label] = {}
    for s in stretches:
        label = (s.people, s.guest, s.unknown, s.confidence, s.counted)
        found.update(dict.fromkeys(range(s.start_ms, s.end_ms), label))
    return found


@given(st.lists(stretch, max_size=30))
def test_timeline_against_every_millisecond(stretches: list[Spoke]) -> None:
    timeline = Timeline(stretches)
    tiles = list(timeline)
    assert {ms: tuple(tile[2:]) for tile in tiles for ms in range(tile.start_ms, tile.end_ms)} == each_ms(stretches)
    for before, after in itertools.pairwise(tiles):
        assert before.end_ms <= after.start_ms
        assert before.end_ms < after.start_ms or before[2:] != after[2:], "neighbours that say the same are one tile"
    assert all(tile.start_ms < tile.end_ms for tile in tiles)
    assert timeline.end_ms == max((s.end_ms for s in stretches if s.end_ms > s.start_ms), default=0)


@given(st.lists(stretch, max_size=20), st.integers(0, 400), st.integers(0, 100), st.booleans())
def test_tiles_and_spans_against_every_millisecond(
    stretches: list[Spoke], start: int, length: int, counted_only: bool
) -> None:
    timeline, truth = Timeline(stretches), each_ms(stretches)
    cut = {ms: tuple(t[2:]) for t in timeline.tiles(start, start + length) for ms in range(t.start_ms, t.end_ms)}
    assert cut == {ms: label for ms, label in truth.items() if start <= ms < start + length}
    spans = timeline.spans(counted_only)
    for person in ("Ana", "Ben", "Carla"):
        own = spans.get(person, [])
        spoken = {ms for a, b in own for ms in range(a, b)}
        assert spoken == {ms for ms, label in truth.items() if person in label[0] and (label[4] or not counted_only)}
        assert all(a.end_ms < b.start_ms for a, b in itertools.pairwise(own))


def test_growing_speech_stays_one_tile() -> None:
    timeline = Timeline(
        Spoke(at_ms=end, start_ms=end - 100, end_ms=end, people=("Ana",)) for end in range(100, 100_000, 100)
    )
    assert list(timeline) == [Tile(0, 99_900, ("Ana",))]


def heard(start_ms: int, end_ms: int, *who: str, unknown: bool = False) -> Heard:
    return Heard(at_ms=9_000, start_ms=start_ms, end_ms=end_ms, people=who, unknown=unknown, confidence=0.8)


def told(stretches: list[Spoke]) -> list[tuple[object, ...]]:
    return [(s.start_ms, s.end_ms, s.people, s.unknown, s.counted) for s in stretches]


def test_plain_speech_is_passed_on() -> None:
    assert attribute(heard(1_000, 2_000, "Ana")) == [
        Spoke(at_ms=9_000, start_ms=1_000, end_ms=2_000, people=("Ana",), confidence=0.8)
    ]
    assert attribute(heard(2_000, 2_000, "Ana")) == []


def test_the_facilitators_own_voice_and_its_tail_are_nobodys() -> None:
    own = [Span(1_200, 1_500)]
    assert told(attribute(heard(1_000, 3_000, "Ana"), own_voice=own)) == [
        (1_000, 1_200, ("Ana",), False, True),
        (1_200, 1_500 + OWN_TAIL_MS, (), False, False),
        (1_500 + OWN_TAIL_MS, 3_000, ("Ana",), False, True),
    ]
    assert told(attribute(heard(1_600, 1_700, "Ana"), own_voice=own)) == [(1_600, 1_700, (), False, False)]


def test_what_does_not_count_is_kept_but_marked() -> None:
    counted = [Span(0, 500), Span(1_500, 1 << 60)]
    assert told(attribute(heard(400, 2_000, "Ana", "Ben"), counted=counted)) == [
        (400, 500, ("Ana", "Ben"), False, True),
        (500, 1_500, ("Ana", "Ben"), False, False),
        (1_500, 2_000, ("Ana", "Ben"), False, True),
    ]
    assert told(attribute(heard(400, 500, "Ana"), counted=[])) == [(400, 500, ("Ana",), False, False)]


def test_those_who_declined_are_nobody_known() -> None:
    assert told(attribute(heard(0, 500, "Ana"), declined=frozenset({"Ana"}))) == [(0, 500, (), True, True)]
    assert told(attribute(heard(0, 500, "Ana", "Ben"), declined={"Ana"})) == [(0, 500, ("Ben",), True, True)]


borders = st.lists(st.integers(0, 50), max_size=6, unique=True).map(
    lambda cuts: [Span(a * 100, b * 100) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


@given(borders, borders, st.integers(0, 4_000), st.integers(1, 2_000))
def test_the_pieces_follow_each_other_and_are_right_everywhere(
    own: list[Span], counted: list[Span], start: int, length: int
) -> None:
    pieces = attribute(heard(start, start + length, "Ana"), own_voice=own, counted=counted)
    assert pieces[0].start_ms == start
    assert pieces[-1].end_ms == start + length
    assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(pieces))
    for piece in pieces:
        for ms in (piece.start_ms, piece.end_ms - 1):
            sounding = any(a <= ms < b + OWN_TAIL_MS for a, b in own)
            assert piece.people == (() if sounding else ("Ana",))
            assert piece.counted == (not sounding and any(a <= ms < b for a, b in counted))
