"""What a trend says, in words and figures, for the page and the screen alike."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from facilitator.core.language.wording import capital
from facilitator.core.text import listed
from facilitator.core.trends import trend
from facilitator.core.trends.history import FAIRNESS, LEAST, MEANING, Followed, Held, History, Series

TITLES: Mapping[Followed, str] = {
    "balance": "How evenly the talk is shared",
    "cut-ins": "Cut-ins",
    "protected": "Protected time kept",
    "check-ins": "Check-ins held",
    "agreements": "Agreements kept",
    "arriving": "Mood at the start",
    "leaving": "Mood at the end",
    "lift": "What a talk does to the mood",
}
CHANGED: Mapping[Followed, tuple[str, str]] = {
    "share": ("{0} has had more of the talk", "{0} has had less of the talk"),
    "balance": ("The talk is shared more evenly", "The talk is shared less evenly"),
    "cut-ins": ("There are more cut-ins", "There are fewer cut-ins"),
    "cut-ins-of-pair": ("{0} cuts in on {1} more often", "{0} cuts in on {1} less often"),
    "protected": ("More of the protected time is kept", "Less of the protected time is kept"),
    "check-ins": ("Check-ins are held more often", "Check-ins are held less often"),
    "agreements": ("More of the agreements are kept", "Fewer of the agreements are kept"),
    "arriving": ("People arrive feeling better", "People arrive feeling less well"),
    "leaving": ("People leave feeling better", "People leave feeling less well"),
    "lift": ("A talk lifts the mood more", "A talk lifts the mood less"),
    "fair": ("It feels fairer to {0}: {about}", "It feels less fair to {0}: {about}"),
    "fair-all": ("It feels fairer to all together: {about}", "It feels less fair to all together: {about}"),
    "fair-gap": ("It is seen less alike than before: {about}", "It is seen more alike than before: {about}"),
}
"""Up, and down."""
NAMES: Mapping[Followed, str] = {
    "share": "a share",
    "balance": "balance",
    "cut-ins": "all cut-ins",
    "cut-ins-of-pair": "cut-ins of a pair",
    "protected": "protected time kept",
    "check-ins": "check-ins held",
    "agreements": "agreements kept",
    "arriving": "mood at the start",
    "leaving": "mood at the end",
    "lift": "the end less the start",
    "fair": "how fair it feels to a person",
    "fair-all": "how fair it feels to all",
    "fair-gap": "how far apart that is",
}
_PARTS = ("share", "protected", "agreements")
_STEPS = ("arriving", "leaving", "lift", *FAIRNESS)
_RATES = ("cut-ins", "cut-ins-of-pair")


def title(series: Series) -> str:
    if series.what == "share":
        return f"{series.who[0]}'s share of the talk"
    if series.what == "cut-ins-of-pair":
        return f"{series.who[0]} cutting in on {series.who[1]}"
    if series.what == "fair":
        return f"{capital(series.about)}: {series.who[0]}"
    if series.what == "fair-all":
        return f"{capital(series.about)}: all together"
    if series.what == "fair-gap":
        return f"{capital(series.about)}: how far apart"
    return TITLES[series.what]


def changed(series: Series) -> str:
    """The change as a clause, without a full stop."""
    return CHANGED[series.what][0 if (series.trend.change or 0) > 0 else 1].format(*series.who, about=series.about)


def amount(what: Followed, value: float) -> str:
    """A level: `41 %`, `12 an hour`, `3.5 of 5`."""
    if what in _PARTS:
        return f"{100 * value:.0f} %"
    if what in _RATES:
        return f"{value:.0f} an hour"
    if what == "check-ins":
        return f"{value:.1f} in four weeks"
    if what == "balance":
        return f"{value:.2f} of 1"
    if what == "fair-gap":
        return f"{value:.1f} apart"
    return f"{value:+.1f}" if what == "lift" else f"{value:.1f} of 5"


def short(what: Followed, value: float) -> str:
    """A level as the end of a scale has it: without what it is counted in."""
    return amount(what, value) if what in _PARTS else amount(what, value).split()[0]


def difference(what: Followed, value: float, *, sign: bool = False) -> str:
    """A change as a figure: `+11`, without its unit."""
    value = 100 * value if what in _PARTS else value
    digits = 0 if what in (*_PARTS, *_RATES) else 2 if what == "balance" or abs(value) < 0.1 else 1
    text = f"{value:+.{digits}f}" if sign else f"{abs(value):.{digits}f}"
    return text.replace("-", "−") if float(text) else "0"


def unit(what: Followed, value: float = 0.0) -> str:
    """What a change is counted in, with a space before it; empty where it is only a number."""
    if what in _PARTS:
        return " point" if round(abs(100 * value)) == 1 else " points"
    return " an hour" if what in _RATES else ""


def between(series: Series) -> str:
    """The interval of the change: `between +5 and +17 points`."""
    most = _most(series.what)
    low, high = max(-most, series.trend.low or 0.0), min(most, series.trend.high or 0.0)
    return (
        f"between {difference(series.what, low, sign=True)} and"
        f" {difference(series.what, high, sign=True)}{unit(series.what)}"
    )


def _most(what: Followed) -> float:
    """No change can be larger than its scale is long."""
    if what in (*_PARTS, "balance"):
        return 1.0
    return 8.0 if what == "lift" else 4.0 if what in _STEPS else float("inf")


def figures(series: Series) -> str:
    """What stands behind a trend that could be looked at."""
    what, found = series.what, series.trend
    assert found.change is not None
    return f"a change of {difference(what, found.change, sign=True)}{unit(what, found.change)}, {between(series)}"


def lately(series: Series) -> str:
    """`45 % lately`, and where that has changed also how it was: `45 % lately, 34 % at first`."""
    level, first = series.trend.level, series.trend.before
    if level is None or first is None:
        return ""
    at_first = f", {amount(series.what, first)} at first" if series.trend.verdict == "change" else ""
    return f"{amount(series.what, level)} lately{at_first}"


def missing(series: Series) -> str:
    """Why nothing can be said."""
    if series.what == "check-ins":
        return f"{series.trend.sessions} of the {trend.LEAST_SESSIONS} times four weeks that it takes"
    return series.trend.why


def fairness(history: History) -> str:
    """What to know of how fair things feel: asked once a quarter, a verdict takes years."""
    times = max((len(series.points) for series in history.series if series.what in FAIRNESS), default=0)
    if times >= trend.LEAST_SESSIONS:
        return "As people said, oldest first. What has clearly changed is told above."
    so_far = "once" if times == 1 else f"{times} times"
    return (
        f"As people said, oldest first. Asked {so_far} so far: it takes {trend.LEAST_SESSIONS}, two years of quarters,"
        " to tell a change from ups and downs."
    )


def group(history: History) -> str:
    return listed(history.people)


def when(history: History) -> str:
    """`52 sessions from 2025-11-03 to 2026-10-26`"""
    first, last = day(history.sessions[0]), day(history.sessions[-1])
    count = len(history.sessions)
    return f"1 session on {first}" if count == 1 else f"{count} sessions from {first} to {last}"


def day(held: Held) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=int(held.day))).isoformat()


def in_short(history: History) -> str:
    """The first thing to read."""
    clear = sum(series.trend.verdict == "change" for series in history.series)
    if len(history.sessions) < trend.LEAST_SESSIONS:
        return f"It takes {trend.LEAST_SESSIONS} sessions before a change can be told from the ordinary ups and downs."
    if not clear:
        return "No clear change yet: what there is lies within the ordinary ups and downs between sessions."
    return "One thing has clearly changed." if clear == 1 else f"{clear} things have clearly changed."


def formats(history: History) -> str:
    """A word of warning where the formats differ; else empty."""
    if len(history.formats) < 2:
        return ""
    told = listed([f"{name} ({count})" for name, count in history.formats])
    return f"Formats: {told}. Sessions are compared only with others of the same format."


def how() -> str:
    """The method, to be read."""
    least = [f"  {NAMES[what]}: {_least(what)}" for what in LEAST]
    meaning = [f"  {NAMES[what]}: {MEANING[what]}" for what in MEANING]
    return "\n".join(
        [
            re.sub(r"\n +", " ", trend.METHOD.strip()),
            "",
            "What is followed",
            *meaning,
            "",
            "The smallest change that is called one",
            *least,
        ]
    )


def _least(what: Followed) -> str:
    steps = {"check-ins": " in four weeks", "balance": " of 1"}.get(what, "")
    step = " of a step" if LEAST[what] < 1 else " step"
    return f"{difference(what, LEAST[what])}{unit(what) or steps}" + (step if what in _STEPS else "")
