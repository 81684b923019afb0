"""Every fact, event and action, and how each becomes a row and comes back.

*Facts* go into the discussion: what was heard, pressed, spoken. `at_ms` is when the fact became
known and never decreases; `start_ms` and `end_ms` are what it is about. *Events* come out: what was
concluded. *Actions* come out too: what should happen now. All times are integer milliseconds on the
session clock. People are named by the name they go by in this session, which is unique in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args, get_type_hints

WORDS_A_MINUTE = 160
"""How fast a voice speaks where neither its language nor anybody says otherwise: slower than most people talk, and
easily followed. Languages with longer words need fewer."""

CommandName = Literal[
    "next",  # the floor-holder is done, or someone moves the talk on
    "pass",  # this turn is passed; never counted against anyone
    "decline",  # not to be heard, from now on: `person`, seat number `value`, or whoever is asked
    "pause",
    "go-on",
    "more-time",
    "repeat",
    "quiet",  # no more unasked prompts; said again: speak
    "speak",  # the end of quiet
    "finish",
    "status",  # how are we doing
    "time",  # how much time is left
    "question",  # one from the deck, for everyone
    "undo",  # takes back what was asked for last
    "was",  # what was said last was said by `person`, or seat number `value`; neither: it is asked who
    "left",  # `person`, or seat number `value`, is no longer at the table; neither: it is asked who
    "here",  # `person` has come, with or without a seat so far, or seat number `value` is back
    "note",  # an agreement: `text` where it was typed, else it is dictated
    "break",  # a pause with an agreed return
    "hand",  # `person`, or seat number `value`, would like to speak; again: no longer
    "yes",
    "no",
    "answer",  # to the question that was just asked: `value`
]
COMMANDS: tuple[CommandName, ...] = get_args(CommandName)

EnrolmentProblem = Literal["quiet", "clipped", "two-voices", "noisy", "unlike"]
"""`unlike`: it does not sound like the voiceprint that was kept of this person."""
ChimeName = Literal["hello", "start", "minute", "last", "end", "cut-in", "pause"]
HowEnded = Literal["spoken", "shown", "hushed", "failed"]
ReleaseReason = Literal["done", "passed", "time", "silence", "finish", "undone", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Anything that is logged: `at_ms` is when it became known."""

    role: ClassVar[Literal["fact", "event", "action"]]
    at_ms: int


class Fact(Record):
    """Something that happened outside the discussion and that it is told about."""

    __slots__ = ()
    role = "fact"


class Event(Record):
    """Something that the discussion concluded."""

    __slots__ = ()
    role = "event"


class Action(Record):
    """Something that should happen now."""

    __slots__ = ()
    role = "action"


Outcome = Event | Action

