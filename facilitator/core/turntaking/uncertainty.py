"""How sure the shares are.

Three things can be wrong with a measured share, and each has one parameter:

1. A stretch was heard as the wrong person. A stretch of confidence c and length d holds `(1 - c + base) d` of doubt
   (never more than d); `base` would make up for a listener that is too sure of itself. Person p can lose the doubt
   in p's own stretches, and gain from the stretches without p; were errors spread evenly, p's part of what those
   hold would be one in n-1. Errors are not spread evenly (two voices are alike, or one sits far away), so both
   count `reach` times, but never for more than the stretches themselves.
2. Speech that could be anyone's, `U`. Were all of it p's, or none, p's share would be `(a+U)/(T+U)` or
   `a/(T+U)`. It may well be all one person's: a voice that is like no sample is.
3. Everything else (borders, missed words): no interval reaches less than `least` to either side.

With a = airtime of p, T = the sum of all airtimes, L and G = what p may lose and gain:

    low  = (a - L) / (T + U) - least,  high = (a + G + U) / (T + U) + least,  both kept within 0..1

So low <= share <= high, the lows sum to at most 1 and the highs to at least 1. Assumed: missed speech is nobody's
in particular, and guests are heard as guests; where a guest is taken for somebody, no interval here knows it.

The parameters are set for about 90 % of the true shares to lie in their intervals (92.5 % of 80, in 16 generated
recordings of 2 to 8 people). `base` is 0 since the listener's confidence is calibrated (`honest` in
`diarization/hmm.py`).
`benchmarks/accuracy/intervals.py` measures how often the intervals hold, and has to be run again whenever the
listener changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from facilitator.core.turntaking.timeline import Tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    reach: float = 0.75
    base: float = 0.0
    least: float = 0.02


UNCERTAINTY = Uncertainty()


class Interval(NamedTuple):
    low: float
    high: float


def intervals(
    airtime_ms: Mapping[str, int], tiles: Iterable[Tile], rule: Uncertainty = UNCERTAINTY
) -> dict[str, Interval]:
    """The interval around everyone's share; (0, 1) for all if nobody spoke."""
    total = sum(airtime_ms.values())
    if total <= 0:
        return dict.fromkeys(airtime_ms, Interval(0.0, 1.0))
    own, within = dict.fromkeys(airtime_ms, 0.0), dict.fromkeys(airtime_ms, 0)
    doubted = 0.0
    attributed = unknown = 0
    for tile in tiles:
        if not tile.counted:
            continue
        length = tile.end_ms - tile.start_ms
        if tile.unknown:
            unknown += length
        if tile.people or tile.guest:
            unsure = min(1.0, rule.base + 1 - tile.confidence) * length
            doubted += unsure
            attributed += length
            for person in tile.people:
                if person in own:
                    own[person] += unsure
                    within[person] += length
    whole = total + unknown
    found = {}
    for person, ms in airtime_ms.items():
        others = (doubted - own[person]) / max(1, len(airtime_ms) - 1)
        lost = min(ms, rule.reach * own[person])
        gained = min(attributed - within[person], rule.reach * others)
        low = (ms - lost) / whole - rule.least
        high = (ms + gained + unknown) / whole + rule.least
        found[person] = Interval(max(0.0, low), min(1.0, high))
    return found
