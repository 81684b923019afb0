"""Recordings with something wrong: headers that lie, numbers that are none, ends that are missing."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.fuzzing import pool

RATES = (0, 1, 8, 50, 1000, 7999, 8000, 11_025, 16_000, 44_100, 48_000, 192_000, 768_000, 2**31 - 1, 2**32 - 1)
EXTREMES = (3e38, -3e38, 1e30, 1e-45, float("nan"), float("inf"), -float("inf"), 1.0, -1.0, 0.0)
CHANNELS = (0, 1, 2, 3, 7, 255, 65_535)
NAMES = ("odd.wav", "odd.flac", "odd.mp3", "odd.ogg", "odd.m4a", "odd.webm", "odd.aiff", "odd.wav.txt", "odd")
SIZES = (0, 1, 160, 511, 512, 513, 8000, 16_001, 40_000)
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def _wav(chance: random.Random) -> bytes:
    """A WAV written by hand, whose header need not be true."""
    code, bits = chance.choice(
        ((_PCM, 16), (_PCM, 8), (_PCM, 24), (_FLOAT, 32), (_FLOAT, 64), (_EXTENSIBLE, 16), (0x55, 16))
    )
    rate = chance.choice((16_000, 16_000, chance.choice(RATES)))
    channels = chance.choice((1, 2, chance.choice(CHANNELS)))
    count = chance.choice(SIZES)
    if code == _FLOAT:
        values = np.array([chance.choice(EXTREMES) for _ in range(count)], np.float64)
        with np.errstate(over="ignore"):
            body = values.astype("<f4" if bits == 32 else "<f8").tobytes()
    else:
        body = chance.randbytes(count * max(1, bits // 8))
    frame = max(1, channels * bits // 8) & 0xFFFF
    form = struct.pack("<HHIIHH", code, channels, rate, (rate * frame) & 0xFFFFFFFF, frame, bits)
    stated = chance.choice((len(body), len(body), 0, 0xFFFFFFFF, len(body) // 3, len(body) * 2)) & 0xFFFFFFFF
    extra = chance.choice((b"", b"LIST" + struct.pack("<I", 2**31) + b"INFO", b"junk\x00\x00\x00\x00"))
    whole = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I", stated) + body
    return b"RIFF" + struct.pack("<I", chance.choice((len(whole), 0, 0xFFFFFFFF))) + whole


def _encoded(chance: random.Random) -> bytes:
    """One of the usual kinds, of an unusual length, loudness or rate."""
    kind, subtype = chance.choice(
        (
            ("WAV", "FLOAT"),
            ("WAV", "PCM_16"),
            ("FLAC", "PCM_16"),
            ("OGG", "VORBIS"),
            ("MP3", "MPEG_LAYER_III"),
            ("AIFF", "PCM_24"),
        )
    )
    level = chance.choice((0.0, 1e-6, 0.1, 1.0, 30.0))
    shape = (chance.choice(SIZES[1:]), chance.choice((1, 2)))
    sound = level * np.random.default_rng(chance.randrange(2**32)).standard_normal(shape)
    out = io.BytesIO()
    soundfile.write(
        out, sound.astype(np.float32), chance.choice((8000, 16_000, 44_100, 48_000)), format=kind, subtype=subtype
    )
    return out.getvalue()


def _file(chance: random.Random, work: Path) -> str:
    name = chance.choice(NAMES)
    content = chance.choice((_wav, _wav, _encoded))(chance)
    if chance.random() < 0.4:
        content = pool.broken(chance, content)
    elif chance.random() < 0.05:
        content = chance.randbytes(chance.choice((0, 1, 44, 5000)))
    (work / name).write_bytes(content)
    return name


def line(chance: random.Random, work: Path) -> list[str]:
    """A command that reads it."""
    name = _file(chance, work)
    other = chance.choice((name, pool.VOICE))
    voice = ["--voice", f"Ana={other}", "--no-page", "--db", pool.DATABASE]
    return chance.choice(
        (
            ["analyze", name, "--voice", f"Ana={pool.VOICE}", "--voice", f"Ben={other}", "--json", "out.json"],
            ["analyze", pool.TALK, "--voice", f"Ana={name}", "--explain"],
            ["analyze", name, "--people", chance.choice("123"), "--csv", "out.csv"],
            ["start", "--audio", name, "--fast", "--yes", "--people", "Ana,Ben", "--format", "open", *voice],
            ["people", "save-voice", "Ana", "--from", name, "--yes", "--db", pool.DATABASE],
        )
    )
