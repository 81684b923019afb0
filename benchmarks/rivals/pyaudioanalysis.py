"""pyAudioAnalysis 0.3.14 (Apache-2.0) from PyPI: `speaker_diarization` as it comes, told how many voices there are.

It hears without voice samples, so its clusters get the names that suit it best; and it calls silence somebody, so
the detector of speech tells where there is none. It needs older packages than this program, and so an environment
of its own, which is made where there is none.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile as sf

from benchmarks.rivals import Missing
from benchmarks.rivals.rows import Row, runs, spoken
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.hearing.signal.features import STEP

PACKAGES = (
    "numpy<2",
    "scipy<1.13",
    "scikit-learn<1.4",
    "imbalanced-learn<0.13",
    "hmmlearn==0.3.2",
    "eyed3<0.10",
    "pydub==0.25.1",
    "plotly<6",
    "matplotlib<3.9",
    "pandas<2.3",
    "tqdm<5",
    "simplejson",
)
"""What it imports; those that it names itself are too old for a Python that this program runs on."""
CHILD = Path(__file__).with_name("pyaudioanalysis_child.py")


class PyAudioAnalysis:
    """Raises Missing."""

    title = "pyAudioAnalysis 0.3.14, told how many speak, best names"
    blind = True

    def __init__(self, environment: Path) -> None:
        self._python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        if not self._works():
            _make(environment, self._python)
        if not self._works():
            raise Missing(f"pyAudioAnalysis cannot be loaded in {environment}; remove that folder and try again")

    def _works(self) -> bool:
        return self._python.exists() and not subprocess.call(
            [self._python, "-c", "import pyAudioAnalysis.audioSegmentation"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def hear(self, sound: Samples, voices: Mapping[str, Samples], speakers: int) -> list[Row]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sound.wav"
            sf.write(path, sound, RATE, subtype="PCM_16")
            command = [str(self._python), str(CHILD), str(path), str(speakers)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"pyAudioAnalysis failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        told = json.loads(done.stdout.strip().splitlines()[-1])
        heard = spoken(sound)
        middle_s = (np.arange(len(heard)) + 0.5) * STEP / RATE
        which = np.clip((middle_s / told["step_s"]).astype(int), 0, len(told["labels"]) - 1)
        labels = np.array(told["labels"])[which]
        return runs((labels[:, None] == np.arange(speakers)) & heard[:, None], [str(k) for k in range(speakers)])


def _make(environment: Path, python: Path) -> None:
    try:
        venv.create(environment, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True, capture_output=True)
        subprocess.run([*pip, "--no-deps", "pyAudioAnalysis==0.3.14"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise Missing(f"pyAudioAnalysis could not be installed in {environment}") from problem
