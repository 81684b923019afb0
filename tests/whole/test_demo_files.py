"""The bundled demonstration: complete, small, and what it says it is."""

from __future__ import annotations

import numpy as np
import soundfile

from facilitator.demo.script import bundled, load_script
from facilitator.hearing.signal.audio import RATE


def test_the_script_is_sound_and_uses_every_clip() -> None:
    script = load_script(bundled())
    assert script.people == ("Ana", "Ben", "Carla")
    assert set(script.clips) == {path.name for path in bundled().glob("*.flac")}
    for person in script.people:
        assert [cue.on for cue in script.cues if cue.person == person] == ["listen", *["floor"] * script.rounds]


def test_small_and_in_the_program_s_own_form() -> None:
    clips = sorted(bundled().glob("*.flac"))
    assert sum(path.stat().st_size for path in clips) < 1_500_000
    for path in clips:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.format) == (RATE, 1, "FLAC")


def test_samples_are_long_enough_and_nothing_is_clipped() -> None:
    for name, samples in load_script(bundled()).clips.items():
        assert 0.01 < np.sqrt(np.mean(samples**2)) < 0.2
        assert np.abs(samples).max() < 0.97
        if name.endswith("-0.flac"):
            assert len(samples) > 9 * RATE


def test_there_is_a_cut_in_and_a_back_channel() -> None:
    """By rule R, from the script's own times: Ben goes on for over a second after Ana, and says one word to Carla."""
    script = load_script(bundled())
    ana, carla = (next(c for c in script.cues if c.on == "floor" and c.person == p) for p in ("Ana", "Carla"))
    assert ana.play[1].person == carla.play[1].person == "Ben"
    length_ms = {name: len(samples) * 1000 // RATE for name, samples in script.clips.items()}
    cut_in_at, back_channel_at = ana.play[1].at_ms, carla.play[1].at_ms
    assert cut_in_at is not None and back_channel_at is not None
    first_ms = length_ms[ana.play[0].clip]
    assert 1_000 <= cut_in_at <= first_ms - 300
    assert cut_in_at + length_ms[ana.play[1].clip] >= first_ms + 1_000
    assert length_ms[carla.play[1].clip] < 1_000
    assert 1_000 <= back_channel_at <= length_ms[carla.play[0].clip] - length_ms[carla.play[1].clip]
