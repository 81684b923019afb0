"""A real Chromium for the tests of the page, and the program that it talks to."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support.needed import needed
from tests.support.recorded_table import TABLE

AXE = (Path(__file__).parents[1] / "data" / "page" / "axe.min.js").read_text(encoding="utf-8")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


def chromium() -> str | None:
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


def missing() -> str | None:
    """What this machine lacks, as a sentence, or None."""
    if chromium() is None:
        return "the page needs a browser: apt-get install -y chromium"
    try:
        import playwright.sync_api  # noqa: F401, PLC0415
    except ImportError:
        return "the page needs playwright: pip install playwright"
    return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    needed(missing())
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium(), args=QUIET)
        yield opened
        opened.close()


def recording(path: Path, *clips: str, gap_s: float = 0.4) -> Path:
    """The recorded table's clips one after the other, with a breath after each (a longer one after an introduction)."""
    noise = np.random.default_rng(1)
    parts = []
    for clip in clips:
        parts.append(soundfile.read(TABLE / f"{clip}.flac", dtype="float32")[0])
        parts.append(noise.normal(0, 0.0007, int(16_000 * (1.3 if clip.endswith("0") else gap_s))).astype(np.float32))
    soundfile.write(path, np.concatenate(parts), 16_000)
    return path


class Program:
    """`facilitator start --page` under way, or another command with a page; what it prints is kept."""

    def __init__(self, *args: str, env: dict[str, str], command: str = "start") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "facilitator", command, "--page", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **env},
        )
        self.lines: list[str] = []
        self._address: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._address.get(timeout=60)
        assert self.url, "".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if (address := re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", line)) is not None:
                self._address.put(address[0])
        self._address.put("")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def ended(self, timeout_s: float = 60) -> str:
        """Everything that it printed, once it has ended properly."""
        assert self.process.wait(timeout_s) == 0, "".join(self.lines)
        self._reader.join(timeout=10)
        return "".join(self.lines)


def faults(page: Any) -> list[str]:
    """What axe finds serious or critical on this screen, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(AXE)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for fault in result["violations"]:
            if fault["impact"] in ("serious", "critical"):
                places = [node["html"][:160] + " " + node["failureSummary"][:200] for node in fault["nodes"][:3]]
                found.append(f"{scheme}: {fault['id']}: {places}")
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return found


def unfold(page: Any) -> None:
    """All of a review, beside what is seen at a glance."""
    page.wait_for_selector("details.rest > summary")
    if page.locator("details.rest:not([open])").count():
        page.locator("details.rest > summary").click()
    page.wait_for_selector(".stretch.live")
