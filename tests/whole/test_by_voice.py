"""Whole talks that nobody touches the keyboard for: everything is said into a real (virtual) microphone.

Ana and Ben are voices of espeak-ng, and the words are heard by the miniature model in `tests/data/models`; real time.
"""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.demo.script import load_script
from facilitator.resources.prompts import default_prompts
from tests.support.scripted_room import ScriptedRoom
from tests.support.virtual_audio import VirtualAudio

HOLES = "minutes of talk are played, heard and understood in real time: a busy computer leaves holes in it"
pytestmark = [pytest.mark.sound, pytest.mark.slow, pytest.mark.may_rerun(HOLES)]

VOICES = {"ana": "en+f3", "ben": "en+m5"}
MODELS = Path(__file__).parents[1] / "data" / "models"
TALK = {
    "about": "The garden looks lovely after the rain, and the children found a small hedgehog under the old apple tree "
    "behind the house this morning, so we made breakfast very late.",
    "more": "What matters to me most is that somebody listens before there is an answer.",
    "thanks": "I liked how the kitchen smelled of bread yesterday evening.",
    "interrupts": "But that was not at all how it happened, as far as I remember it.",
}
WORDS = {
    "done": "I am done",
    "pass": "I pass",
    "note": "facilitator note that we agree that the budget is on monday",
    "break": "facilitator break",
    "continue": "facilitator continue",
    "yes": "yes",
    "no": "no",
    "ben": "ben",
    "friday": "friday",
    "monday": "monday",
    "three": "three",
    "four": "four",
    "five": "five",
    "ten": "ten",
    "tenminutes": "ten minutes",
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is said, by both voices: `ana-done.wav` and so on."""
    folder = tmp_path_factory.mktemp("clips")
    for person, voice in VOICES.items():
        for name, text in (TALK | WORDS).items():
            path = folder / f"{person}-{name}.wav"
            subprocess.run(["espeak-ng", "-v", voice, "-s", "145", "-w", str(path), text], check=True)
            samples, rate = soundfile.read(path, dtype="float32")
            loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
            samples = samples[loud[0] : loud[-1] + 1]
            soundfile.write(path, 0.35 * samples / np.abs(samples).max(), rate, subtype="FLOAT")
    return folder


@pytest.fixture
def hears_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program finds the miniature model of words, and no other model."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "vosk-words-en").symlink_to(MODELS / "vosk-model-mini-en", target_is_directory=True)
    monkeypatch.setenv("FACILITATOR_MODELS", str(models))


def cue(on: str, person: str | None = None, *clips: str, what: str | None = None, again: bool = False) -> str:
    """`clips` follow each other after 0.9 s."""
    rows = []
    for number, name in enumerate(clips):
        whose = name.partition("-")[0].capitalize()
        rows.append(f'{{ clip = "{name}.wav", person = "{whose}", after_ms = {900 if number else 0} }}')
    lines = ["[[cue]]", f'on = "{on}"', f"play = [{', '.join(rows)}]"]
    lines += [f'person = "{person}"'] if person else []
    lines += [f'what = "{what}"'] if what else []
    lines += ["again = true"] if again else []
    return "\n".join(lines)


def run(
    audio: VirtualAudio, clips: Path, folder: Path, cues: list[str], options: list[str]
) -> tuple[str, sqlite3.Connection]:
    """What the program printed, and its database. Nobody presses a key, but for a yes to being heard: the miniature
    model does not know the words of a refusal."""
    opening = [cue("listen", name, f"{name.lower()}-about", again=True) for name in ("Ana", "Ben")]
    (clips / "script.toml").write_text(
        "\n\n".join(['people = ["Ana", "Ben"]\nnoise_db = -60', *opening, *cues]) + "\n", encoding="utf-8"
    )
    db = folder / "sessions.db"
    arguments = ["start", "--people", "Ana, Ben", "--yes", "--words-a-minute", "200", "--db", str(db), *options]
    with ScriptedRoom(audio, load_script(clips), arguments, folder) as room:
        room.follow(lambda text: text.startswith("end:"), 400)
        assert room.wait(60) == 0
        text = room.transcript()
    keys = [line for line in text.splitlines() if "(key)" in line]
    assert keys == ["asked: yes (key)"] * 2, text
    return text, sqlite3.connect(db)


def test_five_minutes_each(virtual_audio: VirtualAudio, clips: Path, tmp_path: Path, hears_words: None) -> None:
    """A protected turn with a cut-in, "I am done", "I pass", and guesses; shortened to half a minute each."""
    text, db = run(
        virtual_audio,
        clips,
        tmp_path,
        [
            cue("floor", "Ana", "ana-more", "ben-interrupts", "ana-about", "ana-done"),
            cue("floor", "Ben", "ben-pass"),
            cue("prompt", "Ana", "ana-ten", what="rate.share"),
            cue("prompt", "Ben", "ben-five", what="rate.share"),
        ],
        ["--format", "five-minutes-each", "--minutes", "30 s"],
    )
    floor = db.execute(
        "SELECT name, reason, repaid_ms FROM floor JOIN people ON people.id = person ORDER BY start_ms"
    ).fetchall()
    assert [row[:2] for row in floor] == [("Ana", "done"), ("Ben", "passed")], text
    assert 1_000 <= floor[0][2] <= 6_000, "what the cut-in took was not given back"
    guesses = db.execute("SELECT name, value FROM ratings JOIN people ON people.id = person WHERE what = 'share'")
    assert dict(guesses.fetchall()) == {"Ana": 10, "Ben": 5}, text
    assert "understood: next (Ana)" in text
    assert "understood: pass" in text


def test_a_check_in(virtual_audio: VirtualAudio, clips: Path, tmp_path: Path, hears_words: None) -> None:
    """Numbers at the beginning and the end, appreciations and needs counted aloud (two and one, to be short), a note
    in one breath with its day, and who, a break, and the next date."""
    form = tmp_path / "short-check-in.toml"
    whole = default_prompts().format_file("check-in").read_text(encoding="utf-8")
    form.write_text(whole.replace("times = 3", "times = 2", 1).replace("times = 3", "times = 1", 1), encoding="utf-8")
    thanks = [
        cue("floor", name, f"{name.lower()}-thanks", f"{name.lower()}-done") for name in ("Ana", "Ana", "Ben", "Ben")
    ]
    needs = [
        cue("floor", "Ana", "ana-more", "ana-note"),
        cue("prompt", None, "ana-yes", what="note.read_back"),
        cue("prompt", None, "ana-ben", what="note.who"),
        cue("prompt", "Ben", "ben-yes", what="note.takes_on"),
        cue("prompt", "Ana", "ana-more", "ana-done", what="pause.end_floor"),
        cue("floor", "Ben", "ben-more", "ben-break"),
        cue("prompt", None, "ana-tenminutes", what="break.ask"),
        cue("prompt", None, "ben-continue", what="break.agreed"),
        cue("prompt", "Ben", "ben-more", "ben-done", what="pause.end_floor"),
    ]
    steps = [cue("floor", name, f"{name.lower()}-thanks", f"{name.lower()}-done") for name in ("Ana", "Ben")]
    text, db = run(
        virtual_audio,
        clips,
        tmp_path,
        [
            cue("prompt", "Ana", "ana-three", what="rate.arriving"),
            cue("prompt", "Ben", "ben-four", what="rate.arriving"),
            *thanks,
            *needs,
            *steps,
            cue("prompt", None, "ben-no", what="agree.any"),
            cue("prompt", "Ana", "ana-four", what="rate.leaving"),
            cue("prompt", "Ben", "ben-five", what="rate.leaving"),
            cue("prompt", None, "ana-monday", what="closing.next"),
        ],
        ["--format", str(form)],
    )
    ratings = db.execute("SELECT what, name, value FROM ratings JOIN people ON people.id = person ORDER BY at_ms")
    assert ratings.fetchall() == [
        ("arriving", "Ana", 3),
        ("arriving", "Ben", 4),
        ("leaving", "Ana", 4),
        ("leaving", "Ben", 5),
    ], text
    reasons = [reason for (reason,) in db.execute("SELECT reason FROM floor ORDER BY start_ms")]
    assert reasons == ["done"] * 8, text
    agreed = db.execute("SELECT text, name, due FROM agreements LEFT JOIN people ON people.id = owner").fetchall()
    assert [(words, who) for words, who, _ in agreed] == [("we agree that the budget is on monday", "Ben")], text
    assert agreed[0][2] is not None
    breaks = db.execute("SELECT kind FROM returns ORDER BY at_ms").fetchall()
    assert breaks == [("break",), ("next",)], text
    assert "goes on" in text
