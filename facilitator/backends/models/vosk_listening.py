"""How commands are heard with a speech model. Which way works differs from model to model, and is tried out when one is
installed (`pipelines/word_probe.py`); what came of that is kept in the model's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, get_args

FILE = "listening.json"

Way = Literal["unknown", "rivals", "open"]
"""`unknown`: the phrases and the model's own word for everything else. `rivals`: the phrases alone, and each that is
heard must be likelier than the best that can be put together of frequent words. `open`: all words, and the phrases are
looked for among them."""
WAYS: tuple[Way, ...] = get_args(Way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    way: Way
    rivals: tuple[str, ...] = ()
    """The frequent words."""
    nobody_says: str = ""
    """A word so long that nothing else sounds like it."""
    false: Mapping[str, int] = field(default_factory=dict)
    """How many phrases were heard, when it was tried out, in silence, noise and other talk, where there were none; by
    each way."""
    understood: Mapping[str, bool] = field(default_factory=dict)
    """Whether the test sentence was understood, by each way."""

    @property
    def restricted(self) -> bool:
        """Only what is listened for can be heard."""
        return self.way != "open"


def kept(folder: Path) -> Listening | None:
    """What was kept of the model in this folder, if anything can be read."""
    try:
        row = json.loads((folder / FILE).read_text(encoding="utf-8"))
        found = Listening(**{**row, "rivals": tuple(map(str, row.get("rivals", ())))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return found if found.way in WAYS and (found.way != "rivals" or (found.rivals and found.nobody_says)) else None


def keep(folder: Path, listening: Listening) -> None:
    path = folder / FILE
    path.write_text(json.dumps(asdict(listening), ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)
