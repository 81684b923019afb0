"""Trends as one page that needs nothing else: no script, no font, nothing from elsewhere; light, dark, on paper."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import capital
from facilitator.core.trends.history import FAIRNESS, Followed, History, Series
from facilitator.core.trends.ideas import SAID, Ideas, SaidOf, ideas
from facilitator.core.trends.trend import LEAST_SESSIONS, Point, median
from facilitator.report.output.html_page import document, folded, static
from facilitator.report.output.html_page import words as in_html
from facilitator.report.trends import words

WIDTH, HEIGHT, EDGE = 320.0, 72.0, 6.0
GUTTER = 40.0
"""For the two numbers at the left."""
SCALE: Mapping[Followed, tuple[float, float]] = {"fair": (1, 5), "fair-all": (1, 5), "fair-gap": (0, 4)}
"""Of few numbers on a short scale the whole of it is shown."""
ONE_SCALE: tuple[Followed, ...] = ("share", "cut-ins-of-pair")
"""Small multiples: these are compared from person to person, from nothing on."""
HOW = ("alike", "slope", "interval", "verdict", "blind", "exactly")
MOST_DOTS = 120
"""More are drawn as the medians of neighbours."""


def page(histories: Sequence[History], texts: Texts, made_on: datetime.date) -> str:
    """The whole page. `made_on`: the day it was made."""
    styles = [static("review/trends.css")]
    return document(texts("trends.title"), body(histories, texts, made_on), language=texts.code, styles=styles)


def body(histories: Sequence[History], texts: Texts, made_on: datetime.date) -> str:
    """What is in it, for the page in the browser, too."""
    groups = "".join(_group(history, texts) for history in histories)
    how = "".join(f"<li>{in_html(texts(f'trends.how.{part}'))}</li>" for part in HOW)
    return (
        f'<div class="trends" lang="{escape(texts.code, quote=True)}"><h1>{in_html(texts("trends.title"))}</h1>'
        f'<p class="soft">{in_html(texts("report.made_on", day=texts.day(made_on)))}'
        f" {in_html(texts('trends.what_is_a_change'))}</p>{groups}"
        f"{folded(texts('trends.how.title'), f'<ul>{how}</ul>')}</div>"
    )


def _group(history: History, texts: Texts) -> str:
    warning = words.formats(history, texts)
    shares = [series for series in history.series if series.what == "share"]
    others = [series for series in _ordered(history) if series.what not in (*FAIRNESS, "share")]
    fair = _cards([series for series in history.series if series.what in FAIRNESS], texts)
    early = f" {in_html(texts('trends.so_far'))}" if len(history.sessions) < LEAST_SESSIONS else ""
    return (
        f"<section><h2>{in_html(words.group(history, texts))}</h2>"
        f'<p class="soft">{in_html(words.when(history, texts))}.</p>'
        f"<p>{in_html(words.in_short(history, texts))}{early}</p>"
        + (f"<h3>{in_html(texts('trends.each_share'))}</h3>{_cards(shares, texts)}" if shares else "")
        + _cards(others, texts)
        + (
            f"<h3>{in_html(texts('trends.fair.title'))}</h3>"
            f'<p class="soft">{in_html(words.fairness(history, texts))}</p>'
            f"{fair}"
            if fair
            else ""
        )
        + "".join(_ideas(said, what, texts) for what in SAID if (said := ideas(history, what)) is not None)
        + (f'<p class="soft">{in_html(warning)}</p>' if warning else "")
        + "</section>"
    )


def _ideas(found: Ideas, what: SaidOf, texts: Texts) -> str:
    lines = "".join(f"<li>{in_html(line)}</li>" for line in words.ideas(found, texts))
    return (
        f"<h3>{in_html(texts(f'trends.{what}.title'))}</h3>"
        f'<p class="soft">{in_html(texts(f"trends.{what}.rule"))}</p><ul>{lines}</ul>'
    )


def _ordered(history: History) -> list[Series]:
    order = ["change", "no-clear-change", "too-few"]
    return sorted(history.series, key=lambda series: order.index(series.trend.verdict))


def _cards(some: Sequence[Series], texts: Texts) -> str:
    """Of what is the same for several people, all on one scale."""
    cards = []
    for series in some:
        alike = [point.high for other in some if other.what == series.what for point in other.points]
        scale = (0.0, max(alike)) if series.what in ONE_SCALE else SCALE.get(series.what)
        cards.append(_card(series, scale, texts))
    return f'<div class="cards">{"".join(cards)}</div>' if cards else ""


def _card(series: Series, scale: tuple[float, float] | None, texts: Texts) -> str:
    verdict = series.trend.verdict
    told = f"{words.changed(series, texts)}." if verdict == "change" else f"{texts(f'trends.verdicts.{verdict}')}."
    early = verdict == "too-few"
    level = words.values(series, texts) if early else words.lately(series, texts)
    more = words.missing(series, texts) if early else words.figures(series, texts)
    return (
        f'<article class="card {verdict}"><h3>{in_html(words.title(series, texts))}</h3>'
        f'<p class="verdict">{in_html(told)}</p>{sparkline(series, scale, texts)}'
        f"<p>{in_html(capital(level))}</p>"
        f'<p class="soft">{in_html(capital(more))}</p></article>'
    )


def sparkline(series: Series, scale: tuple[float, float] | None, texts: Texts) -> str:
    """The sessions as dots with their likely ranges, and the slope where there is a change. `scale` None: its own."""
    points = _fewer(series.points)
    low, high = scale or (min(point.low for point in points), max(point.high for point in points))
    first, last = points[0].day, points[-1].day
    room = (high - low) or 1.0

    def x(day: float) -> float:
        return GUTTER + (WIDTH - GUTTER - EDGE) * ((day - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((value - low) / room if high > low else 0.5)

    parts = [f'<line class="axis" x1="{GUTTER - 4:.0f}" y1="{HEIGHT:.0f}" x2="{WIDTH:.0f}" y2="{HEIGHT:.0f}"/>']
    for point in points:
        if point.high > point.low:
            at = f"{x(point.day):.1f}"
            parts.append(f'<line class="bar" x1="{at}" y1="{y(point.low):.1f}" x2="{at}" y2="{y(point.high):.1f}"/>')
    parts += [f'<circle class="dot" cx="{x(p.day):.1f}" cy="{y(p.value):.1f}" r="2.2"/>' for p in points]
    parts += list(_slope(series, first, last, x(first), x(last), low, room))
    values, lately = texts.counted("trends.values", len(series.points)), words.lately(series, texts)
    label = f"{words.title(series, texts)}: {values}, {lately}"
    ends = (
        f'<text x="0" y="{EDGE + 4:.0f}">{escape(words.short(series.what, high, texts))}</text>'
        f'<text x="0" y="{HEIGHT - EDGE + 2:.0f}">{escape(words.short(series.what, low, texts))}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{''.join(parts)}{ends}</svg>"
    )


def _slope(
    series: Series, first: float, last: float, left: float, right: float, low: float, room: float
) -> Iterator[str]:
    """Through the middle of the points."""
    found = series.trend
    middle = median([point.value for point in series.points])
    if found.verdict != "change" or found.change is None or middle is None or last <= first:
        return
    ends = [middle - found.change / 2, middle + found.change / 2]
    heights = [HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (end - low) / room for end in ends]
    yield f'<line class="trend" x1="{left:.1f}" y1="{heights[0]:.1f}" x2="{right:.1f}" y2="{heights[1]:.1f}"/>'


def _fewer(points: Sequence[Point]) -> list[Point]:
    size = -(-len(points) // MOST_DOTS)
    found = []
    for start in range(0, len(points), size):
        some = points[start : start + size]
        day, value, low, high = (
            median(numbers) or 0.0
            for numbers in (
                [point.day for point in some],
                [point.value for point in some],
                [point.low for point in some],
                [point.high for point in some],
            )
        )
        found.append(Point(day=day, value=value, low=low, high=high))
    return found
