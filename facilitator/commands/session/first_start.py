"""The first start: what makes hearing surer is offered, as nobody who types `pipx install` hears of it elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from facilitator.commands.session.answers import yes_or_no
from facilitator.commands.system.models import fetch_all
from facilitator.core.language.texts import Texts
from facilitator.errors import FacilitatorError
from facilitator.models import catalogue, declined
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
    ask: Callable[[str, Texts], bool] = lambda question, texts: yes_or_no(question, texts, default=True),
    fetch: Callable[[Sequence[Model]], object] = fetch_all,
) -> None:
    """Asks for the models that tell voices apart, then for that of words in this language. Where one cannot be had, it
    is told, and everything goes on without. A no is one to all of them, and for good."""
    no = declined.names()
    voices = [one for one in catalogue.of_voices() if catalogue.locate(one) is None and one.name not in no]
    of_language = [] if catalogue.find_words(language) else catalogue.words_of(language)[:1]
    words = [one for one in of_language if one.name not in no]
    for missing, left, what in (
        (voices, [*voices, *words], "terminal.fetch_voices"),
        (words, words, "terminal.fetch_words"),
    ):
        if not missing:
            continue
        size = sum(one.download_bytes for one in missing) / 1e6
        tell(texts(what, number=f"{size:.0f}"))
        if not ask(texts("terminal.fetch_now"), texts):
            with contextlib.suppress(FacilitatorError):  # else it is asked once more
                declined.note(left)
            command = "facilitator models install " + " ".join(one.name for one in left)
            tell(texts("terminal.fetch_later", command=to_type(command)) + "\n")
            return
        try:
            fetch(missing)
        except FacilitatorError as error:
            tell(texts("terminal.without_it", problem=error.message), err=True)
        tell()
