"""A report that both sides of a mediation share: parts that each can leave out, in words that all have agreed to.

Without more it has no name and no day in it: people are A, B, C, also in what they agreed on. A day that people said in
an agreement ("by Friday") stays as they said it: without it the agreement would be another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from facilitator.core.agreements import Agreement
from facilitator.core.language.names import NameForm, Replacing, folded
from facilitator.core.language.texts import Texts
from facilitator.core.review.anonymous import letter
from facilitator.core.review.summary import Summary
from facilitator.core.session_notes import SessionNotes
from facilitator.report.agreements import made
from facilitator.report.session_notes import changed_since, fair_told, later_told


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPart:
    key: str
    """By which it is known, whatever its words are."""
    text: str


class Letters:
    """Whom the report calls A, B, C: these people, in this order. `heard`: what some of them were called before that
    was put right, and what now; texts may still have it.

    `ordinary`: words of the language, folded. A name that is one of them ("Will", "May") is left alone in small
    letters, but only in a text with capitals within its sentences; one that was dictated, or typed as on a telephone,
    says nothing by its small letters. Rather one word too many than a name."""

    def __init__(
        self, people: Sequence[str], ordinary: Collection[str] = (), heard: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        now = {name: letter(number) for number, name in enumerate(dict.fromkeys((*people, *heard.values())))}
        letters = list(({before: now[after] for before, after in heard.items()} | now).items())
        self._everywhere = Replacing(NameForm(name=name, instead=to) for name, to in letters)
        self._as_written = Replacing(
            NameForm(name=name, instead=to, exact=folded(name) in ordinary) for name, to in letters
        )

    def name(self, name: str) -> str:
        return self._everywhere.name(name)

    def text(self, text: str) -> str:
        return (self._as_written if _capital_within(text) else self._everywhere).text(text)

    def agreement(self, one: Agreement) -> Agreement:
        """Without its days, too, but for those that its words name."""
        idea, decided = (said and self.name(said) for said in (one.idea, one.decided))
        return replace(
            one,
            text=self.text(one.text),
            owner=one.owner and self.name(one.owner),
            turns=tuple(self.name(name) for name in one.turns),
            idea=idea,
            decided=decided,
            due=None,
            holds_from=None,
        )


def parts(
    goals: Sequence[str],
    sides: Collection[str],
    summary: Summary,
    notes: SessionNotes,
    texts: Texts,
    letters: Letters | None = None,
) -> tuple[JointPart, ...]:
    """All that there is to leave out. `sides`: who has a say in it. With `letters` nothing in it tells who or when."""
    name, text = (str, str) if letters is None else (letters.name, letters.text)
    found = [
        JointPart(key=f"goal.{number}", text=texts("joint.goal", text=text(goal)))
        for number, goal in enumerate(goals, 1)
    ]
    if summary.has_shares:
        some = [f"{name(one.name)} {texts.percent(one.share)}" for one in summary.people if one.name in sides]
        found.append(JointPart(key="shares", text=texts("joint.shares", shares=texts.listed(some))))
    for one in notes.agreements:
        told = made(one if letters is None else letters.agreement(one), texts)
        found.append(JointPart(key=f"agreement.{one.agreement}", text=told))
    for what, said in notes.fair.items():  # one by one: two may read alike with letters in them
        one_of = replace(notes, fair={text(what): {name(who): number for who, number in said.items()}})
        found += [JointPart(key=f"fair.{what}", text=told) for told in fair_told(one_of, texts)]
    later = enumerate([*later_told(notes, texts), *changed_since(notes, texts)] if letters is None else (), 1)
    return (*found, *(JointPart(key=f"later.{number}", text=told) for number, told in later))


def _capital_within(text: str) -> bool:
    """Whether a word has a capital with which no sentence begins. An English I has one everywhere."""
    within = (word for before, word in pairwise(text.split()) if before[-1] not in ".:!?" and word.rstrip(",.") != "I")
    return any(word[0].isupper() for word in within)


def written(found: Sequence[JointPart], struck: Collection[str], title: str) -> str:
    """As Markdown."""
    lines = [f"- {one.text}" for one in found if one.key not in struck]
    return "\n".join([f"# {title}", "", *lines, ""])


def digest(report: str) -> str:
    return hashlib.sha256(report.encode()).hexdigest()
