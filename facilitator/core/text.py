"""Times and lists as people read them, and the door that text from outside comes in by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
BETWEEN_NAMES = re.compile(r"[,;\n\u060c\u061b\u3001\uff0c\uff1b]")  # also the Arabic, Chinese and Japanese ones
WIDEST = 96
"""Columns: lines are no longer, however wide the terminal is, as nobody reads such lines with ease."""


def clock(ms: int) -> str:
    """Where the session stands: `00:42`, `61:05` is written `1:01:05`."""
    seconds = max(0, ms) // 1000
    if seconds < 3600:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def length(ms: int) -> str:
    """How long something is, to the nearest second: `2:00`, `0:07`, `1:01:05`."""
    seconds = (max(0, ms) + 500) // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def moment(ms: int) -> str:
    """A moment that can be typed as it is told: `12:40`, `1:02:03`, and `12:40.5` where it is no whole second."""
    seconds, tenths = ms // 1000, ms % 1000 // 100
    return length(seconds * 1000) + (f".{tenths}" if tenths else "")


def about(ms: int) -> tuple[int, int]:
    """Hours and minutes, as exactly as anyone plans an evening: 0 and 7, 0 and 45, 1 and 0, 2 and 15."""
    minutes = max(1, round(ms / MINUTE_MS))
    return divmod(minutes if minutes < 10 else 5 * round(minutes / 5), 60)


def left(ms: int) -> str:
    """A countdown: 1 ms to 1000 ms left reads `0:01`; once it is over, the time since, as `+0:07`."""
    if ms > 0:
        return length((ms + 999) // 1000 * 1000)
    return "0:00" if ms > -1000 else f"+{length(-ms // 1000 * 1000)}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Ana, Ben and Carla"""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def cells(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def in_lines(text: str, width: int, later: str | None = None) -> str:
    """Each line of the text in lines of at most `width` columns, broken between words alone; a number and its unit stay
    together. A word that is longer has a line of its own. `later`: what the further lines begin with; None: as many
    spaces as bring them under the line's last column, or else under its text."""
    return "\n".join(_in_lines(line, width, later) for line in text.split("\n"))


_UNIT = r" (?:%|s(?!\w))[^ ]*"
_WORDS = re.compile(
    rf" +|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]|[^ \u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+(?:{_UNIT})?"
)
"""Spaces, words, and the letters of scripts that are written without spaces."""
_COLUMNS = re.compile(r"(?<=\S)  +(?=\S)")
_BEGINS = re.compile(r" *([-*] |\d+\. )?")


def _in_lines(line: str, width: int, later: str | None) -> str:
    if cells(line) <= width:
        return line
    later = " " * _hang(line, width) if later is None else later
    text = line.lstrip(" ")
    found, here, gap, begun = [], line[: len(line) - len(text)], "", False
    for part in _WORDS.findall(text.rstrip(" ")):
        if part.isspace():
            gap = part
            continue
        if begun and cells(here + gap + part) > width:
            found.append(here)
            here, begun = later, False
        here += gap + part if begun else part
        gap, begun = "", True
    return "\n".join([*found, here])


def _hang(line: str, width: int) -> int:
    """Where a line goes on: under its last column where there is room for it, else a little further in."""
    columns = [cells(line[: found.end()]) for found in _COLUMNS.finditer(line)]
    if columns and columns[-1] <= width // 2:
        return columns[-1]
    begins = _BEGINS.match(line)
    assert begins is not None
    further = 0 if begins[1] or not (begins[0] or columns) else 2
    return begins.end() + further


_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, moves of the cursor
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, the clipboard, links
    r"|\x1b[ -/]*[0-~]?"
)
UNSEEN = frozenset(
    chr(place)
    for first, last in (
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    )
    for place in range(first, last + 1)
)  # fmt: skip
"""Characters that nobody sees: without a width, or that only turn the direction (Default_Ignorable_Code_Point in
Unicode's data, and the interlinear marks). Letters of Hangul that stand for none are among them."""
_BLANK = "\u2800"
"""Of Braille: a cell with no dot, as wide as a letter."""
_JOINERS = "\u200c\u200d"
_SELECTS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_JOINED_FROM = 0x0590
"""Scripts from here on are written with joiners; before it stand Latin, Greek, Cyrillic, Armenian."""


def cleaned(text: str, *, lines: bool = False) -> str:
    """Text from outside without what is not text: control characters and escape sequences, which a terminal obeys;
    marks that turn the direction of what follows, and characters without a width, which make one name look like another
    (Unicode Technical Report 36, 3.3; Standard 39). `lines`: ends of lines and tabs stay, else they are spaces.

    Joiners stay between letters of scripts that are written with them, and in emoji; what chooses between two forms of
    a character stays behind one that has several. Half a character is shown as �."""
    if text.isprintable() and (text.isascii() or (_BLANK not in text and UNSEEN.isdisjoint(text))):
        return text
    text = _ESCAPES.sub("", text)
    kept: list[str] = []
    for letter in text:
        if letter in UNSEEN and not (kept and _belongs(letter, kept[-1])):
            continue
        kind = unicodedata.category(letter)
        if kind == "Cc" or kind in ("Zl", "Zp"):
            if letter in "\n\t" and lines:
                kept.append(letter)
            elif letter in "\n\t\r\v\f\x85\u2028\u2029":
                kept.append("\n" if lines and letter in "\u2028\u2029\x85" else " ")
        elif kind == "Cs":
            kept.append("\ufffd")
        else:
            kept.append(" " if letter == _BLANK else letter)
    return "".join(kept)


def _belongs(unseen: str, before: str) -> bool:
    """Whether it is written behind that letter."""
    mark, letter = ord(unseen), ord(before)
    if unseen in _JOINERS:
        return letter >= _JOINED_FROM and before not in UNSEEN - _SELECTS
    if 0x180B <= mark <= 0x180F and mark != 0x180E:  # forms of Mongolian letters
        return 0x1800 <= letter <= 0x18AF and before not in UNSEEN
    if mark in (0xFE0E, 0xFE0F):  # a sign or a picture of it
        return letter >= 0x2000 and unicodedata.category(before) in ("So", "Sm", "Po")
    if 0xFE00 <= mark <= 0xFE0D or 0xE0100 <= mark <= 0xE01EF:  # forms of Han characters
        return any(first <= letter <= last for first, last in ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)))
    return False


def all_cleaned(value: Any, *, lines: bool = True) -> Any:
    """`cleaned` for every text in a JSON or TOML value, keys as well."""
    if isinstance(value, str):
        return cleaned(value, lines=lines)
    if isinstance(value, Mapping):
        return {all_cleaned(key, lines=lines): all_cleaned(one, lines=lines) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(all_cleaned(one, lines=lines) for one in value)
    return value
