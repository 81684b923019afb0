"""The words of a model, read from its graph of words: from one that is written here as OpenFst writes them."""

import struct
from pathlib import Path

import numpy as np
import pytest

from facilitator.backends.models.vosk_vocabulary import by_frequency, garbage

WORDS = {"<eps>": 0, "가": 1, "다시": 2, "나": 3, "A": 4, "[1]": 5, "마지막": 6}
COSTS = {1: 2.0, 2: 5.0, 3: 1.0, 4: 0.5, 5: 0.1, 6: 9.0}


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<i", len(data)) + data


def graph(kind: str = "ngram") -> bytes:
    """An automaton of single words, and of one pair: two histories, nothing and the first word."""
    symbols = struct.pack("<i", 2_125_658_996) + text("words.txt") + struct.pack("<qq", len(WORDS), len(WORDS))
    symbols += b"".join(text(word) + struct.pack("<q", label) for word, label in WORDS.items())
    head = struct.pack("<i", 2_125_659_606) + text(kind) + text("standard")
    head += struct.pack("<iiqqqq", 4, 3, 0, 1, 2, 0)
    futures = [*sorted(COSTS), 2]
    bits = sum(1 << n for n, bit in enumerate("0" + "1" * len(COSTS) + "0" + "1" + "0") if bit == "1")
    body = struct.pack("<QQQ", 2, len(futures), 0)
    body += struct.pack("<Q", 0) + struct.pack("<Q", bits) + struct.pack("<Q", 0)
    body += struct.pack("<3i", -1, 0, 1) + struct.pack(f"<{len(futures)}i", *futures)
    body += struct.pack("<3f", 0, 0, 0)
    body += np.array([*(COSTS[label] for label in sorted(COSTS)), 0.2], "<f4").tobytes()
    return head + symbols + symbols + body


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "Gr.fst").write_bytes(graph())
    return tmp_path / "Gr.fst"


def test_words_come_by_their_frequency(path: Path) -> None:
    assert by_frequency(path) == ["[1]", "A", "나", "가", "다시", "마지막"]


def test_garbage_is_short_and_frequent_and_can_be_said(path: Path) -> None:
    assert garbage(by_frequency(path), 3) == (("나", "가", "다시"), "마지막")
    assert garbage([], 3) == ((), "")


def test_of_another_kind_or_damaged_there_is_none(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(graph("vector"))
    assert by_frequency(path) == []
    for size in (0, 3, 40, 90, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert by_frequency(path) == []
    assert by_frequency(tmp_path / "none") == []
