"""A PyTorch file is read without trust: tensors come out of it, or a sentence."""

from __future__ import annotations

import os
import pickle
import random
import time
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from facilitator.backends.models import torch_weights
from facilitator.errors import ModelError
from tests.support import torch_file
from tests.support.torch_file import Storage, Tensor

ARRAYS = {
    "a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "a.bias": np.array([1.5, -2.0], np.float32),
    "one": np.array(7.0, np.float32),
    "none": np.zeros((0, 3), np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.pt"


def test_tensors_come_out_as_they_went_in(path: Path) -> None:
    torch_file.write(path, ARRAYS, epoch=7, note="not a tensor")
    found = torch_weights.load(path)
    assert set(found) == set(ARRAYS)
    for name, values in ARRAYS.items():
        assert found[name].dtype == np.float32 and np.array_equal(found[name], values), name


def test_a_tensor_may_be_a_part_of_a_storage(path: Path) -> None:
    row = Storage("0", np.arange(10, dtype=np.float32))
    tensors = OrderedDict(turned=Tensor(row, (2, 3), 2, (1, 2)))
    torch_file.archived(path, torch_file.pickled(tensors), {"0": row.values.tobytes()})
    assert torch_weights.load(path)["turned"].tolist() == [[2, 4, 6], [3, 5, 7]]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("it-ran",)


@pytest.mark.parametrize("protocol", range(6))
def test_a_file_cannot_run_anything(path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int) -> None:
    monkeypatch.chdir(path.parent)
    torch_file.archived(path, pickle.dumps({"a": Evil()}, protocol), {})
    with pytest.raises(ModelError, match=r"cannot be read: it (asks for|is pickled in another way)"):
        torch_weights.load(path)
    assert not (path.parent / "it-ran").exists()


@pytest.mark.parametrize(
    ("shape", "offset", "strides"),
    [
        ((5,), 0, (1,)),  # more than there is
        ((2,), 3, (1,)),
        ((2,), -1, (1,)),
        ((2,), 0, (-1,)),
        ((1 << 40,), 0, (0,)),  # the same number a thousand milliard times
        ((1 << 20, 1 << 20, 1 << 20, 1 << 20), 0, (0, 0, 0, 0)),
        ((1,) * 40, 0, (1,) * 40),
        ((2, 2), 0, (1,)),
    ],
)
def test_a_tensor_cannot_be_more_than_its_storage(
    path: Path, shape: tuple[int, ...], offset: int, strides: tuple[int, ...]
) -> None:
    row = Storage("0", np.arange(4, dtype=np.float32))
    data = torch_file.pickled(OrderedDict(a=Tensor(row, shape, offset, strides)))
    torch_file.archived(path, data, {"0": row.values.tobytes()})
    with pytest.raises(ModelError, match=r"outside its storage|a shape that cannot be"):
        torch_weights.load(path)


def test_many_tensors_of_one_storage_are_not_more_than_a_file_can_hold(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_weights, "MOST_BYTES", 1 << 20)
    row = Storage("0", np.zeros(1000, np.float32))
    data = torch_file.pickled(OrderedDict((str(k), Tensor(row, (1000,))) for k in range(1000)))
    torch_file.archived(path, data, {"0": row.values.tobytes()})
    with pytest.raises(ModelError, match="larger than the file can be"):
        torch_weights.load(path)


def test_nothing_is_unpacked_to_more_than_it_was(path: Path) -> None:
    data = torch_file.pickled(OrderedDict(a=Tensor(Storage("0", np.zeros(4, np.float32)), (4,))))
    torch_file.archived(path, data, {"0": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelError, match="it is compressed"):
        torch_weights.load(path)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x05\x06" + bytes(18), pickle.dumps({})])
def test_what_is_no_such_file_says_so(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read"):
        torch_weights.load(path)
    with pytest.raises(ModelError, match="cannot be read"):
        torch_weights.load(path.parent / "not-there")


def test_damage_of_any_kind_ends_in_a_sentence_or_in_tensors(path: Path) -> None:
    """2,000 files with bytes changed, lost, doubled or made up: no other error, and none takes long."""
    torch_file.write(path, ARRAYS, epoch=7)
    whole, chance, refused = path.read_bytes(), random.Random(1), 0
    began = time.monotonic()
    for _ in range(2_000):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 5, 30])):
            at, how = chance.randrange(len(data)), chance.randrange(4)
            if how == 0:
                data[at] = chance.randrange(256)
            elif how == 1:
                data[at] ^= 1 << chance.randrange(8)
            elif how == 2:
                del data[at : at + chance.randrange(1, 40)]
            else:
                data[at:at] = data[at : at + chance.randrange(1, 40)]
            data = data or bytearray(b"x")
        path.write_bytes(data)
        try:
            torch_weights.load(path)
        except ModelError as told:
            refused += 1
            assert "\n" not in told.message
    assert refused > 500
    assert time.monotonic() - began < 120
