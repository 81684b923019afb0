"""The folder that a run starts from, with everything in it as it should be; and ways to break bytes and texts."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.hearing.signal.audio import RATE
from facilitator.resources.prompts import default_prompts
from facilitator.simulation.table import NAMES, SimulatedTable
from facilitator.store.items import Logged
from facilitator.store.recovery.rescue_file import Heading, save
from facilitator.store.session_log import Store

DATABASE, TALK, VOICE, FORMAT, RESCUE, SCRIPT = (
    "sessions.db",
    "talk.wav",
    "ana.wav",
    "mine.toml",
    "rest.jsonl",
    "s.toml",
)
NOTES = "notes.txt"
"""Somebody's own file, which is nobody's business."""

NASTY = (
    "", " ", ",", "-", "--", ".", "..", "/", "~", "Ana", "Ana,Ben", "Ana, Ben, Carla", "Ana,Ana", "Ben", "2", "12",
    "13", "\x1b]0;owned\x07Ana", "\x1b[31mBen\x1b[0m", "\u202eAna", "A\u200bna", "\u2066Ben\u2069", "Zo\u0308e",
    "a" * 300, "Ana\udcff", "\x85", "\x9b31m", "🙂" * 30, "-1", "0", "1", "3", "1e309", "nan", "inf", "-inf", "9" * 25,
    "½", "²", "٣", "1:99", "0:00", "00:30", "99:59:59", "1.5", "1,5", "5m", "30s", "Ana=ana.wav", "Ana=", "=",
    "Ana=talk.wav", "Ana=Ben", "2026-01-01", "2026-02-30", "0000-00-00", "180d", "9999y", "1 monday", "open",
    "round-robin", "en", "de", "xx", "en\n", "a\nb", "%s%n", "{0}", "{person}", "$(id)", "Ana\tBen", "\ufeff", "null",
    "[]", "../../etc", "Ana=30s", "Ana=1e99",
)  # fmt: skip
"""Words for any option that takes some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What was made once: the pristine files are copied into the folder of every run."""

    folder: Path

    def into(self, work: Path) -> None:
        shutil.copytree(self.folder, work)


def make(folder: Path) -> Pool:
    folder.mkdir(parents=True)
    prompts = default_prompts()
    shutil.copy(prompts.format_file("round-robin"), folder / FORMAT)
    shutil.copy(prompts.format_file("conversation-cafe"), folder / "cafe.toml")
    (folder / NOTES).write_text("mine, and nobody else's\n", encoding="utf-8")
    noise = np.random.default_rng(1)
    for name, seconds in ((TALK, 1.5), (VOICE, 1.2)):
        at = np.arange(int(seconds * RATE)) / RATE
        hum = sum(np.sin(2 * np.pi * 130 * k * at) / k for k in range(1, 9)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
        soundfile.write(folder / name, (0.1 * hum + 0.003 * noise.standard_normal(len(at))).astype(np.float32), RATE)
    setup = Setup(
        people=NAMES[:3],
        format=with_options(prompts.format("round-robin"), minutes=0.5, rounds=1),
        language=prompts.language("en"),
    )
    table = SimulatedTable(Discussion(setup), "all", until_ms=120_000)
    table.run()
    for day in (1, 2):
        with Store.open(folder / DATABASE) as store:
            number = store.begin(setup, f"2026-01-0{day}T20:00:00+00:00")
            store.write(table.log)
            store.replace_turns(*table.discussion.settled())
            store.finish(number, table.discussion.end_reason)
    records = [Logged(seq=seq, record=record) for seq, record in enumerate(table.log)]
    save(folder / RESCUE, Heading(uid="elsewhere", started_at="2026-01-03T20:00:00+00:00", setup=setup), records)
    return Pool(folder=folder)


# --- breaking ---


def _flipped(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 3, 30, 300))):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def _cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def _grown(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data))
    data[at:at] = chance.choice((b"\x00" * 500, chance.randbytes(200), b"[" * 3000, b"\xff\xfe", data[:64]))


def _missing(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 2, 7, 100))]


def _early(chance: random.Random, data: bytearray) -> None:
    """Only where files say what they are."""
    for _ in range(chance.choice((1, 2, 5))):
        data[chance.randrange(min(len(data), 100))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


WAYS: tuple[Callable[[random.Random, bytearray], None], ...] = (_flipped, _cut, _grown, _missing, _early)


def broken(chance: random.Random, content: bytes) -> bytes:
    """The same bytes, with something wrong."""
    data = bytearray(content or b"\x00")
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if data:
            chance.choice(WAYS)(chance, data)
    return bytes(data)
