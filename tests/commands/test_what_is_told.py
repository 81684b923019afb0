"""What the program finds out is told to people: phrases that cannot be heard, ages that are none, the method."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator import backends
from facilitator.cli import cli
from facilitator.commands.options import parse_age
from facilitator.core.language.grammar import cannot_be_said, every_phrase
from facilitator.core.language.wording import parse_language
from facilitator.errors import UsageError
from facilitator.system.doctor import check_spoken
from tests.support.simulation import setup

MINI = Path(__file__).parents[1] / "data" / "models" / "vosk-model-mini-en"


def test_every_phrase_that_means_something_at_some_moment_is_looked_at() -> None:
    spoken = parse_language(setup(("Ana", "Ben")).language).spoken
    phrases = every_phrase(spoken, names=("Ana", "Ben"))
    assert {"facilitator pause", "pass", "yes", "next week", "monday", "Ana"} <= {*phrases}
    assert every_phrase(spoken, wake="Robin")[0].startswith("Robin ")


def test_a_name_that_the_model_of_words_does_not_know_is_told_once_with_what_to_do() -> None:
    spoken = parse_language(setup(("Ana", "Ben")).language).spoken
    phrases = every_phrase(spoken, wake="frobnitz", names=("Ana", "Siobhan"))
    unheard = tuple(p for p in phrases if "frobnitz" in p or p == "Siobhan")
    name, rest = cannot_be_said(unheard, spoken, wake="frobnitz")
    assert "“frobnitz”, so no command by voice is understood" in name and "--call-me" in name
    assert "“Siobhan”" in rest and "frobnitz" not in rest
    assert not cannot_be_said((), spoken)


def test_the_start_tells_what_can_never_be_heard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from facilitator.commands.session.open_hearing import words_of  # noqa: PLC0415

    monkeypatch.setattr("facilitator.models.catalogue.find_words", lambda language: MINI)
    words = words_of(setup(("Ana", "Ben"), wake="frobnitz"), late=False)
    assert words is not None
    words.close()
    told = capsys.readouterr().err.splitlines()
    assert [sentence for sentence in told if "“frobnitz”" in sentence] == told[:1]


def test_doctor_tells_what_can_never_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facilitator.models.catalogue.find_words", lambda language: MINI)
    check, way = check_spoken("en")
    assert check.state == "warn" and "is not understood by voice" in check.what and check.fix
    assert way.state == "ok" and "was not tried out; `facilitator models try-out` does that" in way.what
    with_all = backends.open_words(MINI)
    with_all.close()


@pytest.mark.parametrize(("text", "days"), [("180d", 180), ("26 weeks", 182), ("1 day", 1), ("2 y", 730.5)])
def test_ages(text: str, days: float) -> None:
    assert parse_age(text).total_seconds() == days * 86_400


@pytest.mark.parametrize("text", ["2 decades", "90 minutes", "3 monday", "5 dogs", "1 yesterday", "0d", "", "d", "²d"])
def test_what_is_no_age_deletes_nothing(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_age(text)
    assert "180d, 26w, 6m or 2y" in refused.value.message


def test_forget_refuses_an_age_of_an_unknown_word(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["forget", "--older-than", "2 decades", "--yes", "--db", str(tmp_path / "s.db")])
    assert result.exit_code == 2 and "2 decades" in result.output


def test_the_method_is_text_and_not_the_comment_of_a_program() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-OO",
            "-c",
            "from facilitator.report.trends.words import how\nfrom facilitator.resources.texts import texts_of\n"
            "print(how(texts_of('en')))",
        ],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout
    assert "Theil and Sen" in told and "What is followed" in told
    assert ".py" not in told and "share_low" not in told


def test_spellings_for_the_voice_are_applied_once() -> None:
    made = setup(("Sean", "Shawn"), pronounced={"Sean": "Shawn", "Shawn": "Shone"})
    assert made.aloud("Sean and Shawn, Sean-Paul, Seaned") == "Shawn and Shone, Shawn-Paul, Seaned"
    longer = setup(("Ann", "Ann Marie"), pronounced={"Ann": "En", "Ann Marie": r"A\\1 Mary"})
    assert longer.aloud("Ann Marie and Ann") == r"A\\1 Mary and En"
    assert longer.aloud("nobody") == ""
