"""`facilitator correct`: putting right afterwards who somebody was, who spoke when, and what counts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from facilitator.commands import candidates, options
from facilitator.commands.groups import Commands
from facilitator.commands.stored.wording import texts_of_session
from facilitator.commands.whose_group import of_the_group
from facilitator.core.language.names import folded
from facilitator.core.language.texts import Texts
from facilitator.core.review.apply_corrections import corrected, names_now
from facilitator.core.review.correction import (
    Correction,
    LeftOut,
    MadeGuest,
    Merged,
    Reassigned,
    Renamed,
    Seated,
    to_json,
)
from facilitator.core.review.summary import PersonSummary, Summary
from facilitator.core.text import length
from facilitator.errors import UsageError
from facilitator.report.corrections import in_words
from facilitator.store.corrections import Corrections
from facilitator.store.people import People
from facilitator.store.rerun import rerun
from facilitator.terminal.ask import parse_name, parse_new_name
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


def _of_a_session(command: Any) -> Any:
    """--session and --db; the latest of --group, where that was said in place of a number."""
    number = click.option(
        "--session", type=options.SESSION, metavar="N", help="Its number. Without it, the latest session."
    )
    return number(options.database()(of_the_group(command)))


def _of_a_stretch(command: Any) -> Any:
    for name in ("end", "start"):
        command = click.argument(name, callback=lambda _, __, text: parse_time(text))(command)
    return _of_a_session(command)


@click.group(cls=Commands)
def correct() -> None:
    """Puts right what was heard wrongly in a session that is over: who somebody was, who spoke, what counts.

    All figures follow, in the review and in the trends. What was heard is kept, so everything can be undone. START and
    END are times since the session began, as the review has them: 12:40, 1:02:03, or seconds.

    \b
    Examples:
      facilitator correct rename Ana Anna
      facilitator correct reassign 12:40 12:55 --from Ana --to Ben
      facilitator correct undo
    """


@correct.command()
@click.argument("name", shell_complete=candidates.people_known)
@click.argument("new")
@_of_a_session
def rename(name: str, new: str, session: int | None, db: Path) -> None:
    """Says that the seat of NAME in this session was that of NEW. (In all sessions: facilitator people rename.)

    \b
    Example:
      facilitator correct rename Ana Anna --session 3
    """
    old, new = parse_name(name), parse_new_name(new)
    _make(db, session, Renamed(old, new))
    with People.open(db) as store:
        number = store.latest() if session is None else session
        called_so = [one for one in store.people() if folded(one.name) == folded(old)]
        group, texts = store.stored(number).group, texts_of_session(store, number)
    still = next((one.name for one in called_so if one.group == group and one.sessions), None)
    if still is not None:
        which = f" --group {shlex.quote(group)}" if len(called_so) > 1 else ""
        everywhere = to_type(f"facilitator people rename {shlex.quote(still)} {shlex.quote(new)} --merge{which}")
        tell(texts("corrections.elsewhere", name=still, command=everywhere))


@correct.command()
@click.argument("name", shell_complete=candidates.people_known)
@click.argument("into", shell_complete=candidates.people_known)
@_of_a_session
def merge(name: str, into: str, session: int | None, db: Path) -> None:
    """Says that two seats or voices of this session were one person, called INTO.

    \b
    Example:
      facilitator correct merge "Voice 2" Ana
    """
    _make(db, session, Merged(parse_name(name), parse_name(into)))


def _speaker(command: Any) -> Any:
    text = "Only where this person was heard; what others said at the same time stays theirs."
    return click.option("--from", "person", metavar="NAME", help=text)(command)


@correct.command()
@_of_a_stretch
@_speaker
@click.option("--to", required=True, metavar="NAME", help="Who it was.")
@click.option("--new", is_flag=True, help="They had no seat so far, and get one.")
def reassign(start: int, end: int, person: str | None, to: str, new: bool, session: int | None, db: Path) -> None:
    """Says that somebody else spoke from START to END.

    \b
    Examples:
      facilitator correct reassign 12:40 12:55 --to Ben
      facilitator correct reassign 12:40 12:55 --from Ana --to Ben
      facilitator correct reassign 12:40 12:55 --to Dora --new
    """
    kind = Seated if new else Reassigned
    _make(db, session, kind(start, end, person and parse_name(person), parse_new_name(to) if new else parse_name(to)))


@correct.command()
@_of_a_stretch
@_speaker
def guest(start: int, end: int, person: str | None, session: int | None, db: Path) -> None:
    """Says that somebody without a seat spoke from START to END.

    \b
    Example:
      facilitator correct guest 12:40 12:55
    """
    _make(db, session, MadeGuest(start, end, person and parse_name(person)))


@correct.command("leave-out")
@_of_a_stretch
def leave_out(start: int, end: int, session: int | None, db: Path) -> None:
    """Says that nothing from START to END counts, as in a pause.

    \b
    Example:
      facilitator correct leave-out 12:40 12:55
    """
    _make(db, session, LeftOut(start, end))


@correct.command("list")
@_of_a_session
@options.as_json()
def list_corrections(session: int | None, db: Path, as_json: bool) -> None:
    """Lists what was corrected in a session, and what of it was undone.

    \b
    Example:
      facilitator correct list --session 3
    """
    with Corrections.open(db) as store:
        number = store.latest() if session is None else session
        found, texts = store.corrections(number), texts_of_session(store, number)
    if as_json:
        values = [
            {"number": one.number, **to_json(one.correction), "made_at": one.made_at, "undone_at": one.undone_at}
            for one in found
        ]
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    tell(texts("corrections.heading" if found else "corrections.untouched", number=str(number)))
    for one in found:
        undone = "" if one.undone_at is None else f" {texts('corrections.undone_on', moment=_moment(one.undone_at))}"
        tell(f"  {one.number}  {in_words(one.correction, texts)} ({_moment(one.made_at)}){undone}")


@correct.command()
@click.argument("number", type=options.SESSION, required=False)
@_of_a_session
def undo(number: int | None, session: int | None, db: Path) -> None:
    """Takes a correction back: NUMBER as listed, or the latest.

    \b
    Examples:
      facilitator correct undo
      facilitator correct undo 2 --session 3
    """

    def change(store: Corrections, which: int) -> str:
        undone, texts = store.undo(which, number), texts_of_session(store, which)
        (words,) = [in_words(one.correction, texts) for one in store.corrections(which) if one.number == undone]
        return texts("corrections.undone", number=str(which), correction=str(undone), what=words)

    _change(db, session, change)


def _make(db: Path, session: int | None, correction: Correction) -> None:
    def change(store: Corrections, which: int) -> str:
        number = store.correct(which, correction)
        texts = texts_of_session(store, which)
        what = in_words(store.corrections(which)[-1].correction, texts)
        back = texts("corrections.take_back", command=to_type(f"facilitator correct undo {number} --session {which}"))
        return f"{texts('corrections.of_session', number=str(which), what=what)}\n{back}"

    _change(db, session, change)


def _change(db: Path, session: int | None, change: Callable[[Corrections, int], str]) -> None:
    """Do it, and say how the figures were before and are now."""
    with Corrections.open(db) as store:
        which = store.latest() if session is None else session
        found, was = rerun(store, which), store.standing(which)
        first, *rest = change(store, which).split("\n")
        now, texts = store.standing(which), texts_of_session(store, which)
    before, after = found.account.summary(), corrected(found.heard, now).summary()
    told = figures(before, after, _earlier(found.heard.people, was, now), texts)
    told = told or [texts("corrections.no_figure")]
    tell("\n".join([first, *told, *rest]))


def _earlier(heard: Sequence[str], was: Sequence[Correction], now: Sequence[Correction]) -> dict[str, str]:
    """What people were called before, by what they are called now: of those for whom that is another name."""
    before, after = names_now(heard, was), names_now(heard, now)
    names = {after.get(name, name): before.get(name, name) for name in heard}
    return {new: old for new, old in names.items() if new != old and old not in names}


_SHARE = "corrections.figures.share"
_OF_A_PERSON: Mapping[str, Callable[[PersonSummary], str]] = {
    _SHARE: lambda person: f"{round(100 * person.share)} %",
    "report.columns.airtime": lambda person: length(person.airtime_ms),
    "report.columns.turns": lambda person: str(person.turns),
    "report.columns.longest": lambda person: length(person.longest_turn_ms),
    "corrections.figures.cut_ins_made": lambda person: str(person.cut_ins_made),
    "corrections.figures.cut_ins_received": lambda person: str(person.cut_ins_received),
}
_OF_ALL: Mapping[str, Callable[[Summary], str]] = {
    "timeline.guests": lambda summary: length(summary.guest_ms),
    "corrections.figures.not_attributed": lambda summary: length(summary.unattributed_ms),
    "corrections.figures.silence": lambda summary: length(summary.silence_ms),
}


def figures(before: Summary, after: Summary, earlier: Mapping[str, str], texts: Texts) -> list[str]:
    """What has changed, a line for each figure. `earlier`: what people were called before, by what they are now."""
    were = {person.name: person for person in before.people}
    lines = []
    for what, of in _OF_A_PERSON.items():
        if what == _SHARE and not (before.has_shares and after.has_shares):
            continue
        told = [
            f"{person.name} {of(old)} -> {of(person)}" if old else f"{person.name} {of(person)}"
            for person in after.people
            if (old := were.get(earlier.get(person.name, person.name))) is None or of(old) != of(person)
        ]
        if told:
            lines.append(f"{texts(what)}: {', '.join(told)}")
    lines += [f"{texts(what)}: {of(before)} -> {of(after)}" for what, of in _OF_ALL.items() if of(before) != of(after)]
    return lines


def parse_time(text: str) -> int:
    """`12:40`, `1:02:03` or seconds, in milliseconds. Raises UsageError."""
    found = re.fullmatch(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d{1,3})?)", text.strip())
    if found:
        hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3])
        if (found[2] is None or seconds < 60) and (found[1] is None or minutes < 60):
            return (hours * 60 + minutes) * 60_000 + round(seconds * 1000)
    raise UsageError(f"“{text}” is no time; write it as 12:40, 1:02:03 or seconds.")


def _moment(text: str) -> str:
    return f"{text[:16].replace('T', ' ')} UTC"
