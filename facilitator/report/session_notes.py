"""What a discussion left beside its numbers: agreements, how people came and left, guesses, breaks, the next date."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.report import agreements as agreed
from facilitator.report.agreements import bare, day_in_words, made, moment_in_words, state
from facilitator.report.text import times


def told(notes: SessionNotes, summary: Summary) -> list[str]:
    """A line each; none where there is nothing."""
    lines = list(notes.doubts)
    lines += [f"From before: {bare(one.text)}. {state(one.kept, cooled=one.cooled)}" for one in notes.checked]
    lines += [made(one) for one in notes.agreements if one.kind != "step"]
    if steps := [bare(one.text) for one in notes.agreements if one.kind == "step"]:
        lines.append(f"Steps for hard moments: {'; '.join(steps)}.")
    for word, numbers in (("Arrived", notes.arriving), ("Left", notes.leaving)):
        if numbers:
            lines.append(f"{word}, from 1 (heavy) to 5 (light): {_each(numbers)}.")
    if guesses := _guesses(notes, summary):
        lines.append(f"One's own share, guessed and measured: {_each(guesses)}.")
    lines += [f"How fair it feels, from 1 to 5, {thing}: {_each(numbers)}." for thing, numbers in notes.fair.items()]
    lines += [f"A break until {moment_in_words(until, notes.day)}." for until in notes.breaks]
    if notes.next_on is not None:
        lines.append(f"The next talk: {day_in_words(notes.next_on)}.")
    if notes.corrections:
        lines.append(f"Corrected by hand {times(notes.corrections)}; facilitator correct list shows how.")
    return lines


def _guesses(notes: SessionNotes, summary: Summary) -> dict[str, str]:
    if not summary.airtime_ms:
        return {}
    measured = {person.name: round(100 * person.share) for person in summary.people}
    return {name: f"{guess} % and {measured[name]} %" for name, guess in notes.guesses.items() if name in measured}


def _each(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def to_json(notes: SessionNotes) -> dict[str, Any]:
    """As JSON values. Days and times are ISO 8601."""
    return {
        "agreements": [agreed.to_json(one) for one in notes.agreements],
        "checked": [dataclasses.asdict(one) for one in notes.checked],
        "arriving": dict(notes.arriving),
        "leaving": dict(notes.leaving),
        "guesses": dict(notes.guesses),
        "fair": {thing: dict(numbers) for thing, numbers in notes.fair.items()},
        "breaks": [until.isoformat() for until in notes.breaks],
        "next": None if notes.next_on is None else notes.next_on.isoformat(),
        "prompts": [_prompt(one) for one in notes.prompts],
        "corrections": notes.corrections,
    }


def _prompt(one: NotedPrompt) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "person": one.person,
        "text": one.text or None,
        "asked_s": one.asked_ms / 1000,
        "start_s": None if one.start_ms is None else one.start_ms / 1000,
        "how": one.how,
    }
