"""What could not be stored in the database is saved as a file, wherever there is room; else it is printed."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from facilitator.errors import StoreError
from facilitator.store.session_log import Store
from facilitator.system import own_files
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type

MOST_ASKED = 5


def save_the_rest(store: Store, *, ask: bool) -> bool:
    """Whether all of the session is in some file now. `ask`: someone can say where."""
    if store.whole:
        return True
    name = f"facilitator-session-{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}.jsonl"
    count = store.unwritten()
    what = f"{count} records of this session" if count else "The final turns of this session, and that it is over,"
    tell(f"\n{what} could not be stored in the database.")
    for path in (*(_asked(name) if ask and sys.stdin.isatty() else ()), *_usual(name)):
        try:
            store.rescue(path)
        except StoreError as error:
            tell(error.message, err=True)
            continue
        tell(to_type(f"They are in {path}. Once the database works again: facilitator recover {path}"))
        return True
    tell(
        f"No file can be written anywhere. Here they are: copy the lines between the two marks into a file {name},"
        f" and once there is room again: facilitator recover {name}\n-----"
    )
    for line in store.rescue_lines():
        tell(line, nl=False)
    tell("-----")
    return False


def _asked(name: str) -> Iterator[Path]:
    """Where someone says, again and again, until they leave it empty."""
    for _ in range(MOST_ASKED):
        said = click.prompt("Save them as a file (empty: one in the usual folders)", default="", show_default=False)
        if not said:
            return
        yield Path(said)


def _usual(name: str) -> Iterator[Path]:
    """In the current folder, beside the usual database, at home, among temporary files."""
    for folder in own_files.rescue_folders():
        yield folder / name
