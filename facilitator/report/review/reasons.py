"""Why the observation at the end was made: the measure behind it, how it is reckoned, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping

from facilitator.core.language.texts import Texts
from facilitator.core.review.differences import Difference
from facilitator.core.review.remarks import LONG_TURN_MS, MANY_BACK_CHANNELS_PER_HOUR, UNATTRIBUTED, WIDE
from facilitator.core.review.summary import Summary
from facilitator.core.text import length
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS
from facilitator.report.text import leads, with_range


def reasons(summary: Summary, texts: Texts) -> list[str]:
    """Of what was said at the end, in a line or a few."""
    if found := figures_behind(summary, texts):
        return found
    counted = leads(summary, texts) if summary.observation.key == "not-measured" else []  # whom the two are beside
    return [" ".join([_plain(summary.observation.key, texts), *counted])]


def figures_behind(summary: Summary, texts: Texts) -> list[str]:
    """The figures of a person that it rests on, with their likely ranges; none where it rests on none."""
    key, names = summary.observation.key, summary.observation.slots.get("name", ())
    if key in ("more", "more-to-hear"):
        people = (names,) if isinstance(names, str) else names if isinstance(names, tuple) else ()
        return [_share(summary, name, texts) for name in people]
    return [_difference(one, texts) for one in summary.differences if one.measure == key and one.person == names]


def _plain(key: str, texts: Texts) -> str:
    """Of those that need no figure of a person."""
    slots: Mapping[str, Mapping[str, object]] = {
        "too-little": {"time": length(LITTLE_TALK_MS)},
        "not-measured": {"time": length(LITTLE_TALK_MS)},
        "uncertain": {"part": texts.percent(UNATTRIBUTED), "wide": texts.percent(WIDE)},
        "uninterrupted": {"time": length(LONG_TURN_MS)},
        "all-finished": {"time": length(LONG_TURN_MS)},
        "listening": {"number": MANY_BACK_CHANNELS_PER_HOUR},
    }
    return texts(f"reasons.{key}", **slots.get(key, {}))


def _share(summary: Summary, name: str, texts: Texts) -> str:
    one = summary.person(name)
    share = with_range(texts, one.share, one.share_low, one.share_high)
    return texts("reasons.share", name=name, share=share, aim=texts.percent(one.aim))


def _difference(one: Difference, texts: Texts) -> str:
    low, high = round(100 * one.interval.low), texts.percent(one.interval.high)
    return texts(
        f"reasons.{one.measure}",
        name=one.person,
        count=one.count,
        of=one.of,
        part=texts.percent(one.count / one.of),
        likely=texts("person_line.likely", low=low, high=high),
        against=texts.percent(one.against),
        sure=texts.percent(one.sure),
    )
