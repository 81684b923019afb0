"""A picture of one conversation: who really spoke above, what was heard below. An SVG of our own, nothing to install.

    python benchmarks/speed/picture.py CASE [--from 30] [--seconds 90] [--heard FILE]
        [--output docs/conversation.svg]

CASE is a folder with `conversation.flac` and `truth.json`, as for `benchmarks/accuracy/hearing.py`. `--heard` takes
what `facilitator analyze --json` wrote of it, instead of listening; what is unsure is then not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import click

from benchmarks.accuracy.hearing import hear
from facilitator.core.events import Heard
from facilitator.library.analysis import Analysis

DOUBTFUL = 0.5
"""What is less probably exactly right is marked as unsure."""
GUEST = "a guest"
COLOURS = (
    ("#1f77b4", "#6cb6f0"),
    ("#d1600a", "#ffa35c"),
    ("#2a8a3e", "#6fd388"),
    ("#b8296b", "#f58bbd"),
    ("#6a4fb3", "#b5a1f5"),
    ("#8a6d00", "#e0c04a"),
    ("#00808a", "#54cdd6"),
    ("#7a4a2b", "#d6a17e"),
)
"""On light and on dark ground."""
WIDTH, LEFT, RIGHT = 1040, 118, 150
LONGEST = 10  # letters of a name
TOP, LANE, BAR, GAP = 74, 54, 15, 3
FOOT = 62
STYLE = """
  text { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif }
  .head { font-size: 17px; font-weight: 600 }  .name { font-size: 15px; font-weight: 600 }  .small { font-size: 12px }
  .line { stroke-width: 1 }  .track { opacity: 0.45 }  .truth { opacity: 0.45 }  .stripe { stroke-width: 2.5 }
  .unsure { fill: url(#stripes) }
"""
GROUND = (("ground", "#ffffff", "#0d1117"), ("ink", "#1f2328", "#e6edf3"), ("quiet", "#59636e", "#9198a1"))
LINES = "#d8dee4", "#30363d"
"""Ground, ink and lines: on light and on dark, without variables, which not every viewer of SVG knows."""


def style() -> str:
    """The colours, first for light ground, then for who likes it dark."""
    rules = []
    for side in (0, 1):
        fills = {name: (light, dark)[side] for name, light, dark in GROUND}
        fills |= {"track": LINES[side], "guest": fills["quiet"]}
        fills |= {f"p{k}": colours[side] for k, colours in enumerate(COLOURS)}
        rules.append(
            "\n".join(f"  .{name} {{ fill: {colour} }}" for name, colour in fills.items())
            + f"\n  .line, .ground {{ stroke: {LINES[side]} }}  .stripe {{ stroke: {fills['ground']} }}"
        )
    return f"{STYLE}{rules[0]}\n  @media (prefers-color-scheme: dark) {{\n{rules[1]}\n  }}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`person` (GUEST: nobody of the table) speaks from `start_s` to `end_s`."""

    person: str
    start_s: float
    end_s: float


def stretches(rows: Iterable[dict[str, Any]], people: Sequence[str], first_s: float, last_s: float) -> list[Stretch]:
    """The rows that lie between these times, cut to them."""
    return [
        Stretch(
            person=row["person"] if row["person"] in people else GUEST,
            start_s=max(first_s, row["start"]),
            end_s=min(last_s, row["end"]),
        )
        for row in rows
        if row["start"] < last_s and row["end"] > first_s
    ]


def doubts(final: Iterable[Heard], first_s: float, last_s: float) -> list[Stretch]:
    """Where it was not sure of what it heard."""
    rows = [
        {"person": person, "start": fact.start_ms / 1000, "end": fact.end_ms / 1000}
        for fact in final
        if fact.unknown or fact.confidence < DOUBTFUL
        for person in (*fact.people, *([GUEST] if fact.guest or fact.unknown else []))
    ]
    return stretches(rows, [str(row["person"]) for row in rows], first_s, last_s)


def shares(spoken: Iterable[Stretch], people: Sequence[str]) -> dict[str, float]:
    """Of all that the people said, in percent."""
    said = dict.fromkeys(people, 0.0)
    for one in spoken:
        if one.person in said:
            said[one.person] += one.end_s - one.start_s
    total = sum(said.values())
    return {person: 100 * seconds / total if total else 0.0 for person, seconds in said.items()}


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def drawn(
    people: Sequence[str],
    truth: Sequence[Stretch],
    heard: Sequence[Stretch],
    unsure: Sequence[Stretch],
    first_s: float,
    last_s: float,
) -> str:
    """The picture, as SVG."""
    guest = any(one.person == GUEST for one in (*truth, *heard))
    lanes = [*people, *([GUEST] if guest else [])]
    bottom = TOP + LANE * len(lanes)
    height = bottom + FOOT
    right = WIDTH - RIGHT

    def x(at_s: float) -> float:
        return LEFT + (right - LEFT) * (at_s - first_s) / (last_s - first_s)

    def bar(one: Stretch, y: float, kind: str) -> str:
        lane = lanes.index(one.person)
        colour = "guest" if one.person == GUEST else f"p{lane % len(COLOURS)}"
        size = f'x="{x(one.start_s):.1f}" y="{y}" width="{max(1.0, x(one.end_s) - x(one.start_s)):.1f}" height="{BAR}"'
        return f'<rect {size} rx="2" class="{"unsure" if kind == "unsure" else f"{colour} {kind}"}"/>'

    def text(at: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
        return f'<text x="{at:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'

    true_shares, heard_shares = shares(truth, people), shares(heard, people)
    told = ", ".join(f"{who}: {true_shares[who]:.0f} % in truth, {heard_shares[who]:.0f} % heard" for who in people)
    described = (
        f"{last_s - first_s:.0f} seconds of a conversation of {len(people)} people. Each has a lane of two bars: above,"
        f" when the person really spoke, below, when the program heard the person. Shares of the talk: {told}."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="title description">',
        '<title id="title">Who spoke, and what was heard</title>',
        f'<desc id="description">{escape(described)}</desc>',
        f"<style>{style()}</style>",
        '<defs><pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" class="stripe"/></pattern></defs>',
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10" class="ground"/>',
        text(20, 32, "Who spoke, and what was heard", "head ink"),
        text(right + 12, TOP - 26, "share of this talk", "small quiet"),
        text(right + 12, TOP - 9, "truth", "small quiet"),
        text(right + 66, TOP - 9, "heard", "small quiet"),
    ]
    every = next(step for step in (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600) if (last_s - first_s) / step <= 10)
    at = -(-first_s // every) * every
    while at <= last_s:
        parts.append(f'<line x1="{x(at):.1f}" y1="{TOP - 6}" x2="{x(at):.1f}" y2="{bottom}" class="line"/>')
        parts.append(text(x(at), bottom + 16, clock(at), "small quiet", "middle"))
        at += every
    for number, who in enumerate(lanes):
        y = TOP + LANE * number
        parts.append(text(20, y + BAR + GAP + 4, who if len(who) <= LONGEST else who[: LONGEST - 1] + "…", "name ink"))
        for row, kind, spoken in ((0, "truth", truth), (1, "heard", heard)):
            top = y + row * (BAR + GAP)
            parts.append(f'<rect x="{LEFT}" y="{top}" width="{right - LEFT}" height="{BAR}" rx="2" class="track"/>')
            parts += [bar(one, top, kind) for one in spoken if one.person == who]
        parts += [bar(one, y + BAR + GAP, "unsure") for one in unsure if one.person == who]
        if who != GUEST:
            parts.append(text(right + 12, y + BAR + GAP + 4, f"{true_shares[who]:.0f} %", "name ink"))
            parts.append(text(right + 66, y + BAR + GAP + 4, f"{heard_shares[who]:.0f} %", "name ink"))
    legend = [("p0 truth", "above: who really spoke"), ("p0", "below: what was heard")]
    legend += [("unsure", "heard, but not sure")] if unsure else []
    legend += [("guest", "nobody of the table")] if guest else []
    for number, (kind, words) in enumerate(legend):
        at, y = LEFT + 195 * number, height - 28
        for ground in ("p0", "unsure") if kind == "unsure" else (kind,):
            parts.append(f'<rect x="{at}" y="{y}" width="26" height="{BAR}" rx="2" class="{ground}"/>')
        parts.append(text(at + 34, y + 12, words, "small ink"))
    return "\n".join([*parts, "</svg>"]) + "\n"


@click.command(help=__doc__)
@click.argument("case", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--from", "first_s", type=float, help="Where it begins, in seconds.  [default: after the opening circle]")
@click.option("--seconds", type=float, default=90.0, show_default=True)
@click.option("--heard", "heard_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(__file__).resolve().parents[2] / "docs" / "conversation.svg",
    show_default="docs/conversation.svg",
)
def main(case: Path, first_s: float | None, seconds: float, heard_file: Path | None, output: Path) -> None:
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    begin_s = truth["scored_from"] if first_s is None else first_s
    end_s, people = begin_s + seconds, truth["people"]
    unsure: list[Stretch] = []
    if heard_file is None:
        analysis = hear(case, truth)
        rows, unsure = Analysis.of(analysis).to_values()["final"]["speech"], doubts(analysis.final, begin_s, end_s)
    else:
        rows = json.loads(heard_file.read_text(encoding="utf-8"))["final"]["speech"]
    said, heard = (stretches(part, people, begin_s, end_s) for part in (truth["speech"], rows))
    output.write_text(drawn(people, said, heard, unsure, begin_s, end_s), encoding="utf-8")
    click.echo(f"Written: {output}")


if __name__ == "__main__":
    main()
