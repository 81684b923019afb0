"""What could be typed next, for the shell that asks with the Tab key. Whatever is wrong, it is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from facilitator.errors import FacilitatorError
from facilitator.resources.paths import database_path
from facilitator.resources.prompts import default_prompts
from facilitator.store.people import all_names
from facilitator.store.reader import Reader

_PATIENCE_S = 0.3
"""So long a session that writes is waited for."""


def format_names(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """A file is one, too."""
    found = [path.stem for path in default_prompts().format_files() if path.stem.startswith(typed)]
    return [CompletionItem(name) for name in found] or [CompletionItem(typed, type="file")]


def language_codes(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(path.stem) for path in default_prompts().language_files() if path.stem.startswith(typed)]


def people_known(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in _stored(ctx, all_names) if name.startswith(typed)]


def several_people(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The last of names with commas in between, of those that are not among them."""
    before, comma, last = typed.rpartition(",")
    there = {name.strip() for name in before.split(",")}
    begun = last.lstrip()
    so_far = before + comma + last[: len(last) - len(begun)]
    return [
        CompletionItem(so_far + name)
        for name in _stored(ctx, all_names)
        if name.startswith(begun) and name not in there
    ]


def groups_known(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    known = _stored(ctx, lambda reader: [group.name for group in reader.groups()])
    return [CompletionItem(name) for name in known if name and name.startswith(typed)]


def _stored(ctx: click.Context, what: Callable[[Reader], list[str]]) -> list[str]:
    try:
        with Reader.open(Path(ctx.params.get("db") or database_path()), patience_s=_PATIENCE_S) as reader:
            return what(reader)
    except FacilitatorError:
        return []
