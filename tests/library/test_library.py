"""`import facilitator` from another program: recordings and databases as values, and nothing behind one's back."""

from __future__ import annotations

import dataclasses
import doctest
import json
import os
import re
import subprocess
import sys
from itertools import count, pairwise
from pathlib import Path

import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

import facilitator
from facilitator.core.turntaking.timeline import Tile
from facilitator.hearing.signal.audio import RATE
from facilitator.library import recordings, sessions
from facilitator.store.session_log import Store
from tests.support import notebook
from tests.support.evening import evening
from tests.support.hearing_sounds import clip, joined, room

DOCS = Path(__file__).parents[2] / "docs" / "library.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk")
    said = joined(room(1.0), clip("ana-1"), room(0.5), clip("ben-1"), room(1.0))
    sf.write(path / "talk.wav", said + room(len(said) / RATE + 1, seed=3)[: len(said)], RATE)
    for name in ("ana", "ben"):
        sf.write(path / f"{name}.wav", clip(f"{name}-0"), RATE)
    return path


@pytest.fixture(scope="module")
def talk(folder: Path) -> facilitator.Analysis:
    return facilitator.analyze(folder / "talk.wav", {"Ana": folder / "ana.wav", "Ben": folder / "ben.wav"})


def test_three_lines_from_a_recording_to_a_table(talk: facilitator.Analysis) -> None:
    table = talk.to_dataframe()
    assert list(table["name"]) == ["Ana", "Ben"]
    assert (table["share_low"] <= table["share"]).all() and (table["share"] <= table["share_high"]).all()
    assert talk.to_arrow("speech").num_rows == len(talk.speech) == len(talk.to_dataframe("speech"))
    with pytest.raises(facilitator.UsageError, match="there are people, speech, cut_ins"):
        talk.to_dataframe("words")


def test_json_and_back(talk: facilitator.Analysis) -> None:
    again = facilitator.Analysis.from_json(talk.to_json())
    assert again == talk and again.figures == talk.figures and again.cut_ins == talk.cut_ins
    assert again.to_json() == talk.to_json()


@st.composite
def analyses(draw: st.DrawFn) -> facilitator.Analysis:
    cuts = sorted(draw(st.sets(st.integers(0, 60_000), max_size=12)))
    tiles = [
        Tile(
            a,
            b,
            tuple(sorted(draw(st.sets(st.sampled_from(["Ana", "Ben", "Voice 1"]))))),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(st.integers(0, 1000)) / 1000,
        )
        for a, b in pairwise(cuts)
    ]
    return facilitator.Analysis(
        people=("Ana", "Ben", "Voice 1"), tiles=tuple(tiles), duration_ms=60_000, compute_s=1.5, troubles=("Hm.",)
    )


@given(analyses())
def test_any_analysis_comes_back_from_its_json(one: facilitator.Analysis) -> None:
    again = facilitator.Analysis.from_json(one.to_json())
    assert again == one and again.figures == one.figures


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"version": 1}', '{"version": 2}', "[" * 100_000, '{"version": 1, "people": 3}'],
)
def test_what_is_no_analysis_is_one_sentence(text: str) -> None:
    with pytest.raises(facilitator.UsageError) as raised:
        facilitator.Analysis.from_json(text)
    assert "\n" not in raised.value.message


def test_tiles_out_of_order_are_refused(talk: facilitator.Analysis) -> None:
    values = talk.to_values()
    values["tiles"].reverse()
    with pytest.raises(facilitator.UsageError, match="out of order"):
        facilitator.Analysis.from_json(json.dumps(values))


def test_it_can_be_stopped(folder: Path) -> None:
    asked = count(1)
    with pytest.raises(facilitator.Cancelled):
        facilitator.analyze(folder / "talk.wav", people=2, cancelled=lambda: next(asked) == 3)
    assert next(asked) == 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"people": 0}, "1 to 12"),
        ({"people": 13}, "1 to 12"),
        ({"people": 1, "voices": {"Ana": "ana.wav", "Ben": "ben.wav"}}, "say 2 or more"),
        ({"voices": {"Ana": "ana.wav"}, "names": {"Voice 1": "Ben"}}, "say how many people talk"),
        ({"voices": {"Ana": "nobody.wav"}}, "nobody.wav"),
        ({"voices": {"Ana": "ana.wav"}, "models": "nowhere"}, "nowhere"),
    ],
)
def test_what_does_not_fit_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], sentence: str
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(facilitator.FacilitatorError, match=sentence):
        facilitator.analyze("talk.wav", **options)  # type: ignore[arg-type]


