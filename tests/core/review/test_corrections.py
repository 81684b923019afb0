"""Corrections of an account: what each does, whether it fits, and that it comes back from JSON."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.core.review.account import Account
from facilitator.core.review.apply_corrections import check, corrected, corrected_setup, from_json, to_json
from facilitator.core.review.correction import Correction, LeftOut, MadeGuest, Merged, Reassigned, Renamed, Seated
from facilitator.core.setup import Setup
from facilitator.core.turntaking.timeline import Tile, Timeline
from facilitator.errors import CorrectionError
from facilitator.report.corrections import in_words
from tests.support.corrected import PEOPLE, discussion
from tests.support.texts import ENGLISH

NAMES = st.sampled_from([*PEOPLE, "Emma", "ana"])
TIMES = st.integers(0, 330_000)
CORRECTIONS: st.SearchStrategy[Correction] = st.one_of(
    st.builds(Renamed, NAMES, NAMES),
    st.builds(Merged, NAMES, NAMES),
    st.builds(Reassigned, TIMES, TIMES, st.none() | NAMES, NAMES),
    st.builds(Seated, TIMES, TIMES, st.none() | NAMES, NAMES),
    st.builds(MadeGuest, TIMES, TIMES, st.none() | NAMES),
    st.builds(LeftOut, TIMES, TIMES),
)
ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2))


def account(*tiles: Tile, declined: tuple[str, ...] = (), events: tuple[e.Event, ...] = ()) -> Account:
    return Account(
        people=("Ana", "Ben", "Carla"),
        declined=declined,
        timeline=Timeline.of(tiles),
        events=events,
        targets={"Ana": 2.0, "Ben": 1.0, "Carla": 1.0},
    )


TALK = account(
    Tile(0, 10_000, ("Ana",), counted=False),
    Tile(10_000, 20_000, ("Ana",), confidence=0.9),
    Tile(20_000, 22_000, ("Ana", "Ben"), confidence=0.5),
    Tile(22_000, 30_000, ("Ben",), confidence=0.9),
    Tile(30_000, 31_000, guest=True),
    Tile(31_000, 32_000, unknown=True),
    Tile(32_000, 33_000),
    Tile(40_000, 50_000, ("Carla",)),
)


def tiles(correction: Correction, start_ms: int, end_ms: int) -> list[Tile]:
    return corrected(TALK, [correction]).timeline.tiles(start_ms, end_ms)


def test_a_stretch_goes_to_another_and_is_sure_then() -> None:
    assert tiles(Reassigned(12_000, 15_000, "Ana", "Carla"), 10_000, 20_000) == [
        Tile(10_000, 12_000, ("Ana",), confidence=0.9),
        Tile(12_000, 15_000, ("Carla",), confidence=1.0),
        Tile(15_000, 20_000, ("Ana",), confidence=0.9),
    ]


def test_of_two_at_once_the_other_one_keeps_theirs() -> None:
    assert tiles(Reassigned(19_000, 24_000, "Ana", "Carla"), 19_000, 24_000) == [
        Tile(19_000, 20_000, ("Carla",), confidence=1.0),
        Tile(20_000, 22_000, ("Carla", "Ben"), confidence=1.0),
        Tile(22_000, 24_000, ("Ben",), confidence=0.9),
    ]
    assert tiles(Reassigned(20_000, 22_000, "Ana", "Ben"), 20_000, 22_000) == [Tile(20_000, 22_000, ("Ben",))]
    assert tiles(MadeGuest(20_000, 22_000, "Ana"), 20_000, 22_000) == [Tile(20_000, 22_000, ("Ben",), guest=True)]


def test_whoever_was_heard_guests_and_unknown_people_too_but_no_silence() -> None:
    assert tiles(Reassigned(20_000, 34_000, None, "Carla"), 20_000, 34_000) == [
        Tile(20_000, 32_000, ("Carla",)),
        Tile(32_000, 33_000),
    ]
    assert tiles(MadeGuest(20_000, 34_000), 20_000, 34_000) == [
        Tile(20_000, 32_000, guest=True),
        Tile(32_000, 33_000),
    ]


def test_what_is_left_out_is_no_silence_either_and_ends_turns() -> None:
    talk = account(Tile(0, 10_000, ("Ana",)), Tile(20_000, 30_000, ("Ana",)), Tile(30_000, 40_000, ("Ana", "Ben")))
    assert (talk.summary().silence_ms, talk.summary().people[0].turns) == (10_000, 1)
    found = corrected(talk, [LeftOut(5_000, 25_000)])
    assert found.summary().silence_ms == 0
    assert found.timeline.tiles(9_000, 21_000) == [
        Tile(9_000, 10_000, ("Ana",), counted=False),
        Tile(10_000, 20_000, counted=False),
        Tile(20_000, 21_000, ("Ana",), counted=False),
    ]
    (ana, *_) = found.summary().people
    assert (ana.airtime_ms, ana.turns, ana.longest_turn_ms) == (20_000, 2, 15_000)


def test_a_seat_is_renamed_wherever_it_is_named() -> None:
    told = (
        e.FloorGranted(at_ms=1, person="Ana", round=1, limit_ms=None, protected=True),
        e.Spoke(at_ms=2, start_ms=1, end_ms=2, people=("Ana", "Ben")),
        e.Intrusion(at_ms=3, by="Ben", over="Ana", start_ms=2, lost_ms=5),
        e.Agreed(at_ms=4, number=1, kind="agreement", text="Ana cooks", owner="Ana"),
        e.StageStarted(at_ms=5, stage="Ana", kind="talk"),
    )
    found = corrected(account(*TALK.timeline, events=told, declined=("Ana",)), [Renamed("Ana", "Ina")])
    assert found.people == ("Ina", "Ben", "Carla")
    assert found.declined == ("Ina",)
    assert found.targets == {"Ina": 2.0, "Ben": 1.0, "Carla": 1.0}
    assert found.events == (
        dataclasses.replace(told[0], person="Ina"),
        dataclasses.replace(told[1], people=("Ina", "Ben")),
        dataclasses.replace(told[2], over="Ina"),
        dataclasses.replace(told[3], owner="Ina"),  # what was agreed keeps its words
        told[4],
    )


def test_two_who_were_one() -> None:
    told = (
        e.CutIn(at_ms=1, kind="cut-in", by="Ana", over="Ben", start_ms=0, end_ms=1),
        e.CutIn(at_ms=2, kind="cut-in", by="Ana", over="Carla", start_ms=0, end_ms=1),
    )
    found = corrected(account(*TALK.timeline, events=told), [Merged("Ana", "Ben")])
    assert found.people == ("Ben", "Carla")
    assert found.targets is None  # Ben's own aim stays, and so they are even
    assert found.events == (dataclasses.replace(told[1], by="Ben"),)  # nobody cuts in on themselves
    assert found.timeline.spans()["Ben"] == [(10_000, 30_000)]
    assert [person.name for person in found.summary().people] == ["Ben", "Carla"]


def test_two_whose_names_were_swapped() -> None:
    found = corrected(TALK, [Renamed("Ana", "x"), Renamed("Ben", "Ana"), Renamed("x", "Ben")])
    assert found.people == ("Ben", "Ana", "Carla")
    assert found.timeline.tiles(20_000, 30_000)[0].people == ("Ben", "Ana")
    assert found.targets == {"Ben": 2.0, "Ana": 1.0, "Carla": 1.0}


def test_the_setup_follows() -> None:
    began = Setup(
        people=("Ana", "Ben", "Carla"),
        format={},
        language={},
        enrolled=("Ana", "Ben"),
        host="Ana",
        first="Ben",
        targets={"Ben": 2.0},
        extra_time={"Ana": 1.5},
        pronounced={"Ana": "Ah-na", "Ben": "Benn"},
    )
    found = corrected_setup(began, [Renamed("Ana", "Ina"), Merged("Ben", "Carla")])
    assert found.people == ("Ina", "Carla")
    assert found.enrolled == ("Ina", "Carla")
    assert (found.host, found.first) == ("Ina", "Carla")
    assert (found.targets, found.extra_time, found.pronounced) == ({}, {"Ina": 1.5}, {"Ina": "Ah-na"})
    assert corrected_setup(began, [Merged("Ana", "Ben")]).host == ""
    assert corrected_setup(began, [Renamed("Ana", "Ina"), Merged("Ina", "Ben")]).host == ""
    assert corrected_setup(began, [Renamed("Ana", "x"), Renamed("Ben", "Ana"), Merged("Ana", "Carla")]).host == "x"


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        (Renamed("Emma", "Ina"), "Nobody called Emma has a seat in this session; name Ana, Ben or Carla."),
        (Renamed("Ana", "ben"), "There is a Ben in this session already; if they are the same person, merge them."),
        (Renamed("ana", "Ana"), "Ana is called that already."),
        (Renamed("Ana", " "), "Say what Ana is called."),
        (Merged("Ana", "ana"), "Ana is one person already; name two."),
        (Merged("Ana", "Carla"), "Carla was not listened to, so their seat stays apart."),
        (Merged("Carla", "Ana"), "Carla was not listened to, so their seat stays apart."),
        (Reassigned(10_000, 12_000, None, "Carla"), "Carla was not listened to, so nothing can be given to them."),
        (Reassigned(22_000, 24_000, "Ana", "Ben"), "Ana was not heard between 0:22 and 0:24; Ben was."),
        (Reassigned(22_000, 24_000, "Ben", "Ben"), "It is like that already between 0:22 and 0:24."),
        (Reassigned(32_000, 33_500, None, "Ben"), "Nobody was heard between 0:32 and 0:33.5."),
        (Reassigned(12_000, 12_000, None, "Ben"), "A stretch ends after it begins; 0:12 to 0:12 is none."),
        (Seated(10_000, 12_000, None, "ben"), "Ben has a seat in this session already; leave out --new."),
        (Seated(10_000, 12_000, None, " "), "Say what they are called who get a seat."),
        (
            Reassigned(10_000, 12_000, None, "Dora"),
            "Nobody called Dora has a seat in this session; name Ana, Ben or Carla, or add --new to give Dora one.",
        ),
        (MadeGuest(3_600_000, 3_723_000), "The session was heard from 0:00 to 0:50; name a stretch of that."),
        (MadeGuest(-1, 5_000), "The session was heard from 0:00 to 0:50; name a stretch of that."),
        (MadeGuest(10_000, 51_000), "The session was heard from 0:00 to 0:50; name a stretch of that."),
        (MadeGuest(30_000, 31_000), "It is like that already between 0:30 and 0:31."),
        (MadeGuest(30_000, 31_000, "Ana"), "Ana was not heard between 0:30 and 0:31."),
        (LeftOut(1_000, 2_000), "Nothing between 0:01 and 0:02 counts, as it is."),
        (LeftOut(2_000, 1_000), "A stretch ends after it begins; 0:02 to 0:01 is none."),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(correction: Correction, why: str) -> None:
    with pytest.raises(CorrectionError) as error:
        check(account(*TALK.timeline, declined=("Carla",)), correction)
    assert error.value.message == why


def test_names_are_found_however_they_are_written() -> None:
    assert check(TALK, Reassigned(20_000, 22_000, "ANA", "carla")) == Reassigned(20_000, 22_000, "Ana", "Carla")
    assert check(TALK, Renamed("ana", "ANA")) == Renamed("Ana", "ANA")
    assert check(TALK, LeftOut(49_000, 50_900)) == LeftOut(49_000, 50_900)  # the end, as it is rounded


@given(CORRECTIONS)
def test_json_comes_back(correction: Correction) -> None:
    assert from_json(to_json(correction)) == correction


@given(st.dictionaries(st.sampled_from(["kind", "person", "to", "into", "start_ms", "end_ms"]), ANY) | ANY)
def test_what_is_no_correction_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="correction"):
        from_json(value)
    with pytest.raises(ValueError, match="correction"):
        from_json({"kind": "renamed", "person": "Ana", "to": "Ben", "into": "x"})


@given(CORRECTIONS)
def test_words_name_everyone(correction: Correction) -> None:
    words = in_words(correction, ENGLISH)
    assert words.endswith(".")
    assert all(name in words for name in to_json(correction).values() if isinstance(name, str) and name in PEOPLE)


@given(st.lists(CORRECTIONS, max_size=6))
@settings(deadline=None)
def test_whatever_fits_keeps_the_account_sound(corrections: list[Correction]) -> None:
    began, now = discussion()[0].account(), discussion()[0].account()
    setup, made = discussion()[0].setup, list[Correction]()
    for correction in corrections:
        try:
            made.append(check(now, correction))
        except CorrectionError:
            continue
        now = corrected(now, made[-1:])
    whole = corrected(began, made)
    assert list(whole.timeline) == list(now.timeline)
    assert (whole.people, whole.declined, whole.targets) == (now.people, now.declined, now.targets)
    assert corrected_setup(setup, made).people == now.people
    assert corrected_setup(setup, made).uneven_aims() == now.targets
    ends = [0]
    for tile in now.timeline:
        assert ends[-1] <= tile.start_ms < tile.end_ms
        assert set(tile.people) <= set(now.people) - set(now.declined)
        assert len(set(tile.people)) == len(tile.people)
        ends.append(tile.end_ms)
    times = [event.at_ms for event in now.events]
    assert times == sorted(times)
    summary = now.summary()
    assert [person.name for person in summary.people] == [p for p in now.people if p not in now.declined]
