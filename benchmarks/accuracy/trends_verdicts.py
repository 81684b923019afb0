"""How often `facilitator trends` calls a change what is none, and how often it finds one that is.

    .venv/bin/python benchmarks/accuracy/trends_verdicts.py [--histories 1000]

Histories are generated (`tests/support/histories.py`): two to four people whose shares, cut-ins, moods and agreements
differ from session to session, and resemble those of the session before as much as is said. A history counts as wrong
if any of the things that are followed is called changed.
"""

from __future__ import annotations

from typing import Any

import click

from facilitator.core.formats.stages import INDICATORS
from facilitator.core.trends.history import History
from tests.support.histories import Group, changed, reviews

NOTHING = [
    (2, 8, 0.0, 1), (2, 16, 0.0, 1), (2, 16, 0.3, 1), (3, 24, 0.0, 1), (2, 40, 0.0, 2), (4, 60, 0.3, 3),
    (2, 60, 0.6, 1), (2, 150, 0.4, 1), (4, 500, 0.0, 2),
]  # fmt: skip
SOMETHING: list[tuple[str, str, int, dict[str, Any]]] = [
    ("share", "Ana's share by 25 points", 16, {"grows": 0.25}), ("share", "by 25 points", 30, {"grows": 0.25}),
    ("share", "by 20 points", 52, {"grows": 0.20}), ("share", "by 12 points", 150, {"grows": 0.12}),
    ("share", "by 8 points", 500, {"grows": 0.08}), ("cut-ins", "cut-ins to a quarter", 52, {"calmer": 0.25}),
    ("leaving", "mood at the end by 2 of 5", 52, {"better": 2.0}),
]  # fmt: skip


@click.command(help=__doc__)
@click.option("--histories", default=1000, show_default=True)
def main(histories: int) -> None:
    click.echo(
        "| nothing changes: people | sessions | like the one before | formats | wrong |\n|---:|---:|---:|---:|---:|"
    )
    for people, sessions, alike, formats in NOTHING:
        many = histories if sessions < 100 else histories // 4
        wrong = sum(
            bool(changed(Group(seed, alike=alike, people=people, sessions=sessions, formats=formats).history()))
            for seed in range(many)
        )
        click.echo(f"| {people} | {sessions} | {alike} | {formats} | {100 * wrong / many:.1f} % |")
    click.echo("\n| something changes | sessions | found |\n|---|---:|---:|")
    for what, told, sessions, change in SOMETHING:
        many = histories // (2 if sessions < 100 else 8)
        found = sum(what in changed(Group(seed, sessions=sessions, **change).history()) for seed in range(many))
        click.echo(f"| {told} | {sessions} | {100 * found / many:.0f} % |")
    click.echo(
        "\n| how fair one of four things feels, to a couple | reviews | found of one person | of both together |"
        "\n|---|---:|---:|---:|"
    )
    for rise in (0, 2, 3):
        for sessions in (8, 12, 16, 20, 28, 40):
            many = histories // 4
            of_things = [_told(reviews(seed, sessions, rise)) for seed in range(many)]
            of_one, of_all = (100 * sum(what in found for found in of_things) / many for what in ("fair", "fair-all"))
            changing = f"fairer by {rise} of 5" if rise else "no change"
            click.echo(f"| {changing} | {sessions} | {of_one:.0f} % | {of_all:.0f} % |")


def _told(found: History) -> set[str]:
    """What is told of the thing that may have changed: of Ana, and of both."""
    return {
        series.what
        for series in found.series
        if series.trend.verdict == "change" and series.about == INDICATORS[0] and series.who in ((), ("Ana",))
    }


if __name__ == "__main__":
    main()
