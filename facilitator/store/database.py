"""Opening the database file, and saying in one sentence why something with it failed."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from facilitator.core.text import cleaned
from facilitator.errors import StoreError
from facilitator.store.schema import migrations
from facilitator.store.sqlite import Database

PATIENCE_S = 5.0
"""How long to wait for another program that is writing."""
HEADER = b"SQLite format 3\x00"
"""So every database of SQLite begins, whosever it is."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: in files of its name with these endings."""
DAMAGE = (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What comes of reading a file with wrong bytes in it (UnicodeDecodeError and JSONDecodeError are ValueErrors)."""


def open_file(path: Path, patience_s: float) -> Database:
    """Open the database for writing, made or brought up to date where need be. Raises StoreError."""
    make_private(path)
    try:
        db = _connect(str(path), patience_s)
        try:
            _check(db, path)
            _enable_wal(db, patience_s)
            _bring_up_to_date(db)
        except BaseException:
            db.close()
            raise
    except DAMAGE as error:
        raise StoreError(explain(path, error)) from error
    return db


def open_for_reading(path: Path, patience_s: float) -> Database:
    """Open a database that is there already. One that cannot be written to is read as it is. Raises StoreError."""
    refuse_others(path)
    if not path.exists():
        raise StoreError(f"There is no database {path} yet; start a discussion, or name another file with --db.")
    if path.is_dir() or os.access(path, os.W_OK):
        try:
            return open_file(path, patience_s)
        except StoreError as error:
            name = getattr(error.__cause__, "sqlite_errorname", None) or ""
            if not name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
                raise
            # A full disk: SQLite cannot make the files beside it, which only who writes needs.
    # What was written last may still be in the file beside it. Where there is none, `immutable` keeps SQLite from
    # making it and one more, which would get the rights of the database and be in the way once that may be written to.
    last = path.with_name(f"{path.name}-wal")
    more = "" if last.exists() and last.stat().st_size else "&immutable=1"
    try:
        db = _connect(f"file:{quote(path.as_posix())}?mode=ro{more}", patience_s)
        try:
            _check(db, path)
            if migrations.MIGRATIONS.pending(db):
                raise StoreError(
                    f"{path} was made by an older version and cannot be written to; copy it, and name the copy."
                )
        except BaseException:
            db.close()
            raise
    except DAMAGE as error:
        raise StoreError(explain(path, error)) from error
    return db


def open_memory() -> Database:
    db = _connect(":memory:", PATIENCE_S)
    _bring_up_to_date(db)
    return db


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction: all of it is stored, or nothing. It takes the lock at once, and waits for it: a transaction
    that reads first and is overtaken by another program could only fail."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        with suppress(sqlite3.Error):
            db.rollback()
        raise


def identity(path: Path) -> tuple[int, int] | None:
    """What tells this very file from another one of its name; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def understood(path: Path | None) -> Iterator[None]:
    """For what makes sense of stored rows: what is wrong in them is wrong with the file. Raises StoreError."""
    try:
        yield
    except DAMAGE as error:
        raise StoreError(explain(path or Path("memory"), error)) from error


def explain(path: Path, error: Exception) -> str:
    """One sentence for people: what is wrong with the file and what to do."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for begins, sentence in _SENTENCES.items():
        if name.startswith(begins):
            return sentence.format(path=path)
    if isinstance(error, sqlite3.Error) and not (name or "decode" in str(error)):
        return f"{path} could not be used ({error}); choose another file with --db."
    return damaged(path)


def is_refusal(error: Exception) -> bool:
    """Whether it is SQLite that would not do what it was asked."""
    return isinstance(error, sqlite3.Error)


def damaged(path: Path | None) -> str:
    """The sentence about a damaged file."""
    return _SENTENCES["SQLITE_CORRUPT"].format(path=path or "memory")


_BUSY = "Another program is using {path}; close it, or choose another file with --db."
_READONLY = "{path} cannot be written to; allow it, or choose another file with --db."
_SENTENCES = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": "There is no room left on the disk for {path}; make some room.",
    "SQLITE_READONLY": _READONLY,
    "SQLITE_PERM": _READONLY,
    "SQLITE_AUTH": _READONLY,
    "SQLITE_CANTOPEN": "{path} cannot be opened; check the folder, or choose another file with --db.",
    "SQLITE_NOTADB": "{path} is not a database; choose another file with --db. If it was one, it is damaged: "
    "facilitator recover --database {path} takes out what can be read.",
    "SQLITE_CORRUPT": "{path} is damaged: facilitator recover --database {path} takes out what can be read, "
    "into a new file; or choose another file with --db.",
    "SQLITE_IOERR": "The disk would not take what was written to {path}; check that it is there and has room.",
}


def _connect(name: str, patience_s: float) -> Database:
    """`name`: a path, or an address that begins with `file:`."""
    if sqlite3.sqlite_version_info < (3, 37):  # strict tables
        raise StoreError(f"SQLite 3.37 is needed and this Python has {sqlite3.sqlite_version}; use a newer Python.")
    connection = sqlite3.connect(name, timeout=patience_s, uri=name.startswith("file:"), check_same_thread=False)
    try:
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA foreign_keys = ON")
        # Every commit reaches the disk: a power cut costs no more than a crash, and only the writer's thread waits.
        db.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return db


def _bring_up_to_date(db: Database) -> None:
    """All steps or none. A table that others point to can only be made anew while nothing looks after what points
    where; the rows keep their numbers, so all of it points to the same as before."""
    if not migrations.MIGRATIONS.pending(db):
        return
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA legacy_alter_table = ON")
    try:
        with writing(db):
            migrations.MIGRATIONS.apply(db)
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")
        db.execute("PRAGMA foreign_keys = ON")


def _enable_wal(db: Database, patience_s: float) -> None:
    """This change alone SQLite does not wait for, so when two programs make the file at once, one has to ask again."""
    until_s = time.monotonic() + patience_s
    while True:
        try:
            return db.enable_wal()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until_s:
                raise
        time.sleep(0.02)


def make_private(path: Path) -> None:
    """See that the file is there. The folders and the file made here are for their owner only, whatever the umask;
    SQLite gives its other two files the rights of the first. What was there already stays as it is."""
    refuse_others(path)
    try:
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        if not path.exists():
            with suppress(FileExistsError):  # another program was quicker
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                os.close(handle)
                path.chmod(0o600)  # whatever the umask
        if not os.access(path, os.W_OK):
            raise StoreError(f"{path} cannot be written to; allow it, or choose another file with --db.")
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror}); choose another file with --db.") from error


def refuse_others(path: Path) -> None:
    """Raises StoreError for what can be no database: a folder, a device, a name that is none."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise StoreError(f"{cleaned(str(path))} cannot be a database ({reason}); choose another file.") from error
    if stat.S_ISDIR(mode):
        raise StoreError(f"{path} is a folder; name a file in it, for example {path / 'sessions.db'}.")
    if not stat.S_ISREG(mode):
        raise StoreError(f"{path} is no file but a device or a pipe; choose another file with --db.")


def _check(db: Database, path: Path) -> None:
    """Raises StoreError for a database of another program, or of a newer version of this one."""
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}
    found = migrations.applied(db)
    if found - migrations.known():
        raise StoreError(
            f"{path} was made by a newer version of this program; install that one, or choose another file with --db."
        )
    if tables - {migrations.MIGRATIONS.migrations_table} and not found:
        raise StoreError(f"{path} is a database of another program; choose another file with --db.")
