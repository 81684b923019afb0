"""Setting up in the terminal: every name that is new is said once, so that the voice can be told how it sounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from facilitator.backends import Speech, open_voice
from facilitator.core.events import Trouble
from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import Language, parse_language
from facilitator.core.setup import Setup
from facilitator.ports import Voice
from facilitator.store.people import known_names
from facilitator.store.reader import Reader
from facilitator.terminal.tell import tell


def names_aloud(
    setup: Setup,
    own: Mapping[str, str],
    store: Reader,
    texts: Texts,
    speech: Speech | None,
    words_a_minute: int | None,
    voice_model: str | None = None,
    *,
    opened: Callable[..., Voice] = open_voice,
    read: Callable[[str], str] = input,
) -> dict[str, str]:
    """How names are spelled for the voice: `own`, and what is answered now. Where nothing can be heard, nothing is
    asked."""
    known = known_names(store)
    new = [name for name in setup.people if name not in own and name not in known]
    if not new or speech not in (None, "voice"):
        return dict(own)
    language = parse_language(setup.language)
    pace = words_a_minute or language.words_a_minute
    voice = opened("voice", language.code, words_a_minute=pace, voice_model=voice_model)
    try:
        if any(isinstance(fact, Trouble) for fact in voice.poll(0)):  # it is told when the session begins
            return dict(own)
        tell(texts("terminal.names_aloud"))
        return {**own, **_asked(new, voice, language, texts, read)}
    finally:
        voice.close()


def _asked(
    names: list[str], voice: Voice, language: Language, texts: Texts, read: Callable[[str], str]
) -> dict[str, str]:
    own: dict[str, str] = {}
    said = 0
    for name in names:
        typed = name
        while typed:
            said += 1
            voice.hush()
            voice.say(said, language.phrase("opening.thanks", name=typed), said)
            try:
                typed = " ".join(read(texts("terminal.name_right", name=name) + " ").split())
            except EOFError:
                return own
            if typed == name:
                own.pop(name, None)
            elif typed:
                own[name] = typed
    return own
