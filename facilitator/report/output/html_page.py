"""What all written pages have in common: one file that needs nothing else, in light, in dark and on paper.

A page names no address, and its content policy allows nothing from elsewhere. The colours are those of the page in the
browser (`page/static/shared/palette.css`), the rest of the style is in `review.css` beside it.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from facilitator.report.output.blocks import Lines, Prose, TextBlock, TextTable

MADE_HERE = '<meta name="generator" content="facilitator">'
"""By this a page of this program's is known again."""
_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[\w/]+\.js)";\n', flags=re.M)
_EXPORT = re.compile(r"^export (?=const|function|class)", flags=re.M)


def static(name: str) -> str:
    """A file of the page in the browser; empty where there is none of this name."""
    file = resources.files("facilitator.page") / "static" / name
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def script(name: str) -> str:
    """A script of the page as one module: what it imports is put before it. Empty if there is none."""
    text = static(name)
    imported = [posixpath.normpath(f"{posixpath.dirname(name)}/{found}") for found in _IMPORT.findall(text)]
    parts = [*(_EXPORT.sub("", script(other)) for other in imported), _IMPORT.sub("", text)]
    return "\n".join(parts)


def document(title: str, body: str, *, language: str, styles: Iterable[str] = (), scripts: Iterable[str] = ()) -> str:
    """The whole page. `language` is its code; `styles` go with those that all have; `scripts` are modules, the only
    ones that may run."""
    style = "\n".join([static("shared/palette.css"), static("review/review.css"), *styles])
    scripts = [text for text in scripts if text]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = "".join(f" 'sha256-{one}'" for one in hashes) or " 'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src{allowed}; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{escape(language, quote=True)}"><head><meta charset="utf-8">'
        f"{MADE_HERE}"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{escape(title)}</title><style>{style}</style></head><body class="written"><main>{body}</main>'
        + "".join(f'<script type="module">{text}</script>' for text in scripts)
        + "</body></html>\n"
    )


_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RUN = re.compile(f"[{_RIGHT_TO_LEFT}](?:[{_RIGHT_TO_LEFT}\\s'’-]*[{_RIGHT_TO_LEFT}])?")


def words(text: str) -> str:
    """Text as HTML; a number and its sign stay together, and a name that is written from the right (Hebrew, Arabic)
    turns nothing round that stands beside it."""
    return _RUN.sub(r"<bdi>\g<0></bdi>", escape(text, quote=False)).replace(" %", "&nbsp;%")


def of(block: TextBlock) -> str:
    match block:
        case Prose():
            return f'<p class="{block.kind}">{words(block.text)}</p>'
        case Lines():
            return f"<ul>{''.join(f'<li>{words(line)}</li>' for line in block.lines)}</ul>"
        case TextTable():
            return table(block)


def table(told: TextTable) -> str:
    """With headings of rows and columns, and a caption for those who do not see it; wide ones can be scrolled."""
    head = "".join(_cell("th scope=col", cell) for cell in told.rows[0])
    rows = "".join(
        f"<tr>{_cell('th scope=row', row[0])}{''.join(_cell('td', cell) for cell in row[1:])}</tr>"
        for row in told.rows[1:]
    )
    caption = escape(told.caption, quote=True)
    kind = ' class="wordy"' if told.wordy else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table{kind}>'
        f'<caption class="unseen">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cell(tag: str, text: str) -> str:
    inside = f"<bdi>{escape(text)}</bdi>" if tag == "th scope=row" else words(text)  # a name, of any direction
    return f"<{tag}>{inside}</{tag.split(maxsplit=1)[0]}>" if text else "<td></td>"


def folded(summary: str, inside: str, kind: str = "") -> str:
    """What is only seen when it is opened."""
    name = f' class="{kind}"' if kind else ""
    return f"<details{name}><summary>{words(summary)}</summary>{inside}</details>"


def blocks(found: Sequence[TextBlock]) -> str:
    return "".join(of(block) for block in found)
