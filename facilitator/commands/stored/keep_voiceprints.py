"""Voiceprints that are kept for the next session, of those who ask for it: used at the start, asked for at the end."""

from __future__ import annotations

import dataclasses
import datetime
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from facilitator.backends.audio.recording import load_voice
from facilitator.core.events import Consented
from facilitator.core.setup import Setup
from facilitator.errors import StoreError, UsageError
from facilitator.hearing.diarization.enrolment import PROBLEMS
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.speaker.stored_voiceprint import from_values, to_values
from facilitator.pipelines.live import open_listener
from facilitator.store.reader import Reader
from facilitator.store.voiceprints import VoiceprintStore, saved_on, voiceprints
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type

WHAT = (
    "A voiceprint is some thousand numbers that say how a voice sounds. No sound and no words can be made of them,\n"
    "but whoever has them could tell whether a recording is of the same voice. They stay in the database on this\n"
    "computer until you say otherwise: facilitator people drop-voice NAME."
)


def use_kept(store: Reader, setup: Setup, listener: object) -> Setup:
    """Gives the listener the voiceprints that are kept of those whom the opening circle would ask, as far as what made
    them is here."""
    if not isinstance(listener, Listener):
        return setup
    asked = [person for person in setup.people if person not in listener.people]
    for person, values in voiceprints(store, asked).items():
        try:
            usable = listener.kept.usable(from_values(values))
        except ValueError:
            continue  # what cannot be read is as good as none: the voice is learned anew
        if usable:
            listener.kept[person] = usable
    return dataclasses.replace(setup, known=tuple(person for person in asked if person in listener.kept))


def keep_asked(path: Path, session: int, listener: object, group: str | None = None) -> None:
    """After this session: asks each whose voice was learned in it, and who agreed to be heard, whether it may be kept.
    `group`: whose session it was.

    Nobody can say yes for somebody else, and silence is a no; so without a terminal nothing is kept."""
    if not isinstance(listener, Listener):  # nobody was introduced
        return
    with Reader.open(path) as reader:
        reader.within(group or "")
        events = reader.records(session, ["event"])
        heard = {event.person: event.heard for event in events if isinstance(event, Consented)}
        since = saved_on(reader)
    people = [person for person in listener.people if heard.get(person) and person not in listener.kept]
    if not people:
        return
    if not sys.stdin.isatty():
        tell("Nobody is at a terminal to be asked, so no voiceprint is kept.", err=True)
        return
    tell(to_type(f"\n{WHAT}"))
    ask_and_keep(path, people, listener, since, lambda question: click.confirm(question, default=False), group)


def ask_and_keep(
    path: Path,
    people: Sequence[str],
    listener: Listener,
    since: dict[str, str],
    ask: Callable[[str], bool],
    group: str | None = None,
) -> None:
    """`since`: those whose voiceprint is kept already, and since when."""
    for person in people:
        if person in since:
            question = f"{person}, your voiceprint of {since[person]} is kept. May I replace it with today's?"
        else:
            question = f"{person}, may I keep your voiceprint, so that a yes is enough next time?"
        if ask(question):
            keep(path, person, listener, group)


def heard_in(person: str, file: Path) -> Listener:
    """A listener that knows this voice from a recording of it. Raises UsageError where it will not do."""
    listener, troubles = open_listener()
    of_sample: list[str] = []
    problem = listener.enrol(person, load_voice(file, of_sample))
    for trouble in (*troubles, *of_sample):
        tell(trouble, err=True)
    if problem is not None:
        raise UsageError(f"{file} cannot serve as {person}'s voice: it {PROBLEMS[problem]}. Record it anew.")
    return listener


def keep(path: Path, person: str, listener: Listener, group: str | None = None) -> None:
    today = datetime.datetime.now().astimezone().date().isoformat()
    made = listener.kept.made(listener.people.index(person))
    try:
        with VoiceprintStore.open(path) as voices:
            voices.within(group or "").save(person, to_values(made), today)
    except StoreError as error:
        tell(error.message, err=True)
        return
    removes = to_type(f"facilitator people drop-voice {person}")
    tell(f"{person}'s voiceprint is kept since {today}; {removes} removes it.")
