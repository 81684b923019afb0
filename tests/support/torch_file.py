"""Writes PyTorch files without PyTorch: what `backends/models/torch_weights.py` reads."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Global:
    """Pickles as the name of something in PyTorch, which need not be there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Storage:
    def __init__(self, key: str, values: NDArray[np.float32]) -> None:
        self.key, self.values = key, values


class Tensor:
    """A part of a storage; by default all of it, in rows."""

    def __init__(
        self, storage: Storage, shape: tuple[int, ...], offset: int = 0, strides: tuple[int, ...] | None = None
    ) -> None:
        self.storage, self.shape, self.offset = storage, shape, offset
        steps = [1]
        for length in reversed(shape[1:]):
            steps.insert(0, steps[0] * length)
        self.strides = tuple(steps[: len(shape)]) if strides is None else strides

    def arguments(self) -> tuple[Any, ...]:
        return (self.storage, self.offset, self.shape, self.strides, False, OrderedDict())


class _Pickler(pickle._Pickler):  # type: ignore[name-defined,misc,unused-ignore]  # the one in Python can be taught names
    write: Callable[[bytes], object]

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, Storage):
            return ("storage", Global("torch", "FloatStorage"), obj.key, "cpu", obj.values.size)
        return None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Tensor):
            self.save(Global("torch._utils", "_rebuild_tensor_v2"))
            self.save(obj.arguments())
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)  # type: ignore[misc]


def pickled(value: Any) -> bytes:
    out = io.BytesIO()
    _Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def archived(path: Path, data: bytes, storages: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> None:
    """The archive, of a pickle and the bytes of its storages."""
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("archive/data.pkl", data)
        for key, stored in storages.items():
            archive.writestr(f"archive/data/{key}", stored)
        archive.writestr("archive/version", b"3\n")


def write(path: Path, arrays: Mapping[str, NDArray[np.float32]], **more: Any) -> None:
    """A dictionary with `arrays` as tensors, and whatever else."""
    rows = {name: np.asarray(values, np.float32).reshape(-1) for name, values in arrays.items()}
    storages = {name: Storage(str(k), row) for k, (name, row) in enumerate(rows.items())}
    tensors = OrderedDict((name, Tensor(storages[name], np.shape(a))) for name, a in arrays.items())
    tensors.update(more)
    archived(path, pickled(tensors), {one.key: one.values.tobytes() for one in storages.values()})
