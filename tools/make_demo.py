"""Makes the voices of the bundled demonstration: `python tools/make_demo.py [FOLDER]`.

Needs `flite` and `espeak-ng` on the path. Ana and Ben are flite's `slt` and `rms` voices (Carnegie
Mellon University, free for any use), Carla is an espeak-ng voice; the words are the project's own.
Each person sits at a place of their own in a small room: a little of its echo is added. The same
programs give the same files.
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

WORDS = {
    "ana-0": "My name is Ana, and I am happy to be heard. I live near the river with two cats. "
    "On Sundays I walk to the market and buy far too many tomatoes. It is the best hour of my week.",
    "ana-1": "I would love a day by the lake. The water is warm now, and we have not been there since last summer.",
    "ana-2": "We could take the early train, and the children could choose the place for the picnic.",
    "ana-3": "Thank you. What I heard is that rest matters to all of us, so a slow morning is fine with me.",
    "ben-0": "I am Ben, and it is fine with me to be heard. I repair old bicycles in the garage. "
    "Yesterday I found a red one that still had its bell, and now my son rides it to school.",
    "ben-1": "But the train is always full at the weekend, we would stand the whole way.",
    "ben-2": "I would rather stay near home. My week was long, and a walk in the hills would be enough for me.",
    "ben-3": "If we leave at ten instead of seven, I am happy to come to the lake as well.",
    "ben-4": "Right.",
    "carla-0": "Hello, I am Carla, and yes, you may listen. I play the cello, mostly late in the evening. "
    "My neighbours are very patient people, I think. Nobody has knocked on the wall yet.",
    "carla-1": "Both sound good. What I need is some quiet time, because next week is full of rehearsals.",
    "carla-2": "Perhaps the lake in the morning, and home before dinner.",
    "carla-3": "Then let us say ten o'clock, the lake, and I will bring the tomatoes.",
}
PLACES = {"ana": (1.0, 11), "ben": (0.9, 12), "carla": (0.8, 13)}
"""Level at the microphone, and the seed of the echo from that chair."""


def speak(who: str, text: str) -> np.ndarray:
    """The words in this person's voice, mono at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        if who == "carla":
            command = ["espeak-ng", "-v", "en-gb+f4", "-s", "158", "-p", "62", "-w", str(out), text]
        else:
            voice = {"ana": "slt", "ben": "rms"}[who]
            command = ["flite", "-voice", voice, "-t", text, "-o", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        samples, rate = soundfile.read(out, dtype="float32")
    return samples if rate == RATE else np.asarray(soxr.resample(samples, rate, RATE))


def in_room(samples: np.ndarray, level: float, seed: int) -> np.ndarray:
    """Trimmed, at the given level, with the echo of a furnished room (reverberation time about 0.25 s)."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    samples = samples[max(0, loud[0] - 160) : loud[-1] + 160]
    samples = samples / np.sqrt(np.mean(samples**2)) * 0.05 * level
    t = np.arange(int(0.12 * RATE)) / RATE
    echo = np.random.default_rng(seed).standard_normal(len(t)) * 10 ** (-3 * t / 0.25) * 0.02
    echo[: int(0.003 * RATE)] = 0
    echo[0] = 1.0
    size = len(samples) + len(echo) - 1
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)
    return np.clip(wet[: len(samples) + int(0.05 * RATE)], -0.98, 0.98)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "facilitator" / "demo"
    total = 0
    for name, text in WORDS.items():
        who = name.split("-")[0]
        samples = in_room(speak(who, text), *PLACES[who])
        path = folder / f"{name}.flac"
        soundfile.write(path, samples, RATE, subtype="PCM_16")
        total += path.stat().st_size
        print(f"{path.name}: {len(samples) / RATE:.1f} s")
    print(f"{total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
