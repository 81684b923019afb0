"""How much of the dear work there is time for, told by how much sound waits to be heard.

A moment's delay is no reason to leave anything out: to learn a voice takes a second or two, and is soon caught up with.
So it takes some seconds of sound in which it is never made up; and it takes longer to believe that there is time again.
"""

from __future__ import annotations

EVERYTHING, NO_SEGMENTATION, NO_ENCODERS = range(3)
"""What is left out: nothing; the dearest source; all but what is made of the sound here, which is always heard."""
BEHIND_S = (1.5, 3.0)
"""More than this behind, the segmentation is left out; and more than this, the encoders too."""
FOR_MS = 3_000
"""When it has been so in all the sound of this length."""
CAUGHT_UP_S = 0.3
"""Less than this behind, there is time."""
AGAIN_MS = 20_000
"""When it has been so in all the sound of this length, everything is heard again."""


class Pace:
    """Looked at before every block, it says what to leave out."""

    def __init__(self) -> None:
        self.level = EVERYTHING
        self._since_ms = [0] * len(BEHIND_S)  # not further behind than each of these until then
        self._late_ms = 0  # not caught up until then

    def look(self, behind_s: float, at_ms: int) -> int:
        """`behind_s` of sound wait, and what is heard next was said at `at_ms`."""
        for number, limit_s in enumerate(BEHIND_S):
            if behind_s <= limit_s:
                self._since_ms[number] = at_ms
            elif at_ms - self._since_ms[number] >= FOR_MS:
                self.level = max(self.level, number + 1)
        if behind_s >= CAUGHT_UP_S:
            self._late_ms = at_ms
        elif at_ms - self._late_ms >= AGAIN_MS:
            self.level = EVERYTHING
        return self.level
