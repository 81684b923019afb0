from __future__ import annotations

import hashlib
from pathlib import Path
from types import MappingProxyType

import pytest

from facilitator.errors import PromptsError, UsageError
from facilitator.models import catalogue
from facilitator.models.manifest import Model
from facilitator.resources import paths

GOOD = """
[[model]]
name = "m"
for = "Tests."
without = "Without it, no test."
version = "1"
licence = "MIT"
url = "https://example.org/m.zip"
bytes = 1
sha256 = ""
[model.files]
"a/b" = ""
"""


def manifest(tmp_path: Path, text: str) -> Path:
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_our_manifest_says_of_every_model_where_it_is_from_and_under_which_licence() -> None:
    known = catalogue.load_manifest(paths.CHECKOUT / "models")
    words = [f"vosk-words-{code}" for code in ("en", "de", "fr", "es", "it", "pt", "ko")]
    assert [m.language for m in known if m.language] == [name.removeprefix("vosk-words-") for name in words]
    assert [m.name for m in known] == ["segmentation", "voice-encoder", *words, "vosk-voiceprint"]
    for model in known:
        assert model.purpose.endswith(".") and model.licence in {"MIT", "Apache-2.0"}
        assert model.without.startswith("Without it, ") and model.without.endswith(".")
        if model.package:  # these are taken without asking, so their publisher's word alone does not do
            assert model.download_sha256 and all(model.published.values())
            assert bool(model.published) == (model.inside is None)
        else:
            assert model.published_as and model.published_as.startswith("vosk-model-")


def test_finds_a_model_only_when_all_its_files_are_there(tmp_path: Path) -> None:
    wanted = next(m for m in catalogue.load_manifest() if m.name == "vosk-voiceprint")
    folder = tmp_path / wanted.name
    folder.mkdir()
    for file in wanted.files:
        assert catalogue.find(wanted.name, (tmp_path,)) is None
        (folder / file).write_text("x", encoding="utf-8")
    assert catalogue.find(wanted.name, (tmp_path / "elsewhere", tmp_path)) == folder


def test_an_unknown_model_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no model called ear; there are segmentation, .*vosk-voiceprint\."):
        catalogue.find("ear")


def test_a_model_is_named_by_its_name_or_by_its_language() -> None:
    assert catalogue.named("vosk-words", "de").name == "vosk-words-de"
    assert catalogue.named("segmentation", "de").name == "segmentation"
    with pytest.raises(UsageError, match=r"no vosk-words for the language zz; there are vosk-words-en, .*ko\.$"):
        catalogue.named("vosk-words", "zz")
    with pytest.raises(UsageError, match="no model called vosk-words; there are vosk-words-en"):
        catalogue.named("vosk-words")
    with pytest.raises(UsageError, match="no model called ear; there are segmentation"):
        catalogue.named("ear", "de")


def put(name: str, into: Path) -> Path:
    for file in catalogue.named(name).files:
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        (into / file).touch()
    return into


def test_only_the_setting_is_searched_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACILITATOR_MODELS")
    assert catalogue.search_path() == (paths.data_folder() / "models", paths.CHECKOUT / "models")
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path))
    assert catalogue.search_path() == (tmp_path,)


def test_folders_are_searched_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, checkout, vosk, setting = (tmp_path / name for name in ("own", "checkout", "vosk", "setting"))
    monkeypatch.delenv("FACILITATOR_MODELS", raising=False)
    monkeypatch.setattr(paths, "data_folder", lambda: own)
    monkeypatch.setattr(paths, "CHECKOUT", checkout)
    monkeypatch.setenv("VOSK_MODEL_PATH", str(vosk))
    (checkout / "models").mkdir(parents=True)
    (checkout / "pyproject.toml").touch()
    (checkout / "models" / "manifest.toml").write_bytes((paths.PACKAGE.parent / "models/manifest.toml").read_bytes())
    setting.mkdir()

    put("segmentation", vosk / "segmentation")  # only Vosk's own models are looked for there
    assert catalogue.find("vosk-words-en") is None and catalogue.find("segmentation") is None
    last = put("vosk-words-en", vosk / "vosk-model-small-en-us-0.15")
    assert catalogue.find("vosk-words-en") == last
    third = put("vosk-words-en", checkout / "models" / "vosk-words-en")
    assert catalogue.find("vosk-words-en") == third
    second = put("vosk-words-en", own / "models" / "vosk-words-en")
    assert catalogue.find("vosk-words-en") == second
    monkeypatch.setenv("FACILITATOR_MODELS", str(setting))
    assert catalogue.find("vosk-words-en") is None
    first = put("vosk-words-en", setting / "vosk-words-en")
    assert catalogue.find("vosk-words-en") == first


