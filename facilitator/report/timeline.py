"""Who spoke when, as a picture: SVG that is whole and readable without a script, on a screen and on paper.

`page/static/review/timeline.css` colours it and `page/static/review/timeline.js` lets people zoom into it and walk
through it; both belong to every page that holds a `figure`. Height tells how sure it is as well as colour does, so
that it can be printed in black and white. What is drawn to scale lies in an inner SVG whose units are milliseconds
and pixels, and which is stretched sideways; words lie outside of it, at percentages, and keep their shape at any
width.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from facilitator.core.events import CutIn, NotMeasured, SessionEnded, StageEnded, StageStarted
from facilitator.core.language.texts import Texts
from facilitator.core.review.account import Account
from facilitator.core.text import length
from facilitator.core.turntaking.overlap import overlaps
from facilitator.core.turntaking.spans import SPEECH_PAUSE_MS, Span
from facilitator.core.turntaking.stretches import pauses, stretches
from facilitator.core.turntaking.timeline import Tile

UNSURE = 0.75
"""Speech that is less likely than this to be this person's is drawn lower and paler."""
MOST_PIECES = 8_000
"""Of all lanes together; where there are more, longer and longer pauses are drawn over."""
FINEST = 20_000
"""Pauses under this part of the whole are not drawn: they could not be seen."""
PIECES_A_PATH = 250
"""So that a browser that shows a part need not look at the whole."""
MOST_LABELS = 8
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
"""Round times: the axis is marked every so many seconds."""

TOP = 24
FOOT = 22
NAME = 21
"""Height of the line above a bar, with the name and the marks of cut-ins."""
BAR, TIGHT_BAR = 20, 15
GAP, TIGHT_GAP = 7, 3
MANY_MARKS = 60
"""More cut-ins than this are drawn finer."""
MANY = 6
"""More lanes than this are drawn tight."""
OWN_BAR = 10


HATCH = (
    '<defs><pattern id="timeline-hatch" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4"/></pattern></defs>'
)
"""What a pause is filled with."""


class Said(NamedTuple):
    """Something that the facilitator said, or showed."""

    start_ms: int
    text: str


class Piece(NamedTuple):
    """A stretch of one lane. `sure`: the mean probability, 0 to 1, that it is right."""

    start_ms: int
    end_ms: int
    sure: float
    counted: bool

    @property
    def look(self) -> Literal["sure", "unsure", "uncounted"]:
        return "uncounted" if not self.counted else "sure" if self.sure >= UNSURE else "unsure"


@dataclass(frozen=True, slots=True)
class Lane:
    """`voice`: whose speech it is; `told`: how the lane is called."""

    voice: Literal["person", "guest", "unknown"]
    name: str
    told: str
    pieces: Sequence[Piece]


def figure(account: Account, texts: Texts, *, prompts: Sequence[Said] = (), language: str = "en") -> str:
    """One `<figure class="timeline">`. `prompts` are what the facilitator said, in order; `language` is the one in
    which it did, and in which stages are called what they are."""
    overlapping = overlaps(account.timeline.spans())
    marks = [event for event in overlapping if isinstance(event, CutIn) and event.kind == "cut-in"]
    last_ms = [event.at_ms for event in account.events[-1:]] + [said.start_ms for said in prompts]
    end_ms = max(1_000, account.timeline.end_ms, *last_ms)
    lanes = _lanes(account, end_ms, texts)
    tight = len(lanes) > MANY
    bar, gap = (TIGHT_BAR, TIGHT_GAP) if tight else (BAR, GAP)
    step = NAME + bar + gap
    bars = {lane.name: TOP + number * step + NAME for number, lane in enumerate(lanes)}
    own = TOP + len(lanes) * step + NAME
    height = own + OWN_BAR + gap + FOOT
    inner = "".join(
        [
            *(_lane(lane, bars[lane.name], bar) for lane in lanes),
            *(_cuts(lane, marks, bars[lane.name] - 4) for lane in lanes),
            _own(prompts, own, language),
        ]
    )
    names = [*((bars[lane.name], lane.told) for lane in lanes), (own, texts("timeline.facilitator"))]
    look = "timeline dense" if len(marks) > MANY_MARKS else "timeline"
    return (
        f'<figure class="{look}" data-end="{end_ms}" data-height="{height}" data-many="{MANY_MARKS}"'
        f' data-words="{_quoted(_words(texts))}">'
        f"{_key(lanes, texts, cuts=bool(marks), prompts=bool(prompts))}"
        '<div class="stretch">'
        f'<svg class="whole" width="100%" height="{height}" role="img"'
        f' aria-label="{_quoted(_in_words(lanes, end_ms, texts))}">'
        f"{_bands(account, end_ms, height - FOOT, language, texts)}{_axis(end_ms, height)}"
        f'<svg class="plot" width="100%" height="{height}" viewBox="0 0 {end_ms} {height}" preserveAspectRatio="none">'
        f"{inner}</svg>"
        + "".join(
            f'<text class="name" unicode-bidi="isolate" x="2" y="{top - 8}">{escape(told)}</text>'
            for top, told in names
        )
        + "</svg></div></figure>"
    )


