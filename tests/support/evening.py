"""An evening of four people as it could have been: for what is told afterwards, and for pictures of it.

They talk freely about whether to move house. Dušan says little at first and more later on; Ana tells much; people nod,
cut in, laugh at once, and fall silent. Chance is seeded, so it is always the same evening.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Literal

from facilitator.core import events as e
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk

PEOPLE = ("Ana", "Ben", "Carla", "Dušan")
STARTED = "2026-03-06T18:30:00+00:00"
FIRST, SECOND = (4.2, 4.2, 3.4, 0.5), (3.2, 3.2, 3.0, 3.6)
"""How likely everyone is to speak next, in the two halves."""
LENGTHS = {"Ana": 12.0, "Ben": 9.0, "Carla": 10.0, "Dušan": 8.0}
"""Seconds of a turn, about."""
NUMBERS = (("Ana", 2, 4, 35), ("Ben", 3, 4, 25), ("Carla", 3, 4, 25), ("Dušan", 2, 3, 15))
RATED: tuple[Literal["arriving", "leaving", "share"], ...] = ("arriving", "leaving", "share")
"""How they came and left, and what they thought their own share was, in percent."""


AGREED = ("look at the flat by the river together", "nobody signs anything before Easter")

Said = tuple[str, int, int]


def spoken(minutes: float = 26.0, seed: int = 7) -> list[Said]:
    """Who speaks from when to when, in ms from the beginning of the talk."""
    chance = random.Random(seed)
    until_ms, at_ms, last = round(minutes * 60_000), 1_500, ""
    found: list[Said] = []
    while at_ms < until_ms:
        weights = [
            0.0 if person == last else weight
            for person, weight in zip(PEOPLE, FIRST if at_ms < until_ms / 2 else SECOND, strict=True)
        ]
        person = chance.choices(PEOPLE, weights)[0] if found else "Ben"
        length_ms = max(900, round(1_000 * LENGTHS[person] * chance.lognormvariate(-0.25, 0.75)))
        end_ms = at_ms + length_ms
        found.append((person, at_ms, end_ms))
        if length_ms > 6_000 and chance.random() < 0.4:  # a small sign of listening
            other = chance.choice([p for p in PEOPLE if p != person])
            sign_ms = at_ms + chance.randrange(2_000, length_ms - 2_000)
            found.append((other, sign_ms, sign_ms + chance.randrange(300, 800)))
        kind = chance.random()
        if kind < 0.09 and length_ms > 4_000:  # the next one cuts in
            gap_ms = -chance.randrange(500, 1_400)
        elif kind < 0.24:
            gap_ms = -chance.randrange(50, 250)
        elif kind < 0.94:
            gap_ms = round(400 * chance.lognormvariate(0.0, 0.7))
        else:
            gap_ms = chance.randrange(2_500, 7_000)
        if len(found) == 130:
            gap_ms = 14_000
        last, at_ms = person, end_ms + gap_ms
    return found


def evening(store: Store, language: str = "en") -> int:
    """The number of the session."""
    talk = TableTalk(store, open_talk(*PEOPLE, utc_offset_minutes=60, language=language), STARTED)
    talk.wait(3_000)
    zero_ms, chance = talk.now_ms, random.Random(3)
    said = spoken()
    pause_ms = said[len(said) // 3][2]
    marks = sorted({ms for _, *ends in said for ms in ends} | {pause_ms})
    for start_ms, end_ms in pairwise(marks):
        people = tuple(sorted({who for who, a, b in said if a <= start_ms and end_ms <= b}))
        unsure = bool(people) and end_ms - start_ms > 400 and chance.random() < 0.02
        talk.now_ms = max(talk.now_ms, zero_ms + end_ms)
        talk.tell(
            e.Heard(
                at_ms=talk.now_ms,
                start_ms=zero_ms + start_ms,
                end_ms=zero_ms + end_ms,
                people=() if unsure else people,
                unknown=unsure,
                confidence=round(chance.uniform(0.78, 0.98), 2),
            )
        )
        if end_ms == pause_ms:
            talk.press("pause")
            talk.wait(95_000)
            talk.press("go-on")
            talk.wait(2_000)
            talk.tell(e.Heard(at_ms=talk.now_ms, start_ms=zero_ms + end_ms, end_ms=talk.now_ms))
            zero_ms = talk.now_ms - end_ms
    talk.wait(4_000)
    talk.agree(AGREED[0], owner=2, when=2)
    talk.agree(AGREED[1])
    for person, *numbers in NUMBERS:
        store.write(
            [
                e.Rated(at_ms=talk.now_ms, person=person, what=what, value=n)
                for what, n in zip(RATED, numbers, strict=True)
            ]
        )
    return talk.finish()
