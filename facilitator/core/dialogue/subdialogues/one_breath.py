"""What is said of an agreement in one breath: "dishes, weekly, Ana", "Ana takes out the rubbish by Friday".

Who, how often and by when stand at the end, in any order, behind a comma or in words that say so ("by Friday"). What
could just as well mean something else is asked for, or left open: "the key is for Ana". Only what stands behind a comma
is no longer part of the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from facilitator.core.dialogue.questions import EVERY, OFTEN_FROM, by_when, how_often, in_days, weekdays_ahead
from facilitator.core.events import Every
from facilitator.core.language.names import folded
from facilitator.core.language.wording import Language

_WORD = re.compile(r"[^\s,;:.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """`text` is the rest. None: that was not said."""

    text: str
    owner: str | None = None
    """Empty: everyone's."""
    due_days: int | None = None
    every: Every | None = None
    by_turns: bool = False
    all_of_us: bool = False
    """All were named, `owner` first."""


Known = Mapping[str, tuple[Noted, bool]]
"""What a phrase says, and whether it says so anywhere; else only behind a comma or another such phrase."""


def noted(
    words: str, language: Language, people: Sequence[str], *, weekday: int, day: str, comes_again: bool = True
) -> Noted:
    """`weekday` and `day` are those of the session. What never `comes_again`, as a decision, says nothing of how often:
    "every week" is a part of its words then."""
    found = list(_WORD.finditer(words))
    said = [folded(match[0]) for match in found]
    breaks = [
        number == 0 or bool(re.search(r"[,;:]", words[found[number - 1].end() : match.start()]))
        for number, match in enumerate(found)
    ]
    left, told = _from_the_end(said, breaks, _known(language, people, weekday, day, comes_again=comes_again))
    if not left:
        return Noted(text=words)
    if told.owner is None and (owner := _begins_with(said[:left], language, people)):
        told = replace(told, owner=owner)
    if told.by_turns and told.every is None:  # what comes once goes round nobody
        return Noted(text=words)
    if told.all_of_us and not told.by_turns:  # together
        told = replace(told, owner="")
    cut = next((number for number in range(left, len(found)) if breaks[number]), len(found))
    return replace(told, text=words[: found[cut - 1].end()] if cut < len(found) else words)


def _from_the_end(said: list[str], breaks: list[bool], known: Known) -> tuple[int, Noted]:
    """How many words are left, and what the others say."""
    longest = max(len(phrase.split()) for phrase in known)
    for start in range(max(1, len(said) - longest), len(said)):
        entry = known.get(" ".join(said[start:]))
        if entry is None:
            continue
        what, anywhere = entry
        left, before = _from_the_end(said[:start], breaks[:start], known)
        both = _together(before, what)
        if both is not None and (anywhere or breaks[start] or left < start):
            return left, both
    return len(said), Noted(text="")


def _together(one: Noted, other: Noted) -> Noted | None:
    """None: they say two things of the same."""
    for field in ("owner", "due_days", "every"):
        if getattr(one, field) is not None and getattr(other, field) is not None:
            return None
    return Noted(
        text="",
        owner=other.owner if one.owner is None else one.owner,
        due_days=other.due_days if one.due_days is None else one.due_days,
        every=other.every if one.every is None else one.every,
        by_turns=one.by_turns or other.by_turns,
        all_of_us=one.all_of_us or other.all_of_us,
    )


def _known(language: Language, people: Sequence[str], weekday: int, day: str, *, comes_again: bool) -> Known:
    answers = language.spoken.answers
    found: dict[str, tuple[Noted, bool]] = {}
    plain = {folded(phrase) for phrases in weekdays_ahead(language, weekday).values() for phrase in phrases}
    for choice in by_when(language, weekday, day):
        days = in_days(choice.value)
        phrases = [folded(phrase) for phrase in choice.phrases]
        for phrase in phrases if days is not None else ():
            bare = any(other.endswith(f" {phrase}") for other in phrases) or " " not in phrase
            found.setdefault(phrase, (Noted(text="", due_days=days), phrase in plain or not bare))
            for first in answers.get("from", ()):
                found.setdefault(f"{folded(first)} {phrase}", (Noted(text="", due_days=days), True))
    for choice in how_often(language) if comes_again else ():
        for phrase in choice.phrases:
            found[folded(phrase)] = (Noted(text="", every=EVERY[choice.value - OFTEN_FROM]), True)
    for phrase in answers.get("by-turns", ()) if comes_again else ():
        found[folded(phrase)] = (Noted(text="", by_turns=True), True)
    for name in people:
        found[folded(name)] = (Noted(text="", owner=name), False)
        all_of_us = folded(language.listed([name, *(other for other in people if other != name)]))
        if len(people) > 1:
            found[" ".join(_WORD.findall(all_of_us))] = (Noted(text="", owner=name, all_of_us=True), False)
    for phrase in answers["everyone"]:
        found[folded(phrase)] = (Noted(text="", owner=""), False)
    return found


def _begins_with(said: Sequence[str], language: Language, people: Sequence[str]) -> str:
    """Whose name stands first, where it is one person's and something follows: "Ana takes out the rubbish"."""
    names = {folded(name): name for name in people}
    for length in range(1, len(said)):
        name = names.get(" ".join(said[:length]))
        if name and said[length] != folded(language.and_word) and said[length] not in names:
            return name
    return ""
