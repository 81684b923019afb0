"""Words that nobody has agreed to keep never reach the disk.

What is dictated or typed as an agreement, and read back, is stored with a black bar for every word. Only when people
have said yes (`Agreed`) the words are put where the bars are. So there is nothing to delete when they say no, when
the program is interrupted meanwhile, or when something was taken down by mistake; and a replay goes the same way,
because only the number of words matters to it.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypeVar

from facilitator.core.events import Agreed, Command, Dictated, Record, Say, Show
from facilitator.core.setup import Setup
from facilitator.core.text import cleaned
from facilitator.store.items import to_json
from facilitator.store.sqlite import Database

BAR = "███"
READ_BACK = "note.read_back"
"""The phrase that says the words once more."""

R = TypeVar("R", bound=Record)


def barred(words: str) -> str:
    """A bar for every word."""
    return " ".join(BAR for _ in words.split())


class Redaction:
    """Over the records of one session, in order."""

    def __init__(self, setup: Setup) -> None:
        table, _, key = READ_BACK.partition(".")
        phrases = setup.language.get(table, {}).get(key, ())
        self._phrases: tuple[str, ...] = (phrases,) if isinstance(phrases, str) else tuple(phrases)
        self._hidden: dict[str, str] = {}

    def over(self, record: Record) -> Record:
        """The record as it may be stored now."""
        match record:
            case Dictated() | Command() if record.text.strip():
                words = " ".join(cleaned(record.text).split())
                for phrase in self._phrases:
                    self._hidden[phrase.format(text=words)] = phrase.format(text=barred(words))
                return dataclasses.replace(record, text=barred(words))
            case Say() if (text := self._masked(record.text)) != record.text:
                return dataclasses.replace(record, text=text, aloud="")
            case Show() if (text := self._masked(record.text)) != record.text:
                return dataclasses.replace(record, text=text)
            case Agreed():
                for phrase in self._phrases:
                    self._hidden.pop(phrase.format(text=record.words or record.text), None)
        return record

    def _masked(self, text: str) -> str:
        """Also where more is said around the words, such as what to press."""
        for told, bars in self._hidden.items():
            text = text.replace(told, bars)
        return text


def lift(db: Database, session: int, setup: Setup, agreed: Agreed) -> None:
    """People said yes to these words: they replace the bars from where they were given."""
    words = agreed.words or agreed.text
    bars = barred(words)
    before = "session = ? AND seq < (SELECT max(seq) FROM events WHERE session = ? AND kind = 'agreed' AND at_ms = ?)"
    values = [session, session, agreed.at_ms]
    given = db.execute(
        f"SELECT max(seq) FROM events WHERE {before} AND kind IN ('dictated', 'command') AND instr(body, ?)",
        [*values, BAR],
    ).fetchone()[0]
    rows = db.execute(
        f"SELECT seq, kind, body FROM events WHERE {before} AND seq >= ? AND instr(body, ?)", [*values, given, bars]
    ).fetchall()
    for seq, kind, body in rows:
        fields: dict[str, Any] = json.loads(body)
        fields["text"] = fields["text"].replace(bars, words)
        if kind == "say":
            fields["aloud"] = setup.aloud(fields["text"])
            db.execute(
                "UPDATE prompts SET text = ? WHERE id = (SELECT max(id) FROM prompts WHERE session = ? AND prompt = ?)",
                [fields["text"], session, fields["prompt"]],
            )
        db.execute("UPDATE events SET body = ? WHERE session = ? AND seq = ?", [to_json(fields), session, seq])


def alike(one: Record, other: Record) -> bool:
    """The same, as far as words go that one of them may not have."""
    return _wordless(one) == _wordless(other)


def _wordless(record: R) -> R:
    if isinstance(record, Say):
        return dataclasses.replace(record, text="", aloud="")
    if isinstance(record, Dictated | Command | Show):
        return dataclasses.replace(record, text="")
    return record
