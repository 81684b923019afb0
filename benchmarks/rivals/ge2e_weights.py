"""Reads the tensors of an old PyTorch file (before version 1.6) without PyTorch, and without trusting the file.

Such a file is three small pickles, the pickle of the values, the pickle of the names of the storages, and then
the storages themselves, each with its number of values in front. A pickle can run anything; this reader lets it make
dictionaries and tensors, and nothing else.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from facilitator.errors import ModelError

_MAGIC = 0x1950A86A20F9469CFC6C
_TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4"}


class _Tensor:
    """A view into a storage that is read later."""

    def __init__(self, storage: tuple[str, str], offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self, storages: Mapping[str, bytes]) -> NDArray[Any]:
        key, kind = self.storage
        flat = np.frombuffer(storages[key], _TYPES[kind])
        strides = tuple(step * flat.itemsize for step in self.stride)
        last = self.offset + sum((length - 1) * step for length, step in zip(self.size, self.stride, strict=True))
        if self.offset < 0 or min(self.stride, default=0) < 0 or last >= len(flat):
            raise pickle.UnpicklingError("a tensor reaches outside its storage")
        return np.lib.stride_tricks.as_strided(flat[self.offset :], self.size, strides).copy()


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> _Tensor:
    return _Tensor(storage, offset, size, stride)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        """A storage, by its name and type; its bytes come at the end of the file."""
        if not (isinstance(pid, tuple) and len(pid) == 6 and pid[0] == "storage" and pid[5] is None):
            raise pickle.UnpicklingError("it holds something other than storages")
        return str(pid[2]), str(pid[1])


def _storages(file: BinaryIO, kinds: Mapping[str, str]) -> dict[str, bytes]:
    found = {}
    for key in _Reader(file).load():
        count = int.from_bytes(file.read(8), "little")
        wanted = count * np.dtype(_TYPES[kinds[key]]).itemsize
        found[key] = file.read(wanted)
        if len(found[key]) != wanted:
            raise pickle.UnpicklingError("it ends too early")
    return found


def load(path: Path, section: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of the dictionary called `section`. Raises ModelError where the file is not as it should be."""
    try:
        with path.open("rb") as file:
            if _Reader(file).load() != _MAGIC:
                raise pickle.UnpicklingError("it is no PyTorch file of the old kind")
            _Reader(file).load()  # version of the protocol
            _Reader(file).load()  # sizes and order of bytes
            reader = _Reader(file)
            values = reader.load()
            kinds = dict(_kinds(values))
            storages = _storages(file, kinds)
        return {
            name: np.asarray(tensor.array(storages), np.float32)
            for name, tensor in values[section].items()
            if isinstance(tensor, _Tensor)
        }
    except (OSError, EOFError, LookupError, TypeError, ValueError, AttributeError, pickle.UnpicklingError) as error:
        raise ModelError(f"The model file {path} cannot be read: {error}.") from error


def _kinds(value: Any) -> list[tuple[str, str]]:
    """(name, type) of every storage that some value in `value` uses."""
    if isinstance(value, _Tensor):
        return [value.storage]
    if isinstance(value, Mapping):
        return [kind for inner in value.values() for kind in _kinds(inner)]
    if isinstance(value, list | tuple):
        return [kind for inner in value for kind in _kinds(inner)]
    return []
