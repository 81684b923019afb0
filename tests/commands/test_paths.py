"""What is named has to be what it should: no device, no name that is none, no model that was changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facilitator.errors import ModelError, StoreError
from facilitator.models import catalogue
from facilitator.store.session_log import Store
from tests.commands.test_cli import facilitator


@pytest.mark.parametrize(
    "args",
    [
        ("review", "99999999999999999999999"),
        ("review", "--db", "/dev/null"),
        ("review", "--db", "a" * 300),
        ("analyze", "a" * 300),
        ("analyze", "/dev/zero"),
        ("start", "--format", "a" * 300 + ".toml", "--people", "Ana, Ben", "--yes", "--no-page"),
    ],
)
def test_one_sentence_and_no_traceback(args: tuple[str, ...]) -> None:
    done = facilitator(*args, timeout_s=60)
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr and "Error: " in done.stderr


def test_what_we_did_not_make_keeps_its_rights(tmp_path: Path) -> None:
    pipe, empty = tmp_path / "pipe", tmp_path / "empty.db"
    os.mkfifo(pipe, 0o644)
    pipe.chmod(0o644)
    with pytest.raises(StoreError, match="device or a pipe"):
        Store.open(pipe)
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o644
    empty.touch()
    empty.chmod(0o640)
    Store.open(empty).close()
    assert stat.S_IMODE(empty.stat().st_mode) == 0o640
    Store.open(tmp_path / "new.db").close()
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_a_model_that_was_changed_is_not_used(tmp_path: Path) -> None:
    model = next(one for one in catalogue.load_manifest() if any(one.files.values()))
    for file in model.files:
        path = tmp_path / model.name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something else")
    with pytest.raises(ModelError, match="is not what was installed"):
        catalogue.refuse_changed(tmp_path / model.name)
    catalogue.refuse_changed(tmp_path / "a-model-of-ones-own")
