"""`facilitator review` in all its forms, of one evening in a database."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.report.output.rttm import from_rttm
from facilitator.store.people import People
from facilitator.store.session_log import Store
from tests.support.evening import PEOPLE, evening

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evening") / "sessions.db"
    with Store.open(path) as store:
        evening(store)
    return path


def facilitator(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def told(db: Path, *args: str) -> str:
    result = facilitator("review", "--db", str(db), *args)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_mattered_most_comes_first_and_it_is_less_than_a_screen(db: Path) -> None:
    page = told(db)
    first = "There may be more to hear than was said today. The smallest part was 11 % (8 to "
    assert page.replace("\n", " ").startswith(f"Session 1, Friday, 6 March 2026, 19:30  {first}")
    order = [
        "39 % (34 to ",
        "Talk: 23:53 of 27:36",
        "Balance:",
        "Cut-ins: 11",
        "Agreed:",
        "Is there",
        "Every figure",
    ]
    assert sorted(order, key=page.replace("\n", " ").index) == order
    assert len(page.splitlines()) <= 24
    *before, more, dates = page.splitlines()
    assert max(map(len, before)) <= 96
    every = "Every figure with its rule, who spoke when, and who was answered"
    assert more == f"{every}: facilitator review --db {db} 1 --all"
    assert dates == f"To have the dates in your calendar: facilitator agreements --db {db} --ics dates.ics"


TITLES = (
    "Who opened, and who closed",
    "How the balance moved",
    "Who cut in on whom",
    "Who was answered within two seconds",
    "The longest silences",
    "What the facilitator said",
    "Who spoke when",
    "How this is counted",
)


def test_all_of_it_as_text_as_markdown_and_as_a_page(db: Path, tmp_path: Path) -> None:
    text, markdown = told(db, "--all"), told(db, "--md")
    told(db, "--html", str(tmp_path / "talk.html"))
    page = Shown.of(tmp_path / "talk.html")
    for title in TITLES:
        assert f"\n{title}\n" in text
        assert f"\n## {title}\n" in markdown
        assert title in page.text
    story = text.split("\n\n")[1].replace("\n", " ")
    assert story in markdown
    assert story in page.text
    for figure in re.findall(r"^(?:Ana|Ben|Carla|Dušan)  .*", text, flags=re.M)[:4]:
        for cell in re.split(r"  +", figure):
            assert cell in page.text and cell in markdown.replace("\\", "")
    assert markdown.startswith("# Session 1, Friday, 6 March 2026, 19:30\n")
    assert len({line.count("|") for line in markdown.splitlines() if line.startswith("| Ana")}) <= 3


class Shown(HTMLParser):
    """What somebody reads on a page, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.hidden = 0

    @classmethod
    def of(cls, path: Path) -> Shown:
        shown = cls()
        shown.feed(path.read_text(encoding="utf-8"))
        shown.text = " ".join(shown.text.replace("\N{NO-BREAK SPACE}", " ").split())
        return shown

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("style", "script")
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script")
        self.text += " " if tag not in ("span", "b", "i") else ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self.hidden else data


def test_the_page_fetches_nothing_and_only_its_owner_may_read_it(db: Path, tmp_path: Path) -> None:
    path = tmp_path / "talk.html"
    before = os.umask(0)
    try:
        assert "open it in any browser" in told(db, "--html", str(path))
    finally:
        os.umask(before)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    source = path.read_text(encoding="utf-8")
    assert Shown.of(path).links == []
    assert not re.search(r"https?://(?!www\.w3\.org/)|@import|url\((?!['\"]?#)", source)
    assert "default-src 'none'" in source and " style=" not in source.split("</style>")[1]


