"""The database, to change what is in the notebook outside of any session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from facilitator.store import database
from facilitator.store.reader import Reader


class Changes(Reader):
    """Each change is one transaction of its own, unless several are asked for at once. Each raises StoreError."""

    _several = False

    @classmethod
    def open(cls, path: Path, *, patience_s: float = database.PATIENCE_S) -> Self:
        path = path.expanduser().absolute()
        return cls(database.open_file(path, patience_s), path)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All that is changed in here is kept, or nothing: whatever is raised in here takes back what came before."""
        with self._change():
            self._several = True
            try:
                yield
            finally:
                self._several = False

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._lock, self._explained():
            if self._several:
                yield
                return
            with database.writing(self._db):
                yield
