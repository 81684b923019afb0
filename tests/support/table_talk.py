"""A discussion led by hand, fact by fact, and written into a store as the program does it."""

from __future__ import annotations

from typing import Any

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.setup import Setup
from facilitator.store.session_log import Store
from tests.support.simulation import setup

STARTED = "2026-03-06T19:00:00+00:00"
"""A Friday."""


def open_talk(*people: str, form: str = "open", **options: Any) -> Setup:
    """Everyone is known by their voice, and there is a model of words."""
    usual: dict[str, Any] = {"hears_words": True, "weekday": 4, "enrolled": people}
    return setup(people, form, **(usual | options))


class TableTalk:
    """Everything that is said to people is over a second later."""

    def __init__(self, store: Store, setup: Setup, started_at: str = STARTED, *, say: bool = True) -> None:
        self.store, self.discussion = store, Discussion(setup)
        self.session = store.begin(setup, started_at)
        self.now_ms = 0
        self.log: list[e.Record] = []
        self.says = say
        self.tell(e.Tick(at_ms=0))

    def tell(self, fact: e.Fact) -> None:
        records = [fact, *self.discussion.receive(fact)]
        self.log += records
        self.store.write(records)
        for record in records:
            if isinstance(record, e.Say) and self.says:
                start_ms = self.now_ms
                self.now_ms += 1_000
                self.tell(e.PromptStarted(at_ms=start_ms, prompt=record.prompt, start_ms=start_ms))
                self.tell(
                    e.PromptEnded(
                        at_ms=self.now_ms, prompt=record.prompt, start_ms=start_ms, end_ms=self.now_ms, how="spoken"
                    )
                )
            elif isinstance(record, e.Review):
                self.tell(e.Reviewed(at_ms=self.now_ms))

    def wait(self, ms: int) -> None:
        """Lets time pass, and the discussion look at it whenever it wants to."""
        until_ms = self.now_ms + ms
        while self.now_ms < until_ms:
            deadline_ms = self.discussion.deadline_ms
            self.now_ms = min(until_ms, max(self.now_ms + 100, deadline_ms or until_ms))
            self.tell(e.Tick(at_ms=self.now_ms))

    def press(self, name: e.CommandName, value: int | None = None, text: str = "") -> None:
        self.now_ms += 200
        self.tell(e.Command(at_ms=self.now_ms, name=name, value=value, text=text))

    def dictate(self, text: str) -> None:
        """Somebody says this, whether or not it is waited for."""
        self.wait(2_000)
        self.tell(e.Dictated(at_ms=self.now_ms, text=text, start_ms=self.now_ms - 2_000, end_ms=self.now_ms))

    def speak(self, person: str, ms: int) -> None:
        start_ms = self.now_ms
        self.now_ms += ms
        self.tell(e.Heard(at_ms=self.now_ms, start_ms=start_ms, end_ms=self.now_ms, people=(person,)))

    def agree(self, text: str, owner: int = 0, when: int = 0, idea: int = 0, decided: int = 0) -> None:
        """By keys: `owner` is a seat number, 0: everyone; `when` a key of `questions.by_when`, 0: no date; `idea` and
        `decided` keys of `questions.whose`, 0: unsaid. Whoever is named takes it on."""
        keys = {"note.who": owner, "note.when": when, "note.whose": idea, "note.decided": decided}
        self.press("note", text=text)
        self.press("yes")
        while (asked := self.discussion.snapshot().choices) and (question := self._asked) is not None:
            if question in keys:
                self.press("answer", keys[question])
            else:
                self.press("yes")
            if self.discussion.snapshot().choices is asked:
                break

    @property
    def _asked(self) -> str | None:
        """What was said last that has to do with a note."""
        said = [one.prompt_kind for one in self.log if isinstance(one, e.Say) and one.prompt_kind.startswith("note.")]
        return said[-1] if said else None

    def finish(self, reason: str | None = None) -> int:
        """To the last word, and the session is closed."""
        if not self.discussion.ended:
            self.press("finish")
        for _ in range(50):
            if self.discussion.ended:
                break
            self.wait(5_000)
        assert self.discussion.ended
        self.close(reason)
        return self.session

    def close(self, reason: str | None = None) -> None:
        self.store.replace_turns(*self.discussion.settled())
        self.store.finish(self.session, reason or self.discussion.end_reason)
        assert self.store.flush()
