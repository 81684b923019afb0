"""The judge of turns, and what it is told."""

from __future__ import annotations

import numpy as np
import pytest

from facilitator.hearing.diarization.heard_windows import HeardWindow
from facilitator.hearing.diarization.turn_features import ALL, EACH, TurnFeatures, told
from facilitator.hearing.diarization.turn_judge import REACH, judged
from facilitator.hearing.values import Values

STEPS = 200


def window(first_step: int, *, alone: slice, both: slice) -> HeardWindow:
    """In which the first local speaker speaks `alone`, and the first and the second speak at once in `both`."""
    chances = np.zeros((STEPS, 7), np.uint8)
    chances[:, 0] = 255
    chances[alone], chances[both] = 0, 0
    chances[alone, 1], chances[both, 4] = 255, 255
    nothing = np.zeros(3, np.float32)
    return HeardWindow(
        first_step=first_step, chances=chances, voice=np.zeros((3, 0), np.float16), alone=nothing, spoken=nothing
    )


def named(_: HeardWindow) -> Values:
    """The first local speaker is the second person, the second the first, the third a guest."""
    return np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], np.float32)


def heard(learned: Values | None = None) -> TurnFeatures:
    alike = np.full((STEPS, 2), 0.3, np.float32)
    alike[40:160] = 0.2, 0.6
    return told([window(0, alone=slice(40, 160), both=slice(100, 120))], (0, STEPS), named, alike, learned)


def test_what_the_windows_say_reaches_the_voices_that_their_speakers_are() -> None:
    found = heard()
    assert found.each.shape == (STEPS, 2, EACH) and found.all.shape == (STEPS, ALL) and found.looked.all()
    assert (found.each[50][:, 0] < 0).tolist() == [True, False] and (found.each[110][:, 0] > 0).all()
    assert found.each[50, 1, 3] == 2.0 and found.each[110, :, 2].tolist() == [2.0, 2.0]
    assert found.each[50, 1, 4] > 0 > found.each[50, 0, 4]
    assert not heard().all[:, 5].any() and heard(np.zeros((STEPS, 2), np.float32)).all[:, 5].all()


def test_where_nothing_was_heard_nothing_is_told() -> None:
    nothing = told([], (0, 10), named, np.zeros((0, 2), np.float32))
    assert not nothing.each.any() and not nothing.looked.any() and not nothing.all[:, :6].any()


def test_one_who_speaks_and_two_at_once_are_told_from_silence() -> None:
    said = judged(heard()) > 0
    assert not said[:30].any() and said[60:90].tolist() == [[False, True]] * 30
    assert said[103:117].all(), "both"


@pytest.mark.parametrize("voices", [2, 5, 8])
def test_the_order_of_voices_does_not_matter(voices: int) -> None:
    random = np.random.default_rng(voices)
    seen = TurnFeatures(
        each=random.normal(0, 1, (80, voices, EACH)).astype(np.float32), all=np.ones((80, ALL), np.float32)
    )
    order = random.permutation(voices)
    turned = TurnFeatures(each=seen.each[:, order], all=seen.all)
    assert np.allclose(judged(turned), judged(seen)[:, order], atol=1e-4)


def test_it_looks_no_further_than_its_reach() -> None:
    random = np.random.default_rng(5)
    each, everyone = random.normal(0, 1, (200, 3, EACH)).astype(np.float32), np.ones((200, ALL), np.float32)
    whole = judged(TurnFeatures(each=each, all=everyone))
    part = judged(TurnFeatures(each=each[50:150], all=everyone[50:150]))
    assert np.allclose(whole[50 + REACH : 150 - REACH], part[REACH:-REACH], atol=1e-3)
