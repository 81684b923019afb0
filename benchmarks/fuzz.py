"""Runs every command on input that nobody would give on purpose, and looks at what comes of it.

    .venv/bin/python benchmarks/fuzz.py --runs 2500 [--seed 1] [--only databases] [--again 1:databases:17]

Each run begins in a fresh folder with a database, recordings and formats that are as they should be. What it is given
follows from the seed and its number alone: command lines, audio files, TOML, and databases and rescue files, in turn.
One in fifty is a process of its own; the others run in this one. A run has failed where there is a traceback, a fault
of the program's own or a warning of Python's; an exit code other than 0, 1 and 2; a character on the terminal that it
would obey or that turns what follows; a changed file that the command had no business with; a file left among temporary
ones; or where it computes for longer than a minute. Leaves with 1 when any has. Nothing outside the folders is touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from benchmarks.fuzzing import arguments, databases, documents, pool, sounds
from facilitator import cli

FAMILIES: dict[str, Callable[[random.Random, Path], list[str]]] = {
    "arguments": arguments.line,
    "sounds": sounds.line,
    "documents": documents.line,
    "databases": databases.line,
}
AS_PROCESS = 50
"""One run of so many is a process of its own."""
LIMIT_S, LONGEST_S = 60.0, 600.0
"""Of the processor's time, however busy the computer is; and by the clock on the wall, for who waits for ever."""
CODES = (0, 1, 2)
OF_THE_SOUND_SYSTEM = "pulse-"
"""Folders that libpulse makes wherever a program asks for sound devices (docs/privacy.md)."""
WRITE_THE_DATABASE = (
    "start", "demo", "correct", "agreements", "recover", "people", "forget", "audit",
)  # fmt: skip
"""Commands that are there to write into a database."""
DEVICE = Path("/dev/null")
"""Is given as a file, and has to keep its rights, also where who runs this may change them."""
KEPT_FIGURES = ("measures", "measured", "_sqlite_migrations")
"""Tables in which whoever reads may keep what follows from the others."""
_WRONG = (
    ("a traceback", re.compile(r"Traceback \(most recent call last\)|Exception (ignored )?in ")),
    ("a fault", re.compile(r"This program has a fault")),
    ("a warning", re.compile(r"^\S+\.py:\d+: \w*Warning:", re.MULTILINE)),
)
_TURNS = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    name: str
    """Seed, family and number: what `--again` takes."""
    words: list[str]
    code: int | None
    """None: it took too long."""
    told: str
    changed: tuple[str, ...]
    left: tuple[str, ...]
    took_s: float

    def wrong(self) -> str | None:
        """What kind of failure it is."""
        for kind, pattern in _WRONG:
            if pattern.search(self.told):
                return kind
        if self.code is None:
            return "no end"
        if self.code not in CODES:
            return f"exit code {self.code}"
        if marks := obeyed(self.told):
            return f"on the terminal: {', '.join(marks)}"
        if self.changed:
            return f"changed: {', '.join(self.changed)}"
        return f"left: {', '.join(self.left)}" if self.left else None


def obeyed(told: str) -> list[str]:
    """What a terminal would obey, and what has no width or turns the direction of what follows."""
    text = told.replace("\r\n", "\n")
    found = {c for c in text if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or c in _TURNS}
    return [f"U+{ord(c):04X}" for c in sorted(found)]


class _TooLongError(BaseException):
    """Nothing that a program catches."""


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise _TooLongError


