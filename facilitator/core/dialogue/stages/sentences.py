"""A few sentences that follow from what is known, said one after the other: the format's own, the numbers that people
gave beside those of last time, and what has been reached since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilitator.core.dialogue.context import AsksAndRemembers, Course, SpeaksAndRemembers, SpeaksToPeople
from facilitator.core.dialogue.fairness import Ratings, compared
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import Command, CommandName
from facilitator.core.formats.stages import Tell
from facilitator.core.language.phrases import COUNTED
from facilitator.core.language.wording import Language, capital


class SentencesStage(Stage):
    """Nothing to say: it is over at once."""

    _left: list[tuple[str, str]] | None = None

    def sentences(self) -> list[tuple[str, str]]:
        """The key of each phrase, and the sentence."""
        raise NotImplementedError

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("next",)

    def begin(self) -> None:
        if self._left is None:
            self._left = self.sentences()
        if not self._left:
            self.course.stage_over()
            return
        key, text = self._left[0]
        self.session.say_text(text, key, then=lambda _: self._said())

    def _said(self) -> None:
        if self._left:
            self._left.pop(0)
        self.begin()

    def command(self, command: Command) -> None:
        if command.name in ("next", "pass"):
            self.session.scheduler.clear(self.now_ms)
            self._left = []
            self.begin()

    def welcome_back(self) -> None:
        if not self.session.scheduler.busy:  # else what was interrupted still waits to be said
            self.begin()


class TellStage(SentencesStage):
    """Sentences of the format's own."""

    kind = "tell"
    session: SpeaksAndRemembers

    def __init__(self, session: SpeaksAndRemembers, course: Course, settings: Tell) -> None:
        super().__init__(session, course)
        self._texts = settings.say

    def sentences(self) -> list[tuple[str, str]]:
        language = self.session.language
        found: list[tuple[str, str]] = []
        for key in self._texts:
            table = "rules" if f"rules.{key}" in language.phrases else "asks"
            if table == "rules" and not self.session.introduced("rules"):
                found.append(("opening.rules", language.phrase("opening.rules")))
            text = language.own(table, key)
            found.append((f"{table}.{key}" if text != key else "own", text))
        return found


class CompareStage(SentencesStage):
    """The numbers that people gave are told, beside those of last time."""

    kind = "compare"
    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course) -> None:
        super().__init__(session, course)
        now: Ratings = {}
        for rated in session.self_rated:
            now.setdefault(rated.indicator, {})[rated.person] = rated.value
        before: Ratings = {}
        for row in session.setup.said_before:
            before.setdefault(str(row["indicator"]), {})[str(row["person"])] = int(row["value"])
        self._now, self._before = now, before

    def sentences(self) -> list[tuple[str, str]]:
        session = self.session
        words = compared(self._now, self._before, session.participants, session.language)
        return [(key, capital(session.language.phrase(key, **slots))) for key, slots in words]


class MilestonesStage(SentencesStage):
    """What people have reached since last time is told; where there is nothing, nothing is said."""

    kind = "milestones"
    session: SpeaksToPeople

    def __init__(self, session: SpeaksToPeople, course: Course) -> None:
        super().__init__(session, course)

    def sentences(self) -> list[tuple[str, str]]:
        setup, language = self.session.setup, self.session.language
        if not setup.milestones:
            return []
        start = "milestones.start" if setup.said_before else "milestones.start_first"
        return [(start, language.phrase(start)), *(milestone_sentence(row, language) for row in setup.milestones)]


def milestone_sentence(row: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """The key of the phrase, and the sentence. `row`: a `core.milestones.Milestone` as JSON values."""
    key = f"milestones.{row['key']}"
    number = int(row.get("number") or 0)
    if key in COUNTED:
        return key, capital(language.counted_phrase(key, number))
    slots = {"name": str(row.get("who", "")), "percent": language.number(number)}
    return key, language.phrase(key, **slots)
