"""What people say to the program, and whether it was meant: scripted evenings, with the bundled prompts."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.questions import (
    breaks,
    by_when,
    how_often,
    percents,
    scale,
    somebody,
    which_rule,
    whose,
    yes_or_no,
)
from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    COMMANDS,
    Activity,
    Agreed,
    Command,
    CommandName,
    Dictate,
    Dictated,
    Fact,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    Heard,
    PhraseHeard,
    PromptEnded,
    PromptStarted,
    Rated,
    Record,
    Say,
    SessionEnded,
    StageStarted,
    Tick,
    Understood,
)
from facilitator.core.language.choices import Choice
from facilitator.core.language.grammar import LATEST_MS, LONGEST_MS, OWN, SURE, Meaning, vocabulary
from facilitator.core.language.wording import Language, parse_language
from facilitator.hearing.words.transcript import spelled
from facilitator.resources.prompts import read_language
from tests.support.simulation import PROMPTS, setup

R = TypeVar("R", bound=Record)
PEOPLE = ("Ana", "Ben", "Carla")
PROMPT_MS = 1_000
MOOD: Any = {
    "name": "Mood",
    "summary": "Mood.",
    "stage": [{"kind": "opening", "mood": True}, {"kind": "turns", "minutes": 5}, {"kind": "closing"}],
}


class Evening:
    """A discussion whose time the test turns. What is said to people takes a second, aloud."""

    def __init__(self, form: Any = None, **options: Any) -> None:
        begun = setup(PEOPLE, enrolled=PEOPLE, hears_words=True, **options)
        self.discussion = Discussion(begun if form is None else dataclasses.replace(begun, format=form))
        self.log: list[Record] = []
        self.now_ms = 0
        self._saying: tuple[int, int] | None = None  # the prompt, and since when
        self.tell(Tick(at_ms=0))

    def tell(self, *facts: Fact) -> list[Record]:
        """What follows from these."""
        before = len(self.log)
        for fact in facts:
            outcomes = self.discussion.receive(fact)
            self.log += outcomes
            for outcome in outcomes:
                if isinstance(outcome, Say):
                    assert self._saying is None, "two prompts at once"
                    self._saying = (outcome.prompt, self.now_ms)
                    self.tell(PromptStarted(at_ms=self.now_ms, prompt=outcome.prompt, start_ms=self.now_ms))
        return self.log[before:]

    def wait(self, ms: int) -> list[Record]:
        before, until_ms = len(self.log), self.now_ms + ms
        while True:
            over_ms = None if self._saying is None else self._saying[1] + PROMPT_MS
            due = [t for t in (over_ms, self.discussion.deadline_ms) if t is not None and t <= until_ms]
            if not due:
                break
            self.now_ms = max(self.now_ms, min(due))
            if self._saying is not None and self.now_ms == over_ms:
                (prompt, start_ms), self._saying = self._saying, None
                self.tell(
                    PromptEnded(at_ms=self.now_ms, prompt=prompt, start_ms=start_ms, end_ms=self.now_ms, how="spoken")
                )
            else:
                self.tell(Tick(at_ms=self.now_ms))
        self.now_ms = until_ms
        self.tell(Tick(at_ms=until_ms))
        return self.log[before:]

    def until(self, kind: type[Record], ms: int = 60_000) -> Any:
        """The next record of this kind."""
        before = len(self.log)
        for _ in range(ms // 100):
            self.wait(100)
            if found := [record for record in self.log[before:] if isinstance(record, kind)]:
                return found[0]
        raise AssertionError(f"there was no {kind.__name__} in {ms} ms")

    def says(
        self,
        phrase: str,
        who: str | None = None,
        *,
        alone: bool = True,
        confidence: float = 1.0,
        lasts_ms: int = 800,
        later_ms: int = 400,
    ) -> list[Record]:
        """Somebody says this; `who` as far as the ear is sure. What comes of it until it was known."""
        before, start_ms = len(self.log), self.now_ms
        self.tell(Activity(at_ms=start_ms, speaking=True, start_ms=start_ms))
        self.wait(lasts_ms)
        if who is not None:
            label = Heard(at_ms=self.now_ms, start_ms=start_ms, end_ms=self.now_ms, people=(who,))
            self.tell(label)
        end_ms = self.now_ms
        self.wait(later_ms)
        self.tell(
            Activity(at_ms=self.now_ms, speaking=False, start_ms=end_ms),
            PhraseHeard(
                at_ms=self.now_ms,
                phrase=phrase,
                start_ms=start_ms,
                end_ms=end_ms,
                confidence=confidence,
                alone=alone,
            ),
        )
        return self.log[before:]


def of(records: Sequence[Record], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def understood(records: Sequence[Record]) -> list[CommandName]:
    return [record.command for record in of(records, Understood)]


@pytest.fixture
def turn() -> Evening:
    """Ana has the floor, and has had it for some seconds."""
    evening = Evening()
    assert evening.until(FloorGranted).person == "Ana"
    evening.wait(3_000)
    return evening


# --- whoever has the floor ---------------------------------------------------------------------------


@pytest.mark.parametrize("phrase", ["i am done", "i'm finished"])
@pytest.mark.parametrize("who", ["Ana", None], ids=["surely", "as far as known"])
def test_the_holder_ends_the_turn(turn: Evening, phrase: str, who: str | None) -> None:
    records = turn.says(phrase, who)
    assert [(r.person, r.reason) for r in of(records, FloorReleased)] == [("Ana", "done")]
    assert [(r.command, r.person) for r in of(records, Understood)] == [("next", "Ana")]
    assert turn.until(FloorGranted).person == "Ben"


def test_the_holder_passes(turn: Evening) -> None:
    assert [r.reason for r in of(turn.says("i pass", "Ana"), FloorReleased)] == ["passed"]


def test_somebody_else_does_not_end_the_turn(turn: Evening) -> None:
    assert understood(turn.says("i am done", "Ben")) == []
    assert turn.discussion.snapshot().floor == "Ana"


def test_two_at_once_are_nobody_for_sure(turn: Evening) -> None:
    """Ben speaks for most of it, but never alone: it can be Ana who is done."""
    start_ms = turn.now_ms
    turn.tell(Heard(at_ms=start_ms + 800, start_ms=start_ms, end_ms=start_ms + 800, people=("Ana", "Ben")))
    turn.now_ms += 1_000
    heard = PhraseHeard(at_ms=turn.now_ms, phrase="i am done", start_ms=start_ms, end_ms=start_ms + 800)
    assert understood(turn.tell(heard)) == ["next"]


@pytest.mark.parametrize(
    "how",
    [
        {"alone": False},
        {"confidence": SURE - 0.01},
        {"later_ms": LATEST_MS + 1},
        {"lasts_ms": LONGEST_MS + 1},
    ],
    ids=["in the middle of a sentence", "not sure", "too late", "too long"],
)
def test_what_was_not_meant(turn: Evening, how: dict[str, Any]) -> None:
    assert understood(turn.says("i am done", "Ana", **how)) == []
    assert turn.discussion.snapshot().floor == "Ana"
    assert understood(turn.says("i am done", "Ana")) == ["next"], "it does not make deaf"


@pytest.mark.parametrize(
    "how", [{"confidence": SURE}, {"later_ms": LATEST_MS}, {"lasts_ms": LONGEST_MS}], ids=["sure", "late", "long"]
)
def test_what_was_just_meant(turn: Evening, how: dict[str, Any]) -> None:
    assert understood(turn.says("i am done", "Ana", **how)) == ["next"]


def test_the_facilitator_does_not_obey_itself(turn: Evening) -> None:
    """Somebody asks how they are doing; what is heard while that is answered comes from the loudspeaker."""
    turn.tell(Command(at_ms=turn.now_ms, name="status"))
    said = turn.until(Say)
    turn.wait(300)
    assert understood(turn.says("facilitator pause", lasts_ms=500, later_ms=0)) == []
    assert turn.discussion.snapshot().last_said == said.text
    turn.wait(2_000)
    assert understood(turn.says("facilitator pause")) == ["pause"]


def test_a_turn_that_is_over_is_not_ended_again(turn: Evening) -> None:
    """Ana says it just as the key is pressed; when it is known, Ben has the floor."""
    start_ms = turn.now_ms
    turn.tell(Command(at_ms=start_ms + 500, name="next"))
    turn.now_ms += 500
    turn.until(FloorGranted)
    for phrase in ("i am done", "facilitator next", "facilitator pass", "facilitator more time"):
        heard = PhraseHeard(at_ms=turn.now_ms, phrase=phrase, start_ms=start_ms, end_ms=start_ms + 300)
        assert turn.now_ms - heard.end_ms < LATEST_MS
        assert understood(turn.tell(heard)) == []
    assert turn.discussion.snapshot().floor == "Ben"
    assert understood(turn.says("i am done", "Ben")) == ["next"]


# --- by name -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [True, False])
def test_a_command_by_name_is_one_from_anybody_and_anywhere(turn: Evening, alone: bool) -> None:
    records = turn.says("facilitator more time", "Carla", alone=alone)
    assert [(r.command, r.person) for r in of(records, Understood)] == [("more-time", "Carla")]
    assert [r.reason for r in of(records, FloorExtended)] == ["asked"]


def test_pause_and_go_on(turn: Evening) -> None:
    assert "facilitator go on" not in turn.discussion.phrases
    assert understood(turn.says("facilitator pause")) == ["pause"]
    assert turn.discussion.snapshot().paused
    assert not {"facilitator pause", "i am done"} & set(turn.discussion.phrases)
    turn.wait(2_000)
    assert understood(turn.says("facilitator go on")) == ["go-on"]
    turn.wait(2_000)
    assert not turn.discussion.snapshot().paused


def test_quiet_and_speak(turn: Evening) -> None:
    assert "facilitator speak" not in turn.discussion.phrases
    assert understood(turn.says("facilitator quiet")) == ["quiet"]
    assert turn.discussion.snapshot().quiet
    assert "facilitator quiet" not in turn.discussion.phrases, "asked for twice, it would speak again"
    assert understood(turn.says("facilitator quiet")) == []
    assert turn.discussion.snapshot().quiet
    assert understood(turn.says("facilitator speak")) == ["speak"]
    assert not turn.discussion.snapshot().quiet


def test_the_name_that_the_group_has_given() -> None:
    evening = Evening(wake="robin")
    evening.until(FloorGranted)
    evening.wait(1_000)
    assert {"robin pause", "i am done"} <= set(evening.discussion.phrases)
    assert not [phrase for phrase in evening.discussion.phrases if "facilitator" in phrase]
    assert understood(evening.says("facilitator pause")) == []
    assert understood(evening.says("robin pause")) == ["pause"]


def test_without_words_there_is_nothing_to_listen_for() -> None:
    begun = setup(PEOPLE, enrolled=PEOPLE, hears_words=False)
    discussion = Discussion(begun)
    discussion.receive(Tick(at_ms=0))
    assert discussion.phrases == ()


# --- questions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "closing"), [("yes", True), ("no", False)])
def test_finish_is_asked_for_once_more(turn: Evening, answer: str, closing: bool) -> None:
    assert "yes" not in turn.discussion.phrases
    records = turn.says("facilitator finish") + turn.wait(3_000)
    assert understood(records) == ["finish"]
    assert [say.prompt_kind for say in of(records, Say)] == ["confirm.finish"]
    assert not of(records, StageStarted) and not of(records, SessionEnded)
    assert {"yes", "no", "facilitator finish"} <= set(turn.discussion.phrases)
    assert "i am done" not in turn.discussion.phrases
    records = turn.says(answer, "Carla")
    assert understood(records) == ["answer"]
    records += turn.wait(5_000)
    assert [stage.kind for stage in of(records, StageStarted)] == (["closing"] if closing else [])
    assert (turn.discussion.snapshot().floor == "Ana") is not closing


def test_an_answer_that_came_before_the_question_is_none(turn: Evening) -> None:
    start_ms = turn.now_ms
    turn.now_ms += 500
    turn.tell(Command(at_ms=turn.now_ms, name="finish", source="voice"))
    early = PhraseHeard(at_ms=turn.now_ms, phrase="yes", start_ms=start_ms, end_ms=start_ms + 300)
    assert understood(turn.tell(early)) == []
    turn.wait(2_000)
    assert understood(turn.says("yes")) == ["answer"]


def test_a_number_answers_the_question_that_waits() -> None:
    evening = Evening(MOOD)
    assert "three" not in evening.discussion.phrases
    asked = evening.until(Say)
    while asked.prompt_kind != "rate.arriving":
        asked = evening.until(Say)
    assert asked.person == "Ana"
    evening.wait(2_000)
    assert {"one", "three", "five"} <= set(evening.discussion.phrases)
    assert not {"six", "yes", "i am done"} & set(evening.discussion.phrases)
    assert understood(evening.says("three", "Ben")) == [], "Ana was asked"
    assert understood(evening.says("three", "Ana", alone=False)) == [], "three cats, and a dog"
    records = evening.says("three", "Ana")
    assert [(r.person, r.value) for r in of(records, Rated)] == [("Ana", 3)]
    evening.wait(2_000)
    assert [(r.person, r.value) for r in of(evening.says("five"), Rated)] == [("Ben", 5)]
    evening.wait(2_000)
    assert [(r.person, r.value) for r in of(evening.says("one", "Carla"), Rated)] == [("Carla", 1)]
    evening.until(FloorGranted)
    assert "three" not in evening.discussion.phrases
    assert understood(evening.says("three", "Ana")) == []


def test_a_second_yes_does_not_answer_the_next_question(turn: Evening) -> None:
    """Whoever says it twice has answered once, also where nothing is said aloud and so nobody is drowned out."""
    turn.tell(Command(at_ms=turn.now_ms, name="quiet"))
    turn.tell(Command(at_ms=turn.now_ms, name="note", text="one list for everything"))
    turn.wait(500)
    start_ms = turn.now_ms
    assert understood(turn.says("yes", lasts_ms=300, later_ms=700)) == ["answer"]
    assert "everyone" in turn.discussion.phrases
    again = PhraseHeard(at_ms=turn.now_ms, phrase="everyone", start_ms=start_ms + 400, end_ms=start_ms + 700)
    assert understood(turn.tell(again)) == []


def test_nor_does_the_same_number_twice() -> None:
    """Ben is asked the same as Ana before, with the same answers."""
    evening = Evening(MOOD)
    evening.tell(Command(at_ms=0, name="quiet"))
    while "three" not in evening.discussion.phrases:
        evening.wait(100)
    start_ms = evening.now_ms
    assert [r.person for r in of(evening.says("three", lasts_ms=300, later_ms=700), Rated)] == ["Ana"]
    again = PhraseHeard(at_ms=evening.now_ms, phrase="three", start_ms=start_ms + 400, end_ms=start_ms + 700)
    assert of(evening.tell(again), Rated) == []
    assert [r.person for r in of(evening.says("four"), Rated)] == ["Ben"]


# --- a note ----------------------------------------------------------------------------------------------


def test_a_note_with_its_words_in_the_same_breath(turn: Evening) -> None:
    records = turn.says("facilitator note that", "Ana", alone=False, later_ms=900)
    (dictate,) = of(records, Dictate)
    assert dictate.on
    assert dictate.since_ms == turn.now_ms - 900, "what follows the words of the command"
    records = turn.wait(1_000)
    assert of(records, Say) == [], "the words are there, nobody needs to be invited"
    dictated = Dictated(
        at_ms=turn.now_ms, text="we eat at seven", start_ms=turn.now_ms - 1_500, end_ms=turn.now_ms - 500
    )
    records = turn.tell(dictated)
    assert [say.text for say in of(records, Say)] == ["I have: we eat at seven. Is that right?"]
    assert [d.on for d in of(records, Dictate)] == [False]
    turn.wait(2_000)
    assert understood(turn.says("yes")) == ["answer"]
    turn.wait(2_000)
    assert understood(turn.says("Carla")) == ["answer"]
    turn.wait(2_000)
    assert understood(turn.says("yes")) == ["answer"]
    turn.wait(2_000)
    records = turn.says("by friday")
    assert [(a.text, a.owner, a.due_days) for a in of(records, Agreed)] == [("we eat at seven", "Carla", 4)]


def test_a_note_without_words_is_asked_for(turn: Evening) -> None:
    turn.says("facilitator take a note")
    assert turn.until(Say).prompt_kind == "note.listening"


# --- every language --------------------------------------------------------------------------------------

LANGUAGES = sorted(PROMPTS.glob("languages/*.toml"))


def answers(language: Language) -> list[tuple[Choice, ...]]:
    """Every list of answers that a question can have, and none."""
    days = [by_when(language, weekday) for weekday in range(7)]
    lists = [yes_or_no(language), scale(language, 1, 5), percents(language), somebody(language, PEOPLE)]
    lists += [whose(language, PEOPLE), (*days[0], *how_often(language)), which_rule(language, ("a", "b"))]
    return [(), *lists, breaks(language), *days]


@functools.cache
def read(path: Path) -> Language:
    return parse_language(read_language(path))


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
@settings(deadline=None)
@given(data=st.data())
def test_no_phrase_means_two_things_at_any_time(path: Path, data: st.DataObject) -> None:
    """Nor does one sound, as models of words write it, however many commands there are just then."""
    language = read(path)
    commands = data.draw(st.lists(st.sampled_from(COMMANDS), unique=True))
    choices = data.draw(st.sampled_from(answers(language)))
    own = data.draw(st.booleans())
    found = vocabulary(language.spoken, wake="", commands=commands, choices=choices, own=own)
    alike: dict[tuple[str, ...], Meaning] = {}
    for phrase, meaning in found.items():
        assert alike.setdefault(spelled(phrase), meaning) == meaning
    assert () not in alike
    asked = {choice.value for choice in choices}
    assert {m.value for m in found.values() if m.kind == "answer"} == {
        choice.value for choice in choices if choice.phrases
    }, "an answer that no phrase is left for could not be given"
    assert all(meaning.value in asked for meaning in found.values() if meaning.kind == "answer")
    called = {meaning.command for meaning in found.values() if meaning.kind == "called"}
    assert called == {command for command in commands if language.spoken.commands.get(command)}
    mine = {meaning.command for meaning in found.values() if meaning.kind == "own"}
    assert mine == ({command for command in OWN if command in commands} if own else set())
