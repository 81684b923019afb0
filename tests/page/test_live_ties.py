"""The map of the table while people talk: what it counts, and when there is one."""

from __future__ import annotations

import dataclasses

from facilitator.core.airtime_display import rule_of
from facilitator.core.discussion import Discussion
from facilitator.core.events import CutIn, Tick, TurnStarted
from facilitator.core.setup import Setup
from facilitator.page.live_ties import LiveTies
from facilitator.page.state import Around, moment
from facilitator.resources.prompts import default_prompts

PEOPLE = ("Ana", "Ben", "Carla")


def turn(person: str) -> TurnStarted:
    return TurnStarted(at_ms=0, person=person, start_ms=0)


def counted(ties: LiveTies) -> dict[tuple[str, str], tuple[int, int]]:
    return {(one["by"], one["to"]): (one["next"], one["cut_ins"]) for one in ties.told(PEOPLE) or ()}


def test_only_open_talk_says_who_comes_after_whom() -> None:
    ties = LiveTies()
    ties.stage("turns")
    for person in ("Ana", "Ben"):
        ties.write(turn(person))
    assert ties.told(PEOPLE) is None
    ties.stage("talk")
    for person in ("Ana", "Ben", "Ben", "Ana", "Ben", "Carla"):
        ties.write(turn(person))
    ties.write(CutIn(at_ms=0, kind="cut-in", by="Carla", over="Ana", start_ms=0, end_ms=0))
    ties.write(CutIn(at_ms=0, kind="attempt", by="Ben", over="Carla", start_ms=0, end_ms=0))
    assert counted(ties) == {
        ("Ana", "Ben"): (1, 0),
        ("Ben", "Ana"): (2, 0),
        ("Carla", "Ana"): (0, 1),
        ("Carla", "Ben"): (1, 0),
    }
    ties.stage("turns")
    ties.stage("talk")
    ties.write(turn("Ana"))
    assert ("Ana", "Carla") not in counted(ties), "a stage lay between"
    assert ties.told(PEOPLE[:2]) is None


def test_there_is_a_map_only_where_the_table_shows_airtime() -> None:
    prompts = default_prompts()
    setup = Setup(people=PEOPLE, format=prompts.format("open"), language=prompts.language("en"))
    discussion = Discussion(setup)
    discussion.receive(Tick(at_ms=0))
    shown = discussion.snapshot()
    shown = dataclasses.replace(
        shown,
        stage_kind="talk",
        people=tuple(dataclasses.replace(one, heard=True, airtime_ms=30_000, share=1 / 3) for one in shown.people),
    )
    rule = rule_of(setup)
    found = {}
    for rule.now in ("hidden", "hints", "shown"):
        found[rule.now] = moment(shown, Around(airtime=rule, ties=[]))["ties"]
    assert found == {"hidden": None, "hints": None, "shown": []}
