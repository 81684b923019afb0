"""`facilitator review`, `replay` and `recover`: sessions that are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from facilitator.commands import options
from facilitator.commands.options import show_table, write_page
from facilitator.commands.stored.calendar_entries import hint
from facilitator.commands.stored.review_forms import FORMS, ReviewForm, told, without_names
from facilitator.commands.stored.wording import glance, reading
from facilitator.commands.whose_group import of_the_group
from facilitator.core.discussion import Discussion
from facilitator.errors import UsageError
from facilitator.report.output.blocks import plain
from facilitator.report.review.json import review_json
from facilitator.report.session_notes import to_json as beside_json
from facilitator.report.text import how
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.reader import Reader
from facilitator.store.recovery.salvage import salvage
from facilitator.store.replay_diff import describe, replay_session
from facilitator.store.session_log import Store
from facilitator.terminal.tell import columns, tell
from facilitator.terminal.to_type import to_type

SHOWS_HOW = "facilitator correct list"
"""The command that stands in a review that was corrected by hand."""


@click.command()
@click.argument("session", type=options.SESSION, required=False)
@options.database()
@options.log_option()
@click.option("--all", "everything", is_flag=True, help="Every figure, with its rule, and who spoke when.")
@click.option("--how", "only_rules", is_flag=True, help="Only how the figures are counted.")
@click.option(
    "--html",
    type=options.PathName(path_type=Path),
    metavar="FILE",
    help="Write all of it, with pictures, to this file.",
)
@click.option("--anonymous", is_flag=True, help="With --html: one sheet to share, people as A, B, C, without names.")
@click.option("--md", "as_markdown", is_flag=True, help="All of it as Markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="Everyone's numbers as a table, for a spreadsheet.")
@click.option("--rttm", "as_rttm", is_flag=True, help="Who spoke when, as RTTM; seconds on the session's clock.")
@click.option("--open", "shown", flag_value="browser", help="Show it in the browser, where it can be put right, too.")
@click.option("--page", "shown", flag_value="address", help="The same, and open no browser: the address is printed.")
@options.as_json()
@of_the_group
def review(
    session: int | None,
    db: Path,
    everything: bool,
    only_rules: bool,
    html: Path | None,
    anonymous: bool,
    as_markdown: bool,
    as_csv: bool,
    as_rttm: bool,
    shown: Literal["browser", "address"] | None,
    as_json: bool,
) -> None:
    """Tells a session again: what mattered most, everyone's part, three figures, agreements, one question.

    Without SESSION, the latest. --all has everything else.

    \b
    Examples:
      facilitator review
      facilitator review 3 --all
      facilitator review --html talk.html
      facilitator review --html share.html --anonymous
      facilitator review --csv > talk.csv
      facilitator review --open
    """
    if everything + (html is not None) + as_markdown + as_csv + as_rttm + as_json + (shown is not None) > 1:
        raise UsageError("--all, --html, --md, --csv, --rttm, --json and --open tell the same: choose one.")
    if anonymous and html is None:
        raise UsageError("--anonymous goes with --html FILE: facilitator review --html talk.html --anonymous")
    if only_rules:
        texts = texts_of(ENGLISH)
        tell(plain([how(texts)], texts, columns()), nl=False)
        return
    if shown is not None:
        from facilitator.commands.stored.review_page import show_review  # noqa: PLC0415 - the server is loaded where it serves

        show_review(db, session, browser=shown == "browser")
        return
    with Reader.open(db) as reader:
        found = told(reader, session)
    number = found.number
    forms: list[tuple[bool, ReviewForm]] = [(as_csv, "csv"), (as_rttm, "rttm"), (as_markdown, "md")]
    wanted = next((form for asked, form in forms if asked), None)
    if wanted is not None:
        (show_table if wanted == "csv" else partial(click.echo, nl=False))(FORMS[wanted](found))
    elif as_json:
        values = {"session": number, **review_json(found.review), **beside_json(found.notes)}
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
    elif html is not None:
        tell(write_page(html, without_names(found) if anonymous else FORMS["html"](found)))
    else:
        texts = found.texts
        parts = found.review, found.found.language, found.notes
        blocks = reading(*parts, everything=True) if everything else glance(*parts)
        # Only the one command that stands in it: the rest holds people's own words.
        text = plain(blocks, texts, columns()).replace(SHOWS_HOW, to_type(SHOWS_HOW))
        tell(f"{found.title}\n\n{text}", nl=False)
        if not everything and found.review.summary.airtime_ms:
            tell("\n" + texts("terminal.every_figure", command=to_type(f"facilitator review {number} --all")))
        if command := hint(found.notes):
            told_where = texts("terminal.calendar", command=to_type(command))
            tell(f"\n{told_where}" if everything else told_where)
        if (stored := found.found.stored).ended_at is None:
            state = (
                texts("terminal.running")
                if stored.running
                else texts("terminal.broke_off", command=to_type("facilitator start --go-on"))
            )
            tell(f"\n{state}")


@click.command()
@click.argument("session", type=options.SESSION, required=False)
@options.database()
@options.as_json()
def replay(session: int | None, db: Path, as_json: bool) -> None:
    """Runs a session's stored facts through today's rules and says what comes out differently.

    Without SESSION, the latest. Leaves with 1 if anything differs.

    \b
    Example:
      facilitator replay 3
    """
    with Reader.open(db) as reader:
        number = reader.latest() if session is None else session
        found = replay_session(reader, number, Discussion)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        tell(describe(found))
    if not found.same:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=options.PathName(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--database",
    "damaged",
    type=options.PathName(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A damaged database: what can be read of it goes into a new one beside it.",
)
@options.database()
def recover(file: Path | None, damaged: Path | None, db: Path) -> None:
    """Takes a session that could not be stored, and was saved as FILE, into the database; or takes out of a damaged
    database what can be read.

    \b
    Examples:
      facilitator recover facilitator-session-20260412-201500.jsonl
      facilitator recover --database sessions.db
    """  # fmt: skip
    if (file is None) == (damaged is None):
        raise UsageError("Name the file of a session, or a damaged database with --database FILE.")
    if damaged is not None:
        found = salvage(damaged, _as_today)
        lost = f" {found.lost} rows made no sense and were left out." if found.lost else ""
        tell(f"{found.sessions} sessions ({found.rows} rows) are in {found.path} now.{lost}")
        tell(f"{damaged} is as it was. To look: facilitator review --db {found.path}")
        return
    assert file is not None
    with Store.open(db) as store:
        number = store.load_rescue(file)
    tell(to_type(f"It is session {number} now: facilitator review {number}"))


def _as_today(form: str, language: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A format by the name that people read, and a language by its code; else the first there is."""
    prompts = default_prompts()
    formats = [prompts.format(file.stem) for file in prompts.format_files()]
    found = next((one for one in formats if one.get("name") == form), prompts.format("open"))
    return found, prompts.language(
        language if any(language == file.stem for file in prompts.language_files()) else "en"
    )
