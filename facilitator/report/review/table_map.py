"""The map of the table as SVG, whole without a script: who spoke next after whom, answered whom, cut in on whom.

People sit on a circle in the order of their seats, the first at the top, clockwise. A picture for each of the three, so
that none needs a colour to be told from another; `review.css` has the colours. What it draws is also its label, and a
table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from facilitator.core.language.texts import Texts
from facilitator.core.review.review import SessionReview
from facilitator.core.text import cells
from facilitator.report.output.html_page import words
from facilitator.report.review.sections import MAP_FROM

MOST_PEOPLE = 12
MOST_ARROWS = 24
"""Of one picture. Where there are more, the rarest are left out, and that is told."""
MOST_NUMBERS = 14
"""With more arrows than this, numbers would lie on each other."""
LONGEST_NAME = 12
"""Columns of text; there is no room for more beside the circle."""

WIDTH, HEIGHT = 490, 330
RING = 105.0
SMALLEST, LARGEST = 8.0, 26.0
THINNEST, WIDEST = 1.5, 7.0
OFTEN = 5
"""The widest arrow stands for at least so many: once or twice is not drawn as if it were much."""
BEND = 0.16
"""How far an arrow bends to its right, of its length: so that two opposite ones lie side by side."""
HEAD = 7.0

TieKind = Literal["spoke_next", "answered", "cut_ins"]
TITLES: Mapping[TieKind, str] = {"spoke_next": "next_title", "answered": "answered_title", "cut_ins": "cut_ins_title"}


class Seat(NamedTuple):
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    by: str
    to: str
    times: int
    few: bool
    """There is too little of that person's talk to say much."""


def table_map(review: SessionReview, texts: Texts) -> str:
    """A <div> of up to three pictures; empty where there are too few people for one, or too many."""
    people = [person.name for person in review.summary.people]
    if not MAP_FROM <= len(people) <= MOST_PEOPLE:
        return ""
    seats = seats_of({person.name: person.share for person in review.summary.people})
    pictures = []
    for kind, title in TITLES.items():
        arrows = arrows_of(review, kind)
        if arrows:
            pictures.append(_picture(kind, texts(f"sections.map.{title}"), seats, arrows, texts))
    return f'<div class="maps">{"".join(pictures)}</div>' if pictures else ""


def seats_of(shares: Mapping[str, float]) -> dict[str, Seat]:
    """Where everybody sits. The area of a seat is their share of the talk."""
    largest = min(LARGEST, 0.65 * math.pi * RING / len(shares))
    most = max(shares.values()) or 1.0
    found = {}
    for number, (name, share) in enumerate(shares.items()):
        turn = 2 * math.pi * number / len(shares)
        radius = max(SMALLEST, largest * math.sqrt(share / most))
        found[name] = Seat(WIDTH / 2 + RING * math.sin(turn), HEIGHT / 2 - RING * math.cos(turn), radius)
    return found


def arrows_of(review: SessionReview, kind: TieKind) -> list[Arrow]:
    """The most frequent last: it is drawn over the others."""
    enough = {one.person for one in review.answered if one.told}
    found = [
        Arrow(by=tie.by, to=tie.to, times=times, few=kind != "cut_ins" and tie.to not in enough)
        for tie in review.ties
        if (times := {"spoke_next": tie.spoke_next, "answered": tie.answered, "cut_ins": tie.cut_ins}[kind])
    ]
    return sorted(found, key=lambda arrow: arrow.times)


def _picture(kind: TieKind, title: str, seats: Mapping[str, Seat], arrows: Sequence[Arrow], texts: Texts) -> str:
    drawn = arrows[-MOST_ARROWS:]
    most = max(OFTEN, drawn[-1].times)
    pairs = texts.side_by_side(
        texts("sections.map.pair", name=arrow.by, other=arrow.to, number=arrow.times) for arrow in reversed(drawn)
    )
    lines, numbers = [], []
    for arrow in drawn:
        width = THINNEST + (WIDEST - THINNEST) * arrow.times / most
        line, (x, y) = _arrow(seats[arrow.by], seats[arrow.to], width, arrow.few)
        lines.append(line)
        numbers.append(f'<text class="times" x="{x:.1f}" y="{y + 5:.1f}">{arrow.times}</text>')
    left_out = len(arrows) - len(drawn)
    note = f'<p class="soft small">{words(texts("sections.map.most", number=MOST_ARROWS))}</p>' if left_out else ""
    return (
        f'<figure class="map {kind}"><figcaption>{words(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{title}. {pairs}.", quote=True)}">'
        f"{''.join(lines)}{''.join(_seat(name, seat) for name, seat in seats.items())}"
        f"{''.join(numbers) if len(drawn) <= MOST_NUMBERS else ''}</svg>{note}</figure>"
    )


def _arrow(start: Seat, end: Seat, width: float, few: bool) -> tuple[str, tuple[float, float]]:
    """A bent line with a head, and where its number stands."""
    across, down = end.x - start.x, end.y - start.y
    middle = (start.x + end.x) / 2 - BEND * down, (start.y + end.y) / 2 + BEND * across
    begin = _toward(start, middle, start.radius + 2)
    tip = _toward(end, middle, end.radius + 2)
    neck = _toward(end, middle, end.radius + 2 + HEAD + width / 2)
    side = (HEAD + width) / 2
    length = math.dist(tip, neck) or 1.0
    over = (neck[1] - tip[1]) / length * side, (tip[0] - neck[0]) / length * side
    head = [tip, (neck[0] + over[0], neck[1] + over[1]), (neck[0] - over[0], neck[1] - over[1])]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in head)
    a, b, c = 0.49, 0.42, 0.09  # three tenths of the way, where those that cross in the middle of the table are apart
    at = a * begin[0] + b * middle[0] + c * neck[0], a * begin[1] + b * middle[1] + c * neck[1]
    line = (
        f'<path class="{"tie few" if few else "tie"}" stroke-width="{width:.1f}" d="M{begin[0]:.1f} {begin[1]:.1f}'
        f'Q{middle[0]:.1f} {middle[1]:.1f} {neck[0]:.1f} {neck[1]:.1f}"/><polygon class="head" points="{points}"/>'
    )
    return line, at


def _toward(seat: Seat, point: tuple[float, float], far: float) -> tuple[float, float]:
    whole = math.dist((seat.x, seat.y), point) or 1.0
    return seat.x + (point[0] - seat.x) * far / whole, seat.y + (point[1] - seat.y) * far / whole


def _seat(name: str, seat: Seat) -> str:
    out_x, out_y = (seat.x - WIDTH / 2) / RING, (seat.y - HEIGHT / 2) / RING
    anchor = "middle" if abs(out_x) < 0.3 else "start" if out_x > 0 else "end"
    x = seat.x + out_x * (seat.radius + 7)
    y = seat.y + out_y * (seat.radius + 12) + 5
    return (
        f'<circle class="seat" cx="{seat.x:.1f}" cy="{seat.y:.1f}" r="{seat.radius:.1f}"/>'
        f'<text class="who" unicode-bidi="isolate" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">'
        f"{escape(_short(name))}</text>"
    )


def _short(name: str) -> str:
    if cells(name) <= LONGEST_NAME:
        return name
    while cells(name) >= LONGEST_NAME:
        name = name[:-1]
    return f"{name.rstrip()}…"
