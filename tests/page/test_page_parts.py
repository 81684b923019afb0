"""What the page shows and understands, without a page: values in, values out."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from facilitator.core.airtime_display import AirtimeRule, rings, usual_airtime
from facilitator.core.dialogue.questions import percents, scale
from facilitator.core.discussion import Discussion
from facilitator.core.events import Command, Tick
from facilitator.core.formats.parse import parse_format
from facilitator.core.language.choices import Choice
from facilitator.core.language.wording import parse_language
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.hearing.signal.audio import RATE, Block
from facilitator.hearing.signal.levels import LevelMeter
from facilitator.page.buttons import BUTTONS, as_commands, buttons_for
from facilitator.page.state import Around, Measured, mine, moment, slider
from facilitator.resources.prompts import default_prompts
from facilitator.terminal.keys import GO_ON, KEYS

PROMPTS = default_prompts()
ENGLISH = PROMPTS.language("en")


def snapshot(shares: tuple[float, ...] = (0.6, 0.3, 0.1), minutes: float = 5, **changes: Any) -> Snapshot:
    setup = Setup(people=("Ana", "Ben", "Carla"), format=PROMPTS.format("open"), language=ENGLISH)
    discussion = Discussion(setup)
    discussion.receive(Tick(at_ms=0))
    shown = discussion.snapshot()
    people = tuple(
        dataclasses.replace(view, heard=True, share=share, airtime_ms=round(share * minutes * 60_000))
        for view, share in zip(shown.people, shares, strict=True)
    )
    return dataclasses.replace(shown, people=people, stage_kind="talk", **changes)


AIMS = {"Ana": 1.0, "Ben": 1.0, "Carla": 1.0}


def around(**changes: Any) -> Around:
    return dataclasses.replace(Around(airtime=AirtimeRule(now="shown", aims=AIMS)), **changes)


@pytest.mark.parametrize("path", PROMPTS.format_files(), ids=lambda path: path.stem)
def test_guarded_formats_hide_the_airtime_and_open_talk_hints(path: Any) -> None:
    form = parse_format(PROMPTS.format(path.stem))
    expected = "hints" if path.stem in ("open",) else "hidden"
    assert usual_airtime(form) == expected or path.stem not in ("open", "round-robin", "five-minutes-each")


def test_rings_by_setting() -> None:
    assert rings(snapshot(), "hidden", AIMS) == {}
    shown = rings(snapshot(), "shown", AIMS)
    assert {name: ring.filled for name, ring in shown.items()} == {"Ana": 0.6, "Ben": 0.3, "Carla": 0.1}
    hints = rings(snapshot(), "hints", AIMS)
    assert {name: (ring.filled, ring.words) for name, ring in hints.items()} == {
        "Ana": (1.0, ""),  # nobody is told that they had much
        "Ben": (0.75, ""),
        "Carla": (0.25, "little"),
    }
    assert rings(snapshot(minutes=0.5), "hints", AIMS) == {}
    assert "Ben" not in rings(snapshot(), "hints", {**AIMS, "Ben": 0.0})  # a host
    assert rings(dataclasses.replace(snapshot(), stage_kind="rate"), "shown", AIMS) == {}


def test_ones_own_telephone_tells_ones_share_once_it_is_over_whatever_was_hidden() -> None:
    hidden = around(airtime=AirtimeRule(now="hidden", aims=AIMS))
    before = mine(snapshot(), hidden, {})
    assert {one["ring"] for one in before.values()} == {None}
    after = mine(snapshot(ended=True), hidden, {"Ben": Measured(share=0.31, low=0.27, high=0.36)})
    assert (after["Ben"]["ring"], after["Ben"]["likely"]) == ({"filled": 0.31, "words": "share"}, (0.27, 0.36))
    assert after["Ana"]["ring"] is None, "of whom nothing was measured nothing is told"


def test_what_is_hidden_does_not_leave_the_program() -> None:
    hidden = moment(snapshot(), around(airtime=AirtimeRule(now="hidden", aims=AIMS)))
    assert all(person["ring"] is None for person in hidden["people"])
    assert not {"share", "airtime_ms", "cut_ins_made"} & hidden["people"][0].keys()


def test_a_state_changes_only_when_there_is_something_to_see() -> None:
    one = snapshot(floor="Ana", floor_left_ms=59_900, floor_used_ms=100, at_ms=1_100)
    same = dataclasses.replace(one, floor_left_ms=59_100, floor_used_ms=300, at_ms=1_900)
    later = dataclasses.replace(one, floor_left_ms=58_990)
    assert moment(one, around()) == moment(same, around())
    assert moment(later, around())["left_s"] == 59
    assert moment(dataclasses.replace(one, floor_left_ms=-3_200), around())["left_s"] == -3


def test_consent_and_decline() -> None:
    asked = snapshot(floor="Ben", someone_speaking=True, speaking=("Ana",), guest_speaking=True)
    people = tuple(dataclasses.replace(person, heard=person.name == "Ana") for person in asked.people)
    asked = dataclasses.replace(asked, people=people, stage_kind="opening")
    told = moment(asked, around())
    assert [person["state"] for person in told["people"]] == ["known", "asked", "waiting"]
    assert (told["speaking"], told["guest"]) == (["Ben"], False)  # whose voice it is is being learned
    people = tuple(dataclasses.replace(person, declined=person.name == "Ben") for person in people)
    told = moment(dataclasses.replace(asked, floor="Carla", people=people), around())
    assert [person["state"] for person in told["people"]] == ["known", "declined", "asked"]


def test_many_numbers_are_a_slider() -> None:
    language = parse_language(ENGLISH)
    assert slider(percents(language)) == {"least": 0, "most": 100, "step": 5}
    assert slider(scale(language, 1, 5)) is None
    assert slider(tuple(Choice(value=n, key="", label="some day") for n in range(20))) is None


def test_keys_are_those_of_the_terminal() -> None:
    terminal = {key.command: key.cap for key in (*KEYS, GO_ON)}
    assert {button.command: button.key for button in BUTTONS}.items() <= terminal.items()
    assert len({button.key for button in BUTTONS}) == len(BUTTONS) - 1  # pause and go on share one
    assert buttons_for(["quiet", "next"]) == [{"command": "next", "key": "space"}, {"command": "quiet", "key": "m"}]


def test_orders_become_commands() -> None:
    def command(**order: Any) -> list[Command]:
        return as_commands([order], AIMS, 7)

    assert command(do="next") == [Command(at_ms=7, name="next", source="page")]
    assert command(do="answer", value=40) == [Command(at_ms=7, name="answer", source="page", value=40)]
    assert command(do="hand", person="Ben") == [Command(at_ms=7, name="hand", source="page", person="Ben")]
    assert command(do="note", text="  we\ncook ")[0].text == "we cook"
    assert len(command(do="note", text="x" * 9000)[0].text) == 500
    for nonsense in (
        {"do": "answer", "value": "40"},
        {"do": "answer", "value": True},
        {"do": "answer", "value": 10**9},
        {"do": "hand", "person": "Eve"},
        {"do": "hand", "person": ["Ben"]},
        {"do": "note", "text": " "},
        {"do": "yes-please"},
        {"do": "__class__"},
    ):
        assert command(**nonsense) == []


# -- the level of a microphone ----------------------------------------------------------------------


def room(db: float, seconds: float) -> Any:
    noise = np.random.default_rng(2).standard_normal((int(RATE * seconds), 1))
    return (noise * 10 ** (db / 20)).astype(np.float32)


def words(db: float) -> Any:
    return np.concatenate([part for _ in range(6) for part in (room(db, 0.5), room(-66, 0.5))])


@pytest.mark.parametrize(
    ("sound", "verdict"),
    [
        (room(-60, 0.5), "listening"),
        (np.zeros((RATE * 3, 1), np.float32), "silent"),
        (room(-62, 6), "speak"),
        (words(-30), "ok"),
        (words(-52), "quiet"),
        (room(-24, 6), "noisy"),
        (words(3).clip(-1, 1), "clipping"),
    ],
)
def test_a_plain_verdict_on_the_microphone(sound: Any, verdict: str) -> None:
    meter = LevelMeter()
    for first in range(0, len(sound), 1600):
        meter.feed(Block(first_sample=first, samples=sound[first : first + 1600]))
    assert meter.reading().verdict == verdict


def test_a_microphone_that_gives_nothing() -> None:
    meter = LevelMeter()
    assert meter.reading().verdict == "listening"
    meter.feed(Block(first_sample=0, samples=np.zeros((RATE * 2, 1), np.float32), lost=True))
    assert meter.reading().verdict == "nothing"
    meter.feed(Block(first_sample=RATE * 2, samples=words(-30)))
    assert meter.reading().verdict == "ok"
