"""Reads the tensors of a PyTorch file (version 1.6 and later) without PyTorch, and without trusting the file.

Such a file is a zip archive, not compressed: `data.pkl`, a pickle of the values, and one entry for each storage of
numbers. A pickle can run anything; this reader lets it make dictionaries and tensors, and nothing else, and
nothing that is larger than the file.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facilitator.errors import ModelError
from facilitator.hearing.values import Values

MOST_BYTES = 1 << 29
"""A larger file is none of ours."""
_MOST_ENTRIES, _MOST_PICKLED, _MOST_STEPS = 20_000, 1 << 22, 1_000_000
_TYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}
_PLAIN = """
PROTO FRAME STOP MARK POP POP_MARK GLOBAL REDUCE BUILD BINPERSID EMPTY_DICT DICT SETITEM SETITEMS EMPTY_LIST
LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 BINUNICODE SHORT_BINUNICODE BININT BININT1 BININT2
LONG1 NONE NEWTRUE NEWFALSE BINFLOAT PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET
"""
_STEPS = frozenset(_PLAIN.split())
"""What a pickle of tensors is made of."""


class _Archive:
    """The entries of the file. Raises UnpicklingError where one is not as PyTorch writes it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        entries = {info.filename: info for info in archive.infolist()[: _MOST_ENTRIES + 1]}
        pickles = [name for name in entries if name.rpartition("/")[2] == "data.pkl"]
        if len(entries) > _MOST_ENTRIES or len(pickles) != 1:
            raise pickle.UnpicklingError("it is no PyTorch file")
        self._entries, self._folder = entries, pickles[0].removesuffix("data.pkl")

    def read(self, name: str, most_bytes: int = MOST_BYTES) -> bytes:
        info = self._entries[self._folder + name]
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise pickle.UnpicklingError("it is compressed")
        if info.file_size > most_bytes:
            raise pickle.UnpicklingError(f"{name} is too large")
        return self._archive.read(info)


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, archive: _Archive) -> None:
        super().__init__(file)
        self._archive = archive
        self._storages: dict[str, NDArray[Any]] = {}
        self._left = MOST_BYTES

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._tensor
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        """A storage, by its type and the name of its entry."""
        if not (isinstance(pid, tuple) and len(pid) == 5 and pid[0] == "storage" and isinstance(pid[2], str)):
            raise pickle.UnpicklingError("it holds something other than storages")
        if pid[2] not in self._storages:
            self._storages[pid[2]] = np.frombuffer(self._archive.read(f"data/{pid[2]}"), _TYPES[pid[1]])
        return self._storages[pid[2]]

    def _tensor(self, storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> NDArray[Any]:
        """A copy of a part of a storage."""
        if not isinstance(storage, np.ndarray):
            raise pickle.UnpicklingError("a tensor has no storage")
        numbers = (offset, *size, *stride)
        if len(size) != len(stride) or len(size) > 8 or not all(type(n) is int and n >= 0 for n in numbers):
            raise pickle.UnpicklingError("a tensor has a shape that cannot be")
        count = int(np.prod([float(length) for length in size]))
        last = offset + sum(max(0, length - 1) * step for length, step in zip(size, stride, strict=True))
        if count > len(storage) or (count and last >= len(storage)):
            raise pickle.UnpicklingError("a tensor reaches outside its storage")
        self._left -= count * storage.itemsize
        if self._left < 0:
            raise pickle.UnpicklingError("its tensors are larger than the file can be")
        strides = tuple(step * storage.itemsize for step in stride)
        return np.lib.stride_tricks.as_strided(storage[offset:], size, strides).copy()


def _screened(pickled: bytes) -> bytes:
    """The same bytes, if they are steps that a pickle of tensors is made of."""
    for number, (step, _, _) in enumerate(pickletools.genops(pickled)):
        if step.name not in _STEPS or number > _MOST_STEPS:
            raise pickle.UnpicklingError(f"it is pickled in another way ({step.name})")
    return pickled


def load(path: Path) -> dict[str, Values]:
    """The tensors in the dictionary that the file holds. Raises ModelError where the file is not as it should be."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise pickle.UnpicklingError("it is too large")
        with path.open("rb") as opened, zipfile.ZipFile(opened) as archive:
            entries = _Archive(archive)
            values = _Reader(io.BytesIO(_screened(entries.read("data.pkl", _MOST_PICKLED))), entries).load()
        if not isinstance(values, Mapping):
            raise pickle.UnpicklingError("it does not hold a dictionary")
        return {
            str(name): np.asarray(tensor, np.float32)
            for name, tensor in values.items()
            if isinstance(tensor, np.ndarray)
        }
    except Exception as error:  # a damaged file can make a reader of zip archives or pickles raise nearly anything
        raise ModelError(f"The model file {path} cannot be read: {error or type(error).__name__}.") from error
