"""The first start offers what makes hearing surer: once, with its size and its reason, and takes a no."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from facilitator.commands.session import first_start
from facilitator.core.language.texts import Texts
from facilitator.errors import ModelError
from facilitator.models import declined
from facilitator.models.manifest import Model
from tests.support.texts import ENGLISH


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path))
    monkeypatch.setattr("facilitator.models.catalogue.locate", lambda *_: None)


class Asked:
    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.fetched: list[list[str]] = []

    def ask(self, question: str, texts: Texts) -> bool:
        return self.answers.pop(0)

    def fetch(self, models: Sequence[Model]) -> None:
        self.fetched.append([model.name for model in models])


def test_voices_first_then_the_words_of_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(True, True)
    first_start.offer("de", ENGLISH, asked.ask, asked.fetch)
    assert asked.fetched == [["segmentation", "voice-encoder"], ["vosk-words-de"]]
    told = capsys.readouterr().out
    assert " MB, fetched once" in told and "wrong name" in told


def test_a_no_is_a_no_to_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(False)
    first_start.offer("en", ENGLISH, asked.ask, asked.fetch)
    assert asked.fetched == [] and asked.answers == []
    assert "facilitator models install segmentation voice-encoder vosk-words-en" in capsys.readouterr().out


def test_a_no_is_remembered_and_only_for_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(True, False)
    first_start.offer("de", ENGLISH, asked.ask, asked.fetch)
    assert "facilitator models install vosk-words-de" in capsys.readouterr().out
    again = Asked(True)
    first_start.offer("de", ENGLISH, again.ask, again.fetch)
    assert again.fetched == [["segmentation", "voice-encoder"]], "these were wanted, and have not come"
    other = Asked(False)
    first_start.offer("ko", ENGLISH, other.ask, other.fetch)
    assert other.answers == [], "another language is another question"
    capsys.readouterr()
    nothing = Asked()
    for language in ("de", "ko"):
        first_start.offer(language, ENGLISH, nothing.ask, nothing.fetch)
    assert capsys.readouterr().out == ""


def test_a_no_that_cannot_be_kept_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / declined.NAME).mkdir()
    first_start.offer("en", ENGLISH, Asked(False).ask, Asked().fetch)
    assert declined.names() == frozenset()


def test_what_cannot_be_fetched_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(models: Sequence[Model]) -> None:
        raise ModelError("There is no network.")

    first_start.offer("en", ENGLISH, Asked(True, True).ask, fails)
    assert capsys.readouterr().err.count("There is no network. I go on without it.") == 2


def test_only_where_nobody_has_started_yet_and_somebody_can_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert not first_start.is_first(tmp_path / "new.db", yes=False), "no terminal"
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert first_start.is_first(tmp_path / "new.db", yes=False)
    assert not first_start.is_first(tmp_path / "new.db", yes=True)
    (tmp_path / "old.db").touch()
    assert not first_start.is_first(tmp_path / "old.db", yes=False)
