"""One line for each thing that happens, for a log file, a pipe or a screen reader."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from facilitator.core import events as e
from facilitator.core.snapshot import Snapshot
from facilitator.core.text import clock, length

_RELEASED = {"done": "done", "passed": "passes", "time": "time is up", "silence": "silent", "finish": "end"}
_PROBLEMS = {
    "quiet": "too quiet",
    "clipped": "too loud",
    "two-voices": "two voices",
    "noisy": "too much noise",
    "unlike": "sounds different",
}
_ENDED = {"spoken": "said", "shown": "said", "hushed": "said (cut short)", "failed": "not said (no voice)"}


class PlainScreen:
    """Writes lines such as `00:43  floor: Ana (2:00)`: the session's clock, then what happened.

    `says:` is printed when a prompt begins and `said:` when it is over, both with its words, so that
    a program can follow the conversation. Nothing is said twice, and every line is flushed at once."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stdout if out is None else out
        self._texts: dict[int, str] = {}
        self._last: dict[str, str] = {}
        self._broken = False

    def show(self, snapshot: Snapshot) -> None:
        """What is happening this moment is no event: there is nothing to print."""

    def write(self, records: Sequence[e.Record]) -> None:
        for record in records:
            if isinstance(record, e.Say):
                self._texts[record.prompt] = record.text
            line = self._line(record)
            if line is not None:
                self._print(record.at_ms, line)

    def close(self) -> None:
        """Leaves the stream open: it belongs to whoever made it."""

    def _print(self, at_ms: int, line: str) -> None:
        if self._broken:
            return
        try:
            print(f"{clock(at_ms)}  {line}", file=self._out, flush=True)
        except UnicodeEncodeError:  # a terminal that cannot write these names still gets every line
            safe = line.encode("ascii", "backslashreplace").decode()
            print(f"{clock(at_ms)}  {safe}", file=self._out, flush=True)
        except (BrokenPipeError, ValueError):  # whoever read the lines has gone; the discussion goes on
            self._broken = True

    def _once(self, topic: str, line: str) -> str | None:
        """The line, unless it is what was last said about this topic."""
        if self._last.get(topic) == line:
            return None
        self._last[topic] = line
        return line

    def _line(self, record: e.Record) -> str | None:
        match record:
            case e.PromptStarted(prompt=prompt):
                return f'says: "{self._texts.get(prompt, "")}"'
            case e.PromptEnded(prompt=prompt, how=how):
                return f'{_ENDED[how]}: "{self._texts.get(prompt, "")}"'
            case e.EnrolmentHeard(person=person, problem=str(problem)):
                return self._once(f"problem {person}", f"listens: {person} ({_PROBLEMS[problem]})")
            case e.Trouble(message=message):
                return self._once("trouble", f"trouble: {message}")
        return next(
            (line for told in (_of_the_floor, _asked_for, _agreed, _of_the_session) if (line := told(record))), None
        )


def _of_the_floor(record: e.Record) -> str | None:
    """Who may speak, and who speaks."""
    match record:
        case e.FloorGranted(person=person, limit_ms=limit):
            return f"floor: {person}" + (f" ({length(limit)})" if limit is not None else "")
        case e.FloorExtended(person=person, added_ms=added, reason=reason):
            return f"more time: {person} +{length(added)} ({reason})"
        case e.FloorReleased(person=person, reason=reason, used_ms=used):
            return f"floor ends: {person} after {length(used)} ({_RELEASED[reason]})"
        case e.TurnStarted(person=person, start_ms=start):
            return f"turn: {person} from {clock(start)}"
        case e.TurnEnded(person=person, start_ms=start, end_ms=end):
            return f"turn ends: {person} {clock(start)} to {clock(end)}"
        case e.CutIn(kind=kind, by=by, over=over):
            return f"{'cut-in' if kind == 'cut-in' else 'attempt'}: {by} over {over}"
        case e.Intrusion(by=by, over=over, lost_ms=lost):
            return f"came in: {by} over {over} ({lost / 1000:.1f} s)"
        case e.Invited(person=person):
            return f"invites: {person}"
    return None


def _asked_for(record: e.Record) -> str | None:
    """What people want, by key, hand or voice."""
    match record:
        case e.Command(name=name, source=source, value=value):
            return f"asked: {name}{'' if value is None else f' {value}'} ({source})"
        case e.Understood(command=name, person=person, value=value):
            number = f" {value}" if name == "answer" else ""
            return f"understood: {name}{number}" + (f" ({person})" if person else "")
        case e.HandRaised(person=person):
            return f"raises a hand: {person}"
        case e.HandLowered(person=person, called=called):
            return f"{'called' if called else 'takes the hand down'}: {person}"
        case e.Dictated(text=text):
            return f'dictated: "{text}"'
        case e.Paused():
            return "paused"
        case e.Continued():
            return "goes on"
    return None


def _agreed(record: e.Record) -> str | None:
    """What people say of themselves, and agree on."""
    match record:
        case e.Consented(person=person, heard=heard):
            return f"consent: {person} {'is heard' if heard else 'is not listened to'}"
        case e.Rated(person=person, what=what, value=value):
            return f"{what}: {person} {value}"
        case e.SelfRated(person=person, indicator=indicator, value=value):
            return f"{indicator}: {person} {value}"
        case e.Agreed(text=text, owner=owner, due_days=due):
            by = "" if due is None else f", in {due} days"
            return f'agreed: "{text}" ({owner or "everyone"}{by})'
        case e.AgreementChecked(agreement=number, kept=kept):
            return f"agreement {number}: {'kept' if kept else 'open'}"
        case e.BreakAgreed(return_in_ms=ms):
            return f"break: {length(ms)}"
        case e.NextAgreed(in_days=days):
            return f"next talk: in {days} days"
    return None


def _of_the_session(record: e.Record) -> str | None:
    """How it goes from stage to stage, and what is shown."""
    match record:
        case e.PromptDropped(prompt_kind=kind, person=person, why=why):
            about = f" for {person}" if person else ""
            return f"not said: {kind}{about} ({why})"
        case e.Show(text=text):
            return f"shows: {text}"
        case e.ChimePlayed(chime=chime):
            return f"chime: {chime}"
        case e.StageStarted(stage=stage):
            return f"stage: {stage}"
        case e.Listen(person=person):
            return f"listens: {person}"
        case e.Enrolled(person=person):
            return f"knows: {person}"
        case e.Resumed():
            return "resumed"
        case e.SourceEnded():
            return "the recording is over"
        case e.Review():
            return "looks back over the whole discussion"
        case e.SessionEnded(reason=reason):
            return f"end: {reason}"
    return None
