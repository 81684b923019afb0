"""How evenly a talk was shared, as one of a few kinds: the one place in which that is decided.

Of two people who aim at equal parts: *balanced* if the larger share is under 55 %, *leaning* up to 65 %, else
*one-sided*. Of more: *even* up to a Gini coefficient of 0.15, *usual* up to 0.38 (most free meetings of four lie below
it), else *uneven*. Where people aim at different parts, the same borders say whether it was *near* what was intended,
*away* from it, or *far*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from facilitator.core.turntaking.airtime import gini
from facilitator.core.turntaking.thresholds import BALANCED, EVEN_GINI, LEANING, USUAL_GINI

Band = Literal["balanced", "leaning", "one-sided"]
EvennessKind = Literal["balanced", "leaning", "one-sided", "even", "usual", "uneven", "near", "away", "far"]


def band_of(larger: float) -> Band:
    """Of two; `larger`: the larger of their shares, 0 to 1."""
    return "balanced" if larger < BALANCED else "leaning" if larger <= LEANING else "one-sided"


def kind_of(parts: Sequence[float], *, equal: bool) -> EvennessKind:
    """Of at least two who spoke; `parts`: everyone's share over what they aim at."""
    if equal and len(parts) == 2:
        return band_of(max(parts) / sum(parts))
    away = gini(parts) or 0.0
    kinds: tuple[EvennessKind, EvennessKind, EvennessKind] = (
        ("even", "usual", "uneven") if equal else ("near", "away", "far")
    )
    return kinds[0] if away <= EVEN_GINI else kinds[1] if away <= USUAL_GINI else kinds[2]


def is_even(parts: Sequence[float], *, led_share: float = 0.0) -> bool:
    """Whether it may be said aloud that the time was shared evenly. Not where a host, who takes no part in the balance,
    had most of it."""
    return len(parts) > 1 and sum(parts) > 0 and led_share <= BALANCED and kind_of(parts, equal=True) in EVEN


EVEN: tuple[EvennessKind, ...] = ("balanced", "even")
