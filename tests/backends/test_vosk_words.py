"""`VoskWords` keeps the promises of the port `WordSource`: with the real Vosk, small real models and clips of synthetic
voices that these were not trained on. Where a clip lies in the sound is known, and so when its words were said."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.backends.models import vosk_words
from facilitator.backends.models.vosk_listening import Listening
from facilitator.backends.models.vosk_model import speech_model
from facilitator.backends.models.vosk_words import VoskWords
from facilitator.errors import ModelError
from facilitator.hearing.interfaces import WordSource
from facilitator.hearing.signal.audio import RATE, Block, to_ms
from facilitator.hearing.values import Word, Words
from facilitator.hearing.words.transcript import commands, dictation, find, spelled, whole

HERE = Path(__file__).parents[1]
RESTRICTED = HERE / "data" / "models" / "vosk-model-mini-en"
STATIC = HERE / "data" / "models" / "vosk-model-mini-en-static"
PHRASES = ("Facilitator, pause!", "facilitator, next", "I am done", "more time")
SAID = {
    "m5-pause": "facilitator pause",
    "f3-next": "facilitator next",
    "andy-done": "i am done",
    "belinda-time": "more time",
}
CLOSE_MS = 150
PATIENCE_S = 60.0


def clip(name: str) -> np.ndarray:
    return np.asarray(soundfile.read(HERE / "data" / "sounds" / "words" / f"{name}.flac", dtype="float32")[0])


class Room:
    """A word source, and a microphone whose clock the test turns."""

    def __init__(self, source: VoskWords) -> None:
        self.source = source
        self.port: WordSource = source  # what the type checker holds it to
        self.heard: list[Words] = []
        self.at = 0  # samples
        self._random = np.random.default_rng(5)

    @property
    def now_ms(self) -> int:
        return to_ms(self.at)

    def sounds(self, samples: np.ndarray, lost: bool = False) -> None:
        """100 ms after the other, each time waiting until it was heard."""
        for first in range(0, len(samples), 1600):
            piece = samples[first : first + 1600]
            noise = self._random.normal(0, 3e-4, len(piece)).astype(np.float32)
            piece = np.zeros_like(piece) if lost else piece + noise
            self.source.hear(Block(first_sample=self.at, samples=piece[:, None], lost=lost))
            self.at += len(piece)
            self.caught_up()

    def quiet(self, seconds: float, lost: bool = False) -> None:
        self.sounds(np.zeros(round(seconds * RATE), np.float32), lost)

    def says(self, name: str, then_s: float = 1.5) -> tuple[int, int]:
        """Plays a clip and a pause; gives when it began and ended."""
        start_ms = self.now_ms
        self.sounds(clip(name))
        end_ms = self.now_ms
        self.quiet(then_s)
        return start_ms, end_ms

    def caught_up(self) -> None:
        assert self.source.catch_up(PATIENCE_S)
        self.heard += self.source.poll()

    def of(self, kind: str) -> list[Words]:
        self.caught_up()
        return [words for words in self.heard if words.kind == kind]

    def texts(self, kind: str) -> list[str]:
        return [words.text for words in self.of(kind)]


def lies_at(words: Words, span: tuple[int, int]) -> bool:
    return abs(words.start_ms - span[0]) <= CLOSE_MS and abs(words.end_ms - span[1]) <= CLOSE_MS


@pytest.fixture(params=[RESTRICTED, STATIC], ids=["restricted", "static"])
def room(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Room]:
    """With a model of each kind: one that takes a grammar, and one that does not."""
    source = VoskWords(request.param)
    yield Room(source)
    source.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "words"]
    assert capfd.readouterr().err == ""  # Vosk's own lines stay away


@pytest.fixture
def restricted() -> Iterator[Room]:
    source = VoskWords(RESTRICTED)
    yield Room(source)
    source.close()


# --- commands --------------------------------------------------------------------------------------


def test_commands_are_heard_and_when(room: Room) -> None:
    assert room.source.listen_for(PHRASES) == ()
    room.quiet(1.3)
    spans = [room.says(name) for name in SAID]
    assert room.texts("command") == list(SAID.values())
    assert all(lies_at(words, span) and words.alone for words, span in zip(room.heard, spans, strict=True))
    assert room.source.trouble() is None


def test_every_voice_is_understood(room: Room) -> None:
    room.source.listen_for(PHRASES)
    for voice in ("m5", "f3", "andy", "belinda"):
        for what in ("pause", "next", "done", "time"):
            room.says(f"{voice}-{what}")
    assert room.texts("command") == ["facilitator pause", "facilitator next", "i am done", "more time"] * 4


def test_nothing_is_heard_where_nothing_is_said(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.source.dictate(True)
    room.quiet(7)
    room.source.finish_utterance()
    room.quiet(2)
    assert room.of("command") == room.of("dictation") == []


def test_nothing_is_heard_that_nobody_asked_for(room: Room) -> None:
    room.says("m5-pause")
    room.source.finish_utterance()
    assert room.of("command") == room.of("dictation") == []


def test_other_speech_is_no_command(room: Room) -> None:
    room.source.listen_for(PHRASES)
    for voice in ("m5", "f3", "andy", "belinda"):
        room.says(f"{voice}-tomatoes")
        room.says(f"{voice}-chores")
    assert room.texts("command") == []


def test_a_command_is_told_though_others_go_on_speaking(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.quiet(1)
    span = room.says("f3-pause", then_s=0.1)
    room.sounds(clip("andy-tomatoes"))
    (words,) = room.of("command")
    assert lies_at(words, span)
    assert not words.alone


def test_finishing_an_utterance_tells_it_at_once(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.quiet(1)
    span = room.says("andy-done", then_s=0.1)
    assert room.texts("command") == []
    room.source.finish_utterance()
    assert room.texts("command") == ["i am done"]
    assert lies_at(room.heard[0], span)
    next_span = room.says("f3-pause")
    assert room.texts("command")[1:] == ["facilitator pause"]
    assert lies_at(room.heard[1], next_span)


def in_two(name: str, words: int) -> tuple[np.ndarray, np.ndarray]:
    """The clip before and after the end of so many words."""
    sound = clip(name)
    recogniser = speech_model(STATIC).recogniser()
    recogniser.SetWords(True)
    recogniser.AcceptWaveform((np.concatenate([np.zeros(RATE), sound]) * 32767).astype("<i2").tobytes())
    at = round(json.loads(recogniser.FinalResult())["result"][words - 1]["end"] * RATE) - RATE
    return sound[:at], sound[at:]


@pytest.mark.parametrize("name", ["m5-pause", "f3-pause", "andy-done", "belinda-next"])
@pytest.mark.parametrize("gap_s", [0.2, 0.35, 0.5])
def test_a_phrase_can_have_a_pause_in_it(room: Room, name: str, gap_s: float) -> None:
    """It became quiet, and was not over: it is heard as one, though its first half was looked at before."""
    room.source.listen_for(PHRASES)
    room.quiet(1)
    start_ms = room.now_ms
    first, second = in_two(name, 2 if name == "andy-done" else 1)
    room.sounds(first)
    room.quiet(0.2)
    room.source.finish_utterance()
    room.quiet(gap_s - 0.2)
    room.sounds(second)
    span = (start_ms, room.now_ms)
    assert room.texts("command") == []
    room.quiet(0.2)
    room.source.finish_utterance()
    (words,) = room.of("command")
    assert words.text == SAID.get(name, "facilitator pause" if name == "f3-pause" else "facilitator next")
    assert words.alone
    assert lies_at(words, span)


def test_a_word_that_has_just_begun_is_not_guessed(room: Room) -> None:
    """It is learned late that it was quiet, when the next word has begun."""
    room.source.listen_for(PHRASES)
    room.quiet(1)
    first, second = in_two("m5-pause", 1)
    start_ms = room.now_ms
    room.sounds(first)
    room.quiet(0.2)
    room.sounds(second[:1600])
    room.source.finish_utterance()
    assert room.texts("command") == []
    room.sounds(second[1600:])
    span = (start_ms, room.now_ms)
    room.quiet(0.2)
    room.source.finish_utterance()
    (words,) = room.of("command")
    assert words.text == "facilitator pause"
    assert lies_at(words, span)


def test_a_phrase_with_a_pause_in_it_in_a_sentence_is_not_alone(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.quiet(1)
    first, second = in_two("m5-pause", 1)
    room.sounds(clip("m5-tomatoes"))
    room.sounds(first)
    room.quiet(0.2)
    room.source.finish_utterance()
    room.sounds(second)
    room.quiet(0.2)
    room.source.finish_utterance()
    assert [(words.text, words.alone) for words in room.of("command")] == [("facilitator pause", False)]


def test_a_phrase_that_was_only_begun_is_none(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.quiet(1)
    room.sounds(in_two("m5-pause", 1)[0])
    for _ in range(5):
        room.quiet(0.2)
        room.source.finish_utterance()
    room.quiet(1.5)
    assert room.texts("command") == []
    span = room.says("f3-next")
    (words,) = room.of("command")
    assert words.alone and lies_at(words, span)


def test_phrases_can_be_changed(room: Room) -> None:
    room.source.listen_for(["I am done"])
    room.says("m5-done")
    room.says("m5-time")
    room.source.listen_for(["more time"])
    room.says("m5-done")
    span = room.says("m5-time")
    assert room.texts("command") == ["i am done", "more time"]
    assert lies_at(room.heard[1], span)
    room.source.listen_for([])
    room.says("m5-time")
    assert len(room.of("command")) == 2


def test_phrases_change_only_when_nobody_is_in_the_middle_of_one(room: Room) -> None:
    room.source.listen_for(["facilitator next"])
    room.quiet(1)
    sound = clip("andy-next")
    room.sounds(sound[:16_000])
    room.source.listen_for(["more time"])
    room.sounds(sound[16_000:])
    room.quiet(1.5)
    room.says("andy-time")
    assert room.texts("command") == ["facilitator next", "more time"]


def test_phrases_with_words_that_the_model_lacks_are_named(room: Room) -> None:
    assert room.source.listen_for(["more time", "zebra, pause", "…"]) == ("zebra, pause", "…")
    room.says("andy-time")
    assert room.texts("command") == ["more time"]


def test_no_command_is_heard_of_words_that_the_model_lacks(room: Room) -> None:
    assert room.source.listen_for(["zebra"]) == ("zebra",)
    room.says("andy-time")
    assert room.of("command") == []


# --- dictation -------------------------------------------------------------------------------------


def test_dictation_is_open(room: Room) -> None:
    room.source.dictate(True)
    room.quiet(1)
    span = room.says("m5-monday")
    assert room.texts("dictation") == ["we agree that the budget is on monday"]
    assert lies_at(room.heard[0], span)
    words = room.heard[0].words
    assert [word.text for word in words] == ["we", "agree", "that", "the", "budget", "is", "on", "monday"]
    assert all(a.start_ms < a.end_ms <= b.start_ms + 10 for a, b in pairwise(words))
    assert all(0 < word.confidence <= 1 for word in words)


def test_dictation_goes_on_and_off(room: Room) -> None:
    room.says("f3-monday")
    room.source.dictate(True)
    room.says("f3-monday", then_s=0.1)
    room.source.dictate(False)
    room.says("f3-monday")
    room.source.dictate(True)
    room.says("f3-done")
    assert room.texts("dictation") == ["we agree that the budget is on monday", "i am done"]


def test_dictation_and_commands_are_heard_together(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.source.dictate(True)
    room.says("belinda-monday")
    room.says("belinda-pause")
    assert room.texts("dictation") == ["we agree that the budget is on monday", "facilitator pause"]
    assert room.texts("command") == ["facilitator pause"]
    room.source.dictate(False)
    room.says("belinda-next")
    assert len(room.of("dictation")) == 2
    assert room.texts("command")[1:] == ["facilitator next"]


# --- the clock -------------------------------------------------------------------------------------


def test_the_clock_is_right_after_lost_sound(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.says("m5-pause")
    room.quiet(7.3, lost=True)
    span = room.says("f3-next")
    assert room.texts("command") == ["facilitator pause", "facilitator next"]
    assert lies_at(room.heard[1], span)


def test_the_clock_is_right_after_a_gap_between_blocks(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.says("m5-pause")
    room.at += 123_456
    span = room.says("f3-next")
    assert lies_at(room.of("command")[1], span)


def test_the_clock_is_right_in_the_middle_of_a_session(room: Room) -> None:
    room.at = 3 * 3600 * RATE
    room.source.listen_for(PHRASES)
    for name in SAID:
        span = room.says(name)
        room.source.finish_utterance()
        assert lies_at(room.of("command")[-1], span)


def test_the_facilitator_does_not_hear_itself(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.source.dictate(True)
    room.quiet(1)
    start_ms = room.now_ms
    room.source.own_voice(start_ms, None)
    room.says("m5-pause", then_s=0.1)
    room.says("andy-done", then_s=0.0)
    room.source.own_voice(start_ms, room.now_ms)
    room.quiet(1)
    span = room.says("f3-next")
    assert room.texts("command") == room.texts("dictation") == ["facilitator next"]
    assert all(lies_at(words, span) for words in room.heard)


def test_what_was_said_is_told_while_the_facilitator_speaks(room: Room) -> None:
    room.source.dictate(True)
    room.quiet(1)
    span = room.says("f3-monday", then_s=0.1)
    room.source.own_voice(room.now_ms, None)
    room.sounds(clip("andy-tomatoes"))
    assert room.texts("dictation") == ["we agree that the budget is on monday"]
    assert lies_at(room.heard[0], span)


def test_its_own_words_are_dropped_when_it_learns_late_that_it_spoke(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.source.dictate(True)
    room.quiet(1)
    start_ms, end_ms = room.says("m5-pause", then_s=0.0)
    room.source.own_voice(start_ms, end_ms)
    room.quiet(1.5)
    room.says("f3-next")
    assert room.texts("command") == room.texts("dictation") == ["facilitator next"]


# --- when it cannot keep up, or fails ----------------------------------------------------------------


class Held:
    """Keeps the thread waiting for as long as a test wants."""

    def __init__(self, source: VoskWords) -> None:
        self._go, self._waits = threading.Event(), threading.Event()
        source._put(self._wait)
        assert self._waits.wait(PATIENCE_S)

    def _wait(self) -> list[Words]:
        self._waits.set()
        assert self._go.wait(PATIENCE_S)
        return []

    def release(self) -> None:
        self._go.set()


def hurried(room: Room, samples: np.ndarray) -> tuple[int, int]:
    """All at once, without waiting for anything."""
    start_ms = room.now_ms
    for first in range(0, len(samples), 1600):
        piece = samples[first : first + 1600, None]
        room.source.hear(Block(first_sample=room.at, samples=piece))
        room.at += len(piece)
    return start_ms, room.now_ms


def test_what_comes_too_fast_is_missed_and_said_once(room: Room) -> None:
    room.source.listen_for(PHRASES)
    room.quiet(1)
    held = Held(room.source)
    hurried(room, clip("m5-pause"))
    hurried(room, np.zeros(8 * RATE, np.float32))
    span = hurried(room, clip("f3-next"))
    assert not room.source.catch_up(0)
    held.release()
    room.quiet(1.5)
    assert room.texts("command") == ["facilitator next"]
    assert lies_at(room.heard[0], span)
    assert room.source.trouble() == vosk_words.BEHIND
    held = Held(room.source)
    hurried(room, np.zeros(9 * RATE, np.float32))
    held.release()
    room.caught_up()
    assert room.source.trouble() is None


def test_requests_are_not_missed(restricted: Room) -> None:
    held = Held(restricted.source)
    restricted.source.listen_for(PHRASES)
    hurried(restricted, np.zeros(9 * RATE, np.float32))
    held.release()
    restricted.says("f3-next")
    assert restricted.texts("command") == ["facilitator next"]


def test_words_that_nobody_asks_for_do_not_pile_up(restricted: Room) -> None:
    held = Held(restricted.source)
    for n in range(300):
        restricted.source._put(partial(dictation, said(f"word-{n}")))
    held.release()
    restricted.caught_up()
    assert [words.text for words in restricted.heard] == [f"word-{n}" for n in range(100, 300)]


def test_it_says_once_that_it_fails_and_hears_again(restricted: Room) -> None:
    def fails() -> list[Words]:
        raise RuntimeError("no memory")

    restricted.source.listen_for(PHRASES)
    for _ in range(2):
        restricted.source._put(fails)
        restricted.caught_up()
    assert restricted.source.trouble() == vosk_words.FAILED.format("no memory")
    restricted.says("m5-pause")
    assert restricted.texts("command") == ["facilitator pause"]
    assert restricted.source.trouble() is None
    assert restricted.source._thread.failures == 2


def test_close_in_the_middle_ends_the_thread() -> None:
    source = VoskWords(RESTRICTED)
    source.dictate(True)
    source.hear(Block(first_sample=0, samples=np.zeros((int(4 * RATE), 1), np.float32)))
    source.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "words"]
    source.hear(Block(first_sample=0, samples=np.zeros((1600, 1), np.float32)))
    source.close()
    assert source.poll() == []
    assert source.catch_up(0)


def test_two_channels_are_heard_as_one(restricted: Room) -> None:
    restricted.source.listen_for(PHRASES)
    sound = np.concatenate([np.zeros(RATE, np.float32), clip("m5-pause"), np.zeros(2 * RATE, np.float32)])
    restricted.source.hear(Block(first_sample=0, samples=np.stack([sound, 0.5 * sound], axis=1)))
    assert restricted.texts("command") == ["facilitator pause"]


# --- models ------------------------------------------------------------------------------------------


def broken(folder: Path, spoil: Callable[[Path], object]) -> Path:
    shutil.copytree(RESTRICTED, folder)
    spoil(folder)
    return folder


def test_a_missing_model_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no folder .*facilitator models install vosk-words-en"):
        VoskWords(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"There is no folder"):
        VoskWords(tmp_path / "file")
    with pytest.raises(ModelError, match=r"not a Vosk model of words, as am/final.mdl is not in it"):
        VoskWords(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "graph" / "Gr.fst").unlink(), r"graph/Gr.fst is not in it"),
        (lambda folder: (folder / "conf" / "mfcc.conf").unlink(), r"conf/mfcc.conf is not in it"),
        (lambda folder: (folder / "am" / "final.mdl").write_bytes(b"\0B<Triples>"), "cannot read the model"),
        (lambda folder: (folder / "graph" / "Gr.fst").write_bytes(b"nothing"), "cannot read the model"),
        (lambda folder: (folder / "graph" / "words.txt").unlink(), "cannot read the model"),
    ],
)
def test_a_damaged_model_is_said_without_noise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], spoil: Callable[[Path], object], sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        VoskWords(broken(tmp_path / "model", spoil))
    assert capfd.readouterr().err == ""
    assert not [thread for thread in threading.enumerate() if thread.name == "words"]


def flat(folder: Path, model: Path) -> Path:
    """The same model laid out as Vosk's older ones are, such as the published one of Portuguese."""
    folder.mkdir()
    for file in (file for file in model.rglob("*") if file.is_file() and file.name != "model.conf"):
        shutil.copy(file, folder / file.name)
    return folder


