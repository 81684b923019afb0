"""`facilitator audit` finds what there is, and what should not be."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.system import audit, doctor, own_files
from tests.store.test_people import keep
from tests.support.recorded_table import TABLE
from tests.whole.test_offline import Guarded


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of somebody who has just begun, and who works in another folder."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("facilitator.resources.paths.data_folder", lambda: tmp_path / "share" / "facilitator")
    for folder in ("work", "temporary"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "share" / "facilitator"


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *words, "--db", str(path)])


def test_nothing_has_been_written(data: Path) -> None:
    told = run(data / "sessions.db")
    assert told.exit_code == 0
    assert "No session is stored." in told.output
    assert not data.exists()


def test_everything_is_told(data: Path) -> None:
    path = data / "sessions.db"
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    told = run(path)
    assert told.exit_code == 0, told.output
    assert "1 session from 2 January 2026 to 2 January 2026, with 2 people" in told.output
    assert "only you may read it" in told.output or sys.platform == "win32"
    assert "others may read it" not in told.output
    assert told.output.endswith("All is as it should be.\n")
    found = json.loads(run(path, "--json").output)
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    assert {table["name"]: table["rows"] for table in found["tables"]} == counts
    assert all(table["what"] and table["what"] != audit.OTHER for table in found["tables"])
    assert {file["path"] for file in found["files"]} >= {str(data), str(path)}


def test_what_should_not_be_is_found(data: Path) -> None:
    path = data / "sessions.db"
    keep(path, ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    (data / "left.bin").write_bytes(b"RIFF....WAVE")
    (data / "facilitator-session-20260101-000000.jsonl").write_text("{}", encoding="utf-8")
    (Path.cwd() / "facilitator-session-20260102-000000.jsonl").write_text("{}", encoding="utf-8")
    for folder in own_files.rescue_folders():  # wherever a session is saved that could not be stored
        (folder / "facilitator-session-20260103-000000.jsonl").write_text("{}", encoding="utf-8")
    (data / "sessions-recovered.db").write_bytes(b"")
    (data / "facilitator-salvage-killed").mkdir()
    (data / "facilitator-salvage-killed" / "copy.db").write_bytes(b"")
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE photos (name TEXT, picture BLOB)")
    if sys.platform != "win32":
        path.chmod(0o644)
    told = run(path)
    assert told.exit_code == 1
    assert "left.bin looks like a recording" in told.output
    assert told.output.count(audit.SAVED) == 2 + len(own_files.rescue_folders()) == 6
    assert told.output.count(audit.RECOVERED) == told.output.count(audit.HALF_RECOVERED) == 1
    assert "The table photos was not made by this program" in told.output
    assert "The column picture of photos may hold sound" in told.output
    assert "Sound: see below." in told.output
    if sys.platform != "win32":
        assert f"chmod 600 {path}" in told.output


def test_what_a_package_left_behind_is_named_and_deleted_when_asked(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(data.parent / "cache"))
    folder = data.parent / "cache" / "Microsoft" / "DeveloperTools" / ".onnxruntime"
    folder.mkdir(parents=True)
    left = [folder / name for name in ("deviceid", "onnxruntime.db", "onnxruntime.db-wal")]
    for path in left:
        path.write_bytes(b"4d36e96e")
    (folder.parent / "somebody else's").touch()
    told = run(data / "sessions.db")
    assert told.exit_code == 1
    assert all(f"{path}: a device id" in told.output for path in left)
    assert re.search(r"facilitator audit --db \S+ --tidy", told.output)
    (finding,) = doctor.check_left_behind()
    assert finding.state == "warn" and str(left[0]) in finding.what and "audit --tidy" in (finding.fix or "")

    refused = CliRunner().invoke(cli, ["audit", "--tidy"], input="\n")
    assert "Nothing was deleted" in refused.output and all(path.exists() for path in left)
    assert CliRunner().invoke(cli, ["audit", "--yes"]).exit_code == 2
    assert CliRunner().invoke(cli, ["audit", "--tidy"], input="y\n").exit_code == 0
    assert not folder.exists()
    assert (folder.parent / "somebody else's").exists()
    assert run(data / "sessions.db").exit_code == 0
    assert "Nothing was left" in CliRunner().invoke(cli, ["audit", "--tidy", "--yes"]).output
    assert next(iter(doctor.check_left_behind())).state == "ok"


def test_what_the_voice_of_a_killed_run_said_is_named_and_deleted(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    folder = tmp_path / f"facilitator-voice-{int(ended.stdout)}-abc"

    def leave() -> None:
        folder.mkdir()
        (folder / "1.wav").write_bytes(b"RIFF....WAVE")

    leave()
    told = run(data / "sessions.db")
    assert told.exit_code == 1 and str(folder / "1.wav") in told.output and "Sound: see below" in told.output
    assert CliRunner().invoke(cli, ["audit", "--tidy", "--yes"]).exit_code == 0
    assert not folder.exists()
    assert run(data / "sessions.db").exit_code == 0

    leave()
    keep(data / "sessions.db", ("Ana", "Ben"), "2026-01-02T03:04:05+00:00")
    forgotten = CliRunner().invoke(cli, ["forget", "Ana", "--yes", "--db", str(data / "sessions.db")])
    assert forgotten.exit_code == 0 and str(folder) in forgotten.output
    assert not folder.exists()


def test_only_what_fetches_models_can_reach_further_than_this_computer() -> None:
    """A new file that uses the network is to be explained in `audit.REACHES`."""
    found, looked = audit._network()
    assert looked > 100
    assert "facilitator.models.fetch" in {reach.module for reach in found}
    assert all(reach.why != "look at it" for reach in found)
    why = {reach.module: reach.why for reach in found}
    assert "only with start --share" in why["facilitator.page.server"]
    assert "sends nothing" in why["facilitator.page.networks"]


@pytest.mark.slow
def test_none_of_these_commands_reaches_the_network(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    db = ("--db", str(guarded.work / "sessions.db"))
    guarded.facilitator("demo", "--fast", "--script", str(TABLE), *db)
    for words in (["trends"], ["people"], ["audit"], ["people", "rename", "Ana", "Anna"], ["forget", "Ben", "--yes"]):
        assert guarded.facilitator(*words, *db)
    assert guarded.noted("network") == []
