"""The live state through a broker of MQTT: the same lines, to this computer unless that was said plainly."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.commands.session.live_mqtt import LOGIN, TOPIC, BrokerPlace, MqttLines, parse_place
from facilitator.errors import UsageError
from facilitator.terminal.live_lines import LiveLines, state
from tests.commands.test_live_lines import ROOT, rule
from tests.page.test_page_parts import snapshot
from tests.support.mqtt_peer import Peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.close()


def place(peer: Peer) -> BrokerPlace:
    return parse_place(f"localhost:{peer.port}/table-2", elsewhere=False)


def test_each_change_is_a_message_that_nobody_keeps(peer: Peer) -> None:
    lines = MqttLines(place(peer), rule(), names=False)
    first, then = snapshot(), replace(snapshot(), paused=True)
    lines.show(first)
    lines.show(first)
    lines.show(then)
    told = peer.wait(2)
    lines.close()
    assert peer.ended.wait(5)
    assert {topic for topic, _, _ in told} == {"table-2"}
    assert not any(kept for _, _, kept in told), "a broker that kept it would tell it to whoever comes later"
    expected = [state(one, rule(), names=False) for one in (first, then)]
    # How things are is told once more as the connection comes about, whenever that is.
    assert [json.loads(text) for text, _ in groupby(text for _, text, _ in told)] == expected
    assert "Ana" not in "".join(text for _, text, _ in told)


def test_a_broker_that_comes_back_hears_how_things_are(peer: Peer) -> None:
    lines = MqttLines(place(peer), rule(), names=True)
    lines.show(snapshot())
    peer.wait(1)
    peer.cut()
    told = peer.wait(2, 20)
    lines.close()
    assert told[-1] == told[0] and '"name": "Ana"' in told[0][1]


def test_a_broker_that_asks_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = Peer(login=b"secret")
    try:
        lines = MqttLines(place(peer), rule(), names=False)
        lines.show(snapshot())
        for _ in range(100):
            if told := lines.trouble():
                break
            time.sleep(0.05)
        assert told and LOGIN in told and lines.trouble() is None
        lines.close()
        monkeypatch.setenv(LOGIN, "table:secret")
        lines = MqttLines(place(peer), rule(), names=False)
        lines.show(snapshot())
        peer.wait(1)
        lines.close()
    finally:
        peer.close()


def test_nothing_leaves_this_computer_unless_that_is_said() -> None:
    for here in ("localhost", "127.0.0.1", "LOCALHOST:1884", "127.8.8.8/x/y", "[::1]", "::1", "[::1]:1884/x"):
        assert parse_place(here, elsewhere=False).is_here, here
    assert parse_place("localhost:1884/home/table", elsewhere=False) == BrokerPlace(
        host="127.0.0.1", port=1884, topic="home/table"
    )
    for away in ("192.168.1.5", "homeassistant.local", "broker.example:1884", "0.0.0.0"):
        with pytest.raises(UsageError, match="would leave this computer"):
            parse_place(away, elsewhere=False)
        assert not parse_place(away, elsewhere=True).is_here


WRONG = [
    "",
    "localhost:0",
    "localhost:99999",
    "localhost:x",
    "localhost:²",
    "[::1]x",
    "[::1]:",
    ":1883",
    "localhost/a/#",
    "localhost/+",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_place_that_is_none(wrong: str) -> None:
    with pytest.raises(UsageError, match="write it as HOST"):
        parse_place(wrong, elsewhere=True)


def test_no_broker_is_one_sentence_before_anything_begins(peer: Peer, tmp_path: Path) -> None:
    gone = place(peer)
    peer.close()
    with pytest.raises(UsageError, match=r"No MQTT broker answers at 127\.0\.0\.1"):
        MqttLines(gone, rule(), names=False)
    words = ["start", "--people", "Ana, Ben", "--yes", "--timer-only", "--db", str(tmp_path / "a.db")]
    done = CliRunner().invoke(cli, [*words, "--mqtt", "broker.example"])
    assert done.exit_code == 2 and "would leave this computer" in " ".join(done.output.split())
    assert CliRunner().invoke(cli, [*words, "--mqtt-elsewhere"]).exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="sockets in files")
def test_the_key_of_a_stream_deck_shows_who_has_the_floor(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    lines = LiveLines(f"unix:{path}", rule(), names=True)
    command = [sys.executable, str(ROOT / "examples" / "stream_deck.py"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as deck:
        assert deck.stdout is not None
        while not lines._out._readers:  # type: ignore[union-attr]
            lines.show(replace(snapshot(), floor="Ana", floor_left_ms=90_000))
        assert deck.stdout.readline() == "#206040 Ana 1:30\n"
        lines.show(replace(snapshot(), floor="Ana", floor_left_ms=-7_000))
        assert deck.stdout.readline() == "#902020 Ana 0:07\n"
        lines.show(replace(snapshot(), floor="Ana", paused=True))
        assert deck.stdout.readline() == "#3050a0 pause\n"
        lines.close()
        deck.send_signal(signal.SIGINT)
    assert deck.returncode == 0


def test_what_home_assistant_is_to_read_is_what_is_told() -> None:
    text = (ROOT / "examples" / "home_assistant.yaml").read_text(encoding="utf-8")
    told = state(snapshot(), rule(), names=False)
    asked = set(re.findall(r"value_json\.(\w+)", text))
    assert asked and asked <= told.keys()
    assert set(re.findall(r"state_topic: (\S+)", text)) == {TOPIC}