@pytest.mark.parametrize("model", [RESTRICTED, STATIC], ids=["restricted", "static"])
def test_a_model_may_have_all_its_files_at_the_top(tmp_path: Path, model: Path) -> None:
    there = VoskWords(flat(tmp_path / "flat", model))
    try:
        room = Room(there)
        assert (there._hearing.model.listening.way == "unknown") == (model == RESTRICTED)
        assert room.source.listen_for(PHRASES) == ()
        room.sounds(np.concatenate([np.zeros(RATE, np.float32), clip("m5-pause"), np.zeros(2 * RATE, np.float32)]))
        assert room.texts("command") == ["facilitator pause"]
    finally:
        there.close()


def test_what_lacks_a_file_of_the_flat_layout_is_said(tmp_path: Path) -> None:
    folder = flat(tmp_path / "flat", RESTRICTED)
    (folder / "Gr.fst").unlink()
    with pytest.raises(ModelError, match=r"as Gr.fst is not in it"):
        VoskWords(folder)


def test_a_model_is_loaded_once() -> None:
    assert speech_model(RESTRICTED) is speech_model(RESTRICTED / ".." / RESTRICTED.name)
    one, other = VoskWords(RESTRICTED), VoskWords(RESTRICTED)
    assert one._hearing.model is other._hearing.model
    one.close()
    other.close()


