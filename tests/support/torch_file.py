"""Writes files in PyTorch's old format, without PyTorch: what `backends/torch_weights.py` reads."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


class _Global:
    """Pickles as the name of something in PyTorch, which need not be there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Storage:
    def __init__(self, key: str, values: NDArray[np.float32]) -> None:
        self.key, self.values = key, values


class _Pickler(pickle._Pickler):  # type: ignore[name-defined,misc,unused-ignore]  # the one in Python can be taught names
    write: Callable[[bytes], object]

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, _Storage):
            return ("storage", _Global("torch", "FloatStorage"), obj.key, "cpu", obj.values.size, None)
        return None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, _Tensor):
            self.save(_Global("torch._utils", "_rebuild_tensor_v2"))
            self.save(obj.arguments())
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)  # type: ignore[misc]


class _Tensor:
    def __init__(self, storage: _Storage, shape: tuple[int, ...]) -> None:
        self.storage, self.shape = storage, shape

    def arguments(self) -> tuple[Any, ...]:
        strides = [1]
        for length in reversed(self.shape[1:]):
            strides.insert(0, strides[0] * length)
        return (self.storage, 0, self.shape, tuple(strides[: len(self.shape)]), False, OrderedDict())


def _pickled(value: Any) -> bytes:
    out = io.BytesIO()
    _Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def write(path: Path, section: str, arrays: Mapping[str, NDArray[np.float32]], **more: Any) -> None:
    """A dictionary with `arrays` as tensors under `section`, and whatever else."""
    storages = {
        name: _Storage(str(k), np.ascontiguousarray(a, np.float32)) for k, (name, a) in enumerate(arrays.items())
    }
    tensors = OrderedDict((name, _Tensor(storages[name], a.shape)) for name, a in arrays.items())
    with path.open("wb") as file:
        for value in (MAGIC, _PROTOCOL, {"little_endian": True}, {section: tensors, **more}):
            file.write(_pickled(value))
        file.write(_pickled([storage.key for storage in storages.values()]))
        for storage in storages.values():
            file.write(struct.pack("<q", storage.values.size) + storage.values.tobytes())
