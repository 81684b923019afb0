"""The scripts of the page without a browser: their pure parts under node, and what they take the program to tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.discussion import Discussion
from facilitator.page.state import Around, moment
from facilitator.report.output.summary_json import to_json
from tests.support.simulation import NAMES, play, setup

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "facilitator" / "page" / "static"
MESSAGES = (STATIC / "shared" / "messages.d.ts").read_text(encoding="utf-8")


def lacking(reason: str) -> None:
    """Skip, with the reason; in CI, where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def succeeds(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_the_pure_parts() -> None:
    if shutil.which("node") is None:
        lacking("the scripts' own tests need node: apt-get install -y nodejs")
    tests = sorted((ROOT / "tests" / "page" / "scripts").glob("*.test.js"))
    assert len(tests) >= 4
    succeeds("node", "--test", *map(str, tests))


@pytest.mark.parametrize("check", ["types", "lint"])
def test_types_and_style(check: str) -> None:
    if shutil.which("npm") is None or not (ROOT / "node_modules").is_dir():
        lacking("the scripts' types and style are checked by what `npm ci` installs")
    succeeds("npm", "run", "--silent", check)


def test_every_script_asks_to_be_checked() -> None:
    scripts = [*STATIC.rglob("*.js"), *(ROOT / "tests" / "page" / "scripts").rglob("*.js")]
    assert len(scripts) > 20
    assert not [path.name for path in scripts if not path.read_text(encoding="utf-8").startswith("// @ts-check\n")]


def fields(interface: str) -> set[str]:
    """What the scripts take a message of this kind to hold."""
    found = re.search(rf"^export interface {interface} {{\n(.*?)^}}", MESSAGES, flags=re.M | re.S)
    assert found, interface
    return set(re.findall(r"^  (\w+)\??:", found[1], flags=re.M))


def test_the_program_tells_what_the_scripts_take_it_to_tell() -> None:
    snapshot = Discussion(setup(NAMES[:3])).snapshot()
    told = moment(snapshot, Around(airtime=AirtimeRule(now="shown", aims={})))
    assert set(told) == fields("Session")
    assert set(told["people"][0]) == fields("Seat")


def test_a_summary_holds_what_the_scripts_show_of_it() -> None:
    (person, *_) = to_json(play(3).discussion.summary())["people"]
    assert fields("SummaryPerson") <= set(person)
