"""Models and their archives for tests: small, made on the spot, served by a publisher of our own."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

from facilitator.models.manifest import Model

FILES = {"am/final.mdl": b"acoustic " * 40_000, "conf/mfcc.conf": b"--sample-frequency=16000\n", "README": b"hello\n"}
NEEDED = ("am/final.mdl", "conf/mfcc.conf")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def a_model(**changes: object) -> Model:
    """A model from the web, of which nothing but the file names is known."""
    model = Model(
        name="m", purpose="Tests.", without="Without it, no test.", version="1", licence="MIT", package=None,
        url="http://127.0.0.1:9/m.zip", download_bytes=1, download_sha256=None,
        files=MappingProxyType(dict.fromkeys(NEEDED)),
    )  # fmt: skip
    return dataclasses.replace(model, **changes)  # type: ignore[arg-type]


def zipped(files: Mapping[str, bytes], top: str = "vosk-model-m/") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(top + name), data)  # always the same bytes, whatever the time
    return packed.getvalue()


GOOD_ZIP = zipped(FILES)


class Publisher:
    """A web server at `url`. `interrupted` is set when half of /stalls.zip has been sent; the rest never comes."""

    def __init__(self) -> None:
        publisher = self
        self.asked: list[str] = []
        self.interrupted = threading.Event()
        self.closing = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked.append(self.path)
                getattr(self, self.path.strip("/").removesuffix(".zip").replace("-", "_"))()

            def send(self, data: bytes, length: int | None) -> None:
                self.send_response(200)
                if length is not None:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                with contextlib.suppress(OSError):  # whoever asked may be gone
                    self.wfile.write(data)
                    self.wfile.flush()

            def good(self) -> None:
                self.send(GOOD_ZIP, len(GOOD_ZIP))

            def other(self) -> None:
                data = zipped({**FILES, "README": b"something else\n"})
                self.send(data, len(data))

            def half(self) -> None:
                self.send(GOOD_ZIP[: len(GOOD_ZIP) // 2], len(GOOD_ZIP))

            def half_unsaid(self) -> None:
                self.send(GOOD_ZIP[: len(GOOD_ZIP) // 2], None)

            def half_once(self) -> None:
                (self.half if publisher.asked.count(self.path) == 1 else self.good)()

            def moved(self) -> None:
                self.send_response(302)
                self.send_header("Location", "/good.zip")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def gone(self) -> None:
                self.send_error(404)

            def stalls(self) -> None:
                self.send(GOOD_ZIP[: len(GOOD_ZIP) // 2], len(GOOD_ZIP))
                publisher.interrupted.set()
                publisher.closing.wait(60)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def publisher() -> Iterator[Publisher]:
    served = Publisher()
    try:
        yield served
    finally:
        served.close()


# --- Python packages -------------------------------------------------------------------------------

WEIGHTS = b"weights " * 5_000
BACKEND = """
import pathlib

def prepare_metadata_for_build_wheel(directory, settings=None):
    pathlib.Path({ran!r}).touch()
    info = pathlib.Path(directory) / "ear.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: ear\\nVersion: 1.0\\n")
    return info.name

def build_wheel(*_):
    raise RuntimeError("nobody wants a wheel of this")
"""


def wheel_with_weights(folder: Path) -> bytes:
    """voice-1.0-py3-none-any.whl in `folder`; its bytes."""
    info = "voice-1.0.dist-info"
    files = {
        "voice/__init__.py": b"raise SystemExit('this package is not to be run')",
        "voice/weights.bin": WEIGHTS,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: voice\nVersion: 1.0\nRequires-Dist: torch\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    data = zipped(files, top="")
    (folder / "voice-1.0-py3-none-any.whl").write_bytes(data)
    return data


def source_with_weights(folder: Path, ran: Path) -> bytes:
    """ear-1.0.tar.gz in `folder`, which makes the file `ran` when it is asked for anything; its bytes."""
    files = {
        "ear-1.0/pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n',
        "ear-1.0/own.py": BACKEND.format(ran=str(ran)).encode(),
        "ear-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: ear\nVersion: 1.0\n",
        "ear-1.0/ear/weights.bin": WEIGHTS,
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (folder / "ear-1.0.tar.gz").write_bytes(packed.getvalue())
    return packed.getvalue()
