"""Every voice keeps the promises of the port `Voice`; the real ones do so with real engines, and what
comes out of the loudspeaker is looked at."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soxr

from facilitator.backends import Speech, open_voice, regional
from facilitator.backends.audio.loudspeaker import Loudspeaker
from facilitator.backends.voice import chimes, pyttsx3_voice, voice_files
from facilitator.backends.voice.espeak_voice import EspeakVoice
from facilitator.backends.voice.legible import legible
from facilitator.backends.voice.loudness import PEAK, TARGET_LUFS, levelled, loudness
from facilitator.backends.voice.pace import slower
from facilitator.backends.voice.piper_voice import PiperVoice
from facilitator.backends.voice.pyttsx3_child import choose, language_of, with_its_pace
from facilitator.backends.voice.pyttsx3_voice import Pyttsx3Voice, plausible, read_speech
from facilitator.backends.voice.silent_voice import PairedVoice, SilentVoice
from facilitator.backends.voice.spoken_voice import SpokenVoice, Synthesiser, tidied
from facilitator.backends.voice.voice_files import VoiceFile
from facilitator.core.events import ChimePlayed, Fact, PromptEnded, PromptStarted, Trouble
from facilitator.core.language.wording import parse_language
from facilitator.errors import VoiceError
from facilitator.hearing.signal.audio import Samples
from facilitator.ports import Voice
from facilitator.resources.prompts import default_prompts
from tests.support.piper_program import installed
from tests.support.virtual_audio import VirtualAudio, require

F = TypeVar("F", bound=Fact)
FLOOR = "Ana, you have the floor for five minutes."
LONG = "We will now go round the table, one after the other, and everybody will be heard in full."
HOLES = "what is played is recorded in real time: a busy computer leaves holes in it"


class Table:
    """A voice, a session clock, and what the voice has told so far."""

    def __init__(self, voice: Voice, simulated: bool) -> None:
        self.voice = voice
        self.facts: list[Fact] = []
        self._simulated = simulated
        self._began = time.monotonic() - 100.0
        self._now_ms = 100_000

    @property
    def now_ms(self) -> int:
        return self._now_ms if self._simulated else round((time.monotonic() - self._began) * 1000)

    def step(self) -> None:
        if self._simulated:
            self._now_ms += 20
        else:
            time.sleep(0.005)
        self.facts += self.voice.poll(self.now_ms)

    def until(self, done: Callable[[], object]) -> None:
        limit = self.now_ms + 30_000
        while not done():
            assert self.now_ms < limit, f"it never came; there was {self.facts}"
            self.step()

    def of(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def say(self, prompt: int, text: str) -> None:
        self.voice.say(prompt, text, self.now_ms)

    def ended(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.of(PromptEnded)) >= count


def spoken(*synthesisers: Synthesiser) -> SpokenVoice:
    return SpokenVoice(Loudspeaker(), synthesisers, chimes.chime, chimes.CHIME_RATE)


MAKERS: dict[str, Callable[[], Voice]] = {
    "silent": SilentVoice,
    "chime": lambda: PairedVoice(SilentVoice(), spoken()),
    "pyttsx3": lambda: spoken(Pyttsx3Voice("en")),
    "espeak": lambda: spoken(EspeakVoice("en")),
}


@pytest.fixture(
    params=["silent", *(pytest.param(name, marks=pytest.mark.sound) for name in (*MAKERS, "piper") if name != "silent")]
)
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param != "silent":
        request.getfixturevalue("sound")
    if request.param == "piper":
        folder = request.getfixturevalue("tmp_path")
        request.getfixturevalue("monkeypatch").setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        voice: Voice = spoken(PiperVoice(str(installed(folder)), "en"))
    else:
        voice = MAKERS[request.param]()
    yield Table(voice, simulated=request.param == "silent")
    voice.close()


@pytest.fixture
def talk(sound: VirtualAudio) -> Iterator[tuple[Table, VirtualAudio]]:
    """A table with a real voice, and the virtual room it speaks in."""
    voice = spoken(EspeakVoice("en"))
    yield Table(voice, simulated=False), sound
    voice.close()


# --- the port's promises ---------------------------------------------------------------------------


def test_a_prompt_starts_and_ends_once(table: Table) -> None:
    asked_ms = table.now_ms
    table.say(7, FLOOR)
    table.until(table.ended(1))
    (started,), (ended,) = table.of(PromptStarted), table.of(PromptEnded)
    assert started.prompt == ended.prompt == 7
    assert ended.how in ("spoken", "shown")
    assert asked_ms <= started.start_ms == ended.start_ms <= started.at_ms
    assert 1500 < ended.end_ms - ended.start_ms < 4500
    assert ended.end_ms <= ended.at_ms
    assert table.facts == [started, ended]


def test_prompts_are_spoken_in_order_and_never_two_at_once(table: Table) -> None:
    table.voice.prepare("Now Ben.")
    for prompt, text in enumerate(("Thank you.", "Now Ben.", "Ana?"), start=1):
        table.say(prompt, text)
    table.until(table.ended(3))
    assert [fact.prompt for fact in table.of(PromptStarted)] == [1, 2, 3]
    assert [fact.prompt for fact in table.of(PromptEnded)] == [1, 2, 3]
    for before, after in zip(table.of(PromptEnded), table.of(PromptStarted)[1:], strict=False):
        assert before.end_ms <= after.start_ms


def test_hush_ends_a_prompt_within_300_ms(table: Table) -> None:
    table.say(1, LONG)
    table.until(lambda: table.of(PromptStarted))
    hushed_ms = table.now_ms
    table.voice.hush()
    table.until(table.ended(1))
    (ended,) = table.of(PromptEnded)
    assert ended.how == "hushed"
    assert ended.end_ms <= hushed_ms + 300
    table.say(2, "Hello.")
    table.until(table.ended(2))
    assert table.of(PromptEnded)[1].how in ("spoken", "shown")


def test_hush_before_the_first_sample_still_ends_everything_asked_for(table: Table) -> None:
    table.say(1, LONG)
    table.say(2, LONG)
    table.voice.hush()
    table.until(table.ended(2))
    assert [(fact.prompt, fact.how) for fact in table.of(PromptEnded)] == [(1, "hushed"), (2, "hushed")]


def test_hush_with_nothing_to_hush_does_nothing(table: Table) -> None:
    table.voice.hush()
    table.step()
    assert table.facts == []
    table.say(1, "Hello.")
    table.until(table.ended(1))
    assert table.of(PromptEnded)[0].how in ("spoken", "shown")


def test_a_chime_is_told_and_a_prompt_comes_with_it(table: Table) -> None:
    table.voice.chime("start", table.now_ms)
    table.say(1, "Now Ben.")
    table.until(lambda: bool(table.of(ChimePlayed)) and bool(table.of(PromptEnded)))
    (played,) = table.of(ChimePlayed)
    assert played.chime == "start"
    assert played.start_ms <= played.end_ms <= played.at_ms
    if table.of(PromptEnded)[0].how == "spoken":
        assert played.start_ms < table.of(PromptStarted)[0].start_ms


@pytest.mark.parametrize("text", ["…", "", "  "])
def test_a_text_without_words_ends_too(table: Table, text: str) -> None:
    table.say(1, text)
    table.until(table.ended(1))


def test_names_in_any_script_are_said(table: Table) -> None:
    table.say(1, "Łukasz, 伟 & <b>Þóra</b>\n")
    table.until(table.ended(1))
    assert table.of(PromptEnded)[0].how in ("spoken", "shown")


def test_times_never_decrease(table: Table) -> None:
    for prompt in range(1, 4):
        table.voice.chime("last", table.now_ms)
        table.say(prompt, "Ben?")
    table.until(table.ended(3))
    assert all(one.at_ms <= other.at_ms for one, other in pairwise(table.facts))


def test_close_in_the_middle_leaves_nothing_behind(table: Table) -> None:
    table.say(1, LONG)
    table.until(lambda: table.of(PromptStarted))
    table.voice.close()
    left = {thread.name for thread in threading.enumerate()}
    assert not left & {"voice", "loudspeaker"}


# --- what is heard -----------------------------------------------------------------------------------


def similarity(heard: np.ndarray, wanted: np.ndarray) -> float:
    """The best normalised correlation of `wanted` with any stretch of `heard`."""
    size = 1 << (len(heard) + len(wanted)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
    likeness = np.fft.irfft(product)[: max(1, len(heard) - len(wanted))]
    at = int(likeness.argmax())
    return float(likeness[at] / (np.linalg.norm(heard[at : at + len(wanted)]) * np.linalg.norm(wanted)))


def holds(heard: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether what was heard holds this sound. Looked for in pieces of a quarter of a second, as a busy
    machine may stutter between two of them (and so spoil one)."""
    pieces = [wanted[at : at + 4000] for at in range(0, len(wanted) - 3999, 4000)]
    found = [similarity(heard, piece) > 0.95 for piece in pieces]
    return sum(found) >= 0.7 * len(pieces)


