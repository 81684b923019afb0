"""What this table wants, beside its people and its format: options of `start`, and the setup they make."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import Format
from facilitator.core.setup import Setup
from facilitator.core.text import cleaned
from facilitator.errors import UsageError
from facilitator.store import carry_over
from facilitator.store.people import pronounced
from facilitator.store.reader import Reader
from facilitator.terminal.ask import parse_name

MOST_BUDGET = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """In the terms of `core.setup.Setup`."""

    host: str = ""
    targets: dict[str, float] = field(default_factory=dict)
    extra_time: dict[str, float] = field(default_factory=dict)
    pronounced: dict[str, str] = field(default_factory=dict)
    """Empty for a name that is no longer spelled in a way of its own."""
    wake: str = ""
    budget: int = 6
    goals: tuple[str, ...] = ()


_OPTIONS = (
    click.option("--goal", "goals", multiple=True, metavar="TEXT", help="What this talk is for; said before all else."),
    click.option(
        "--host", "hosts", multiple=True, metavar="NAME",
        help="Leads the talk: no turns of their own, left out of the balance.",
    ),
    click.option(
        "--target", "targets", multiple=True, metavar="NAME=N", help="An intended part of the talk other than equal."
    ),
    click.option(
        "--extra-time", multiple=True, metavar="NAME=N", help="N times the usual time, for who speaks slowly."
    ),
    click.option("--say-name", multiple=True, metavar="NAME=TEXT", help="How a name is spelled for the voice."),
    click.option("--call-me", metavar="WORD", help="What you call me, in place of my usual name."),
    click.option(
        "--budget", type=click.IntRange(0, MOST_BUDGET), default=6, show_default=True, metavar="N",
        help="Most I say unasked in ten minutes; 0: nothing.",
    ),
)  # fmt: skip


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command is given what they come to as `table`."""

    @functools.wraps(command)
    def with_table(*args: Any, **options: Any) -> Any:
        table = TableOptions(
            host=_host(options.pop("hosts")),
            targets=_numbers("--target", options.pop("targets"), 0, 1000),
            extra_time=_numbers("--extra-time", options.pop("extra_time"), 0.5, 5),
            pronounced=_texts("--say-name", options.pop("say_name")),
            wake=_wake(options.pop("call_me")),
            budget=options.pop("budget"),
            goals=tuple(" ".join(cleaned(goal).split()) for goal in options.pop("goals") if goal.strip()),
        )
        return command(*args, table=table, **options)

    for option in reversed(_OPTIONS):
        with_table = option(with_table)
    return with_table


def _host(names: Sequence[str]) -> str:
    if len(names) > 1:
        raise UsageError(f"--host is there {len(names)} times, and one person leads a talk: name one of them.")
    return parse_name(names[0]) if names and names[0] else ""


def _pair(option: str, value: str) -> tuple[str, str]:
    name, equals, rest = value.partition("=")
    if not equals or not rest.strip():
        raise UsageError(f"{option} {value}: write it as NAME=..., for example {option} Ana=2.")
    return parse_name(name), rest.strip()


def _texts(option: str, values: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in (_pair(option, value) for value in values):
        if name in found:
            raise UsageError(f"{option} is there twice for {name}; give it once.")
        found[name] = text
    return found


def _numbers(option: str, values: Sequence[str], low: float, high: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, text in _texts(option, values).items():
        try:
            found[name] = float(text.replace(",", "."))
        except ValueError:
            raise UsageError(f"{option} {name}={text}: {text} is no number.") from None
        if not low <= found[name] <= high:
            raise UsageError(f"{option} {name}={text}: it can be {low:g} to {high:g}.")
    return found


def _wake(word: str | None) -> str:
    words = (word or "").lower().split()
    if word is not None and not 1 <= len(words) <= 3:
        raise UsageError("--call-me needs a name of one to three words.")
    return " ".join(words)


def enough(form: Format, people: Sequence[str]) -> None:
    """Raises UsageError where these are too few, or too many, for a form."""
    if form.host and len(people) < 3:
        raise UsageError(f"{form.name} needs a host and two others: name three people, the host first.")
    if form.alone and len(people) > 1:
        raise UsageError(f"{form.name} is for one person alone: name one.")


def at_this_table(
    setup: Setup, table: TableOptions, store: Reader, now: datetime.datetime, *, hears_words: bool
) -> Setup:
    """The setup with what the table wants and what is left from last time. Raises UsageError for a name that is not
    here."""
    for option, names in (
        ("--host", [table.host] if table.host else []),
        ("--target", table.targets),
        ("--extra-time", table.extra_time),
        ("--say-name", table.pronounced),
    ):
        for name in names:
            if name not in setup.people:
                raise UsageError(f"{option}: {name} is not among the people here: {', '.join(setup.people)}.")
    form = parse_format(setup.format)
    enough(form, setup.people)
    host = table.host or (setup.people[0] if form.host else "")
    takers = tuple(person for person in setup.people if person != host)
    local = now.astimezone()
    before = carry_over.left_over(store, setup.people, form.name, local)
    said_before, reached = carry_over.looking_back(store, setup.people, form, local)
    return dataclasses.replace(
        setup,
        host=host,
        targets=table.targets,
        extra_time=table.extra_time,
        pronounced={name: said for name, said in (pronounced(store, setup.people) | table.pronounced).items() if said},
        wake=table.wake,
        budget=table.budget,
        hears_words=hears_words,
        first=carry_over.starts_next(takers, before.last_first),
        return_in_ms=before.return_in_ms,
        due=before.due,
        steps=before.steps,
        rules=before.rules,
        goals=table.goals,
        cooling_rules=before.cooling_rules,
        said_before=said_before,
        milestones=reached,
        weekday=local.weekday(),
        day=local.date().isoformat(),
        utc_offset_minutes=round((local.utcoffset() or datetime.timedelta()) / datetime.timedelta(minutes=1)),
    )
