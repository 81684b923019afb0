"""A whole discussion through real sound: the real program speaks, recorded people answer it.

Needs a sound system of its own (see `virtual_audio.py`) and runs in real time.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr

from facilitator.backends import regional
from facilitator.backends.voice.espeak_voice import EspeakVoice
from facilitator.backends.voice.spoken_voice import tidied
from facilitator.demo.script import load_script
from facilitator.hearing.signal.audio import RATE, Samples
from tests.support.recorded_table import TABLE
from tests.support.scripted_room import ROOT, Said, ScriptedRoom, locate_words
from tests.support.virtual_audio import VirtualAudio

HOLES = "minutes of talk are played and heard in real time: a busy computer leaves holes in it"
pytestmark = [pytest.mark.sound, pytest.mark.slow, pytest.mark.may_rerun(HOLES)]

SCRIPT = """
people = ["Ana", "Ben"]
noise_db = -60

[[cue]]
on = "listen"
person = "Ana"
again = true
play = [{ clip = "ana-0.flac" }]

[[cue]]
on = "listen"
person = "Ben"
again = true
play = [{ clip = "ben-0.flac" }]

[[cue]]
on = "floor"
person = "Ana"
play = [
  { clip = "ana-1.flac" },
  { clip = "ben-1.flac", person = "Ben", at_ms = 4800 },
  { clip = "ana-2.flac", after_ms = 4600 },
  { clip = "ana-3.flac", after_ms = 300 },
]
then = "next"

[[cue]]
on = "floor"
person = "Ben"
play = [{ clip = "ben-2.flac" }, { clip = "ben-3.flac", after_ms = 300 }, { clip = "ben-1.flac", after_ms = 300 }]
then = "next"
"""

START = ["start", "--people", "Ana, Ben", "--format", "round-robin", "--minutes", "20 s", "--rounds", "1", "--yes"]


@pytest.fixture
def scripted(tmp_path: Path) -> Path:
    """A folder with the script and the recorded table's clips."""
    folder = tmp_path / "script"
    folder.mkdir()
    for clip in TABLE.glob("*.flac"):
        shutil.copy(clip, folder)
    (folder / "script.toml").write_text(SCRIPT, encoding="utf-8")
    return folder


class Stored:
    """What the database says, on the session's clock and on the room's."""

    def __init__(self, path: Path, room: ScriptedRoom) -> None:
        self._db = sqlite3.connect(path)
        printed = [line.at_s for line in room.lines if line.text.startswith("says:")]
        # The facts of this run are the last ones; each was printed at once, the quickest tells the offset.
        known = [ms for (ms,) in self._rows("SELECT at_ms FROM events WHERE kind = 'prompt-started' ORDER BY seq")]
        self.began_s = min(at_s - ms / 1000 for at_s, ms in zip(printed, known[-len(printed) :], strict=True))

    def _rows(self, query: str) -> list[tuple]:  # type: ignore[type-arg]
        return self._db.execute(query).fetchall()

    def sessions(self) -> list[tuple[str | None, str | None]]:
        return self._rows("SELECT ended_at, reason FROM sessions")

    def prompts(self) -> list[tuple[str, float, float]]:
        """What was spoken, and when on the room's clock."""
        rows = self._rows("SELECT text, start_ms, end_ms FROM prompts WHERE how = 'spoken' ORDER BY prompt")
        return [(text, self.began_s + start / 1000, self.began_s + end / 1000) for text, start, end in rows]

    def turns(self) -> list[tuple[str, float, float]]:
        rows = self._rows(
            "SELECT name, start_ms, end_ms FROM turns JOIN people ON people.id = turns.person "
            "WHERE end_ms IS NOT NULL ORDER BY start_ms"
        )
        return [(name, self.began_s + start / 1000, self.began_s + end / 1000) for name, start, end in rows]

    def heard(self) -> set[str]:
        """Everyone of whom there is a turn, if only its beginning."""
        return {name for (name,) in self._rows("SELECT name FROM turns JOIN people ON people.id = turns.person")}

    def shares(self) -> dict[str, float]:
        return dict(self._rows("SELECT person, share FROM v_airtime"))

    def cut_ins(self) -> list[tuple[str, str, str]]:
        return self._rows(
            "SELECT kind, b.name, o.name FROM cut_ins "
            "JOIN people b ON b.id = by_person JOIN people o ON o.id = over_person"
        )

    def floors(self) -> list[tuple[str, str, int]]:
        return self._rows(
            "SELECT name, reason, repaid_ms FROM floor JOIN people ON people.id = floor.person ORDER BY start_ms"
        )

    def last_fact_ms(self) -> int:
        ((ms,),) = self._rows("SELECT max(at_ms) FROM events WHERE role = 'fact'")
        return int(ms)


def true_shares(said: list[Said]) -> dict[str, float]:
    """From the clips themselves; the opening circle counts for nobody."""
    seconds = dict.fromkeys(("Ana", "Ben"), 0.0)
    for clip in said:
        if not clip.clip.endswith("-0.flac"):
            seconds[clip.person] += sum(end - start for start, end in clip.speech)
    return {person: s / sum(seconds.values()) for person, s in seconds.items()}


def said_before(said: list[Said], person: str, until_s: float) -> float:
    """Seconds that this person spoke before a moment, the opening circle left out."""
    mine = [
        part for clip in said if clip.person == person and not clip.clip.endswith("-0.flac") for part in clip.speech
    ]
    return sum(max(0.0, min(end, until_s) - start) for start, end in mine)


