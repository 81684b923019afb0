"""The log for who looks for a fault: what is in it, and that no name and no word that somebody said ever is."""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.backends.audio.portaudio import told
from facilitator.cli import COMMANDS, cli
from facilitator.core import events as e
from facilitator.errors import UsageError
from facilitator.runtime import no_log
from facilitator.system import field_log
from facilitator.system.audit import LOG
from tests.commands.test_cli import facilitator, home
from tests.support.recorded_table import TABLE

__all__ = ["home"]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What a log sets in this process is taken back."""
    loggers = [logging.getLogger(name) for name in (None, field_log.OWN, "uvicorn")]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    yield
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers
    threading.excepthook, sys.excepthook = threading.__excepthook__, sys.__excepthook__


def words_of(db: Path) -> tuple[set[str], set[str]]:
    """Everyone's names, and every text that the session kept: what was said, noted and asked."""
    with sqlite3.connect(db) as base:
        names = {name for (name,) in base.execute("SELECT name FROM people")}
        bodies = [json.loads(body) for (body,) in base.execute("SELECT body FROM events")]
    texts = {value for body in bodies for key, value in body.items() if key in ("text", "aloud", "message") and value}
    return names, texts


def test_a_session_is_told_without_names_and_words(home: Path) -> None:
    log, db = home / "field.log", home / "x.db"
    done = facilitator("demo", "--fast", "--script", str(TABLE), "--db", str(db), "--log", str(log))
    assert done.returncode == 0, done.stderr
    written = log.read_text(encoding="utf-8")
    names, texts = words_of(db)
    assert len(names) >= 3 and len(texts) >= 20
    assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", written)]
    assert not [text for text in texts if text in written]
    for known in ("PromptEnded", "StageStarted kind=opening", "SessionEnded reason=", "numpy", "threads: ", "store"):
        assert known in written, known
    assert str(home) not in written, "a path holds the name of who uses the computer"


def test_only_the_owner_may_read_it_and_audit_knows_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = home / "field.log"
    monkeypatch.setenv(no_log.SETTING, str(log))
    assert facilitator("formats", "list").returncode == 0
    if sys.platform != "win32":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
    found = json.loads(facilitator("audit", "--json").stdout)
    assert [file["what"] for file in found["files"] if file["path"] == str(log)] == [LOG]
    assert not [problem for problem in found["problems"] if "field.log" in problem]


def test_a_command_that_cannot_be_loaded_is_in_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package is missing, say. Every command is loaded only when it is used, so each can fail by itself."""
    log = home / "field.log"
    monkeypatch.setenv(no_log.SETTING, str(log))
    code = (
        "import sys\n"
        "from contextlib import suppress\n"
        "from facilitator.cli import COMMANDS, main\n"
        "for name, (place, _) in COMMANDS.items():\n"
        "    sys.modules['facilitator.commands.' + place.partition(':')[0]] = None\n"
        "    with suppress(SystemExit):\n"
        "        main([name])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr
    written = log.read_text(encoding="utf-8")
    assert written.count("the command has failed\n    ModuleNotFoundError\n") == len(COMMANDS)
    assert "facilitator/cli.py" in written


def test_without_it_nothing_is_written_and_nothing_reaches_the_terminal() -> None:
    code = (
        "import logging; from facilitator.cli import cli\n"
        "try: cli(['formats', 'list'])\n"
        "except SystemExit: pass\n"
        "for name in ('uvicorn.error', 'websockets.server', 'asyncio'): logging.getLogger(name).error('it fell over')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == "" and "fell over" not in done.stdout


def test_what_others_log_is_taken_without_what_they_put_into_it(tmp_path: Path) -> None:
    log = tmp_path / "field.log"
    field_log.begin(log)
    logging.getLogger("uvicorn.error").error("%s sent what is no request", "Zebulon")
    logging.getLogger("websockets.server").info("Zebulon said something")
    try:
        raise ValueError("Zebulon is no number")
    except ValueError:
        logging.getLogger("facilitator.page.server").exception("it has failed")
    written = log.read_text(encoding="utf-8")
    assert "%s sent what is no request" in written
    assert "ValueError" in written and re.search(r"test_field_log\.py:\d+ test_what_others", written)
    assert "Zebulon" not in written


def test_a_thread_that_fails_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "field.log"
    field_log.begin(log)

    def fails() -> None:
        raise RuntimeError("Zebulon")

    thread = threading.Thread(target=fails, name="words")
    hook = threading.excepthook
    thread.start()
    thread.join()
    assert hook is threading.excepthook
    written = log.read_text(encoding="utf-8")
    assert "words" in written and "RuntimeError" in written and "Zebulon" not in written


def test_no_field_that_is_told_holds_a_person_or_a_word() -> None:
    private = {"person", "people", "by", "over", "text", "aloud", "message", "value", "label", "owner", "enrolled"}
    assert not {field for fields in field_log.TOLD.values() for field in fields} & private
    assert not {e.Dictated, e.PhraseHeard, e.Rated, e.SelfRated, e.Agreed, e.Say, e.Heard} & set(field_log.TOLD)


def test_of_a_device_only_what_any_device_may_be_called() -> None:
    device = {"index": 3, "max_input_channels": 1, "max_output_channels": 0, "default_samplerate": 24_000.0}
    line = told({**device, "name": "Zebulon’s AirPods Pro"}, "input", 16_000, 1)
    assert line == "input 3 “… AirPods Pro” (1 in, 0 out, 24000 Hz) at 16000 Hz, 1 channels"
    assert "USB Audio" in told({**device, "name": "USB Audio (hw:1,0)"}, "input", 16_000, 1)


def test_nothing_of_somebody_elses_is_overwritten(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary", encoding="utf-8")
    with pytest.raises(UsageError, match=r"is there already and is no log"):
        field_log.begin(diary)
    assert diary.read_text(encoding="utf-8") == "Dear diary"
    done = CliRunner().invoke(cli, ["doctor", "--log", str(tmp_path / "nowhere" / "field.log")])
    assert done.exit_code == 2 and "choose another place" in done.output


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="devices and pipes in the file system")
@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_what_is_no_file_is_refused_and_left_as_it_is(tmp_path: Path, kind: str) -> None:
    place = {"device": Path("/dev/full"), "pipe": tmp_path / "pipe", "folder": tmp_path}[kind]
    os.mkfifo(tmp_path / "pipe", 0o644)
    before = place.stat().st_mode
    with pytest.raises(UsageError, match="is no file"):
        field_log.begin(place)
    assert place.stat().st_mode == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_leaves_lines_out_and_the_terminal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field_log, "_private", lambda _name, flags: os.open("/dev/full", flags))
    (tmp_path / "log").touch()
    field_log.begin(tmp_path / "log")
    logging.getLogger("facilitator").warning("a line")
    assert capsys.readouterr() == ("", "")


def test_a_second_run_is_written_after_the_first(tmp_path: Path) -> None:
    log = tmp_path / "field.log"
    field_log.begin(log)
    field_log.begin(log)
    written = log.read_text(encoding="utf-8")
    assert written.count(field_log.MARK) == 1 and written.count("packages: ") == 2
