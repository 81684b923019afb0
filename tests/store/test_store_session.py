"""Whole simulated discussions: what the database says is what the discussion says."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Command,
    Fact,
    FloorGranted,
    FloorReleased,
    Heard,
    PromptEnded,
    Record,
    Resumed,
    Say,
    Spoke,
    Trouble,
)
from facilitator.core.turntaking.timeline import Timeline
from facilitator.store.replay_diff import replay_session
from facilitator.store.session_log import Reader, Store
from facilitator.store.session_notes import notes_of
from tests.support.simulation import Behaviour, play


@pytest.mark.parametrize("form", ["round-robin", "open"])
@pytest.mark.parametrize("behaviour", ["all", "cut-ins", "one-silent", "nobody"])
def test_database_against_the_events(tmp_path: Path, form: str, behaviour: Behaviour) -> None:
    played = play(
        4, form, behaviour, until_ms=600_000, **({"minutes": 1, "rounds": 1} if form == "round-robin" else {})
    )
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(played.discussion.setup, "2026-01-02T03:04:05+00:00")
        for start in range(0, len(played.log), 7):
            store.write(played.log[start : start + 7])
        store.replace_turns(*played.discussion.settled())
        store.finish(session, played.discussion.end_reason)
    with Reader.open(path) as reader:
        assert list(reader.records(session)) == played.log
        summary = played.discussion.summary()
        airtime = {line["person"]: line for line in reader.airtime(session)}
        for person in summary.people:
            line = airtime[person.name]
            assert line["airtime_s"] == person.airtime_ms / 1000
            assert line["share"] == pytest.approx(person.share, abs=1e-4)
            assert (line["turns"], line["longest_turn_s"]) == (person.turns, person.longest_turn_ms / 1000)
            assert (line["cut_ins_made"], line["cut_ins_received"]) == (person.cut_ins_made, person.cut_ins_received)
        (whole,) = reader.query("SELECT * FROM v_sessions")
        assert whole["airtime_s"] == pytest.approx(summary.airtime_ms / 1000)
        assert whole["unattributed_s"] == summary.unattributed_ms / 1000
        assert whole["guest_s"] == summary.guest_ms / 1000
        assert whole["cut_ins"] == sum(person.cut_ins_made for person in summary.people)
        pairs = reader.query("SELECT * FROM v_cut_ins WHERE cut_ins + attempts + back_channels > 0")
        assert {(pair["by_person"], pair["over_person"], pair["cut_ins"], pair["back_channels"]) for pair in pairs} == {
            (pair.by, pair.over, pair.cut_ins, pair.back_channels)
            for pair in summary.pairs
            if pair.cut_ins + pair.attempts + pair.back_channels  # others only came in
        }
        floor = reader.query(
            "SELECT p.name, start_ms, used_ms FROM floor JOIN people p ON p.id = person ORDER BY start_ms"
        )
        granted, released = played.of(FloorGranted), played.of(FloorReleased)
        assert [(row["name"], row["start_ms"]) for row in floor] == [(event.person, event.at_ms) for event in granted]
        assert [row["used_ms"] for row in floor] == [event.used_ms for event in released]
        spoken = reader.query("SELECT text, end_ms FROM prompts WHERE how = 'spoken' ORDER BY prompt")
        ended = {event.prompt: event for event in played.of(PromptEnded) if event.how == "spoken"}
        said = [say for say in played.of(Say) if say.prompt in ended]
        assert [(row["text"], row["end_ms"]) for row in spoken] == [
            (say.text, ended[say.prompt].end_ms) for say in said
        ]
        tiles = Timeline(played.of(Spoke))
        assert {
            (row["name"], row["start_ms"], row["end_ms"])
            for row in reader.query("SELECT name, start_ms, end_ms FROM v_speech WHERE counted AND voice = 'person'")
        } == {(person, *span) for person, spans in tiles.spans().items() for span in spans}


def test_a_session_that_broke_off_goes_on_and_can_be_replayed(tmp_path: Path) -> None:
    played = play(3, "round-robin", minutes=0.5, rounds=1, until_ms=300_000)
    path = tmp_path / "sessions.db"
    facts = [number for number, record in enumerate(played.log) if isinstance(record, Fact)]
    cut = facts[len(facts) // 2]
    with Store.open(path) as store:
        session = store.begin(played.discussion.setup, "2026-01-02T03:04:05+00:00")
        store.write(played.log[:cut])
    with Store.open(path) as store:
        (found,) = store.unfinished()
        discussion = Discussion(store.setup(found.session))
        for fact in store.records(found.session, ["fact"]):
            assert isinstance(fact, Fact)
            discussion.receive(fact)
        before = discussion.snapshot()
        assert (before.at_ms, before.floor) == (found.last_ms, _floor(played.log[:cut]))
        store.resume(found.session)
        for fact in (
            Resumed(at_ms=found.last_ms, enrolled=("Ana",)),
            Heard(at_ms=found.last_ms + 900, start_ms=found.last_ms, end_ms=found.last_ms + 900, people=("Ana",)),
            Command(at_ms=found.last_ms + 1_000, name="finish"),
        ):
            store.write([fact, *discussion.receive(fact)])
        store.replace_turns(*discussion.settled())
        store.finish(found.session, discussion.end_reason)
    with Reader.open(path) as reader:
        assert replay_session(reader, session, Discussion).same
        airtime = {line["person"]: line["airtime_s"] for line in reader.airtime(session)}
    assert airtime == {person.name: person.airtime_ms / 1000 for person in discussion.summary().people}


def _floor(log: list[Record]) -> str | None:
    floor = None
    for record in log:
        if isinstance(record, FloorGranted):
            floor = record.person
        elif isinstance(record, FloorReleased):
            floor = None
    return floor


def test_why_names_were_less_sure_is_kept_with_the_session(tmp_path: Path) -> None:
    played = play(2, "open", "all", until_ms=60_000)
    why = "The sound is too loud and distorted."
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(played.discussion.setup, "2026-01-02T03:04:05+00:00")
        store.write([*played.log, *(Trouble(at_ms=60_000, kind=kind, message=why) for kind in ("voice", "hearing"))])
        store.finish(session, played.discussion.end_reason)
    with Reader.open(path) as reader:
        assert notes_of(reader, session).doubts == (why,)
