"""The list of models as it stands in a file, `manifest.toml`; `models/README.md` explains its keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from facilitator.errors import PromptsError

_TEXTS = ("name", "for", "without", "version", "licence")
_SOURCES = ("package", "url", "folder")
_KEYS = {*_TEXTS, *_SOURCES, "wheel", "bytes", "sha256", "taken", "made", "files", "inside", "language"}
_WHEEL = re.compile(r"cp3(\d+)-cp3\1-\w+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What a model may be called."""
PACKAGE = re.compile(r"[\w.-]+==[\w.]+")
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    purpose: str
    without: str
    """What is worse where it is not installed, in one sentence."""
    version: str
    licence: str
    package: str | None
    """The Python package whose archive carries it, pinned; it, `url` or `folder` is set, or the first two."""
    url: str | None
    """Where its publisher has it: an archive, or, as a second source beside a package, the one file of it."""
    folder: str | None = None
    """On this computer, for a model that somebody added."""
    download_bytes: int
    download_sha256: str | None
    files: Mapping[str, str | None]
    """What must lie in the model's folder: path (with `/`) to SHA-256, None where it is not known."""
    inside: str | None = None
    """The folder in the archive of which every file belongs to it, for one whose `files` are not listed: what must lie
    in its folder is then what lay there when it was installed."""
    language: str | None = None
    """Whose words it knows, for a model of words."""
    wheel: str | None = None
    """Of a package that has another archive for every platform, the tags of the one that is fetched, on all of them: it
    is only read."""
    taken: Mapping[str, str | None] = field(default_factory=dict)
    """What is taken from the archive, where `files` are made of it."""
    made: str | None = None
    """By which backend `files` are made of what is taken."""

    @property
    def source(self) -> str:
        return self.package or self.url or self.folder or ""

    @property
    def published_as(self) -> str | None:
        """The name of the folder that its publisher's archive makes, for what comes from the web."""
        return PurePosixPath(self.url).stem if self.url and not self.package else None

    @property
    def published(self) -> Mapping[str, str | None]:
        """What is taken from the archive, as `files`."""
        return self.taken or self.files


def read(path: Path) -> tuple[Model, ...]:
    """All models of this file, in its order. Raises PromptsError with every problem in it."""
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


def written(models: tuple[Model, ...]) -> str:
    """These models, whose files are not listed, as such a file holds them."""
    return "\n".join("\n".join(["[[model]]", *_lines(model)]) + "\n" for model in models)


def _lines(model: Model) -> list[str]:
    texts = {
        "name": model.name,
        "for": model.purpose,
        "without": model.without,
        "version": model.version,
        "licence": model.licence,
        "language": model.language,
        "package": model.package,
        "url": model.url,
        "folder": model.folder,
        "sha256": model.download_sha256 or "",
        "files": ALL,
        "inside": model.inside,
    }
    return [f"bytes = {model.download_bytes}", *(f"{k} = {_quoted(v)}" for k, v in texts.items() if v is not None)]


def _quoted(text: str) -> str:
    """As TOML has it; what has no place in its strings is written as a code."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'


def stays_inside(file: str) -> bool:
    """Whether this path, written with `/`, leads nowhere out of the folder it is put in."""
    path = PurePosixPath(file)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in file and ":" not in file


def _model(row: Any, where: str, problems: list[str]) -> Model | None:
    """One table as a Model; else None, with what is wrong added to `problems`."""
    if not isinstance(row, dict):
        problems.append(f"{where} is not a table")
        return None
    where = f"{where} ({row['name']})" if isinstance(row.get("name"), str) else where
    found = [f"has an unknown key {key}" for key in sorted(set(row) - _KEYS)]
    found += [f"needs {key}, as text" for key in _TEXTS if not isinstance(row.get(key), str) or not row[key].strip()]
    if not found and not NAME.fullmatch(row["name"]):
        found.append("needs a name of small letters, digits and hyphens")
    found += _source_problems(row)
    files, taken = row.get("files"), row.get("taken", {})
    found += _file_problems(row, files, taken)
    if found:
        problems += [f"{where} {what}" for what in found]
        return None
    listed = files if isinstance(files, dict) else {}  # else all of them
    return Model(
        name=row["name"],
        purpose=row["for"],
        without=row["without"],
        version=row["version"],
        licence=row["licence"],
        package=row.get("package"),
        url=row.get("url"),
        folder=row.get("folder"),
        download_bytes=row["bytes"],
        download_sha256=row["sha256"] or None,
        files=MappingProxyType({file: sha256 or None for file, sha256 in listed.items()}),
        inside=row.get("inside"),
        language=row.get("language"),
        wheel=row.get("wheel"),
        taken=MappingProxyType({file: sha256 or None for file, sha256 in taken.items()}),
        made=row.get("made"),
    )


def _source_problems(row: Mapping[str, Any]) -> list[str]:
    found = []
    package, url, wheel = row.get("package"), row.get("url"), row.get("wheel")
    if all(row.get(key) is None for key in _SOURCES):
        found.append("needs package or url")
    if package is not None and not (isinstance(package, str) and PACKAGE.fullmatch(package)):
        found.append("needs a package with its exact version, such as name==1.0")
    if url is not None and not (isinstance(url, str) and url.startswith("https://")):
        found.append("needs a url that begins with https://")
    if not isinstance(row.get("bytes"), int) or isinstance(row["bytes"], bool) or row["bytes"] <= 0:
        found.append("needs bytes, the size of the download")
    if wheel is not None and not (package and isinstance(wheel, str) and _WHEEL.fullmatch(wheel)):
        found.append("needs wheel to be as cp311-cp311-platform, and a package with it")
    for key in ("folder", "language"):
        if row.get(key) is not None and not (isinstance(row[key], str) and row[key].strip()):
            found.append(f"needs {key}, as text")
    return found


def _file_problems(row: Mapping[str, Any], files: Any, taken: Any) -> list[str]:
    found = []
    inside, made = row.get("inside"), row.get("made")
    if made is not None and not (isinstance(made, str) and made.isidentifier()):
        found.append("needs made to be the name of a backend")
    if (files == ALL) != (inside is not None) or (files == ALL and taken):
        found.append('needs files = "all" and inside, the folder in the archive, together, and nothing made of them')
    if inside is not None and not (isinstance(inside, str) and stays_inside(inside)):
        found.append("needs inside to be a folder in the archive")
    if files == ALL:
        files = {}
    elif not isinstance(files, dict) or not files:
        found.append("needs files, with at least one")
        files = {}
    if not isinstance(taken, dict) or bool(taken) != (made is not None):
        found.append("needs taken and made together")
        taken = {}
    listed = {**taken, **files}
    found += [f"has a file outside its own folder: {file}" for file in listed if not stays_inside(file)]
    if row.get("package") and row.get("url") and not (len(taken or files) == 1 and all((taken or files).values())):
        found.append("needs a single file with its checksum where it has both package and url")
    sums = {f"checksum of {file}": value for file, value in listed.items()}
    for what, value in {"sha256": row.get("sha256"), **sums}.items():
        if not isinstance(value, str) or (value and not _SHA256.fullmatch(value)):
            found.append(f'needs a {what} of 64 small hexadecimal digits, or ""')
    return found