# --- words and phrases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("Facilitator, pause!", ("facilitator", "pause")),
        ("I’m done.", ("i'm", "done")),
        ("  'go-on'  ", ("go", "on")),
        ("¿Más tiempo?", ("más", "tiempo")),
        ("मैं बोल चुका", ("मैं", "बोल", "चुका")),
        ("…", ()),
    ],
)
def test_phrases_are_spelled_as_models_do(phrase: str, words: tuple[str, ...]) -> None:
    assert spelled(phrase) == words


def said(text: str) -> list[Word]:
    return [
        Word(text=word, start_ms=100 * n, end_ms=100 * n + 90, confidence=1 - n / 10)
        for n, word in enumerate(text.split())
    ]


def test_the_longest_phrase_is_meant() -> None:
    phrases = {("more",), ("more", "time"), ("next",)}
    assert find(["more", "time", "please", "next", "more"], phrases) == [(0, 2), (3, 4), (4, 5)]
    assert find([], phrases) == find(["more"], set()) == []


def test_commands_are_found_whole_and_in_order() -> None:
    found = commands(said("[unk] more time [unk] next"), {("more", "time"), ("next", "please"), ("next",)})
    assert [(c.text, c.start_ms, c.end_ms, c.alone) for c in found] == [
        ("more time", 100, 290, False),
        ("next", 400, 490, False),
    ]
    assert found[0].confidence == pytest.approx(0.8)
    assert [c.alone for c in commands(said("more time"), {("more", "time")})] == [True]


