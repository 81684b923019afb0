"""The first start: what makes hearing surer is offered, as nobody who types `pipx install` hears of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from facilitator.commands.system.models import fetch_all
from facilitator.core.language.texts import Texts
from facilitator.errors import FacilitatorError
from facilitator.models import catalogue
from facilitator.models.manifest import Model
from facilitator.terminal.ask import attended
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


def is_first(db: Path, *, yes: bool) -> bool:
    """There is no database yet, and somebody to ask."""
    return not yes and not db.exists() and attended()


def offer(
    language: str,
    texts: Texts,
    ask: Callable[[str], bool] = lambda question: click.confirm(question, default=True),
    fetch: Callable[[Sequence[Model]], object] = fetch_all,
) -> None:
    """Asks for the models that tell voices apart, then for that of words in this language. Where one cannot be had, it
    is told, and everything goes on without."""
    words = [one for one in catalogue.words_of(language) if catalogue.find_words(language) is None][:1]
    for missing, what in (
        ([one for one in catalogue.of_voices() if catalogue.locate(one) is None], "terminal.fetch_voices"),
        (words, "terminal.fetch_words"),
    ):
        if not missing:
            continue
        size = sum(one.download_bytes for one in missing) / 1e6
        tell(texts(what, number=f"{size:.0f}"))
        if not ask(texts("terminal.fetch_now")):
            tell(texts("terminal.fetch_later", command=to_type("facilitator models install")) + "\n")
            return
        try:
            fetch(missing)
        except FacilitatorError as error:
            tell(texts("terminal.without_it", problem=error.message), err=True)
        tell()
