"""Voices put together from vectors that stand for them: how many, whose, and where each is heard best."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.hearing.diarization.clustering import (
    AMPLE,
    ENOUGH,
    LEAST,
    LISTEN,
    MOST_VOICES,
    FoundVoice,
    find_voices,
)
from facilitator.hearing.diarization.segments import Passage, by_pauses, by_segmentation
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.values import Embedding, LocalWindow

SIZE = 40  # numbers in a vector
WINDOW, APART = int(1.6 * RATE), int(0.4 * RATE)
SEATS = np.linalg.qr(np.random.default_rng(3).normal(size=(SIZE, SIZE)))[0]


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def talk(turns: list[tuple[int, float]], seed: int = 1, spread: float = 0.05) -> tuple[list[Embedding], list[Passage]]:
    """What an encoder makes of these turns (voice, seconds), half a second between them."""
    random = np.random.default_rng(seed)
    windows, passages, at = [], [], 0
    for who, seconds in turns:
        passage = Passage(first_sample=at, end_sample=at + int(seconds * RATE))
        place = SEATS[who] + random.normal(0, spread, SIZE)
        for first in range(passage.first_sample, passage.end_sample - WINDOW + 1, APART):
            vector = unit(place + random.normal(0, spread, SIZE))
            windows.append(Embedding(first_sample=first, end_sample=first + WINDOW, vector=vector))
        passages.append(passage)
        at = passage.end_sample + RATE // 2
    return windows, passages


def in_turn(people: int, rounds: int, seconds: float = 3.0) -> list[tuple[int, float]]:
    return [(who, seconds) for _ in range(rounds) for who in range(people)]


def whose(voices: tuple[FoundVoice, ...], passages: list[Passage]) -> list[int | None]:
    of = {passage: k for k, voice in enumerate(voices) for passage in voice.passages}
    return [of.get(passage) for passage in passages]


@pytest.mark.parametrize("people", range(1, MOST_VOICES + 1))
def test_voices_are_found_and_counted(people: int) -> None:
    turns = in_turn(people, 6)
    windows, passages = talk(turns)
    voices = find_voices([windows], passages)
    assert whose(voices, passages) == [who for who, _ in turns]


def test_there_are_at_most_eight_unless_one_knows_better() -> None:
    windows, passages = talk(in_turn(10, 5))
    assert len(find_voices([windows], passages)) == MOST_VOICES
    assert len(find_voices([windows], passages, 10)) == 10


def test_stray_voices_are_nobody() -> None:
    turns = [*in_turn(2, 6), (7, 2.0), *in_turn(2, 2)]
    windows, passages = talk(turns)
    assert len(find_voices([windows], passages)) == 2
    told = find_voices([windows], passages, 3)
    assert [sum(p.size for p in voice.passages) < LEAST for voice in told] == [False, False, True]


def test_voices_are_in_the_order_in_which_they_first_speak() -> None:
    turns = [(2, 4.0), (0, 4.0), (2, 4.0), (1, 4.0), *in_turn(3, 4)]
    windows, passages = talk(turns)
    assert whose(find_voices([windows], passages, 3), passages)[:4] == [0, 1, 0, 2]


def test_what_is_learned_from_is_pure_and_enough() -> None:
    turns = in_turn(3, 12, seconds=4.0)
    windows, passages = talk(turns)
    # one of the passages of the first voice is another's in the second half
    mixed = next(k for k, (who, _) in enumerate(turns) if who == 0 and k > 9)
    middle = (passages[mixed].first_sample + passages[mixed].end_sample) // 2
    windows = [
        Embedding(first_sample=w.first_sample, end_sample=w.end_sample, vector=unit(SEATS[1]))
        if middle < w.end_sample <= passages[mixed].end_sample
        else w
        for w in windows
    ]
    for voice in find_voices([windows], passages):
        assert ENOUGH <= sum(passage.size for passage in voice.purest) <= AMPLE
        assert set(voice.purest) <= set(voice.passages) - {passages[mixed]}
        assert voice.listen.size <= LISTEN
        assert any(p.first_sample <= voice.listen.first_sample < p.end_sample for p in voice.purest)


def test_a_second_source_tells_apart_what_the_first_cannot() -> None:
    turns = in_turn(2, 8)
    windows, passages = talk([(0, seconds) for _, seconds in turns])
    seats, _ = talk(turns, seed=2)
    assert len(find_voices([windows], passages)) == 1
    assert whose(find_voices([windows, seats], passages), passages) == [who for who, _ in turns]
    assert whose(find_voices([[], seats], passages), passages) == [who for who, _ in turns]


def test_a_voice_sample_gives_its_name() -> None:
    turns = in_turn(3, 6)
    windows, passages = talk(turns)
    samples = [talk([(who, 6.0)], seed=9)[0] for who in (2, 0)]
    found = find_voices([windows], passages, 3, [[sample] for sample in samples])
    assert [voice.person for voice in found] == [1, None, 0]


def test_more_samples_than_voices_leave_some_over() -> None:
    windows, passages = talk(in_turn(2, 6))
    samples = [[talk([(who, 6.0)], seed=9)[0]] for who in (5, 1, 0)]
    assert [voice.person for voice in find_voices([windows], passages, 2, samples)] == [2, 1]


def test_next_to_nothing_is_one_voice_or_none() -> None:
    windows, passages = talk([(0, 3.0)])
    assert len(find_voices([windows], passages)) == 1
    assert len(find_voices([[]], passages)) == 1
    assert find_voices([windows], []) == ()
    assert find_voices([], []) == ()
    windows, passages = talk([(0, 3.0), (1, 3.0)])
    assert len(find_voices([windows], passages, 5)) == 2


@settings(max_examples=40, deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(0, 4), st.floats(0.8, 8.0)), min_size=1, max_size=25),
    number=st.none() | st.integers(1, 6),
    spread=st.floats(0.0, 0.5),
)
def test_whatever_is_said_every_voice_is_whole(
    turns: list[tuple[int, float]], number: int | None, spread: float
) -> None:
    windows, passages = talk(turns, spread=spread)
    voices = find_voices([windows], passages, number)
    assert 1 <= len(voices) <= min(len(passages), number or MOST_VOICES)
    said = [passage for voice in voices for passage in voice.passages]
    assert len(said) == len(set(said)) and set(said) <= set(passages)
    assert [voice.passages[0] for voice in voices] == sorted(voice.passages[0] for voice in voices)
    for voice in voices:
        assert list(voice.passages) == sorted(voice.passages)
        assert voice.purest and set(voice.purest) <= set(voice.passages)
    assert voices == find_voices([windows], passages, number)


# --- where one voice is alone ---


def window(first_step: int, *parts: tuple[int | None, int]) -> LocalWindow:
    """What a segmentation says: (0 nobody, 1 to 3 a local speaker, 4 the first two at once; steps)."""
    chances = np.zeros((sum(steps for _, steps in parts), 7), np.float16)
    at = 0
    for state, steps in parts:
        chances[at : at + steps, state] = 1.0
        at += steps
    return LocalWindow(first_step=first_step, chances=chances)


def steps(passages: list[Passage]) -> list[tuple[int, int]]:
    return [(passage.first_sample // STEP, passage.end_sample // STEP) for passage in passages]


def test_a_change_of_speaker_ends_a_passage_and_a_short_pause_does_not() -> None:
    heard = [window(0, (0, 10), (1, 40), (2, 40), (0, 3), (2, 40), (0, 20), (2, 47))]
    found = steps(by_segmentation(heard, 200))
    assert np.abs(np.array(found) - [(10, 50), (50, 133), (153, 200)]).max() <= 1


def test_two_at_once_are_nobody_alone() -> None:
    assert steps(by_segmentation([window(0, (1, 40), (4, 30), (2, 40))], 110)) == [(0, 40), (70, 110)]


def test_windows_before_the_beginning_and_behind_the_end_count_where_they_overlap() -> None:
    heard = [window(-60, (0, 60), (1, 40)), window(0, (1, 60), (0, 40))]
    assert steps(by_segmentation(heard, 70)) == [(0, 60)]
    assert by_segmentation([], 50) == []


def test_without_a_segmentation_pauses_divide_and_long_speech_is_cut() -> None:
    speech = np.full(400, -5.0, np.float32)
    speech[20:60] = speech[62:80] = speech[100:110] = speech[150:300] = 5.0
    found = steps(by_pauses(speech))
    assert found[0] == (20, 80) and found[1:] == [(150, 200), (200, 250), (250, 300)]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
