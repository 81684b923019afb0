"""Who is called next, and in which words; what becomes of the floor is in `round_robin.py`."""

from __future__ import annotations

from collections import Counter
from functools import partial

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.questions import Question, yes_or_no
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.dialogue.stages.turn_order import Call, calls_of, ordered, without
from facilitator.core.formats.stages import Turns
from facilitator.core.language.choices import NO
from facilitator.core.text import MINUTE_MS

SAID_AGAIN = 2  # so often what was not heard right is said once more
SILENT_CALLS = 2
MOST_NAMED = 3  # names at a time; more are "the others"


class TurnCallsStage(Stage):
    """Goes through the calls of each round. `hand_over` gives the floor to who was called."""

    session: AsksAndRemembers

    def __init__(self, session: AsksAndRemembers, course: Course, settings: Turns) -> None:
        super().__init__(session, course)
        self.settings = settings
        self._calls: list[Call] = []  # of the round
        self._at = -1  # the call that is on
        self._round = 0
        self._turn = -1  # counts the calls, so that the wording varies
        self._said_again = 0
        self._silent: Counter[str] = Counter()  # of how many of their calls in a row nothing came
        self._said: Counter[tuple[int, str, str, int]] = Counter()  # items in which something was said

    def called(self, call: Call) -> None:
        """The next call is on; nobody has the floor yet."""
        raise NotImplementedError

    def grant(self) -> None:
        """It has been said whose turn it is: the floor is theirs."""
        raise NotImplementedError

    @property
    def _call(self) -> Call | None:
        return self._calls[self._at] if 0 <= self._at < len(self._calls) else None

    @property
    def holder(self) -> str:
        call = self._call
        assert call is not None
        return call.person

    def begin(self) -> None:
        language = self.session.language
        time = language.duration(round(self.settings.minutes * MINUTE_MS))
        if self.session.introduced("turns") and (self.settings.step or self.settings.ask):
            pass  # what is asked says it all, and that passing is fine has been said
        elif self.settings.step:
            self.session.say("turns.start_steps")
        elif self.settings.rounds == 1:
            self.session.say("turns.start_one", {"time": time})
        else:
            self.session.say("turns.start", {"time": time, "rounds": language.number(self.settings.rounds)})
        self._next()

    def _next(self) -> None:
        self._at += 1
        self._turn += 1
        if self._at >= len(self._calls):
            if self._round >= self.settings.rounds or not self._order():
                self.course.stage_over()
                return
            self._begin_round()
        call = self._call
        assert call is not None
        self.called(call)
        if call.confirm:
            self._confirm(call)
        else:
            self._announce()

    def _begin_round(self) -> None:
        self._round += 1
        self._calls = self._calls_of(self._order())
        self._at = 0
        if self._round > 1:
            language = self.session.language
            self.session.say(
                "turns.round",
                {"round": language.number(self._round), "rounds": language.number(self.settings.rounds)},
                count=self._round,
            )

    def _order(self) -> tuple[str, ...]:
        """Those who are called in a round, in their order."""
        called = tuple(person for person in self._people if person not in self.session.uncalled)
        airtime_ms = self.session.airtime_ms()
        known = [airtime_ms.get(person, 0) for person in called if self.session.is_heard(person)]
        unknown_ms = (
            sum(known) // len(known) if known else 0
        )  # of who is not listened to nobody says that they are quiet
        heard_ms = {p: airtime_ms.get(p, 0) if self.session.is_heard(p) else unknown_ms for p in called}
        return ordered(called, self.settings.order, heard_ms, self.session.setup.first)

    def _calls_of(self, order: tuple[str, ...]) -> list[Call]:
        return calls_of(self._round, order, self._people, self.settings, self.session.setup.extra_time)

    @property
    def _people(self) -> tuple[str, ...]:
        """Those at the table who take turns."""
        return self.session.participants

    def _announce(self) -> None:
        """Calls the person whose turn it is; the floor is theirs when that has been said."""
        call = self._call
        assert call is not None
        self.session.say_text(*self._words(call, self._turn), person=call.person, then=lambda _: self.grant())

    def _words(self, call: Call, count: int) -> tuple[str, str]:
        """How the person is called, and which phrase that is."""
        language = self.session.language
        time = language.duration(call.limit_ms)
        if call.again:
            return language.phrase("floor.again", count, name=call.person, time=time), "floor.again"
        if call.item > 1 and (said := self.said_of(call)):
            done, left = language.number(said), language.number(call.items - call.item + 1)
            return language.phrase("floor.item", count, name=call.person, done=done, left=left), "floor.item"
        if call.ask:
            slots = {"name": call.person, "other": call.other, "others": self._others(call.person), "time": time}
            question = language.own("asks", call.ask, self._round - 1, **slots)
            return language.phrase("floor.asked", count, question=question, name=call.person, time=time), "floor.asked"
        return language.phrase("floor.granted", count, name=call.person, time=time), "floor.granted"

    def turn_to_come(self, person: str) -> bool:
        """Whether this person will be called again here."""
        more_rounds = self._round < self.settings.rounds and person in self._people
        return more_rounds or any(call.person == person for call in self._calls[self._at + 1 :] if not call.confirm)

    def note_said(self, call: Call) -> None:
        """Something was said in this call."""
        self._said[call.round, call.speaker, call.person, call.step] += 1

    def said_of(self, call: Call) -> int:
        """In so many calls of this step something was said."""
        return self._said[call.round, call.speaker, call.person, call.step]

    def _can_begin(self, following: Call) -> bool:
        """The next person need not be asked anything first."""
        call = self._call
        return call is not None and not following.confirm and following.speaker != call.speaker

    @property
    def _following(self) -> Call | None:
        """The next call of the round."""
        return self._calls[self._at + 1] if self._at + 1 < len(self._calls) else None

    def _others(self, person: str) -> str:
        """The others by name, where they are few."""
        others = tuple(p for p in self._people if p != person)
        language = self.session.language
        return language.listed(others) if len(others) <= MOST_NAMED else language.phrase("names.others")

    # -- was that heard right? -----------------------------------------------------------------------

    def _confirm(self, call: Call) -> None:
        self.session.ask(
            Question(
                prompt_kind="floor.confirm",
                person=call.speaker,
                slots={"other": call.other},
                choices=yes_or_no(self.session.language),
                then=self._confirmed,
                count=self._turn,
            )
        )

    def _confirmed(self, value: int | None) -> None:
        call = self._call
        assert call is not None
        if value != NO or self._said_again >= SAID_AGAIN:
            self._said_again = 0
            self._next()
            return
        self._said_again += 1
        self.session.say("floor.confirm_no", {"name": call.speaker, "other": call.other})
        # Back to where the speaker speaks, and from there through what follows.
        back = max(k for k in range(self._at) if self._calls[k].person == call.speaker and not self._calls[k].confirm)
        self._at = back - 1
        self._next()

    # -- passing -----------------------------------------------------------------------------------

    def _skip_rest(self) -> None:
        """Who passes passes the whole of the step; where the speaker passes there is nothing to answer."""
        call = self._call
        assert call is not None
        whole = call.person == call.speaker and call.step == 0
        while (following := self._at + 1) < len(self._calls):
            after = self._calls[following]
            same_turn = after.speaker == call.speaker and after.round == call.round
            if not same_turn or not (whole or (after.person == call.person and after.step == call.step)):
                break
            self._at = following

    # -- who is here -------------------------------------------------------------------------------

    def note_silence(self, call: Call, *, nothing_said: bool) -> None:
        """Of calls that are somebody's own; who is asked to answer may have nothing to say."""
        if call.person == call.speaker:
            self._silent[call.person] = self._silent[call.person] + 1 if nothing_said else 0

    def _go_to_next(self) -> None:
        """After two calls in a row without a word it is asked once whether somebody is still here."""
        call = self._call
        if call is None or self._silent[call.person] != SILENT_CALLS or call.person in self.session.absent:
            self._next()
            return
        self._silent[call.person] += 1
        self.session.ask(
            Question(
                prompt_kind="people.still_here",
                slots={"name": call.person},
                choices=yes_or_no(self.session.language),
                then=partial(self._still_here, call.person),
                times=1,
            )
        )

    def _still_here(self, person: str, value: int | None) -> None:
        if value == NO:
            self.course.has_left(person)  # it is their call that has just been over: the next one follows
            return
        if value is None:
            self.session.uncalled.add(person)
        self._next()

    def _drop_calls_of(self, person: str) -> None:
        """If it is theirs that is on, `_next` goes on with what is there instead of it."""
        steps = self.settings.step
        if (call := self._call) is not None and call.person == person:
            self._at -= 1
        self._calls = self._calls[: self._at + 1] + without(
            self._calls[self._at + 1 :],
            person,
            self._people,
            pairs=self.settings.pairs,
            listens=lambda call: bool(steps) and steps[call.step].who == "listener",
        )

    def joined(self, person: str) -> None:
        """A turn in this round, if they have not had theirs, and one in every round to come."""
        had = any(call.speaker == person for call in self._calls[: self._at + 1])
        if self._round and person in self._people and not had:
            self._calls = [*self._calls, *self._calls_of((person,))]
