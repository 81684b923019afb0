"""What is one person's, as a page for them to read, as JSON, and as dates for their calendar."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from facilitator.commands.stored.calendar_entries import agreement_entries, over, return_entry, uid_of
from facilitator.core.agreements import Agreement, is_open
from facilitator.core.text import WIDEST, in_lines, length
from facilitator.report.agreements import made
from facilitator.report.output.calendar import Entry
from facilitator.resources.texts import ENGLISH, texts_of
from facilitator.store.personal_data import OTHER, PersonalData, Sat
from facilitator.store.session_notes import agreement_of
from facilitator.system import exports

_TEXTS = texts_of(ENGLISH)
README = """\
{mark}: what is kept about {name}, as it was on {day}, and nothing else.

yours.txt    To read.
yours.json   The same for programs, and every row of the database that is yours: when you spoke and had the
             floor, every time that you cut in or were cut in on, what you said of yourself in numbers,
             what you agreed on.
dates.ics    What is open of it and has a date, for your calendar. It is not there if nothing has one.

Whoever else was there is “{other}” in it, always the same words, because their names are not yours
to be given. So it is in what was said or agreed. What somebody else is to take care of is not in here; what
everyone is to take care of is. No sound of you is kept, and no words but those you said yes to.

To have a name put right: facilitator people rename. To be forgotten: facilitator forget.
"""


def readme(mine: PersonalData, day: datetime.date) -> str:
    return README.format(mark=exports.MARK, name=mine.names[0], day=_TEXTS.day(day), other=OTHER)


def told(mine: PersonalData, day: datetime.date) -> str:
    """The page to read."""
    name = mine.names[0]
    blocks = [f"What is kept about {name}, on {_TEXTS.day(day)}", _in_all(mine)]
    blocks += [_session(sat) for sat in mine.sat]
    if agreements := _agreements(mine):
        blocks.append(
            "What you agreed on, or are to take care of\n"
            + "\n".join(f"  {made(one, _TEXTS)}" for one, _ in agreements)
        )
    if said := [row["said"] for row in mine.tables["pronunciations"]]:
        blocks.append(f"Your name is spelled for the voice: {said[0]}")
    if voice := [row["saved_on"] for row in mine.tables["voiceprints"]]:
        blocks.append(
            f"Your voiceprint, which you asked to have kept on {max(voice)}: numbers that say how your voice sounds."
            " They are in yours.json, under voiceprints."
        )
    return in_lines("\n\n".join(blocks), WIDEST) + "\n"


def _in_all(mine: PersonalData) -> str:
    if not mine.sat:
        return "You took part in no session; what else there is of you follows, if anything."
    number = "1 session" if len(mine.sat) == 1 else f"{len(mine.sat)} sessions"
    return f"You took part in {number}, and spoke for {_clock(sum(sat.airtime_s for sat in mine.sat))} in all."


def _session(sat: Sat) -> str:
    others = {0: "alone", 1: f"with {OTHER}"}.get(sat.others, f"with {sat.others} other participants")
    began = _TEXTS.moment(sat.started_at)
    return "\n".join(
        [f"Session {sat.session}: {began}, {sat.format}, {others}", *(f"  {line}" for line in _lines(sat))]
    )


def _lines(sat: Sat) -> Iterator[str]:
    if not sat.heard:
        yield "You were not listened to, so nothing was measured."
    else:
        range_ = f" (likely {_percent(sat.low)} to {_percent(sat.high)} %)" if sat.low is not None else ""
        share = "" if sat.share is None else f", {_percent(sat.share)} % of everyone's airtime{range_}"
        yield f"You spoke for {_clock(sat.airtime_s)}{share}."
        yield f"Turns: {sat.turns}, the longest {_clock(sat.longest_turn_s)}."
        made, received = sat.cut_ins_made, sat.cut_ins_received
        yield f"You cut in {_TEXTS.counted('times', made)}." if made else "You cut in on nobody."
        yield (f"You were cut in on {_TEXTS.counted('times', received)}." if received else "Nobody cut in on you.")
    words = {
        "arriving": "You arrived with {} of 5 (1 heavy, 5 light).",
        "leaving": "You left with {} of 5.",
        "share": "You thought that your share was {} %.",
    }
    for what, value in sat.ratings.items():
        yield words.get(what, f"You said of {what}: {{}}.").format(value)
    for what, value in sat.fair.items():
        yield f"How fair it felt how you share this, {what}: {value} of 5 (1 not at all, 5 entirely)."
    if sat.said:
        yield "What I said to you, or about you:"
        yield from (f"  {length(at_ms)}  {text}" for at_ms, text in sat.said)


def _clock(seconds: float) -> str:
    return length(round(1000 * seconds))


def _percent(part: float | None) -> str:
    return f"{round(100 * (part or 0))}"


def values(mine: PersonalData, now: datetime.datetime) -> dict[str, Any]:
    """As JSON values. Times that end in `_ms` count from the beginning of the session; shares are 0 to 1."""
    return {
        "name": mine.names[0],
        "also_written": list(mine.names[1:]),
        "made_at": now.isoformat(timespec="seconds"),
        "everyone_else": OTHER,
        "sessions": [_sat(sat) for sat in mine.sat],
        "tables": dict(mine.tables),
    }


def _sat(sat: Sat) -> dict[str, Any]:
    found = dataclasses.asdict(sat)
    found["started_at"] = sat.started_at.isoformat()
    found["said"] = [{"start_ms": at_ms, "text": text} for at_ms, text in sat.said]
    return found


def entries_of(mine: PersonalData, now: datetime.datetime) -> list[Entry]:
    """What is open and has a date. Numbers as in everyone's calendar file, so that the two are one in a calendar."""
    found: list[Entry] = []
    for one, row in _agreements(mine):
        if is_open(one):
            found += agreement_entries(one, uid_of(row), _TEXTS, made(one, _TEXTS))
    latest = {(row["session"], row["kind"]): row for row in mine.tables["returns"]}
    again = [return_entry(row | {"uid": mine.uids[row["session"]]}, "", _TEXTS) for row in latest.values()]
    return found + [entry for entry in again if not over(entry, now)]


def _agreements(mine: PersonalData) -> list[tuple[Agreement, Mapping[str, Any]]]:
    """With the row that each was made from, and the `uid` of its session."""
    ideas, deciders = (
        {row["agreement"]: row["person"] or "" for row in mine.tables[table]} for table in ("ideas", "deciders")
    )
    offsets = {row["id"]: row["setup"].get("utc_offset_minutes", 0) for row in mine.tables["sessions"]}
    return [
        (
            dataclasses.replace(
                agreement_of(row | {"agreement": row["id"]}, (), offsets.get(row["session"], 0)),
                idea=ideas.get(row["id"]),
                decided=deciders.get(row["id"]),
            ),
            row | {"uid": mine.uids[row["session"]]},
        )
        for row in mine.tables["agreements"]
    ]
