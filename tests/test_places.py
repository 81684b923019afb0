from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from facilitator import places
from facilitator.errors import UsageError


@pytest.mark.parametrize("what", get_args(places.What))
def test_the_checkout_is_used_where_there_is_one(what: places.What) -> None:
    found = places.find(what, environ={})
    assert found == places.Place(what=what, folder=places.CHECKOUT / what, source="checkout")


@pytest.mark.parametrize("what", get_args(places.What))
def test_a_setting_wins_and_the_callers_wins_over_the_environment(what: places.What, tmp_path: Path) -> None:
    environ = {f"FACILITATOR_{what.upper()}": str(tmp_path)}
    assert places.find(what, environ=environ) == places.Place(what=what, folder=tmp_path, source="setting")
    (told := tmp_path / "told").mkdir()
    assert places.find(what, told, environ).folder == told


def test_without_a_checkout_the_packages_own_copy_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CHECKOUT", tmp_path)
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "facilitator")
    (tmp_path / "prompts").mkdir()  # a folder of that name beside an installed package is not a checkout
    (inside := tmp_path / "facilitator" / "_data" / "prompts").mkdir(parents=True)
    assert places.find("prompts", environ={}) == places.Place(what="prompts", folder=inside, source="package")
    with pytest.raises(UsageError, match="install facilitator again"):
        places.find("models", environ={})


def test_a_setting_that_names_no_folder_says_which_setting_it_was(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is what FACILITATOR_PROMPTS says for the prompts"):
        places.find("prompts", environ={"FACILITATOR_PROMPTS": str(tmp_path / "no")})
    with pytest.raises(UsageError, match="was asked for"):
        places.find("prompts", tmp_path / "no", environ={})


def test_data_folder_is_only_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert places.data_folder().name == "facilitator"
    assert not list(tmp_path.iterdir())
