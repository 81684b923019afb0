"""What is in the wheel and the source archive, and that the wheel works away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from facilitator import __version__

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def build(source: Path, target: Path, *kinds: str) -> None:
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        *(f"--target={kind}" for kind in kinds),
        f"--directory={target}",
    ]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def files(*folders: str) -> set[str]:
    """The files of these folders of the checkout, as a person would count them."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    paths = {path.relative_to(ROOT).as_posix() for path in found if path.suffix != ".pyc"}
    return {path for path in paths if not any(part.startswith((".", "_data")) for part in path.split("/"))}


def test_wheel_holds_the_program_its_prompts_and_the_list_of_models(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    prompts = {f"facilitator/_data/{name}" for name in files("prompts")}
    manual = {f"facilitator-{__version__}.data/data/share/man/man1/facilitator.1"}
    models = {"facilitator/_data/models/manifest.toml", "facilitator/_data/models/README.md"}
    assert any(name.endswith("/languages/en.toml") for name in prompts)
    assert names == files("facilitator") | prompts | models | manual


def test_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"facilitator-{__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert f"Version: {__version__}" in metadata and "License-Expression: Apache-2.0" in metadata
    assert "facilitator = facilitator.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in wheel.namelist()


def test_source_archive_makes_the_same_wheel(built: Path, wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path)
    source = tmp_path / f"facilitator-{__version__}"
    assert {"README.md", "LICENSE", "Makefile", "tests", "docs"} <= {path.name for path in source.iterdir()}
    build(source, tmp_path / "again", "wheel")
    (again,) = (tmp_path / "again").glob("*.whl")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(wheel.namelist())


def test_wheel_works_away_from_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path), "COLUMNS": "120"}
    env = {name: value for name, value in env.items() if not name.startswith("FACILITATOR_")}

    def facilitator(*arguments: str) -> str:
        command = [sys.executable, "-m", "facilitator", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        return done.stdout

    assert facilitator("--version").strip().endswith(__version__)
    assert {"round-robin", "open"} <= {line.split()[0] for line in facilitator("formats", "list").splitlines()}
    shown = facilitator("formats", "show", "open")
    assert str(tmp_path / "site" / "facilitator" / "_data" / "prompts" / "formats" / "open.toml") in shown
    ask = (
        "from facilitator.models.catalogue import load_manifest, search_path; "
        "print(*(m.name for m in load_manifest()), *search_path())"
    )
    told = subprocess.check_output([sys.executable, "-c", ask], cwd=tmp_path, env=env, text=True)
    assert "segmentation" in told and str(tmp_path / "site") not in told  # models belong to the person, not the package
