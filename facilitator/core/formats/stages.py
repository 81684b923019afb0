"""What a format is made of: its stages and their settings, as values. `parse.py` reads them from a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar, get_args

from facilitator.core.events import AgreementKind

T = TypeVar("T")

TurnOrder = Literal["seats", "quiet-first", "rotate"]
Who = Literal["speaker", "listener", "others"]
GuardStep = Literal["chime", "sentence", "breath", "break", "pause"]
"""What can be done about a cut-in on a protected turn."""

LoudStep = Literal["breath", "break"]
"""What can be done where two have become loud."""

INDICATORS = ("chores", "money", "decisions", "care")
"""What couples and families are asked about, where a format names nothing else."""
MOST_INDICATORS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """Everyone is asked how fair it feels how some things are shared, from one to five."""

    kind: ClassVar[str] = "indicators"
    counted: ClassVar[bool] = False
    of: tuple[str, ...] = ()
    """Which things; none: the usual ones, `INDICATORS`."""
    think_s: float = 6.0
    """For everyone to find their own number, before the first one is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """The numbers of this time are told, beside those of last time."""

    kind: ClassVar[str] = "compare"
    counted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestones:
    """What has been reached since last time is told, where there is anything."""

    kind: ClassVar[str] = "milestones"
    counted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Everyone says a few words: consent, voiceprint and microphone check in one."""

    kind: ClassVar[str] = "opening"
    counted: ClassVar[bool] = False
    sample_s: float = 8.0
    """Speech wanted of each person."""
    wait_s: float = 15.0
    """Silence after a call before it is repeated; after twice as much again it goes on without listening."""
    rules: tuple[str, ...] = ()
    """Ground rules that are read aloud."""
    mood: bool = False
    """Everyone is asked how they are arriving, from one to five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call within a turn."""

    who: Who = "speaker"
    """The one whose turn it is; the one who listens to them (the next in the circle); or everyone else in order."""
    ask: str = ""
    minutes: float | None = None
    """None: the stage's."""
    silence_s: float | None = None
    """None: the stage's."""
    times: int = 1
    """So many of it, counted aloud."""
    confirm: bool = False
    """Afterwards the speaker says whether that is right; if not, the step before and this one come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Everyone in turn, `rounds` times."""

    kind: ClassVar[str] = "turns"
    counted: ClassVar[bool] = True
    ask: str = ""
    """What everyone is asked, in place of the usual words."""
    minutes: float = 5.0
    rounds: int = 2
    order: TurnOrder = "seats"
    protected: bool = True
    """Cut-ins are noticed and the lost seconds given back."""
    guard: tuple[GuardStep, ...] = ("chime", "chime", "sentence", "breath", "break", "pause")
    """What is done about cut-ins on somebody's turn, one step after the other."""
    guard_every_s: float = 20.0
    """No step comes sooner after the one before."""
    loud: tuple[LoudStep, ...] = ("breath", "break")
    """What is done where two speak at once, far louder than they usually do, one step after the other."""
    loud_db: float = 9.0
    """Louder by so much than each of them in their own voice sample."""
    loud_s: float = 3.0
    """For so long, within a quarter of a minute."""
    finish_thought: bool = False
    tell_took: bool = False
    """After each call it is said how long it took; after the first, what a fact is: for who rehearses."""
    """Who was made to stop by a cut-in is asked to finish their thought."""
    bank: bool = False
    """What somebody leaves of a turn is added to their next one."""
    pairs: bool = False
    """The one who listens is always the same: the first two are a pair, the next two, and so on."""
    silence_s: float = 30.0
    """Silence before it is said, softly, that there is time. Silence alone passes no floor on."""
    more_minutes: float = 1.0
    """What "more time" adds."""
    minute_signal: bool = True
    last_seconds: float = 10.0
    step: tuple[Step, ...] = ()
    """What a turn consists of; none: the speaker speaks once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Free talk in which whoever is hardly heard is invited, by name, in a pause, seldom."""

    kind: ClassVar[str] = "talk"
    counted: ClassVar[bool] = True
    ask: str = ""
    minutes: float | None = None
    """Length of the talk; none: until someone finishes it."""
    queue: bool = False
    """People raise a hand, by key or word; the least heard comes first."""
    invite_below: float = 0.5
    """Below this part of their intended share someone is far below it."""
    invite_after_minutes: float = 5.0
    """For this long, before an invitation."""
    invite_every_minutes: float = 10.0
    """At most one invitation in this time."""
    invite_wait_s: float = 45.0
    """An invitation that finds no pause for this long is dropped."""
    question_after_s: float = 90.0
    """After so much silence a question from the deck is asked, now and then; 0: none."""
    loud: tuple[LoudStep, ...] = ("breath", "break")
    """As on a turn."""
    loud_db: float = 9.0
    loud_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Something is said."""

    kind: ClassVar[str] = "tell"
    counted: ClassVar[bool] = False
    say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Everyone is asked for a number."""

    kind: ClassVar[str] = "rate"
    counted: ClassVar[bool] = False
    what: Literal["arriving", "leaving", "share"] = "arriving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A while in which nobody speaks."""

    kind: ClassVar[str] = "quiet"
    counted: ClassVar[bool] = False
    ask: str = ""
    minutes: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """The group is asked for what it agrees on: dictated or typed, read back, with who and by when."""

    kind: ClassVar[str] = "agree"
    counted: ClassVar[bool] = False
    ask: str = ""
    keep: AgreementKind = "agreement"
    most: int = 5
    cooling_hours: float = 0.0
    """It holds only after so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The spoken summary, one observation, one question."""

    kind: ClassVar[str] = "closing"
    counted: ClassVar[bool] = False
    guess: bool = False
    """Everyone guesses their own share before it is told."""
    mood: bool = False
    """Everyone is asked how they are leaving, from one to five."""
    next: bool = False
    """It is asked when to talk again."""
    next_months: int = 0
    """It is proposed to talk again in so many months; 0: nothing is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A talk that was over before this program heard of it: nothing is said or asked, all of it counts."""

    kind: ClassVar[str] = "recorded"
    counted: ClassVar[bool] = True


