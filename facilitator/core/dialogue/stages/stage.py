"""What every stage of a discussion is to whoever leads through it."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.core.dialogue.context import Course, DialogueTask, Speaks
from facilitator.core.dialogue.stopwatch import Stopwatch
from facilitator.core.events import Command, PutRight, Spoke


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """What a screen may show of a stage."""

    round: int | None = None
    rounds: int | None = None
    floor: str | None = None
    used_ms: int = 0
    left_ms: int | None = None
    next_person: str | None = None
    checking: bool = False
    """It has been asked whether it may go on: a yes is an answer."""
    queue: tuple[str, ...] = ()
    """Those who raised a hand."""


class Stage(DialogueTask):
    """A stage that runs. It ends itself with `course.stage_over()`.

    Its clock stands still from `pause` on; what was being said then may still come to its end, and no clock is started
    by that: `go_on` does only what the course lets it do."""

    kind: str
    asks_each = False
    """It asks people things one after the other: a note or a break waits until it is over."""

    def __init__(self, session: Speaks, course: Course) -> None:
        super().__init__(session)
        self.course = course
        self.watch = Stopwatch()

    @property
    def minds_consent(self) -> bool:
        """Somebody is asked whether they may be heard, or has just been: who declines now means themselves."""
        return False

    def command(self, command: Command) -> None: ...

    def spoke(self, spoke: Spoke) -> None: ...

    def left(self, person: str) -> None:
        """They are no longer at the table (`session.absent`), and no question waits for them any more."""

    def joined(self, person: str) -> None:
        """They have come later, or are back."""

    def put_right(self, event: PutRight) -> None:
        """What was heard was not as it was believed."""

    @property
    def gap(self) -> bool:
        """Whether somebody who has just come can be turned to now, without cutting in on anybody."""
        return False

    @property
    def between(self) -> bool:
        """Whether a word to somebody who has just come would be said into nobody's floor."""
        return True

    def pause(self) -> None:
        """Stops its clock."""
        self.watch.stop(self.now_ms)

    def go_on(self) -> None:
        """Starts its clock, unless something keeps it waiting; then it is started when that is over."""
        if self.course.running:
            self.start_clock()

    def start_clock(self) -> None:
        """Where there is one."""

    def welcome_back(self) -> None:
        """Says where the talk was, after a pause."""
        self.session.say("pause.end", then=lambda _: self.go_on())

    def come_back(self) -> None:
        """Goes on after the program was interrupted: what was being said, or waited for it, is gone."""
        self.begin()

    def view(self) -> StageView:
        return StageView()
