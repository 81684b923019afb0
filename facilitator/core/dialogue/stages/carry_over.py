"""What a support is for; and what is left from last time: a break that may not be over yet, decisions that have cooled
off, agreements that are due."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from facilitator.core.dialogue.context import AsksPeople, Course
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.events import AgreementChecked, BreakAgreed
from facilitator.core.language.choices import YES

EARLY_MS = 60_000
"""Nobody counts the last minute."""


class CarryOverStage(Stage):
    kind = "business"
    asks_each = True
    session: AsksPeople

    def __init__(self, session: AsksPeople, course: Course) -> None:
        super().__init__(session, course)
        self._due = list(session.setup.due)
        self._rules, self._goals = session.setup.rules, session.setup.goals
        self._to_ask: list[str] = []

    def begin(self) -> None:
        goals, self._goals = self._goals, ()
        if goals:
            listed = "; ".join(goal.rstrip(" .") for goal in goals)
            self.session.say("business.goals", {"goals": listed}, then=lambda _: self._left_from_before())
        else:
            self._left_from_before()

    def _left_from_before(self) -> None:
        left_ms = self.session.setup.return_in_ms
        if left_ms is None:
            self._next_due()
        elif left_ms > EARLY_MS:
            self._to_ask = list(self.session.people)
            time = self.session.language.duration(left_ms)
            self.session.say("business.early", {"time": time}, then=lambda _: self._ask_next())
        else:
            self.session.say("business.back", then=lambda _: self._next_due())

    # -- reopened early: everyone has to want it ----------------------------------------------------

    def _ask_next(self) -> None:
        if not self._to_ask:
            self._next_due()
            return
        self.session.ask(
            Question(
                prompt_kind="business.ready",
                person=self._to_ask[0],
                choices=yes_or_no(self.session.language),
                then=self._ready,
            )
        )

    def _ready(self, value: int | None) -> None:
        self._to_ask.pop(0)
        if value == YES:
            self._ask_next()
            return
        left_ms = max(EARLY_MS, (self.session.setup.return_in_ms or 0) - self.now_ms)
        self.session.emit(BreakAgreed(at_ms=self.now_ms, return_in_ms=left_ms))
        time = self.session.language.duration(left_ms)
        self.session.say("business.not_yet", {"time": time}, then=lambda _: self.course.end_for_break())

    # -- agreements that are due --------------------------------------------------------------------

    def _next_due(self) -> None:
        if not self._due:
            self._read_rules()
            return
        due = self._due[0]
        owner, day = str(due.get("owner") or ""), str(due.get("day") or "")
        kind = "business.decision" if due.get("cooled") else "business.due_owner" if owner else "business.due"
        slots = {"text": str(due["text"]), "name": owner}
        if day:  # it comes again: this is one of its times
            kind = "business.due_turn" if owner else "business.due_day"
            slots["day"] = self._day(day)
        self.session.ask(
            Question(
                prompt_kind=kind,
                slots=slots,
                choices=yes_or_no(self.session.language),
                then=self._checked,
            )
        )

    def _read_rules(self) -> None:
        rules, self._rules = self._rules, ()
        if rules:
            listed = "; ".join(rule.rstrip(" .") for rule in rules)
            self.session.say("business.rules", {"rules": listed}, then=lambda _: self.course.stage_over())
        else:
            self.course.stage_over()

    def _checked(self, value: int | None) -> None:
        due = self._due.pop(0)
        if value is not None:
            kept = value == YES
            day = str(due.get("day") or "")
            self.session.emit(AgreementChecked(at_ms=self.now_ms, agreement=int(due["agreement"]), kept=kept, day=day))
            words = ("business.stands", "business.fallen") if due.get("cooled") else ("business.kept", "business.open")
            if not day or kept:
                self.session.say(words[0] if kept else words[1], then=lambda _: self._who_is_next(due))
                return
        self._who_is_next(due)

    def _who_is_next(self, due: Mapping[str, Any]) -> None:
        """Of what goes round, whether or not it was done."""
        if name := due.get("next_owner"):
            slots = {"name": str(name), "day": self._day(str(due["next_day"]))}
            self.session.say("business.next_turn", slots, then=lambda _: self._next_due())
        else:
            self._next_due()

    def _day(self, day: str) -> str:
        return self.session.language.day(datetime.date.fromisoformat(day))

    def come_back(self) -> None:
        self._to_ask = []
        self.begin()

    def welcome_back(self) -> None:
        """After a pause: with the question that waited."""
        if self._to_ask:
            self._ask_next()
        else:
            self._next_due()
