"""Trends as plain text: what has changed in words first, figures behind it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from facilitator.core.history import History, Series
from facilitator.report import trends_words as words

WIDTH = 100
LEAST_SESSIONS = 2
"""Of a group with one session there is nothing to follow."""


def plain(histories: Sequence[History]) -> str:
    """Ends in a newline."""
    told = [history for history in histories if len(history.sessions) >= LEAST_SESSIONS]
    blocks = [_group(history) for history in told]
    others = len(histories) - len(told)
    if others:
        blocks.append(f"{'One group has' if others == 1 else f'{others} groups have'} met once so far.")
    blocks.append(
        "A change is called one only when it exceeds both the uncertainty of the measurement and the\n"
        "ordinary ups and downs between sessions: facilitator trends --how."
    )
    return "\n\n".join(blocks) + "\n"


def _group(history: History) -> str:
    lines = [f"{words.group(history)}: {words.when(history)}.", words.in_short(history)]
    by_verdict: dict[str, list[Series]] = {"change": [], "no-clear-change": [], "too-few": []}
    for series in history.series:
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
    if warning := words.formats(history):
        lines += ["", textwrap.fill(warning, WIDTH)]
    return "\n".join(lines)


def _without_pairs(found: Sequence[Series]) -> tuple[list[Series], int]:
    """Pairs without a change are only counted here; --html and --json show them."""
    some = [series for series in found if series.what != "cut-ins-of-pair"]
    return some, len(found) - len(some)


def _many(pairs: int) -> str:
    return "one pair" if pairs == 1 else f"{pairs} pairs"


def _line(first: str, rest: str) -> str:
    return textwrap.fill(f"{first} {rest}", WIDTH, initial_indent="  ", subsequent_indent="    ")
