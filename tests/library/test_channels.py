"""Recordings whose channels are one person's microphone each, mixed so that it is known exactly who spoke when."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner

import facilitator
from facilitator.cli import cli
from facilitator.core.events import BackChannel
from facilitator.core.turntaking.spans import Span
from facilitator.hearing.diarization.own_microphones import ChannelListener, channel_speech
from facilitator.hearing.signal.audio import RATE, Samples
from tests.support.hearing_sounds import clip
from tests.support.loudness import LoudnessDetector
from tests.support.own_channels import Mixed, error_rate, mixed

# Ben says "right" while Ana speaks; later he begins while she still does.
TWO = [("ana-1", 1.0), ("ben-1", 6.0), ("ana-2", 11.0), ("ben-4", 12.5), ("ben-2", 14.5), ("ana-3", 18.0)]
THREE = [*TWO, ("carla-1", 22.0), ("ben-3", 26.5), ("carla-2", 32.0)]


def signs(*factors: float) -> Samples:
    return np.array(factors, np.float32)


def heard(folder: Path, talk: Mixed, people: list[str], sound: Samples | None = None) -> facilitator.Analysis:
    file = folder / "talk.wav"
    sf.write(file, talk.sound if sound is None else sound, RATE, subtype="FLOAT")
    return facilitator.analyze(file, channels=people)


@pytest.mark.parametrize(
    ("what", "most", "options"),
    [
        ("no leakage", 7, {"leak_db": None}),
        ("-12 dB", 9, {}),
        ("-12 dB, gains 15 dB apart", 9, {"gains_db": [-9, 6]}),
        ("-12 dB, a lively room", 10, {"echo": 0.7}),
        ("-12 dB, hiss", 11, {"noise_db": -52.0}),
        ("-12 dB, without delay", 10, {"delay_ms": 0.0}),
        ("-20 dB, 9 ms", 7, {"leak_db": -20.0, "delay_ms": 9.0}),
        ("-30 dB", 7, {"leak_db": -30.0}),
    ],
)
def test_two_people(tmp_path: Path, what: str, most: float, options: dict[str, object]) -> None:
    talk = mixed(TWO, ["Ana", "Ben"], **options)  # type: ignore[arg-type]
    found = heard(tmp_path, talk, ["Ana", "Ben"])
    exact = error_rate(talk.truth, found.voices, found.duration_ms)
    collar = error_rate(talk.truth, found.voices, found.duration_ms, 250)
    print(f"{what}: DER {exact:.1f} %, with a collar of 0.25 s {collar:.1f} %")
    assert exact < most
    assert found.people == ("Ana", "Ben") and not found.troubles and not found.found
    shares(talk, found)


def shares(talk: Mixed, found: facilitator.Analysis) -> None:
    """The true ones lie in their ranges."""
    spoken = {person: sum(end - start for start, end in spans) for person, spans in talk.truth.items()}
    for figure in found.figures:
        assert figure.share_low <= spoken[figure.name] / sum(spoken.values()) <= figure.share_high
        assert figure.share_high - figure.share_low < 0.12


def test_three_people_with_gains_of_their_own(tmp_path: Path) -> None:
    people = ["Ben", "Ana", "Carla"]
    talk = mixed(THREE, people, gains_db=[0, -12, 8], echo=0.7)
    found = heard(tmp_path, talk, people)
    exact = error_rate(talk.truth, found.voices, found.duration_ms)
    print(f"three people: DER {exact:.1f} %")
    assert exact < 10
    shares(talk, found)


def test_overlap_is_heard_and_leakage_is_none(tmp_path: Path) -> None:
    """Both at once for seconds, then one alone: as much overlap as there is, and a back-channel is one."""
    both = mixed([("ana-0", 1.0), ("ben-4", 4.0), ("ben-0", 6.0)], ["Ana", "Ben"])
    found = heard(tmp_path, both, ["Ana", "Ben"])

    def at_once(spans: dict[str, list[Span]]) -> set[int]:
        first, second = (
            {step for start, end in spans[person] for step in range(start // 10, end // 10)}
            for person in ("Ana", "Ben")
        )
        return first & second

    real, said = at_once(both.truth), at_once(found.voices)
    print(f"at once {len(real) / 100:.2f} s: found {len(real & said) / 100:.2f}, and {len(said - real) / 100:.2f} more")
    assert len(real & said) > 0.8 * len(real) and len(said - real) < 0.1 * len(real)
    assert [(one.by, one.over) for one in found.cut_ins if isinstance(one, BackChannel)] == [("Ben", "Ana")]
    alone = mixed([("ana-0", 1.0), ("ben-0", 12.0)], ["Ana", "Ben"])
    assert not at_once(heard(tmp_path, alone, ["Ana", "Ben"]).voices)


def test_a_swapped_wire_changes_nothing(tmp_path: Path) -> None:
    talk = mixed(TWO, ["Ana", "Ben"])
    turned = heard(tmp_path, talk, ["Ana", "Ben"], talk.sound * signs(1, -1))
    assert turned.without_times() == heard(tmp_path, talk, ["Ana", "Ben"]).without_times()


@pytest.mark.parametrize(
    ("gains_db", "delay_ms"), [([0, 0], 3.0), ([0, 20], 3.0), ([0, -20], 3.0), ([0, 0], 0.0), ([0, -20], 0.0)]
)
def test_who_says_nothing_has_no_airtime(tmp_path: Path, gains_db: list[float], delay_ms: float) -> None:
    """Only Ana's voice is in Ben's microphone, which may be turned up as far as one likes if it hears her later;
    without distance, nothing but the level tells whose microphone it is."""
    talk = mixed([("ana-1", 1.0), ("ana-2", 7.0)], ["Ana", "Ben"], delay_ms=delay_ms, gains_db=gains_db)
    found = heard(tmp_path, talk, ["Ana", "Ben"])
    assert [figure.share for figure in found.figures] == [1.0, 0.0]
    assert len(found.troubles) == 1 and "Nobody spoke into channel 2" in found.troubles[0]


def test_one_who_listens_among_three(tmp_path: Path) -> None:
    people = ["Ana", "Carla", "Ben"]
    talk = mixed(TWO, people, echo=0.5)
    found = heard(tmp_path, talk, people)
    assert "channel 2" in found.troubles[0] and found.figures[1].airtime_ms == 0
    assert error_rate(talk.truth, found.voices, found.duration_ms) < 10


def test_a_channel_that_is_nobodys_is_left_out(tmp_path: Path) -> None:
    talk = mixed(TWO, ["Ana", "Ben"])
    wide = np.insert(talk.sound, 1, 0.0, axis=1)
    found = heard(tmp_path, talk, ["Ana", "-", "Ben"], wide)
    assert found.without_times() == heard(tmp_path, talk, ["Ana", "Ben"]).without_times()


def test_of_three_one_microphone_is_dead(tmp_path: Path) -> None:
    talk = mixed(TWO, ["Ana", "Ben"])
    with pytest.raises(facilitator.UsageError, match=r'Channel 3 .* of Carla; write - .*--channels "Ana, Ben, -"'):
        heard(tmp_path, talk, ["Ana", "Ben", "Carla"], np.insert(talk.sound, 2, 0.0, axis=1))


def same(sound: Samples) -> Samples:
    return sound[:, [0, 0]]


@pytest.mark.parametrize(
    ("change", "leak_db", "gains_db", "sentence"),
    [
        (lambda sound: sound[:, :1], -12.0, None, "has one channel, with everybody in it; .* --people 2"),
        (same, -12.0, None, "Channels 1 and 2 of talk.wav hold the same voices .* --people 2"),
        (lambda sound: same(sound) * signs(1, -0.3), -12.0, None, "hold the same voices"),
        (lambda sound: sound, -2.0, None, "hold the same voices"),
        (lambda sound: sound, -2.0, [0, 14], "hold the same voices"),
        (lambda sound: sound * signs(1, 0), -12.0, None, "Channel 2 .* of Ben; leave --channels out .*--people 2"),
        (lambda sound: sound[:, [0, 1, 1]], -12.0, None, "has 3 channels, and there are names for 2"),
    ],
)
def test_where_channels_are_not_one_person_each(
    tmp_path: Path, change: object, leak_db: float, gains_db: list[float] | None, sentence: str
) -> None:
    talk = mixed(TWO, ["Ana", "Ben"], leak_db=leak_db, gains_db=gains_db)
    with pytest.raises(facilitator.UsageError, match=sentence) as raised:
        heard(tmp_path, talk, ["Ana", "Ben"], change(talk.sound))  # type: ignore[operator]
    assert raised.value.exit_code == 2 and "\n" not in raised.value.message


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"channels": ["Ana", "Ana"]}, "two channels for Ana"),
        ({"channels": ["-", "-"]}, "two or more"),
        ({"channels": ["Ana", "-"]}, "is for one with nobody at it"),
        ({"channels": "Ana, Ben"}, "a list of names"),
        ({"channels": ["Ana", ""]}, "a list of names"),
        ({"channels": ["Ana", "Ben"], "people": 2}, "who is who already"),
        ({"channels": ["Ana", "Ben"], "voices": {"Ana": "ana.wav"}}, "who is who already"),
    ],
)
def test_what_does_not_fit_together(tmp_path: Path, options: dict[str, object], sentence: str) -> None:
    sf.write(tmp_path / "talk.wav", np.zeros((RATE, 2)), RATE)
    with pytest.raises(facilitator.UsageError, match=sentence):
        facilitator.analyze(tmp_path / "talk.wav", **options)  # type: ignore[arg-type]


def test_the_command_and_what_is_kept(tmp_path: Path) -> None:
    talk = mixed(TWO, ["Ana", "Ben"])
    sf.write(tmp_path / "talk.wav", talk.sound, RATE)
    file, db, out = str(tmp_path / "talk.wav"), str(tmp_path / "sessions.db"), tmp_path / "talk.json"
    asked = ["analyze", file, "--channels", "Ana, Ben", "--json", str(out), "--labels", str(tmp_path / "talk.vtt")]
    done = CliRunner().invoke(cli, [*asked, "--store", "--db", db])
    assert done.exit_code == 0, done.output
    values = json.loads(out.read_text(encoding="utf-8"))
    assert values["people"] == ["Ana", "Ben"] and {row["person"] for row in values["final"]["speech"]} == {"Ana", "Ben"}
    assert "<v Ana>" in (tmp_path / "talk.vtt").read_text(encoding="utf-8")
    shown = CliRunner().invoke(cli, ["review", "--json", "--db", db])
    assert [one["name"] for one in json.loads(shown.output)["people"]] == ["Ana", "Ben"]
    with facilitator.open(db) as kept:
        assert kept.session().summary.person("Ben").share == pytest.approx(
            next(one["share"] for one in values["figures"] if one["name"] == "Ben"), abs=1e-3
        )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--channels", "Ana,,Ben"], "a name for each channel"),
        (["--channels", "Ana, Ben", "--explain"], "leave it out with --channels"),
        (["--channels", "Ana, Ben", "--people", "2"], "who is who already"),
        (["--channels", "Ana, Ben, Carla"], "has 2 channels, and there are names for 3"),
    ],
)
def test_the_command_says_what_to_do(tmp_path: Path, options: list[str], sentence: str) -> None:
    sf.write(tmp_path / "talk.wav", np.zeros((RATE, 2)), RATE)
    done = CliRunner().invoke(cli, ["analyze", str(tmp_path / "talk.wav"), *options])
    assert done.exit_code == 2 and sentence in " ".join(done.output.split())


def test_it_does_not_matter_how_the_sound_is_cut() -> None:
    sound = mixed([("ana-2", 0.5), ("ben-4", 5.0)], ["Ana", "Ben"]).sound

    def moments(size: int) -> object:
        listener = ChannelListener([LoudnessDetector(), LoudnessDetector()])
        for first in range(0, len(sound), size):
            listener.hear(sound[first : first + size])
        return channel_speech(listener.moments()).heard(["Ana", "Ben"], 0)

    assert moments(1600) == moments(777) == moments(len(sound))


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.3])
def test_next_to_nothing_is_nobodys(seconds: float) -> None:
    listener = ChannelListener([LoudnessDetector(), LoudnessDetector()])
    listener.hear(np.stack([clip("ana-1")[: int(seconds * RATE)]] * 2, axis=1))
    assert all(not fact.people for fact in channel_speech(listener.moments()).heard(["Ana", "Ben"], 0))
