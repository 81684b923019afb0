"""How fair things feel is told beside last time, and nobody is called out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.dialogue.fairness import MOST_NAMED, Ratings, compared
from facilitator.core.formats.stages import INDICATORS
from facilitator.core.language.wording import Language
from facilitator.resources.prompts import parsed_language
from tests.support.simulation import NAMES, PROMPTS

LANGUAGES = {path.stem: parsed_language(path) for path in sorted((PROMPTS / "languages").glob("*.toml"))}
ENGLISH = LANGUAGES["en"]
PAIR = ("Ana", "Ben")


def told(now: Ratings, before: Ratings | None = None, people: tuple[str, ...] = PAIR) -> list[str]:
    return [ENGLISH.phrase(key, **slots) for key, slots in compared(now, before or {}, people, ENGLISH)]


def numbers(*values: int, people: tuple[str, ...] = PAIR) -> dict[str, int]:
    return dict(zip(people, values, strict=True))


def test_the_first_time_the_numbers_stand_alone() -> None:
    assert told({"money": numbers(2, 4)}) == [
        "Here is what you said. A number tells how it feels to one person, so none of them is wrong.",
        "money: Ana two and Ben four.",
        "This is what you see most differently: money. Ana says two and Ben says four. Both can be true, and it is"
        " worth a talk.",
        "When you look back again, I will put these numbers beside the new ones.",
    ]


def test_numbers_are_told_beside_those_of_last_time() -> None:
    said = told({"chores": numbers(3, 3), "money": numbers(4, 4)}, {"chores": numbers(3, 3), "money": numbers(2, 3)})
    assert said[1:] == [
        "chores: Ana three and Ben three.",
        "The same as last time.",
        "money: Ana four and Ben four.",
        "Last time: Ana two and Ben three.",
        "Your numbers lie close together.",
        "Fairer for each of you than last time: money.",
    ]


def test_what_all_find_low_is_something_they_share() -> None:
    said = told({"chores": numbers(1, 2), "money": numbers(2, 4)}, {"chores": numbers(3, 3), "money": numbers(3, 5)})
    assert (
        "This feels less than fair to all of you: chores. You see the same thing, and that is a good place to begin."
        in said
    )
    assert "Less fair for each of you than last time: money. You notice it together." in said


def test_people_are_told_in_the_order_in_which_they_sit_whoever_gave_less() -> None:
    (line,) = (text for text in told({"money": {"Ben": 2, "Ana": 5}}) if "most differently" in text)
    assert "Ana says five and Ben says two" in line


def test_who_gave_no_number_is_not_spoken_of() -> None:
    said = told({"money": {"Ana": 2}}, {"money": numbers(2, 4)})
    assert said[1:] == ["money: Ana two.", "Last time: Ana two and Ben four."]
    assert told({}) == ["You have kept your numbers to yourselves, and that is fine."]


def test_in_a_larger_group_nobody_is_named() -> None:
    five = NAMES[:5]
    said = told(
        {"workload": numbers(1, 4, 4, 5, 2, people=five), "voice": numbers(4, 4, 4, 4, 4, people=five)},
        {"workload": numbers(3, 3, 3, 3, 4, people=five)},
        five,
    )
    assert "workload: your numbers go from one to five, with four in the middle." in said
    assert "Last time three was in the middle." in said
    assert "having a say: four from each of you." in said
    assert "This is where your numbers lie furthest apart: workload. It is worth a talk." in said
    assert not [name for name in five if name in " ".join(said)]


VALUES = st.dictionaries(
    st.sampled_from(["chores", "money", "care", "the late shifts"]),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 5)),
)


@given(now=VALUES, before=VALUES, many=st.integers(2, 8), language=st.sampled_from(sorted(LANGUAGES)))
def test_whatever_the_numbers_are_they_can_be_told(now: Ratings, before: Ratings, many: int, language: str) -> None:
    people, spoken = NAMES[:many], LANGUAGES[language]
    words = compared(now, before, people, spoken)
    text = " ".join(spoken.phrase(key, **slots) for key, slots in words)
    assert words[0][0] in ("fair.told", "fair.nothing")
    assert "{" not in text
    keys = [key for key, _ in words]
    if many != 2:
        assert "fair.apart" not in keys, "only of a pair it is plain anyway who said what"
    if many > MOST_NAMED:
        assert not {"fair.values", "fair.before"} & set(keys)
    absent = [name for name in NAMES if name not in people]
    assert not [name for name in absent if name in text]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_the_usual_things_have_a_name_in_every_language(language: Language) -> None:
    names = [language.own("indicators", thing) for thing in INDICATORS]
    assert len(set(names)) == len(INDICATORS)
    assert all(language.list(f"indicators.{thing}") for thing in INDICATORS)


def test_the_file_is_short_of_verdicts() -> None:
    """Behaviour, never character; nobody is to blame for a number."""
    for path in sorted(Path(PROMPTS / "languages").glob("en.toml")):
        text = path.read_text(encoding="utf-8").split("[fair]")[1].split("[agree]")[0].lower()
        assert not [word for word in ("unfair", "wrong with", "fault", "should", "selfish", "too low") if word in text]
