"""A discussion that gives something to correct, for tests: guests, overlaps, unknown people, one who declined."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.simulation.table import SimulatedTable
from facilitator.store.session_log import Store
from tests.support.simulation import setup

PEOPLE = ("Ana", "Ben", "Carla", "David")
"""David was not listened to."""


class Muddled(SimulatedTable):
    """People who are hard to tell apart: guests, two at once, speech that could be anyone's. The last one declines."""

    heard = 0

    def tell(self, fact: e.Fact) -> None:
        if isinstance(fact, e.Heard) and fact.people:
            self.heard += 1
            others: dict[int, dict[str, Any]] = {
                3: {"guest": True},
                5: {"people": (), "unknown": True, "confidence": 0.4},
                6: {"people": self.people[:2], "confidence": 0.6},
                8: {"people": self.people[-2:-1]},
            }
            fact = dataclasses.replace(fact, **{"confidence": 0.9} | others.get(self.heard // 3 % 10, {}))
        super().tell(fact)

    def _act(self, action: e.Action) -> None:
        super()._act(action)
        if isinstance(action, e.Listen) and action.person == self.people[-1]:
            self.at(self.now_ms + 1_000, lambda: self.press("decline"))


@cache
def discussion(people: tuple[str, ...] = PEOPLE) -> tuple[Discussion, tuple[e.Record, ...]]:
    told = setup(people, targets={people[0]: 2.0}, pronounced={people[0]: "Ah-na"}, first=people[1], minutes=1)
    table = Muddled(Discussion(told), "cut-ins", until_ms=300_000)
    table.run()
    return table.discussion, tuple(table.log)


def keep(path: Path, people: tuple[str, ...] = PEOPLE, when: str = "2026-01-02T03:04:05+00:00") -> int:
    """The same in the database, with an agreement and two numbers that people gave."""
    found, log = discussion(people)
    last_ms = log[-1].at_ms
    with Store.open(path) as store:
        number = store.begin(found.setup, when)
        store.write(log)
        store.write([e.Agreed(at_ms=last_ms, number=1, kind="agreement", text="Ana cooks", owner=people[0])])
        store.write([e.Rated(at_ms=last_ms, person=name, what="leaving", value=4) for name in people[:2]])
        store.replace_turns(*found.settled())
        store.finish(number, "done", when)
    return number
