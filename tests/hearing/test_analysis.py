"""What `facilitator analyze` does, over a recording made of the demonstration's voices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.events import Heard
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE
from facilitator.library.analysis import Analysis
from facilitator.pipelines.offline import HeardRecording, analyze, stretches
from tests.support.hearing_sounds import clip, joined, room, voice

SAID = joined(room(1.0), clip("ana-1"), room(0.5), clip("ben-1"), room(1.0))
ANA_S, BEN_S = len(clip("ana-1")) / RATE, len(clip("ben-1")) / RATE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recordings")
    noisy = SAID + room(len(SAID) / RATE + 1, seed=3)[: len(SAID)]
    sf.write(path / "talk.wav", np.stack([noisy, noisy], axis=1), RATE)
    for name in ("ana", "ben"):
        sample = clip(f"{name}-0")
        sf.write(path / f"{name}.flac", sample + room(len(sample) / RATE + 1, seed=4)[: len(sample)], RATE)
    return path


PARTS: list[float] = []


@pytest.fixture(scope="module")
def analysed(folder: Path) -> HeardRecording:
    return analyze(folder / "talk.wav", {"Ana": folder / "ana.flac", "Ben": folder / "ben.flac"}, progress=PARTS.append)


def test_a_recording_from_end_to_end(analysed: HeardRecording) -> None:
    found = analysed
    assert sorted(PARTS) == PARTS and PARTS[-1] == 1.0
    assert found.people == ("Ana", "Ben")
    assert abs(found.duration_ms - len(SAID) / 16) <= 1
    told = json.loads(Analysis.of(found).to_json())
    assert told["people"] == ["Ana", "Ben"]
    airtime = dict.fromkeys(told["people"], 0.0)
    for row in told["final"]["speech"]:
        assert 0 <= row["start"] < row["end"] <= told["seconds"]["audio"]
        if row["person"]:
            airtime[row["person"]] += row["end"] - row["start"]
    assert airtime["Ana"] == pytest.approx(ANA_S, rel=0.2)
    assert airtime["Ben"] == pytest.approx(BEN_S, rel=0.2)
    assert all(row["known"] >= row["end"] for row in told["live"]["speech"])
    assert all(event["kind"] in ("cut-in", "attempt", "backchannel") for event in told["cut_ins"])
    assert told["seconds"]["compute"] > 0


def test_where_only_the_result_is_wanted_it_is_the_same(folder: Path, analysed: HeardRecording) -> None:
    voices = {"Ana": folder / "ana.flac", "Ben": folder / "ben.flac"}
    result = analyze(folder / "talk.wav", voices, final_only=True)
    assert analysed.live and not result.live
    assert [row.person for row in stretches(result.final)] == [row.person for row in stretches(analysed.final)]
    for one, other in zip(stretches(result.final), stretches(analysed.final), strict=True):
        assert abs(one.start_ms - other.start_ms) <= 100 and abs(one.end_ms - other.end_ms) <= 100


def test_without_voices_speech_is_nobodys(folder: Path) -> None:
    told = Analysis.of(analyze(folder / "talk.wav", {})).to_values()
    assert told["people"] == [] and told["final"]["speech"]
    assert all(row["person"] is None for row in told["final"]["speech"])


def test_a_voice_sample_without_a_voice_is_refused(folder: Path) -> None:
    sf.write(folder / "nothing.wav", np.zeros(RATE * 3, np.float32), RATE)
    with pytest.raises(AudioError, match=r"voice sample of Ana .* too quiet"):
        analyze(folder / "talk.wav", {"Ana": folder / "nothing.wav"})


def test_a_clipped_voice_sample_is_used_and_told(folder: Path) -> None:
    sf.write(folder / "loud.wav", np.clip(voice("low", 4.0) * 40, -1, 1), RATE, subtype="FLOAT")
    found = analyze(folder / "talk.wav", {"Ana": folder / "loud.wav"})
    assert found.people == ("Ana",) and any("Ana" in trouble for trouble in found.troubles)


heard = st.builds(
    lambda start, size, people, at: Heard(at_ms=at, start_ms=start, end_ms=start + size, people=tuple(sorted(people))),
    st.integers(0, 60),
    st.integers(1, 30),
    st.sets(st.sampled_from("ab"), max_size=2),
    st.integers(100, 200),
)


@given(st.lists(heard, max_size=25))
def test_what_was_said_last_of_a_moment_holds(facts: list[Heard]) -> None:
    painted: list[tuple[tuple[str, ...], int]] = [((), 0)] * 100
    for fact in facts:
        painted[fact.start_ms : fact.end_ms] = [(fact.people, fact.at_ms)] * (fact.end_ms - fact.start_ms)
    found: dict[tuple[str, int], int] = {}
    for part in stretches(tuple(facts)):
        assert part.start_ms < part.end_ms and part.person is not None
        for moment in range(part.start_ms, part.end_ms):
            assert (part.person, moment) not in found
            found[part.person, moment] = part.known_ms
    expected = {(name, k): at for k, (people, at) in enumerate(painted) for name in people}
    assert found == expected
