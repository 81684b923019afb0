"""Other ways to hear who speaks when, each as its makers use it, for `benchmarks/accuracy/hearing.py --against`.

Every one is a file here with a class that has the same small face, `Rival`. What one lacks on this computer it
says when it is opened (`Missing`). All are given the same as this program: the recording, and each person's voice
sample; and the same detector of speech where they bring none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from benchmarks.rivals.rows import Row
from facilitator.hearing.signal.audio import Samples


class Missing(Exception):
    """Why this rival cannot run here, in a sentence."""


class Rival(Protocol):
    title: str
    """What the table calls it."""
    blind: bool
    """It gives numbers in the place of names; the scorer then gives them the names that suit it best."""

    def hear(self, sound: Samples, voices: Mapping[str, Samples], speakers: int) -> list[Row]:
        """Who spoke when in `sound` (mono, 16 kHz). `voices`: about 9 s of each person alone. `speakers`: how many
        voices there are, a guest's among them."""


NAMES = ("encoder", "xvector", "pyaudioanalysis", "windows", "campplus")
"""`windows` and `campplus` do the same with two voice encoders, the older of the field and this program's."""


def open_rival(name: str, environment: Path) -> Rival:
    """Raises Missing. `environment`: where `pyaudioanalysis` has, or is given, a Python environment of its own."""
    if name == "encoder":
        from .encoder import EncoderAlone  # noqa: PLC0415 - only what is asked for need be there

        return EncoderAlone()
    if name == "xvector":
        from .xvector import XVectors  # noqa: PLC0415

        return XVectors()
    if name == "pyaudioanalysis":
        from .pyaudioanalysis import PyAudioAnalysis  # noqa: PLC0415

        return PyAudioAnalysis(environment)
    from .windows import WindowByWindow  # noqa: PLC0415

    if name == "campplus":
        from .campplus import Campplus  # noqa: PLC0415

        return WindowByWindow(Campplus())
    from .ge2e import Ge2e  # noqa: PLC0415

    return WindowByWindow(Ge2e())
