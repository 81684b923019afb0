"""What commands print on a terminal of a certain width, and the pages of it that are kept to compare with.

python -m tests.support.terminal_text      # writes tests/data/golden/terminal-*.txt anew: look at the difference
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path
from unittest import mock

from facilitator.cli import cli
from facilitator.report.trends.text import plain
from facilitator.store.session_log import Store
from tests.support.evening import evening
from tests.support.histories import Group, reviews
from tests.support.terminal_states import live_pages
from tests.support.texts import ENGLISH

WIDTHS = (40, 60, 80, 120)
GOLDEN = Path(__file__).parents[1] / "data" / "golden"
KEPT = (
    ("review",),
    ("review", "--all"),
    ("agreements",),
    ("formats", "list"),
    ("--help",),
    ("review", "--help"),
    ("revue",),
    ("start", "--people", "4"),
)
WITH_DATABASE = ("review", "agreements", "forget", "audit", "people", "replay", "trends", "start", "doctor")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(width: int, *args: str) -> str:
    """Both streams, as they come."""
    screen = _Terminal()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": str(width)}),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
        contextlib.suppress(SystemExit),
    ):
        cli.main(list(args), prog_name="facilitator")
    return screen.getvalue()


def with_database(db: Path, args: tuple[str, ...]) -> tuple[str, ...]:
    """The command, about that database."""
    return (*args, "--db", str(db)) if args[0] in WITH_DATABASE and "--help" not in args else args


def pages(width: int) -> str:
    """What is kept: every command with what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            with Store.open(Path("talks.db")) as store:
                evening(store)
            told = [
                f"$ facilitator {' '.join(args)}\n{on_terminal(width, *with_database(Path('talks.db'), args))}"
                for args in KEPT
            ]
            live = live_pages(Path("live.db"), width)
        finally:
            os.chdir(before)
    histories = [Group(3, people=4, grows=0.3).history(), reviews(2, 9, 1.5)]
    return "\n".join([*told, f"(trends)\n{plain(histories, ENGLISH, min(width, 96))}", live])


if __name__ == "__main__":
    for columns in WIDTHS:
        (GOLDEN / f"terminal-{columns}.txt").write_text(pages(columns), encoding="utf-8", newline="\n")
