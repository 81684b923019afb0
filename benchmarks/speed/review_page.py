"""How the review on the page bears three hours of eight people: what it weighs, and how soon it follows the hand.

    .venv/bin/python benchmarks/speed/review_page.py [--minutes 180] [--people 8]

A discussion simulated with the real rules is stored as the program stores it, `facilitator review --page` serves it,
and a real Chromium opens it, without a window. From a key or a turn of the wheel to the picture: from the event's own
time until the frame that follows it has been drawn by the page; and what that takes of a processor, which does not grow
with what else the computer does. Memory: the page's objects, after the collection of what is no longer used, and what
the whole tab holds, before 200 zooms and after.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

from facilitator.core.discussion import Discussion
from facilitator.core.setup import Setup
from facilitator.report.timeline import figure
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.simulation.table import NAMES, SimulatedTable
from facilitator.store.reader import Reader
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Store

ZOOMS = 200
REPEAT_MS = 33
"""A key that is held down comes so often."""
WATCH = """() => {
  window.waits = [];
  const watch = (event) => requestAnimationFrame(() => setTimeout(() => window.waits.push(performance.now() - event.timeStamp)));
  for (const kind of ["keydown", "wheel", "pointermove"]) document.querySelector(".stretch").addEventListener(kind, watch, { capture: true });
}"""  # noqa: E501


def generate(path: Path, minutes: int, people: int) -> None:
    prompts = default_prompts()
    setup = Setup(people=NAMES[:people], format=prompts.format("open"), language=prompts.language("en"))
    discussion = Discussion(setup)
    table = SimulatedTable(discussion, "cut-ins", seed=3, until_ms=(minutes + 5) * 60_000, talk_ms=minutes * 60_000)
    table.run()
    with Store.open(path) as store:
        number = store.begin(setup, datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"))
        store.write(table.log)
        store.replace_turns(*discussion.settled())
        store.finish(number, "done")
        store.flush(120)


def told(what: str, value: str) -> None:
    print(f"| {what} | {value} |")


def quick(waits: list[float]) -> str:
    ordered = sorted(waits)
    return f"{statistics.median(ordered):.0f} ms, p95 {ordered[int(0.95 * len(ordered))]:.0f} ms ({len(ordered)})"


def told_of(what: str, page: Any, session: Any, act: Callable[[], None]) -> None:
    page.evaluate("window.waits.length = 0")
    before = metrics(session)["TaskDuration"]
    act()
    page.wait_for_timeout(300)
    waits = page.evaluate("window.waits")
    used_ms = 1e3 * (metrics(session)["TaskDuration"] - before) / len(waits)
    told(f"{what}, to the picture", f"{quick(waits)}; {used_ms:.1f} ms of the processor")


def metrics(session: Any) -> dict[str, float]:
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def held(page: Any, session: Any) -> tuple[float, int, float]:
    """MB of the page's objects, elements, MB of the process that shows it."""
    session.send("HeapProfiler.collectGarbage")
    numbers = metrics(session)
    return numbers["JSHeapUsedSize"] / 1e6, int(numbers["Nodes"]), _largest_renderer()


def _largest_renderer() -> float:
    most = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if b"--type=renderer" in status.with_name("cmdline").read_bytes():
                found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
                most = max(most, int(found[1]) / 1e3 if found else 0.0)
        except OSError:  # it has ended
            continue
    return most


def measure(page: Any) -> None:
    page.locator(".stretch.live").focus()
    page.evaluate(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    box = page.locator(".stretch.live").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def press(key: str) -> None:
        page.keyboard.press(key)
        page.wait_for_timeout(REPEAT_MS)

    def zoom() -> None:
        for number in range(ZOOMS):
            press("-" if number // 10 % 2 else "+")

    def walk() -> None:
        for _ in range(100):
            press("ArrowRight")

    def wheel() -> None:
        page.mouse.move(*middle)
        page.keyboard.down("Control")
        for number in range(ZOOMS):
            page.mouse.wheel(0, 60 if number // 20 % 2 else -60)
            page.wait_for_timeout(REPEAT_MS)
        page.keyboard.up("Control")

    def drag() -> None:
        for key in "0++":
            press(key)
        page.mouse.move(*middle)
        page.mouse.down()
        for number in range(200):
            page.mouse.move(middle[0] + 300 * (1 if number // 50 % 2 else -1) * (number % 50) / 50, middle[1])
        page.mouse.up()

    before = held(page, session)
    told_of("zoom by key", page, session, zoom)
    after = held(page, session)
    told_of("zoom by wheel", page, session, wheel)
    told_of("drag", page, session, drag)
    told_of("from utterance to utterance", page, session, walk)
    last = held(page, session)
    for name, at in (("before", before), (f"after {ZOOMS} zooms", after), ("after all of it", last)):
        told(f"memory {name}", f"{at[0]:.1f} MB of objects, {at[1]} nodes, {at[2]:.0f} MB of the tab")


@click.command(help=__doc__)
@click.option("--minutes", default=180, show_default=True)
@click.option("--people", default=8, show_default=True)
def main(minutes: int, people: int) -> None:
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "sessions.db"
        generate(db, minutes, people)
        print("| | |\n|---|---|")
        with Reader.open(db) as reader:
            began = time.perf_counter()
            account = rerun(reader).account
            told("the session told again from what is stored", f"{time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        drawn = figure(account, texts_of("en"))
        told(
            f"the picture ({minutes} min, {people} people, {len(account.timeline)} stretches)",
            f"{len(drawn) / 1e3:.0f} kB, {drawn.count('<') - drawn.count('</')} elements,"
            f" {1e3 * (time.perf_counter() - began):.0f} ms",
        )
        program = subprocess.Popen(
            [sys.executable, "-m", "facilitator", "review", "--page", "--db", str(db)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert program.stdout is not None
        address = program.stdout.readline().split()[-1]
        try:
            with sync_playwright() as started:
                browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                began = time.perf_counter()
                page.goto(address)
                page.wait_for_selector("details.rest > summary", timeout=120_000)
                page.locator("details.rest > summary").click()
                page.wait_for_selector(".stretch.live", timeout=120_000)
                told("from the address to the live picture", f"{time.perf_counter() - began:.1f} s")
                measure(page)
                began = time.perf_counter()
                page.keyboard.press("Enter")
                page.wait_for_selector("dialog[open] input:focus")
                page.keyboard.press("Enter")
                page.wait_for_selector(".made li", timeout=120_000)
                told("a correction, until all figures are new", f"{time.perf_counter() - began:.1f} s")
                browser.close()
        finally:
            program.kill()


if __name__ == "__main__":
    main()