# --- facts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Fact):
    """Nothing but the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Fact):
    """Speech began or stopped, known within about 0.2 s, by whom not yet known. Sent on change only.

    The facilitator's own voice is no activity."""

    speaking: bool
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Fact):
    """What is now believed about the stretch [start_ms, end_ms): it replaces what was believed before.

    No person, no guest and not unknown: nobody spoke. `guest` is a voice that is not enrolled;
    `unknown` is speech that could be anyone's. `final` comes from the pass over the whole recording.
    `confidence` is the probability, 0 to 1, that exactly this is right.
    """

    start_ms: int
    end_ms: int
    people: tuple[str, ...] = ()
    guest: bool = False
    unknown: bool = False
    confidence: float = 1.0
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedVoices(Fact):
    """In [start_ms, end_ms) two people surely spoke at once, `over_db` louder than the louder of them in their voice
    samples."""

    start_ms: int
    end_ms: int
    over_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentHeard(Fact):
    """How much of this person's speech the opening circle has so far, and what is wrong with it."""

    person: str
    speech_ms: int
    problem: EnrolmentProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Fact):
    """There is a voiceprint of this person, in memory."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Fact):
    """Someone asked for something, by key, voice or page; or the program itself did, and nobody may be there. `person`
    only where it is known who."""

    name: CommandName
    source: Literal["key", "voice", "page", "program"] = "key"
    person: str | None = None
    text: str = ""
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHeard(Fact):
    """One of the phrases that were listened for (`Discussion.phrases`) was said; whether it was meant is decided by
    the discussion. `alone`: nothing else was said in the same breath."""

    phrase: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0
    alone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictated(Fact):
    """What somebody said while dictation was on (`Dictate`), and only then."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentHeard(Fact):
    """Somebody who is asked whether they may be heard (`Attend`) said something: which kinds of words were in it.
    The words themselves are kept nowhere."""

    refuses: bool
    agrees: bool
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptStarted(Fact):
    """The first sample of a prompt was played (or the prompt was shown)."""

    prompt: int
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEnded(Fact):
    """The last sample of a prompt was played, or it was cut short, or it could not be spoken."""

    prompt: int
    start_ms: int
    end_ms: int
    how: HowEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class ChimePlayed(Fact):
    """A chime sounded."""

    chime: ChimeName
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Fact):
    """The pass over the whole recording is done and all its `Heard` facts have been sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEnded(Fact):
    """The recording is over; nothing more will be heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Fact):
    """The program stopped in the middle and goes on now; voiceprints are gone unless told otherwise."""

    enrolled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(Fact):
    """From `start_ms` to `end_ms` nothing could be heard: the computer was asleep, or no sound came in. Told when that
    is over."""

    start_ms: int
    end_ms: int
    why: Literal["asleep", "no-sound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble(Fact):
    """Something outside failed and people should read about it. `kind` is a word for programs."""

    kind: str
    message: str


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    stage: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded(Event):
    stage: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented(Event):
    """`person` is heard and measured (or, `heard` false, is not: a no, no answer, or too little of a sample)."""

    person: str
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """`person` is no longer at the table: not called, and nothing said from now on is held against them."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Event):
    """`person` has come later, or is back: they have a seat, and a part of what is said from now on."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorGranted(Event):
    """From now on this person has the floor, for `limit_ms` (None: no limit). `again`: it is what was left of a turn
    that they had begun."""

    person: str
    round: int
    limit_ms: int | None
    protected: bool
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorExtended(Event):
    """The holder was given more time: asked for, repaid after a cut-in, or saved in an earlier turn."""

    person: str
    added_ms: int
    """Negative: what was asked for was taken back."""
    reason: Literal["asked", "repaid", "saved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorReleased(Event):
    """`undone`: it had been handed to them by mistake; `left`: they are no longer at the table."""

    person: str
    reason: ReleaseReason
    start_ms: int
    used_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke(Event):
    """A stretch as the discussion counts it, after attribution; replaces what was said of it before.

    Fields as in `Heard`. `counted` is false where speech belongs to no airtime: the opening circle,
    a pause, the facilitator's own voice."""

    start_ms: int
    end_ms: int
    people: tuple[str, ...] = ()
    guest: bool = False
    unknown: bool = False
    confidence: float = 1.0
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight(Event):
    """Somebody at the table says that it was `person` who spoke in [start_ms, end_ms), and not `by`, to whom it was
    counted (None: to nobody). The `Spoke` events that follow say so, too. `undone`: it is taken back."""

    person: str
    by: str | None
    start_ms: int
    end_ms: int
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(Event):
    person: str
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    person: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutIn(Event):
    """`by` began while `over` spoke: a cut-in when `by` went on at least 1 s longer, else an attempt (rule R)."""

    kind: Literal["cut-in", "attempt"]
    by: str
    over: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackChannel(Event):
    by: str
    over: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intrusion(Event):
    """`by` came in: spoke for at least a second while `over` held a protected floor, which took `lost_ms` of it. What
    is given back of that is a `FloorExtended`."""

    by: str
    over: str
    start_ms: int
    lost_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood(Event):
    """A phrase was meant as this command; `person` who said it, where that is known."""

    command: CommandName
    person: str | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Event):
    """What was asked for with `command` is as if it had not been; `person`: of whose turn it was."""

    command: CommandName
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRaised(Event):
    """`person` would like to speak."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandLowered(Event):
    """`called`: it was their turn; else they no longer want to."""

    person: str
    called: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Event):
    """`person` gave a number: `what` is arriving or leaving (1 to 5), or share (a guess, in percent)."""

    person: str
    what: Literal["arriving", "leaving", "share"]
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfRated(Event):
    """`person` said how fair it feels how something is shared: 1, not at all, to 5, entirely. `indicator`: what, as
    the format has it (a key of `[indicators]` in the language file, or the group's own words)."""

    person: str
    indicator: str
    value: int


Every = Literal["", "week", "fortnight", "month"]
"""How often an agreement comes again; empty: once."""
AgreementKind = Literal["agreement", "decision", "rule", "step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed(Event):
    """Something was agreed, read back and confirmed. `owner` empty: everyone; `due_days` from today, None: no date;
    `cooling_ms`: it holds only from then on, if nobody has changed their mind."""

    number: int
    kind: AgreementKind
    text: str
    owner: str = ""
    due_days: int | None = None
    cooling_ms: int = 0
    every: Every = ""
    """It comes again, from the day by which it is due the first time."""
    by_turns: bool = False
    """Each time it is the next one's, beginning with the owner."""
    people: tuple[str, ...] = ()
    """Who takes turns, as each has said, the owner first; empty, in what was noted before this was asked: all seats."""
    idea: str | None = None
    """Whose idea it was, as people say; empty: everyone's; None: that was not asked, or nobody said."""
    decided: str | None = None
    """Who decided, as people say; in the same way."""
    words: str = ""
    """As it was read back, where who, how often or by when was said in the same breath; empty: as `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementChecked(Event):
    """Of an agreement from before (`agreement` is its number in the database): whether it was kept. `day`: of one that
    comes again, which time is meant."""

    agreement: int
    kept: bool
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakAgreed(Event):
    """A break with an agreed return, so long from now."""

    return_in_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAgreed(Event):
    """When to talk again, in days."""

    in_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured(Event):
    """What happened in [start_ms, end_ms) is not known: it is nobody's speech, and no silence."""

    start_ms: int
    end_ms: int
    why: Literal["asleep", "no-sound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingStopped(Event):
    """From now on what is said is nobody's airtime. `why`: a `note`, a `break`, a `pause`, a `question`, or the kind of
    the stage."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingWentOn(Event):
    """It counts again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptDropped(Event):
    """A prompt found no moment to be said (`late`), was not wanted (`quiet`), or would have been one too many
    (`budget`)."""

    prompt_kind: str
    person: str | None
    why: Literal["late", "quiet", "superseded", "budget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    reason: Literal["done", "finish", "source-ended", "break"]


# --- actions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Action):
    """Say this now (the discussion has already waited for its moment). One at a time: the next one
    comes only after `PromptEnded`. `prompt` counts up from 1 in a session. `prompt_kind` is the
    phrase's key in the language file."""

    prompt: int
    prompt_kind: str
    text: str
    person: str | None = None
    aloud: str = ""
    """The same as it is spelled for the voice, where names are said in another way than they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Action):
    """This will probably be said soon: turn it into samples ahead of time."""

    text: str
    """As it is spelled for the voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush(Action):
    """Stop speaking at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chime(Action):
    chime: ChimeName


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Action):
    """Put this on the screen without saying it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Action):
    """From now on what is heard is this person's voice sample."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Learn(Action):
    """Take the sample as this person's voiceprint (`Enrolled` answers), or let it go (`keep` false)."""

    person: str
    keep: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Action):
    """Let go of this person's voiceprint: they no longer want to be heard."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend(Action):
    """From now on every word is listened to for a yes or a no to being heard (`ConsentHeard`), or no longer."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictate(Action):
    """From now on every word is wanted (`Dictated`), also those already said after `since_ms`; or no longer."""

    on: bool
    since_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Action):
    """Run the pass over everything heard (`Heard` facts with `final`, then `Reviewed`, answer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish(Action):
    """Everything has been said; the program may end."""


# --- rows ----------------------------------------------------------------------------------------


def _leaves(cls: type[Record]) -> list[type[Record]]:
    found = []
    for child in cls.__subclasses__():
        found += _leaves(child) or [child]
    return found


def _kind(cls: type[Record]) -> str:
    """`FloorGranted` -> `floor-granted`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


KINDS: dict[str, type[Record]] = {_kind(cls): cls for cls in _leaves(Record)}
_TUPLES = {
    (cls, name) for cls in KINDS.values() for name, hint in get_type_hints(cls).items() if hint == tuple[str, ...]
}


def to_row(record: Record) -> dict[str, Any]:
    """The record as a flat mapping of JSON values: `role`, `kind`, `at_ms` and its own fields. A field that is
    itself called `kind` (of a stage, of a cut-in) is `own_kind` here."""
    row: dict[str, Any] = {"role": record.role, "kind": _kind(type(record))}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        row["own_kind" if field.name == "kind" else field.name] = list(value) if isinstance(value, tuple) else value
    return row


def from_row(row: Mapping[str, Any]) -> Record:
    """The record that `to_row` was given. Raises KeyError for an unknown kind, TypeError for wrong fields."""
    cls = KINDS[row["kind"]]
    fields: dict[str, Any] = {
        key: tuple(value) if (cls, key) in _TUPLES else value
        for key, value in row.items()
        if key not in ("role", "kind", "own_kind")
    }
    if "own_kind" in row:
        fields["kind"] = row["own_kind"]
    return cls(**fields)
