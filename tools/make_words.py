"""Makes the spoken words that tests of Vosk hear: `python tools/make_words.py [FOLDER]`.

Needs `espeak-ng` on the path. The voices are ones that the miniature models in tests/data/models were not trained on;
they know the words of all but "tomatoes". A file begins with the first sound of what is
said and ends with the last. The same program gives the same files.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 16_000
ROOT = Path(__file__).resolve().parent.parent

VOICES = {"andy": "en-gb+Andy", "belinda": "en+belinda", "f3": "en-us+f3", "m5": "en+m5"}
COMMANDS = {
    "pause": "facilitator pause",
    "next": "facilitator next",
    "done": "i am done",
    "time": "more time",
}
SENTENCES = {
    "monday": "we agree that the budget is on monday",
    "chores": "ben and grace will check the dinner and the chores by sunday",
}
OTHERS = {"tomatoes": "yesterday my neighbours bought far too many tomatoes from the market near the river"}


def speak(voice: str, text: str) -> np.ndarray:
    """The words in this voice, mono at 16 kHz, without the silence around them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "-w", str(out), text], check=True)
        samples, rate = soundfile.read(out, dtype="float32")
    samples = soxr.resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    samples = samples[loud[0] : loud[-1] + 1]
    return np.asarray(0.5 * samples / np.abs(samples).max())


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "sounds" / "words"
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for person, voice in VOICES.items():
        for name, text in {**COMMANDS, **SENTENCES, **OTHERS}.items():
            path = folder / f"{person}-{name}.flac"
            samples = speak(voice, text)
            soundfile.write(path, samples, RATE, subtype="PCM_16")
            total += path.stat().st_size
            print(f"{path.name}: {len(samples) / RATE:.2f} s")
    print(f"{total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
