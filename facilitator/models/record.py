"""What is noted beside an installed model: where it came from, and the checksum of everything in it.

Some publishers give no checksums. What was fetched first is then what later looks compare with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "installed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRecord:
    source: str
    """The package with its version, or the address."""
    archive_sha256: str
    files: Mapping[str, str]
    """Path in the model's folder (with `/`) to SHA-256."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """What was taken from the archive, where `files` were made of it."""


def read(folder: Path) -> InstallRecord | None:
    """None where there is none, or none that can be read: then only the manifest says how the files must be."""
    try:
        row = json.loads((folder / NAME).read_text(encoding="utf-8"))
        taken = row.get("taken", {})
        record = InstallRecord(
            source=row["source"], archive_sha256=row["archive_sha256"], files=row["files"], taken=taken
        )
        texts = [record.source, record.archive_sha256, *record.files, *record.files.values(), *taken, *taken.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if all(isinstance(text, str) for text in texts) else None


def write(folder: Path, record: InstallRecord) -> None:
    path = folder / NAME
    path.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    path.chmod(0o600)


def digest(record: InstallRecord) -> str:
    """What tells one version of a model from another, in a few letters."""
    files = json.dumps(sorted((record.taken or record.files).items()))
    return hashlib.sha256(files.encode()).hexdigest()[:12]


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
