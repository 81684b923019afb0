"""`facilitator start --no-opening`: voices are found while people talk, with no model at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from facilitator.backends.models.silero_activity import best_detector
from facilitator.commands.session.no_opening import without_opening
from facilitator.core.events import Enrolled, Fact, Heard
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.diarization.segments import Passage
from facilitator.hearing.signal.audio import RATE, Block, Samples
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.pipelines.live_discovery import KeptSound, VoiceFinder
from facilitator.resources.prompts import default_prompts
from tests.commands.test_cli import facilitator, home
from tests.support.hearing_sounds import clip, joined, room

__all__ = ["home"]

ORDER = ("ben-0", "ana-0", "ben-1", "ana-1", "ben-2", "ana-2", "ana-3", "ben-3", "ben-4")
PAUSE_S = 0.6


def noisy(sound: Samples, seed: int) -> Samples:
    return sound + room(len(sound) / RATE + 1, seed=seed)[: len(sound)]


def said(*names: str, seed: int = 3) -> Samples:
    return noisy(joined(*(part for name in names for part in (clip(name), room(PAUSE_S)))), seed)


def seconds(person: str, order: tuple[str, ...] = ORDER) -> float:
    return sum(len(clip(name)) / RATE for name in order if name.startswith(person))


def finder(*seats: str, samples: Mapping[str, Samples] | None = None) -> VoiceFinder:
    sources = Sources()
    return VoiceFinder(Listener(best_detector(), [LearnedVoices(sources)]), sources, seats, samples)


def hear(ear: VoiceFinder, sound: Samples, first: int = 0) -> list[Fact]:
    blocks = range(0, len(sound), 1600)
    return [f for k in blocks for f in ear.hear(Block(first_sample=first + k, samples=sound[k : k + 1600, None]))]


def of(facts: list[Fact], start_s: float, end_s: float) -> dict[str, float]:
    """For how long each is told to speak in this part, as first told."""
    found: dict[str, float] = {}
    for fact in facts:
        if isinstance(fact, Heard):
            both = min(fact.end_ms / 1000, end_s) - max(fact.start_ms / 1000, start_s)
            if both <= 0:
                continue
            for name in (*fact.people, *(["unknown"] if fact.unknown else [])):
                found[name] = found.get(name, 0.0) + both
    return found


def test_unknown_until_enough_was_said_then_told_live() -> None:
    ear, sound = finder("Voice 1", "Voice 2"), said(*ORDER)
    facts = hear(ear, sound)
    new = [fact for fact in facts if isinstance(fact, Enrolled)]
    assert [fact.person for fact in new] == ["Voice 1", "Voice 2"] and ear.people == ("Voice 1", "Voice 2")
    known_s = new[0].at_ms / 1000
    assert 45 <= known_s <= 60
    before = of(facts, 0.0, known_s - 2)
    assert before.pop("unknown") > 30 and not before
    last = "ana-1", "ben-1"  # said again, they are known at once
    end_s = len(sound) / RATE
    later = hear(ear, said(*last, seed=8), len(sound))
    middle_s = end_s + len(clip("ana-1")) / RATE
    ana, ben = of(later, end_s + 0.5, middle_s), of(later, middle_s + PAUSE_S, middle_s + 5)
    assert ana.get("Voice 2", 0.0) > 2 * ana.get("Voice 1", 0.0)
    assert ben.get("Voice 1", 0.0) > 2 * ben.get("Voice 2", 0.0)


def test_the_end_goes_over_everything_and_keeps_the_names() -> None:
    ear, sound = finder("Voice 1", "Voice 2"), said(*ORDER)
    hear(ear, sound)
    final = ear.review()
    assert not [fact for fact in final if isinstance(fact, Enrolled)], "nobody new"
    assert all(fact.final for fact in final if isinstance(fact, Heard))
    heard = of(final, 0.0, len(sound) / RATE)
    assert heard["Voice 1"] == pytest.approx(seconds("ben"), rel=0.15)
    assert heard["Voice 2"] == pytest.approx(seconds("ana"), rel=0.15)


def test_a_short_talk_is_told_apart_at_the_end() -> None:
    ear = finder("Voice 1", "Voice 2")
    assert not ear.review()
    sound = said("ana-0", "ben-0", "ana-1")
    assert not [fact for fact in hear(ear, sound) if isinstance(fact, Enrolled)]
    assert [fact.person for fact in ear.review() if isinstance(fact, Enrolled)] == ["Voice 1", "Voice 2"]


def test_a_voice_sample_gives_a_voice_its_name() -> None:
    ear = finder("Ana", "Voice 2", samples={"Ana": noisy(clip("ana-3"), 5)})
    sound = said("ben-0", "ana-0", "ben-1", "ana-1")
    hear(ear, sound)
    heard = of(ear.review(), 0.0, len(sound) / RATE)
    assert heard["Ana"] == pytest.approx(seconds("ana", ("ana-0", "ana-1")), rel=0.2)
    assert heard["Voice 2"] == pytest.approx(seconds("ben", ("ben-0", "ben-1")), rel=0.2)


def test_the_facilitators_own_voice_is_nobodys() -> None:
    ear, sound = finder("Voice 1", "Voice 2"), said("carla-0", "ana-0", "ben-0", "ana-1", "ben-1")
    ear.own_voice(0, int(len(clip("carla-0")) / RATE * 1000))
    hear(ear, sound)
    final = ear.review()
    assert not of(final, 0.0, len(clip("carla-0")) / RATE)
    heard = of(final, 0.0, len(sound) / RATE)
    assert heard["Voice 1"] == pytest.approx(seconds("ana", ("ana-0", "ana-1")), rel=0.2)


def test_kept_sound_is_bounded_and_from_everywhere() -> None:
    kept, second = KeptSound(), np.ones((RATE, 1), np.float32)
    for k in range(3600):
        kept.add(second * (k / 4096), spoken=k % 60 < 50)
    hour = Passage(first_sample=0, end_sample=3600 * RATE)
    pieces = kept.of(hour)
    assert 300 <= sum(len(piece) for piece in pieces) / RATE <= 600
    values = [float(piece[0, 0]) * 4096 for piece in pieces]
    assert values == sorted(values) and values[0] < 120 and values[-1] > 3400
    assert max(b - a for a, b in pairwise(values)) < 60
    part = Passage(first_sample=int(values[3]) * RATE + 800, end_sample=int(values[3]) * RATE + 2400)
    assert [piece.shape for piece in kept.of(part)] == [(1600, 1)]


def test_without_names_nobody_is_called() -> None:
    raw = default_prompts().format("open")
    kinds = [row["kind"] for row in raw["stage"]]
    changed = without_opening(raw, ("Voice 1", "Voice 2"))
    assert [row["kind"] for row in changed["stage"]] == [kind for kind in kinds if kind != "opening"]
    assert next(row for row in changed["stage"] if row["kind"] == "talk")["invite_below"] == 0
    assert not any(row.get("guess") for row in changed["stage"])
    assert [row["kind"] for row in raw["stage"]] == kinds, "a copy"
    known = without_opening(default_prompts().format("round-robin"), ("Ana", "Ben"))
    assert any(row["kind"] == "turns" for row in known["stage"])


# --- as a person starts it ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("no-opening")
    for name, sound in {"talk": said(*ORDER), "ana": noisy(clip("ana-3"), 5), "hush": room(5.0)}.items():
        sf.write(path / f"{name}.wav", sound, RATE)
    return path


def start(home: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return facilitator("start", "--db", str(home / "x.db"), "--no-opening", "--models", str(folder), "--yes", *args)


@pytest.mark.slow
def test_a_whole_session(home: Path, folder: Path) -> None:
    audio = ("--audio", str(folder / "talk.wav"), "--fast", "--people", "2", "--format", "open")
    result = start(home, folder, *audio)
    assert result.returncode == 0, result.stderr
    assert "knows: Voice 1" in result.stdout and "knows: Voice 2" in result.stdout
    assert "stage: Opening" not in result.stdout
    told = facilitator("review", "--db", str(home / "x.db"), "--json")
    people = {person["name"]: person for person in json.loads(told.stdout)["people"]}
    assert list(people) == ["Voice 1", "Voice 2"]
    truth = seconds("ben") / (seconds("ben") + seconds("ana"))
    assert people["Voice 1"]["share"] == pytest.approx(truth, abs=0.06)
    same = facilitator("replay", "--db", str(home / "x.db"))
    assert same.returncode == 0, same.stdout


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        ([], 2, "say how many people are here (--people 4), or give a voice sample of each"),
        (["--people", "Ana, Ben"], 2, "say how many people are here (--people 4), or give a voice sample of each"),
        (["--people", "Ana, Ben", "--voice", "Ana={ana}"], 2, "say how many people are here (--people 4)"),
        (["--voice", "Ana={ana}"], 2, "say how many people are here (--people 4)"),
        (["--people", "1"], 2, "type how many people are here, 2 to 12"),
        (["--people", "2", "--voice", "A={ana}", "--voice", "B={ana}", "--voice", "C={ana}"], 2, "say --people 3"),
        (["--people", "2", "--format", "round-robin"], 2, "Round-robin calls people by name"),
        (["--people", "2", "--timer-only"], 2, "leave --no-opening out"),
        (["--people", "2", "--voice", "Ana={hush}"], 1, "voice sample of Ana is too quiet"),
    ],
)
def test_one_clear_sentence(home: Path, folder: Path, args: list[str], code: int, sentence: str) -> None:
    files = {name: str(folder / f"{name}.wav") for name in ("ana", "hush")}
    heard = [] if "--timer-only" in args else ["--audio", str(folder / "talk.wav"), "--fast"]
    result = start(home, folder, *heard, *(arg.format(**files) for arg in args))
    assert result.returncode == code, result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
