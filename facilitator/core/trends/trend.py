"""Whether something has changed from session to session, or only varies as it always does.

Given is one number a session, each with its own likely range (of a share: `share_low` and `share_high`; see
`uncertainty.py`), the day, and the format of the discussion. The method is `METHOD`, which people can read, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

METHOD = """\
Whether something has changed from session to session, or only varies as it always does.

Given is one number a session, each with its own likely range, the day, and the format of the discussion.

1. *Only like is compared with like.* Two sessions are compared if they were of the same format.
2. *Slope.* For every pair of such sessions, the difference over the days between them; the median of all these
   (Theil and Sen). A single unusual evening does not move it. *Change* = slope times the days from first to last.
3. *Spread between sessions.* What is left when the slope, and the level of each format, are taken away: s = 1.4826
   times the median distance from zero, but at least 0.7 times the root mean square, times sqrt(n / (n - f - 1)) for n
   sessions of f formats. A change that came all at once leaves ramps beside the slope, which are no ups and downs:
   where one step besides the slope leaves less than 0.4 of the squares, what it leaves is taken instead.
4. *Each session's own uncertainty.* m = half its likely range over 1.645 (the range holds nine times out of ten).
5. *Interval.* The variance of a session is s^2 + m^2, so that of the slope is the sum of (t - mean t)^2 (s^2 + m^2)
   over the square of the sum of (t - mean t)^2, times 1.1 for the median in place of the mean, times
   (1 + r) / (1 - r) where neighbouring sessions resemble each other (r: their correlation, corrected for small n, 0 to
   0.8). The interval reaches t standard errors to both sides, t from Student's distribution with n - f - 1 degrees of
   freedom, such that all the questions of one report together are answered wrongly in at most 5 of 100 histories in
   which nothing changes (each with 1 - 0.05 / questions).
6. *Verdict.* A change is called one only if the whole interval is on one side of zero and the change itself is at
   least what matters in daily life. Under eight sessions nothing is said. Everything else is "no clear change yet",
   which does not mean that nothing has changed.

Long histories are taken together in at most sixty groups of neighbouring sessions of one format, each with its median.
What this cannot see: a change and its return, and a change that came with a change of format.
"""
LEAST_SESSIONS = 8
MOST_BLOCKS = 60
ALPHA = 0.05
"""So many of the histories in which nothing changes may be told to have changed."""
OWN_Z = 1.645
"""A likely range is so many standard deviations to both sides."""
EFFICIENCY = 1.1
MOST_ALIKE = 0.8
STEP_LEAVES = 0.4
STEP_FROM = 4
"""So many sessions at least before and after a change that came all at once."""
RECENT = 8
"""The level is the median of so many sessions."""

TrendVerdict = Literal["change", "no-clear-change", "too-few"]
TrendReason = Literal["few", "few-alike", "clear", "small", "may-vary", "within"]
"""`few`: under eight sessions; `few-alike`: of no format there are enough; `clear`: the whole interval is on one side,
and the change matters; `small`: it is surely not nothing, but does not matter; `may-vary`: it would matter, and could
still be ups and downs; `within`: neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One session's value. `low` and `high`: its own likely range; the same as the value where it has none.
    `kind`: what it may be compared within."""

    day: float
    value: float
    low: float
    high: float
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`change` is from the first session to the last, `low` and `high` its interval; None where it cannot be told."""

    sessions: int
    level: float | None
    """The median of the last eight sessions."""
    before: float | None
    """The median of the first eight."""
    change: float | None
    low: float | None
    high: float | None
    verdict: TrendVerdict
    why: TrendReason
    spread: float | None = None
    """Of one session, by which it usually differs from the others."""


def trend(points: Iterable[Point], least: float, questions: int = 1) -> Trend:
    """`least`: the smallest change that matters. `questions`: how many trends are asked for at once."""
    points = sorted(points, key=lambda point: point.day)
    level = median([point.value for point in points[-RECENT:]])
    before = median([point.value for point in points[:RECENT]])
    told = _comparable(points)
    if not _enough(told):
        why: TrendReason = "few-alike" if len(points) >= LEAST_SESSIONS else "few"
        return Trend(
            sessions=len(points),
            level=level,
            before=before,
            change=None,
            low=None,
            high=None,
            verdict="too-few",
            why=why,
        )
    span = max(some[-1].day for some in told) - min(some[0].day for some in told)
    slope, error, spread, freedom = _slope(_blocks(told))
    reach = student(1 - ALPHA / max(1, questions) / 2, freedom) * error * span
    change = slope * span
    low, high = change - reach, change + reach
    clear, matters = low > 0 or high < 0, abs(change) >= least
    if clear and matters:
        why = "clear"
    elif clear:
        why = "small"
    elif matters:
        why = "may-vary"
    else:
        why = "within"
    return Trend(
        sessions=len(points),
        level=level,
        before=before,
        change=change,
        low=low,
        high=high,
        verdict="change" if clear and matters else "no-clear-change",
        why=why,
        spread=spread,
    )


def answerable(points: Iterable[Point]) -> bool:
    """Whether there are enough sessions for a verdict."""
    return _enough(_comparable(sorted(points, key=lambda point: point.day)))


def _enough(kinds: Sequence[Sequence[Point]]) -> bool:
    return sum(len(points) for points in kinds) >= LEAST_SESSIONS


def _comparable(points: Sequence[Point]) -> list[list[Point]]:
    """By kind; a kind with less than two days has nothing to be compared with."""
    kinds: dict[str, list[Point]] = {}
    for point in points:
        kinds.setdefault(point.kind, []).append(point)
    return [found for found in kinds.values() if found[-1].day > found[0].day]


