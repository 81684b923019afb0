"""Trends as plain text: what has changed in words first, figures behind it."""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.core.language.texts import Texts
from facilitator.core.text import WIDEST, in_lines
from facilitator.core.trends.history import FAIRNESS, History, Series
from facilitator.core.trends.ideas import SAID, ideas
from facilitator.core.trends.trend import TrendVerdict
from facilitator.report.trends import words

LEAST_SESSIONS = 2
"""Of a group with one session there is nothing to follow."""
MOST_NUMBERS = 4
"""A year of what people said once a quarter."""


def plain(histories: Sequence[History], texts: Texts, width: int | None = None) -> str:
    """For a terminal of that many columns (None: it is for none); ends in a newline."""
    told = [history for history in histories if len(history.sessions) >= LEAST_SESSIONS]
    blocks = [_group(history, texts) for history in told]
    others = len(histories) - len(told)
    if others:
        blocks.append(texts.counted("trends.met_once", others))
    blocks.append(f"{texts('trends.what_is_a_change')} {texts('trends.how.exactly')}")
    return in_lines("\n\n".join(blocks), WIDEST if width is None else width) + "\n"


def _group(history: History, texts: Texts) -> str:
    lines = [f"{words.group(history, texts)}: {words.when(history, texts)}.", words.in_short(history, texts)]
    by_verdict: dict[TrendVerdict, list[Series]] = {"change": [], "no-clear-change": [], "too-few": []}
    for series in history.series:
        if series.what in FAIRNESS and series.trend.verdict != "change":
            continue  # told by themselves
        by_verdict[series.trend.verdict].append(series)
    for verdict, found in by_verdict.items():
        if found:
            lines += ["", _heading(verdict, texts), *_lines(verdict, found, texts)]
    lines += _fair(history, texts)
    for what in SAID:
        if (said := ideas(history, what)) is not None:
            lines += ["", texts(f"trends.{what}.title"), _line(texts(f"trends.{what}.rule"), "")]
            lines += [_line(line, "") for line in words.ideas(said, texts)]
    if warning := words.formats(history, texts):
        lines += ["", warning]
    return "\n".join(lines)


def _heading(verdict: TrendVerdict, texts: Texts) -> str:
    told = texts(f"trends.verdicts.{verdict}")
    return told if verdict != "too-few" else f"{told}. {texts('trends.so_far')}"


def _lines(verdict: TrendVerdict, found: Sequence[Series], texts: Texts) -> list[str]:
    """Pairs without a change are only counted here; --html and --json show them."""
    if verdict == "change":
        return [
            _line(
                f"{words.changed(one, texts)}.",
                f"{texts.side_by_side((words.lately(one, texts), words.figures(one, texts)))}.",
            )
            for one in found
        ]
    some = [series for series in found if series.what != "cut-ins-of-pair"]
    if verdict == "too-few":
        lines = [_line(f"{words.title(one, texts)}:", f"{words.values(one, texts)}{_of(one, texts)}") for one in some]
    else:
        lines = [
            _line(f"{words.title(one, texts)}: {words.lately(one, texts)}", f"({words.figures(one, texts)})")
            for one in some
        ]
    if pairs := len(found) - len(some):
        lines.append(_line(texts("trends.pairs.title"), texts.counted(f"trends.pairs.{verdict}", pairs)))
    return lines


def _of(series: Series, texts: Texts) -> str:
    """Why it is too early, where that is not told of all sessions above."""
    return "" if series.trend.why == "few" and series.what != "check-ins" else f" ({words.missing(series, texts)})"


def _fair(history: History, texts: Texts) -> list[str]:
    """A line for each thing that is shared: the numbers that everyone gave last; in a large group, the mean."""
    found = [series for series in history.series if series.what in FAIRNESS]
    if not found:
        return []
    lines = ["", texts("trends.fair.title"), _line(words.fairness(history, texts), "")]
    for about in dict.fromkeys(series.about for series in found):
        some = {(series.what, *series.who): series for series in found if series.about == about}
        told = [f"{key[1]} {_lately(series, texts)}" for key, series in some.items() if key[0] == "fair"]
        told = told or [texts("trends.fair.all", numbers=_lately(some["fair-all",], texts))]
        if gap := some.get(("fair-gap",)):
            told.append(texts("trends.fair.apart", numbers=_lately(gap, texts)))
        lines.append(_line(f"{about}:", texts.side_by_side(told)))
    return lines


def _lately(series: Series, texts: Texts) -> str:
    """Whole numbers without decimals, as people gave them."""
    numbers = [point.value for point in series.points[-MOST_NUMBERS:]]
    return ", ".join(texts.decimal(number, 0 if f"{number:.1f}".endswith(".0") else 1) for number in numbers)


def _line(first: str, rest: str) -> str:
    return f"  {first} {rest}".rstrip()
