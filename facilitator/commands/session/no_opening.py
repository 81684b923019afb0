"""`facilitator start --no-opening`: nobody introduces themselves, and the voices are found while people talk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from facilitator.backends.audio.recording import load_voice
from facilitator.core.setup import Setup
from facilitator.errors import UsageError
from facilitator.pipelines.discovery import voice_name
from facilitator.pipelines.live_discovery import VoiceFinder, open_finder
from facilitator.terminal.ask import MAX_PEOPLE, MIN_PEOPLE, parse_people
from facilitator.terminal.tell import tell

BY_NAME = ("turns", "rate")
"""Stages in which people are called by name."""
ASKED = ("guess", "mood")
"""What everyone is asked in a closing, by name."""


def seats(people: str | None, samples: Collection[str]) -> tuple[str, ...]:
    """Everyone who is here: those with a voice sample by their name, the others as Voice 2, Voice 3. Raises
    UsageError where it is not said who, or how many, they are."""
    typed = "" if people is None else people.strip()
    if typed.isdecimal():
        number = int(typed)
        if not MIN_PEOPLE <= number <= MAX_PEOPLE:
            raise UsageError(f"--people {typed}: type how many people are here, {MIN_PEOPLE} to {MAX_PEOPLE}.")
        if number < len(samples):
            raise UsageError(f"There are voice samples of {len(samples)} people; say --people {len(samples)}, or more.")
        return (*samples, *(voice_name(k) for k in range(len(samples) + 1, number + 1)))
    names = tuple(samples) if people is None else parse_people(people)
    if len(names) < MIN_PEOPLE or not set(names) <= set(samples):
        raise UsageError(
            "With --no-opening nobody says who they are: say how many people are here (--people 4), "
            "or give a voice sample of each (--voice Ana=ana.wav)."
        )
    return names


def unnamed(people: Sequence[str]) -> bool:
    """Some of these seats have no name but that of a voice."""
    return any(person == voice_name(k) for k, person in enumerate(people, 1))


def without_opening(raw: Mapping[str, Any], people: Sequence[str]) -> dict[str, Any]:
    """A copy of a format's mapping without its opening. Where voices have no names nobody is invited, nor asked
    anything in the closing; raises UsageError for a format that gives the floor to people by name."""
    rows = [dict(row) for row in raw["stage"] if row["kind"] != "opening"]
    if unnamed(people):
        if raw.get("host") or any(row["kind"] in BY_NAME or row.get("queue") for row in rows):
            raise UsageError(
                f"{raw['name']} calls people by name, and with --no-opening nobody has told theirs: "
                "choose --format open, or give a voice sample of each."
            )
        for row in rows:
            if row["kind"] == "talk":
                row["invite_below"] = 0
            for asked in ASKED:
                row.pop(asked, None)
    return {**raw, "stage": rows}


def found_live(setup: Setup) -> bool:
    """This session's voices are found while people talk."""
    stages = [row["kind"] for row in setup.format["stage"]]
    return setup.listening and "opening" not in stages and unnamed(setup.people)


def finder(setup: Setup, samples: Mapping[str, Path]) -> VoiceFinder:
    """Raises AudioError for a voice sample that will not do."""
    of_samples: list[str] = []
    sounds = {person: load_voice(path, of_samples) for person, path in samples.items()}
    ear, troubles = open_finder(setup.people, sounds, str(setup.language["code"]))
    for trouble in (*of_samples, *troubles):
        tell(trouble, err=True)
    return ear
