"""`sqlite_utils`, as all that stores takes it: it looks for pandas and numpy, to know their types, and where they are
installed that takes longer than all that is done with a database. Nothing of theirs is stored, so it finds none."""

from __future__ import annotations

import sys

_UNSEEN = {name: None for name in ("numpy", "pandas") if name not in sys.modules}
sys.modules.update(_UNSEEN)  # type: ignore[arg-type]  # none: there is no such module
try:
    from sqlite_utils import Database, Migrations
finally:
    for name in _UNSEEN:
        del sys.modules[name]

__all__ = ["Database", "Migrations"]
