"""What the live screen shows: a snapshot laid out as lines of text. Pure: same snapshot, same lines.

From top to bottom: stage, round and clock; who has the floor and how much time is left, in large
letters; everyone's airtime; what was said last; trouble; the keys. Every state is told in words or
signs, colour only repeats it, and the colours are the terminal's own, so that they fit a dark and a
light background. Widths are counted in cells, so that wide letters line up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from facilitator.core.airtime_display import AirtimeRule, Ring
from facilitator.core.events import CommandName
from facilitator.core.language.texts import Texts
from facilitator.core.snapshot import PersonView, Snapshot
from facilitator.core.text import clock, left, length
from facilitator.terminal import bigtext
from facilitator.terminal.keys import AIRTIME, keys_for

OPENING = "opening"
"""The stage kind in which voice samples are taken: their progress is shown in place of airtime."""
ASKING = (OPENING, "rate")
"""The stage kinds in which people are asked, one after the other, and nobody's time runs."""

MAX_WIDTH = 132
LEAST_BESIDE = 3
"""Lines for who has the floor and for the people, however much is said."""
_LARGE_FROM_HEIGHT = 30
_MAX_NAME = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSigns:
    """The signs in use; a terminal that knows only ASCII gets plainer ones and no large letters."""

    floor: str
    speaking: str
    rule: str
    heavy: str
    empty: str
    full: str
    dot: str
    big: bool


SIGNS = ScreenSigns(floor="▶", speaking="●", rule="─", heavy="━", empty="·", full="█", dot=" · ", big=True)
ASCII = ScreenSigns(floor=">", speaking="*", rule="-", heavy="=", empty=".", full="#", dot=" - ", big=False)


