"""How long `facilitator trends` takes over ten years of weekly sessions.

    .venv/bin/python benchmarks/accuracy/trends.py [--sessions 500] [--keep FILE]

A few discussions of an hour (four people, simulated with the real rules) are stored as the program stores them, and
copied row by row, with their times and lengths a little changed, until there are 500 of them a week apart; once a
quarter people say how fair things feel. Then the program is run as anyone would run it, several times: once with
nothing counted before, then with it.
"""

from __future__ import annotations

import datetime
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import with_options
from facilitator.core.formats.stages import INDICATORS
from facilitator.core.setup import Setup
from facilitator.resources.prompts import default_prompts
from facilitator.simulation.table import NAMES, SimulatedTable
from facilitator.store.session_log import Store

ORIGINALS = 4
PEOPLE = NAMES[:4]
REVIEWED = 13
"""Once in so many weeks, which is once a quarter, people say how fair things feel."""
COPIED = ("seats", "speech", "turns", "cut_ins", "floor", "stages", "prompts", "events", "ratings", "agreements")


def hour(store: Store, seed: int, began: datetime.datetime) -> int:
    """One discussion of an hour, stored."""
    prompts = default_prompts()
    form = prompts.format("open") if seed % 2 else with_options(prompts.format("round-robin"), minutes=5, rounds=3)
    discussion = Discussion(Setup(people=PEOPLE, format=form, language=prompts.language("en")))
    table = SimulatedTable(discussion, "cut-ins", seed=seed, until_ms=3_600_000)
    table.run()
    number = store.begin(discussion.setup, began.isoformat())
    store.write(table.log)
    end_ms = table.log[-1].at_ms
    chance = random.Random(seed)
    store.write(
        [
            e.Rated(at_ms=end_ms, person=person, what=what, value=chance.randint(1, 5))
            for person in PEOPLE
            for what in ("arriving", "leaving")
        ]
    )
    store.replace_turns(*discussion.settled())
    store.finish(number, "done", began.isoformat())
    store.flush(60)
    return number


def generate(path: Path, sessions: int) -> None:
    last = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    days = [last - datetime.timedelta(weeks=back) for back in range(sessions, 0, -1)]
    for seed in range(min(ORIGINALS, sessions)):
        with Store.open(path) as store:
            hour(store, seed, days[seed])
    with Store.open(path) as store:
        db, chance = store._db, random.Random(1)
        columns = {name: [c.name for c in db.table(name).columns if c.name != "id"] for name in COPIED}
        with db.atomic():
            for number in range(ORIGINALS + 1, sessions + 1):
                original, began = number % ORIGINALS + 1, days[number - 1].isoformat()
                db.execute(
                    "INSERT INTO sessions (id, uid, started_at, ended_at, reason, format, language, setup, last_ms)"
                    " SELECT ?, hex(randomblob(16)), ?, ?, reason, format, language, setup, last_ms FROM sessions"
                    " WHERE id = ?",
                    [number, began, began, original],
                )
                for name, names in columns.items():
                    into = ", ".join(names)
                    taken = ", ".join("?" if column == "session" else column for column in names)
                    db.execute(
                        f"INSERT INTO {name} ({into}) SELECT {taken} FROM {name} WHERE session = ?", [number, original]
                    )
                if number % REVIEWED == 0:
                    db.conn.executemany(
                        "INSERT INTO self_ratings (session, person, indicator, value, at_ms) VALUES (?, ?, ?, ?, 0)",
                        [
                            (number, person, indicator, chance.randint(1, 5))
                            for person in range(1, len(PEOPLE) + 1)
                            for indicator in INDICATORS
                        ],
                    )
                person, less = chance.randint(1, len(PEOPLE)), chance.randint(0, 400)
                db.execute(
                    "UPDATE speech SET end_ms = max(start_ms + 1, end_ms - ?) WHERE session = ? AND person = ?",
                    [less, number, person],
                )


def timed(*words: str) -> tuple[float, float]:
    """Seconds on the clock, and of the processor: the second does not grow with what else the computer does."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-m", "facilitator", *words], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used


def told(what: str, many: int, *words: str) -> None:
    clock, used = zip(*(timed(*words) for _ in range(many)), strict=True)
    print(f"| {what} | {statistics.median(clock):.2f} s | {statistics.median(used):.2f} s |")


@click.command(help=__doc__)
@click.option("--sessions", default=500, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Generate into this file, or take it if it is there.")
def main(sessions: int, keep: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = keep or Path(folder) / "sessions.db"
        if not path.exists():
            began = time.perf_counter()
            generate(path, sessions)
            print(f"generated {sessions} sessions in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        with Store.open(path) as store:
            store._db.execute("DELETE FROM measures")
            store._db.conn.commit()
            rows = {
                table: store.query(f"SELECT count(*) AS n FROM {table}")[0]["n"]
                for table in ("sessions", "speech", "turns", "cut_ins", "events")
            }
        print(", ".join(f"{count} {table}" for table, count in rows.items()), f"({path.stat().st_size / 1e6:.0f} MB)")
        where = ("--db", str(path))
        print("\n| | on the clock | of the processor |\n|---|---:|---:|")
        told("the program alone (`--version`)", 5, "--version")
        told("`trends`, the first time", 1, "trends", *where)
        told("`trends`, every later time", 9, "trends", *where)
        told("`trends --html`", 5, "trends", *where, "--html", str(Path(folder) / "trends.html"))
        told("`trends --json`", 5, "trends", *where, "--json")


if __name__ == "__main__":
    main()
