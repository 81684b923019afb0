"""What a report is made of, in the order of reading; here as plain text and Markdown, in `html.py` as a page."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 96

_MARKS = {"plain": "", "observation": "*", "question": "**"}


@dataclass(frozen=True, slots=True)
class Prose:
    text: str
    kind: Literal["plain", "observation", "question"] = "plain"


@dataclass(frozen=True, slots=True)
class Lines:
    """A line each; `listed` ones are remarks at the edge: rules, and the like."""

    lines: Sequence[str]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class TextTable:
    """The first row is the heading, the first cell of every row says what the row is about."""

    rows: Sequence[Sequence[str]]
    caption: str
    """Said to those who do not see it."""
    wordy: bool = False
    """Cells are words, to be read from the left; else figures."""


TextBlock = Prose | Lines | TextTable


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[TextBlock]
    rule: str = ""
    """How its figures are made."""


def plain(parts: Iterable[TextBlock | Section]) -> str:
    """As text for a terminal, ending in a newline."""
    return "\n\n".join(_plain(part) for part in parts) + "\n"


def _plain(part: TextBlock | Section) -> str:
    match part:
        case Section():
            told = "\n".join(_plain(block) for block in part.blocks)
            rule = f"\n{_filled(f'({part.rule})')}" if part.rule else ""
            return f"{part.title}\n{told}{rule}"
        case Prose():
            return _filled(part.text)
        case Lines(listed=True):
            return "\n".join(_filled(line, first="  - ", later="    ") for line in part.lines)
        case Lines():
            return "\n".join(_filled(line, later="    ") for line in part.lines)
        case TextTable():
            return "\n".join(_columns(part))


def markdown(parts: Iterable[TextBlock | Section], title: str = "") -> str:
    """As Markdown (tables as GitHub has them), ending in a newline."""
    return "\n\n".join([*([f"# {escaped(title)}"] if title else []), *(_markdown(part) for part in parts)]) + "\n"


def _markdown(part: TextBlock | Section) -> str:
    match part:
        case Section():
            blocks = [f"## {escaped(part.title)}", *(_markdown(block) for block in part.blocks)]
            return "\n\n".join([*blocks, *([f"> {escaped(part.rule)}"] if part.rule else [])])
        case Prose():
            mark = _MARKS[part.kind]
            return f"{mark}{escaped(part.text)}{mark}"
        case Lines():
            return "\n".join(f"- {escaped(line)}" for line in part.lines)
        case TextTable():
            lines = ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in part.rows]
            lines.insert(1, "|---" + ("|---" if part.wordy else "|---:") * (len(part.rows[0]) - 1) + "|")
            return "\n".join(lines)


def escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", text)


def _filled(text: str, *, first: str = "", later: str = "") -> str:
    """Lines no wider than a terminal; a number and its sign stay together."""
    kept = text.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.fill(
        kept, WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return lines.replace("\N{NO-BREAK SPACE}%", " %")


def _columns(table: TextTable) -> list[str]:
    widths = [max(_width(row[column]) for row in table.rows) for column in range(len(table.rows[0]))]
    lines = []
    for row in table.rows:
        spaces = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            cell + space if table.wordy or not column else space + cell
            for column, (cell, space) in enumerate(zip(row, spaces, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
