"""The Tab key: in the real shells, as somebody types."""

from __future__ import annotations

import os
import select
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import facilitator
from facilitator.cli import cli
from facilitator.store.people import People
from facilitator.store.session_log import Store
from tests.support.evening import evening
from tests.support.needed import needed

if os.name == "posix":
    import pty

SHELLS = {
    "bash": ("--norc", "--noprofile", 'eval "$(facilitator completion bash)"; PS1="@""> "'),
    "zsh": ("-f", 'autoload -U compinit && compinit -u -D; eval "$(facilitator completion zsh)"; PS1="@""> "'),
    "fish": ("--no-config", 'facilitator completion fish | source; function fish_prompt; echo "@""> "; end'),
}
"""How each is started without anybody's own settings, and what is typed first. PROMPT is shown from then on."""
PROMPT = b"@> "
ROOT = Path(facilitator.__file__).parent.parent
STAND_IN = """#!/bin/sh
[ "$1" = completion ] || [ -n "$_FACILITATOR_COMPLETE" ] && exec {python} -m facilitator "$@"
for word in "$@"; do echo "$word"; done > {told}.new; mv {told}.new {told}
"""
"""The program: asked by the shell it is itself, else it notes what it was given."""


@pytest.fixture
def typed(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], list[str]]]:
    """What the program is given when this, Tab and Enter are typed."""
    shell, (*options, first) = request.param, SHELLS[request.param]
    needed(None if shutil.which(shell) else f"{shell} is not installed: apt-get install -y {shell}")
    told, program = tmp_path / "told", tmp_path / "bin" / "facilitator"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=shlex.quote(sys.executable), told=shlex.quote(str(told))))
    program.chmod(0o755)
    (tmp_path / "talk.wav").touch()
    with Store.open(tmp_path / "facilitator" / "sessions.db") as store:
        evening(store, "en")
    with People.open(tmp_path / "facilitator" / "sessions.db") as people:
        people.rename("Carla", "Carla Rosa", merge=False)
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "FACILITATOR_DATA"), str(tmp_path))
    env = {
        **os.environ,
        **homes,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "TERM": "dumb",
        "PYTHONPATH": str(ROOT),
    }
    child, keyboard = pty.fork()
    if not child:
        os.chdir(tmp_path)
        os.execvpe(shell, [shell, *options], env)

    def what_comes(line: str) -> list[str]:
        told.unlink(missing_ok=True)
        os.write(keyboard, f"{line}\t\r".encode())
        return wait()

    def wait() -> list[str]:
        shown, until = b"", time.monotonic() + 60
        while not told.exists() or PROMPT not in shown:
            assert time.monotonic() < until, shown
            if select.select([keyboard], [], [], 0.05)[0]:
                shown = (b"" if not told.exists() else shown) + os.read(keyboard, 65_536)
        return told.read_text(encoding="utf-8").splitlines()

    try:
        os.write(keyboard, f"{first}; facilitator ready\r".encode())
        assert wait() == ["ready"]
        yield what_comes
    finally:
        os.kill(child, 9)
        os.close(keyboard)
        os.waitpid(child, 0)


@pytest.mark.skipif(os.name != "posix", reason="these shells")
@pytest.mark.parametrize("typed", SHELLS, indirect=True)
def test_each_shell_finishes_commands_options_and_values(typed: Callable[[str], list[str]]) -> None:
    for line, found in {
        "facilitator rev": ["review"],
        "facilitator start --form": ["start", "--format"],
        "facilitator --format rou": ["--format", "round-robin"],
        "facilitator start --format=rou": ["start", "--format=round-robin"],
        "facilitator --language k": ["--language", "ko"],
        "facilitator forget Ca": ["forget", "Carla Rosa"],
        'facilitator --people "Ana, Ca': ["--people", "Ana, Carla Rosa"],
        "facilitator start --audio=ta": ["start", "--audio=talk.wav"],
    }.items():
        assert typed(line) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("facilitator re", {"review", "replay", "recover"}),
        ("facilitator --peo", {"--people"}),
        ("facilitator start --format rou", {"round-robin"}),
        ("facilitator --format rou", {"round-robin"}),
        ("facilitator --language d", {"de"}),
        ("facilitator formats sh", {"show"}),
    ],
)
def test_the_shell_is_told_all_that_could_come(line: str, found: set[str]) -> None:
    words = line.split()
    env = {"_FACILITATOR_COMPLETE": "bash_complete", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    told = CliRunner().invoke(cli, [], env=env, prog_name="facilitator").stdout
    assert {row.partition(",")[2] for row in told.splitlines()} == found
