"""Who listens in a session: to whose voice it is, and to what is said to the program."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from facilitator import backends
from facilitator.backends import open_voice
from facilitator.backends.audio.microphone import Microphone
from facilitator.backends.audio.recording import Recording, load_voice
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.language.grammar import cannot_be_said, every_phrase
from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import parse_language
from facilitator.core.setup import Setup
from facilitator.errors import ModelError, UsageError
from facilitator.hearing.diarization.enrolment import PROBLEMS
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.words.word_listener import WordsHeard
from facilitator.models import catalogue
from facilitator.pipelines.live import open_listener
from facilitator.ports import AudioSource, Voice
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


def listener_of(setup: Setup, samples: dict[str, Path]) -> Listener | None:
    """The listener with the voice samples it was given. Raises UsageError for a sample that will not do."""
    strangers = [name for name in samples if name not in setup.people]
    if strangers:
        raise UsageError(f"There is a voice sample for {strangers[0]}, who is not among the people here.")
    if not setup.listening:
        return None
    listener, troubles = open_listener(str(setup.language["code"]))
    for trouble in troubles:
        tell(trouble, err=True)
    for person, path in samples.items():
        of_sample: list[str] = []
        problem = listener.enrol(person, load_voice(path, of_sample))
        for trouble in of_sample:
            tell(trouble, err=True)
        if person not in listener.people:
            raise UsageError(
                f"{path} cannot serve as {person}'s voice: it {PROBLEMS[problem or 'quiet']}. Record it anew."
            )
        if problem is not None:
            tell(f"{person}'s voice sample {PROBLEMS[problem]}; another one would do better.", err=True)
    return listener


def with_enrolled(setup: Setup, enrolled: tuple[str, ...]) -> Setup:
    return dataclasses.replace(setup, enrolled=tuple(p for p in setup.people if p in enrolled))


def words_of(setup: Setup, *, late: bool) -> WordsHeard | None:
    """Hears what people say to the program, where there is a model for their language; else the keys do it all. What
    it can never hear is told."""
    if not setup.listening:
        return None
    folder = catalogue.find_words(str(setup.language["code"]))
    if folder is None:
        return None
    try:
        catalogue.refuse_changed(folder)
        words = WordsHeard(backends.open_words(folder), late=late)
    except ModelError as trouble:
        tell(trouble.message, err=True)
        return None
    spoken = parse_language(setup.language).spoken
    unheard = words.unheard(every_phrase(spoken, wake=setup.wake, names=setup.people))
    for sentence in cannot_be_said(unheard, spoken, wake=setup.wake):
        tell(sentence, err=True)
    return words


def knows_refusals(words: WordsHeard, setup: Setup) -> bool:
    """Whether the model has the words that a refusal may be made of. One that lacks them hears only the rest, and "I do
    not agree" as "agree". The first ones of the list are the plainest and may not lack; of all, a tenth may."""
    refusing = parse_language(setup.language).spoken.consent.plainest
    lacking = words.unheard(refusing)
    return not set(refusing[:3]) & set(lacking) and len(lacking) * 10 <= len(refusing)


def by_key(language: str, texts: Texts) -> str | None:
    """What is told where nobody can lead by voice, as the model of words is not installed; None: it is, or there is
    none for this language."""
    known = catalogue.words_of(language)
    if catalogue.find_words(language) is not None or not known:
        return None
    return texts("setup.by_key", command=to_type(f"facilitator models install {known[0].name}"))


def device_of(text: str | None) -> str | int | None:
    """A device's number or a part of its name."""
    return int(text) if text is not None and text.isdigit() else text


def source_of(recording: Recording | None, setup: Setup, device: str | None) -> AudioSource | None:
    if recording is not None or not setup.listening:
        return recording
    return Microphone(device_of(device))


def voice_of(
    speech: str | None, setup: Setup, from_recording: bool, words_a_minute: int | None, voice_model: str | None
) -> Voice:
    """Where a recording plays, nobody waits for what is said: it is shown, and takes no time."""
    if speech is None:
        speech = "silent" if from_recording else "voice"
    if speech == "silent" and from_recording:
        return SilentVoice(at_once=True)
    code = str(setup.language["code"])
    pace = words_a_minute or parse_language(setup.language).words_a_minute
    return open_voice(speech, code, words_a_minute=pace, voice_model=voice_model)  # type: ignore[arg-type]
