"""An agreement: dictated or typed, read back for a yes, and then a thing or two that nobody has said yet.

Nothing is kept without a yes. Who, how often and by when are best said in the same breath (`one_breath.py`). Of what
is left, at most two things are asked, once, and who talks on has answered: what is not said now can be added later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from facilitator.core.dialogue.context import NO_SLOTS, AsksAndRemembers, Between, Slots, Subdialogue
from facilitator.core.dialogue.questions import (
    EVERY,
    EVERYONES,
    OFTEN_FROM,
    WHOSE_FIRST,
    Question,
    by_when,
    how_often,
    in_days,
    somebody,
    which_rule,
    whose,
    yes_or_no,
)
from facilitator.core.dialogue.subdialogues.one_breath import Noted, noted
from facilitator.core.events import Agreed, AgreementKind, Command, CommandName, Dictate, Dictated, Every, Fact
from facilitator.core.formats.stages import Format
from facilitator.core.language.choices import YES, Choice
from facilitator.core.language.grammar import OFTEN
from facilitator.core.text import DAY_MS, cleaned

TRIES = 2
DICTATION_MS = 15_000
"""With no word for so long there is nothing to note."""
AT_MOST_MS = 20_000
"""What nobody has to answer holds up nobody: meanwhile no speech counts."""
TYPING_MS = 120_000
INVITE_MS = 1_200
"""After "note that" most go on speaking at once; who does not is invited to."""
DATED: tuple[AgreementKind, ...] = ("agreement", "decision")
"""Kinds that are somebody's and have a day; a rule or a step is everyone's, for good."""
AT_MOST = 2
"""So many things are asked of what was read back."""
Thing = Literal["who", "when", "idea", "decided", "cools"]
IN_ORDER: tuple[Thing, ...] = ("who", "when", "idea", "decided", "cools")
FIRST_IN_DAYS: dict[Every, int] = {"week": 7, "fortnight": 14, "month": 30}
"""When what comes again does so first, where no day was said."""


class NoteSubdialogue(Subdialogue):
    kind = "note"
    session: AsksAndRemembers

    def __init__(
        self,
        session: AsksAndRemembers,
        between: Between,
        form: Format,
        *,
        text: str = "",
        kind: AgreementKind = "agreement",
        cooling_ms: int = 0,
        since_ms: int | None = None,
    ) -> None:
        super().__init__(session, between)
        self._form, self._kind = form, kind
        self._text = " ".join(text.split())
        self._typed = bool(self._text)
        self._tries = 0
        self._waits_until_ms: int | None = None  # for words
        self._since_ms = since_ms  # "note that ..." was over: what follows in the same breath is dictation
        self._invite_ms: int | None = None  # when it asks for the words, if nobody has begun by then
        self._cools_anyway_ms = cooling_ms
        self._interrupted = False  # while it waited for words
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Nothing is known of it but its words."""
        self._said = Noted(text="")
        self._owner = ""
        self._every: Every = ""
        self._due_days: int | None = None
        self._turns: tuple[str, ...] = ()
        self._idea: str | None = None
        self._decided: str | None = None
        self._cooling_ms = self._cools_anyway_ms
        self._to_ask: list[Thing] = []
        self._settled = False  # they said yes to the words: these are kept, whatever comes between

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
            self._invited("note.type")
            return
        since_ms, self._since_ms = self._since_ms, None
        self.session.emit(Dictate(at_ms=self.now_ms, on=True, since_ms=since_ms))
        self._wait(DICTATION_MS)
        self._invite_ms = self.now_ms + (INVITE_MS if since_ms is not None else 0)

    def _invite(self) -> None:
        self._invite_ms = None
        self._invited("note.listening" if self._tries == 1 else "note.again")

    def _invited(self, phrase: str) -> None:
        """The first time it is said, too, that one sentence can hold all of it."""
        session = self.session
        text = session.worded(phrase, len(session.agreed))
        if self._kind in DATED and not session.introduced("note"):
            text = f"{text} {session.worded('note.one_breath')}"
        ms = DICTATION_MS if session.setup.hears_words else TYPING_MS
        session.say_text(text, phrase, urgent=True, then=lambda _: self._wait(ms))

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
                at_most_ms=AT_MOST_MS,
            )
        )

    def _confirmed(self, value: int | None) -> None:
        if value == YES and self._kind in DATED:
            self._settled = True
            setup = self.session.setup
            self._said = noted(
                self._text,
                self.session.language,
                self.session.people,
                weekday=setup.weekday,
                day=setup.day,
                comes_again=self._kind == "agreement",
            )
            self._take_as_said()
        elif value == YES:
            self._said = Noted(text=self._text)
            self._keep()
        elif value is not None and self._tries < TRIES and not self._typed:
            self._take_down()
        else:
            self._drop()

    def _take_as_said(self) -> None:
        said = self._said
        self._due_days = said.due_days
        if said.every is not None:
            self._again(said.every)
        self._to_ask = self._open_things()
        first = said.owner or next(iter(self.session.participants), "")
        everyone = tuple(dict.fromkeys((first, *self.session.participants)))
        if said.by_turns and len(everyone) > 1:
            self._goes_round(everyone)
        elif said.owner:
            self._takes_on(said.owner)
        else:
            self._next()

    def _again(self, every: Every) -> None:
        self._every = every
        if self._due_days is None:
            self._due_days = FIRST_IN_DAYS[every]

    def _open_things(self) -> list[Thing]:
        """What is not known, the most important of it: what is a rule of the group, then what the format asks for."""
        form, many = self._form, len(self.session.people) > 1
        cools = self.session.setup.cooling_rules and not self._cooling_ms and not self._every
        found: dict[Thing, bool] = {
            "cools": bool(cools),
            "idea": form.whose_idea and many,
            "decided": form.who_decided and many,
            "who": self._said.owner is None and not self._said.by_turns,
            "when": self._due_days is None,
        }
        asked = [thing for thing, is_open in found.items() if is_open][:AT_MOST]
        return [thing for thing in IN_ORDER if thing in asked]

    def _next(self) -> None:
        thing = self._to_ask.pop(0) if self._to_ask else None
        match thing:
            case "who":
                self._who()
            case "when":
                self._when()
            case "idea":
                self._whose("note.whose", "_idea")
            case "decided":
                self._whose("note.decided", "_decided")
            case "cools" if not self._every:  # of what comes again it is asked after each time
                self._cools()
            case _:
                self._keep()

    def _ask(
        self,
        prompt_kind: str,
        choices: tuple[Choice, ...],
        then: Callable[[int | None], None],
        slots: Slots = NO_SLOTS,
        person: str | None = None,
    ) -> None:
        """Once, and nobody has to answer."""
        self.session.ask(
            Question(
                prompt_kind=prompt_kind,
                slots=slots,
                person=person,
                choices=choices,
                then=then,
                urgent=True,
                times=1,
                at_most_ms=AT_MOST_MS,
            )
        )

    def _who(self) -> None:
        people = self.session.people
        choices = somebody(self.session.language, people)
        self._ask("note.who", choices, lambda value: self._takes_on(people[value - 1]) if value else self._next())

    def _takes_on(self, owner: str) -> None:
        """Whoever is named says themselves whether they will: a task that others gave them is no agreement."""

        def answered(value: int | None) -> None:
            if value == YES:
                self._owner = owner
                self._next()
            else:
                self._nobody_yet()

        self._ask("note.takes_on", yes_or_no(self.session.language), answered, person=owner)

    def _goes_round(self, everyone: tuple[str, ...], place: int = 0) -> None:
        """Whose turn it will be says so themselves, as with what somebody takes on: it goes round among all or, where
        one would rather not, among nobody. Who was named for it may still take it on alone."""
        named = "" if self._said.all_of_us else self._said.owner

        def answered(value: int | None) -> None:
            if value == YES and place + 1 < len(everyone):
                self._goes_round(everyone, place + 1)
            elif value == YES:
                self._turns, self._owner = everyone, everyone[0]
                self._next()
            elif named:
                self._takes_on(named)
            else:
                self._nobody_yet()

        prompt_kind = "note.turn" if place else "note.by_turns"
        self._ask(prompt_kind, yes_or_no(self.session.language), answered, person=everyone[place])

    def _nobody_yet(self) -> None:
        self.session.say("note.nobody_yet", urgent=True, then=lambda _: self._next())

    def _when(self) -> None:
        """Or how often."""
        setup, language = self.session.setup, self.session.language
        often = how_often(language) if self._kind == "agreement" else ()

        def answered(value: int | None) -> None:
            if value is not None and value > OFTEN_FROM:
                self._again(EVERY[value - OFTEN_FROM])
            elif value is not None:
                self._due_days = in_days(value)
            self._next()

        self._ask("note.when", (*by_when(language, setup.weekday, setup.day), *often), answered)

    def _whose(self, prompt_kind: str, what: Literal["_idea", "_decided"]) -> None:
        """Of two or more: silence and a no are fine, and leave nothing behind."""
        people = self.session.people

        def answered(value: int | None) -> None:
            if value:
                setattr(self, what, "" if value == EVERYONES else people[value - WHOSE_FIRST])
            self._next()

        self._ask(prompt_kind, whose(self.session.language, people), answered)

    def _cools(self) -> None:
        """Whether one of the group's own cooling-off rules applies."""
        rules = self.session.setup.cooling_rules
        told = [str(rule["text"]).rstrip(" .") for rule in rules]

        def answered(value: int | None) -> None:
            if value:
                rule = rules[0 if value == YES else value - WHOSE_FIRST - 1]
                self._cooling_ms = int(rule["days"]) * DAY_MS
            self._next()

        self._ask("note.cools", which_rule(self.session.language, told), answered, {"rules": "; ".join(told)})

    def _write_down(self) -> None:
        self._settled = False
        text = self._said.text
        agreed = Agreed(
            at_ms=self.now_ms,
            number=len(self.session.agreed) + 1,
            kind=self._kind,
            text=text,
            words="" if self._text == text else self._text,
            owner=self._owner,
            due_days=self._due_days,
            cooling_ms=self._cooling_ms,
            every=self._every,
            by_turns=bool(self._turns),
            people=self._turns,
            idea=self._idea,
            decided=self._decided,
        )
        self.session.agreed.append(agreed)
        self.session.emit(agreed)

    def _keep(self) -> None:
        self._write_down()
        if self._cooling_ms:
            self.session.say("agree.cooling", {"time": self.session.language.duration(self._cooling_ms)}, urgent=True)
        parts = ", ".join(self._details())
        kept, slots = ("note.kept_as", {"details": parts}) if parts else ("note.kept", {})
        self.session.say(kept, slots, urgent=True, then=lambda _: self.between.close_subdialogue(self))

    def _details(self) -> list[str]:
        """Who, how often and by when, as it is kept: what was not understood as it was meant is heard."""
        language = self.session.language
        found = [self._owner] if self._owner else []
        if self._every:
            answers = language.spoken.answers
            found += [answers[OFTEN[EVERY.index(self._every) - 1]][0]]
            found += answers["by-turns"][:1] if self._turns else ()
        day = self.session.setup.day_in(self._due_days) if self._due_days is not None else None
        return [*found, language.day(day)] if day is not None else found

    def _drop(self) -> None:
        self._settled = False
        self.session.say("note.dropped", urgent=True, then=lambda _: self.between.close_subdialogue(self))
