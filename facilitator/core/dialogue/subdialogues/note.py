"""An agreement: dictated or typed, read back for a yes, then who takes care of it, by when, and whose idea it was,
and whether it has to cool off by a rule of the group's own.

Nothing is kept without a yes. Who says nothing when asked for who or when has said: everyone, no date; whose idea
it was need not be said.
"""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Between, Subdialogue
from facilitator.core.dialogue.questions import (
    EVERY,
    EVERYONES,
    WHOSE_FIRST,
    Question,
    by_when,
    how_long,
    how_often,
    in_days,
    somebody,
    whose,
    yes_or_no,
)
from facilitator.core.events import Agreed, AgreementKind, Command, CommandName, Dictate, Dictated, Every, Fact
from facilitator.core.language.choices import YES
from facilitator.core.text import DAY_MS, HOUR_MS, cleaned

TRIES = 2
DICTATION_MS = 15_000
AT_MOST_MS = 20_000
"""What nobody has to answer holds up nobody: meanwhile no speech counts."""
"""With no word for so long there is nothing to note."""
TYPING_MS = 120_000
INVITE_MS = 1_200
"""After "note that" most go on speaking at once; who does not is invited to."""
DATED: tuple[AgreementKind, ...] = ("agreement", "decision")
"""Kinds of which it is asked who takes care of it and by when; a rule or a step is everyone's, for good."""


