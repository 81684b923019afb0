"""What the live screen of the terminal shows in every state of a session, led by hand through the real rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from facilitator.core import events as e
from facilitator.core.airtime_display import rule_of
from facilitator.core.snapshot import Snapshot
from facilitator.store.session_log import Store
from facilitator.terminal.view import lay_out
from tests.support.table_talk import TableTalk, open_talk
from tests.support.texts import ENGLISH

PEOPLE = ("Ana", "Ben", "Carla")
HEIGHT = 24

Moment = tuple[str, Snapshot]


def _opening(store: Store) -> Iterator[Moment]:
    """Nobody is known yet, and there is no model of words."""
    talk = TableTalk(store, open_talk(*PEOPLE, form="round-robin", hears_words=False, enrolled=()))
    talk.wait(12_000)
    yield "may I listen to you?", talk.discussion.snapshot()
    talk.press("yes")
    talk.wait(2_000)
    talk.tell(e.EnrolmentHeard(at_ms=talk.now_ms, person="Ana", speech_ms=4_000))
    yield "a voice is being learned", talk.discussion.snapshot()
    talk.tell(e.Enrolled(at_ms=talk.now_ms, person="Ana"))
    talk.wait(6_000)
    yield "one voice is known", talk.discussion.snapshot()


def _turns(store: Store) -> Iterator[Moment]:
    talk = TableTalk(store, open_talk(*PEOPLE, form="five-minutes-each"))
    while talk.discussion.snapshot().floor != "Ana" or talk.discussion.snapshot().stage_kind != "turns":
        talk.wait(1_000)
    talk.speak("Ana", 20_000)
    now = dataclasses.replace(talk.discussion.snapshot(), speaking=("Ana",), someone_speaking=True)
    yield "somebody has the floor", now
    yield "a hand is raised", dataclasses.replace(now, queue=("Carla",))
    yield "there is trouble", dataclasses.replace(now, trouble=ENGLISH("sentences.microphone_gone"))
    yield "it is quiet, as was asked for", dataclasses.replace(now, quiet=True)
    talk.press("pause")
    yield "a pause", talk.discussion.snapshot()
    talk.press("go-on")
    talk.wait(4_000)
    talk.press("note", text="phones stay in the hall at dinner")
    yield "an agreement is read back", talk.discussion.snapshot()
    talk.press("yes")
    yield "who takes care of it?", talk.discussion.snapshot()
    talk.press("answer", 2)
    talk.press("yes")
    yield "by when?", talk.discussion.snapshot()
    talk.press("answer", 0)
    talk.wait(330_000)
    yield "the time of a turn is up, and the next one's begins", talk.discussion.snapshot()


def _talk(store: Store) -> Iterator[Moment]:
    talk = TableTalk(store, open_talk(*PEOPLE))
    talk.wait(5_000)
    for person, ms in (("Ana", 40_000), ("Ben", 25_000), ("Ana", 30_000), ("Carla", 4_000)) * 2:
        talk.speak(person, ms)
    now = dataclasses.replace(talk.discussion.snapshot(), speaking=("Ben",), someone_speaking=True)
    yield "open talk", now
    yield "two at once", dataclasses.replace(now, speaking=("Ana", "Ben"))
    yield "nobody speaks", dataclasses.replace(now, speaking=(), someone_speaking=False)
    talk.press("break")
    yield "a break is asked for", talk.discussion.snapshot()
    talk.press("no")
    talk.press("finish")
    while not talk.discussion.ended:
        now = talk.discussion.snapshot()
        if now.choices:
            yield "a guess is asked for", now
            break
        talk.wait(1_000)
    while not talk.discussion.ended:
        talk.press("pass")
        talk.wait(5_000)
    yield "the end", talk.discussion.snapshot()


def moments(db: Path) -> list[Moment]:
    found: list[Moment] = []
    for led in (_opening, _turns, _talk):
        with Store.open(db) as store:
            found += led(store)
    return found


def live_pages(db: Path, width: int) -> str:
    """Every state, as a terminal of this width shows it."""
    told = []
    for title, snapshot in moments(db):
        airtime = rule_of(open_talk(*PEOPLE, form="open"), "shown" if snapshot.stage_kind == "talk" else "hidden")
        lines = lay_out(snapshot, airtime, ENGLISH, width, HEIGHT)
        told.append("\n".join([f"({title})", *(line.plain.rstrip() for line in lines)]))
    return "\n\n".join(told) + "\n"
