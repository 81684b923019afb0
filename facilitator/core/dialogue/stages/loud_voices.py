"""It has become loud: two speak at once, far louder than in their samples. Everyone is met, and nobody is named.

What counts as that, and what is done about it, step after step, is in the format. One loud word is nothing; where
levels are not known, as with voiceprints from another day, nothing is ever said.
"""

from __future__ import annotations

from collections import deque

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.escalation import BREATH, BREATH_EVERY_MS, Escalation
from facilitator.core.dialogue.questions import Question, one_yes
from facilitator.core.events import Fact, RaisedVoices
from facilitator.core.formats.stages import Talk, Turns
from facilitator.core.language.choices import YES
from facilitator.core.turntaking.spans import Span

WITHIN_MS = 15_000
"""So much loud talk within this time is a quarrel."""
EVERY_MS = 60_000
WAIT_MS = 4_000


class LoudVoices:
    """Of one stage."""

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Turns | Talk) -> None:
        self._session, self._course, self._settings = session, course, settings
        self._escalation = Escalation(settings.loud, EVERY_MS)
        self._spans: deque[Span] = deque()
        self._times = 0

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, RaisedVoices) and fact.over_db >= self._settings.loud_db and self._course.running:
            self._note(fact.start_ms, fact.end_ms)

    def _note(self, start_ms: int, end_ms: int) -> None:
        seen_ms = self._spans[-1].end_ms if self._spans else 0
        if end_ms <= seen_ms:
            return  # told anew
        self._spans.append(Span(max(start_ms, seen_ms), end_ms))
        while self._spans[0].end_ms < end_ms - WITHIN_MS:
            self._spans.popleft()
        loud_ms = sum(end - max(start, end_ms - WITHIN_MS) for start, end in self._spans)
        if loud_ms >= self._settings.loud_s * 1000:
            self._meet()

    def _meet(self) -> None:
        session = self._session
        step = None if session.scheduler.quiet else self._escalation.cut_in(session.now_ms)
        if step == "breath":
            session.once_in(BREATH, BREATH_EVERY_MS)  # then nobody else asks for one soon
            session.say("loud.breath", count=self._times, wait_ms=WAIT_MS, unasked=True, urgent=True)
        elif step == "break" and session.question is None:
            session.ask(
                Question(
                    prompt_kind="loud.break",
                    choices=one_yes(session.language),
                    then=lambda value: self._course.take_break() if value == YES else None,
                    times=1,
                    beside=True,
                )
            )
        if step is not None:
            self._times += 1
            self._spans.clear()
