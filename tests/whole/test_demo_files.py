"""The bundled demonstration: complete, small, and what it says it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import soundfile

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.demo.script import bundled, load_script
from facilitator.demo.scripted_table import ScriptedTable
from facilitator.hearing.signal.audio import RATE
from facilitator.pipelines.live import open_listener
from facilitator.resources.prompts import default_prompts
from facilitator.session import Session
from facilitator.terminal.plain import PlainScreen


def test_the_script_uses_every_clip_and_says_what_is_said_in_each() -> None:
    script = load_script(bundled())
    clips = {path.name for path in bundled().glob("*.ogg")}
    assert set(script.clips) == set(script.words) == clips
    assert all(script.words.values())


def test_small_and_in_the_program_s_own_form() -> None:
    clips = sorted(bundled().glob("*.ogg"))
    assert sum(path.stat().st_size for path in clips) < 700_000
    for path in clips:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (RATE, 1, "OPUS")


def test_samples_are_long_enough_and_nothing_is_clipped() -> None:
    for name, samples in load_script(bundled()).clips.items():
        assert 0.01 < np.sqrt(np.mean(samples**2)) < 0.2
        assert np.abs(samples).max() < 0.99
        if name.endswith("-0.ogg"):
            assert len(samples) > 8 * RATE


class _Log:
    def __init__(self) -> None:
        self.records: list[e.Record] = []

    def write(self, records: Sequence[e.Record]) -> None:
        self.records += records

    def close(self) -> None:
        pass


@pytest.mark.slow  # four minutes of talk go through all of hearing
def test_everything_happens_that_it_is_there_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody talks most and cuts in, which is given back; the quiet one is invited; an agreement is read back; they
    guess, and are told."""
    scene, prompts, log = load_script(bundled()), default_prompts(), _Log()
    setup = Setup(
        people=scene.people,
        format=with_options(prompts.format(scene.format), minutes=scene.minutes, rounds=scene.rounds),
        language=prompts.language(scene.language),
    )
    table = ScriptedTable(scene, paced=False)
    discussion = Discussion(setup)
    Session(
        discussion=discussion,
        voice=SilentVoice(),
        source=table,
        ear=open_listener()[0],
        keys=[table],
        screen=PlainScreen(),
        sinks=[table, log],
        fast=True,
    ).run()
    found = {
        type(record): record
        for record in log.records
        if isinstance(record, (e.Intrusion, e.Invited, e.Agreed, e.SessionEnded, e.FloorExtended))
    }
    cut_in, invited, agreed = found[e.Intrusion], found[e.Invited], found[e.Agreed]
    assert isinstance(cut_in, e.Intrusion) and (cut_in.by, cut_in.over) == ("Tom", "Maya")
    assert isinstance(invited, e.Invited) and invited.person == "Maya"
    assert isinstance(agreed, e.Agreed) and (agreed.owner, agreed.due_days) == ("Tom", 7)
    assert e.FloorExtended in found
    guesses = {r.person: r.value for r in log.records if isinstance(r, e.Rated) and r.what == "share"}
    assert guesses == {"Maya": 30, "Tom": 50}
    shares = {person.name: person.share for person in discussion.summary().people}
    assert shares["Tom"] > 0.55, "the reveal is a surprise to him"
    ended = found[e.SessionEnded]
    assert isinstance(ended, e.SessionEnded) and ended.reason == "finish"
    assert 180_000 < ended.at_ms < 300_000
    assert len(table.played) == len(scene.words), "everything was said"
    assert "agreed:" in capsys.readouterr().out
