"""Particles that follow the sound before them, on names as people have them."""

import pytest

from facilitator.core.language.particles import is_pair, with_particle
from facilitator.resources.paths import CHECKOUT
from facilitator.resources.prompts import parsed_language


@pytest.mark.parametrize(
    ("word", "pair", "said"),
    [
        ("민수", "은/는", "민수는"),
        ("지영", "은/는", "지영은"),
        ("하늘", "과/와", "하늘과"),
        ("김미나", "이/가", "김미나가"),
        ("박준", "을/를", "박준을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("서울", "은/는", "서울은"),
        ("Ben", "과/와", "Ben과"),
        ("Ana", "과/와", "Ana와"),
        ("Zoë", "이/가", "Zoë가"),
        ("Noël", "으로/로", "Noël로"),
        ("3", "이/가", "3이"),
        ("12", "은/는", "12는"),
        ("지영 님", "이/가", "지영 님이"),
        ("지영)", "이/가", "지영)이"),
        ("20%", "으로/로", "20%로"),
        ("11% (8~17)", "이/가", "11% (8~17)가"),
        ("", "이/가", "가"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, pair: str, said: str) -> None:
    assert with_particle(word, pair) == said


def test_what_a_pair_is() -> None:
    assert is_pair("은/는")
    assert not any(map(is_pair, ("", "feminine", "/", "은/", "a/b/c")))


def test_korean_joins_names_and_counts_hours_in_its_own_numbers() -> None:
    korean = parsed_language(CHECKOUT / "prompts" / "languages" / "ko.toml")
    assert korean.listed(("민수", "지영")) == "민수와 지영"
    assert korean.listed(("지영", "하늘", "민수")) == "지영, 하늘과 민수"
    assert korean.filled("{name:이/가} 말해요", name="지영") == "지영이 말해요"
    assert korean.duration(5_400_000) == "한 시간 삼십 분"
    assert korean.duration(21 * 3_600_000) == "스물한 시간"
    assert korean.duration(12 * 60_000) == "십이 분"
