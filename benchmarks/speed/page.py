"""Does the page stay smooth? From the program's word to the browser's paint, and memory over hours, in a real Chromium.

    python benchmarks/speed/page.py [--people 2,8] [--hours 3] [--seconds 60] [--rate 10] [--speed 300]

A simulated discussion of that many people is played through the program's own server to the page, with the airtime
shown, so that every ring moves. `paint` is the time from `hub.tell` to the first moment after the next frame, once
the page has changed, at `--rate` messages a second for `--seconds`: before the hours, and after them. The hours
themselves are told `--speed` states a second; what the page cannot take in is replaced by what came later, as always.
`heap` and `nodes` are of the tab, after garbage collection; `program` is the resident memory of the process that
serves the page, and nothing else.
"""

from __future__ import annotations

import multiprocessing
import shutil
import statistics
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

from facilitator.core.airtime_display import rule_of
from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, Record
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.page.broker import Broker
from facilitator.page.screen import PageScreen
from facilitator.page.server import PageServer
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.simulation.table import NAMES, SimulatedTable

PARTS = 6
"""The hours are looked at so often."""
WATCH = """
window.delays = [];
window.told = 0;
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      const { topic, body } = JSON.parse(event.data);
      if (topic !== "session") return;
      window.told += 1;
      if (window.timing) requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => window.delays.push(performance.timeOrigin + performance.now() - body.sent);
        painted.port2.postMessage(0);
      });
    });
  }
};
"""


class Stamped(Broker):
    """Says when each state was told; so none is like the one before, and every one is sent."""

    def tell(self, topic: str, body: Any) -> None:
        super().tell(topic, {**body, "sent": time.time() * 1000} if topic == "session" else body)


class Seen(SimulatedTable):
    """A simulated discussion, with what a screen would have been shown after each fact."""

    def tell(self, fact: Fact) -> None:
        before = len(self.log)
        super().tell(fact)
        self.shown().append((self.log[before:], self.discussion.snapshot()))

    def shown(self) -> list[tuple[list[Record], Snapshot]]:
        shown: list[tuple[list[Record], Snapshot]] = self.__dict__.setdefault("_shown", [])
        return shown


def serve(pipe: Connection, people: int, hours: float) -> None:
    """In a process of its own: the address first; then plays what it is asked for, and answers with its memory."""
    prompts = default_prompts()
    setup = Setup(people=NAMES[:people], format=prompts.format("open"), language=prompts.language("en"))
    table = Seen(Discussion(setup), talk_ms=int(hours * 3_600_000), until_ms=int(hours * 3_600_000) + 3_600_000)
    table.run()
    states = table.shown()
    server = PageServer.open(broker=Stamped())
    screen = PageScreen(server.broker, airtime=rule_of(setup, "shown"), texts=texts_of("en"), listening=True)
    records, first = states[0]
    screen.write(records)
    screen.show(first)
    pipe.send((server.url, len(states)))
    while (asked := pipe.recv()) is not None:
        begin, end, rate = asked
        began_s = time.monotonic()
        for number, (records, snapshot) in enumerate(states[begin:end]):
            screen.write(records)
            screen.show(snapshot)
            if (wait_s := began_s + number / rate - time.monotonic()) > 0:
                time.sleep(wait_s)
        pipe.send(resident_mb())
    server.close()


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def tab_of(page: Any) -> tuple[float, int]:
    """MB of its heap, and how many nodes it has."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("HeapProfiler.enable")
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    cdp.send("Performance.enable")
    found = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
    cdp.detach()
    return found["JSHeapUsedSize"] / 1e6, int(found["Nodes"])


def painted(page: Any) -> str:
    """Of the delays since the last call."""
    delays = sorted(page.evaluate("window.delays.splice(0)"))
    return f"{statistics.median(delays):.0f} | {delays[int(0.95 * len(delays))]:.0f} | {delays[-1]:.0f} | {len(delays)}"


def measured(browser: Any, people: int, hours: float, seconds: float, rate: float, speed: float) -> Iterator[str]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    served = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, people, hours), daemon=True)
    served.start()
    url, states = ours.recv()
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_selector(".session")

    def play(begin: int, end: int, at_rate: float) -> float:
        ours.send((begin, min(end, states), at_rate))
        while not ours.poll():  # the tab's own work goes on meanwhile
            page.wait_for_timeout(100)
        return float(ours.recv())

    def smoothness(begin: int) -> str:
        page.evaluate("window.timing = true")
        play(begin, begin + int(seconds * rate), rate)
        page.wait_for_timeout(300)
        page.evaluate("window.timing = false")
        return painted(page)

    def row(when: str, program_mb: float, paint: str = " | | | ") -> str:
        heap_mb, nodes = tab_of(page)
        return f"| {people} | {when} | {paint} | {heap_mb:.2f} | {nodes} | {program_mb:.0f} |"

    last = states - int(seconds * rate) - 2000  # before the closing
    first = smoothness(500)
    yield row("begin", play(0, 1, speed), first)
    for part in range(PARTS):
        program_mb = play(last * part // PARTS, last * (part + 1) // PARTS, speed)
        yield row(f"{hours * (part + 1) / PARTS:g} h", program_mb)
    paint = smoothness(last)
    yield row("end", play(0, 1, speed), paint)
    click.echo(f"{states} states, {page.evaluate('window.told')} of them reached the page", err=True)
    page.close()
    ours.send(None)
    served.join(10)


@click.command(help=__doc__)
@click.option("--people", default="2,8", show_default=True)
@click.option("--hours", default=3.0, show_default=True)
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--rate", default=10.0, show_default=True)
@click.option("--speed", default=300.0, show_default=True)
def main(people: str, hours: float, seconds: float, rate: float, speed: float) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    click.echo("| people | when | paint ms, median | p95 | most | of | heap MB | nodes | program MB |")
    click.echo("|---:|---|" + "---:|" * 7)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for count in people.split(","):
            for row in measured(browser, int(count), hours, seconds, rate, speed):
                click.echo(row)
        browser.close()


if __name__ == "__main__":
    main()
