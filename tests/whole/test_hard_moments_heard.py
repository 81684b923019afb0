"""One talk in a virtual room, in real time: one refuses in words that nobody understands, one is silent for forty
seconds in her turn, one comes late meanwhile, and what was heard wrongly is put right at once.

The program speaks through its loudspeaker and hears the room through its microphone; Ana, Ben and Carla are the
recorded table of the tests, Dan is a voice of espeak-ng. Shares are compared in `test_late_and_silent.py`, faster than
real time.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from facilitator.demo.script import load_script
from facilitator.resources.prompts import default_prompts
from tests.support.recorded_table import TABLE
from tests.support.scripted_room import Line, ScriptedRoom
from tests.support.virtual_audio import VirtualAudio

HOLES = "a talk is played and heard in real time: a busy computer leaves holes in it"
pytestmark = [pytest.mark.sound, pytest.mark.slow, pytest.mark.may_rerun(HOLES)]

SILENCE_S = 40
COMES_AFTER_S = 15
REFUSAL = "No. I would rather not be heard, please do not listen to me."
SCRIPT = f"""
people = ["Ana", "Ben", "Dan"]
late = ["Carla"]
noise_db = -60

[[cue]]
on = "prompt"
what = "opening.may_i_by_hand"
person = "Dan"
play = [{{ clip = "dan-no.wav" }}]

[[cue]]
on = "floor"
person = "Ana"
play = [{{ clip = "ana-1.flac" }}, {{ clip = "ana-2.flac", after_ms = {SILENCE_S * 1000} }}]
then = "next"

[[cue]]
on = "listen"
person = "Carla"
play = [{{ clip = "carla-0.flac" }}]

[[cue]]
on = "floor"
person = "Ben"
play = [{{ clip = "ben-2.flac" }}]
then = "was"
then_after_ms = 2500
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    lines: list[Line]
    db: Path

    def at(self, begins: str, after: str = "") -> Line:
        """The first line that begins like this, after one that does."""
        found = iter(self.lines)
        if after:
            next(line for line in found if line.text.startswith(after))
        return next(line for line in found if line.text.startswith(begins))

    def between(self, first: Line, last: Line) -> list[str]:
        return [line.text for line in self.lines[self.lines.index(first) + 1 : self.lines.index(last)]]

    def rows(self, query: str) -> list[tuple]:  # type: ignore[type-arg]
        with sqlite3.connect(self.db) as db:
            return db.execute(query).fetchall()


@pytest.fixture(scope="module")
def evening(virtual_audio: VirtualAudio, tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("evening")
    for clip in TABLE.glob("*.flac"):
        shutil.copy(clip, folder)
    subprocess.run(["espeak-ng", "-v", "en+m3", "-w", str(folder / "dan-no.wav"), REFUSAL], check=True)
    (folder / "script.toml").write_text(SCRIPT, encoding="utf-8")
    form = folder / "short.toml"
    usual = default_prompts().format_file("round-robin").read_text(encoding="utf-8")
    form.write_text(usual.replace('kind = "opening"', 'kind = "opening"\nwait_s = 6', 1), encoding="utf-8")
    db = folder / "sessions.db"
    start = ["start", "--people", "Ana, Ben, Dan", "--format", str(form), "--minutes", "90 s", "--yes", "--db", str(db)]
    start += [f"--voice={name}={folder / name.lower()}-0.flac" for name in ("Ana", "Ben")]
    start += ["--words-a-minute", "300"]
    with ScriptedRoom(virtual_audio, load_script(folder), start, folder, press_nothing={"Dan"}) as room:
        room.follow(lambda text: text.startswith("floor: Ana"), 120)
        room.press_after(COMES_AFTER_S, "hCarla\r")
        room.follow(lambda text: text.startswith('said: "Who was that?'), 150)
        room.press("1")
        room.follow(lambda text: text.startswith('said: "All right, that was Ana'), 30)
        room.press("q")
        room.follow(lambda text: text.startswith("end:"), 90)
        assert room.wait(60) == 0
        print(room.transcript())
        return Evening(lines=room.lines, db=db)


def test_a_refusal_that_is_spoken_and_not_understood_is_a_refusal(evening: Evening) -> None:
    asked = evening.at('said: "Dan, may I listen to you?')
    refused = evening.at("consent: Dan")
    assert refused.text == "consent: Dan is not listened to"
    assert not [line for line in evening.between(asked, refused) if line.startswith("asked:")], "nobody pressed a key"
    assert any("nothing you say here is a yes" in line for line in evening.between(asked, refused))
    assert evening.rows("SELECT heard, enrolled FROM seats JOIN people ON people.id = person WHERE name = 'Dan'") == [
        (0, 0)
    ]
    assert evening.rows("SELECT count(*) FROM speech JOIN people ON people.id = person WHERE name = 'Dan'") == [(0,)]


def test_forty_seconds_of_silence_take_nothing(evening: Evening) -> None:
    began, ended = evening.at("floor: Ana"), evening.at("floor ends: Ana")
    assert ended.text.endswith("(done)")
    assert ended.at_s - began.at_s > SILENCE_S + 8
    meanwhile = evening.between(began, ended)
    assert not [line for line in meanwhile if line.startswith(("chime: cut-in", "came in:", "floor", "more time:"))]
    said = [line for line in meanwhile if line.startswith("says:")]
    assert len(said) <= 1, "at most whether there is more, once, as gently as it can be"


def test_who_comes_meanwhile_disturbs_nobody_and_is_counted_soon(evening: Evening) -> None:
    began, ended = evening.at("floor: Ana"), evening.at("floor ends: Ana")
    assert [line for line in evening.between(began, ended) if line.startswith("shows: Welcome, Carla")]
    greeted, counted = evening.at('says: "Carla, good that you are here'), evening.at("consent: Carla")
    assert evening.lines.index(greeted) > evening.lines.index(ended), "not into Ana's turn"
    assert counted.text == "consent: Carla is heard"
    print(f"a seat that is counted after {counted.at_s - greeted.at_s:.1f} s")
    assert counted.at_s - greeted.at_s <= 20
    assert evening.rows("SELECT heard, enrolled FROM seats JOIN people ON people.id = person WHERE name = 'Carla'") == [
        (1, 1)
    ]


def test_what_was_heard_is_put_right_at_once(evening: Evening) -> None:
    """It was Ben's voice, and they say that it was Ana."""
    (put_right,) = evening.rows("SELECT json_extract(body, '$.by'), json_extract(body, '$.person') FROM events"
                                " WHERE kind = 'put-right'")  # fmt: skip
    assert put_right == ("Ben", "Ana")
    spoke = dict(
        evening.rows(
            "SELECT name, sum(end_ms - start_ms) FROM speech JOIN people ON people.id = person WHERE counted GROUP BY 1"
        )
    )
    assert spoke["Ana"] > 10_000 > spoke.get("Ben", 0) + 8_000, spoke