def test_dictation_leaves_out_what_was_not_understood() -> None:
    (told,) = dictation(said("we [unk] agree"))
    assert told.text == "we agree"
    assert dictation(said("[unk] [unk]")) == []


# --- a model without a word for everything else ---------------------------------------------------------

OTHERS = (
    "a", "is", "the", "of", "to", "and", "we", "that", "on", "my", "in", "it", "me", "name", "are", "how", "for",
    "you", "by", "will", "open", "out", "round", "check", "begin", "end", "start", "stop", "yes", "no", "chores",
    "money", "dinner", "budget", "week", "turn", "ana", "ben", "carla", "emma", "two", "three", "four", "five",
    "six", "eight", "ten",
)  # fmt: skip
"""Of what the miniature model knows, these are the rivals here."""


@pytest.fixture
def rivals() -> Iterator[Room]:
    source = VoskWords(RESTRICTED, Listening(way="rivals", rivals=OTHERS, nobody_says="wednesday"))
    yield Room(source)
    source.close()


def test_a_phrase_must_be_likelier_than_its_rivals(rivals: Room) -> None:
    rivals.source.listen_for(PHRASES)
    for voice in ("m5", "f3", "andy", "belinda"):
        for what in ("pause", "next", "done", "time"):
            rivals.says(f"{voice}-{what}")
    assert rivals.texts("command") == ["facilitator pause", "facilitator next", "i am done", "more time"] * 4
    for voice in ("m5", "f3", "andy", "belinda"):
        rivals.says(f"{voice}-tomatoes")
        rivals.says(f"{voice}-chores")
    assert len(rivals.of("command")) == 16


