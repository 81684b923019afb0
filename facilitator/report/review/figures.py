"""The pictures of a review as SVG: shares with their likely ranges, and how the balance moved.

Everything in them is also said in words or in a table beside them, so they are hidden from screen readers. No picture
needs its colours, and none has a style of its own: `review.css` has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape

from facilitator.core.language.texts import Texts
from facilitator.core.review.review import SessionReview
from facilitator.core.review.summary import PersonSummary
from facilitator.core.text import length
from facilitator.core.turntaking.airtime import WINDOW_STEP_MS, Window
from facilitator.core.turntaking.thresholds import BALANCED, LEANING
from facilitator.report.output.html_page import words

WIDTH = 600
HEIGHT = 44
TALL = 96
TICKS = 5
EMPTY_SCALE = 0.4
"""The least that a scale of shares reaches to."""

Value = Callable[[Window], float | None]


def share_bar(person: PersonSummary, guess: int | None) -> str:
    """A bar, its likely range as a bracket below it, a mark for the guess, a dashed line for what was aimed at."""
    low, high = 100 * person.share_low, 100 * person.share_high
    aim = f'<line class="aim" x1="{100 * person.aim:.1f}%" x2="{100 * person.aim:.1f}%" y1="4" y2="28"/>'
    mark = ""
    if guess is not None:
        triangle = '<path class="guess" d="M-6 0h12l-6 9z"/>'
        mark = f'<svg x="{guess}%" y="0" width="1" height="1" overflow="visible">{triangle}</svg>'
    return (
        '<svg class="bar" width="100%" height="34" aria-hidden="true">'
        '<rect class="track" x="0" y="9" width="100%" height="14" rx="7"/>'
        f'<rect class="part" x="0" y="9" width="{100 * person.share:.1f}%" height="14" rx="7"/>'
        f"{aim if person.aim else ''}"
        f'<line class="range" x1="{low:.1f}%" x2="{high:.1f}%" y1="30" y2="30"/>'
        f'<line class="range" x1="{low:.1f}%" x2="{low:.1f}%" y1="26" y2="34"/>'
        f'<line class="range" x1="{high:.1f}%" x2="{high:.1f}%" y1="26" y2="34"/>'
        f"{mark}</svg>"
    )


def movement(review: SessionReview, texts: Texts) -> str:
    """How everyone's part moved from window to window; of two people, one above and one below the middle."""
    windows, people = review.windows, review.summary.people
    if not windows:
        return ""
    bands = ""
    if len(people) == 2:
        rows = [_two(windows, people, texts)]
        if review.summary.same_aims:
            bands = f'<p class="rule">{escape(texts("pictures.bands"))}</p>'
    else:
        largest = max((share for window in windows for share in window.shares.values()), default=0.0)
        top = max(EMPTY_SCALE, -(-largest // 0.2) * 0.2)
        rows = [
            _row(person.name, windows, partial(_share, person.name), top, person.aim, texts.percent(top))
            for person in people
        ]
        rows.append(_row(texts("pictures.evenness"), windows, lambda window: window.balance, 1.0, 0.0, "1"))
    return f'<div class="movement" aria-hidden="true">{"".join(rows)}{_axis(windows)}</div>{bands}'


def _row(
    title: str,
    windows: Sequence[Window],
    value: Value,
    top: float,
    aim: float,
    top_word: str,
) -> str:
    return (
        f'<div class="lane"><span class="who"><bdi>{escape(title)}</bdi></span>'
        f'<span class="scale"><span>{top_word}</span></span>'
        f"{_chart(windows, value, HEIGHT, top, [aim] if aim else [])}</div>"
    )


def _two(windows: Sequence[Window], people: Sequence[PersonSummary], texts: Texts) -> str:
    first, second = (
        words(texts(f"pictures.{where}", name=person.name))
        for person, where in zip(people, ("from_below", "from_above"), strict=True)
    )
    bands = [1 - LEANING, 1 - BALANCED, BALANCED, LEANING] if people[0].aim == people[1].aim else [people[0].aim]
    chart = _chart(windows, partial(_share, people[0].name), TALL, 1.0, bands)
    return (
        f'<div class="lane two"><span class="who"><span>{second}</span>'
        f"<span>{first}</span></span>"
        f'<span class="scale"><span>{texts.percent(1)}</span><span>{texts.percent(0.5)}</span><span>0</span></span>'
        f"{chart}</div>"
    )


def _chart(windows: Sequence[Window], value: Value, height: int, top: float, lines: Sequence[float]) -> str:
    parts = [f'<rect class="ground" x="0" y="0" width="{WIDTH}" height="{height}"/>']
    for run in _runs(windows, value):
        at = " ".join(f"{_x(windows, start):.1f},{height * (1 - min(1.0, share / top)):.1f}" for start, share in run)
        first, last = _x(windows, run[0][0]), _x(windows, run[-1][0])
        if len(run) == 1:
            last = first + WIDTH / 200
            at += f" {last:.1f},{at.split(',')[1]}"
        parts.append(f'<polygon class="area" points="{first:.1f},{height} {at} {last:.1f},{height}"/>')
        parts.append(f'<polyline class="line" points="{at}"/>')
    for line in lines:
        y = height * (1 - line / top)
        parts.append(f'<line class="aim" x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
    return f'<svg viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" height="{height}">{"".join(parts)}</svg>'


def _runs(windows: Sequence[Window], value: Value) -> Iterator[list[tuple[int, float]]]:
    """The windows that follow each other without a gap, with their values, in the middle of each."""
    run: list[tuple[int, float]] = []
    previous: int | None = None
    for window in windows:
        found = value(window)
        if run and (found is None or (previous is not None and window.start_ms - previous > WINDOW_STEP_MS)):
            yield run
            run = []
        if found is not None:
            run.append((window.start_ms, found))
        previous = window.start_ms
    if run:
        yield run


def _x(windows: Sequence[Window], start_ms: int) -> float:
    first, last = windows[0].start_ms, windows[-1].start_ms
    return WIDTH * (start_ms - first) / max(1, last - first)


def _axis(windows: Sequence[Window]) -> str:
    """Times at the middle of the windows."""
    half_ms = (windows[0].end_ms - windows[0].start_ms) // 2
    first, last = windows[0].start_ms, windows[-1].start_ms
    marks = [length(first + half_ms + (last - first) * index // (TICKS - 1)) for index in range(TICKS)]
    return f'<div class="axis">{"".join(f"<span>{mark}</span>" for mark in marks)}</div>'


def _share(person: str, window: Window) -> float | None:
    return window.shares[person]