def lasted(heard: np.ndarray, rate: int) -> float:
    """Seconds from the first to the last sample that is not silent."""
    loud = np.flatnonzero(np.abs(heard) > 0.005)
    return float(loud[-1] - loud[0]) / rate


class Remembering:
    """A synthesiser, and what it made (pyttsx3 does not make quite the same each time)."""

    def __init__(self, real: Synthesiser) -> None:
        self.name, self.close, self._real = real.name, real.close, real
        self.made: list[tuple[str, tuple[Samples, int]]] = []

    def speak(self, text: str) -> tuple[Samples, int]:
        made = self._real.speak(text)
        self.made.append((text, made))
        return made


@pytest.mark.may_rerun(HOLES)
@pytest.mark.sound
@pytest.mark.parametrize("synthesiser", [Pyttsx3Voice, EspeakVoice])
def test_the_loudspeaker_plays_the_prompt(
    sound: VirtualAudio, synthesiser: type[Pyttsx3Voice] | type[EspeakVoice]
) -> None:
    maker = Remembering(synthesiser("en"))
    table = Table(spoken(maker), simulated=False)
    with sound.capture() as capture:
        table.say(1, FLOOR)
        table.until(table.ended(1))
        heard = capture.samples()
    table.voice.close()
    ((_, made),) = maker.made
    samples, rate = tidied(*made)
    (ended,) = table.of(PromptEnded)
    assert holds(heard, soxr.resample(samples, rate, capture.rate))
    assert lasted(heard, capture.rate) == pytest.approx((ended.end_ms - ended.start_ms) / 1000, abs=0.15)
    assert (ended.end_ms - ended.start_ms) / 1000 > len(samples) / rate - 0.1


