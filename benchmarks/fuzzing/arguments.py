"""Command lines: every command with some of its options, and words for them that nobody would type on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import click

from benchmarks.fuzzing import pool
from facilitator.cli import cli
from facilitator.commands.options import PathName

LEFT_OUT = {
    "start": {"page", "share", "share_address", "device", "airtime"},  # a server, and other computers' sound devices
    "demo": {"page"},
    "review": {"in_browser", "address_only"},
    "doctor": {"device"},
}
"""What would open a server or wait for somebody at a microphone; these have attacks of their own."""
ALWAYS = {"start": ["--audio", pool.TALK, "--fast", "--yes", "--no-page"], "demo": ["--fast", "--no-page"]}
SELDOM = {"demo", "doctor", "devices", "models install", "formats try", "start"}
OUTPUTS = (
    "o\x1b[31mut.html", "\u202elmth.x", "o\udcff", "out.html", "out.json", "new/out", "folder", "a" * 300, "out.zip",
    "/dev/null", "/proc/nothing", pool.NOTES, "-",
)  # fmt: skip
FILES = (
    pool.DATABASE, pool.DATABASE, pool.TALK, pool.VOICE, pool.FORMAT, pool.RESCUE, pool.NOTES, "none", "folder", ".",
    "/dev/null", "a" * 300, "x\udcff.wav", "x\x1b[2Jy.wav", "", "\u202etxt.vaw",
)  # fmt: skip


def _leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name.strip(), command
        return
    ctx = click.Context(command)
    for sub in command.list_commands(ctx):
        inner = command.get_command(ctx, sub)
        assert inner is not None
        yield from _leaves(inner, f"{name} {sub}")


@cache
def commands() -> dict[str, click.Command]:
    return dict(_leaves(cli))


def is_output(command: str, param: click.Parameter) -> bool:
    """Whether the command writes into the file that this names."""
    if command == "models install" or not isinstance(param.type, click.Path):
        return False
    return param.name in ("html", "ics", "rttm", "target", "log", "folder") or (
        command == "analyze" and param.opts[0] in ("--json", "--csv")
    )


def outputs(command: str, words: Sequence[str]) -> set[str]:
    """The files that a command line names to be written."""
    options = {param.opts[0] for param in commands()[command].params if is_output(command, param)} | {"--log"}
    named = {after for word, after in pairwise(words) if word in options}
    return named | ({words[len(command.split())]} if command == "export" and len(words) > 1 else set())


def line(chance: random.Random, _work: Path) -> list[str]:
    names = [name for name in commands() if name not in SELDOM or chance.random() < 0.3]
    return of(chance, chance.choice(names))


def of(chance: random.Random, name: str) -> list[str]:
    """A command line for this command."""
    words = name.split()
    words += ALWAYS.get(name, [])
    rate = chance.choice((0.1, 0.3, 0.6))
    for param in commands()[name].params:
        if param.name in LEFT_OUT.get(name, set()) or param.opts[0] in words:
            continue
        if isinstance(param, click.Argument):
            many = chance.randrange(3) if param.nargs == -1 else int(param.required or chance.random() < 0.7)
            words += [_value(chance, name, param) for _ in range(many)]
        elif chance.random() < rate or (param.name == "db" and chance.random() < 0.9):
            words += _option(chance, name, param)
    if name == "export":  # its folder comes first, so that what it writes is known
        words.insert(1, words.pop()) if len(words) > 1 and not words[-2].startswith("--") else None
    return words


def _option(chance: random.Random, command: str, param: click.Parameter) -> list[str]:
    assert isinstance(param, click.Option)
    if param.is_flag:
        return [chance.choice([*param.opts, *param.secondary_opts])]
    times = chance.randrange(1, 4) if param.multiple else 1
    return [word for _ in range(times) for word in (param.opts[0], _value(chance, command, param))]


def _value(chance: random.Random, command: str, param: click.Parameter) -> str:
    if isinstance(param.type, click.Choice) and chance.random() < 0.8:
        return str(chance.choice(list(param.type.choices)))
    if isinstance(param.type, click.IntRange) and chance.random() < 0.8:
        return str(chance.choice((-(2**63), -1, 0, 1, 2, 3, 80, 300, 2**31, 2**53, 2**63, 2**64)))
    if is_output(command, param):
        return chance.choice(OUTPUTS)
    if param.name == "db" and chance.random() < 0.8:
        return pool.DATABASE
    if isinstance(param.type, (PathName, click.Path)):
        return chance.choice(FILES)
    return chance.choice(pool.NASTY)
