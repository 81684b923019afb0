"""Help in lines that the terminal has room for."""

from __future__ import annotations

from collections.abc import Iterable

import click

from facilitator.core.text import cells, in_lines
from facilitator.terminal.tell import columns

ELSEWHERE = 80
"""Columns, where there is no terminal."""
MOST_BESIDE = 30
"""Columns for the names of options beside what they do; longer ones stand above it."""


class HelpLines(click.HelpFormatter):
    """click's own is never narrower than 50 columns, and breaks words."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(width=columns() or ELSEWHERE)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        self.write(in_lines(f"{prefix or 'Usage: '}{prog} {args}".rstrip(), self.width, later=" " * 7) + "\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        paragraphs = []
        for paragraph in text.split("\n\n"):
            kept = paragraph.strip("\n").removeprefix("\b\n")
            if kept == paragraph.strip("\n"):
                paragraphs.append(in_lines(indent + " ".join(paragraph.split()), self.width, later=indent))
            else:
                paragraphs.append("\n".join(self._example(indent + line) for line in kept.split("\n")))
        self.write("\n\n".join(paragraphs) + "\n")

    def _example(self, line: str) -> str:
        """A command in several lines can be copied as it stands."""
        if cells(line) <= self.width:
            return line
        further = " " * (len(line) - len(line.lstrip()) + 4)
        return " \\\n".join(in_lines(line, self.width - 2, later=further).split("\n"))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = MOST_BESIDE, col_spacing: int = 2) -> None:
        indent, rows = " " * self.current_indent, list(rows)
        beside = min(max(cells(name) for name, _ in rows), col_max)
        if self.current_indent + beside + col_spacing > self.width // 2:
            beside = 2  # under each other
        start = " " * (self.current_indent + beside + col_spacing)
        for name, what in rows:
            fits = cells(name) <= beside
            head = f"{indent}{name:<{beside}}{' ' * col_spacing}" if fits else f"{indent}{name}\n{start}"
            self.write(in_lines(f"{head}{what}".rstrip(), self.width, later=start) + "\n")
