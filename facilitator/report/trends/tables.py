"""Many tables together, as text, as a page with pictures, and as JSON values."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from html import escape
from typing import Any

from facilitator.core.language.texts import Texts
from facilitator.core.text import WIDEST, in_lines
from facilitator.core.trends.history import Followed
from facilitator.core.trends.tables import LEAST_TABLES, LEAST_TALKS, MonthSpread, Tables, TableSpread
from facilitator.report.output.html_page import document, static
from facilitator.report.output.html_page import words as in_html
from facilitator.report.trends.words import amount, short

WIDTH, HEIGHT, EDGE, GUTTER = 320.0, 96.0, 8.0, 40.0
_DIGITS = 4


def tables_text(found: Tables, texts: Texts, width: int | None = None) -> str:
    """For a terminal of that many columns (None: it is for none); ends in a newline."""
    blocks = [f"{texts('trends.tables.title')}: {_summary(found, texts)}"]
    for spread in found.spreads:
        if spread.told:
            lines = [f"  {_told(spread.what, month, texts)}" for month in spread.told]
            blocks.append("\n".join([f"{_title(spread, texts)}:", *lines]))
    blocks.append(_rule(texts))
    return in_lines("\n\n".join(blocks), WIDEST if width is None else width) + "\n"


def tables_page(found: Tables, texts: Texts, made_on: datetime.date) -> str:
    """A page that needs nothing else. `made_on`: the day it was made."""
    cards = "".join(_card(spread, texts) for spread in found.spreads if spread.told)
    inside = (
        f'<div class="trends" lang="{escape(texts.code, quote=True)}"><h1>{in_html(texts("trends.tables.title"))}</h1>'
        f'<p class="soft">{in_html(texts("report.made_on", day=texts.day(made_on)))}</p>'
        f'<p>{in_html(_summary(found, texts))}</p><div class="cards">{cards}</div>'
        f'<p class="soft">{in_html(_rule(texts))}</p></div>'
    )
    return document(texts("trends.tables.title"), inside, language=texts.code, styles=[static("review/trends.css")])


def tables_json(found: Tables) -> dict[str, Any]:
    return {
        "talks": found.talks,
        "tables": found.tables,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "spreads": [
            {
                "what": spread.what,
                "months": [
                    {
                        "month": month.month,
                        "talks": month.talks,
                        "quarter": _rounded(month.quarter),
                        "middle": _rounded(month.middle),
                        "three_quarters": _rounded(month.three_quarters),
                    }
                    for month in spread.months
                ],
            }
            for spread in found.spreads
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _title(spread: TableSpread, texts: Texts) -> str:
    return texts(f"trends.titles.{spread.what}")


def _summary(found: Tables, texts: Texts) -> str:
    sessions = texts.counted("trends.sessions", found.talks, first=texts.day(found.first), last=texts.day(found.last))
    return f"{sessions}. {texts('trends.tables.tables', number=found.tables)}"


def _rule(texts: Texts) -> str:
    return texts("trends.tables.rule", talks=LEAST_TALKS, tables=LEAST_TABLES)


def _told(what: Followed, month: MonthSpread, texts: Texts) -> str:
    assert month.middle is not None and month.quarter is not None and month.three_quarters is not None
    return texts(
        "trends.tables.month",
        month=month.month,
        middle=amount(what, month.middle, texts),
        low=short(what, month.quarter, texts),
        high=short(what, month.three_quarters, texts),
        number=month.talks,
    )


def _card(spread: TableSpread, texts: Texts) -> str:
    lately = _told(spread.what, spread.told[-1], texts)
    return (
        f'<article class="card"><h3>{in_html(_title(spread, texts))}</h3>{_picture(spread, texts)}'
        f"<p>{in_html(lately)}</p></article>"
    )


def _picture(spread: TableSpread, texts: Texts) -> str:
    """Each month a dot in the middle, and a bar over the half of the talks around it."""
    told = spread.told
    low = min(month.quarter or 0.0 for month in told)
    high = max(month.three_quarters or 0.0 for month in told)
    room = (high - low) or 1.0
    step = (WIDTH - GUTTER - EDGE) / len(told)

    def y(value: float | None) -> float:
        return HEIGHT - 2 * EDGE - (HEIGHT - 4 * EDGE) * (((value or 0.0) - low) / room if high > low else 0.5)

    def drawn() -> Iterator[str]:
        for place, month in enumerate(told):
            x = f"{GUTTER + step * (place + 0.5):.1f}"
            ends = f'y1="{y(month.quarter):.1f}" x2="{x}" y2="{y(month.three_quarters):.1f}"'
            yield f'<line class="bar" x1="{x}" {ends}/><circle class="dot" cx="{x}" cy="{y(month.middle):.1f}" r="3"/>'

    label = f"{_title(spread, texts)}: {texts.side_by_side(_told(spread.what, month, texts) for month in told)}"
    months = dict.fromkeys([told[0].month, told[-1].month])
    under = "".join(
        f'<text x="{GUTTER + (WIDTH - GUTTER - 52) * place:.0f}" y="{HEIGHT - 2:.0f}">{month}</text>'
        for place, month in enumerate(months)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{''.join(drawn())}{under}"
        f'<text x="0" y="{y(high) + 4:.0f}">{escape(short(spread.what, high, texts))}</text>'
        f'<text x="0" y="{y(low) + 4:.0f}">{escape(short(spread.what, low, texts))}</text></svg>'
    )
