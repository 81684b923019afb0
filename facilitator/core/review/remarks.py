"""The one observation and the one question at the end: a few readable rules.

They tell behaviour, never character. The largest difference that is sure is told, be it of shares, or of who was
answered, cut in on, or spoke last (`differences.py`): who had surely far less is named only to invite, and never if
they passed; else the fact alone is told, and nobody is named for what they did to others. Which sentence belongs to a
key is in the language file; `OBSERVATIONS` and `QUESTIONS` say what each needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from facilitator.core.review.differences import Difference
from facilitator.core.turntaking.airtime import can_be_compared
from facilitator.core.turntaking.bands import is_even
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS

WIDE = 0.40
"""A share known no better than this says little."""
UNATTRIBUTED = 0.30
"""So much speech that could be anyone's makes every number doubtful."""
FAR_BELOW = 0.5
"""Far below a share: under half of it, and surely under the whole."""
SURELY_MORE = 0.12
"""Beyond an equal part (or what would be expected) by so much, for sure: then it is told how much it was. Nearer to it
other things say more."""
MUCH_REPAID_MS = 20_000
LONG_TURN_MS = 120_000
MANY_BACK_CHANNELS_PER_HOUR = 250
"""An ordinary meeting of four has about 198."""
IN_TURN = 0.6
"""In so many of the windows one of two people had more than 65 %, although the total is even."""

MOST_QUIET = 3
"""More names than this are no invitation."""


RemarkSlots = dict[str, str | int | tuple[str, ...]]


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
    partly: bool = False
    """Somebody was not listened to: it cannot be said that everybody had about the same."""
    listened: bool = True
    """False: nobody was listened to, as where only the time is kept."""
    differences: tuple[Difference, ...] = ()
    """Beside those of shares, sure ones and others."""

    @property
    def little(self) -> bool:
        return self.airtime_ms + self.unattributed_ms < LITTLE_TALK_MS

    @property
    def measured(self) -> bool:
        """Whether it is known how the time fell. Who did not want to be heard may have talked for an hour."""
        return self.listened and not (self.partly and (self.little or not can_be_compared(self.parts)))

    @property
    def has_shares(self) -> bool:
        """Whether anybody's part of the talk can be told, aloud, on a screen or in writing."""
        return self.measured and self.airtime_ms > 0 and can_be_compared(self.parts)

    @property
    def even(self) -> bool:
        """Whether the time was shared evenly, where that is the aim."""
        if self.gini is None or self.partly:
            return False
        return is_even([part.share / part.aim for part in self.parts], led_share=self.led_share)


def remark(picture: Picture) -> tuple[Remark, Remark]:
    """The observation and the question. The first rule that fits decides."""
    parts = picture.parts
    if not picture.measured:
        return Remark(key="not-measured"), Remark(key="small-step")
    if picture.little:
        return Remark(key="too-little"), Remark(key="begin")
    unknown = picture.unattributed_ms > UNATTRIBUTED * picture.talk_ms and not picture.partly
    if unknown or any(p.high - p.low > WIDE for p in parts):  # a no is no reason to ask to sit closer
        return Remark(key="uncertain"), Remark(key="learned" if picture.partly else "hear-better")
    found = [*_shares(picture), *_others(picture.differences)]
    if found:
        return max(found, key=lambda one: one[0])[1:]
    if picture.repaid_ms >= MUCH_REPAID_MS:  # to call this even would sound as if nobody had listened
        return Remark(key="repaired", slots={"time_ms": picture.repaid_ms}), Remark(key="small-step")
    if picture.even:
        in_turn = len(parts) == 2 and picture.in_turn >= IN_TURN
        return Remark(key="in-turn" if in_turn else "shared"), Remark(key="keep" if not in_turn else "learned")
    if picture.repaid_ms:
        return Remark(key="repaired", slots={"time_ms": picture.repaid_ms}), Remark(key="small-step")
    if len(parts) > 1 and (told := _listened_to(picture)) is not None:
        return told, Remark(key="learned")
    if picture.back_channels * 3_600_000 >= MANY_BACK_CHANNELS_PER_HOUR * picture.airtime_ms:
        return Remark(key="listening", slots={"count": picture.back_channels}), Remark(key="learned")
    if _leaning(parts):
        return Remark(key="leaning"), Remark(key="share-next")
    return Remark(key="heard"), Remark(key="small-step")


def _listened_to(picture: Picture) -> Remark | None:
    """Nobody cut in: that is everybody's. Else it is somebody's only where no other had the same, who would hear that
    they are not named."""
    long = [p for p in picture.parts if not p.cut_ins_received and p.longest_turn_ms >= LONG_TURN_MS]
    if not picture.cut_ins and not picture.partly and picture.airtime_ms >= LONG_TURN_MS:
        return Remark(key="all-finished")
    if len(long) != 1:
        return None
    return Remark(key="uninterrupted", slots={"name": long[0].name, "time_ms": long[0].longest_turn_ms})


def _shares(picture: Picture) -> Iterator[tuple[float, Remark, Remark]]:
    """How far from their part, of how far anybody could be; for sure. Of two that are alike, the invitation."""
    parts = picture.parts
    quiet, more = _far_below(parts), surely_more(picture)
    if 0 < len(quiet) <= MOST_QUIET:  # all of them or none
        question = "share-next" if len(parts) == 2 else "unsaid"
        less = max((p.aim - p.high) / p.aim for p in parts if p.name in quiet)
        who = Remark(key="more-to-hear", slots={"name": quiet[0] if len(quiet) == 1 else quiet})
        yield less, who, Remark(key=question)
    if more is not None:
        had: RemarkSlots = {
            "name": more.name,
            "had_part": round(1000 * more.share),
            "equal_part": round(1000 * more.aim),
        }
        yield (more.low - more.aim) / (1 - more.aim), Remark(key="more", slots=had), Remark(key="share-next")


_QUESTIONS = {"answered": "unsaid", "cut-ins": "small-step", "last-word": "share-next"}


def _others(differences: Iterable[Difference]) -> Iterator[tuple[float, Remark, Remark]]:
    for one in differences:
        if one.sure >= SURELY_MORE:
            numbers: RemarkSlots = {} if one.measure == "answered" else {"count": one.count, "of": one.of}
            yield (
                one.sure,
                Remark(key=one.measure, slots={"name": one.person, **numbers}),
                Remark(key=_QUESTIONS[one.measure]),
            )


def _far_below(parts: tuple[PersonFigures, ...]) -> tuple[str, ...]:
    """Everyone who had far less than their share, and surely less, in the order of the seats. Of two people: who had
    under 35 %. An invitation to somebody who did talk more than was heard does no harm, so no more is asked."""
    if len(parts) < 2:
        return ()
    limit = 0.7 if len(parts) == 2 else FAR_BELOW
    return tuple(p.name for p in parts if p.share < limit * p.aim and p.high < p.aim and not p.passed)


def surely_more(picture: Picture) -> PersonFigures | None:
    """Who had surely more than an equal part, where equal parts are the aim, and nobody leads."""
    passed = any(part.passed for part in picture.parts)  # freely: then it is nobody's "more"
    if len(picture.parts) < 2 or picture.gini is None or picture.led_share or passed:
        return None
    most = max(picture.parts, key=lambda p: p.low - p.aim)
    return most if most.low - most.aim >= SURELY_MORE and not picture.even else None


def _leaning(parts: tuple[PersonFigures, ...]) -> bool:
    """Of two who aim at equal parts, one had surely more."""
    return len(parts) == 2 and parts[0].aim == parts[1].aim and max(p.low for p in parts) > parts[0].aim