# -- lanes ----------------------------------------------------------------------------------------


def _lanes(account: Account, end_ms: int, texts: Texts) -> list[Lane]:
    tiles: dict[str, list[Tile]] = {person: [] for person in account.people}
    guests: list[Tile] = []
    unknown: list[Tile] = []
    for tile in account.timeline:
        for person in tile.people:
            tiles.setdefault(person, []).append(tile)
        if tile.guest:
            guests.append(tile)
        if tile.unknown:
            unknown.append(tile._replace(confidence=0.0))
    pause_ms = max(SPEECH_PAUSE_MS, end_ms // FINEST)
    while sum(len(pieces(some, pause_ms)) for some in (*tiles.values(), guests, unknown)) > MOST_PIECES:
        pause_ms *= 2
    lanes = [
        Lane("person", person, texts("timeline.declined", name=person) if person in account.declined else person, found)
        for person, some in tiles.items()
        if (found := pieces(some, pause_ms)) or person in account.people
    ]
    if guests:
        lanes.append(Lane("guest", "guest", texts("timeline.guests"), pieces(guests, pause_ms)))
    if unknown:
        lanes.append(Lane("unknown", "unknown", texts("timeline.unknown"), pieces(unknown, pause_ms)))
    return lanes


def pieces(tiles: Iterable[Tile], pause_ms: int) -> list[Piece]:
    """Tiles of one voice, in order, as few stretches: pauses under `pause_ms` are drawn over, and so is what is
    shorter than that and only more or less sure than its neighbours."""
    found: list[Piece] = []
    for tile in tiles:
        new = Piece(tile.start_ms, tile.end_ms, tile.confidence, tile.counted)
        if found:
            last = found[-1]
            short = min(new.end_ms - new.start_ms, last.end_ms - last.start_ms) < pause_ms
            near = new.start_ms == last.end_ms or new.start_ms - last.end_ms < pause_ms
            if near and new.counted == last.counted and (short or new.look == last.look):
                found[-1] = _joined(last, new)
                continue
        found.append(new)
    return found


def _joined(one: Piece, other: Piece) -> Piece:
    first_ms, second_ms = one.end_ms - one.start_ms, other.end_ms - other.start_ms
    sure = (one.sure * first_ms + other.sure * second_ms) / max(1, first_ms + second_ms)
    return Piece(one.start_ms, other.end_ms, sure, one.counted)


_HEIGHTS = {"sure": 1.0, "unsure": 0.55, "uncounted": 0.25}
"""Parts of a bar's height: the second thing, beside colour, by which they are told apart."""


def _lane(lane: Lane, top: int, bar: int) -> str:
    paths = []
    for look, part in _HEIGHTS.items():
        tall = round(bar * part)
        low = top + bar - tall
        some = [piece for piece in lane.pieces if piece.look == look]
        for first in range(0, len(some), PIECES_A_PATH):
            group = some[first : first + PIECES_A_PATH]
            drawn = "".join(f"M{p.start_ms} {low}h{p.end_ms - p.start_ms}v{tall}H{p.start_ms}z" for p in group)
            sure = "" if lane.voice == "unknown" else " ".join(str(round(100 * p.sure)) for p in group)
            paths.append(f'<path class="{look}" data-sure="{sure}" d="{drawn}"/>')
    return (
        f'<g class="lane {lane.voice}" data-name="{_quoted(lane.name)}" data-told="{_quoted(lane.told)}"'
        f' data-top="{top}" data-bar="{bar}">{"".join(paths)}</g>'
    )


def _cuts(lane: Lane, marks: Sequence[CutIn], at: int) -> str:
    """Dots above the bar of whoever came in. A dot is a line without length and with a round end: so it stays round."""
    own = [event for event in marks if lane.voice == "person" and event.by == lane.name]
    if not own:
        return ""
    over = json.dumps([event.over for event in own], ensure_ascii=False)
    dots = "".join(f"M{event.start_ms} {at}h0" for event in own)
    return f'<path class="cuts" data-by="{_quoted(lane.name)}" data-over="{_quoted(over)}" d="{dots}"/>'


def _own(prompts: Sequence[Said], top: int, language: str) -> str:
    if not prompts:
        return ""
    texts = json.dumps([said.text for said in prompts], ensure_ascii=False)
    ticks = "".join(f"M{said.start_ms} {top}v{OWN_BAR}" for said in prompts)
    return f'<path class="prompts" lang="{_quoted(language)}" data-said="{_quoted(texts)}" d="{ticks}"/>'


# -- what lies around them ------------------------------------------------------------------------


def _bands(account: Account, end_ms: int, height: int, language: str, texts: Texts) -> str:
    """Stages, pauses in them, and when nothing could be heard. Each is an SVG of its own, which cuts its label off
    where there is no room."""
    found = [HATCH]
    stages = stretches(account.events, StageStarted, (StageEnded, SessionEnded), end_ms)
    for number, (began, span) in enumerate(stages):
        look = "band even" if number % 2 else "band odd"
        found.append(_band(look, span, end_ms, height, began.stage, language))
    for span in pauses(account.events, end_ms):
        found.append(_band("band pause", span, end_ms, height, texts("timeline.pause"), texts.code))
    for missed in account.events:
        if isinstance(missed, NotMeasured):
            span = Span(missed.start_ms, missed.end_ms)
            found.append(_band("band pause", span, end_ms, height, texts("timeline.not_measured"), texts.code))
    return "".join(found)


def _band(look: str, span: Span, end_ms: int, height: int, label: str, language: str) -> str:
    start_ms, stop_ms = span
    return (
        f'<svg class="{look}" data-start="{start_ms}" data-stop="{stop_ms}" x="{_percent(start_ms, end_ms)}"'
        f' width="{_percent(stop_ms - start_ms, end_ms)}" height="{height}"><rect width="100%" height="100%"'
        + (' fill="url(#timeline-hatch)"' if look.endswith("pause") else "")
        + f'/><text x="4" y="15" lang="{_quoted(language)}">{escape(label)}</text></svg>'
    )


def _axis(end_ms: int, height: int) -> str:
    step_ms = 1_000 * next((s for s in STEPS_S if end_ms / (1_000 * s) <= MOST_LABELS), STEPS_S[-1])
    marks = []
    for at_ms in range(0, end_ms, step_ms):
        x = _percent(at_ms, end_ms)
        marks.append(f'<line x1="{x}" x2="{x}" y1="{TOP - 4}" y2="{height - FOOT + 6}"/>')
        if at_ms < 0.93 * end_ms:  # the last would not fit
            marks.append(f'<text x="{x}" y="{height - 5}" dx="2">{length(at_ms)}</text>')
    return f'<g class="axis" data-foot="{FOOT}" data-top="{TOP}">{"".join(marks)}</g>'


def _key(lanes: Sequence[Lane], texts: Texts, *, cuts: bool, prompts: bool) -> str:
    looks = {piece.look for lane in lanes for piece in lane.pieces}
    rows = [
        ("sure" in looks, '<rect class="sure" width="16" height="12"/>', "speaks"),
        ("unsure" in looks, '<rect class="unsure" y="5" width="16" height="7"/>', "less_sure"),
        ("uncounted" in looks, '<rect class="uncounted" y="9" width="16" height="3"/>', "not_counted"),
        (cuts, '<circle class="cuts" cx="8" cy="6" r="3.5"/>', "cut_in"),
        (prompts, '<path class="prompts" d="M8 1v10"/>', "spoke"),
    ]
    items = "".join(
        f'<li><svg width="16" height="12" aria-hidden="true">{drawn}</svg> {escape(texts(f"timeline.key.{told}"))}</li>'
        for on, drawn, told in rows
        if on
    )
    return f'<figcaption>{escape(texts("sections.turns.title"))}<ul class="key">{items}</ul></figcaption>'


def _in_words(lanes: Sequence[Lane], end_ms: int, texts: Texts) -> str:
    """What somebody hears who does not see it."""
    parts = []
    for lane in lanes:
        counted = [piece for piece in lane.pieces if piece.counted]
        time = length(sum(piece.end_ms - piece.start_ms for piece in counted))
        stretches = texts.counted("report.stretches", len(counted))
        parts.append(texts("timeline.lane_in_words", name=lane.told, time=time, stretches=stretches))
    return texts("timeline.in_words", time=length(end_ms), lanes=". ".join(parts))


LIVE = "timeline.live."
"""What `timeline.js` says, which finds it in the picture: a saved page has no program to ask."""


def _words(texts: Texts) -> str:
    found = {key.removeprefix(LIVE): text for key, text in texts.messages.items() if key.startswith(LIVE)}
    return json.dumps(found, ensure_ascii=False)


def _percent(ms: int, of_ms: int) -> str:
    return f"{100 * ms / of_ms:.3f}%"


def _quoted(text: str) -> str:
    return escape(text, quote=True)