@pytest.mark.may_rerun(HOLES)
@pytest.mark.sound
def test_the_loudspeaker_is_silent_after_hush(talk: tuple[Table, VirtualAudio]) -> None:
    table, sound = talk
    with sound.capture() as capture:
        table.say(1, LONG)
        table.until(lambda: table.of(PromptStarted))
        said_ms = table.now_ms
        table.until(lambda: table.now_ms > said_ms + 500)
        hushed_ms = table.now_ms
        table.voice.hush()
        table.until(lambda: table.now_ms > hushed_ms + 1500)
        heard_s = lasted(capture.samples(), capture.rate)
    (ended,) = table.of(PromptEnded)
    assert heard_s <= (hushed_ms - ended.start_ms) / 1000 + 0.3
    assert heard_s == pytest.approx((ended.end_ms - ended.start_ms) / 1000, abs=0.15)


@pytest.mark.may_rerun(HOLES)
@pytest.mark.sound
@pytest.mark.parametrize("speech", ["voice", "chime"])
def test_the_loudspeaker_plays_the_chime(sound: VirtualAudio, speech: Speech) -> None:
    table = Table(open_voice(speech, "en"), simulated=False)
    with sound.capture() as capture:
        table.voice.chime("end", table.now_ms)
        table.until(lambda: table.of(ChimePlayed))
        heard = capture.samples()
    table.voice.close()
    (played,) = table.of(ChimePlayed)
    assert (played.end_ms - played.start_ms) / 1000 > len(chimes.chime("end")) / chimes.CHIME_RATE - 0.1
    assert holds(heard, soxr.resample(chimes.chime("end"), chimes.CHIME_RATE, capture.rate))


@pytest.mark.sound
def test_what_was_prepared_is_not_made_again(sound: VirtualAudio) -> None:
    maker = Remembering(EspeakVoice("en"))
    table = Table(spoken(maker), simulated=False)
    for _ in range(3):
        table.voice.prepare("Now Ben.")
    table.until(lambda: bool(maker.made))
    table.say(1, "Now Ben.")
    table.say(2, "Now Ben.")
    table.until(table.ended(2))
    table.voice.close()
    assert [text for text, _ in maker.made] == ["Now Ben."]


# --- when it fails -----------------------------------------------------------------------------------


class Mute:
    """A synthesiser that fails while it is told to."""

    name = "mute"

    def __init__(self) -> None:
        self.fails = True
        self._real = EspeakVoice("en")

    def speak(self, text: str) -> tuple[Samples, int]:
        if self.fails:
            raise VoiceError("It has lost its voice.")
        return self._real.speak(text)

    def close(self) -> None:
        self._real.close()


class Slow:
    """Takes half a second for each sentence."""

    name = "slow"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails_at = 0
        self._real = EspeakVoice("en")

    def speak(self, text: str) -> tuple[Samples, int]:
        self.asked.append(text)
        if len(self.asked) == self.fails_at:
            raise VoiceError("It has lost its voice.")
        time.sleep(0.5)
        return self._real.speak(text)

    def close(self) -> None:
        self._real.close()