class NoteSubdialogue(Subdialogue):
    kind = "note"
    session: AsksAndRemembers

    def __init__(
        self,
        session: AsksAndRemembers,
        between: Between,
        *,
        text: str = "",
        kind: AgreementKind = "agreement",
        cooling_ms: int = 0,
        since_ms: int | None = None,
        whose_idea: bool = False,
    ) -> None:
        super().__init__(session, between)
        self._kind = kind
        self._text = " ".join(text.split())
        self._typed = bool(self._text)
        self._tries = 0
        self._waits_until_ms: int | None = None  # for words
        self._since_ms = since_ms  # "note that ..." was over: what follows in the same breath is dictation
        self._invite_ms: int | None = None  # when it asks for the words, if nobody has begun by then
        self._asks_whose, self._cools_anyway_ms = whose_idea, cooling_ms
        self._interrupted = False  # while it waited for words
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Nothing is known of it but its words."""
        self._owner = ""
        self._every: Every = ""
        self._idea: str | None = None
        self._settled = False  # all else is settled: what they agreed on is kept, whatever comes between
        self._goes_round = False
        self._due_days: int | None = None
        self._cooling_ms = self._cools_anyway_ms

    @property
    def commands(self) -> tuple[CommandName, ...]:
        return ("note", "pass") if self._waits_until_ms is not None else ()

    def begin(self) -> None:
        if self._text:
            self._read_back()
        else:
            self._take_down()

    def _take_down(self) -> None:
        self._tries += 1
        if not self.session.setup.hears_words:
            self._wait(TYPING_MS)
            self.session.say("note.type", urgent=True)
            return
        since_ms, self._since_ms = self._since_ms, None
        self.session.emit(Dictate(at_ms=self.now_ms, on=True, since_ms=since_ms))
        self._wait(DICTATION_MS)
        self._invite_ms = self.now_ms + (INVITE_MS if since_ms is not None else 0)

    def _invite(self) -> None:
        self._invite_ms = None
        phrase = "note.listening" if self._tries == 1 else "note.again"
        self.session.say(phrase, count=len(self.session.agreed), urgent=True, then=lambda _: self._wait(DICTATION_MS))

    def _wait(self, ms: int) -> None:
        self._waits_until_ms = self.now_ms + ms

    def command(self, command: Command) -> bool:
        """Typing works at any moment of it, also in place of dictation."""
        if command.name == "note" and command.text.strip():
            self._stop_dictation()
            if self._settled:  # that one they had agreed on; this is another
                self._write_down()
                self._begin_anew()
            self._text, self._typed = " ".join(cleaned(command.text).split()), True
            self._read_back()
            return True
        if command.name in ("next", "pass", "no") and self._waits_until_ms is not None:
            self._stop_dictation()
            self._drop()
            return True
        return False

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, Dictated) and self._waits_until_ms is not None and fact.text.strip():
            self._stop_dictation()
            self._text = " ".join(cleaned(fact.text).split())
            self._read_back()

    def tick(self) -> None:
        scheduler = self.session.scheduler
        if self._waits_until_ms is None or scheduler.busy:
            return
        if scheduler.someone_speaking:  # they have begun, and need not be asked
            self._invite_ms = None
            self._waits_until_ms = max(self._waits_until_ms, self.now_ms + DICTATION_MS)
        elif self._invite_ms is not None and self.now_ms >= self._invite_ms:
            self._invite()
        elif self.now_ms >= self._waits_until_ms:
            self._stop_dictation()
            self._drop()

    @property
    def deadline_ms(self) -> int | None:
        scheduler = self.session.scheduler
        if self._waits_until_ms is None or scheduler.busy or scheduler.someone_speaking:
            return None
        return self._waits_until_ms if self._invite_ms is None else min(self._invite_ms, self._waits_until_ms)

    def _stop_dictation(self) -> None:
        if self._waits_until_ms is not None:
            self._waits_until_ms = self._invite_ms = None
            if self.session.setup.hears_words:
                self.session.emit(Dictate(at_ms=self.now_ms, on=False))

    def end(self) -> None:
        self._stop_dictation()
        if self._settled:
            self._write_down()

    def wait(self) -> None:
        """Words are no dictation while something else is asked; where none had come yet, they are asked for again."""
        self._interrupted = self._waits_until_ms is not None
        self._stop_dictation()

    def come_back(self) -> None:
        if self._interrupted:
            self._interrupted = False
            self._tries -= 1
            self._take_down()

    # -- what was said -------------------------------------------------------------------------------

    def _read_back(self) -> None:
        self.session.ask(
            Question(
                prompt_kind="note.read_back",
                slots={"text": self._text},
                choices=yes_or_no(self.session.language),
                then=self._confirmed,
                urgent=True,
            )
        )

    def _confirmed(self, value: int | None) -> None:
        if value == YES:
            self._who() if self._kind in DATED else self._keep()
        elif value is not None and self._tries < TRIES and not self._typed:
            self._take_down()
        else:
            self._drop()

    def _who(self) -> None:
        people = self.session.people
        self.session.ask(
            Question(
                prompt_kind="note.who",
                choices=somebody(self.session.language, people),
                then=lambda value: self._takes_on(people[value - 1]) if value else self._when(""),
                urgent=True,
            )
        )

    def _takes_on(self, owner: str) -> None:
        """Whoever is named says themselves whether they will: a task that others gave them is no agreement."""

        def answered(value: int | None) -> None:
            if value == YES:
                self._when(owner)
            else:
                self.session.say("note.nobody_yet", urgent=True, then=lambda _: self._when(""))

        self.session.ask(
            Question(
                prompt_kind="note.takes_on",
                person=owner,
                choices=yes_or_no(self.session.language),
                then=answered,
                urgent=True,
            )
        )

    def _when(self, owner: str) -> None:
        self._owner = owner
        self.session.ask(
            Question(
                prompt_kind="note.when",
                choices=by_when(self.session.language, self.session.setup.weekday, self.session.setup.day),
                then=lambda value: self._how_often(None if value is None else in_days(value)),
                urgent=True,
            )
        )

    def _how_often(self, due_days: int | None) -> None:
        """What has a day may come again, and go round."""
        self._due_days = due_days
        if due_days is None or self._kind != "agreement":
            self._whose()
            return
        self.session.ask(
            Question(
                prompt_kind="note.every",
                choices=how_often(self.session.language),
                then=self._every_so_often,
                urgent=True,
                times=1,
            )
        )

    def _every_so_often(self, value: int | None) -> None:
        self._every = EVERY[value or 0]
        if not self._every or not self._owner or len(self.session.people) < 2:
            self._whose()
            return
        self.session.ask(
            Question(
                prompt_kind="note.by_turns",
                slots={"name": self._owner},
                choices=yes_or_no(self.session.language),
                then=self._by_turns,
                urgent=True,
                times=1,
            )
        )

    def _by_turns(self, value: int | None) -> None:
        self._goes_round = value == YES
        self._whose()

    def _whose(self) -> None:
        """Asked once, of two or more: silence and a no are fine, and leave nothing behind."""
        people = self.session.people
        if not self._asks_whose or len(people) < 2:
            self._cools()
            return

        self._settled = True

        def answered(value: int | None) -> None:
            if value == EVERYONES:
                self._idea = ""
            elif value:
                self._idea = people[value - WHOSE_FIRST]
            self._cools()

        self.session.ask(
            Question(
                prompt_kind="note.whose",
                choices=whose(self.session.language, people),
                then=answered,
                urgent=True,
                times=1,
                at_most_ms=AT_MOST_MS,
            )
        )

    def _cools(self) -> None:
        """Whether one of the group's own cooling-off rules applies, asked once where there is any. What cools off
        anyway is not asked about, nor what comes again, as that is asked after each time."""
        rules = self.session.setup.cooling_rules
        if not rules or self._cooling_ms or self._every:
            self._keep()
            return
        self._settled = True
        listed = "; ".join(str(rule["text"]).rstrip(" .") for rule in rules)
        self.session.ask(
            Question(
                prompt_kind="note.cools",
                slots={"rules": listed},
                choices=yes_or_no(self.session.language),
                then=lambda value: self._for_how_long() if value == YES else self._keep(),
                urgent=True,
                times=1,
                at_most_ms=AT_MOST_MS,
            )
        )

    def _for_how_long(self) -> None:
        """Where the rules differ in that; with no answer it is the longest, which takes nothing from anybody."""
        days = sorted({int(rule["days"]) for rule in self.session.setup.cooling_rules})
        self._cooling_ms = days[-1] * DAY_MS
        if len(days) == 1:
            self._keep()
            return

        def answered(value: int | None) -> None:
            self._cooling_ms = days[-1] * DAY_MS if value is None else value * HOUR_MS
            self._keep()

        self.session.ask(
            Question(
                prompt_kind="note.cools_for",
                choices=how_long(self.session.language, days),
                then=answered,
                urgent=True,
                times=1,
                at_most_ms=AT_MOST_MS,
            )
        )

    def _write_down(self) -> None:
        self._settled = False
        agreed = Agreed(
            at_ms=self.now_ms,
            number=len(self.session.agreed) + 1,
            kind=self._kind,
            text=self._text,
            owner=self._owner,
            due_days=self._due_days,
            cooling_ms=self._cooling_ms,
            every=self._every,
            by_turns=self._goes_round,
            idea=self._idea,
        )
        self.session.agreed.append(agreed)
        self.session.emit(agreed)

    def _keep(self) -> None:
        self._write_down()
        due_days = self._due_days
        if self._cooling_ms:
            self.session.say("agree.cooling", {"time": self.session.language.duration(self._cooling_ms)}, urgent=True)
        day = self.session.setup.day_in(due_days) if due_days is not None else None
        kept, slots = ("note.kept", {}) if day is None else ("note.kept_by", {"day": self.session.language.day(day)})
        self.session.say(kept, slots, urgent=True, then=lambda _: self.between.close_subdialogue(self))

    def _drop(self) -> None:
        self._settled = False
        self.session.say("note.dropped", urgent=True, then=lambda _: self.between.close_subdialogue(self))
