"""What there is to tell of a model of words: how commands are heard with it, and whether it understands any."""

from __future__ import annotations

from pathlib import Path

from facilitator.backends.models.vosk_listening import Listening, kept
from facilitator.core.events import COMMANDS
from facilitator.core.language.grammar import Spoken, vocabulary
from facilitator.errors import FacilitatorError
from facilitator.pipelines import word_probe
from facilitator.resources import prompts

WAYS = {
    "unknown": "commands beside the model's own word for everything else",
    "rivals": "commands, each of which must be likelier than anything else that could have been said",
    "open": "all words, and commands among them",
}


def spoken_in(language: str) -> Spoken | None:
    """What can be said to the program in this language; None where it has no file, or one that needs mending."""
    try:
        return prompts.parsed_language(prompts.default_prompts().language_file(language)).spoken
    except FacilitatorError:
        return None


def try_out(folder: Path, language: str) -> Listening | None:
    """Finds out how commands are heard best with the model in this folder, and keeps it there; None where there is
    nothing to be said in its language. Raises ModelError."""
    spoken = spoken_in(language)
    if spoken is None:
        return None
    return word_probe.try_out(folder, language, commands(spoken), sentence(spoken))


def understands(folder: Path, language: str) -> bool | None:
    """Whether it understands the test sentence; None where there is none in its language. Raises ModelError."""
    spoken = spoken_in(language)
    return None if spoken is None else word_probe.understands(folder, language, commands(spoken), sentence(spoken))


def commands(spoken: Spoken) -> list[str]:
    return list(vocabulary(spoken, wake="", commands=COMMANDS, choices=(), own=True))


def sentence(spoken: Spoken) -> str:
    """What is said in the bundled recording of each language."""
    return f"{spoken.wake[0]} {spoken.commands['pause'][0]}"


def way_of(folder: Path) -> str:
    """How commands are heard with the model in this folder, in words; and what the trying out gave."""
    found = kept(folder)
    if found is None:
        return "how it hears commands best was not tried out; `facilitator models try-out` does that"
    false = found.false.get(found.way, 0)
    heard = (
        "and gave none in quiet, noise and other talk"
        if not false
        else (f"but gave {false} in a minute of quiet, noise and other talk: expect some that nobody said")
    )
    return f"it hears {WAYS[found.way]}, {heard}"
