"""`facilitator review`, `replay` and `recover`: sessions that are stored."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.commands.dates import hint
from facilitator.commands.left import beside_of
from facilitator.commands.telling import markdown_page, page
from facilitator.core.discussion import Discussion
from facilitator.errors import UsageError
from facilitator.replay import describe, replay_session
from facilitator.report import beside
from facilitator.report.csv import people_csv
from facilitator.report.json import to_json
from facilitator.retold import retold
from facilitator.store import Store
from facilitator.store_reader import Reader


@click.command()
@click.argument("session", type=int, required=False)
@options.database()
@click.option("--md", "as_markdown", is_flag=True, help="As Markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="Everyone's numbers as a table, for a spreadsheet.")
@options.as_json()
def review(session: int | None, db: Path, as_markdown: bool, as_csv: bool, as_json: bool) -> None:
    """Tells a session again: airtime, turns, cut-ins, agreements, one observation, one question.

    Without SESSION, the latest.

    \b
    Examples:
      facilitator review
      facilitator review 3 --json
      facilitator review --csv > talk.csv
    """
    if as_markdown + as_csv + as_json > 1:
        raise UsageError("--md, --csv and --json are three ways to tell the same: choose one.")
    with Reader.open(db) as reader:
        found = retold(reader, session)
        number = found.stored.session
        more = beside_of(reader, number)
    summary = found.account.summary()
    if as_json:
        values = {"session": number, **to_json(summary), **beside.to_json(more)}
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    if as_csv:
        click.echo(people_csv(summary, more), nl=False)
        return
    also = beside.told(more, summary)
    began = found.stored.started_at[:16].replace("T", " ")
    title = f"Session {number}, {began} UTC"
    if as_markdown:
        click.echo(markdown_page(summary, found.language, title, also), nl=False)
        return
    click.echo(f"{title}\n\n{page(summary, found.language, also)}", nl=False)
    if words := hint(more):
        click.echo(f"\n{words}")
    if (stored := found.stored).ended_at is None:
        state = "is still running" if stored.running else "was interrupted; facilitator start --go-on goes on with it"
        click.echo(f"\nThis session {state}.")


@click.command()
@click.argument("session", type=int, required=False)
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
    click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2) if as_json else describe(found))
    if not found.same:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.database()
def recover(file: Path, db: Path) -> None:
    """Takes a session that could not be stored, and was saved as FILE, into the database.

    \b
    Example:
      facilitator recover facilitator-session-20260412-201500.jsonl
    """
    with Store.open(db) as store:
        number = store.load_rescue(file)
    click.echo(f"It is session {number} now: facilitator review {number}")
