"""What is done about cut-ins while one person has the floor: one step after the other, as the format has them.

Each cut-in takes the next step, if the last one is long enough ago; one that comes sooner is only counted, and what it
took is given back. Whoever has the floor has steps of their own, so that the last to speak is protected like the first.
After the last step, and after a while in which nobody cut in, they begin anew.
"""

from __future__ import annotations

from facilitator.core.formats.stages import GuardStep

CALM_MS = 120_000
BREATH = "breath"
BREATH_EVERY_MS = 90_000
"""Asked for more often, whoever asks, a breath is no rest."""


class Escalation:
    """Of one holder. `every_ms`: no step comes sooner after the one before."""

    def __init__(self, steps: tuple[GuardStep, ...], every_ms: int) -> None:
        self._steps, self._every_ms = steps, every_ms
        self._taken = 0
        self._step_ms: int | None = None
        self._cut_in_ms: int | None = None

    def cut_in(self, now_ms: int) -> GuardStep | None:
        """The step to take now; None: it is too soon for one."""
        if self._cut_in_ms is not None and now_ms - self._cut_in_ms >= CALM_MS:
            self._taken = 0
        self._cut_in_ms = now_ms
        soon = self._step_ms is not None and now_ms - self._step_ms < self._every_ms
        if soon or not self._steps:
            return None
        step = self._steps[self._taken % len(self._steps)]
        self._taken += 1
        self._step_ms = now_ms
        return step