@pytest.mark.sound
def test_where_it_takes_long_a_sentence_is_spoken_while_the_next_is_made(sound: VirtualAudio) -> None:
    slow = Slow()
    voice = SpokenVoice(Loudspeaker(), (slow,), chimes.chime, chimes.CHIME_RATE, by_sentence=True)
    table = Table(voice, simulated=False)
    three = "Hello, Ana and Ben. I keep the time. Shall we begin?"
    table.say(1, three)
    table.until(lambda: table.of(PromptStarted))
    assert len(slow.asked) < 3, "the first is heard before the last is made"
    table.until(table.ended(1))
    assert slow.asked == ["Hello, Ana and Ben.", "I keep the time.", "Shall we begin?"]
    table.say(2, three)
    table.until(table.ended(2))
    assert len(slow.asked) == 3, "what was made once is not made again"
    table.say(3, "One. Two. Three. Four.")
    table.until(lambda: len(table.of(PromptStarted)) == 3)
    table.voice.hush()
    table.until(table.ended(3))
    slow.fails_at = len(slow.asked) + 2
    table.say(4, "Five, and more. Then nothing.")
    table.say(5, "Thank you.")
    table.until(table.ended(5))
    voice.close()
    assert [fact.how for fact in table.of(PromptEnded)] == ["spoken", "spoken", "hushed", "failed", "spoken"]
    assert [fact.prompt for fact in table.of(PromptStarted)] == [1, 2, 3, 4, 5]
    first, second = (fact.end_ms - fact.start_ms for fact in table.of(PromptEnded)[:2])
    assert abs(first - second) < 1_500, "spoken in parts it is about as long as in one"


@pytest.mark.sound
def test_a_prompt_that_cannot_be_made_fails_and_says_so_once(sound: VirtualAudio) -> None:
    mute = Mute()
    table = Table(spoken(mute), simulated=False)
    table.say(1, "Hello.")
    table.say(2, "Hello again.")
    table.until(table.ended(2))
    mute.fails = False
    table.say(3, "Here I am.")
    table.until(table.ended(3))
    mute.fails = True
    table.say(4, "And gone.")
    table.until(table.ended(4))
    table.voice.close()
    assert [fact.how for fact in table.of(PromptEnded)] == ["failed", "failed", "spoken", "failed"]
    assert [fact.prompt for fact in table.of(PromptStarted)] == [3]
    assert ["lost its voice" in fact.message for fact in table.of(Trouble)] == [True, True]


@pytest.mark.sound
def test_the_next_synthesiser_helps_out(sound: VirtualAudio) -> None:
    table = Table(spoken(Mute(), EspeakVoice("en")), simulated=False)
    table.say(1, "Hello.")
    table.until(table.ended(1))
    table.voice.close()
    assert table.of(PromptEnded)[0].how == "spoken"
    assert not table.of(Trouble)


@pytest.mark.sound
def test_without_a_voice_for_the_language_it_chimes_and_shows(sound: VirtualAudio) -> None:
    table = Table(open_voice("voice", "zz"), simulated=False)
    table.say(1, "Saluton.")
    table.until(table.ended(1))
    table.voice.close()
    assert table.of(PromptEnded)[0].how == "shown"
    (trouble,) = table.of(Trouble)
    assert "“zz”" in trouble.message


def test_without_that_loudspeaker_it_shows(request: pytest.FixtureRequest) -> None:
    if "sound" in request.fixturenames:
        pytest.fail("this one needs no sound")
    voice = open_voice("voice", "en", device="no such loudspeaker")
    voice.say(1, "Hello.", 0)
    facts = voice.poll(5000)
    assert [type(fact) for fact in facts] == [Trouble, PromptStarted, PromptEnded]
    assert isinstance(facts[0], Trouble) and "on the screen" in facts[0].message


# --- the engines -------------------------------------------------------------------------------------


def child_of(voice: Pyttsx3Voice) -> int:
    return voice._child._process.pid


@pytest.fixture
def engine(sound: VirtualAudio) -> Iterator[Pyttsx3Voice]:
    voice = Pyttsx3Voice("en")
    yield voice
    voice.close()


@pytest.mark.sound
def test_many_prompts_in_a_row_are_each_their_own(engine: Pyttsx3Voice) -> None:
    texts = ["Ana?", LONG, "One minute left.", FLOOR, "Ana?", "Thank you.", LONG]
    lengths = [len(engine.speak(text)[0]) for text in texts]
    assert lengths[0] < lengths[2] < lengths[3] < lengths[1]
    assert lengths[4] == pytest.approx(lengths[0], rel=0.02)
    assert lengths[6] == pytest.approx(lengths[1], rel=0.02)


