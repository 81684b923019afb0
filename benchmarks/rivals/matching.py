"""Who is who, so that it fits best in sum (what the Hungarian method finds, by trying sets: there are few people)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals.rows import Row

Table = NDArray[np.float64]
_STEP_S = 0.01


def assignment(gain: Table) -> list[int]:
    """A column for each row, no column twice, with the greatest sum; -1 for rows that are left over."""
    rows, columns = gain.shape
    if rows > columns:
        turned = assignment(gain.T)
        return [turned.index(row) if row in turned else -1 for row in range(rows)]
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}  # by the set of columns that are taken
    for row in range(rows):
        after: dict[int, tuple[float, tuple[int, ...]]] = {}
        for taken, (total, chosen) in best.items():
            for column in range(columns):
                key, sum_so_far = taken | 1 << column, total + float(gain[row, column])
                if not taken >> column & 1 and (key not in after or sum_so_far > after[key][0]):
                    after[key] = (sum_so_far, (*chosen, column))
        best = after
    return list(max(best.values())[1])


def _grid(names: list[Any], spans: Iterable[tuple[Any, float, float]], first_s: float, end_s: float) -> Table:
    out = np.zeros((len(names), round((end_s - first_s) / _STEP_S) + 1))
    for name, start, end in spans:
        a, b = (round((time - first_s) / _STEP_S) for time in (start, end))
        out[names.index(name), max(0, a) : max(0, b)] = 1.0
    return out


def named_by_truth(rows: list[Row], truth: dict[str, Any]) -> list[Row]:
    """Rows with numbers for names get the names with which they are right for the longest time."""
    if not rows:
        return []
    clusters, people = sorted({str(row.person) for row in rows}), [*truth["people"], "guest"]
    heard = [(str(row.person), row.start_s, row.end_s) for row in rows]
    said = [
        (row["person"] if row["person"] in people else "guest", row["start"], row["end"]) for row in truth["speech"]
    ]
    first_s, end_s = truth["scored_from"], max(end for _, _, end in heard + said)
    common = _grid(clusters, heard, first_s, end_s) @ _grid(people, said, first_s, end_s).T
    names = {cluster: people[k] for cluster, k in zip(clusters, assignment(common), strict=True) if k >= 0}
    return [replace(row, person=names.get(str(row.person))) for row in rows]
