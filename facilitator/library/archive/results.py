"""What an archive holds: a database that only the parent writes, and Parquet for those who ask questions of it."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from facilitator.errors import StoreError
from facilitator.library.analysis import Analysis
from facilitator.library.archive.job import Job, Result
from facilitator.runtime.packages import needed
from facilitator.store import database
from facilitator.store.sqlite import Database

NAME = "archive.db"
"""In a folder of Parquet: what it is made of, and by what it is known what has been heard."""
TABLES = ("recordings", "people", "speech", "cut_ins")


class Archive:
    """`recordings` has a row a recording, heard or not; the others hold what was heard, by its `key`."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db, self.path = db, path

    @classmethod
    def open(cls, out: Path) -> Self:
        """`out`: a database (`*.db`), or a folder for Parquet. Raises StoreError."""
        path = out if out.suffix == ".db" else out / NAME
        if path != out:
            _refuse_own_files(out)
        database.refuse_others(path)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            db = Database(path)
            if (there := set(db.table_names())) and not {"files", "recordings"} <= there:
                db.close()
                raise StoreError(
                    f"{path} is a database of something else, maybe of discussions; choose another name after --out."
                )
            for name, columns, key in (
                ("files", {"stamp": str, "digest": str}, "stamp"),
                ("recordings", _RECORDING, "key"),
                ("people", {"key": str, "name": str}, None),
                ("speech", {"key": str, "person": str, "start": float, "end": float}, None),
                ("cut_ins", {"key": str, "kind": str, "by": str, "over": str, "start": float}, None),
            ):
                if not db[name].exists():
                    db.table(name).create(columns, pk=key)
                    if key is None:
                        db.table(name).create_index(["key"])
        except database.DAMAGE as error:
            raise StoreError(database.explain(path, error)) from error
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
        return cls(db, path)

    def hashes(self) -> dict[str, str]:
        """What files held when they were heard, by their stamp."""
        return {row["stamp"]: row["digest"] for row in self._db["files"].rows}

    def heard(self) -> set[str]:
        """The keys of those that need not be heard again. What a worker died of is tried again."""
        return {row["key"] for row in self._db["recordings"].rows_where("not died", select="key")}

    def keep(self, job: Job, result: Result, *, died: bool) -> None:
        """All of it or nothing. Raises StoreError."""
        moment = datetime.datetime.fromisoformat(job.held_at)
        about = {
            "key": job.key,
            "path": job.path,
            "held_at": job.held_at,
            "month": f"{moment:%Y-%m}",
            "group": job.group,
            "problem": result.problem,
            "died": int(died),
            "compute_s": round(result.compute_s, 3),
            "wall_s": round(result.wall_s, 3),
        }
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        if result.analysis:
            analysis = Analysis.from_json(result.analysis)
            about |= {"long_s": analysis.duration_ms / 1000, "troubles": "\n".join(analysis.troubles)}
            about["analysis"] = result.analysis
            values = analysis.to_values()
            rows |= {"people": values["figures"], "speech": values["final"]["speech"], "cut_ins": values["cut_ins"]}
        try:
            with self._db.atomic():
                self._db.table("files").insert({"stamp": job.stamp, "digest": job.digest}, pk="stamp", replace=True)
                self._db.table("recordings").insert(about, pk="key", replace=True, alter=True)
                for name, made in rows.items():
                    if name != "recordings":
                        self._db.table(name).delete_where("key = ?", [job.key])
                        self._db.table(name).insert_all([{"key": job.key, **row} for row in made], alter=True)
        except database.DAMAGE as error:
            raise StoreError(database.explain(self.path, error)) from error

    def problems(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """The recordings that could not be heard, of these, with the sentence why; by name."""
        wanted = set(keys)
        rows = self._db["recordings"].rows_where("problem <> ''", select="key, path, problem")
        return sorted((row["path"], row["problem"]) for row in rows if row["key"] in wanted)

    def write_parquet(self, folder: Path) -> None:
        """The tables as Parquet, in folders by month and group, in place of what was there. Raises MissingPackage,
        StoreError."""
        arrow, parquet = needed("pyarrow"), needed("pyarrow.dataset", "pyarrow")
        dated = self._db["recordings"].rows_where(select='key, month, "group"')
        about = {row["key"]: {"month": row["month"], "group": row["group"] or "-"} for row in dated}
        try:
            for name in TABLES:
                told = ", ".join(f'"{column.name}"' for column in self._db[name].columns if column.name != "analysis")
                rows = [row | about[row["key"]] for row in self._db[name].rows_where(select=told)]
                _refuse_own_files(folder)
                shutil.rmtree(folder / name, ignore_errors=True)
                if rows:
                    columns = list(dict.fromkeys(key for row in rows for key in row))
                    table = arrow.table({column: [row.get(column) for row in rows] for column in columns})
                    parquet.write_dataset(
                        table,
                        folder / name,
                        format="parquet",
                        partitioning=["month", "group"],
                        partitioning_flavor="hive",
                    )
                    for path in (folder / name, *(folder / name).rglob("*")):
                        path.chmod(0o700 if path.is_dir() else 0o600)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written ({os.strerror(error.errno or 0)}).") from error

    def close(self) -> None:
        self._db.close()

    def analyses(self) -> dict[str, Analysis]:
        """What was heard of each recording, by its key."""
        rows = self._db["recordings"].rows
        return {row["key"]: Analysis.from_json(row["analysis"]) for row in rows if row.get("analysis")}


def _refuse_own_files(out: Path) -> None:
    """What is written into this folder of Parquet takes the place of what is there: only of Parquet, never of
    recordings that lie in a folder of that name. Raises StoreError."""
    if out.exists() and not out.is_dir():
        raise StoreError(f"{out} is a file; name a folder for Parquet, or a database, whose name ends in .db.")
    for name in TABLES:
        place = out / name
        seen = (one for one in place.rglob("*") if not one.is_dir() and not one.name.startswith("."))
        if place.is_symlink() or any(one.suffix != ".parquet" for one in seen):
            raise StoreError(f"{place} holds something else, which would be lost; choose another folder after --out.")


_RECORDING: dict[str, Any] = {
    "key": str,
    "path": str,
    "held_at": str,
    "month": str,
    "group": str,
    "long_s": float,
    "problem": str,
    "died": int,
    "compute_s": float,
    "wall_s": float,
    "troubles": str,
    "analysis": str,
}
