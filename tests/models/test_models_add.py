"""`facilitator models add`: a speech model of one's own, from a package or a folder; looked at, tried out and noted."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from facilitator.backends.models.vosk_listening import kept
from facilitator.errors import PromptsError
from facilitator.models import catalogue
from facilitator.models.unpack import folder_with
from facilitator.pipelines import word_probe
from tests.models.test_models_cli import MINI, Person, person
from tests.support.model_archives import sha256, zipped

__all__ = ["person"]

INFO = {
    "words-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: words\nVersion: 1.0\n",
    "words-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "words-1.0.dist-info/RECORD": b"",
}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is heard when a model is tried out is long; a few seconds do here."""
    sounds = word_probe.other_sounds()
    monkeypatch.setattr(word_probe, "other_sounds", lambda: sounds[10 * 16_000 : 16 * 16_000])


def mini() -> dict[str, bytes]:
    return {path.relative_to(MINI).as_posix(): path.read_bytes() for path in MINI.rglob("*") if path.is_file()}


def wheel(files: dict[str, bytes], shelf: Path) -> bytes:
    data = zipped({**files, "words/__init__.py": b"raise SystemExit", **INFO}, top="")
    (shelf / "words-1.0-py3-none-any.whl").write_bytes(data)
    return data


def test_from_a_package_it_is_found_tried_out_noted_and_used(person: Person) -> None:
    data = wheel({f"words/some/model/{name}": content for name, content in mini().items()}, person.shelf)
    told = person("add", "my-words", "--language", "en", "--package", "words==1.0").output
    assert f"my-words: added, in {person.folder / 'my-words'}" in told and sha256(data) in told
    assert "it hears commands beside the model's own word for everything else, and gave none" in told
    listening = kept(person.folder / "my-words")
    assert listening and listening.way == "unknown" and listening.understood == {"unknown": True}
    (row,) = tomllib.loads((person.folder / catalogue.OWN).read_text(encoding="utf-8"))["model"]
    assert (row["inside"], row["language"], row["sha256"]) == ("words/some/model", "en", sha256(data))
    assert catalogue.find_words("en") == person.folder / "my-words"
    said = person("verify", "my-words").output
    assert said.startswith("my-words: whole") and "it understands its test sentence" in said
    (person.folder / "my-words" / "am" / "final.mdl").write_bytes(b"changed")
    assert "damaged: am/final.mdl" in person("verify", "my-words", code=1).stderr
    assert "installed in" in person("install", "my-words").output


def test_from_a_folder(person: Person, tmp_path: Path) -> None:
    own = tmp_path / 'a "folder" of\tmine'
    shutil.copytree(MINI, own)
    person("add", "my-english", "--language", "en", "--folder", str(own))
    rows = json.loads(person("list", "--json").output)
    assert [row["name"] for row in rows][-1] == "my-english" and rows[-1]["source"] == str(own)
    shutil.rmtree(own)
    assert "whole" in person("verify", "my-english").output
    shutil.rmtree(person.folder / "my-english")
    assert "from which my-english was added; add it anew" in person("install", "my-english", code=1).stderr


def test_what_is_no_model_leaves_nothing(person: Person, tmp_path: Path) -> None:
    wheel({"words/model/am/final.mdl": b"x", "words/model/conf/mfcc.conf": b"x"}, person.shelf)
    told = person("add", "broken", "--language", "en", "--package", "words==1.0", code=1)
    assert told.stderr.startswith("Error: broken was not added. ")
    wheel({}, person.shelf)
    assert "no folder of it has" in person("add", "none", "--language", "en", "--package", "words==1.0", code=1).stderr
    assert (
        "There is no speech model"
        in person("add", "none", "--language", "en", "--folder", str(tmp_path), code=1).stderr
    )
    assert person.has() == [] and not (person.folder / catalogue.OWN).exists()
    assert not list(person.folder.glob(".*"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["mine", "--language", "en"], "one of --package, --url and --folder"),
        (["mine", "--language", "en", "--url", "https://x.org/a.zip", "--package", "a==1"], "one of --package"),
        (["ear", "--language", "en", "--package", "words==1.0"], "ear is taken"),
        (["My words", "--language", "en", "--package", "words==1.0"], "no name for a model"),
        (["mine", "--language", "en", "--package", "words"], "the exact version"),
        (["mine", "--language", "en", "--url", "http://x.org/a.zip"], "begins with https://"),
        (["mine", "--language", "English", "--package", "words==1.0"], "the code of a language"),
    ],
)
def test_what_does_not_fit_is_said(person: Person, args: list[str], said: str) -> None:
    assert said in person("add", *args, code=2).stderr and person.has() == []


def test_a_name_of_the_list_cannot_be_taken_later(person: Person) -> None:
    shipped = (person.folder / "manifest.toml").read_text(encoding="utf-8")
    (person.folder / catalogue.OWN).write_text(shipped, encoding="utf-8")
    with pytest.raises(PromptsError, match="ear is in the list that comes with the program; rename yours"):
        catalogue.load_manifest()


def test_the_uppermost_folder_with_a_model_is_found(tmp_path: Path) -> None:
    layouts = (("am/final.mdl", "conf/mfcc.conf"), ("final.mdl", "mfcc.conf"))
    archive = tmp_path / "a.zip"
    for files, found in (
        (("deep/er/final.mdl", "deep/er/mfcc.conf", "x/final.mdl", "x/mfcc.conf"), "x"),
        (("am/final.mdl", "conf/mfcc.conf"), "."),
        (("m/am/final.mdl", "n/conf/mfcc.conf"), None),
    ):
        archive.write_bytes(zipped(dict.fromkeys(files, b""), top=""))
        assert folder_with(archive, layouts) == found