def _contents(folder: Path) -> dict[str, str]:
    """By file, what stands in it. Of a database the rows: whoever reads one may bring its tables up to date, and SQLite
    puts what is in the file beside it into the file itself."""
    return {
        str(path.relative_to(folder)): _rows(path) or hashlib.sha1(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _rows(path: Path) -> str | None:
    """None where it is no database that SQLite can read."""
    if not path.read_bytes().startswith(b"SQLite format 3"):
        return None
    with tempfile.TemporaryDirectory() as folder:  # SQLite may write where it reads
        for end in ("", "-wal"):
            if (one := path.with_name(path.name + end)).exists():
                shutil.copy(one, Path(folder) / f"copy{end}")
        try:
            with contextlib.closing(sqlite3.connect(Path(folder) / "copy")) as db:
                db.text_factory = bytes
                names = [row[0].decode() for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                rows = {
                    name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name not in KEPT_FIGURES
                }
        except (sqlite3.Error, ValueError, OverflowError):
            return None
    kept = {name: sorted(map(repr, found)) for name, found in rows.items() if found}
    return hashlib.sha1(repr(sorted(kept.items())).encode()).hexdigest()


def _rights(path: Path) -> int | None:
    return path.stat().st_mode if path.exists() else None


def _may_change(words: list[str]) -> set[str]:
    """The files in its folder that this command line may change."""
    name = next((name for name in (" ".join(words[:2]), *words[:1]) if name in arguments.commands()), "start")
    allowed = {str(Path(one)) for one in arguments.outputs(name, words)}
    if words[:1] and words[0] in WRITE_THE_DATABASE:
        database = words[words.index("--db") + 1] if "--db" in words[:-1] else ""
        allowed |= {database + end for end in ("", "-wal", "-shm", "-journal")}
    return allowed


@contextlib.contextmanager
def _placed(home: Path, work: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody whose home this is, for as long as it lasts; and this folder as the current one."""
    before, where = dict(os.environ), Path.cwd()
    for name in [name for name in os.environ if name.startswith("FACILITATOR_")]:
        del os.environ[name]
    (home / "models").mkdir(parents=True)
    (home / "tmp").mkdir()
    if (work / "prompts").is_dir():
        os.environ["FACILITATOR_PROMPTS"] = str(work / "prompts")
    os.environ |= {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "TMPDIR": str(home / "tmp"),
        "FACILITATOR_MODELS": str(home / "models"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    tempfile.tempdir = None
    os.chdir(work)
    try:
        yield dict(os.environ)
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ |= before
        tempfile.tempdir = None


def _inside(words: list[str], answers: str) -> tuple[int | None, str]:
    """The exit code and all that was told, in this process."""
    told = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="")
    given = io.TextIOWrapper(io.BytesIO(answers.encode("utf-8", "replace")), "utf-8")
    limits = {signal.SIGPROF: (signal.ITIMER_PROF, LIMIT_S), signal.SIGALRM: (signal.ITIMER_REAL, LONGEST_S)}
    streams, hooks = (sys.stdin, sys.stdout, sys.stderr), (threading.excepthook, sys.excepthook)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, *limits)]
    sys.stdin, sys.stdout, sys.stderr = given, told, told
    for number, (timer, limit_s) in limits.items():
        signal.signal(number, _too_long)
        signal.setitimer(timer, limit_s)
    code: int | None = 0
    try:
        cli.main(words)
    except SystemExit as over:
        code = over.code if isinstance(over.code, int) else int(over.code is not None)
    except _TooLongError:
        code = None
    except BaseException:
        traceback.print_exc(file=told)
        code = 70
    finally:
        for timer, _ in limits.values():
            signal.setitimer(timer, 0)
        for number, handler in before:
            signal.signal(number, handler)
        sys.stdin, sys.stdout, sys.stderr = streams
        threading.excepthook, sys.excepthook = hooks
        root = logging.getLogger()
        for one in root.handlers[:]:
            root.removeHandler(one)
            one.close()
    told.flush()
    assert isinstance(told.buffer, io.BytesIO)
    return code, told.buffer.getvalue().decode("utf-8", "surrogateescape")


def _outside(words: list[str], answers: str, environ: dict[str, str]) -> tuple[int | None, str]:
    """The same as a process of its own."""
    given = answers.encode("utf-8", "replace")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "facilitator", *words],
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST_S, env=environ, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as over:
        return None, (over.stdout or b"").decode("utf-8", "surrogateescape")
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape")


def one(seed: int, family: str, number: int, files: pool.Pool, place: Path) -> Run:
    """The run of this number; `place` is made for it, and stays."""
    chance = random.Random(f"{seed}:{family}:{number}")
    work, home = place / "work", place / "home"
    files.into(work)
    (work / "folder").mkdir()
    words = FAMILIES[family](chance, work)
    answers = "".join(f"{chance.choice(('y', 'n', '', '2', chance.choice(pool.NASTY)))}\n" for _ in range(12))
    as_process = chance.randrange(AS_PROCESS) == 0 and not any("\0" in word for word in words)
    before, began_s, device = _contents(work), time.process_time(), _rights(DEVICE)
    with _placed(home, work) as environ:
        code, told = _outside(words, answers, environ) if as_process else _inside(words, answers)
    took_s = time.process_time() - began_s
    after, may = _contents(work), _may_change(words)
    # `audit --tidy` is there to delete
    changed = (
        [] if "--tidy" in words else [name for name in before if name not in may and after.get(name) != before[name]]
    )
    changed += [str(DEVICE)] if _rights(DEVICE) != device else []
    tmp = [path for path in sorted((home / "tmp").iterdir()) if not path.name.startswith(OF_THE_SOUND_SYSTEM)]
    left = [str(path.relative_to(home)) for path in tmp]
    return Run(
        name=f"{seed}:{family}:{number}",
        words=words,
        code=code,
        told=told,
        changed=tuple(changed),
        left=tuple(left),
        took_s=took_s,
    )


def runs(seed: int, count: int, families: list[str], folder: Path) -> Iterator[Run]:
    """So many runs, the families in turn, each in a folder that goes again."""
    files = pool.make(folder / "pool")
    for number in range(count):
        place = folder / "run"
        place.mkdir()
        yield one(seed, families[number % len(families)], number // len(families), files, place)
        shutil.rmtree(place)


def shown(run: Run) -> str:
    line = " ".join(ascii(word) for word in run.words)
    return f"{run.name}: {run.wrong()}\n    facilitator {line[:400]}\n    {run.told[-700:]!a}"


@click.command(help=__doc__)
@click.option("--runs", "count", default=2500, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--only", type=click.Choice(list(FAMILIES)), multiple=True, help="These kinds of input.")
@click.option(
    "--again", metavar="SEED:KIND:NUMBER", help="One run once more, with all that it tells; its folder stays."
)
def main(count: int, seed: int, only: tuple[str, ...], again: str | None) -> None:
    if again is not None:
        place = Path(tempfile.mkdtemp(prefix="fuzz-"))
        which, family, number = again.split(":")
        run = one(int(which), family, int(number), pool.make(place / "pool"), place)
        click.echo(f"{shown(run)}\nexit code {run.code}, {run.took_s:.1f} s, in {place}")
        for line in run.told.splitlines():
            click.echo(f"    {line!a}")
        return
    codes: Counter[str] = Counter()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for run in runs(seed, count, list(only or FAMILIES), Path(folder)):
            codes[str(run.code)] += 1
            if run.wrong():
                wrong += 1
                click.echo(shown(run))
            elif run.took_s > LIMIT_S / 6:
                click.echo(f"{run.name}: slow, {run.took_s:.1f} s")
    told = ", ".join(f"{times} with {code}" for code, times in sorted(codes.items()))
    click.echo(f"{count} runs ended: {told}; {wrong} went wrong.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
