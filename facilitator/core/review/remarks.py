"""The one observation and the one question at the end: a few readable rules.

They tell behaviour, never character. Of shares, the largest difference that is sure is told: who had surely far less is
named only to invite, and never if they passed; who had surely more is named with the fact alone, how large their part
was and how large an equal one would be. Which sentence belongs to a
key is in the language file; `OBSERVATIONS` and `QUESTIONS` say what each needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facilitator.core.turntaking.thresholds import BALANCED, EVEN_GINI, LEANING, LITTLE_TALK_MS

WIDE = 0.40
"""A share known no better than this says little."""
UNATTRIBUTED = 0.30
"""So much speech that could be anyone's makes every number doubtful."""
FAR_BELOW = 0.5
"""Far below a share: under half of it, and surely under the whole."""
SURELY_MORE = 0.12
"""Beyond an equal part by so much, for sure: then it is told how much it was. Nearer to it other things say more."""
MUCH_REPAID_MS = 20_000
LONG_TURN_MS = 120_000
LONG_TALK_MS = 300_000
MANY_BACK_CHANNELS_PER_HOUR = 250
"""An ordinary meeting of four has about 198."""
IN_TURN = 0.6
"""In so many of the windows one of two people had more than 65 %, although the total is even."""

MOST_QUIET = 3
"""More names than this are no invitation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence to be worded in the session's language: its key and what goes into it."""

    key: str
    slots: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFigures:
    """What the rules look at of one person. `aim` is the intended share (equal: 1/n)."""

    name: str
    share: float
    low: float
    high: float
    aim: float
    passed: bool
    longest_turn_ms: int
    cut_ins_received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the rules look at. `in_turn`: the part of the windows in which one had more than 65 %."""

    parts: tuple[PersonFigures, ...]
    airtime_ms: int
    talk_ms: int
    unattributed_ms: int
    gini: float | None
    in_turn: float
    cut_ins: int
    back_channels: int
    repaid_ms: int
    led_share: float = 0.0
    """The share of a host, of all the talk; 0: there is none."""


def remark(picture: Picture) -> tuple[Remark, Remark]:
    """The observation and the question. The first rule that fits decides."""
    parts = picture.parts
    if picture.airtime_ms + picture.unattributed_ms < LITTLE_TALK_MS:
        return Remark(key="too-little"), Remark(key="begin")
    if picture.unattributed_ms > UNATTRIBUTED * picture.talk_ms or any(p.high - p.low > WIDE for p in parts):
        return Remark(key="uncertain"), Remark(key="hear-better")
    quiet, more = _far_below(parts), _surely_more(picture)
    invited = 0 < len(quiet) <= MOST_QUIET  # all of them or none
    if more is not None and not (invited and _part_less(parts, quiet) >= _part_more(more)):
        had: dict[str, str | int | tuple[str, ...]] = {"name": more.name}
        had |= {"had_part": round(1000 * more.share), "equal_part": round(1000 * more.aim)}
        return Remark(key="more", slots=had), Remark(key="share-next")
    if invited:
        question = "share-next" if len(parts) == 2 else "unsaid"
        return Remark(key="more-to-hear", slots={"name": quiet[0] if len(quiet) == 1 else quiet}), Remark(key=question)
    band = _band(parts)
    even = band == "balanced" if band else picture.gini is not None and picture.gini <= EVEN_GINI
    even = even and picture.led_share <= BALANCED
    if picture.repaid_ms >= MUCH_REPAID_MS:  # to call this even would sound as if nobody had listened
        return Remark(key="repaired", slots={"time_ms": picture.repaid_ms}), Remark(key="small-step")
    if even:
        in_turn = len(parts) == 2 and picture.in_turn >= IN_TURN
        return Remark(key="in-turn" if in_turn else "shared"), Remark(key="keep" if not in_turn else "learned")
    if picture.repaid_ms:
        return Remark(key="repaired", slots={"time_ms": picture.repaid_ms}), Remark(key="small-step")
    longest = max((p for p in parts if not p.cut_ins_received), key=lambda p: p.longest_turn_ms, default=None)
    if longest is not None and longest.longest_turn_ms >= LONG_TURN_MS and len(parts) > 1:
        long: dict[str, str | int | tuple[str, ...]] = {"name": longest.name, "time_ms": longest.longest_turn_ms}
        return Remark(key="uninterrupted", slots=long), Remark(key="learned")
    if len(parts) > 1 and not picture.cut_ins and picture.airtime_ms >= LONG_TALK_MS:
        return Remark(key="all-finished"), Remark(key="learned")
    if picture.back_channels * 3_600_000 >= MANY_BACK_CHANNELS_PER_HOUR * picture.airtime_ms:
        return Remark(key="listening", slots={"count": picture.back_channels}), Remark(key="learned")
    if band == "leaning":
        return Remark(key="leaning"), Remark(key="share-next")
    return Remark(key="heard"), Remark(key="small-step")


def _far_below(parts: tuple[PersonFigures, ...]) -> tuple[str, ...]:
    """Everyone who had far less than their share, and surely less, in the order of the seats. Of two people: who had
    under 35 %. An invitation to somebody who did talk more than was heard does no harm, so no more is asked."""
    if len(parts) < 2:
        return ()
    limit = 0.7 if len(parts) == 2 else FAR_BELOW
    return tuple(p.name for p in parts if p.share < limit * p.aim and p.high < p.aim and not p.passed)


def _surely_more(picture: Picture) -> PersonFigures | None:
    """Who had surely more than an equal part, where equal parts are the aim, and nobody leads."""
    passed = any(part.passed for part in picture.parts)  # freely: then it is nobody's "more"
    if len(picture.parts) < 2 or picture.gini is None or picture.led_share or passed:
        return None
    most = max(picture.parts, key=lambda p: p.low - p.aim)
    even = max(p.share for p in picture.parts) < BALANCED if len(picture.parts) == 2 else picture.gini <= EVEN_GINI
    return most if most.low - most.aim >= SURELY_MORE and not even else None


def _part_more(most: PersonFigures) -> float:
    """How far beyond their part, of how far anybody could be; for sure."""
    return (most.low - most.aim) / (1 - most.aim)


def _part_less(parts: tuple[PersonFigures, ...], quiet: tuple[str, ...]) -> float:
    return max((p.aim - p.high) / p.aim for p in parts if p.name in quiet)


def _band(parts: tuple[PersonFigures, ...]) -> str | None:
    """The band of two people who aim at equal shares, "unsure" if it could well be a milder one than it looks;
    None for others."""
    if len(parts) != 2 or any(p.aim != 0.5 for p in parts):
        return None
    larger = max(parts, key=lambda p: p.share)
    if larger.share < BALANCED:
        return "balanced"
    if larger.share > LEANING and larger.low > BALANCED:
        return "one-sided"
    return "leaning" if larger.low > 0.5 else "unsure"
