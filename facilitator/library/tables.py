"""Rows of JSON values as a table for pandas or Arrow, which need not be installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from facilitator.runtime.packages import needed

if TYPE_CHECKING:
    import pandas
    import pyarrow


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """Columns by name, all of the same length."""

    columns: Mapping[str, tuple[Any, ...]]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> Self:
        """`columns`: their names where there may be no row to tell them."""
        kept = list(rows)
        names = list(columns) or list(dict.fromkeys(name for row in kept for name in row))
        return cls(columns={name: tuple(row.get(name) for row in kept) for name in names})

    def to_dataframe(self) -> pandas.DataFrame:
        return needed("pandas").DataFrame({name: list(values) for name, values in self.columns.items()})

    def to_arrow(self) -> pyarrow.Table:
        return needed("pyarrow").table({name: list(values) for name, values in self.columns.items()})
