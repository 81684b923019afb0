"""Weights out of an ONNX file, which is not trusted, and without anything that reads ONNX."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facilitator.backends.models import onnx_weights
from facilitator.errors import ModelError

ARRAYS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "bias": np.array([0.25], np.float32),
    "scalar": np.array(3.0, np.float32),
}


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name: str, values: NDArray[np.float32], how: str) -> bytes:
    if how == "packed":
        sizes = field(1, b"".join(map(varint, values.shape)))
    else:
        sizes = b"".join(field(1, size) for size in values.shape)
    data = field(4 if how == "typed" else 9, values.astype("<f4").tobytes())
    return sizes + field(2, 1) + field(8, name.encode()) + data


def model(arrays: dict[str, NDArray[np.float32]], how: str = "raw") -> bytes:
    """As `onnx.proto` has it: version, who made it, a graph with a node, whole numbers, and the arrays."""
    whole = field(1, 2) + field(2, 7) + field(8, b"other") + field(9, struct.pack("<q", 5))
    graph = field(1, field(4, b"Conv")) + field(5, whole)
    graph += b"".join(field(5, tensor(name, values, how)) for name, values in arrays.items())
    graph += varint(12 << 3 | 5) + bytes(4) + varint(13 << 3 | 1) + bytes(8)
    return field(1, 8) + field(2, b"somebody") + field(7, graph)


@pytest.mark.parametrize("how", ["raw", "typed", "packed"])
def test_weights_come_out_as_they_went_in(tmp_path: Path, how: str) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(ARRAYS, how))
    found = onnx_weights.load(path)
    assert set(found) == set(ARRAYS)
    for name, values in ARRAYS.items():
        assert found[name].shape == values.shape and np.array_equal(found[name], values)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (field(7, field(5, field(1, 1 << 60) + field(2, 1) + field(9, bytes(8)))), "another size than it says"),
        (field(7, field(5, field(1, 0) * 9 + field(2, 1) + field(9, b""))), "another size than it says"),
        (varint(7 << 3 | 2) + varint(1 << 60), "ends too early"),
        (b"\xff" * 30, "too long"),
        (varint(1 << 3 | 3), "of another kind"),
        (field(7, field(5, field(2, 1) + field(8, b"\xff\xfe") + field(9, bytes(4)))), "cannot be used"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=said):
        onnx_weights.load(path)
    with pytest.raises(ModelError, match="cannot be used"):
        onnx_weights.load(tmp_path / "not-there")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.truncate(onnx_weights.MOST_BYTES + 1)
    with pytest.raises(ModelError, match="too large"):
        onnx_weights.load(path)


def test_damage_of_any_kind_ends_in_a_sentence_or_in_weights(tmp_path: Path) -> None:
    path, whole, chance = tmp_path / "m.onnx", model(ARRAYS), random.Random(2)
    refused = 0
    for _ in range(5_000):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 5])):
            at = chance.randrange(len(data))
            if chance.random() < 0.7:
                data[at] = chance.randrange(256)
            else:
                del data[at : at + chance.randrange(1, 9)]
            data = data or bytearray(b"\x00")
        path.write_bytes(data)
        try:
            found = onnx_weights.load(path)
        except ModelError:
            refused += 1
        else:
            assert sum(values.nbytes for values in found.values()) <= len(data)
    assert refused > 500
