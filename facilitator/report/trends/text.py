"""Trends as plain text: what has changed in words first, figures behind it."""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.core.text import WIDEST, in_lines
from facilitator.core.trends.history import FAIRNESS, History, Series
from facilitator.report.trends import words

LEAST_SESSIONS = 2
"""Of a group with one session there is nothing to follow."""
MOST_NUMBERS = 4
"""A year of what people said once a quarter."""


def plain(histories: Sequence[History], width: int | None = None) -> str:
    """For a terminal of that many columns (None: it is for none); ends in a newline."""
    told = [history for history in histories if len(history.sessions) >= LEAST_SESSIONS]
    blocks = [_group(history) for history in told]
    others = len(histories) - len(told)
    if others:
        blocks.append(f"{'One group has' if others == 1 else f'{others} groups have'} met once so far.")
    blocks.append(
        "A change is called one only when it exceeds both the uncertainty of the measurement and the "
        "ordinary ups and downs between sessions: facilitator trends --how."
    )
    return in_lines("\n\n".join(blocks), WIDEST if width is None else width) + "\n"


def _group(history: History) -> str:
    lines = [f"{words.group(history)}: {words.when(history)}.", words.in_short(history)]
    by_verdict: dict[str, list[Series]] = {"change": [], "no-clear-change": [], "too-few": []}
    for series in history.series:
        if series.what in FAIRNESS and series.trend.verdict != "change":
            continue  # told by themselves
        by_verdict[series.trend.verdict].append(series)
    if found := by_verdict["change"]:
        lines += ["", "Changed"]
        lines += [_line(f"{words.changed(one)}.", f"{words.lately(one)}; {words.figures(one)}.") for one in found]
    if found := by_verdict["no-clear-change"]:
        lines += ["", "No clear change yet"]
        some, pairs = _without_pairs(found)
        lines += [_line(f"{words.title(one)}: {words.lately(one)}", f"({words.figures(one)})") for one in some]
        if pairs:
            lines.append(_line("Who cuts in on whom:", f"{_many(pairs)}, no clear change in any."))
    if found := by_verdict["too-few"]:
        lines += ["", "Too early to say"]
        some, pairs = _without_pairs(found)
        lines += [_line(f"{words.title(one)}: {words.lately(one)}", f"({words.missing(one)})") for one in some]
        if pairs:
            lines.append(_line("Who cuts in on whom:", f"{_many(pairs)}."))
    lines += _fair(history)
    if warning := words.formats(history):
        lines += ["", warning]
    return "\n".join(lines)


def _without_pairs(found: Sequence[Series]) -> tuple[list[Series], int]:
    """Pairs without a change are only counted here; --html and --json show them."""
    some = [series for series in found if series.what != "cut-ins-of-pair"]
    return some, len(found) - len(some)


def _fair(history: History) -> list[str]:
    """A line for each thing that is shared: the numbers that everyone gave last; in a large group, the mean."""
    found = [series for series in history.series if series.what in FAIRNESS]
    if not found:
        return []
    lines = ["", "How fair it feels, from 1 to 5", _line(words.fairness(history), "")]
    for about in dict.fromkeys(series.about for series in found):
        some = {(series.what, *series.who): series for series in found if series.about == about}
        told = [f"{key[1]} {_lately(series)}" for key, series in some.items() if key[0] == "fair"]
        told = told or [f"all together {_lately(some['fair-all',])}"]
        if gap := some.get(("fair-gap",)):
            told.append(f"apart {_lately(gap)}")
        lines.append(_line(f"{about}:", "; ".join(told)))
    return lines


def _lately(series: Series) -> str:
    return ", ".join(f"{point.value:.1f}".removesuffix(".0") for point in series.points[-MOST_NUMBERS:])


def _many(pairs: int) -> str:
    return "one pair" if pairs == 1 else f"{pairs} pairs"


def _line(first: str, rest: str) -> str:
    return f"  {first} {rest}".rstrip()
