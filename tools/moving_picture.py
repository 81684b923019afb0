"""Writes docs/demonstration.svg: the bundled demonstration in a terminal, as a picture that moves.

    .venv/bin/python tools/moving_picture.py

The demonstration is run through the whole program, faster than it goes. What lies between two moments that are kept is
shortened, and whatever is newly said stands long enough to be read. A line of the terminal that stays the same is drawn
once. Nothing of it is a script, so it moves where a README shows it; whoever asked their browser for less motion sees
one moment of it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.discussion import Discussion
from facilitator.core.events import Record
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.core.snapshot import Snapshot
from facilitator.demo.script import bundled, load_script
from facilitator.demo.scripted_table import Played, ScriptedTable
from facilitator.hearing.signal.audio import Samples
from facilitator.pipelines.live import open_listener
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.session import Session
from facilitator.terminal.view import lay_out

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "demonstration.svg"
WIDTH, HEIGHT = 84, 24
FASTER = 6
LEAST_S, MOST_S = 0.4, 0.8
TO_READ_S = 1.7
APART_MS = 2_500
"""For something that is newly said."""
END_S = 4.0


class Moment(NamedTuple):
    snapshot: Snapshot
    caption: str
    """What somebody at the table says."""


class Frame(NamedTuple):
    """`rows`: the elements of each line of the terminal, by their height in the picture."""

    seconds: float
    rows: dict[float, str]


class _Moments:
    """A screen that keeps every moment it is shown."""

    def __init__(self) -> None:
        self.kept: list[Moment] = []
        self.caption = ""

    def show(self, snapshot: Snapshot) -> None:
        self.kept.append(Moment(snapshot, self.caption))

    def write(self, records: Sequence[Record]) -> None:
        pass

    def close(self) -> None:
        pass


def demonstration() -> list[Moment]:
    """The moments of the bundled demonstration, through the whole program."""
    scene, prompts, moments = load_script(bundled()), default_prompts(), _Moments()

    def along(played: Played, clip: Samples) -> None:
        if said := scene.words.get(played.clip):
            moments.caption = f"{played.person}: “{said}”"

    table = ScriptedTable(scene, paced=False, listen_along=along)
    setup = Setup(
        people=scene.people,
        format=with_options(prompts.format(scene.format), minutes=scene.minutes, rounds=scene.rounds),
        language=prompts.language(scene.language),
    )
    Session(
        discussion=Discussion(setup),
        voice=SilentVoice(),
        source=table,
        ear=open_listener()[0],
        keys=[table],
        screen=moments,
        sinks=[table],
        fast=True,
    ).run()
    return moments.kept


def frames(moments: Sequence[Moment]) -> list[Frame]:
    """From the first turn to the end, without those that look like the one before them."""
    told: list[Moment] = []
    for moment in moments:
        at_ms, last = moment.snapshot.at_ms, told[-1] if told else None
        often = last is not None and _said(last) == _said(moment) and at_ms - last.snapshot.at_ms < APART_MS
        if moment.snapshot.stage_kind not in ("opening", "") and not often:
            told.append(moment)
    found: list[Frame] = []
    for number, moment in enumerate(told):
        after = told[number + 1] if number + 1 < len(told) else None
        before = told[number - 1] if number else None
        if after is None:
            seconds = END_S
        else:
            seconds = (after.snapshot.at_ms - moment.snapshot.at_ms) / 1000 / FASTER
            new = before is None or _said(before) != _said(moment)
            seconds = max(seconds, TO_READ_S) if new else min(MOST_S, max(LEAST_S, seconds))
        rows = _rows(moment)
        if found and found[-1].rows == rows:
            found[-1] = Frame(found[-1].seconds + seconds / 2, rows)
        else:
            found.append(Frame(seconds, rows))
    return found


def _said(moment: Moment) -> tuple[str, str]:
    return moment.snapshot.last_said, moment.caption


def _rows(moment: Moment) -> dict[float, str]:
    """As rich draws a terminal, but with the style at each element, so that the same line is always the same text."""
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
    rule = AirtimeRule(now="shown", aims={})
    for line in lay_out(moment.snapshot, rule, texts_of("en"), WIDTH, HEIGHT, caption=moment.caption):
        console.print(line)
    drawn = console.export_svg(title="", unique_id="t")
    styles = dict(re.findall(r"\.t-(r\d+) \{ (.*?);? \}", drawn))
    rows: dict[float, str] = {}
    for fill, x, y, wide in re.findall(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height', drawn):
        row = float(y) + 18.5
        rows[row] = rows.get(row, "") + f'<rect fill="{fill}" x="{x}" y="{y}" width="{wide}" height="24.6"/>'
    text = r'<text class="t-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>(.*?)</text>'
    for style, x, y, long, inside in re.findall(text, drawn, flags=re.S):
        if inside.replace("&#160;", "").strip():
            row = round(float(y), 1)
            element = f'<text style="{styles[style]}" x="{x}" y="{y}" textLength="{long}">{inside}</text>'
            rows[row] = rows.get(row, "") + element
    return rows


def picture(shown: Sequence[Frame], still: int) -> str:
    """The moving picture. `still`: which frame is shown where nothing may move."""
    whole_s = sum(frame.seconds for frame in shown)
    starts = [100 * sum(frame.seconds for frame in shown[:number]) / whole_s for number in range(len(shown) + 1)]
    seen: dict[tuple[bool, ...], list[str]] = {}
    for row in dict.fromkeys(row for frame in shown for row in frame.rows.items()):
        y, drawn = row
        seen.setdefault(tuple(frame.rows.get(y) == drawn for frame in shown), []).append(drawn)
    styles, groups = [], []
    classes: dict[str, str] = {}
    for number, (when, rows) in enumerate(seen.items()):
        look = f' class="a{number}{" still" if when[still] else ""}"'
        if all(when):
            look = ""
        else:
            styles.append(f"@keyframes k{number}{{{_keyframes(when, starts)}}}g.a{number}{{animation-name:k{number}}}")
        groups.append(f"<g{look}>{''.join(_classed(row, classes) for row in rows)}</g>")
    width, height = round(12.2 * WIDTH + 20), round(24.4 * HEIGHT + 60)
    own = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><style>'
        "text{font:20px 'Fira Code',Consolas,'DejaVu Sans Mono',monospace;white-space:pre}"
        f"g[class]{{visibility:hidden;animation:{whole_s:.1f}s step-end infinite}}{own}{''.join(styles)}"
        "@media (prefers-reduced-motion:reduce){g[class]{animation:none}g.still{visibility:visible}}"
        f'</style><rect width="{width}" height="{height}" rx="10" fill="#292929"/>'
        '<circle cx="24" cy="22" r="7" fill="#ff5f57"/><circle cx="46" cy="22" r="7" fill="#febc2e"/>'
        '<circle cx="68" cy="22" r="7" fill="#28c840"/>'
        f'<svg x="9" y="44">{"".join(groups)}</svg></svg>\n'
    )


def _keyframes(when: Sequence[bool], starts: Sequence[float]) -> str:
    steps, last = [], None
    for number, on in enumerate(when):
        if on != last:
            steps.append(f"{starts[number]:.2f}%{{visibility:{'visible' if on else 'hidden'}}}")
        last = on
    return "".join(steps)


def _classed(row: str, classes: dict[str, str]) -> str:
    """With a short class in place of each style."""

    def short(match: re.Match[str]) -> str:
        name = classes.setdefault(match[1], f"s{len(classes)}")
        return f'class="{name}"'

    return re.sub(r'style="([^"]*)"', short, row)


if __name__ == "__main__":
    shown = frames(demonstration())
    cut_in = next(number for number, frame in enumerate(shown) if "Tom&#160;is&#160;speaking" in str(frame.rows))
    PICTURE.write_text(picture(shown, cut_in), encoding="utf-8", newline="\n")
    print(f"Wrote {PICTURE}: {len(shown)} moments in {sum(frame.seconds for frame in shown):.0f} s.")
