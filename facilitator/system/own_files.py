"""Files that may lie beside a database, by kind: where each is made, and so where `audit` and `forget` look for it.

Exports, logs and what the voice said have a file of their own each (`exports.py`, `field_log.py`,
`backends/voice/voice_files.py`); models are in the data folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from facilitator.resources.paths import database_path
from facilitator.store.notebook.private import private_file
from facilitator.store.recovery.salvage import TEMPORARY

RESCUED = "facilitator-session-*.jsonl"
"""A session that could not be stored."""
HANDED_OVER = "facilitator-table-*.db"
"""Of another table of the room, not merged yet."""


def rescue_folders() -> tuple[Path, ...]:
    """Where one is saved if nobody says where, in the order in which they are tried."""
    return tuple(dict.fromkeys((Path.cwd(), database_path().parent, Path.home(), Path(tempfile.gettempdir()))))


def rescued(folders: Iterable[Path]) -> list[Path]:
    return _found(RESCUED, {*folders, *rescue_folders()})


def recovered(db: Path) -> list[Path]:
    """New databases with what could be read of this one."""
    return _found(f"{db.stem}-recovered*{db.suffix}", {db.parent})


def private(db: Path) -> list[Path]:
    """What a mediator noted for themselves, and what each said of a joint report."""
    return [path for path in (private_file(db),) if path.is_file()]


def half_recovered(db: Path) -> list[Path]:
    """Copies of a damaged database, left by a `recover` that was killed."""
    return sorted(path for folder in db.parent.glob(f"{TEMPORARY}*") for path in folder.rglob("*") if path.is_file())


def handed_over(db: Path) -> list[Path]:
    """Sessions of other tables, which `facilitator room` has fetched and nobody has merged."""
    return _found(HANDED_OVER, {db.parent})


def _found(pattern: str, folders: set[Path]) -> list[Path]:
    return sorted({path for folder in folders for path in folder.glob(pattern) if path.is_file()})
