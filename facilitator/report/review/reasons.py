"""Why the observation at the end was made: the measure behind it, how it is reckoned, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping

from facilitator.core.review.differences import Difference
from facilitator.core.review.remarks import LONG_TALK_MS, LONG_TURN_MS, MANY_BACK_CHANNELS_PER_HOUR, UNATTRIBUTED, WIDE
from facilitator.core.review.summary import Summary
from facilitator.core.text import length
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS
from facilitator.report.text import percent, with_range

PLAIN: Mapping[str, str] = {
    "too-little": f"There was less than {length(LITTLE_TALK_MS)} of speech.",
    "uncertain": f"More than {percent(UNATTRIBUTED)} of the talk could be anyone's, or the likely range of somebody's "
    f"share is wider than {percent(WIDE)}.",
    "in-turn": "The two shares are nearly alike, and in most windows of 2.5 minutes one of them had over 65 % of it.",
    "shared": "The larger of two shares is under 55 %; of more people the Gini coefficient is 0.15 or less.",
    "repaired": "Somebody came in on protected turns, and the time was added to them.",
    "uninterrupted": f"Their longest turn was over {length(LONG_TURN_MS)}, and nobody cut in on them.",
    "all-finished": f"There was no cut-in in over {length(LONG_TALK_MS)} of speech.",
    "listening": f"There were over {MANY_BACK_CHANNELS_PER_HOUR} small signs of listening in an hour of speech; four "
    "people usually have some 200.",
    "leaning": "Of two, one had surely more than half.",
    "heard": "No difference was sure enough, and nothing else stood out.",
}
"""Of those that need no figure of a person."""


def reasons(summary: Summary) -> list[str]:
    """Of what was said at the end, in a line or a few."""
    key, names = summary.observation.key, summary.observation.slots.get("name", ())
    if key in ("more", "more-to-hear"):
        people = (names,) if isinstance(names, str) else names if isinstance(names, tuple) else ()
        return [_share(summary, name) for name in people]
    told = [one for one in summary.differences if one.measure == key and one.person == names]
    return [_difference(one) for one in told] or [PLAIN[key]]


def _share(summary: Summary, name: str) -> str:
    one = summary.person(name)
    share = with_range(one.share, one.share_low, one.share_high)
    return f"Of the speech {share} was {name}'s; an equal part, or what was intended, is {percent(one.aim)}."


def _difference(one: Difference) -> str:
    part, sure = percent(one.count / one.of), percent(one.sure)
    within = f"likely {percent(one.interval.low)} to {percent(one.interval.high)}"
    match one.measure:
        case "answered":
            return (
                f"After {one.count} of {one.of} of {one.person}'s turns somebody went on within two seconds ({part}, "
                f"{within}); after those of the others it was {percent(one.against)}: surely less by {sure} of all."
            )
        case "cut-ins":
            return (
                f"{one.count} of {one.of} cut-ins were on {one.person} ({part}, {within}), with {percent(one.against)} "
                f"of the speech: surely more by {sure}."
            )
        case "last-word":
            return (
                f"{one.person} spoke last in {one.count} of {one.of} open parts ({part}, {within}); by chance it would "
                f"be {percent(one.against)}: surely more by {sure}."
            )
