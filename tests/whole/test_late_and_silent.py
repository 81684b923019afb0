"""A table whose sound goes through the whole program, faster than it is: one says nothing when asked, one is silent for
forty seconds in her turn, one comes late, and what was heard is put right at once.

The people are the recorded table of the tests; what they hear is the program itself, without a loudspeaker.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.commands.session import running
from facilitator.core import events as e
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.demo.script import load_script
from facilitator.demo.scripted_table import Played, ScriptedTable
from facilitator.hearing.signal.audio import RATE
from facilitator.pipelines.live import open_listener
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Store
from tests.support.recorded_table import TABLE

SILENCE_MS = 40_000
SCRIPT = f"""
people = ["Ana", "Ben", "Dan"]
late = ["Carla"]
rounds = 2
minutes = 1.5
noise_db = -60

# Dan is asked, too, and does nothing.
{{asked}}

[[cue]]
on = "stage"
what = "turns"
then = "here"
then_person = "Carla"
then_after_ms = 30000

[[cue]]
on = "floor"
person = "Ana"
play = [{{{{ clip = "ana-1.flac" }}}}, {{{{ clip = "ana-2.flac", after_ms = {SILENCE_MS} }}}}]
then = "next"

[[cue]]
on = "floor"
person = "Ben"
play = [{{{{ clip = "ben-2.flac" }}}}]
then = "was"
then_person = "Ana"
then_after_ms = 2500

[[cue]]
on = "prompt"
what = "people.was"
then = "next"

