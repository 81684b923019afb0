"""The database. `sqlite_utils` looks for pandas and numpy, to know their types, which take longer to load than all that
is done with a database: nothing of theirs is ever stored, so it finds none."""

import sys

_UNSEEN = {name: None for name in ("numpy", "pandas") if name not in sys.modules}
sys.modules.update(_UNSEEN)  # type: ignore[arg-type]  # none: there is no such module
try:
    import sqlite_utils.db  # noqa: F401
finally:
    for name in _UNSEEN:
        del sys.modules[name]
