"""The live state for other programs: what is in it, who may read it, and that nobody is waited for."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.snapshot import Snapshot
from facilitator.errors import UsageError
from facilitator.terminal import live_lines
from facilitator.terminal.live_lines import LiveLines, own_output, state
from tests.page.test_page_parts import snapshot

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="sockets in files, and named pipes")


def rule(now: Any = "shown") -> AirtimeRule:
    return AirtimeRule(now=now, aims={})


def moment(at_ms: int = 60_000, **changes: Any) -> Snapshot:
    return replace(snapshot(), at_ms=at_ms, **changes)


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return {str(key) for key in value} | {k for inner in value.values() for k in keys(inner)}
    return {k for inner in value for k in keys(inner)} if isinstance(value, list) else set()


def test_every_key_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert keys(state(moment(), rule(), names=True)) <= set(re.findall(r"`([a-z_]+)`", page))


def test_no_name_and_no_airtime_unless_wanted() -> None:
    shown = moment(floor="Ana", speaking=("Ana",), queue=("Ben",))
    told = state(shown, rule("hints"), names=False)
    assert not [person.name for person in shown.people if person.name in json.dumps(told, ensure_ascii=False)]
    assert told["balance"] is None and all(one["share"] is one["airtime_s"] is None for one in told["people"])
    assert (told["floor"], told["speaking"], told["queue"]) == (1, [1], [2])
    told = state(shown, rule(), names=True)
    assert [one["name"] for one in told["people"]] == [person.name for person in shown.people]
    assert 0 < told["balance"] < 1 and told["people"][0]["share"] == pytest.approx(0.6, abs=0.01)
    guessing = state(moment(stage_kind="rate"), rule(), names=False)
    assert guessing["balance"] is None and guessing["people"][0]["share"] is None
    declined = replace(shown.people[0], heard=False)
    assert state(moment(people=(declined, *shown.people[1:])), rule(), names=False)["people"][0]["share"] is None


def test_a_file_grows_by_what_is_new_and_is_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "state.jsonl"
    lines = LiveLines(str(file), rule(), names=False)
    for at_ms in (0, 300, 999, 1_000, 1_001):
        lines.show(moment(at_ms))
    lines.close()
    assert [json.loads(line)["at_s"] for line in file.read_text().splitlines()] == [0, 1]
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


@POSIX
def test_whoever_connects_hears_how_things_are_and_who_sleeps_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    lines = LiveLines(f"unix:{path}", rule(), names=False)
    assert path.stat().st_mode & 0o777 == 0o600
    lines.show(moment(1_000))
    with socket.socket(socket.AF_UNIX) as early, socket.socket(socket.AF_UNIX) as sleeper:
        for one in (early, sleeper):
            one.connect(str(path))
            one.settimeout(10)
        reader = early.makefile(encoding="utf-8")
        lines.show(moment(1_500))
        assert json.loads(reader.readline())["at_s"] == 1
        for at_s in range(2, 3_000):
            lines.show(moment(at_s * 1_000))
            assert json.loads(reader.readline())["at_s"] == at_s
    lines.show(moment(9_000_000))
    lines.close()
    assert not path.exists()
    with pytest.raises(FileNotFoundError), socket.socket(socket.AF_UNIX) as late:
        late.connect(str(path))


@POSIX
def test_a_pipe_may_have_no_reader(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    lines = LiveLines(str(path), rule(), names=False)
    lines.show(moment(1_000))
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lines.show(moment(2_000))
    assert json.loads(os.read(reader, 1 << 16))["at_s"] == 2
    os.close(reader)
    for at_s in range(3, 6):
        lines.show(moment(at_s * 1_000))
    lines.close()


@pytest.mark.parametrize("place", ["{}/none/state", "{}", "/dev/null", "unix:{}/none/s.sock", "unix:{}/" + "x" * 200])
def test_a_place_that_is_none(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError):
        LiveLines(place.format(tmp_path), rule(), names=False)


def test_a_socket_of_a_killed_session_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    LiveLines(f"unix:{path}", rule(), names=False).close()


@POSIX
def test_the_socket_of_a_program_that_runs_is_not_taken_from_it(tmp_path: Path) -> None:
    """Of another session, or of anything else of this computer."""
    path = tmp_path / "s.sock"
    first = LiveLines(f"unix:{path}", rule(), names=False)
    first.show(moment(1_000))
    with pytest.raises(UsageError, match="in use by another program"):
        LiveLines(f"unix:{path}", rule(), names=False)
    datagrams = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(datagrams))
        with pytest.raises(UsageError, match="in use by another program"):
            LiveLines(f"unix:{datagrams}", rule(), names=False)
        assert datagrams.is_socket()
    with socket.socket(socket.AF_UNIX) as reader:
        reader.connect(str(path))
        first.show(moment(2_000))
        assert json.loads(reader.makefile(encoding="utf-8").readline())["version"] == 1
    first.close()


def test_a_file_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    """A database, a recording, somebody's notes, other programs' JSON, in one line or in many."""
    file = tmp_path / "sessions.db"
    ours = b'{"version": 1, "at_s": 3}'
    others: tuple[bytes, ...] = (
        b'{"people": 3}',
        b'{"people": 3}\n',
        b'{\n  "people": 3\n}\n',
        b'{"version": 1, "people": 3}\n' + ours,
    )
    others += (
        b'{"version": 1, "at_\n{"people": 3}\n',
        b"[" + ours + b"]",
        b'{"a":' * 9_000,
        b"\n\n# Notes\n",
        b"\n" * 3_000,
    )
    others += ((b"{\n" * 3_000) + b"[]",)
    for held in (b"SQLite format 3\0", b"RIFF", "Grüße\n".encode(), *others):
        file.write_bytes(held)
        with pytest.raises(UsageError, match="holds something else"):
            LiveLines(str(file), rule(), names=False)
        assert file.read_bytes() == held
    for held in (b"", ours + b"\n", ours, ours[:1], ours[:20], ours[:20] + b"\n" + ours + b"\n"):
        file.write_bytes(held)
        lines = LiveLines(str(file), rule(), names=False)
        lines.show(moment(5_000))
        lines.close()
        assert file.read_bytes().startswith(held) and json.loads(file.read_bytes().splitlines()[-1])["at_s"] == 5


@POSIX
def test_half_a_line_of_one_session_does_not_spoil_the_next_ones_first(tmp_path: Path) -> None:
    """On standard output it is made whole; in a file, where a session broke off, it is ended."""
    code = """