def test_nothing_of_the_process_is_changed(folder: Path) -> None:
    """Neither by the import nor by an analysis: environment, threads, folders, files."""
    asked = """
import json, os, sys, threading
before = dict(os.environ)
import numpy
from threadpoolctl import threadpool_info
pools = lambda: sorted((one["filepath"], one["num_threads"]) for one in threadpool_info())
at_first = pools()
import facilitator
light = "facilitator.pipelines.offline" not in sys.modules
talk = facilitator.analyze("talk.wav", {"Ana": "ana.wav", "Ben": "ben.wav"}, models="models")
print(json.dumps({"env": dict(os.environ) == before, "pools": pools() == at_first, "light": light,
                  "threads": threading.active_count(), "people": talk.people}))
"""
    (folder / "models").mkdir(exist_ok=True)
    there = set(folder.rglob("*"))
    env = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    env |= {"PYTHONPATH": str(Path(facilitator.__file__).parents[1]), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {
        "env": True,
        "pools": True,
        "light": True,
        "threads": 1,
        "people": ["Ana", "Ben"],
    }
    assert set(folder.rglob("*")) == there


def test_the_discussions_of_a_database(tmp_path: Path) -> None:
    db = tmp_path / "sessions.db"
    with Store.open(db) as store:
        evening(store)
    with facilitator.open(db) as found:
        assert len(found) == len(list(found)) >= 1
        past = found.session()
        assert set(past.people) <= set(found.people)
        table = found.to_dataframe()
        assert len(table) == sum(len(one.people) for one in found)
        assert {"session", "began", "format", "name", "share"} <= set(table.columns)
        assert past.to_labels("rttm").startswith(f"SPEAKER session-{past.number} 1 ")
    with pytest.raises(facilitator.StoreError):
        facilitator.open(tmp_path / "none.db")


def test_every_key_of_the_json_is_in_the_documentation(talk: facilitator.Analysis) -> None:
    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return {str(key) for key in value} | {k for inner in value.values() for k in keys(inner)}
        return {k for inner in value for k in keys(inner)} if isinstance(value, list) else set()

    page = DOCS.read_text(encoding="utf-8").split("## The JSON")[1]
    named = set(
        re.findall(r"`([a-z_.-]+)`", page.replace("final.speech", "final` `speech").replace("live.speech", "live"))
    )
    assert keys(talk.to_values()) - {"speech"} <= named


def test_everything_public_is_in_the_documentation() -> None:
    page = DOCS.read_text(encoding="utf-8")
    fields = [field.name for field in dataclasses.fields(facilitator.Analysis) if field.name != "contributions"]
    for name in (*fields, "figures", "speech", "cut_ins", "summary", "to_dataframe", "to_annotation", "to_labels"):
        assert f"`{name}" in page
    assert all(f"`{form}`" in page for form in facilitator.LABEL_FORMS)
    assert all(getattr(facilitator, name) is not None for name in facilitator.__all__)


def test_the_examples_in_the_documentation(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the docstrings and in `docs/library.md` runs as it stands there."""
    monkeypatch.chdir(folder)
    db = tmp_path / "sessions.db"
    with Store.open(db) as store:
        evening(store)
    monkeypatch.setattr(sessions, "database_path", lambda: db)
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for module in (recordings, sessions):
        for test in doctest.DocTestFinder().find(module):
            blocks += ["".join(example.source for example in test.examples)] if test.examples else []
    assert len(blocks) == 4
    scope: dict[str, object] = {"facilitator": facilitator}
    for block in blocks:
        exec(compile(block.replace("session(3)", "session(1)"), "docs/library.md", "exec"), scope)


def test_the_notebook_shows_what_it_prints_now() -> None:
    """Every cell in turn, as Jupyter would run them: the same words, and figures that are nearly the same, as another
    processor may round otherwise. Where they should differ: `python -m tests.support.notebook`."""
    cells = notebook.code_cells()
    with notebook.without_models():
        outputs, names = notebook.run(cells)
    number = re.compile(r"\d+(?:\.\d+)?")
    for cell, found in zip(cells, outputs, strict=True):
        now, then = notebook.shown({"outputs": found}), notebook.shown(cell)
        assert number.sub("0", now).split() == number.sub("0", then).split(), cell["id"]
        assert [float(one) for one in number.findall(now)] == pytest.approx(
            [float(one) for one in number.findall(then)], abs=0.051
        ), cell["id"]
    found_people = names["found"]
    assert isinstance(found_people, facilitator.Analysis) and found_people.people == ("Ana", "Ben")
    assert sum(bool(cell["outputs"]) for cell in cells) >= 3
