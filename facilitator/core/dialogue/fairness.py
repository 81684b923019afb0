"""How fair things feel to people, told beside last time: in words that take no side.

In a group of up to four everyone's number is told with their name, as they have just said it themselves. In a larger
one only how far the numbers reach, and the middle one. What is said beside the numbers is about the thing, never about
a person: where the numbers lie furthest apart, what all find low, what feels fairer to each than last time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facilitator.core.dialogue.narration import Sentences
from facilitator.core.language.wording import Language

Ratings = dict[str, dict[str, int]]
"""Indicator -> person -> 1 to 5."""
MOST_NAMED = 4
APART = 2
"""So many steps between the highest and the lowest are worth a talk."""
LOW = 2
"""What nobody rates higher feels less than fair to all."""


def named(language: Language, indicator: str) -> str:
    """What the thing is called in this language; a group's own words as they are."""
    return language.own("indicators", indicator)


def compared(now: Ratings, before: Ratings, people: Sequence[str], language: Language) -> Sentences:
    """Phrases with their slots, in order. `people`: in the order in which they sit."""
    told = {indicator: _seated(values, people) for indicator, values in now.items()}
    told = {indicator: values for indicator, values in told.items() if values}
    if not told:
        return [("fair.nothing", {})]
    words: Sentences = [("fair.told", {})]
    for indicator, values in told.items():
        earlier = _seated(before.get(indicator, {}), people)
        words += (_by_name if len(people) <= MOST_NAMED else _together)(indicator, values, earlier, language)
    words += _beside(told, before, language, by_name=len(people) == 2)
    if not any(before.get(indicator) for indicator in told):
        words.append(("fair.next", {}))
    return words


def _seated(values: Mapping[str, int], people: Sequence[str]) -> dict[str, int]:
    return {person: values[person] for person in people if person in values}


def _by_name(indicator: str, values: Mapping[str, int], earlier: Mapping[str, int], language: Language) -> Sentences:
    words: Sentences = [("fair.values", {"indicator": named(language, indicator), "parts": _parts(values, language)})]
    if earlier == values:
        words.append(("fair.same", {}))
    elif earlier:
        words.append(("fair.before", {"parts": _parts(earlier, language)}))
    return words


def _parts(values: Mapping[str, int], language: Language) -> str:
    return language.listed(
        tuple(language.phrase("fair.part", name=name, number=language.number(value)) for name, value in values.items())
    )


def _together(indicator: str, values: Mapping[str, int], earlier: Mapping[str, int], language: Language) -> Sentences:
    low, high, middle = min(values.values()), max(values.values()), _middle(values)
    slots = {"indicator": named(language, indicator), "number": language.number(middle)}
    if low == high:
        words: Sentences = [("fair.everyone", slots)]
    else:
        words = [("fair.range", {**slots, "low": language.number(low), "high": language.number(high)})]
    if earlier:
        words.append(("fair.range_before", {"number": language.number(_middle(earlier))}))
    return words


def _middle(values: Mapping[str, int]) -> int:
    """One that was said: of an even number, the lower one in the middle."""
    return sorted(values.values())[(len(values) - 1) // 2]


def _beside(told: Ratings, before: Ratings, language: Language, *, by_name: bool) -> Sentences:
    """What can be said of the numbers without a word about anybody. Least comfortable first, so that it ends well."""
    words: Sentences = []
    several = {indicator: values for indicator, values in told.items() if len(values) > 1}
    gaps = {indicator: max(values.values()) - min(values.values()) for indicator, values in several.items()}
    widest = max(gaps, key=lambda indicator: gaps[indicator], default=None)
    if widest is not None and gaps[widest] >= APART:
        words.append(_apart(widest, told[widest], language, by_name=by_name))
    elif widest is not None:
        words.append(("fair.near", {}))
    moved = {indicator: _moves(values, before.get(indicator, {})) for indicator, values in several.items()}
    low = [indicator for indicator, values in several.items() if max(values.values()) <= LOW]
    fallen = [indicator for indicator, moves in moved.items() if moves and max(moves) < 0 and indicator not in low]
    risen = [indicator for indicator, moves in moved.items() if moves and min(moves) > 0]
    for key, indicators in (("fair.fallen", fallen), ("fair.low", low), ("fair.risen", risen)):
        if indicators:
            names = language.listed(tuple(named(language, indicator) for indicator in indicators))
            words.append((key, {"indicators": names}))
    return words


def _apart(
    indicator: str, values: Mapping[str, int], language: Language, *, by_name: bool
) -> tuple[str, dict[str, str]]:
    """In the order of the seats, not of the numbers."""
    name = named(language, indicator)
    if not by_name:
        return "fair.apart_many", {"indicator": name}
    (first, one), (second, other) = values.items()
    slots = {"name": first, "number": language.number(one), "other": second, "other_number": language.number(other)}
    return "fair.apart", {"indicator": name, **slots}


def _moves(values: Mapping[str, int], earlier: Mapping[str, int]) -> list[int]:
    """By how much, of everyone who gave a number both times; nothing where they are fewer than two."""
    moves = [value - earlier[person] for person, value in values.items() if person in earlier]
    return moves if len(moves) > 1 and len(moves) == len(values) else []
