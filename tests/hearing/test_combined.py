"""What the comparison and the network say together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.diarization.combined_evidence import joined

LEARNED = np.array([[-6.0, -8.0, -9.0]], np.float32)
COMPARED = np.array([[1.0, -1.0, -3.0]], np.float32)


def said(crowd: NDArray[np.float32] | None, *, guest: bool = False) -> NDArray[np.float32]:
    return joined(LEARNED, COMPARED, crowd, guest=guest)


def test_where_speech_is_heard_the_network_alone_does_not_silence_it() -> None:
    heard, unheard = np.array([[4.0, 0.0]], np.float32), np.array([[-4.0, 0.0]], np.float32)
    lifted, left = said(heard), said(unheard)
    assert (lifted[0, :2] - left[0, :2] > 2.0).all() and lifted[0, :2].argmax() == left[0, :2].argmax() == 0
    assert np.isclose(*(lifted[0, :2] - left[0, :2])), "who it is does not change"
    assert (left == said(None)).all() and (left == said(np.full((1, 2), np.nan, np.float32))).all()


def test_a_guest_is_said_only_where_one_is_known() -> None:
    assert said(None)[0, -1] == -3.0
    assert said(None, guest=True)[0, -1] < -9.0
