"""Voiceprints that are kept: after a yes only, of use next time, of none to another model, gone when dropped."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facilitator.cli import cli
from facilitator.commands.stored.keep_voiceprints import ask_and_keep, keep_asked, use_kept
from facilitator.core import events as e
from facilitator.core.dialogue.stages.opening import KEPT_MS
from facilitator.core.discussion import Discussion
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.speaker.embedding_evidence import EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices, maker
from facilitator.hearing.speaker.stored_voiceprint import from_values, to_values
from facilitator.hearing.speaker.timbre import Timbre
from facilitator.hearing.values import Kept
from facilitator.store.session_log import Reader, Store
from facilitator.store.voiceprints import VoiceprintStore, pieces, saved_on, voiceprints
from tests.hearing.test_listener import ANA, BEN, PEOPLE, hear, listener, live, sample, seconds, talk
from tests.store.test_people import every_byte, keep
from tests.support.hearing_sounds import clip
from tests.support.loudness import LoudnessDetector
from tests.support.simulation import setup

DAY = "2026-05-03"
WITH_SOURCE = {"timbre-1", maker()}


def with_a_source(named: str = "timbre-1") -> Listener:
    """One source beside what is made in the session, as an encoder is."""
    return Listener(LoudnessDetector(), [LearnedVoices(Sources([EncodedVoices(Timbre, maker=named)]))])


def kept_of(made: Listener, person: str) -> Kept:
    values = json.loads(json.dumps(to_values(made.kept.made(made.people.index(person)))))
    return from_values(values)


# --- what is kept ------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.dictionaries(
            st.text(min_size=1, max_size=8),
            hnp.arrays(np.float32, hnp.array_shapes(max_dims=2, max_side=5), elements=st.floats(-100, 100, width=16)),
            max_size=3,
        ),
        max_size=3,
    )
)
def test_a_voiceprint_comes_back(kept: dict[str, dict[str, np.ndarray]]) -> None:
    again = from_values(json.loads(json.dumps(to_values(kept))))
    assert {maker: set(part) for maker, part in again.items()} == {maker: set(part) for maker, part in kept.items()}
    for name, part in kept.items():
        for what, numbers in part.items():
            assert np.array_equal(again[name][what], numbers)


@pytest.mark.parametrize(
    "values",
    [
        {"x": 1},
        {"x": {"y": {"shape": [2], "half": "AAAA"}}},
        {"x": {"y": {"shape": [1], "half": "!"}}},
        {"x": {"y": {}}},
        {"x": {"y": {"shape": [1], "half": "AH4="}}},
    ],
)
def test_what_is_none_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        from_values(values)


def test_it_is_small_and_holds_no_course_of_time() -> None:
    made = with_a_source()
    made.enrol("ana", sample("ana"))
    kept = kept_of(made, "ana")
    assert set(kept) == WITH_SOURCE
    numbers = sum(part.size for parts in kept.values() for part in parts.values())
    assert 1_000 < numbers < 20_000
    assert len(sample("ana")) > 10 * numbers  # so many samples of sound


def test_next_time_a_sentence_is_enough() -> None:
    """With the voiceprints, and two seconds of each."""
    before = listener()
    today = Listener(LoudnessDetector(), [LearnedVoices()])
    for name in PEOPLE:
        today.kept[name] = today.kept.usable(kept_of(before, name))
    today.know({name: clip(f"{name}-2")[: 2 * RATE] for name in PEOPLE})
    facts = live(hear(today, talk()))
    for said in (facts, today.review()):
        assert seconds(said, ANA).get("ana", 0) > 0.7 * (ANA[1] - ANA[0])
        assert seconds(said, BEN).get("ben", 0) > 0.7 * (BEN[1] - BEN[0])


def test_what_another_model_made_is_of_no_use() -> None:
    made = with_a_source()
    made.enrol("ana", sample("ana"))
    kept = kept_of(made, "ana")
    assert set(with_a_source("timbre-2").kept.usable(kept)) == {maker()}
    assert set(with_a_source("").kept.usable(kept)) == {maker()}
    assert listener(()).kept.usable({"timbre-1": kept["timbre-1"]}) == {}
    unsure = with_a_source("")  # as a seat is: nothing of it is kept
    unsure.enrol("ana", sample("ana"))
    assert set(kept_of(unsure, "ana")) == {maker()}


def test_a_voice_that_is_surely_another_one_is_learned_anew() -> None:
    before = listener(("ana",))
    today = listener(())
    today.kept["ana"] = kept_of(before, "ana")
    assert not today.kept.unlike("ana", clip("ana-1"))
    assert today.kept.unlike("ana", clip("ben-1"))
    today.begin_sample("ana")
    told = [fact for fact in hear(today, clip("ben-1")) if isinstance(fact, e.EnrolmentHeard)]
    assert told[-1].problem == "unlike"
    assert not today.end_sample(keep=False)
    assert "ana" not in today.kept
    today.begin_sample("ana")
    told = [f for f in hear(today, clip("ben-1"), first_sample=8 * RATE) if isinstance(f, e.EnrolmentHeard)]
    assert told[-1].problem is None


# --- the opening circle ------------------------------------------------------------------------------------------


class Circle:
    """An opening circle, led by hand."""

    def __init__(self, *known: str) -> None:
        self.discussion = Discussion(setup(("Ana", "Ben"), "open", known=known))
        self.now_ms = 0
        self.log: list[e.Record] = []
        self.take(e.Tick(at_ms=0))

    def take(self, fact: e.Fact) -> None:
        outcomes = self.discussion.receive(fact)
        self.log += outcomes
        for outcome in outcomes:
            if isinstance(outcome, e.Say):
                started = self.now_ms
                self.now_ms += 1000
                self.take(e.PromptStarted(at_ms=started, prompt=outcome.prompt, start_ms=started))
                self.take(
                    e.PromptEnded(
                        at_ms=self.now_ms, prompt=outcome.prompt, start_ms=started, end_ms=self.now_ms, how="spoken"
                    )
                )

    def speak(self, person: str, ms: int, problem: e.EnrolmentProblem | None = None) -> None:
        self.take(e.Activity(at_ms=self.now_ms, speaking=True, start_ms=self.now_ms))
        self.now_ms += ms
        self.take(e.EnrolmentHeard(at_ms=self.now_ms, person=person, speech_ms=ms, problem=problem))
        self.take(e.Activity(at_ms=self.now_ms, speaking=False, start_ms=self.now_ms))
        for _ in range(8):
            self.now_ms += 100
            self.take(e.Tick(at_ms=self.now_ms))

    def agree(self) -> None:
        """By the key, when it is asked."""
        while not self.discussion.snapshot().choices:
            self.now_ms += 100
            self.take(e.Tick(at_ms=self.now_ms))
        self.take(e.Command(at_ms=self.now_ms, name="yes"))

    def said(self) -> list[str]:
        return [one.prompt_kind for one in self.log if isinstance(one, e.Say)]

    def learned(self) -> list[tuple[str, bool]]:
        return [(one.person, one.keep) for one in self.log if isinstance(one, e.Learn)]


def test_who_is_known_is_still_asked_but_needs_only_a_sentence() -> None:
    circle = Circle("Ana")
    assert circle.said() == ["opening.greeting", "opening.may_i"]
    circle.agree()
    assert circle.said()[2:] == ["opening.call_kept"]
    assert not any(isinstance(one, e.Consented) for one in circle.log)
    circle.speak("Ana", KEPT_MS)
    assert circle.learned() == [("Ana", True)]
    circle.take(e.Enrolled(at_ms=circle.now_ms, person="Ana"))
    circle.agree()
    assert circle.said()[3:] == ["opening.thanks", "opening.may_i", "opening.call"]
    circle.speak("Ben", KEPT_MS)
    assert circle.learned() == [("Ana", True)]  # of Ben, that is not enough


def test_who_is_known_may_still_say_no() -> None:
    circle = Circle("Ana", "Ben")
    assert circle.said()[0] == "opening.greeting_kept"
    circle.agree()
    circle.take(e.Command(at_ms=circle.now_ms, name="decline"))
    assert circle.learned() == [("Ana", False)]
    assert [one.heard for one in circle.log if isinstance(one, e.Consented)] == [False]


def test_who_sounds_different_is_asked_for_more() -> None:
    circle = Circle("Ana")
    circle.agree()
    circle.speak("Ana", KEPT_MS, "unlike")
    assert circle.said()[-1] == "opening.unlike"
    assert circle.learned() == [("Ana", False)]
    circle.speak("Ana", KEPT_MS)
    assert circle.learned() == [("Ana", False)]
    circle.speak("Ana", 9_000)
    assert circle.learned() == [("Ana", False), ("Ana", True)]


# --- in the database ---------------------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "data" / "sessions.db"
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    sf.write(tmp_path / "ana.wav", sample("ana"), RATE)
    return tmp_path / "ana.wav"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def save(path: Path, *names: str) -> None:
    made = listener(("ana", "ben"))
    with VoiceprintStore.open(path) as voices:
        for name in names:
            voices.save(name, to_values(made.kept.made(made.people.index(name.lower()))), DAY)


def numbers(path: Path) -> list[bytes]:
    with sqlite3.connect(path) as db:
        texts = [row[0] for row in db.execute("SELECT numbers FROM voiceprints")]
    return [piece for text in texts for piece in pieces(text)]


@pytest.mark.slow
def test_it_is_kept_only_after_a_yes_and_dropped_to_the_last_byte(db: Path, recording: Path) -> None:
    asked = run("people", "save-voice", "Ana", "--from", recording, "--db", db)
    assert asked.exit_code == 2  # nobody is there to be asked
    assert not numbers(db)
    told = run("people", "save-voice", "ana", "--from", recording, "--yes", "--db", db)
    assert told.exit_code == 0, told.output
    assert "No sound and no words can be made of them" in told.output
    stored = numbers(db)
    assert len(stored) > 20
    assert sum(one in every_byte(db) for one in stored) > 0.9 * len(stored)  # the rest stands across two pages
    assert "Ana: 1 session, 2 January 2026, voiceprint kept since " in run("people", "--db", db).output
    assert re.search(r"Voiceprints, of those who asked for it: Ana since \d", run("audit", "--db", db).output)
    assert json.loads(run("audit", "--json", "--db", db).output)["voices"].keys() == {"Ana"}
    told = run("people", "drop-voice", "ANA", "--db", db)
    assert told.exit_code == 0, told.output
    assert "Every byte" in told.output
    assert not any(one in every_byte(db) for one in stored)
    assert "No voiceprint of Ana is kept" in run("people", "drop-voice", "Ana", "--db", db).output
    assert "voiceprint" not in run("people", "--db", db).output
    assert "Voiceprints: none is kept." in run("audit", "--db", db).output


def test_a_recording_that_will_not_do_and_people_who_are_not_there(db: Path, tmp_path: Path, recording: Path) -> None:
    sf.write(tmp_path / "quiet.wav", np.zeros(8 * RATE, np.float32), RATE)
    quiet = run("people", "save-voice", "Ana", "--from", tmp_path / "quiet.wav", "--yes", "--db", db)
    assert quiet.exit_code == 2
    assert "Record it anew" in quiet.output
    assert "Nobody called Nemo" in run("people", "save-voice", "Nemo", "--from", recording, "--yes", "--db", db).output
    assert run("people", "save-voice", "Ana", "--from", tmp_path / "no.wav", "--yes", "--db", db).exit_code == 1
    assert run("start", "--people", "Ana, Ben", "--timer-only", "--save-voices", "--yes", "--db", db).exit_code == 2


def test_forgetting_somebody_and_their_last_session_take_it_along(db: Path) -> None:
    save(db, "Ana", "Ben")
    stored = numbers(db)
    told = run("forget", "Ana", "--yes", "--db", db)
    assert "The voiceprint that they asked to have kept: removed." in told.output
    with Reader.open(db) as reader:
        assert saved_on(reader) == {"Ben": DAY}
    assert 0.4 * len(stored) < sum(one in every_byte(db) for one in stored) < 0.6 * len(stored)
    run("forget", "--older-than", "1d", "--yes", "--db", db)
    assert not any(one in every_byte(db) for one in stored)


def test_it_goes_with_a_new_name_and_into_exports(db: Path, tmp_path: Path) -> None:
    save(db, "Ana")
    with Reader.open(db) as reader:
        stored = [one["half"] for one in voiceprints(reader, ["Ana"])["Ana"][maker()].values()]
    keep(db, ("Anna", "Ben"), "2026-02-02T03:04:05+00:00")
    assert run("people", "rename", "Ana", "Anna", "--merge", "--db", db).exit_code == 0
    with Reader.open(db) as reader:
        assert saved_on(reader) == {"Anna": DAY}
    run("export", tmp_path / "ben", "--person", "Ben", "--db", db)
    run("export", tmp_path / "anna", "--person", "Anna", "--db", db)
    assert stored[0] in (tmp_path / "anna" / "yours.json").read_text(encoding="utf-8")
    assert stored[0] not in (tmp_path / "ben" / "yours.json").read_text(encoding="utf-8")
    assert DAY in (tmp_path / "anna" / "yours.txt").read_text(encoding="utf-8")


def test_each_is_asked_and_only_who_says_yes_is_kept(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = listener(("ana", "ben"))
    made.know({"Ana": sample("ana"), "Ben": sample("ben")})
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return question.startswith("Ana")

    ask_and_keep(db, ["Ana", "Ben"], made, {}, answer)
    assert [question.split(",")[0] for question in asked] == ["Ana", "Ben"]
    with Reader.open(db) as reader:
        assert list(saved_on(reader)) == ["Ana"]
        since = saved_on(reader)
    ask_and_keep(db, ["Ana"], made, since, lambda question: "is kept. May I replace it" not in question)
    keep_asked(db, 1, made)  # nobody at a terminal
    assert "no voiceprint is kept" in capsys.readouterr().err
    with Reader.open(db) as reader:
        assert saved_on(reader) == since


def test_a_session_begins_with_what_is_kept(db: Path) -> None:
    save(db, "Ana")
    with Store.open(db) as store:
        found = use_kept(store, setup(("Ana", "Ben")), made := listener(()))
        assert found.known == ("Ana",)
        assert set(made.kept) == {"Ana"}
        enrolled = listener(())
        enrolled.enrol("Ana", sample("ana"))  # there is a sample of today
        assert use_kept(store, setup(("Ana", "Ben")), enrolled).known == ()
        assert use_kept(store, setup(("Ben", "Carla")), listener(())).known == ()
        assert use_kept(store, setup(("Ana", "Ben")), None).known == ()
    with sqlite3.connect(db) as raw:
        raw.execute("UPDATE voiceprints SET numbers = '{\"weights\": 1}'")
    with Store.open(db) as store:
        assert use_kept(store, setup(("Ana", "Ben")), listener(())).known == ()
        assert set(voiceprints(store, ["Ana"])["Ana"]) == {maker()}
