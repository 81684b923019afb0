"""`facilitator agreements`, and what `facilitator review` tells beside the numbers, of real sessions in a database."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.core import events as e
from facilitator.core.setup import Setup
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk

PEOPLE = ("Ana", "Ben")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


def facilitator(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def told(*args: str) -> str:
    result = facilitator(*args)
    assert result.exit_code == 0, result.output
    return result.stdout


def talked(db: Path, *more: e.Record, setup: Setup | None = None, **spoke_ms: int) -> int:
    """A session in which these people spoke for so long, and these things happened besides."""
    with Store.open(db) as store:
        talk = TableTalk(store, setup or open_talk(*PEOPLE, utc_offset_minutes=60))
        talk.wait(20_000)
        for person, ms in spoke_ms.items():
            talk.speak(person, ms)
        store.write(more)
        return talk.finish()


def agreed(number: int = 1, text: str = "tidy up", **fields: Any) -> e.Agreed:
    return e.Agreed(at_ms=90_000, number=number, **({"kind": "agreement", "text": text} | fields))


EVERYTHING = (
    agreed(1, "call the landlord.", owner="Ben", due_days=7),
    agreed(2, "no telephones at table", due_days=0),
    agreed(3, "more walks", owner="Ana"),
    agreed(4, "sell the car", kind="decision", cooling_ms=24 * 3_600_000),
    agreed(5, "one at a time", kind="rule"),
    agreed(6, "breathe", kind="step"),
    agreed(7, "take a walk", kind="step"),
    e.Rated(at_ms=90_000, person="Ana", what="arriving", value=2),
    e.Rated(at_ms=90_000, person="Ben", what="arriving", value=4),
    e.Rated(at_ms=90_000, person="Ana", what="leaving", value=5),
    e.Rated(at_ms=90_000, person="Ana", what="share", value=40),
    e.Rated(at_ms=90_000, person="Ben", what="share", value=50),
    e.BreakAgreed(at_ms=60_000, return_in_ms=20 * 60_000),
    e.BreakAgreed(at_ms=60_000, return_in_ms=24 * 3_600_000),
    e.NextAgreed(at_ms=60_000, in_days=7),
)
LINES = """\
Agreed: call the landlord. Ben takes care of it, by Friday, 13 March 2026.
Agreed: no telephones at table. To be done by Friday, 6 March 2026.
Agreed: more walks. Ana takes care of it.
Decided: sell the car. It counts from Saturday, 7 March 2026, 20:01 on.
A rule from now on: one at a time.
Steps for hard moments: breathe; take a walk.
Arrived, from 1 (heavy) to 5 (light): Ana 2, Ben 4.
Left, from 1 (heavy) to 5 (light): Ana 5.
One's own share, guessed and measured: Ana 40 % and 75 %, Ben 50 % and 25 %.
A break until 20:21.
A break until Saturday, 7 March 2026, 20:01.
The next talk: Friday, 13 March 2026.
"""


# --- review ------------------------------------------------------------------------------------------------


def test_review_tells_what_there_was_beside_the_numbers(db: Path) -> None:
    talked(db, *EVERYTHING, Ana=90_000, Ben=30_000)
    page = told("review", "--db", str(db), "--all")
    assert f"\n\n{LINES}\n" in page
    assert page.index("Balance:") < page.index("Agreed:")
    markdown = told("review", "--db", str(db), "--md")
    assert "\n".join(f"- {line}" for line in LINES.splitlines()) in markdown.replace("\\", "")
    found = json.loads(told("review", "--db", str(db), "--json"))
    assert [one["text"] for one in found["agreements"]][:2] == ["call the landlord.", "no telephones at table"]
    assert found["agreements"][0] | {"owner": "Ben", "due": "2026-03-13", "kept": None} == found["agreements"][0]
    assert (found["arriving"], found["leaving"]) == ({"Ana": 2, "Ben": 4}, {"Ana": 5})
    assert (found["guesses"], found["next"]) == ({"Ana": 40, "Ben": 50}, "2026-03-13")
    assert found["breaks"] == ["2026-03-06T20:21:00+01:00", "2026-03-07T20:01:00+01:00"]


def test_review_says_nothing_of_what_there_was_not(db: Path) -> None:
    talked(db, Ana=90_000, Ben=30_000)
    page = told("review", "--db", str(db))
    for word in (
        "Agreed",
        "Decided",
        "A rule",
        "Steps",
        "Arrived",
        "Left",
        "guess",
        "break",
        "The next",
        "From before",
    ):
        assert word not in page, word
    found = json.loads(told("review", "--db", str(db), "--json"))
    assert (found["agreements"], found["checked"], found["breaks"], found["next"]) == ([], [], [], None)
    assert "arriving" not in told("review", "--db", str(db), "--csv")


def test_guesses_of_a_talk_in_which_nothing_was_measured(db: Path) -> None:
    talked(db, e.Rated(at_ms=90_000, person="Ana", what="share", value=40))
    assert "guessed" not in told("review", "--db", str(db))


def test_review_as_a_table(db: Path) -> None:
    talked(db, *EVERYTHING, Ana=90_000, Ben=30_000)
    rows = list(csv.DictReader(io.StringIO(told("review", "--db", str(db), "--csv"))))
    assert [(r["name"], r["share"], r["arriving"], r["leaving"], r["guess"]) for r in rows] == [
        ("Ana", "0.75", "2", "5", "40"),
        ("Ben", "0.25", "4", "", "50"),
    ]
    both = facilitator("review", "--db", str(db), "--csv", "--json")
    assert (both.exit_code, "choose one" in both.stderr) == (2, True)


def test_what_was_said_of_agreements_from_before(db: Path) -> None:
    talked(db, agreed(1), agreed(2, "call the landlord"))
    due = ({"agreement": 1, "text": "tidy up", "owner": ""}, {"agreement": 2, "text": "call the landlord", "owner": ""})
    with Store.open(db) as store:
        talk = TableTalk(store, open_talk(*PEOPLE, due=due))
        talk.press("yes")
        talk.press("no")
        later = talk.finish()
    page = told("review", "--db", str(db))
    assert "From before: tidy up. It was kept.\nFrom before: call the landlord. It stays on the list.\n" in page
    assert "Agreed: tidy up. It was kept.\nAgreed: call the landlord. It stays on the list.\n" in told(
        "review", "--db", str(db), "1"
    )
    told("agreements", "--db", str(db), "--done", "2")  # a day later; it was open then
    assert "From before: call the landlord. It stays on the list." in told("review", "--db", str(db), str(later))


@pytest.mark.parametrize(
    ("key", "later", "then", "listed"),
    [
        (
            "yes",
            "It still stood later.",
            "From before: sell the car. It still stood later.\n",
            "Open\n  1  sell the car\n",
        ),
        (
            "no",
            "Later it no longer stood.",
            "From before: sell the car. Later it no longer stood.\n",
            "No longer counts\n",
        ),
    ],
)
def test_whether_a_decision_still_stood(db: Path, key: str, later: str, then: str, listed: str) -> None:
    talked(db, agreed(1, "sell the car", kind="decision", cooling_ms=24 * 3_600_000))
    assert "It counts from Saturday, 7 March 2026, 20:01 on." in told("review", "--db", str(db))
    with Store.open(db) as store:
        due = ({"agreement": 1, "text": "sell the car", "owner": "", "cooled": True},)
        talk = TableTalk(store, open_talk(*PEOPLE, due=due))
        talk.press("yes" if key == "yes" else "no")
        talk.finish()
    assert f"Decided: sell the car. {later}\n" in told("review", "--db", str(db), "1")
    assert then in told("review", "--db", str(db), "2")
    page = told("agreements", "--db", str(db))
    assert page.startswith(listed) and "counts from" not in page
    told("agreements", "--db", str(db), "--open", "1")  # they have changed their minds once more
    assert told("agreements", "--db", str(db)).startswith("Open\n  1  sell the car\n")


def test_a_host_is_left_out_of_the_balance(db: Path) -> None:
    people = ("Ana", "Ben", "Carla")
    talked(db, setup=open_talk(*people, host="Ana"), Ana=200_000, Ben=101_000, Carla=99_000)
    page = told("review", "--db", str(db), "--all")
    assert "Balance: in balance; 51 % and 49 %. 1.00 of 1 (Gini 0.01). Without Ana, who led the talk." in page
    found = json.loads(told("review", "--db", str(db), "--json"))
    assert [(p["name"], p["aim"]) for p in found["people"]] == [("Ana", 0), ("Ben", 0.5), ("Carla", 0.5)]
    assert [p["share"] for p in found["people"]] == pytest.approx([0.5, 0.25, 0.25], abs=0.01)  # of all the talk
    assert found["observation"]["key"] == "in-turn"  # not that there is more to hear from Carla
    talked(db, setup=open_talk(*people, host="Ana"), Ana=200_000, Ben=120_000, Carla=80_000)
    page = told("review", "--db", str(db), "--all")
    assert "Balance: leaning to one side; 60 % and 40 %." in page
    assert "more from Carla" not in page and "more to hear" not in page  # forty percent of what was theirs
    said = [row["text"] for row in _prompts(db, "summary.shares")]
    assert said == ["In the order you sit: Ben about thirty percent and Carla about twenty percent."]


def test_shares_are_compared_with_what_was_intended(db: Path) -> None:
    talked(db, setup=open_talk(*PEOPLE, targets={"Ana": 3.0}), Ana=150_000, Ben=50_000)
    page = told("review", "--db", str(db), "--all")
    assert "Balance: close to what was intended; 1.00 of 1 (Gini 0.00)." in page
    head = next(n for n, line in enumerate(page.splitlines()) if "Share (likely range)   Aim  Turns" in line)
    assert " 75 %   " in page.splitlines()[head + 1] and " 25 %   " in page.splitlines()[head + 2]
    assert "shared evenly" not in page and "about the same" not in page and "more from Ben" not in page
    assert any("Ana about seventy-five percent" in row["text"] for row in _prompts(db, "summary."))
    talked(db, setup=open_talk(*PEOPLE, targets={"Ana": 3.0}), Ana=100_000, Ben=100_000)
    assert "Balance: far from what was intended; 0.81 of 1 (Gini 0.50)." in told("review", "--db", str(db), "--all")


def _prompts(db: Path, kind: str) -> list[dict[str, Any]]:
    with Store.open(db) as store:
        return store.query("SELECT text FROM prompts WHERE kind LIKE ? AND how = 'spoken'", [f"{kind}%"])


# --- agreements --------------------------------------------------------------------------------------------


def test_the_list_has_what_is_open_first_by_its_day(db: Path) -> None:
    talked(db, *EVERYTHING)
    talked(db, agreed(1, "a holiday", due_days=2), setup=open_talk("Ana", "Ben", "Carla"))
    told("agreements", "--db", str(db), "--done", "2", "--done", "4", "--open", "3")
    assert (
        told("agreements", "--db", str(db))
        == f"""\
