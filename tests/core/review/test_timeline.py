"""The picture of who spoke when, as it is before any script has seen it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.review.account import Account
from facilitator.core.setup import Setup
from facilitator.core.turntaking.timeline import Tile, Timeline
from facilitator.report.timeline import MOST_PIECES, Said, figure, pieces
from facilitator.resources.prompts import default_prompts
from facilitator.simulation.table import NAMES, SimulatedTable
from tests.support.texts import ENGLISH


def spoke(start_ms: int, end_ms: int, *people: str, **more: object) -> e.Spoke:
    return e.Spoke(at_ms=end_ms, start_ms=start_ms, end_ms=end_ms, people=people, **more)  # type: ignore[arg-type]


def account(*spoken: e.Spoke, people: Sequence[str] = ("Ana", "Ben"), **more: object) -> Account:
    given = {"declined": (), "events": (), "targets": None, **more}
    return Account(people=tuple(people), timeline=Timeline(spoken), **given)  # type: ignore[arg-type]


def drawn(found: Account, **more: object) -> ElementTree.Element:
    """The figure as XML: it is well-formed, so nothing in it was taken for markup that is none."""
    return ElementTree.fromstring(figure(found, ENGLISH, **more))  # type: ignore[arg-type]


def lanes(root: ElementTree.Element) -> dict[str, list[tuple[str, int, int]]]:
    """What is drawn of each, by start: how it looks, from when, to when."""
    found = {}
    for group in root.iter("g"):
        if "lane" not in group.get("class", "").split():
            continue
        bars = [
            (path.get("class", ""), int(start), int(start) + int(length))
            for path in group.iter("path")
            for start, length in re.findall(r"M(\d+) \d+h(\d+)", path.get("d", ""))
        ]
        found[group.get("data-told", "")] = sorted(bars, key=lambda bar: bar[1])
    return found


def texts(root: ElementTree.Element, look: str) -> list[str]:
    return [one.text or "" for one in root.iter() if one.get("class") == look]


def test_a_lane_for_everyone_in_the_order_of_the_seats() -> None:
    root = drawn(
        account(
            spoke(0, 2_000, "Ben", counted=False),
            spoke(2_000, 9_000, "Ana"),
            spoke(9_000, 12_000, "Ben", confidence=0.4),
            spoke(12_000, 13_000, guest=True),
            spoke(13_000, 14_000, unknown=True),
            people=("Ana", "Ben", "Cleo", "Dan"),
            declined=("Dan",),
        )
    )
    assert lanes(root) == {
        "Ana": [("sure", 2_000, 9_000)],
        "Ben": [("uncounted", 0, 2_000), ("unsure", 9_000, 12_000)],
        "Cleo": [],
        "Dan, not listened to": [],
        "Guests": [("sure", 12_000, 13_000)],
        "Not known who": [("unsure", 13_000, 14_000)],
    }
    assert texts(root, "name") == [*lanes(root), "Facilitator"]


def test_how_sure_it_is_can_be_seen_without_colour() -> None:
    root = drawn(
        account(
            spoke(0, 5_000, "Ana"),
            spoke(5_000, 9_000, "Ana", confidence=0.3),
            spoke(9_000, 9_900, "Ana", counted=False),
        )
    )
    heights = {}
    for path in root.iter("path"):
        if (found := re.fullmatch(r"M\d+ \d+h\d+v(\d+)H\d+z", path.get("d", ""))) is not None:
            heights[path.get("class")] = int(found[1])
    assert heights["sure"] > heights["unsure"] > heights["uncounted"] > 0


def test_cut_ins_are_marked_where_they_began_above_whoever_came_in() -> None:
    root = drawn(account(spoke(0, 4_000, "Ana"), spoke(4_000, 5_000, "Ana", "Ben"), spoke(5_000, 9_000, "Ben")))
    (mark,) = [path for path in root.iter("path") if path.get("data-by")]
    assert (mark.get("data-by"), json.loads(mark.get("data-over", ""))) == ("Ben", ["Ana"])
    assert mark.get("d", "").startswith("M4000 ")


def test_stages_and_pauses_are_bands_with_their_names() -> None:
    events = (
        e.StageStarted(at_ms=0, stage="Opening circle", kind="opening"),
        e.StageEnded(at_ms=10_000, stage="Opening circle", kind="opening"),
        e.StageStarted(at_ms=10_000, stage="Talk", kind="talk"),
        e.Paused(at_ms=12_000),
        e.Continued(at_ms=15_000),
        e.Paused(at_ms=18_000),
        e.SessionEnded(at_ms=20_000, reason="finish"),
    )
    root = drawn(account(spoke(0, 20_000, "Ana"), events=events))
    bands = [
        (one.findtext("text"), one.get("data-start"), one.get("data-stop"))
        for one in root.iter("svg")
        if "band" in one.get("class", "").split()
    ]
    assert bands == [
        ("Opening circle", "0", "10000"),
        ("Talk", "10000", "20000"),
        ("pause", "12000", "15000"),
        ("pause", "18000", "20000"),
    ]


def test_what_the_facilitator_said_is_a_tick_each() -> None:
    said = [Said(500, "Hello, “all” & <you>."), Said(7_000, "Ben, you have the floor.")]
    root = drawn(account(spoke(1_000, 9_000, "Ana")), prompts=said)
    (ticks,) = [path for path in root.iter("path") if path.get("data-said")]
    assert json.loads(ticks.get("data-said", "")) == [one.text for one in said]
    assert re.findall(r"M(\d+)", ticks.get("d", "")) == ["500", "7000"]


NASTY = ["<b>x</b>", '"><script>alert(1)</script>', "A & B", "O'Neill", "]]>", "\u202eana"]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_never_markup(name: str) -> None:
    events = (e.StageStarted(at_ms=0, stage=name, kind="talk"),)
    found = account(
        spoke(0, 4_000, "Ana"),
        spoke(4_000, 5_000, "Ana", name),
        spoke(5_000, 9_000, name),
        people=("Ana", name),
        events=events,
    )
    root = drawn(found, prompts=[Said(0, name)], language=name)
    known = "figure figcaption ul li div svg g path rect circle line text defs pattern"
    assert {one.tag for one in root.iter()} <= set(known.split())
    assert name in texts(root, "name")


def test_nothing_was_heard() -> None:
    root = drawn(account())
    assert lanes(root) == {"Ana": [], "Ben": []}


@pytest.mark.parametrize("minutes", [1, 5, 59, 61, 180, 24 * 60])
def test_the_axis_is_marked_at_a_few_round_times(minutes: int) -> None:
    root = drawn(account(spoke(0, minutes * 60_000, "Ana")))
    (axis,) = [one for one in root.iter("g") if one.get("class") == "axis"]
    marks = [text.text or "" for text in axis.iter("text")]
    assert 2 <= len(marks) <= 8
    assert marks[0] == "0:00"
    seconds = [sum(int(part) * 60**place for place, part in enumerate(reversed(mark.split(":")))) for mark in marks]
    steps = {later - sooner for sooner, later in pairwise(seconds)}
    assert len(steps) == 1
    assert max(steps) % 5 == 0


tiles = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(1, 5_000), st.floats(0, 1), st.booleans()), min_size=1, max_size=60
)


@given(tiles, st.integers(1, 5_000))
def test_pieces_leave_nothing_out_and_draw_over_short_pauses_only(
    some: list[tuple[int, int, float, bool]], pause_ms: int
) -> None:
    at, told = 0, []
    for pause, length, confidence, counted in some:
        told.append(Tile(at + pause, at + pause + length, ("Ana",), confidence=confidence, counted=counted))
        at += pause + length
    found = pieces(told, pause_ms)
    assert (found[0].start_ms, found[-1].end_ms) == (told[0].start_ms, told[-1].end_ms)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(found))
    assert all(0 <= piece.sure <= 1 for piece in found)
    for tile in told:
        (inside,) = [piece for piece in found if piece.start_ms <= tile.start_ms and tile.end_ms <= piece.end_ms]
        assert inside.counted == tile.counted
    gaps = {(one.end_ms, other.start_ms) for one, other in pairwise(told)}
    drawn_over = [gap for gap in gaps if any(piece.start_ms < gap[0] and gap[1] < piece.end_ms for piece in found)]
    assert all(stop - start < max(1, pause_ms) for start, stop in drawn_over)


def test_three_hours_of_eight_people_stay_a_small_file() -> None:
    prompts = default_prompts()
    setup = Setup(people=NAMES, format=prompts.format("open"), language=prompts.language("en"))
    discussion = Discussion(setup)
    SimulatedTable(discussion, "cut-ins", seed=3, until_ms=3 * 3_600_000, talk_ms=3 * 3_600_000 - 600_000).run()
    found = figure(discussion.account(), ENGLISH)
    assert len(found) < 400_000
    assert found.count("<") < 1_000


def test_there_is_a_limit_to_what_is_drawn() -> None:
    spoken = [spoke(n * 1_000, n * 1_000 + 600, ("Ana", "Ben")[n % 2]) for n in range(3 * MOST_PIECES)]
    found = lanes(drawn(account(*spoken)))
    assert 0 < sum(len(bars) for bars in found.values()) <= MOST_PIECES