def test_damage_is_what_is_missing_or_has_another_checksum(tmp_path: Path) -> None:
    sums = {"whole": hashlib.sha256(b"whole").hexdigest(), "changed": "0" * 64, "gone": None, "unknown": None}
    model = Model(
        name="m", purpose=".", without=".", version="1", licence="MIT", package=None, url="https://example.org",
        download_bytes=1, download_sha256=None, files=MappingProxyType(sums),
    )  # fmt: skip
    for file in ("whole", "changed", "unknown"):
        (tmp_path / file).write_bytes(file.encode())
    assert catalogue.damaged(model, tmp_path) == ("changed", "gone")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("Tests.", " "), "needs for, as text"),
        (('without = "Without it, no test."\n', ""), "needs without, as text"),
        (('name = "m"', 'name = "M m"'), "a name of small letters"),
        (('name = "m"', "name = 3"), "model 1 needs name, as text"),
        (("https://", "http://"), "begins with https://"),
        (("https://example.org/m.zip", 'https://x.org/x"\npackage = "x==1'), "a single file with its checksum"),
        (('url = "https://example.org/m.zip"', ""), "needs package or url"),
        (('url = "https://example.org/m.zip"', 'package = "x==1"\nwheel = "any"'), "needs wheel to be as cp311"),
        (("bytes = 1", 'bytes = 1\nwheel = "cp311-cp311-linux_x86_64"'), "and a package with it"),
        (("bytes = 1", 'bytes = 1\nmade = "a_backend"'), "needs taken and made together"),
        (("bytes = 1", 'bytes = 1\nmade = "os.system"'), "made to be the name of a backend"),
        (('url = "https://example.org/m.zip"', 'package = "x"'), "its exact version"),
        (("bytes = 1", "bytes = 0"), "needs bytes"),
        (("bytes = 1", "bytes = true"), "needs bytes"),
        (('sha256 = ""', 'sha256 = "abc"'), "sha256 of 64"),
        (('"a/b" = ""', '"a/b" = "abc"'), "checksum of a/b of 64"),
        (('"a/b" = ""', ""), "at least one"),
        (("bytes = 1", 'bytes = 1\ninside = "m"'), 'needs files = "all" and inside'),
        (('[model.files]\n"a/b" = ""', 'files = "all"'), 'needs files = "all" and inside'),
        (('[model.files]\n"a/b" = ""', 'files = "all"\ninside = "../m"'), "inside to be a folder"),
        (("bytes = 1", "bytes = 1\nlanguage = 3"), "needs language, as text"),
        (('"a/b"', '"../b"'), "outside its own folder: ../b"),
        (('"a/b"', '"/b"'), "outside its own folder: /b"),
        (("bytes = 1", "bytes = 1\nsize = 2"), "unknown key size"),
        (("[[model]]", "[[models]]"), "must hold"),
        (("[[model]]", "[[model]"), "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    assert catalogue.load_manifest(manifest(tmp_path, GOOD))
    with pytest.raises(PromptsError, match="needs mending") as caught:
        catalogue.load_manifest(manifest(tmp_path, GOOD.replace(*change)))
    assert any(problem in line for line in caught.value.problems)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    text = GOOD + GOOD + GOOD.replace('version = "1"', "").replace("bytes = 1", "")
    with pytest.raises(PromptsError) as caught:
        catalogue.load_manifest(manifest(tmp_path, text))
    assert caught.value.problems == (
        "model 3 (m) needs version, as text",
        "model 3 (m) needs bytes, the size of the download",
        "m is listed twice",
    )


def test_no_manifest_at_all(tmp_path: Path) -> None:
    with pytest.raises(PromptsError, match="cannot be read"):
        catalogue.load_manifest(tmp_path)