@pytest.mark.sound
def test_a_killed_child_is_replaced(engine: Pyttsx3Voice) -> None:
    before = child_of(engine)
    os.kill(before, signal.SIGKILL)
    samples, rate = engine.speak(FLOOR)
    assert plausible(len(samples) / rate, FLOOR)
    assert child_of(engine) != before


@pytest.mark.sound
def test_a_child_that_is_killed_and_not_yet_missed_is_replaced_every_time(engine: Pyttsx3Voice) -> None:
    """What was written to it and never read must not stand in the way of the next one."""
    took_s = []
    for _ in range(20):
        child = engine._child._process
        child.kill()
        child.wait()
        began_s = time.monotonic()
        samples, rate = engine.speak(FLOOR)
        took_s.append(time.monotonic() - began_s)
        assert plausible(len(samples) / rate, FLOOR)
    assert sorted(took_s)[10] <= 1.5


@pytest.mark.sound
def test_a_child_killed_in_the_middle_is_replaced(engine: Pyttsx3Voice) -> None:
    os.kill(child_of(engine), signal.SIGSTOP)  # it hangs, as some engines do
    threading.Timer(0.3, os.kill, (child_of(engine), signal.SIGKILL)).start()
    samples, rate = engine.speak(FLOOR)
    assert plausible(len(samples) / rate, FLOOR)


@pytest.mark.sound
def test_a_child_that_hangs_is_replaced(engine: Pyttsx3Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyttsx3_voice, "TIMEOUT_S", 0.5)
    os.kill(child_of(engine), signal.SIGSTOP)
    samples, rate = engine.speak(FLOOR)
    assert plausible(len(samples) / rate, FLOOR)


@pytest.mark.sound
def test_where_an_engine_answers_a_process_once_each_prompt_gets_its_own(
    sound: VirtualAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyttsx3_voice, "ONCE", True)
    voice = Pyttsx3Voice("en")
    children = [child_of(voice)]
    for text in ("Ana?", FLOOR, "Thank you."):
        samples, rate = voice.speak(text)
        assert plausible(len(samples) / rate, text)
        children.append(child_of(voice))
    voice.close()
    assert len(set(children)) == len(children)


LATE_CHILD = """
import json, sys, time, wave
with open({began!r}, "a") as file:
    file.write("began ")
time.sleep(0.3)
print(json.dumps({{"voice": "late"}}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    time.sleep(0.1)
    with wave.open(question["path"], "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000)
        file.writeframes(b"\\x00\\x40\\x00\\xc0" * 16000)
    print(json.dumps({{"path": question["path"]}}), flush=True)
"""


@pytest.mark.parametrize("once", [True, False])
def test_a_child_is_heard_out_before_anything_is_asked_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, once: bool
) -> None:
    """Its first line is no answer: each prompt needs one try, also of a process that answers only once."""
    began, child = tmp_path / "began", tmp_path / "child.py"
    child.write_text(LATE_CHILD.format(began=str(began)), encoding="utf-8")
    monkeypatch.setattr(pyttsx3_voice, "CHILD", child)
    monkeypatch.setattr(pyttsx3_voice, "ONCE", once)
    voice = Pyttsx3Voice("en")
    for _ in range(3):
        samples, rate = voice.speak("Thank you, Ana.")
        assert len(samples) / rate == 2.0
    assert voice.voice == "late"
    voice.close()
    assert 1 <= len(began.read_text(encoding="utf-8").split()) <= (4 if once else 1)


@pytest.mark.sound
def test_no_prompt_stays_where_the_engine_needs_a_name_to_write_to(
    sound: VirtualAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyttsx3_voice, "VoiceFile", lambda: VoiceFile(named=True))
    voice = Pyttsx3Voice("en")
    (folder,) = (path for path in voice_files.folders() if path.name.startswith(f"facilitator-voice-{os.getpid()}-"))
    assert folder.stat().st_mode & 0o077 == 0
    assert len(voice.speak(FLOOR)[0]) > 10_000
    assert list(folder.iterdir()) == []
    assert folder not in voice_files.abandoned()
    voice.close()
    assert not folder.exists()


@pytest.mark.sound
@pytest.mark.parametrize("maker", [Pyttsx3Voice, EspeakVoice])
def test_a_language_nobody_speaks_is_refused(
    sound: VirtualAudio, maker: type[Pyttsx3Voice] | type[EspeakVoice]
) -> None:
    with pytest.raises(VoiceError, match="zz"):
        maker("zz")


@pytest.mark.sound
@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "English"),
        ("de", "German"),
        ("pt-br", "Brazil"),
        ("pt", "Portuguese"),
        ("es_419", "Latin"),
        ("fr", "French"),
    ],
)
def test_pyttsx3_takes_the_voice_of_the_language(sound: VirtualAudio, language: str, name: str) -> None:
    voice = Pyttsx3Voice(language)
    voice.close()
    assert name in voice.voice