def test_without_that_other_speech_would_be_commands(rivals: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vosk_words, "LEAD", -np.inf)
    rivals.source.listen_for(PHRASES)
    for voice in ("m5", "f3", "andy", "belinda"):
        rivals.says(f"{voice}-tomatoes")
        rivals.says(f"{voice}-chores")
    assert rivals.of("command")


def test_a_word_of_syllables_is_known_by_its_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model, known = (
        speech_model(RESTRICTED),
        {"저", "는", "말", "하지", "말하", "지", "여기까지", "여기", "까지", "fa"},
    )
    monkeypatch.setattr(type(model), "knows", lambda self, word: word in known)
    assert model.pieces("여기까지") == ("여기까지",)
    assert model.pieces("저는") == ("저", "는")
    assert model.pieces("말하지") in {("말", "하지"), ("말하", "지")}
    assert model.pieces("저녁") is None
    assert model.pieces("father") is None, "letters are no syllables"


def test_pieces_are_put_together_again() -> None:
    said = ("저", "는", "말", "하지", "마세요")
    heard = [
        Word(text=text, start_ms=100 * n, end_ms=100 * n + 90, confidence=1 - n / 10) for n, text in enumerate(said)
    ]
    words = whole(heard, ("저는", "말하지", "마세요"))
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("저는", 0, 190), ("말하지", 200, 390), ("마세요", 400, 490)
    ]  # fmt: skip
    assert [word.confidence for word in words] == [0.9, 0.7, 0.6]
