"""Generated histories of a group, with and without a change, for tests and `benchmarks/accuracy/trends_verdicts.py`."""

from __future__ import annotations

import math
import random
from itertools import permutations

from facilitator.core.formats.stages import INDICATORS
from facilitator.core.trends.history import Held, History, Participation, history
from facilitator.core.turntaking.uncertainty import Interval

NAMES = ("Ana", "Ben", "Carla", "David")
HOUR_MS = 3_600_000


class Group:
    """People whose sessions differ as sessions do, without or with a change that is wanted: shares that wander by
    some points, cut-ins by the rules of counting and by mood, whole-number ratings, agreements kept or not.
    `alike`: how much a session resembles the one before it. `grows`: by so much Ana's share, from first to last."""

    def __init__(
        self,
        seed: int,
        *,
        people: int = 2,
        sessions: int = 30,
        alike: float = 0.0,
        formats: int = 1,
        grows: float = 0.0,
        calmer: float = 1.0,
        better: float = 0.0,
    ) -> None:
        self.chance = random.Random(seed)
        self.names, self.sessions, self.formats = NAMES[:people], sessions, formats
        self.alike, self.grows, self.calmer, self.better = alike, grows, calmer, better
        self.state: dict[str, float] = {}

    def wander(self, what: str) -> float:
        """A standard normal number that resembles the last one of its kind."""
        new = self.chance.gauss(0, 1)
        self.state[what] = self.alike * self.state.get(what, new) + math.sqrt(1 - self.alike**2) * new
        return self.state[what]

    def poisson(self, mean: float) -> int:
        count, left = 0, math.exp(-mean)
        product = self.chance.random()
        while product > left:
            count += 1
            product *= self.chance.random()
        return count

    def session(self, number: int) -> Held:
        at = number / (self.sessions - 1) - 0.5
        form = self.chance.randrange(self.formats)
        weights = {n: math.exp(0.25 * self.wander(n)) * (1.0 + 0.5 * form * (n == "Ana")) for n in self.names}
        if self.grows:
            share = 1 / len(self.names) + self.grows * at
            rest = sum(weights[n] for n in self.names[1:])
            weights["Ana"] = share / (1 - share) * rest * math.exp(0.15 * self.wander("Ana"))
        whole = sum(weights.values())
        airtime = {n: round(w / whole * 0.6 * HOUR_MS) for n, w in weights.items()}
        heard = {n: round(ms * self.chance.gauss(1, 0.05)) for n, ms in airtime.items()}  # and never exactly
        total = sum(heard.values())
        ranges = {n: Interval(max(0, ms / total - 0.05), min(1, ms / total + 0.05)) for n, ms in heard.items()}
        calm = self.calmer ** (at + 0.5) * math.exp(0.3 * self.wander("calm"))
        mood = 3.2 + 0.5 * self.wander("mood") + self.better * at
        return Held(
            session=number,
            day=20_000 + 7 * number + self.chance.random(),
            format=("Open talk", "Check-in", "Round-robin")[form],
            parts=tuple(
                Participation(
                    name=n,
                    heard=True,
                    airtime_ms=heard[n],
                    low=ranges[n].low,
                    high=ranges[n].high,
                    arriving=self.step(mood - 0.3),
                    leaving=self.step(mood),
                )
                for n in self.names
            ),
            cut_ins={pair: self.poisson(6 * calm) for pair in permutations(self.names, 2)},
            protected_ms=round(0.4 * HOUR_MS),
            lost_ms=round(abs(self.wander("lost")) * 30_000),
            asked=(asked := self.chance.randrange(3)),
            kept=sum(self.chance.random() < 0.7 for _ in range(asked)),
        )

    def step(self, mood: float) -> int:
        return min(5, max(1, round(mood + self.chance.gauss(0, 0.7))))

    def history(self) -> History:
        return history([self.session(number) for number in range(self.sessions)], 20_000 + 7 * self.sessions)


def reviews(seed: int, many: int, rise: float) -> History:
    """A couple that says once a quarter how fair four things feel, in whole numbers that vary by about a step; the
    first of them comes to feel fairer by `rise`."""
    chance = random.Random(seed)
    usual = {(name, thing): chance.uniform(2.5, 3.5) for name in NAMES[:2] for thing in INDICATORS}

    def said(name: str, thing: str, at: float) -> int:
        middle = usual[name, thing] + (rise * at if thing == INDICATORS[0] else 0.0)
        return min(5, max(1, round(middle + chance.gauss(0, 0.6))))

    sessions = []
    for number in range(many):
        at = number / (many - 1) - 0.5
        parts = tuple(
            Participation(name=name, heard=True, fair={thing: said(name, thing, at) for thing in INDICATORS})
            for name in NAMES[:2]
        )
        sessions.append(Held(session=number, day=91.0 * number, format="Quarterly review", parts=parts))
    return history(sessions, 91.0 * many)


def changed(found: History) -> set[str]:
    return {series.what for series in found.series if series.trend.verdict == "change"}
