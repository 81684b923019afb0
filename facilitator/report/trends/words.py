"""What a trend says, in words and figures, for the page and the screen alike. The words are in `prompts/screens`, under
`trends`."""

from __future__ import annotations

import re

from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import capital
from facilitator.core.trends import trend
from facilitator.core.trends.history import FAIRNESS, LEAST, MEANING, Followed, History, Series
from facilitator.core.trends.ideas import LEAST_IDEAS, Ideas

_PARTS = ("share", "protected", "agreements")
_POINTS = (*_PARTS, "guess-gap")
"""Counted in hundredths."""
_STEPS = ("arriving", "leaving", "lift", *FAIRNESS)
_RATES = ("cut-ins", "cut-ins-of-pair")


def title(series: Series, texts: Texts) -> str:
    return texts(f"trends.titles.{series.what}", **_slots(series))


def changed(series: Series, texts: Texts) -> str:
    """The change as a clause, without a full stop."""
    way = "up" if (series.trend.change or 0) > 0 else "down"
    return texts(f"trends.changed.{series.what}.{way}", **_slots(series))


def _slots(series: Series) -> dict[str, str]:
    people = dict(zip(("name", "other"), series.who, strict=False))
    return {**people, "about": capital(series.about)}


def amount(what: Followed, value: float, texts: Texts) -> str:
    """A level: `41 %`, `12 an hour`, `3.5 of 5`."""
    number = short(what, value, texts)
    return number if what in (*_PARTS, "lift") else texts(f"trends.amounts.{_kind(what)}", number=number)


def _kind(what: Followed) -> str:
    if what in _RATES:
        return "an-hour"
    return what if what in ("check-ins", "balance", "fair-gap", "guess-gap") else "of-five"


def short(what: Followed, value: float, texts: Texts) -> str:
    """A level as the end of a scale has it: without what it is counted in."""
    if what in _PARTS:
        return texts.percent(value)
    if what == "guess-gap":
        return texts.decimal(100 * value, 0)
    digits = 0 if what in _RATES else 2 if what == "balance" else 1
    return _signed(value, digits, texts) if what == "lift" else texts.decimal(value, digits)


def _signed(value: float, digits: int, texts: Texts) -> str:
    text = texts.decimal(abs(value), digits)
    return ("−" if value < 0 and any(c in "123456789" for c in text) else "+") + text


def difference(what: Followed, value: float, texts: Texts, *, sign: bool = False) -> str:
    """A change as a figure: `+11`, without its unit."""
    value = 100 * value if what in _POINTS else value
    digits = 0 if what in (*_POINTS, *_RATES) else 2 if what == "balance" or abs(value) < 0.1 else 1
    if not any(c in "123456789" for c in f"{abs(value):.{digits}f}"):
        return "0"
    return _signed(value, digits, texts) if sign else texts.decimal(abs(value), digits)


def counted_in(what: Followed, number: str, value: float, texts: Texts) -> str:
    """A change with what it is counted in; where it is only a number, just that."""
    if what in _POINTS:
        return texts.counted("trends.points", round(abs(100 * value)), number=number)
    return texts("trends.amounts.an-hour", number=number) if what in _RATES else number


def between(series: Series, texts: Texts) -> str:
    """The interval of the change: `between +5 and +17 points`."""
    most = _most(series.what)
    low, high = max(-most, series.trend.low or 0.0), min(most, series.trend.high or 0.0)
    ends = (difference(series.what, end, texts, sign=True) for end in (low, high))
    return texts("trends.between", low=next(ends), high=counted_in(series.what, next(ends), high, texts))


def _most(what: Followed) -> float:
    """No change can be larger than its scale is long."""
    if what in (*_POINTS, "balance"):
        return 1.0
    return 8.0 if what == "lift" else 4.0 if what in _STEPS else float("inf")


def figures(series: Series, texts: Texts) -> str:
    """What stands behind a trend that could be looked at."""
    what, change = series.what, series.trend.change
    assert change is not None
    told = counted_in(what, difference(what, change, texts, sign=True), change, texts)
    return texts("trends.figures", change=told, between=between(series, texts))


def lately(series: Series, texts: Texts) -> str:
    """`45 % lately`, and where that has changed also how it was: `45 % lately, 34 % at first`."""
    level, first = series.trend.level, series.trend.before
    if level is None or first is None:
        return ""
    now = amount(series.what, level, texts)
    if series.trend.verdict != "change":
        return texts("trends.lately", now=now)
    return texts("trends.lately_and_first", now=now, first=amount(series.what, first, texts))