Open
  8  a holiday
     everyone; by Sunday, 8 March 2026; agreed on Friday, 6 March 2026 by Ana, Ben and Carla
  1  call the landlord
     Ben; by Friday, 13 March 2026; agreed on Friday, 6 March 2026 by Ana and Ben
  3  more walks
     Ana; agreed on Friday, 6 March 2026 by Ana and Ben

Kept
  2  no telephones at table
     everyone; by Friday, 6 March 2026; agreed on Friday, 6 March 2026 by Ana and Ben
  4  sell the car
     everyone; agreed on Friday, 6 March 2026 by Ana and Ben

Rules
  5  one at a time
     agreed on Friday, 6 March 2026 by Ana and Ben

Steps for hard moments
  6  breathe
     agreed on Friday, 6 March 2026 by Ana and Ben
  7  take a walk
     agreed on Friday, 6 March 2026 by Ana and Ben

To have the dates in your calendar: facilitator agreements --db {db} --ics dates.ics
"""
    )
    told("agreements", "--db", str(db), "--open", "4")
    assert "4  sell the car\n     everyone; counts from Saturday, 7 March 2026, 20:01 on;" in told(
        "agreements", "--db", str(db)
    )


def test_the_list_for_programs(db: Path) -> None:
    talked(db, *EVERYTHING[:4])
    found = json.loads(told("agreements", "--db", str(db), "--json", "--done", "1"))
    assert [one["kept"] for one in found] == [True, None, None, None]
    assert found[3] == {
        "agreement": 4,
        "kind": "decision",
        "text": "sell the car",
        "owner": None,
        "due": None,
        "holds_from": "2026-03-07T20:01:30+01:00",
        "stands": None,
        "kept": None,
        "agreed_on": "2026-03-06",
        "people": ["Ana", "Ben"],
        "every": None,
        "turns": [],
        "next_on": None,
        "next_owner": None,
        "otherwise": [],
        "cooling_days": None,
        "idea_of": None,
        "decided_by": None,
    }


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["--done", "9"], 1, "There is no agreement 9; `facilitator agreements --db DB` lists them."),
        (["--done", "2"], 1, "Number 2 is a rule, which is neither kept nor open."),
        (["--done", "1", "--open", "1"], 2, "Number 1 cannot be both: say --done 1 or --open 1."),
        (["--idea", "1", "Ana", "--idea", "1", "Ben"], 2, "--idea is there twice for number 1; give it once."),
        (["--remove", "2", "--remove", "2"], 2, "--remove is there twice for number 2; give it once."),
        (["--every", "1", "week", "--every", "1", "month"], 2, "--every is there twice for number 1; give it once."),
        (["--done", "tidy"], 2, "'tidy' is not a valid integer"),
    ],
)
def test_one_clear_sentence(db: Path, args: list[str], code: int, sentence: str) -> None:
    talked(db, agreed(1), agreed(2, kind="rule"))
    result = facilitator("agreements", "--db", str(db), *args)
    assert (result.exit_code, sentence.replace("DB", str(db)) in result.stderr) == (code, True), result.stderr
    with Store.open(db) as store:
        assert [line["kept"] for line in store.agreements()] == [None, None]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--remove", "99"], "There is no agreement 99"),
        (["--done", "3"], "Number 3 is a rule"),
        (["--owner", "2", "Zoe"], "Nobody called Zoe was there"),
        (["--word", "1", " "], "Say it in a few words."),
        (["--swap", "1", "1999-01-01", "Ben"], "is none of its days"),
        (["--swap", "1", "2026-03-13", "Zoe"], "Nobody called Zoe is known here"),
        (["--group", "nobody"], "There is no group nobody"),
        (["--ics", "taken.ics"], "taken.ics is there already"),
        (["--ics", "none/dates.ics"], "could not be written"),
    ],
)
def test_all_that_is_asked_for_at_once_is_done_or_nothing(
    db: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str], sentence: str
) -> None:
    monkeypatch.chdir(db.parent)
    Path("taken.ics").touch()
    talked(db, agreed(1, due_days=7), agreed(2, "call"), agreed(3, "one at a time", kind="rule"))
    before = told("agreements", "--db", str(db))
    right = ["--done", "2", "--add", "rule", "No telephones", "--owner", "1", "Ana", "--every", "1", "week"]
    right += ["--word", "3", "nobody is cut off", "--cooling", "3", "2", "--skip", "1", "2026-03-13"]
    result = facilitator("agreements", "--db", str(db), *right, *wrong)
    assert result.exit_code != 0 and sentence in result.stderr, result.output
    assert told("agreements", "--db", str(db)) == before
    assert "No telephones" in told("agreements", "--db", str(db), *right), "and without it all of that is possible"


def test_no_agreement_and_no_database(db: Path) -> None:
    for args in ([], ["--done", "1"]):
        result = facilitator("agreements", "--db", str(db), *args)
        assert (result.exit_code, "There is no database" in result.stderr) == (1, True)
        assert not db.exists()
    talked(db)
    assert told("agreements", "--db", str(db)) == "Nothing has been agreed on yet.\n"
    assert json.loads(told("agreements", "--db", str(db), "--json")) == []