def test_a_page_is_written_over_a_page_and_over_nothing_else(db: Path, tmp_path: Path) -> None:
    page = tmp_path / "talk.html"
    told(db, "--html", str(page))
    page.chmod(0o644)
    long_ago = page.read_text(encoding="utf-8").replace("</body>", "<p>" + "x" * 100_000 + "</p></body>")
    page.write_text(long_ago, encoding="utf-8")
    assert "in place of the page that was there" in told(db, "--html", str(page))
    assert "xxx" not in page.read_text(encoding="utf-8")
    if os.name == "posix":
        assert page.stat().st_mode & 0o777 == 0o600
    page.write_text("my thesis", encoding="utf-8")
    for command in ("review", "trends"):
        refused = facilitator(command, "--db", str(db), "--html", str(page))
        assert (refused.exit_code, "choose another name" in refused.stderr) == (1, True)
    assert page.read_text(encoding="utf-8") == "my thesis"
    nowhere = facilitator("review", "--db", str(db), "--html", str(page.parent / "no" / "where.html"))
    assert (nowhere.exit_code, "choose another place" in nowhere.stderr) == (1, True)


@pytest.mark.parametrize("pair", [("--md", "--csv"), ("--all", "--json"), ("--rttm", "--md"), ("--html=x", "--csv")])
def test_one_form_at_a_time(db: Path, pair: tuple[str, str]) -> None:
    refused = facilitator("review", "--db", str(db), *pair)
    assert (refused.exit_code, refused.stderr.count("choose one")) == (2, 1)


def test_rttm_and_json_tell_the_same_speech(db: Path) -> None:
    found = json.loads(told(db, "--json"))
    voices = from_rttm(told(db, "--rttm"))
    assert sorted(voices) == sorted(PEOPLE)
    for person in found["people"]:
        spoken_ms = sum(end - start for start, end in voices[person["name"]])
        assert spoken_ms / 1000 == pytest.approx(person["airtime_s"], abs=3)  # without the pauses in it
        theirs = [turn for turn in found["turns"] if turn["person"] == person["name"]]
        assert len(theirs) == person["turns"]
        assert max(turn["end_s"] - turn["start_s"] for turn in theirs) == pytest.approx(person["longest_turn_s"])
    assert [one["opened"]["person"] for one in found["ends"]] == ["Ben"]
    assert [(one["person"], one["second"] > one["first"]) for one in found["moved"]] == [
        ("Ben", False),
        ("Dušan", True),
    ]
    assert found["guesses"] == {"Ana": 35, "Ben": 25, "Carla": 25, "Dušan": 15}
    assert found["pauses"] and found["invited"] == ["Dušan"]
    assert found["prompts"] and all(one["how"] for one in found["prompts"])
    assert all(sum(window["airtime_s"].values()) >= 60 for window in found["windows"])
    rows = list(csv.DictReader(io.StringIO(told(db, "--csv"))))
    assert [row["guess"] for row in rows] == ["35", "25", "25", "15"]


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        named = {key for key in value if key not in PEOPLE}
        return named.union(*(keys(one) for one in value.values()))
    return set().union(*(keys(one) for one in value)) if isinstance(value, list) else set()


def test_every_key_of_the_json_is_explained(db: Path) -> None:
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z_]+)`", page))
    slots = {"name", "time_ms", "count"}
    assert keys(json.loads(told(db, "--json"))) - explained - slots == set()


def test_somebody_forgotten_is_in_no_form(db: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(db.read_bytes())
    with People.open(copy) as people:
        people.forget("Dušan")
    told(copy, "--html", str(tmp_path / "talk.html"))
    forms = [told(copy, form) for form in ("--all", "--md", "--csv", "--json", "--rttm")]
    assert not [form for form in (*forms, (tmp_path / "talk.html").read_text(encoding="utf-8")) if "Dušan" in form]
    assert "someone" in forms[0]


def test_a_table_in_a_file_is_marked_for_excel_and_a_pipe_is_bare(db: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "facilitator", "review", "--db", str(db), "--csv"]
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    with (tmp_path / "talk.csv").open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    assert piped.startswith(b"name,")
    assert (tmp_path / "talk.csv").read_bytes() == b"\xef\xbb\xbf" + piped