RECORDED = {"name": "Recording", "summary": "A talk that was recorded.", "stage": [{"kind": Recorded.kind}]}
"""The form of a recording that is kept as a session."""


StageSettings = (
    Opening | Turns | Talk | Tell | Rate | Indicators | Compare | Milestones | Quiet | Agree | Closing | Recorded
)


STAGE_KINDS: dict[str, type[StageSettings]] = {cls.kind: cls for cls in get_args(StageSettings)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    name: str
    summary: str
    stages: tuple[StageSettings, ...]
    host: bool = False
    """The first person is a host: without turns of their own, and left out of the balance."""
    alone: bool = False
    """For one person, who practises: nothing of it is stored, unless a database is named."""
    whose_idea: bool = False
    """Of what is agreed on it is asked whose idea it was; nobody has to say."""
    who_decided: bool = False
    """And who decided; in the same way."""

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Everything that it says of its own, with the table of the language file that may have it."""
        found: list[tuple[str, str]] = []
        for stage in self.stages:
            match stage:
                case Opening():
                    found += [("rules", rule) for rule in stage.rules]
                case Tell():
                    found += [("asks", text) for text in stage.say]
                case Turns():
                    found += [("asks", ask) for ask in (stage.ask, *(step.ask for step in stage.step)) if ask]
                case Indicators():
                    found += [("indicators", indicator) for indicator in stage.of or INDICATORS]
                case Talk() | Quiet() | Agree():
                    found += [("asks", stage.ask)] if stage.ask else []
        return tuple(found)


def is_timed(form: Format) -> bool:
    """Whether turns have a length that people should be asked for."""
    return any(isinstance(stage, Turns) for stage in form.stages)


def minutes_in_common(form: Format) -> float | None:
    """How long each turn is, where that is the same in all of it: else one number would change some of them."""
    return _in_common(stage.minutes for stage in form.stages if isinstance(stage, Turns))


def rounds_in_common(form: Format) -> int | None:
    """How often it goes round, likewise."""
    return _in_common(stage.rounds for stage in form.stages if isinstance(stage, Turns))


def _in_common(values: Iterable[T]) -> T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