def values(series: Series, texts: Texts) -> str:
    """The sessions' own values, oldest first, each with its likely range: `38 (30 to 46), 44 (36 to 52) an hour`; of
    many, the latest."""
    told = ", ".join(_with_range(series.what, point, texts) for point in series.points[-trend.LEAST_SESSIONS + 1 :])
    if series.what in (*_PARTS, "lift"):
        return told
    return texts(f"trends.amounts.{_kind(series.what)}", number=told)


def _with_range(what: Followed, point: trend.Point, texts: Texts) -> str:
    value, low, high = (short(what, number, texts) for number in (point.value, point.low, point.high))
    if low == high:
        return value
    if what in _PARTS:
        low, high = str(round(100 * point.low)), str(round(100 * point.high))
    return texts("report.with_range", share=value, low=low, high=high)


def missing(series: Series, texts: Texts) -> str:
    """Why nothing can be said."""
    if series.what == "check-ins":
        return texts("trends.few_periods", number=series.trend.sessions, least=trend.LEAST_SESSIONS)
    return why(series, texts)


def why(series: Series, texts: Texts) -> str:
    reason = series.trend.why
    slots = {"number": series.trend.sessions, "least": trend.LEAST_SESSIONS} if reason == "few" else {}
    return texts(f"trends.why.{reason}", **slots)


def fairness(history: History, texts: Texts) -> str:
    """What to know of how fair things feel: asked once a quarter, a verdict takes years."""
    times = max((len(series.points) for series in history.series if series.what in FAIRNESS), default=0)
    if times >= trend.LEAST_SESSIONS:
        return texts("trends.fair.told_above")
    return texts("trends.fair.too_early", times=texts.counted("times", times), least=trend.LEAST_SESSIONS)


def ideas(found: Ideas, texts: Texts) -> list[str]:
    """Whose ideas were agreed on, or who decided: a line a month, or one that says that it is too early."""
    if not found.months:
        return [texts("trends.ideas.too_early", number=found.agreements, least=LEAST_IDEAS)]
    lines = []
    for month in found.months:
        each = [
            texts("trends.ideas.person_unmeasured", name=one.name, number=one.ideas)
            if one.share is None
            else texts("trends.ideas.person", name=one.name, number=one.ideas, share=texts.percent(one.share))
            for one in month.each
        ]
        if month.together:
            each.append(texts("trends.ideas.together", number=month.together))
        lines.append(texts("trends.ideas.month", month=month.month, each=", ".join(each)))
    return lines


def group(history: History, texts: Texts) -> str:
    people = texts.listed(history.people)
    return f"{history.group}: {people}" if history.group else people


def when(history: History, texts: Texts) -> str:
    """`52 sessions from 2025-11-03 to 2026-10-26`"""
    first, last = (texts.rules.short_day(held.date) for held in (history.sessions[0], history.sessions[-1]))
    count = len(history.sessions)
    return (
        texts.counted("trends.on_one_day", count, day=first)
        if first == last
        else texts.counted("trends.sessions", count, first=first, last=last)
    )


def in_short(history: History, texts: Texts) -> str:
    """The first thing to read."""
    clear = sum(series.trend.verdict == "change" for series in history.series)
    if len(history.sessions) < trend.LEAST_SESSIONS:
        return texts("trends.in_short.few", least=trend.LEAST_SESSIONS)
    return texts.counted("trends.in_short.clear", clear) if clear else texts("trends.in_short.none")


def formats(history: History, texts: Texts) -> str:
    """A word of warning where the formats differ; else empty."""
    if len(history.formats) < 2:
        return ""
    told = texts.listed([f"{texts.form(name)} ({count})" for name, count in history.formats])
    return texts("trends.formats", formats=told)


def how(texts: Texts) -> str:
    """The method, to be read: as exactly as it is reckoned, for those who want to check it. In English, as is all that
    the command line explains of itself."""
    names = {what: texts(f"trends.names.{what}") for what in LEAST}
    least = [f"  {names[what]}: {_least(what, texts)}" for what in LEAST]
    meaning = [f"  {names[what]}: {MEANING[what]}" for what in MEANING]
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


def _least(what: Followed, texts: Texts) -> str:
    number = difference(what, LEAST[what], texts)
    if what in ("check-ins", "balance"):
        number = texts(f"trends.amounts.{what}", number=number)
    step = " of a step" if LEAST[what] < 1 else " step"
    return counted_in(what, number, LEAST[what], texts) + (step if what in _STEPS else "")
