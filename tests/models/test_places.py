from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from facilitator.errors import UsageError
from facilitator.resources import paths


@pytest.mark.parametrize("what", get_args(paths.ResourceKind))
def test_the_checkout_is_used_where_there_is_one(what: paths.ResourceKind) -> None:
    found = paths.find(what, environ={})
    assert found == paths.Place(what=what, folder=paths.CHECKOUT / what, source="checkout")


@pytest.mark.parametrize("what", get_args(paths.ResourceKind))
def test_a_setting_wins_and_the_callers_wins_over_the_environment(what: paths.ResourceKind, tmp_path: Path) -> None:
    environ = {f"FACILITATOR_{what.upper()}": str(tmp_path)}
    assert paths.find(what, environ=environ) == paths.Place(what=what, folder=tmp_path, source="setting")
    (told := tmp_path / "told").mkdir()
    assert paths.find(what, told, environ).folder == told


def test_without_a_checkout_the_packages_own_copy_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "facilitator")
    (tmp_path / "prompts").mkdir()  # a folder of that name beside an installed package is not a checkout
    (inside := tmp_path / "facilitator" / "_data" / "prompts").mkdir(parents=True)
    assert paths.find("prompts", environ={}) == paths.Place(what="prompts", folder=inside, source="package")
    with pytest.raises(UsageError, match="install facilitator again"):
        paths.find("models", environ={})


def test_a_setting_that_names_no_folder_says_which_setting_it_was(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is what FACILITATOR_PROMPTS says for the prompts"):
        paths.find("prompts", environ={"FACILITATOR_PROMPTS": str(tmp_path / "no")})
    with pytest.raises(UsageError, match="was asked for"):
        paths.find("prompts", tmp_path / "no", environ={})


def test_data_folder_is_only_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert paths.data_folder().name == "facilitator"
    assert not list(tmp_path.iterdir())
