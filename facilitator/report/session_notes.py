"""What a discussion left beside its numbers: agreements, how people came and left, guesses, breaks, the next date."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from facilitator.core.language.texts import Texts
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import NotedPrompt, SessionNotes
from facilitator.report import agreements as agreed
from facilitator.report.agreements import bare, made, state


def told(notes: SessionNotes, summary: Summary, texts: Texts) -> list[str]:
    """A line each; none where there is nothing."""
    beside = [*agreed_told(notes, texts), *felt_told(notes, summary, texts), *later_told(notes, texts)]
    return [*doubted(notes, texts), *beside, *changed_since(notes, texts)]


def glance_told(notes: SessionNotes, texts: Texts) -> list[str]:
    """What nobody should have to look for."""
    return [*doubted(notes, texts), *settled_told(notes, texts), *changed_since(notes, texts)]


def doubted(notes: SessionNotes, texts: Texts) -> list[str]:
    """Why names, and so shares, were less sure than usual."""
    return [texts.sentence(doubt) for doubt in notes.doubts]


def settled_told(notes: SessionNotes, texts: Texts) -> list[str]:
    """What was agreed on, how fair it feels, and when there is more."""
    return [*agreed_told(notes, texts), *fair_told(notes, texts), *later_told(notes, texts)]


def agreed_told(notes: SessionNotes, texts: Texts) -> list[str]:
    """What became of what was agreed on before, and what is new."""
    lines = [
        texts("notes.from_before", text=bare(one.text), state=state(one.kept, texts, cooled=one.cooled))
        for one in notes.checked
    ]
    lines += [made(one, texts) for one in notes.agreements if one.kind != "step"]
    if steps := [bare(one.text) for one in notes.agreements if one.kind == "step"]:
        lines.append(texts("notes.steps", steps=texts.side_by_side(steps)))
    return lines


def felt_told(notes: SessionNotes, summary: Summary, texts: Texts) -> list[str]:
    lines = []
    for when, numbers in (("arrived", notes.arriving), ("left", notes.leaving)):
        if numbers:
            lines.append(texts(f"notes.{when}", each=_each(numbers)))
    if guesses := _guesses(notes, summary, texts):
        lines.append(texts("notes.guesses", each=_each(guesses)))
    return [*lines, *fair_told(notes, texts)]


def fair_told(notes: SessionNotes, texts: Texts) -> list[str]:
    """What people said of how things are shared, where they were asked: then it is what they met for."""
    return [texts("notes.fair", thing=thing, each=_each(numbers)) for thing, numbers in notes.fair.items()]


def later_told(notes: SessionNotes, texts: Texts) -> list[str]:
    """When it goes on."""
    lines = [texts("notes.break_until", moment=texts.moment(until, notes.day)) for until in notes.breaks]
    if notes.next_on is not None:
        lines.append(texts("notes.next", day=texts.day(notes.next_on)))
    return lines


def changed_since(notes: SessionNotes, texts: Texts) -> list[str]:
    """Whether something was put right, or only the figures are left."""
    lines = []
    if notes.corrections:
        lines.append(texts("notes.corrected", times=texts.counted("times", notes.corrections)))
    if notes.thinned_on is not None:
        lines.append(texts("notes.thinned", day=texts.day(notes.thinned_on)))
    return lines


def _guesses(notes: SessionNotes, summary: Summary, texts: Texts) -> dict[str, str]:
    if not summary.has_shares:
        return {}
    measured = {person.name: texts.percent(person.share) for person in summary.people}
    return {
        name: texts.listed([texts.percent(guess / 100), measured[name]])
        for name, guess in notes.guesses.items()
        if name in measured
    }


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
        "thinned_on": None if notes.thinned_on is None else notes.thinned_on.isoformat(),
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
