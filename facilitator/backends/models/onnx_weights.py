"""Takes the weights out of an ONNX file, and nothing else: no graph is built, and nothing in the file is run.

Of the file's protocol buffers four kinds of fields are looked at: the graph, its initialisers, and their names, sizes
and numbers (the field numbers are those of `onnx.proto`). All others are passed over by their length. No field can be
longer than what is left of the one around it, so no more is ever made than there is in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facilitator.errors import ModelError

MOST_BYTES = 1 << 28
"""A larger file is none of ours."""
_MOST_FIELDS = 1_000_000
_GRAPH, _INITIALIZER = 7, 5
_DIMS, _TYPE, _FLOATS, _NAME, _RAW = 1, 2, 4, 8, 9
_FLOAT = 1
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


class _Malformed(Exception):
    pass


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number in pieces of seven bits, and where the next field begins."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _Malformed("it ends too early")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _Malformed("a number in it is too long")


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Every field of a message: its number, and its value as a number or as bytes."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at == len(data):
            return
        key, at = _varint(data, at)
        kind, size = key & 7, 0
        value: int | memoryview
        if kind == _VARINT:
            value, at = _varint(data, at)
        else:
            if kind == _BYTES:
                size, at = _varint(data, at)
            elif kind in (_EIGHT, _FOUR):
                size = 8 if kind == _EIGHT else 4
            else:
                raise _Malformed("it holds fields of another kind")
            if size > len(data) - at:
                raise _Malformed("it ends too early")
            value, at = data[at : at + size], at + size
        yield key >> 3, value
    raise _Malformed("it has too many fields")


def _parts(data: memoryview, number: int) -> Iterator[memoryview]:
    for found, value in _fields(data):
        if found == number and isinstance(value, memoryview):
            yield value


def _tensor(data: memoryview) -> tuple[str, NDArray[np.float32] | None]:
    """Name and values; None where they are no numbers of 32 bits."""
    name, kind, sizes, raw, floats = "", 0, [], None, bytearray()
    for number, value in _fields(data):
        if number == _DIMS and isinstance(value, int):
            sizes.append(value)
        elif number == _DIMS and isinstance(value, memoryview):
            at = 0
            while at < len(value):
                size, at = _varint(value, at)
                sizes.append(size)
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME and isinstance(value, memoryview):
            name = bytes(value).decode("utf-8")
        elif number == _FLOATS and isinstance(value, memoryview):
            floats += value
        elif number == _RAW and isinstance(value, memoryview):
            raw = value
    if kind != _FLOAT:
        return name, None
    stored = floats if raw is None else raw
    if len(sizes) > 8 or math.prod(sizes) * 4 != len(stored):
        raise _Malformed(f"{name} has another size than it says")
    return name, np.frombuffer(stored, "<f4").reshape(sizes).astype(np.float32)


def load(path: Path) -> dict[str, NDArray[np.float32]]:
    """The initialisers of numbers of 32 bits, by name. Raises ModelError where the file is not as it should be."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _Malformed("it is too large")
        whole = memoryview(path.read_bytes())
        tensors = [_tensor(part) for graph in _parts(whole, _GRAPH) for part in _parts(graph, _INITIALIZER)]
    except (OSError, _Malformed, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ModelError(f"The model file {path} cannot be used: {error}.") from error
    return {name: values for name, values in tensors if values is not None}