@pytest.mark.sound
@pytest.mark.parametrize("language", ["de", "pt-br", "es_419", "fr"])
def test_espeak_takes_the_voice_of_the_language(sound: VirtualAudio, language: str) -> None:
    text = "Anna, Benjamin, Carla: 1 2 3."
    voice, english = EspeakVoice(language), EspeakVoice("en")
    one, other = voice.speak(text)[0], english.speak(text)[0]
    assert len(one) != len(other) or not np.allclose(one, other, atol=0.01)
    assert np.array_equal(english.speak(text)[0], other)


def test_espeak_is_missed_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError, match="espeak-ng"):
        EspeakVoice("en")


def test_a_file_that_an_engine_left_empty_is_no_speech(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    for content in (None, b"", b"RIFF" + bytes(40)):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(VoiceError):
            read_speech(path, "Hello.")


@pytest.mark.parametrize(
    ("seconds", "text", "verdict"),
    [
        (0.69, "Ana?", True),
        (0.0, "Ana?", False),
        (2.68, FLOOR, True),
        (0.3, FLOOR, False),
        (60.0, FLOOR, False),
        (2.06, "2026", True),
        (1.5, "张伟", True),
    ],
)
def test_a_plausible_length(seconds: float, text: str, verdict: bool) -> None:
    assert plausible(seconds, text) is verdict


def test_tidied_trims_and_levels() -> None:
    rate = 22_050
    sound = np.zeros(3 * rate, dtype=np.float32)
    sound[rate : 2 * rate] = 0.3 * np.sin(2 * np.pi * 997 * np.arange(rate) / rate)
    kept, _ = tidied(sound, rate)
    assert rate < len(kept) < 1.2 * rate
    assert loudness(kept, rate) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert len(tidied(np.zeros(100, dtype=np.float32), rate)[0]) == 0


def test_a_tone_of_full_scale_has_the_loudness_that_the_standard_gives_it() -> None:
    for rate in (16_000, 22_050, 48_000):
        tone = np.sin(2 * np.pi * 997 * np.arange(2 * rate) / rate).astype(np.float32)
        assert loudness(tone, rate) == pytest.approx(-3.01, abs=0.02)
        assert loudness(np.concatenate([tone, 0 * tone]), rate) == pytest.approx(-3.01, abs=0.6), "silence is gated"
    assert loudness(np.zeros(16_000, dtype=np.float32), 16_000) is None


def test_peaks_are_eased_down_and_nothing_else_is() -> None:
    rate = 22_050
    sound = np.full(rate, 0.02, dtype=np.float32) * np.sin(2 * np.pi * 500 * np.arange(rate) / rate).astype(np.float32)
    sound[rate // 2] = 1.0
    eased = levelled(sound, rate)
    assert np.abs(eased).max() <= PEAK + 1e-6
    far = np.r_[0 : rate // 3, 2 * rate // 3 : rate]
    gains = eased[far][np.abs(sound[far]) > 0.01] / sound[far][np.abs(sound[far]) > 0.01]
    assert gains.std() / gains.mean() < 1e-3
    assert np.abs(np.diff(eased)).max() < 1.1, "no click beside the one that was there"


def test_languages_are_equally_loud() -> None:
    require()
    found: list[float] = []
    for code in (path.stem for path in default_prompts().language_files()):
        language = parse_language(default_prompts().language(code))
        voice = EspeakVoice(regional(code), language.words_a_minute)
        for key in ("opening.quiet", "opening.call_again"):
            found.append(loudness(*tidied(*voice.speak(language.phrase(key, name="Ana")))) or 0.0)
    assert max(found) - min(found) < 0.5


class Named:
    def __init__(self, name: str, language: str | bytes, gender: str | None = None) -> None:
        self.id = self.name = name
        self.languages = [language]
        self.gender = gender


@pytest.mark.parametrize(
    ("language", "current", "chosen"),
    [
        ("en", None, "Samantha"),
        ("en", "Daniel", "Daniel"),
        ("en-gb", None, "Daniel"),
        ("en_AU", None, "Samantha"),
        ("de", "Daniel", "Anna"),
        ("fr", "Daniel", None),
        ("EN", "Anna", "Samantha"),
    ],
)
def test_the_voice_for_a_language(language: str, current: str | None, chosen: str | None) -> None:
    voices = [
        Named("Bells", "en_US", "VoiceGenderNeuter"),
        Named("Samantha", "en_US", "VoiceGenderFemale"),
        Named("Daniel", "en-GB", "VoiceGenderMale"),
        Named("Anna", b"\x05de"),
    ]
    found = choose(voices, language, current)
    assert (found.name if found else None) == chosen


@pytest.mark.parametrize(
    ("language", "chosen"),
    [("fr-FR", "French (France)"), ("fr-BE", "French (Belgium)"), ("pt-BR", "Brazil"), ("pt-PT", "Portugal"),
     ("es-ES", "Spanish"), ("es-MX", "Spanish"), ("de-DE", "German"), ("fr-CA", "French (Belgium)")],
)  # fmt: skip
def test_the_region_decides_between_voices_of_a_language(language: str, chosen: str) -> None:
    voices = [
        Named("French (Belgium)", "fr-be"),
        Named("French (France)", "fr-fr"),
        Named("Portugal", "pt"),
        Named("Brazil", "pt-br"),
        Named("Latin America", "es-419"),
        Named("Spanish", "es"),
        Named("German", "de"),
    ]
    assert choose(voices, language, None).name == chosen  # type: ignore[union-attr]


def test_a_bundled_language_is_spoken_in_the_region_it_is_written_for() -> None:
    bundled = [regional(path.stem) for path in default_prompts().language_files()]
    assert set(bundled) >= {"de-DE", "en-US", "es-ES", "fr-FR", "it-IT", "pt-BR"}
    assert [regional(code) for code in ("en-gb", "fr-CA", "tlh", "")] == ["en-gb", "fr-CA", "tlh", ""]


def test_on_a_busy_computer_every_prompt_has_its_pace() -> None:
    """Set beside the text, espeak-ng's engine lost it for some eight of a hundred, and spoke at its own 200."""
    require()
    sentences = [f"Ana, you have the floor for {number} minutes, and then it is Ben's turn." for number in range(2, 10)]
    alone = EspeakVoice("en", 110)
    should = [len(alone.speak(text)[0]) for text in sentences]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    try:
        for _ in range(3):
            voice = Pyttsx3Voice("en", 110)
            try:
                assert [len(voice.speak(text)[0]) for text in sentences] == pytest.approx(should, rel=0.05)
            finally:
                voice.close()
    finally:
        for process in busy:
            process.kill()
            process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no pace stands in the text")
def test_the_pace_in_the_text_goes_before_any_other() -> None:
    require()

    def length(text: str, pace: int) -> int:
        command = ["espeak-ng", "-s", str(pace), "--stdin", "--stdout"]
        return len(subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout)

    assert length(with_its_pace(LONG, 110), 200) == pytest.approx(length(LONG, 110), rel=0.02)
    assert length(LONG, 110) > 1.5 * length(LONG, 200)


@pytest.mark.parametrize("pace", [65, 110, 220])
@pytest.mark.parametrize("code", ["de", "en", "fr", "ko"])
def test_words_come_as_fast_as_was_asked_for(code: str, pace: int) -> None:
    require()
    phrases = parse_language(default_prompts().language(code)).phrases.values()
    texts = [text for variants in phrases for text in variants if "{" not in text and len(text.split()) > 5][::9]
    voice = EspeakVoice(regional(code), pace)
    lengths_s = [len(samples) / rate for samples, rate in (tidied(*voice.speak(text)) for text in texts)]
    words = sum(len(text.split()) for text in texts)
    assert 60 * words / sum(lengths_s) == pytest.approx(pace, rel=0.08), "of all its prompts it is 5 %"


def test_slower_is_longer_at_the_same_pitch() -> None:
    rate = 22_050
    tone = np.sin(2 * np.pi * 220 * np.arange(2 * rate) / rate).astype(np.float32)
    stretched = slower(tone, rate, 1.4)
    assert len(stretched) == pytest.approx(1.4 * len(tone), abs=2)
    spectrum = np.abs(np.fft.rfft(stretched * np.hanning(len(stretched))))
    assert np.argmax(spectrum) * rate / len(stretched) == pytest.approx(220, abs=2)
    assert np.sqrt(np.mean(stretched[rate:-rate] ** 2)) == pytest.approx(np.sqrt(0.5), rel=0.05)
    assert slower(tone, rate, 1.0) is tone


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [("Nguyễn", "en", "Nguyen"), ("Nguyễn", "vi", "Nguyễn"), ("Zoë, Łukasz", "en", "Zoë, Łukasz"),
     ("Nguye\u0302\u0303n", "de", "Nguyen"), ("“Ana” …", "fr", "“Ana” …"),
     ("Danke, Олена.", "de", "Danke, Olena."), ("Олена", "uk", "Олена"), ("Олена", "ja", "Olena"),
     ("李", "en", "Li"), ("李小龍", "pl", "Li Sziao Long"), ("李", "zh", "李"), ("李", "ko", "Li"),
     ("김민준", "en", "Gim Min Jun"), ("김민준", "de", "Gim Min Dschun"), ("김민준 씨", "ko", "김민준 씨"),
     ("きょうこ", "en", "Kyoko"), ("ゆうこ", "fr", "Youko"), ("ミック", "it", "Miku"),
     ("Δημήτρης", "en", "Dimitris"), ("Χρήστος", "nl", "Christos"), ("Δημήτρης", "el", "Δημήτρης"),
     ("محمد", "en", "Mahamad"), ("محمد", "ar", "محمد"), ("שרה", "es", "Sara"), ("Юлия", "pl", "Julija"),
     ("Щербак", "de", "Schtscherbak"), ("Сергій", "it", "Serghi"), ("Ольга", "en", "Olga"), ("गीता", "xx", "Gita")],
)  # fmt: skip
def test_a_name_of_any_script_is_written_as_the_language_spoken_reads_it(text: str, language: str, read: str) -> None:
    assert legible(text, language) == read


@pytest.mark.sound
@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "nl", "pl", "pt-br", "ko"])
def test_no_name_is_spelled_out_letter_by_letter(language: str) -> None:
    require()

    def spelled(name: str) -> bool:
        command = ["espeak-ng", "-q", "-x", "-v", language]
        sounds, letter = (subprocess.check_output([*command, text], text=True).strip() for text in (name, "李"))
        return letter in sounds or len(sounds) > 6 * len(name)

    names = "Nguyễn Олена 李 陳小龍 さくら 김민준 Δημήτρης محمد שרה Ștefan Đặng गीता გიორგი"
    assert spelled("李") and spelled("Nguyễn"), "that is how it would sound"
    assert not [name for name in names.split() if spelled(legible(name, language))]


