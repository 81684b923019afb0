"""Forty refusals in each of three languages, spoken by espeak-ng, through the whole program: none becomes a yes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.hearing.signal.audio import RATE

ROOT = Path(__file__).parents[2]
MINIATURE = ROOT / "tests" / "data" / "models" / "vosk-model-mini-en"
REFUSALS = ROOT / "tests" / "data" / "refusals"
PEOPLE = "Ana, Ben, Carla, David, Emma, Felix, Grace, Omar"
VOICES = ("+m3", "+f2", "+m5", "+f4")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng: apt-get install -y espeak-ng"),
]


def spoken(code: str, folder: Path) -> Path:
    """All of them, one after the other, a breath and a half in between; each is said as long as a sample would be."""
    rng = np.random.default_rng(3)
    parts = [rng.normal(0, 0.0005, RATE)]
    for number, line in enumerate((REFUSALS / f"{code}.txt").read_text(encoding="utf-8").splitlines()):
        path = folder / "said.wav"
        voice = {"en": "en", "de": "de", "fr": "fr"}[code] + VOICES[number % len(VOICES)]
        text = " ".join([line] * max(1, 60 // len(line)))
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(path), text], check=True)
        samples, rate = soundfile.read(path, dtype="float64")
        at = np.arange(0, len(samples), rate / RATE)
        sound = 0.3 * np.interp(at, np.arange(len(samples)), samples) / np.abs(samples).max()
        parts += [sound, rng.normal(0, 0.0005, round(1.5 * RATE))]
    soundfile.write(folder / f"{code}.wav", np.concatenate(parts).astype(np.float32), RATE)
    return folder / f"{code}.wav"


@pytest.mark.parametrize(("code", "words"), [("en", False), ("de", False), ("fr", False), ("en", True)])
def test_forty_spoken_refusals_are_no_consent(
    code: str, words: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is installed, without a model of words; and with the miniature model of the tests, which knows "agree" but
    neither "not" nor "don't", and so must not be asked. Those that are understood are in `test_consent.py`."""
    models = tmp_path / "models"
    models.mkdir()
    if words:
        (models / "vosk-words-en").symlink_to(MINIATURE, target_is_directory=True)
    monkeypatch.setenv("FACILITATOR_MODELS", str(models))
    db = tmp_path / "sessions.db"
    start = [sys.executable, "-m", "facilitator", "start", "--people", PEOPLE, "--yes", "--language", code]
    start += ["--audio", str(spoken(code, tmp_path)), "--fast", "--speech", "silent", "--no-page", "--db", str(db)]
    done = subprocess.run(start, capture_output=True, text=True, timeout=500, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = sqlite3.connect(db)
    assert found.execute("SELECT count(*), sum(heard), sum(enrolled) FROM seats").fetchone() == (8, 0, 0), done.stdout
    assert found.execute("SELECT count(*) FROM speech WHERE person IS NOT NULL").fetchone() == (0,)