def _blocks(kinds: Sequence[Sequence[Point]]) -> list[list[Point]]:
    """At most about sixty points: neighbours of one kind become one, in the middle of them."""
    size = math.ceil(sum(len(points) for points in kinds) / MOST_BLOCKS)
    if size <= 1:
        return [list(points) for points in kinds]
    return [found for points in kinds if len(found := _joined(points, size)) > 1]


def _joined(points: Sequence[Point], size: int) -> list[Point]:
    found = []
    for start in range(0, len(points), size):
        some = points[start : start + size]
        own = sum(point.high - point.low for point in some) / len(some) / math.sqrt(len(some))
        value = _median([point.value for point in some])
        day = sum(point.day for point in some) / len(some)
        found.append(Point(day=day, value=value, low=value - own / 2, high=value + own / 2, kind=some[0].kind))
    return found


def _slope(kinds: Sequence[Sequence[Point]]) -> tuple[float, float, float, int]:
    """The slope a day, its standard error, the spread of one session, and the degrees of freedom."""
    slope = _median([found for points in kinds for found in _slopes(points)])
    rests: list[tuple[float, float]] = []
    for points in kinds:
        plain = [point.value - slope * point.day for point in points]
        middle = _median(plain)
        rests += [(point.day, value - middle) for point, value in zip(points, plain, strict=True)]
    every = _without_step([rest for _, rest in sorted(rests)])
    n = len(every)
    freedom = max(1, n - len(kinds) - 1)
    spread = 1.4826 * _median([abs(rest) for rest in every])
    spread = max(spread, 0.7 * math.sqrt(sum(rest * rest for rest in every) / n)) * math.sqrt(n / freedom)
    below = above = 0.0
    for points in kinds:
        mean = sum(point.day for point in points) / len(points)
        for point in points:
            far = (point.day - mean) ** 2
            own = (point.high - point.low) / 2 / OWN_Z
            below += far
            above += far * (spread * spread + own * own)
    alike = _alike(every)
    variance = EFFICIENCY * above / (below * below) * (1 + alike) / (1 - alike)
    return slope, math.sqrt(variance), spread, freedom


def _slopes(points: Sequence[Point]) -> Iterator[float]:
    for index, one in enumerate(points):
        for other in points[index + 1 :]:
            if other.day > one.day:
                yield (other.value - one.value) / (other.day - one.day)


def _without_step(rests: Sequence[float]) -> list[float]:
    """A change that came all at once leaves two ramps behind when a slope is taken away. Where a step, from one session
    on, leaves far less than that (`STEP_LEAVES`), what it leaves is taken as the ups and downs."""
    n = len(rests)
    ramp = [index - (n - 1) / 2 for index in range(n)]
    xx, xy, yy = (
        sum(a * b for a, b in zip(*both, strict=True)) for both in ((ramp, ramp), (ramp, rests), (rests, rests))
    )
    before_x, before_y, all_x, all_y = 0.0, 0.0, sum(ramp), sum(rests)
    best, left = 0, STEP_LEAVES * yy
    for at in range(1, n - STEP_FROM + 1):
        before_x, before_y = before_x + ramp[at - 1], before_y + rests[at - 1]
        if at < STEP_FROM:
            continue
        # A level before, one after, and a slope common to both: least squares.
        after_x, after_y = all_x - before_x, all_y - before_y
        over = xx - before_x**2 / at - after_x**2 / (n - at)
        along = xy - before_x * before_y / at - after_x * after_y / (n - at)
        squares = yy - before_y**2 / at - after_y**2 / (n - at) - along**2 / over
        if squares < left:
            best, left = at, squares
    return _with_step(ramp, rests, best) if best else list(rests)


def _with_step(ramp: Sequence[float], rests: Sequence[float], at: int) -> list[float]:
    """What the step before this session leaves."""

    def level(values: Sequence[float]) -> list[float]:
        parts = (values[:at], values[at:])
        return [value - sum(part) / len(part) for part in parts for value in part]

    over, along = level(ramp), level(rests)
    slope = sum(x * y for x, y in zip(over, along, strict=True)) / sum(x * x for x in over)
    return [y - slope * x for x, y in zip(over, along, strict=True)]


def _alike(rests: Sequence[float]) -> float:
    """How much a session resembles the one before it, 0 to 0.8."""
    whole, n = sum(rest * rest for rest in rests), len(rests)
    if whole <= 0 or n <= 5:
        return 0.0
    pairs = sum(a * b for a, b in pairwise(rests))
    return min(MOST_ALIKE, max(0.0, (pairs / whole * n + 2) / (n - 4)))


def median(values: Sequence[float]) -> float | None:
    return _median(values) if values else None


def _median(values: Sequence[float]) -> float:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def student(probability: float, freedom: int) -> float:
    """The quantile of Student's distribution, for a probability of 0.5 or more: the point at which the area from
    there on, added up numerically, is what is left."""
    low, high = 0.0, 1.0
    while _below(high, freedom) < probability and high < 1e6:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(t: float, freedom: int) -> float:
    """The distribution function for t >= 0, by the finite sums that hold for whole degrees of freedom
    (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for k in range(3, freedom - 1, 2):
            term *= cosine * cosine * (k - 1) / k
            total += term
        return 0.5 + (angle + sine * total) / math.pi
    term = total = 1.0
    for k in range(2, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 0.5 + sine * total / 2
