"""Voiceprints of those who asked for theirs to be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from facilitator.store import names as store_names
from facilitator.store.items import marks, to_json
from facilitator.store.people import People
from facilitator.store.reader import Reader

_PIECE, _APART = 40, 120

VoiceprintValues = Mapping[str, Any]
"""A voiceprint as JSON values: what each maker knows."""


def voiceprints(reader: Reader, people: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The kept voiceprints of these people of the reader's group, by name; who has none is not in it."""
    names = list(people)
    found: dict[str, dict[str, Any]] = {}
    for row in reader.query(
        "SELECT p.name, v.maker, v.numbers FROM voiceprints v JOIN people p ON p.id = v.person"
        f" WHERE p.group_id IS ? AND p.name IN ({marks(names)}) ORDER BY v.person, v.maker",
        [reader.group_id, *names],
    ):
        found.setdefault(row["name"], {})[row["maker"]] = json.loads(row["numbers"])
    return found


def pieces(text: str) -> list[bytes]:
    """Parts of a stored text to look for: the whole of a long one does not stand in one place of the file."""
    return [text[at : at + _PIECE].encode() for at in range(0, len(text), _APART)]


def saved_on(reader: Reader) -> dict[str, str]:
    """Everyone whose voiceprint is kept, and since which day, ISO 8601; where a group was said, of it, else with their
    group behind the name."""
    only, values = ("", []) if reader.group is None else ("WHERE p.group_id IS ?", [reader.group_id])
    rows = reader.query(
        "SELECT p.name, g.name AS of, max(v.saved_on) AS day FROM voiceprints v JOIN people p ON p.id = v.person"
        f" LEFT JOIN groups g ON g.id = p.group_id {only} GROUP BY v.person ORDER BY p.name, of",
        values,
    )
    named = reader.group is not None
    return {row["name"] if named or not row["of"] else f"{row['name']} ({row['of']})": row["day"] for row in rows}


class VoiceprintStore(People):
    """The database, to keep voiceprints and to drop them. Every method raises StoreError with a sentence."""

    def save(self, name: str, made: VoiceprintValues, day: str) -> None:
        """In place of whatever was kept of this voice. `day`, ISO 8601, is when they said yes to it."""
        (latest, *_) = self.find(name)
        rows = [(self._id(latest), maker, day, to_json(numbers)) for maker, numbers in made.items()]
        with self._purging():
            self._drop(self.find(name))
            self._db.conn.executemany("INSERT INTO voiceprints VALUES (?, ?, ?, ?)", rows)

    def drop(self, name: str) -> int | None:
        """Take their voiceprint out, to the last byte. Returns how often its numbers still stand in the bytes of the
        file and of those beside it; None: none was kept."""
        names = self.find(name)
        kept = voiceprints(self, names)
        numbers = [piece for made in kept.values() for part in made.values() for piece in pieces(to_json(part))]
        if not numbers:
            return None
        with self._purging():
            self._drop(names)
        return 0 if self.path is None else store_names.bytes_left(self.path, numbers)

    def _drop(self, names: Iterable[str]) -> None:
        ids = [self._id(name) for name in names]
        self._db.execute(f"DELETE FROM voiceprints WHERE person IN ({marks(ids)})", ids)