[[cue]]
on = "floor"
person = "Dan"
again = true
then = "next"
"""
CORRECTED = "ben-2.flac"
"""Of which they say that it was Ana."""
TURNS = (("Carla", "carla-1", "carla-2"), ("Ana", "ana-3", "ana-1"), ("Ben", "ben-3", "ben-1"), ("Carla", "carla-3"))


def script() -> str:
    cues = []
    for person in ("Ana", "Ben", "Carla"):
        what = "opening.arrival" if person == "Carla" else "opening.may_i"
        cues.append(f'[[cue]]\non = "prompt"\nwhat = "{what}"\nperson = "{person}"\nthen = "yes"')
        play = f'play = [{{ clip = "{person.lower()}-0.flac" }}]'
        cues.append(f'[[cue]]\non = "listen"\nperson = "{person}"\nagain = true\n{play}')
    turns = []
    for person, *clips in TURNS:
        play = ", ".join(f'{{ clip = "{clip}.flac" }}' for clip in clips)
        turns.append(f'[[cue]]\non = "floor"\nperson = "{person}"\nplay = [{play}]\nthen = "next"')
    return SCRIPT.format(asked="\n\n".join(cues)) + "\n\n" + "\n\n".join(turns) + "\n"


class Log:
    def __init__(self) -> None:
        self.records: list[e.Record] = []

    def write(self, records: Sequence[e.Record]) -> None:
        self.records += records

    def close(self) -> None: ...


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[e.Record], list[Played], Path]:
    folder = tmp_path_factory.mktemp("evening")
    for clip in TABLE.glob("*.flac"):
        shutil.copy(clip, folder)
    (folder / "script.toml").write_text(script(), encoding="utf-8")
    scene, prompts, log = load_script(folder), default_prompts(), Log()
    form = with_options(prompts.format("round-robin"), minutes=scene.minutes, rounds=scene.rounds)
    made = Setup(people=scene.people, format=form, language=prompts.language("en"))
    table = ScriptedTable(scene, paced=False)
    with Store.open(folder / "sessions.db") as store:
        running.run(
            running.Parts(
                setup=made,
                store=store,
                voice=SilentVoice(),
                source=table,
                ear=open_listener("en")[0],
                keys=[table],
                sinks=[table, log],
                fast=True,
                ask=False,
            )
        )
    return log.records, table.played, folder / "sessions.db"


def of(evening: tuple[list[e.Record], list[Played], Path], kind: type[e.Record]) -> list:  # type: ignore[type-arg]
    return [record for record in evening[0] if isinstance(record, kind)]


def test_who_says_nothing_is_not_heard(evening: tuple[list[e.Record], list[Played], Path]) -> None:
    with sqlite3.connect(evening[2]) as db:
        heard = dict(db.execute("SELECT name, heard FROM seats JOIN people ON people.id = seats.person").fetchall())
        rows = db.execute("SELECT count(*) FROM speech JOIN people ON people.id = person WHERE name = 'Dan'").fetchone()
    assert heard == {"Ana": 1, "Ben": 1, "Dan": 0, "Carla": 1}
    assert rows == (0,)


def test_forty_seconds_of_silence_take_no_floor_and_bring_no_chime(
    evening: tuple[list[e.Record], list[Played], Path],
) -> None:
    first = of(evening, e.FloorReleased)[0]
    assert (first.person, first.reason) == ("Ana", "done")
    assert first.used_ms > SILENCE_MS
    within = [c.chime for c in of(evening, e.Chime) if first.start_ms < c.at_ms < first.start_ms + first.used_ms]
    assert "cut-in" not in within
    assert not [i for i in of(evening, e.Intrusion) if i.over == "Ana" and i.at_ms <= first.at_ms]
    said = [s for s in of(evening, e.Say) if first.start_ms + 1_000 < s.at_ms < first.at_ms - 500]
    assert {s.prompt_kind for s in said} <= {"floor.check"}, "nothing else is said into her silence"


def test_who_comes_late_has_a_counted_seat_within_twenty_seconds(
    evening: tuple[list[e.Record], list[Played], Path],
) -> None:
    (welcome,) = [s for s in of(evening, e.Say) if s.prompt_kind == "opening.arrival"]
    (enrolled,) = [one for one in of(evening, e.Consented) if one.person == "Carla" and one.heard]
    took_ms = enrolled.at_ms - welcome.at_ms
    print(f"a seat that is counted after {took_ms / 1000:.1f} s")
    assert took_ms <= 20_000


def test_the_share_from_joining_on_is_right(evening: tuple[list[e.Record], list[Played], Path]) -> None:
    (enrolled,) = [one for one in of(evening, e.Consented) if one.person == "Carla" and one.heard]
    truth = shares(_spoken(evening[1], enrolled.at_ms))
    with sqlite3.connect(evening[2]) as db:
        told = shares(
            dict(
                db.execute(
                    "SELECT name, sum(end_ms - start_ms) FROM speech JOIN people ON people.id = person "
                    "WHERE start_ms >= ? GROUP BY name",
                    (enrolled.at_ms,),
                ).fetchall()
            )
        )
    print(
        "shares from joining on:", {name: (round(100 * told[name], 1), round(100 * truth[name], 1)) for name in truth}
    )
    assert all(abs(told[name] - truth[name]) <= 0.03 for name in truth), "Carla's, and what was put right"


def test_what_was_heard_is_put_right_at_once(evening: tuple[list[e.Record], list[Played], Path]) -> None:
    (right,) = of(evening, e.PutRight)
    assert (right.by, right.person) == ("Ben", "Ana")


def _spoken(played: Sequence[Played], from_ms: int) -> dict[str, int]:
    """How long each spoke, as the clips have it: pauses in them are no speech."""
    found: dict[str, int] = {}
    for one in played:
        if one.first_sample * 1000 >= from_ms * RATE:
            person = "Ana" if one.clip == CORRECTED else one.person
            found[person] = found.get(person, 0) + sum(_loud(TABLE / one.clip))
    return found


def _loud(path: Path) -> Iterator[int]:
    """20 ms for each frame in which somebody speaks, with pauses of under half a second."""
    import soundfile  # noqa: PLC0415

    samples, rate = soundfile.read(path, dtype="float32")
    step = rate // 50
    level = np.sqrt((samples[: len(samples) // step * step].reshape(-1, step) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > 0.02 * level.max())
    last = loud[0]
    for frame in loud:
        yield 20 * int(frame - last if frame - last <= 25 else 1)
        last = frame


def shares(spoken: dict[str, int]) -> dict[str, float]:
    return {name: ms / sum(spoken.values()) for name, ms in spoken.items()}
