"""Which models there could be, and which of them are here. Nothing in this module uses the network.

The list is `models/manifest.toml`, and beside it what a person has added; `models/README.md` explains its keys.
`install` puts them here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from facilitator.errors import ModelError, PromptsError, UsageError
from facilitator.models import manifest
from facilitator.models import record as models_record
from facilitator.models.manifest import Model
from facilitator.resources import paths

OWN = "added.toml"
"""The list of those that a person has added, in the folder in which models are installed."""


def load_manifest(folder: Path | None = None) -> tuple[Model, ...]:
    """All models of `manifest.toml`, in its order. `folder` None: wherever `places` finds it, and those that were added
    (`facilitator models add`) after them; a folder of the person's own need not hold one. Raises PromptsError with
    every problem in the file."""
    if folder is not None:
        return manifest.read(folder / "manifest.toml")
    folder = paths.find("models", _only.get()).folder
    folder = folder if (folder / "manifest.toml").is_file() else paths.find("models", environ={}).folder
    known = manifest.read(folder / "manifest.toml")
    added = own_models()
    names = {model.name for model in known}
    if twice := [model.name for model in added if model.name in names]:
        raise PromptsError(str(own_list()), (f"{twice[0]} is in the list that comes with the program; rename yours",))
    return known + added


def own_list() -> Path:
    """The file with those that were added; there need not be one."""
    return search_path()[0] / OWN


def own_models() -> tuple[Model, ...]:
    return manifest.read(own_list()) if own_list().is_file() else ()


def named(name: str, language: str | None = None) -> Model:
    """The model of this name, or, where there is one for each language, that of the language. Raises UsageError."""
    known = load_manifest()
    wanted = {name, f"{name}-{language}"} if language else {name}
    found = next((model for model in known if model.name in wanted), None)
    if found is None:
        family = [model.name for model in known if model.name.startswith(f"{name}-")]
        said = f"no {name} for the language {language}" if language and family else f"no model called {name}"
        raise UsageError(f"There is {said}; there are {', '.join(family or [model.name for model in known])}.")
    return found


def of_voices() -> tuple[Model, ...]:
    """The models that tell voices apart and that anyone can have."""
    return tuple(model for model in load_manifest() if model.package and model.language is None)


def words_of(language: str) -> tuple[Model, ...]:
    """The models of words for this language, the one first that a person has added last."""
    return tuple(model for model in reversed(load_manifest()) if model.language == language)


def find_words(language: str) -> Path | None:
    """The folder of the model of words for this language; None where it is not here, or there is none."""
    return next((folder for model in words_of(language) if (folder := locate(model)) is not None), None)


def find(name: str, folders: Sequence[Path] | None = None) -> Path | None:
    """The folder in which this model lies with all its files, or None. Raises UsageError for an unknown name.

    Only presence is looked at, which takes no time; `damaged` looks at the bytes."""
    return locate(named(name), folders)


def locate(model: Model, folders: Sequence[Path] | None = None) -> Path | None:
    """`find`, for a model at hand."""
    where = _candidates(model) if folders is None else (folder / model.name for folder in folders)
    return next((path for path in where if _lies_in(path, model)), None)


def _lies_in(folder: Path, model: Model) -> bool:
    """Of one whose files are not listed, only what was noted when it was installed says what they are."""
    record = models_record.read(folder) if model.inside is not None else None
    files = (record.files if record else ()) if model.inside is not None else model.files
    return bool(files) and all((folder / file).is_file() for file in files)


_only: ContextVar[Path | None] = ContextVar("the one folder", default=None)


@contextmanager
def only(folder: Path) -> Iterator[None]:
    """Within it, models are looked for in this folder and no other, whatever the setting says; in this thread only.
    Raises UsageError where there is no such folder."""
    paths.find("models", folder)
    before = _only.set(folder)
    try:
        yield
    finally:
        _only.reset(before)


def search_path() -> tuple[Path, ...]:
    """The folders that models are looked for in, best first. Only the setting, where there is one."""
    place = paths.find("models", _only.get())
    if place.source == "setting":
        return (place.folder,)
    own = paths.data_folder() / "models"
    return (own, place.folder) if place.source == "checkout" else (own,)


def size_bytes(folder: Path) -> int:
    """How much lies in a folder: a package that was fetched holds more than the model."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def damaged(model: Model, folder: Path) -> tuple[str, ...]:
    """The files of a model that are missing or not as its publisher made them, as far as that is known: from
    the manifest, or else from the day it was installed."""
    record = models_record.read(folder)
    noted = {**dict.fromkeys(model.files), **(record.files if record else {})}
    expected = {file: model.files.get(file) or sha256 for file, sha256 in noted.items()}
    return tuple(file for file, sha256 in expected.items() if not _is_whole(folder / file, sha256))


def refuse_changed(folder: Path) -> None:
    """Raises ModelError where a file of the model that lies here is not what was installed. Each file is read once in a
    run, and again only when its size, its times or its place on the disk are others."""
    model = next((one for one in load_manifest() if folder.name in (one.name, one.published_as)), None)
    changed = () if model is None else damaged(model, folder)
    if model is not None and changed:
        raise ModelError(
            f"The model in {folder} is not what was installed ({', '.join(changed[:3])} changed), so it is not used; "
            f"type: facilitator models install {model.name}"
        )


def is_proven(model: Model, folder: Path) -> bool:
    """Whether there is a checksum for each of its files, so that `damaged` sees everything."""
    record = models_record.read(folder)
    return all(sha256 or (record and record.files.get(file)) for file, sha256 in model.files.items())


def _candidates(model: Model) -> Iterator[Path]:
    """Where a model could lie, best first. Vosk's own models may also lie where that library looks for them."""
    folders = search_path()
    yield from (folder / model.name for folder in folders)
    vosk = os.environ.get("VOSK_MODEL_PATH")
    if vosk and model.published_as and paths.find("models", _only.get()).source != "setting":
        yield Path(vosk).expanduser() / model.published_as


@cache
def _checksum(path: Path, *_: int) -> str:
    return models_record.checksum(path)


def _is_whole(path: Path, sha256: str | None) -> bool:
    try:
        if sha256 is None:
            return path.is_file()
        found = path.stat()
        return _checksum(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino) == sha256
    except OSError:
        return False
