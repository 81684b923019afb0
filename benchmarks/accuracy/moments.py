"""Discussions at the moments at which phrases mean something, for `commands.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import click

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.setup import Setup

PEOPLE = ("Ana", "Ben", "Carla")
OPENING = {"kind": "opening"}
CLOSING = {"kind": "closing"}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A discussion of these stages, after these commands, in which what is said next is a phrase."""

    name: str
    stages: tuple[Mapping[str, object], ...]
    then: tuple[e.Command, ...] = ()
    enrolled: tuple[str, ...] = PEOPLE
    at: str = "turns"
    """The kind of stage."""


def press(name: e.CommandName, value: int | None = None, text: str = "") -> e.Command:
    return e.Command(at_ms=0, name=name, value=value, text=text)


TURN: tuple[Mapping[str, object], ...] = (OPENING, {"kind": "turns", "minutes": 5, "rounds": 2}, CLOSING)
TALK: tuple[Mapping[str, object], ...] = (OPENING, {"kind": "talk", "minutes": 5, "queue": True}, CLOSING)
FINISH = e.Command(at_ms=0, name="finish", source="voice")
NOTE = press("note", text="we agree")
MOMENTS = (
    Moment(name="turn", stages=TURN),
    Moment(name="paused", stages=TURN, then=(press("pause"),)),
    Moment(name="quiet", stages=TURN, then=(press("quiet"),)),
    Moment(name="talk", stages=TALK, at="talk"),
    Moment(name="opening", stages=TURN, enrolled=(), at="opening"),
    Moment(name="finish?", stages=TURN, then=(FINISH,)),
    Moment(name="one to five?", stages=(OPENING, {"kind": "rate", "what": "arriving"}, *TURN[1:]), at="rate"),
    Moment(name="who?", stages=TURN, then=(NOTE, press("yes"))),
    Moment(name="when?", stages=TURN, then=(NOTE, press("yes"), press("answer", 0))),
    Moment(name="how long?", stages=TURN, then=(press("break"),)),
)


def arrived(moment: Moment, language: Mapping[str, object]) -> Discussion:
    """The discussion at that moment; nothing of it was spoken aloud."""
    setup = Setup(
        people=PEOPLE,
        format={"name": "Words", "summary": "Words.", "stage": list(moment.stages)},
        language=language,
        enrolled=moment.enrolled,
        hears_itself=False,
        hears_words=True,
    )
    discussion, waiting = Discussion(setup), list(moment.then)
    now_ms = 0
    facts: list[e.Fact] = [e.Tick(at_ms=0)]
    for _ in range(100):
        while facts:
            fact = dataclasses.replace(facts.pop(0), at_ms=now_ms)
            for outcome in discussion.receive(fact):
                if isinstance(outcome, e.Say):
                    facts += [e.PromptStarted(at_ms=0, prompt=outcome.prompt, start_ms=now_ms)]
                    facts += [
                        e.PromptEnded(at_ms=0, prompt=outcome.prompt, start_ms=now_ms, end_ms=now_ms, how="shown")
                    ]
        last = discussion.snapshot()
        if last.stage_kind == moment.at:
            if waiting:
                facts = [waiting.pop(0)]
                continue
            if last.commands and (last.choices or last.floor or last.stage_kind not in ("turns", "rate")):
                return discussion
        if discussion.deadline_ms is None:
            break
        now_ms = max(now_ms, discussion.deadline_ms)
        facts = [e.Tick(at_ms=0)]
    raise click.ClickException(f"The discussion never came to {moment.name!r}.")