def test_language_codes_are_read_in_every_spelling() -> None:
    assert language_of(b"\x05en-gb") == language_of("en_GB") == language_of("en-GB") == "en-gb"
    assert language_of(None) == ""


# --- what is spoken leaves nothing on a disk -------------------------------------------------------------------------

SPEAKS = """
import sys
from facilitator.backends.voice.pyttsx3_voice import Pyttsx3Voice
voice = Pyttsx3Voice("en")
print(len(voice.speak("Ana, you have the floor.")[0]), flush=True)
while True:
    voice.speak("Ana, you have the floor. Then it is Ben's turn, and after him Carla has a minute of her own.")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the engine needs a name to write to")
def test_killed_while_it_speaks_it_leaves_no_file(tmp_path: Path) -> None:
    require()
    for _ in range(3):
        command = [sys.executable, "-c", SPEAKS]
        with subprocess.Popen(command, env=os.environ | {"TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert int(process.stdout.readline()) > 10_000
            time.sleep(0.02)
            assert not list(tmp_path.rglob("*"))
            process.kill()
        assert not list(tmp_path.rglob("*"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_killed_programs_left_is_found_and_removed(temporary: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    killed, earlier, running, new = (
        temporary / f"facilitator-voice-{name}"
        for name in (f"{int(ended.stdout)}-abc", "1x2y3z", f"{os.getpid()}-abc", "4x5y6z")
    )
    for folder in (killed, earlier, running, new):
        folder.mkdir()
        (folder / "1.wav").write_bytes(b"RIFF")
    day_ago = time.time() - 86_400
    os.utime(earlier, (day_ago, day_ago))
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (temporary / "facilitator-voice-9-link").symlink_to(elsewhere)  # somebody else's trick
    assert voice_files.folders() == sorted([killed, earlier, running, new])
    assert voice_files.remove_abandoned() == sorted([killed, earlier])
    assert running.exists() and new.exists() and elsewhere.exists()


@pytest.mark.sound
@pytest.mark.parametrize("path", default_prompts().language_files(), ids=lambda path: path.stem)
def test_the_key_that_is_a_yes_is_not_heard_as_another_letter(path: Path) -> None:
    """The names of some letters are words: in Spanish and French a bare "y" is heard as the key "i"."""

    def heard(text: str) -> str:
        command = ["espeak-ng", "-v", regional(path.stem).lower(), "-q", "--ipa", text]
        said = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
        return re.sub("[ˈˌ]", "", said)

    phrases = parse_language(default_prompts().language(path.stem)).phrases
    keys = ("by_hand.yes", "by_hand.yes_no", "opening.may_i_by_hand", "opening.only_the_key")
    for text in (text.replace("{name}", "Ana") for key in keys for text in phrases[key]):
        other = re.sub(r"\by\b", "i", text)
        assert other == text or heard(other) != heard(text), text
