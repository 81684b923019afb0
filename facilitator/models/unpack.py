"""Taking a model's files out of its publisher's archive, and only what belongs to it."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from facilitator.errors import ModelError
from facilitator.models.manifest import Model, stays_inside

_CHUNK_BYTES = 1 << 20
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError)

_Opener = Callable[[], IO[bytes] | None]


def unpack(archive: Path, model: Model, to: Path) -> dict[str, str]:
    """Write the model's files into the folder `to`; the checksum of each. Raises ModelError.

    Of a Python package only what the manifest names is taken, files or the folder with all of them; of an archive from
    the web, all that lies beside it."""
    try:
        with _opened(archive) as members:
            for name in members:
                if not stays_inside(name):
                    raise ModelError(
                        f"{archive.name} would write outside its own folder ({name}), so nothing of it was taken; "
                        f"get {model.name} from its publisher."
                    )
            sums = {file: copy(members[name], to / file) for file, name in _wanted(members, model).items()}
    except _BROKEN as error:
        raise ModelError(f"{archive.name} is damaged or not whole ({error}); fetch it again.") from error
    if not sums:
        raise ModelError(
            f"{archive.name} is not the archive of {model.name}: it does not hold "
            f"{', '.join(model.published) or model.inside}; "
            f"it should be that of {model.source}."
        )
    if wrong := [file for file, sha256 in model.published.items() if sha256 and sums[file] != sha256]:
        raise ModelError(
            f"What {archive.name} holds is not the {model.name} that we know ({', '.join(wrong)} has another "
            f"checksum), so nothing of it was taken; it should be that of {model.source}."
        )
    return sums


def folder_with(archive: Path, layouts: Sequence[tuple[str, ...]]) -> str | None:
    """The uppermost folder in the archive in which all files of one of these layouts lie; None: there is none. Raises
    ModelError for what is no archive."""
    try:
        with _opened(archive) as members:
            there = set(members)
    except _BROKEN as error:
        raise ModelError(f"{archive.name} is damaged or not whole ({error}); fetch it again.") from error
    folders = {".", *(str(folder) for name in there for folder in PurePosixPath(name).parents)}
    found = (
        folder
        for folder in sorted(folders, key=lambda folder: (folder.count("/"), folder))
        if any(all(str(PurePosixPath(folder, file)) in there for file in layout) for layout in layouts)
    )
    return next(found, None)


def copy(opened: _Opener, to: Path) -> str:
    """The checksum of what was written. It has reached the disk by then: a power cut leaves no empty file."""
    to.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    source = opened()
    assert source is not None
    with source, to.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    to.chmod(0o600)
    return digest.hexdigest()


@contextmanager
def _opened(archive: Path) -> Iterator[Mapping[str, _Opener]]:
    """The files in it: how each is opened, by name. What is no file, such as a link, is passed over."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield {info.filename: partial(zipped.open, info) for info in zipped.infolist() if not info.is_dir()}
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tarred:
            yield {member.name: partial(tarred.extractfile, member) for member in tarred if member.isfile()}
    else:
        raise ModelError(f"{archive.name} is not an archive, or not a whole one; fetch it again.")


def _wanted(names: Iterable[str], model: Model) -> dict[str, str]:
    """Path in the model's folder to name in the archive, which puts everything into a folder, or two, or none.
    Empty where the model is not in it."""
    there = set(names)
    if model.inside is not None:
        base = "" if model.inside == "." else f"{model.inside}/"
        return {name.removeprefix(base): name for name in sorted(there) if name.startswith(base)}
    folders = {f"{folder}/" for name in there for folder in PurePosixPath(name).parents if folder.parts}
    for base in ["", *sorted(folders, key=lambda folder: (len(folder), folder))]:
        if all(base + file in there for file in model.published):
            if model.package:
                return {file: base + file for file in model.published}
            return {name.removeprefix(base): name for name in sorted(there) if name.startswith(base)}
    return {}
