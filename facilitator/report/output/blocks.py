"""What a report is made of, in the order of reading; here as plain text and Markdown, in `html.py` as a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from facilitator.core.language.texts import Texts
from facilitator.core.text import WIDEST, cells, in_lines

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
SectionKey = Literal["", "reasons", "opened", "moved", "cut_ins", "answered", "map", "silences", "said", "turns"]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[TextBlock]
    rule: str = ""
    """How its figures are made."""
    key: SectionKey = ""
    """By which it is found, in whatever language its title is."""


def plain(parts: Iterable[TextBlock | Section], texts: Texts, width: int | None = None) -> str:
    """As text for a terminal of that many columns (None: it is for none), ending in a newline."""
    return "\n\n".join(_plain(part, texts, WIDEST if width is None else width) for part in parts) + "\n"


def _plain(part: TextBlock | Section, texts: Texts, width: int) -> str:
    match part:
        case Section():
            told = "\n".join(_plain(block, texts, width) for block in part.blocks)
            rule = f"\n{in_lines(f'({part.rule})', width)}" if part.rule else ""
            return f"{in_lines(part.title, width)}\n{told}{rule}"
        case Prose():
            return in_lines(part.text, width)
        case Lines(listed=True):
            return "\n".join(in_lines(f"  - {line}", width) for line in part.lines)
        case Lines():
            return "\n".join(in_lines(line, width, later="    ") for line in part.lines)
        case TextTable():
            return "\n".join(_table(part, texts, width))


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


def _table(table: TextTable, texts: Texts, width: int) -> list[str]:
    """In columns, or where these are wider than the terminal, a paragraph for each row."""
    lines = _columns(table)
    if max(map(cells, lines)) <= width:
        return lines
    *before, _ = _widths(table)
    if table.wordy and sum(before) + 2 * len(before) <= width // 2:  # the last column has room enough to be folded
        return [in_lines(line, width) for line in lines]
    heads, *rows = table.rows
    return [line for row in rows for line in _paragraph(heads, row, texts, width)]


def _paragraph(heads: Sequence[str], row: Sequence[str], texts: Texts, width: int) -> list[str]:
    """What the row is about, then its cells with their headings, as many in a line as there is room for."""
    lines, here = [in_lines(f"{heads[0]} {row[0]}" if row[0][:1].isdigit() else row[0], width)], ""
    for head, cell in zip(heads[1:], row[1:], strict=True):
        part = texts("report.glance.figure", what=head, figure=cell)
        both = texts.side_by_side([here, part]) if here else part
        if here and cells(f"  {both}") > width:
            lines.append(in_lines(f"  {here}", width))
            here = part
        else:
            here = both
    return [*lines, in_lines(f"  {here}", width)]


def _widths(table: TextTable) -> list[int]:
    return [max(cells(row[column]) for row in table.rows) for column in range(len(table.rows[0]))]


def _columns(table: TextTable) -> list[str]:
    widths = _widths(table)
    lines = []
    for row in table.rows:
        spaces = [" " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
        told = [
            cell + space if table.wordy or not column else space + cell
            for column, (cell, space) in enumerate(zip(row, spaces, strict=True))
        ]
        lines.append("  ".join(told).rstrip())
    return lines