def lay_out(
    snapshot: Snapshot,
    airtime: AirtimeRule,
    texts: Texts,
    width: int,
    height: int,
    signs: ScreenSigns = SIGNS,
    typed: tuple[CommandName, str] | None = None,
    caption: str = "",
) -> list[Text]:
    """Exactly `height` lines of at most `width` cells. `typed`: what somebody is writing; `caption`: what
    somebody else than the facilitator says."""
    inner = max(20, min(width - 4, MAX_WIDTH)) if width >= 44 else max(1, width)
    margin = max(0, (width - inner) // 2)
    top = [*_header(snapshot, inner, signs, texts), _rule(snapshot, inner, signs)]
    bottom = _keys(snapshot, airtime, inner, texts)
    below = _asked(snapshot, inner, typed, texts) + _trouble(snapshot, inner, texts)
    # What is said aloud comes first: it is there whole, and the rest makes do with what is left.
    spare = height - len(top) - len(bottom) - len(below)
    said = _said(snapshot, caption, inner, texts, lines=max(2, spare - LEAST_BESIDE)) + below
    spare = height - len(top) - len(bottom) - len(said)
    people = _people(snapshot, airtime, inner, signs, texts, most=max(1, spare - 2))
    spare -= len(people)
    if spare >= 10 + len(people) and height >= _LARGE_FROM_HEIGHT:
        people = [line for row in people for line in (row, Text())][:-1]
        spare -= len(people) // 2
    band = _band(snapshot, inner, spare, signs, texts, large=height >= _LARGE_FROM_HEIGHT)
    blocks = [top, band, people, said, bottom]
    lines = _stack([block for block in blocks if block], height)
    indent = " " * margin
    lines = [Text.assemble(indent, line) if line else line for line in lines]
    for line in lines:
        line.truncate(width)
    return lines


def _stack(blocks: list[list[Text]], height: int) -> list[Text]:
    """The blocks from the top, the last one at the bottom, what room is left between them in even parts."""
    spare = height - sum(len(block) for block in blocks)
    gaps = len(blocks) - 1
    lines: list[Text] = []
    for i, block in enumerate(blocks):
        lines += block
        if spare > 0 and i < gaps:
            # No gap grows beyond three lines, but the last: it takes the rest and keeps the keys at the bottom.
            share = spare - sum(_gap(spare, gaps, j) for j in range(i)) if i == gaps - 1 else _gap(spare, gaps, i)
            lines += [Text() for _ in range(share)]
    return (lines + [Text() for _ in range(height)])[: max(height, 0)]


def _gap(spare: int, gaps: int, index: int) -> int:
    return min(3, spare // gaps + (1 if index < spare % gaps else 0))


def _between(start: Text, end: Text, width: int) -> Text:
    """One line: `start` at its beginning and `end` at its end; `start` gives way."""
    room = max(0, width - end.cell_len - 1)
    if start.cell_len > room:
        start = start.copy()
        start.truncate(room, overflow="ellipsis")
    return Text.assemble(start, " " * max(0, width - start.cell_len - end.cell_len), end)


def _fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded, or cut with an ellipsis."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


# --- the blocks ----------------------------------------------------------------------------------


def _header(snapshot: Snapshot, width: int, signs: ScreenSigns, texts: Texts) -> list[Text]:
    """One line, or where that is too narrow for all of it a second one with what holds just now."""
    start = Text(snapshot.stage, style="bold")
    if snapshot.round is not None:
        of = {} if snapshot.rounds is None else {"of": snapshot.rounds}
        told = texts("round_of" if of else "round", number=snapshot.round, **of)
        start.append(f"{signs.dot}{told}", style="not bold")
    badges = [
        texts(badge)
        for badge, now in (("not_counted_badge", snapshot.not_counted), ("quiet_badge", snapshot.quiet))
        if now
    ]
    end = Text(signs.dot.join([*([texts("end")] if snapshot.ended else []), clock(snapshot.at_ms)]))
    beside = Text(signs.dot.join([*badges, end.plain]))
    if start.cell_len + 1 + beside.cell_len <= width:
        return [_between(start, beside, width)]
    below = [line for badge in badges for line in _wrapped(badge, width, "", lines=2)]
    return [_between(start, end, width), *below]


def _rule(snapshot: Snapshot, width: int, signs: ScreenSigns) -> Text:
    """A line across the page; while a turn runs, its heavy part is the time left."""
    left_ms, used_ms = snapshot.floor_left_ms, snapshot.floor_used_ms
    part = 0.0
    if snapshot.floor is not None and left_ms is not None and left_ms > 0:
        part = left_ms / (left_ms + max(0, used_ms))
    heavy = round(part * width)
    return Text.assemble((signs.heavy * heavy, "green"), (signs.rule * (width - heavy), "dim"))


def _band(snapshot: Snapshot, width: int, room: int, signs: ScreenSigns, texts: Texts, *, large: bool) -> list[Text]:
    """The large name and time with a line of words below, in at most `room` lines (and at least two)."""
    name, parts = _who(snapshot, signs, texts)
    time, time_words, style = _time(snapshot, texts)
    words = _side_by_side(parts, Text(time_words), width, signs)
    if signs.big:
        for size in (True, False) if large else (False,):
            lines = _big(name, time, style, width, large=size)
            if lines is not None and len(lines) + 1 + len(words) <= room:
                return [*lines, Text(), *words] if len(lines) + 2 + len(words) <= room else [*lines, *words]
    line = _between(Text(name, style="bold"), Text(time, style=style), width)
    return [line, *words[: max(1, room - 1)]]


def _side_by_side(parts: list[Text], end: Text, width: int, signs: ScreenSigns) -> list[Text]:
    """The parts in as few lines as hold each of them whole, `end` at the end of the first."""
    lines = [Text()]
    for part in parts:
        room = width - (end.cell_len + 1 if len(lines) == 1 and end else 0)
        joined = Text.assemble(lines[-1], signs.dot, part) if lines[-1] else part
        if lines[-1] and joined.cell_len > room:
            lines.append(part)
        else:
            lines[-1] = joined
    return [_between(lines[0], end, width), *lines[1:]]


def _big(name: str, time: str, style: str, width: int, *, large: bool) -> list[Text] | None:
    """Both in large letters, or the time alone beside a name in bold; None where there is no room for that."""
    time_columns, name_columns = bigtext.columns_of(time), bigtext.columns_of(name)
    cells = 2 if large else 1
    time_width = len(time_columns or b"") * cells
    if time_columns is None or time_width + 4 * cells > width:
        return None
    right = bigtext.draw(time_columns, large=large)
    left_width = width - time_width - (2 * cells if time_columns else 0)
    if name_columns is not None and len(name_columns) * cells <= left_width:
        starts = [Text(row, style="bold") for row in bigtext.draw(name_columns, large=large)]
    elif large:
        return None  # the smaller letters may still fit
    else:
        starts = [Text(), Text(_fit(name, min(left_width, cell_len(name))), style="bold reverse"), Text(), Text()]
    return [_between(start, Text(row, style=style), width) for start, row in zip(starts, right, strict=True)]


def _unheard(snapshot: Snapshot) -> bool:
    """Whether none of the people is listened to; where voices are still to be found there are none yet, and all are."""
    return bool(snapshot.people) and all(person.declined for person in snapshot.people)


def _who(snapshot: Snapshot, signs: ScreenSigns, texts: Texts) -> tuple[str, list[Text]]:
    """The name to show large, and what stands below it."""
    # In the opening circle a voice that is not known yet is no guest: it is being learned.
    guest = snapshot.guest_speaking and snapshot.stage_kind != OPENING
    speaking = [*snapshot.speaking, *([texts("now.guest")] if guest else [])]
    if snapshot.paused:
        return texts("floor.paused"), [Text(texts("floor.stands_still"))]
    if snapshot.floor is not None:
        sample = snapshot.stage_kind == OPENING and not snapshot.choices
        asked = "floor.introduce" if sample else "floor.asked"
        words = [Text(texts(asked if snapshot.stage_kind in ASKING else "floor.has"))]
        name = snapshot.floor
    elif speaking and not snapshot.own_voice:
        words = []
        name = " + ".join(speaking)
    else:
        words = []
        name = ""
    if snapshot.own_voice:
        now = texts("now.own_voice")
    elif speaking:
        told = texts("now.one" if len(speaking) == 1 else "now.several", names=texts.listed(speaking))
        now = texts("terminal.speaking_now") if name == " + ".join(speaking) else told
    elif snapshot.someone_speaking:
        now = texts("now.somebody")
    else:  # of those whom nobody listens to, nobody knows
        now = "" if snapshot.ended or _unheard(snapshot) else texts("now.nobody")
    if now:
        heard = bool(speaking) and not snapshot.own_voice
        words.append(Text(f"{signs.speaking} {now}" if heard else now, style="green" if heard else ""))
    if snapshot.next_person is not None and not snapshot.ended:
        words.append(_with_bold(texts("floor.next", name=snapshot.next_person), snapshot.next_person))
    return name, words


def _time(snapshot: Snapshot, texts: Texts) -> tuple[str, str, str]:
    """The time to show large, the words below it, and its style."""
    if snapshot.floor is None or snapshot.stage_kind in ASKING:
        return "", "", "bold"
    if snapshot.floor_left_ms is None:
        return length(snapshot.floor_used_ms), texts("time.so_far"), "bold"
    if snapshot.floor_left_ms <= 0:
        return left(snapshot.floor_left_ms), texts("time.up"), "bold magenta"
    return left(snapshot.floor_left_ms), texts("time.left"), "bold"


def _people(
    snapshot: Snapshot, airtime: AirtimeRule, width: int, signs: ScreenSigns, texts: Texts, *, most: int
) -> list[Text]:
    names = min(_MAX_NAME, max((cell_len(p.name) for p in snapshot.people), default=0), max(4, width // 4))
    opening, rings = snapshot.stage_kind == OPENING, airtime.rings(snapshot)
    learned = opening and not _unheard(snapshot)
    heading = [texts("terminal.voice_learned")] if learned else []
    if airtime.now == "shown" and rings and not opening:
        heading = [texts("terminal.time"), texts("terminal.share")]
        if width - names - len(_columns("", "", "", "")) >= 14:
            heading += [texts("terminal.cut_in"), texts("terminal.cut_off")]
    rows = [_person(p, snapshot, rings.get(p.name), heading, width, names, signs, texts) for p in snapshot.people]
    if len(rows) + bool(heading) <= most:
        told = heading[0] if learned else _columns(*heading)
        return [*([_between(Text(), Text(told, style="dim"), width)] if heading else []), *rows]
    if len(rows) > most:
        rows = [*rows[: most - 1], Text(texts.counted("terminal.and_more", len(rows) - most + 1), style="dim")]
    return rows


def _columns(*figures: str) -> str:
    return "".join(f" {figure:>{width}}" for figure, width in zip(figures, (8, 6, 7, 8), strict=False))


def _person(
    person: PersonView,
    snapshot: Snapshot,
    ring: Ring | None,
    heading: Sequence[str],
    width: int,
    names: int,
    signs: ScreenSigns,
    texts: Texts,
) -> Text:
    """`ring`: what may be seen of their airtime. `heading`: what the figures are that stand at the end of the line."""
    has_floor, speaks = person.name == snapshot.floor, person.name in snapshot.speaking
    marks = (signs.floor if has_floor else " ") + (signs.speaking if speaks else " ") + " "
    filled, right = None if ring is None else ring.filled, ""
    if snapshot.stage_kind == OPENING and not person.declined:
        filled = 1.0 if person.heard else person.enrolled_share
        known = texts("terminal.known") if person.heard else texts.percent(filled)
        right = f" {known:>13}"
    elif not person.here:
        right = f" {texts('person.away')}"
    elif not person.heard:
        right = f" {texts('person.declined')}"
    elif ring is not None and len(heading) > 1:
        figures = [length(person.airtime_ms), texts.percent(person.share)]
        right = _columns(*[*figures, str(person.cut_ins_made), str(person.cut_ins_received)][: len(heading)])
    elif ring is not None:
        little = texts("person.little") if ring.words == "little" else ""
        right = f" {little:>13}"
    line = Text(marks, style="bold green" if speaks else "bold")
    line.append(_fit(person.name, names) + " ", style="bold" if has_floor or speaks else "not bold")
    room = max(0, width - line.cell_len - len(right))
    full, empty = (" " * room, "") if filled is None else _bar(filled, room, signs)
    line.append(full, style="not bold green" if speaks else "not bold cyan")
    line.append(empty, style="not bold default dim")
    line.append(right, style="not bold default")
    line.truncate(width)
    return line


def _bar(filled: float, width: int, signs: ScreenSigns) -> tuple[str, str]:
    """`filled` (0 to 1) of `width` cells, to an eighth of a cell where the terminal can show that."""
    eighths = round(max(0.0, min(1.0, filled)) * width * 8)
    whole, rest = divmod(eighths, 8)
    full = signs.full * whole
    if rest and signs.big:
        full += _EIGHTHS[rest]
    return full, signs.empty * (width - cell_len(full))


def _said(snapshot: Snapshot, caption: str, width: int, texts: Texts, *, lines: int) -> list[Text]:
    if caption and not snapshot.own_voice and not snapshot.choices:
        return _wrapped(caption, width, "", lines=lines)
    if not snapshot.last_said:
        return []
    return _wrapped(texts("quoted", text=snapshot.last_said), width, "italic", lines=lines)


def _asked(snapshot: Snapshot, width: int, typed: tuple[CommandName, str] | None, texts: Texts) -> list[Text]:
    """What can be answered, who raised a hand, and the note that is being typed."""
    lines: list[Text] = []
    choices = [
        choice.label if choice.label == choice.key else f"{choice.key} {choice.label}"
        for choice in snapshot.choices
        if choice.key
    ]
    if choices:
        lines += _in_a_row(choices, width, "bold")
    if snapshot.queue:
        lines += _wrapped(texts("queue", names=", ".join(snapshot.queue)), width, "", lines=1)
    if typed is not None:
        what, text = typed
        title = texts("terminal.note" if what == "note" else "terminal.here")
        lines += _wrapped(texts("terminal.typing", typed=f"{title}{text}"), width, "reverse", lines=2)
    return lines


def _in_a_row(parts: Sequence[str], width: int, style: str) -> list[Text]:
    """All of them, each whole where it fits into a line."""
    found = [""]
    for part in parts:
        joined = f"{found[-1]} / {part}" if found[-1] else part
        if cell_len(joined) <= width:
            found[-1] = joined
        else:
            found.append(part)
    return [line for part in found if part for line in _wrapped(part, width, style, lines=3)]


def _trouble(snapshot: Snapshot, width: int, texts: Texts) -> list[Text]:
    return _wrapped(f"! {texts.sentence(snapshot.trouble)}", width, "bold magenta", lines=5) if snapshot.trouble else []


def _wrapped(text: str, width: int, style: str, *, lines: int) -> list[Text]:
    """The text in at most `lines` lines, broken between words where that is possible, cut with an ellipsis."""
    found = [""]
    for word in text.split():
        joined = f"{found[-1]} {word}".strip()
        if cell_len(joined) <= width:
            found[-1] = joined
        else:  # a word longer than the line, as a sentence without spaces in Chinese, breaks anywhere
            found += chop_cells(word, width)
    found = [line for line in found if line]
    if len(found) > lines:
        last = f"{found[lines - 1]} {found[lines]}"
        found = [*found[: lines - 1], _fit(last, width) if cell_len(last) > width else f"{last[: len(last) - 1]}…"]
    return [Text(line, style=style) for line in found]


def _keys(snapshot: Snapshot, airtime: AirtimeRule, width: int, texts: Texts) -> list[Text]:
    lines = [Text()]
    keys = [
        (texts("key.space") if key.cap == "space" else key.cap, _called(key.command, snapshot, texts))
        for key in keys_for(snapshot.commands)
    ]
    if keys and snapshot.stage_kind not in ASKING:
        keys.append((AIRTIME, texts(f"airtime.{airtime.now}")))
    for cap, label in keys:
        item = Text.assemble((cap, "bold reverse"), " ", label)
        if lines[-1] and lines[-1].cell_len + 3 + item.cell_len > width:
            lines.append(Text())
        lines[-1] = Text.assemble(lines[-1], "   ", item) if lines[-1] else item
    return lines if lines[0] else []


_BY_KEY_ALONE = ("yes", "no", "hand")


def _called(command: CommandName, snapshot: Snapshot, texts: Texts) -> str:
    """As on its button, where it has one."""
    if command in _BY_KEY_ALONE:
        return texts(f"terminal.{command}")
    return texts("button.speak" if command == "quiet" and snapshot.quiet else f"button.{command}")


def _with_bold(told: str, name: str) -> Text:
    text = Text(told)
    text.highlight_words([name], "bold")
    return text
