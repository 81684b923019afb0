"""Guards one protected turn: notices another voice that goes on for a second, and gives the seconds back.

The first time a soft chime; from the second time, or when it goes on for long, a sentence too, and never twice
in a row to the same person. Shorter words are back-channels: signs of listening, and nobody's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from facilitator.core.dialogue.context import SpeaksAndRemembers
from facilitator.core.events import Intrusion, Spoke

INTRUSION_MS = 1_000
GAP_MS = 500  # pauses within one utterance (metrics.md)
LATE_MS = 2_000  # how long after a stretch its label may come
SURE = 0.6  # below this nobody is told that they cut in
SETTLE_MS = 500  # the previous speaker's last word is no cut-in
LONG_MS = 4_000  # one that goes on this long is spoken to even if it is the first
SENTENCE_EVERY_MS = 30_000
SENTENCE_WAIT_MS = 6_000
STOPPED_MS = 1_500  # a holder who speaks no longer than this into a cut-in was made to stop
FINISH_WAIT_MS = 4_000
BREATH_AFTER = 6  # so many cut-ins in one turn, and everybody is asked to take a breath
BREATH_EVERY_MS = 600_000


@dataclass(slots=True)
class _Run:
    """Someone else's speech within the turn."""

    start_ms: int
    end_ms: int
    speech_ms: int = 0
    noticed: bool = False


class FloorGuard:
    """From `from_ms` on. `repay` is told how many milliseconds the holder gets back."""

    def __init__(
        self,
        session: SpeaksAndRemembers,
        holder: str,
        from_ms: int,
        repay: Callable[[int], None],
        *,
        finish_thought: bool = False,
        spared: tuple[str, int] | None = None,
    ) -> None:
        self._session, self._holder, self._repay = session, holder, repay
        self._finish_thought, self._spared = finish_thought, spared
        self._holder_until_ms = from_ms  # when the holder last spoke
        self._spoken_to: str | None = None
        self._seen_ms = from_ms + SETTLE_MS
        self._runs: dict[str, _Run] = {}
        self._noticed = 0
        self._sentence_ms: int | None = None

    def spoke(self, spoke: Spoke) -> None:
        start_ms = max(spoke.start_ms, self._seen_ms)  # what was revised has already been acted on
        if not spoke.counted or start_ms >= spoke.end_ms:
            return
        self._seen_ms = spoke.end_ms
        if self._holder in spoke.people:
            self._holder_until_ms = spoke.end_ms
        if spoke.confidence >= SURE:
            for person in spoke.people:
                if person != self._holder and not self._is_spared(person, start_ms):
                    self._intrude(person, start_ms, spoke.end_ms)
        self.tick()

    def _is_spared(self, person: str, start_ms: int) -> bool:
        """They had the floor until just now, and only thought."""
        return self._spared is not None and person == self._spared[0] and start_ms < self._spared[1]

    def _intrude(self, by: str, start_ms: int, end_ms: int) -> None:
        run = self._runs.get(by)
        if run is None:
            run = self._runs[by] = _Run(start_ms=start_ms, end_ms=start_ms)
        run.end_ms = end_ms
        run.speech_ms += end_ms - start_ms
        if run.speech_ms >= INTRUSION_MS and not run.noticed:
            run.noticed = True
            self._noticed += 1
            self._session.chime("cut-in")
            if self._noticed == BREATH_AFTER and self._session.once_in("breath", BREATH_EVERY_MS):
                self._breathe()
                return
        if run.noticed and (self._noticed > 1 or run.speech_ms >= LONG_MS):
            self._say(by)

    def _say(self, by: str) -> None:
        now_ms = self._session.now_ms
        if self._sentence_ms is not None and now_ms - self._sentence_ms < SENTENCE_EVERY_MS:
            return
        if by == self._spoken_to:
            return
        sentence = f"protect {self._holder} {by}"  # a turn of several items has a guard for each: the session remembers
        if not self._session.once_in(sentence, SENTENCE_EVERY_MS):
            return
        self._sentence_ms, self._spoken_to = now_ms, by
        self._session.say(
            "floor.protect",
            {"other": by},
            person=self._holder,
            count=self._noticed,
            wait_ms=SENTENCE_WAIT_MS,
            otherwise="show",
            unasked=True,
            then=lambda _: self._session.done_now(sentence),  # it may have waited for a pause
        )

    def _breathe(self) -> None:
        """About nobody in particular: it is the talk that has become hard."""
        self._sentence_ms, self._spoken_to = self._session.now_ms, None
        self._session.say(
            "floor.breathe", person=self._holder, wait_ms=SENTENCE_WAIT_MS, otherwise="show", unasked=True
        )

    def tick(self) -> None:
        """Ends the cut-ins that are over and gives their seconds back."""
        known_ms = max(self._seen_ms, self._session.now_ms - LATE_MS)
        self._close([by for by, run in self._runs.items() if known_ms >= run.end_ms + GAP_MS])

    def close(self) -> None:
        """Ends all of them: the turn is over, or its time would be called."""
        self._close(list(self._runs))

    def _close(self, people: list[str]) -> None:
        for by in people:
            run = self._runs.pop(by)
            if run.noticed:
                self._session.emit(
                    Intrusion(
                        at_ms=self._session.now_ms,
                        by=by,
                        over=self._holder,
                        start_ms=run.start_ms,
                        lost_ms=run.speech_ms,
                    )
                )
                self._repay(run.speech_ms)
                if self._finish_thought and self._holder_until_ms <= run.start_ms + STOPPED_MS:
                    self._session.say(
                        "floor.finish_thought",
                        {"other": by},
                        person=self._holder,
                        count=self._noticed,
                        wait_ms=FINISH_WAIT_MS,
                        otherwise="drop",
                        unasked=True,
                    )

    @property
    def deadline_ms(self) -> int | None:
        return min((run.end_ms + GAP_MS + LATE_MS for run in self._runs.values()), default=None)
