"""A report that both sides of a mediation share: parts that each can leave out, in words that all have agreed to.

Without more it has no name and no day in it: people are A, B, C, also in what they agreed on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from facilitator.core.language.names import NameForm, Replacing
from facilitator.core.language.texts import Texts
from facilitator.core.review.anonymous import letter
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.report.agreements import made
from facilitator.report.session_notes import fair_told, later_told


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPart:
    key: str
    """By which it is known, whatever its words are."""
    text: str


def parts(
    goals: Sequence[str],
    sides: Collection[str],
    summary: Summary,
    notes: SessionNotes,
    texts: Texts,
    *,
    days: bool = True,
) -> tuple[JointPart, ...]:
    """All that there is to leave out; without `days`, nothing that tells one. `sides`: who has a say in it."""
    found = [
        JointPart(key=f"goal.{number}", text=texts("joint.goal", text=goal)) for number, goal in enumerate(goals, 1)
    ]
    if summary.airtime_ms:
        shares = texts.listed([f"{one.name} {texts.percent(one.share)}" for one in summary.people if one.name in sides])
        found.append(JointPart(key="shares", text=texts("joint.shares", shares=shares)))
    for one in notes.agreements:
        told = made(one if days else replace(one, due=None, holds_from=None), texts)
        found.append(JointPart(key=f"agreement.{one.agreement}", text=told))
    told_of = zip(notes.fair, fair_told(notes, texts), strict=True)
    found += [JointPart(key=f"fair.{thing}", text=text) for thing, text in told_of]
    later = enumerate(later_told(notes, texts) if days else (), 1)
    return (*found, *(JointPart(key=f"later.{number}", text=text) for number, text in later))


def without_names(found: Sequence[JointPart], people: Sequence[str]) -> tuple[JointPart, ...]:
    replacing = Replacing([NameForm(name=name, instead=letter(number)) for number, name in enumerate(people)])
    return tuple(JointPart(key=one.key, text=replacing.text(one.text)) for one in found)


def written(found: Sequence[JointPart], struck: Collection[str], title: str) -> str:
    """As Markdown."""
    lines = [f"- {one.text}" for one in found if one.key not in struck]
    return "\n".join([f"# {title}", "", *lines, ""])


def digest(report: str) -> str:
    return hashlib.sha256(report.encode()).hexdigest()
