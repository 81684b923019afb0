"""The measuring programs: their own arithmetic, and that each can be asked for help."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.accuracy import hearing as scoring
from benchmarks.accuracy import table
from benchmarks.rivals import NAMES, Missing, open_rival
from benchmarks.rivals.ge2e import FRAMES, first_frames
from benchmarks.rivals.matching import assignment, named_by_truth
from benchmarks.rivals.rows import Row, as_json, runs
from benchmarks.speed import picture
from facilitator.core.events import Heard
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.speaker.local_speakers import speaking

HERE = Path(__file__).parents[1]
BENCHMARKS = HERE.parent / "benchmarks"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    "name",
    [
        "accuracy/conditions",
        "accuracy/hearing",
        "accuracy/intervals",
        "accuracy/trends",
        "accuracy/trends_verdicts",
        "accuracy/words",
        "fuzz",
        "soak",
        "speed/commands",
        "speed/page",
        "speed/picture",
        "speed/review_page",
        "speed/speed",
    ],
)
def test_each_says_what_it_does(name: str) -> None:
    path = BENCHMARKS / f"{name}.py"
    asked = [sys.executable, str(path), "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "Usage:" in told and f"python {path.relative_to(BENCHMARKS.parent).as_posix()}" in told


# --- matching ---


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10_000))
def test_no_other_assignment_is_better(rows: int, columns: int, seed: int) -> None:
    gain = np.random.default_rng(seed).integers(-5, 6, (rows, columns)).astype(float)
    found = assignment(gain)
    taken = [column for column in found if column >= 0]
    assert len(found) == rows and len(taken) == len(set(taken)) == min(rows, columns)
    wide, turned = (gain, False) if rows <= columns else (gain.T, True)
    best = max(sum(wide[r, c] for r, c in enumerate(way)) for way in permutations(range(wide.shape[1]), len(wide)))
    assert sum(gain[row, column] for row, column in enumerate(found) if column >= 0) == best, turned


def test_clusters_get_the_names_that_suit_them_best_after_the_opening() -> None:
    truth = {
        "people": ["Ana", "Ben"],
        "scored_from": 5.0,
        "speech": [
            {"person": "Ben", "start": 0.0, "end": 4.0},
            {"person": "Ana", "start": 5.0, "end": 9.0},
            {"person": "Ben", "start": 9.0, "end": 12.0},
            {"person": "a stranger", "start": 12.0, "end": 14.0},
        ],
    }
    rows = [
        Row(person="0", start_s=0.0, end_s=9.0),
        Row(person="1", start_s=9.0, end_s=12.0),
        Row(person="2", start_s=12.0, end_s=14.0),
        Row(person="3", start_s=13.5, end_s=14.0),
    ]
    assert [row.person for row in named_by_truth(rows, truth)] == ["Ana", "Ben", "guest", None]
    assert as_json(named_by_truth(rows, truth))[3] == {"person": "guest", "start": 13.5, "end": 14.0}
    assert named_by_truth([], truth) == []


# --- rivals ---


def test_steps_become_rows_of_each_person() -> None:
    speaks = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [1, 0]], bool)
    assert runs(speaks, ["Ana", None], 0.5) == [
        Row(person="Ana", start_s=0.0, end_s=1.0),
        Row(person=None, start_s=0.5, end_s=1.5),
        Row(person="Ana", start_s=2.0, end_s=2.5),
    ]


@pytest.mark.parametrize("seconds", [0.5, 1.6, 3.0, 9.97])
def test_partial_windows_cover_the_sound(seconds: float) -> None:
    firsts = first_frames(int(seconds * RATE), 1.3)
    assert firsts[0] == 0 and all(b - a == 77 for a, b in pairwise(firsts))
    assert (firsts[-1] + FRAMES) / 100 >= seconds - 0.25 * FRAMES / 100


def test_a_local_speaker_speaks_alone_or_with_another() -> None:
    chances = np.array([[0.1, 0.2, 0.0, 0.0, 0.3, 0.4, 0.0]], np.float16)
    both, alone = speaking(chances.astype(np.float32))
    assert both[0] == pytest.approx([0.9, 0.3, 0.4], abs=1e-3)
    assert alone[0] == pytest.approx([0.2, 0.0, 0.0], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("encoder", "benchmarks.rivals.ge2e"),
        ("windows", "benchmarks.rivals.ge2e"),
        ("campplus", "facilitator models install voice-encoder"),
    ],
)
def test_a_rival_without_its_model_says_so(name: str, wanted: str, tmp_path: Path) -> None:
    with pytest.raises(Missing, match=wanted):
        open_rival(name, tmp_path)


def test_without_vosks_models_the_miniature_ones_are_used_and_named(tmp_path: Path) -> None:
    clips = {who: [f"{who}-chores", f"{who}-monday", f"{who}-tomatoes"] for who in ("m5", "f3")}

    def said(names: list[str]) -> NDArray[np.float32]:
        parts = [
            soundfile.read(HERE / "data" / "sounds" / "words" / f"{name}.flac", dtype="float32")[0] for name in names
        ]
        return np.concatenate([np.pad(part, (0, RATE // 2)) for part in parts])

    rival = open_rival("xvector", tmp_path)
    voices = {who: said(names) for who, names in clips.items()}
    assert "miniature" in rival.title
    rows = rival.hear(np.concatenate(list(voices.values())), voices, 2)
    change_s, long_s = len(voices["m5"]) / RATE, sum(map(len, voices.values())) / RATE
    assert rows and all(0 <= row.start_s < row.end_s <= long_s for row in rows)
    assert {row.person for row in rows} <= {"m5", "f3", None}
    right_s = sum(r.end_s - r.start_s for r in rows if r.person == ("m5" if r.start_s < change_s - 0.1 else "f3"))
    assert right_s > 0.6 * sum(row.end_s - row.start_s for row in rows)


def test_only_rivals_that_there_are(tmp_path: Path) -> None:
    assert list(scoring.rivals_of("none", tmp_path)) == []
    with pytest.raises(click.UsageError, match=", ".join(NAMES)):
        list(scoring.rivals_of("nobody", tmp_path))


# --- figures ---


def test_delays_are_those_of_utterances_that_begin_alone() -> None:
    truth = {
        "people": ["Ana", "Ben"],
        "scored_from": 5.0,
        "speech": [
            {"person": "Ana", "start": 1.0, "end": 4.0},
            {"person": "Ana", "start": 6.0, "end": 9.0},
            {"person": "Ben", "start": 8.9, "end": 12.0},
            {"person": "Ana", "start": 9.2, "end": 11.0},
            {"person": "Ben", "start": 20.0, "end": 22.0},
            {"person": "a guest", "start": 30.0, "end": 33.0},
        ],
    }
    told = [
        {"person": "Ana", "start": 6.1, "end": 7.0, "known": 7.1},
        {"person": "Ana", "start": 7.0, "end": 9.0, "known": 6.9},
        {"person": "Ben", "start": 9.0, "end": 12.0, "known": 9.8},
    ]
    waits = scoring.delays(truth, told)
    assert waits == [pytest.approx(0.9), float("inf")]
    assert scoring.percentile([0.5, 0.7, float("inf")], 50) == 0.7
    assert scoring.percentile([0.5, 0.7, float("inf")], 95) == float("inf")


def test_a_line_of_the_table_has_all_its_columns() -> None:
    mean = {"der": 16.52, "confusion": 3.6, "share_mean": 3.94, "share_worst": 6.2, "cut-in": {"f1": 0.618}}
    assert scoring.row_of("this", mean, 0.0456) == "| this | 16.5 | 3.6 | 3.9 | 6.2 | 0.62 | 0.046 |"
    assert {line.count("|") for line in scoring.TABLE_HEAD.splitlines()} == {8}


def test_a_table_talks_as_long_as_asked() -> None:
    pieces = list(table.talk(3, 1.5))
    assert [piece.shape for piece in pieces] == [(RATE // 10, 2)] * 15
    assert len(table.voice(7)) >= table.SAMPLE_S * RATE


# --- picture ---


def heard(start_ms: int, end_ms: int, *people: str, **what: Any) -> Heard:
    return Heard(at_ms=9000, start_ms=start_ms, end_ms=end_ms, people=people, **what)


def test_the_picture_is_whole_and_says_in_words_what_it_shows() -> None:
    people = ["Ana & co", "Ben"]
    truth = [{"person": "Ana & co", "start": 0.0, "end": 4.0}, {"person": "X", "start": 4.0, "end": 6.0}]
    said = picture.stretches(truth, people, 1.0, 10.0)
    assert [(one.person, one.start_s, one.end_s) for one in said] == [("Ana & co", 1.0, 4.0), (picture.GUEST, 4.0, 6.0)]
    facts = [heard(0, 4000, "Ana & co", confidence=0.9), heard(4000, 6000, "Ben", confidence=0.2)]
    unsure = picture.doubts(facts, 1.0, 10.0)
    assert [(one.person, one.start_s) for one in unsure] == [("Ben", 4.0)]
    found = picture.stretches([{"person": "Ben", "start": 4.0, "end": 6.0}], people, 1.0, 10.0)
    root = ElementTree.fromstring(picture.drawn(people, said, found, unsure, 1.0, 10.0))
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"Ana & co", "Ben", picture.GUEST, "100 %", "heard, but not sure", "0:05"} <= set(words)
    assert root.get("role") == "img" and root.get("aria-labelledby") == "title description"
    assert "Ana & co: 100 % in truth, 0 % heard" in root.findtext(f"{SVG}desc", "")
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for bar in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(bar.get(name, "")) for name in ("x", "y", "width", "height"))
        assert x >= 0 and x + w <= width and y >= 0 and y + h <= height


def test_shares_of_nothing_are_nothing() -> None:
    assert picture.shares([], ["Ana"]) == {"Ana": 0.0}
    assert picture.shares([], []) == {}


def test_the_picture_in_the_documentation_is_one() -> None:
    root = ElementTree.parse(HERE.parent / "docs" / "conversation.svg").getroot()
    assert root.tag == f"{SVG}svg" and len(root.findtext(f"{SVG}desc", "")) > 100