import json, os, sys
from tests.commands.test_live_lines import LiveLines, moment, rule
whole = os.write
for at_ms in (1_000, 2_000):
    lines = LiveLines(sys.argv[1], rule(), names=False)
    if at_ms == 1_000:
        os.write = lambda where, text: whole(where, text[:20])
    lines.show(moment(at_ms))
    os.write = whole
    lines.close()
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    told: list[list[str]] = []
    for place in ("-", str(tmp_path / "state.jsonl")):
        done = subprocess.run(
            [sys.executable, "-c", code, place], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        told.append((done.stdout or (tmp_path / "state.jsonl").read_text(encoding="utf-8")).splitlines())
    assert [json.loads(line)["at_s"] for line in told[0]] == [1, 2]
    assert len(told[1]) == 2 and len(told[1][0]) == 20 and json.loads(told[1][1])["at_s"] == 2


def timed(folder: Path, *more: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """A short session by the clock alone, as somebody would begin it in this folder."""
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    args = ["--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--rounds", "1", "--yes", "--no-page"]
    return subprocess.run(
        [sys.executable, "-m", "facilitator", "start", *args, *more],
        env=env,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
        check=False,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


@POSIX
def test_a_session_tells_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    """And what the examples make of it."""
    file, floor = tmp_path / "state.jsonl", tmp_path / "floor.txt"
    told = ["--events", str(file), "--event-names", "--airtime", "shown"]
    done = timed(tmp_path, "--minutes", "0.1", *told)
    assert done.returncode == 0, done.stderr
    moments = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert moments[-1]["ended"] and not any(one["ended"] for one in moments[:-1])
    assert {1, 2} <= {one["floor"] for one in moments}
    assert [one["name"] for one in moments[0]["people"]] == ["Ana", "Ben"]
    with overlaid(file, floor) as overlay:
        shown(overlay, floor, "")


@POSIX
def test_another_program_behind_a_bar_reads_nothing_else(tmp_path: Path) -> None:
    done = timed(tmp_path, "--minutes", "5 s", "--events", "-")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["ended"] for line in done.stdout.splitlines()][-1] is True
    assert "stage: Turns" in done.stderr and not (tmp_path / "-").exists()


def test_lines_are_not_run_through_what_people_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    own_output.cache_clear()
    live_lines._standard.cache_clear()
    with pytest.raises(UsageError, match="for another program"):
        LiveLines("-", rule(), names=False)


@POSIX
def test_lines_do_not_share_their_way_with_what_people_see(tmp_path: Path) -> None:
    """`2>&1`, and a socket that nobody reads."""
    done = timed(tmp_path, "--events", "-", stderr=subprocess.STDOUT)
    assert done.returncode == 2 and "2>&1" in done.stdout
    near, far = socket.socketpair()
    code = (
        "import os; from facilitator.terminal.live_lines import own_output; print(os.get_blocking(own_output()),"
        " file=__import__('sys').stderr)"
    )
    with near, far:
        asked = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, stdout=near.fileno(), stderr=subprocess.PIPE, text=True, check=True
        )
    assert asked.stderr.strip() == "False"


@POSIX
def test_half_a_line_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, whole = tmp_path / "state.jsonl", os.write
    lines = LiveLines(str(file), rule(), names=False)
    with monkeypatch.context() as during:
        during.setattr(os, "write", lambda where, text: whole(where, text[:20]))
        lines.show(moment(1_000))
    lines.show(moment(2_000))
    lines.close()
    assert [json.loads(line)["at_s"] for line in file.read_text().splitlines()] == [1, 2]


@contextlib.contextmanager
def overlaid(file: Path, floor: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(ROOT / "examples" / "obs_overlay.py"), str(file), str(floor)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as overlay:
        yield overlay
        overlay.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        assert "Traceback" not in overlay.communicate(timeout=30)[1]


def shown(overlay: subprocess.Popen[str], floor: Path, words: str) -> None:
    end_s = time.monotonic() + 30
    while not (floor.exists() and floor.read_text(encoding="utf-8") == words):
        assert time.monotonic() < end_s and overlay.poll() is None
        time.sleep(0.05)


def test_the_overlay_shows_who_has_the_floor_while_it_is_written(tmp_path: Path) -> None:
    """Half a line is waited for, however it comes."""
    file, floor = tmp_path / "state.jsonl", tmp_path / "floor.txt"
    first, second, last = (
        json.dumps(state(moment(1_000, **now), rule(), names=True)) + "\n"
        for now in ({"floor": "Ana", "floor_left_ms": 90_000}, {"floor": None, "paused": True}, {"ended": True})
    )
    with file.open("w", encoding="utf-8") as lines:
        lines.write(first[:40])
        lines.flush()
        with overlaid(file, floor) as overlay:
            evening = ((first[40:] + second[:9], "Ana  1:30"), (second[9:], "A pause"), (last, ""))
            for rest, words in (*evening, (first, "Ana  1:30")):  # and the next evening, into the same file
                time.sleep(0.5)  # it has read what is there
                lines.write(rest)
                lines.flush()
                shown(overlay, floor, words)


@POSIX
@pytest.mark.parametrize(("example", "told"), [("lamp", "#3050a0"), ("stream_deck", "#3050a0 pause")])
def test_half_a_line_turns_no_lamp_off(tmp_path: Path, example: str, told: str) -> None:
    """A session that is killed leaves one; the next one is shown."""
    path = tmp_path / "s.sock"
    whole = json.dumps(state(moment(2_000, paused=True), rule(), names=True)).encode() + b"\n"
    command = [sys.executable, str(ROOT / "examples" / f"{example}.py"), str(path)]
    with socket.socket(socket.AF_UNIX) as table, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as shows:
        assert shows.stdout is not None
        table.settimeout(30)  # one that has died comes back for no second evening
        table.bind(str(path))
        table.listen()
        for evening in (whole[:40], whole):
            reader, _ = table.accept()
            with reader:
                reader.sendall(evening)
        assert shows.stdout.readline().strip() == told
        shows.send_signal(signal.SIGINT)
    assert shows.returncode == 0


@POSIX
def test_the_lamp_turns_warm(tmp_path: Path) -> None:
    """It may be begun before the first session, and stays for the next."""
    path = tmp_path / "s.sock"
    with subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / "lamp.py"), str(path)], stdout=subprocess.PIPE, text=True
    ) as lamp:
        assert lamp.stdout is not None
        time.sleep(0.5)
        for evening in (1, 2):
            lines = LiveLines(f"unix:{path}", rule(), names=False)
            while not lines._out._readers:  # type: ignore[union-attr]
                assert lamp.poll() is None, evening
                lines.show(moment(1_000))
            leaning = lamp.stdout.readline().strip()
            lines.show(moment(2_000, paused=True))
            paused = lamp.stdout.readline().strip()
            lines.close()
        lamp.send_signal(signal.SIGINT)
    assert lamp.returncode == 0
    red, green = int(leaning[1:3], 16), int(leaning[3:5], 16)
    assert 60 < red < 240 and 100 < green < 160
    assert paused == "#3050a0"
