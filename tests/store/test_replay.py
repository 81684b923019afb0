"""A stored session and today's rules are compared, and every kind of difference is found."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, Heard, Outcome, Say, Spoke, from_row
from facilitator.core.setup import Setup
from facilitator.store.replay_diff import describe, replay, replay_session
from facilitator.store.session_log import Reader, Store
from tests.support.simulation import Played, play


@pytest.fixture(scope="module")
def played() -> Played:
    return play(3, "round-robin", minutes=0.5, rounds=1, until_ms=300_000)


def test_the_same_rules_come_to_the_same(played: Played, tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        session = store.begin(played.discussion.setup, "2026-01-02T03:04:05+00:00")
        store.write(played.log)
    with Reader.open(path) as reader:
        found = replay_session(reader, session, Discussion)
    assert found.same
    assert found.facts + found.outcomes == len(played.log)
    assert found.to_json()["first"] is None
    assert describe(found).endswith("exactly the same.")


class Quieter(Discussion):
    """Says one thing less."""

    left_out: Say | None = None

    def receive(self, fact: Fact) -> list[Outcome]:
        outcomes = super().receive(fact)
        for outcome in outcomes:
            if self.left_out is None and isinstance(outcome, Say):
                self.left_out = outcome
        return [outcome for outcome in outcomes if outcome is not self.left_out]


def test_an_outcome_less_is_found(played: Played) -> None:
    found = replay(played.discussion.setup, played.log, Quieter)
    assert not found.same
    assert found.first is not None
    assert found.first.stored == next(record for record in played.log if isinstance(record, Say))
    assert ("say", len(played.of(Say)), len(played.of(Say)) - 1) in [
        (kind.what, kind.stored, kind.today) for kind in found.kinds
    ]
    assert found.numbers == ()
    told = json.loads(json.dumps(found.to_json()))
    assert from_row(told["first"]["stored"]) == found.first.stored
    text = describe(found)
    assert "stored: say" in text and f"fact {found.first.fact_number}" in text


class Deafer(Discussion):
    """Counts half of what Ana says."""

    def receive(self, fact: Fact) -> list[Outcome]:
        return [
            dataclasses.replace(outcome, end_ms=(outcome.start_ms + outcome.end_ms) // 2)
            if isinstance(outcome, Spoke) and outcome.people == ("Ana",)
            else outcome
            for outcome in super().receive(fact)
        ]


def test_other_numbers_are_found(played: Played) -> None:
    found = replay(played.discussion.setup, played.log, Deafer)
    changed = {number.what: number for number in found.numbers}
    airtime = changed["people.Ana.airtime_ms"]
    assert airtime.stored == played.discussion.summary().person("Ana").airtime_ms
    assert airtime.today < airtime.stored
    assert "people.Ben.airtime_ms" not in changed
    assert "people.Ana.airtime_ms" in describe(found)


def test_rules_that_fail_are_found(played: Played) -> None:
    class Broken(Discussion):
        def receive(self, fact: Fact) -> list[Outcome]:
            if isinstance(fact, Heard):
                raise ZeroDivisionError("nobody is there")
            return super().receive(fact)

    found = replay(played.discussion.setup, played.log, Broken)
    assert found.broke == "ZeroDivisionError: nobody is there"
    assert found.first is not None and isinstance(found.first.fact, Heard)
    assert "nobody is there" in describe(found)


def test_outcomes_before_any_fact_and_nothing_at_all(played: Played) -> None:
    class Silent:
        def __init__(self, setup: Setup) -> None: ...

        def receive(self, fact: Fact) -> Sequence[Outcome]:
            return ()

    assert replay(played.discussion.setup, [], Silent).same
    found = replay(played.discussion.setup, [Say(at_ms=0, prompt=1, prompt_kind="hello", text="Hello")], Silent)
    assert found.first is not None and found.first.fact_number == 0
    assert "before anything happened" in describe(found)