def true_turns(said: list[Said]) -> list[tuple[str, float, float]]:
    turns: list[tuple[str, float, float]] = []
    for clip in sorted(said, key=lambda s: s.start_s):
        if clip.clip.endswith("-0.flac"):
            continue
        start, end = clip.speech[0][0], clip.speech[-1][1]
        if turns and turns[-1][0] == clip.person:
            start = turns.pop()[1]
        turns.append((clip.person, start, end))
    return turns


def spoken(text: str) -> Samples:
    """The words in the program's own voice, at 16 kHz."""
    samples, rate = tidied(*EspeakVoice(regional("en")).speak(text))
    return np.asarray(soxr.resample(samples, rate, RATE), np.float32)


def check_loudspeaker(room: ScriptedRoom, stored: Stored) -> None:
    """Every prompt is in the captured loudspeaker where the database says it was spoken: no other words fit."""
    prompts = stored.prompts()
    assert [text for text, _, _ in prompts] == [line.text[7:-1] for line in room.lines if line.text.startswith("says:")]
    for text, start_s, end_s in prompts:
        heard = room.loudspeaker(start_s - 1.0, end_s + 1.0)
        begins_s, likeness = locate_words(spoken(text), heard)
        assert likeness > 0.65, f"“{text}” is not in the loudspeaker ({likeness:.2f})"
        assert abs(begins_s - 1.0) < 0.5, f"“{text}” came {begins_s - 1.0:+.2f} s off"


def test_a_whole_discussion(virtual_audio: VirtualAudio, scripted: Path, tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    with ScriptedRoom(virtual_audio, load_script(scripted), [*START, "--db", str(db)], tmp_path) as room:
        room.follow(lambda text: text.startswith("end:"), 240)
        assert room.wait(60) == 0
        stored = Stored(db, room)
        said = room.said()
        check_loudspeaker(room, stored)

    floors = stored.floors()
    assert [(name, reason) for name, reason, _ in floors] == [("Ana", "done"), ("Ben", "done")], room.transcript()
    assert floors[0][2] > 2_000, "what the cut-in took was not given back"
    assert ("intrusion", "Ben", "Ana") in stored.cut_ins()

    measured, true = stored.turns(), true_turns(said)
    both = f"measured {measured}\nin truth {true}"
    assert [name for name, _, _ in measured] == [name for name, _, _ in true], both
    for number, ((name, start, end), (_, true_start, true_end)) in enumerate(zip(measured, true, strict=True)):
        # Where somebody talks over the end of a turn, voiceprints alone cannot tell to the word when it ended.
        talked_over = number + 1 < len(true) and true[number + 1][1] < true_end + 0.5
        assert abs(start - true_start) < 0.5, f"{name}'s turn begins {start - true_start:+.2f} s off; {both}"
        assert abs(end - true_end) < (1.5 if talked_over else 0.5), f"{name}'s ends {end - true_end:+.2f} s off; {both}"

    shares = stored.shares()
    for name, share in true_shares(said).items():
        assert abs(shares[name] - share) < 0.03, f"{name}: {shares[name]:.3f}, in truth {share:.3f}"
    assert all(re.search(rf"^{name} +\d+ % \(\d+ to \d+\)", room.transcript(), re.M) for name in ("Ana", "Ben"))


def test_killed_in_the_middle_and_resumed(virtual_audio: VirtualAudio, scripted: Path, tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    voices = [f"--voice={name}={scripted / name.lower()}-0.flac" for name in ("Ana", "Ben")]
    script = load_script(scripted)
    with ScriptedRoom(virtual_audio, script, [*START, *voices, "--db", str(db)], tmp_path) as room:
        room.follow(lambda text: text.startswith("floor: Ana"), 120)
        last = room.follow(lambda text: text.startswith("came in: Ben over Ana"), 60)
        room.kill()
        before = Stored(db, room)
        assert before.sessions() == [(None, None)]
        assert last.session_s is not None
        assert before.last_fact_ms() / 1000 > last.session_s - 1.0, "more than a second is lost"
        assert "Ana" in before.heard(), "nothing of what was said is stored"
        ana_s = said_before(room.said(), "Ana", room.killed_s)

    again = [*START, *voices, "--go-on", "--db", str(db)]
    with ScriptedRoom(virtual_audio, script, again, tmp_path) as room:
        room.follow(lambda text: text == "resumed", 60)
        room.follow(lambda text: text.startswith("end:"), 180)
        assert room.wait(60) == 0
        after = Stored(db, room)
    ((ended_at, reason),) = after.sessions()
    assert ended_at is not None and reason == "done"
    assert [name for name, _, _ in after.floors()] == ["Ana", "Ben"]
    assert set(after.shares()) == {"Ana", "Ben"}
    assert min(after.shares().values()) > 0.1, "what was said before, or after, is lost"
    review = subprocess.run(
        [sys.executable, "-m", "facilitator", "review", "--db", str(db), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    people = {person["name"]: person for person in json.loads(review.stdout)["people"]}
    assert people["Ana"]["share"] == pytest.approx(after.shares()["Ana"], abs=0.01)
    # Up to a second may be lost; and while two talk at once, as Ben did over her last words, voiceprints alone may give
    # her a second or so too much, as the moment is heard live and not gone over again.
    assert ana_s - 1.2 <= people["Ana"]["airtime_s"] <= ana_s + 2.2
