"""Telling a summary: which phrases, in which order, with numbers and times as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from facilitator.core.language.phrases import PARTS
from facilitator.core.language.wording import Language
from facilitator.core.review.remarks import Remark
from facilitator.core.review.summary import Summary
from facilitator.core.turntaking.airtime import can_be_compared
from facilitator.core.turntaking.bands import is_even
from facilitator.core.turntaking.thresholds import LITTLE_TALK_MS

Sentences = list[tuple[str, dict[str, str]]]

SMALL_SHARE = 0.1  # said in words, not in figures
MOST_SPOKEN_SHARES = 5  # more than this nobody keeps in mind
FRACTIONS = dict(zip(PARTS, (1 / 8, 1 / 7, 1 / 6, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4), strict=True))
JUST = 0.005  # so near to a fraction it is that fraction
NEAR = 0.09
UNSURE = 0.1  # a share known no better than this is said to be so


def slots(remark: Remark, language: Language) -> dict[str, str]:
    """The remark's slots as words: `time_ms` becomes `time`, a number becomes a word."""
    words: dict[str, str] = {}
    for key, value in remark.slots.items():
        if isinstance(value, tuple):
            words[key] = language.listed(value)
        elif key.endswith("_ms"):
            words[key.removesuffix("_ms")] = language.duration(int(value))
        elif key.endswith("_part"):
            words[key.removesuffix("_part")] = part_in_words(int(value) / 1000, language)
        else:
            words[key] = language.number(value) if isinstance(value, int) else value
    return words


def worded(kind: Literal["observations", "questions"], remark: Remark, language: Language) -> str:
    """The remark as a sentence."""
    return language.phrase(f"{kind}.{remark.key}", **slots(remark, language))


def spoken_summary(summary: Summary, language: Language, guesses: Mapping[str, int] | None = None) -> Sentences:
    """How long, who how much, one observation, one question: phrases with their slots, in order. `guesses`: what
    people thought their own share was, in percent."""
    words: Sentences = []
    if summary.declined:  # said before the shares, which are those of the others: what is remarked on is nobody's no
        words.append(("summary.not_measured", {"names": language.listed(summary.declined)}))
    if summary.observation.key == "not-measured":  # nor is it known that there was none, or how long it was
        pass
    elif summary.airtime_ms or (summary.unattributed_ms and not summary.declined):
        whole = "summary.talk_heard" if summary.declined else "summary.talk"  # how long you talked is not known
        words.append((whole, {"time": language.duration(_rounded_ms(summary.talk_ms))}))
        if summary.airtime_ms and summary.observation.key != "too-little":
            words += _shares(summary, language, guesses or {})
    else:
        words.append(("summary.talk_none", {}))
    words.append((f"observations.{summary.observation.key}", slots(summary.observation, language)))
    words.append((f"questions.{summary.question.key}", slots(summary.question, language)))
    return words


def _shares(summary: Summary, language: Language, guesses: Mapping[str, int]) -> Sentences:
    """One list: what each had, and beside it what they guessed, rounded alike."""
    people = summary.balanced
    if not summary.has_shares:
        return []
    guessed = any(person.name in guesses for person in people)
    if not guessed and summary.even:
        said_again = summary.observation.key in ("shared", "in-turn")
        return [] if said_again else [("summary.shares_even", {})]
    # Nobody's zero is said aloud, and nobody's silence is told by leaving them out.
    # Nor is somebody's part told beside that of others who were there longer.
    if summary.stays or len(people) > MOST_SPOKEN_SHARES or any(_near(person.share) == 0 for person in people):
        return [("summary.on_screen", {})]
    parts = tuple(_part(person.name, person.share, language, guesses.get(person.name)) for person in people)
    words: Sentences = [("summary.shares", {"parts": language.listed(parts)})]
    if max(person.share_high - person.share_low for person in people) > UNSURE:
        words.append(("summary.unsure", {}))
    return words


def status_told(
    airtime_ms: Mapping[str, int], left_out: Sequence[str], aims: Mapping[str, float], language: Language
) -> Sentences:
    """The answer to "how are we doing?". Whoever is not listened to is named, and what is told is the others'."""
    if not left_out:
        return [shares_so_far(airtime_ms, aims, language)]
    words: Sentences = [("summary.not_measured", {"names": language.listed(left_out)})]
    told = can_be_compared([person for person in airtime_ms if aims.get(person, 1.0) > 0])
    return [*words, shares_so_far(airtime_ms, aims, language)] if told else words


def shares_so_far(
    airtime_ms: Mapping[str, int], aims: Mapping[str, float], language: Language
) -> tuple[str, dict[str, str]]:
    """Of those who are listened to: a phrase and its slots."""
    counted = {person: ms for person, ms in airtime_ms.items() if aims.get(person, 1.0) > 0}
    total = sum(counted.values())
    if total < LITTLE_TALK_MS or not can_be_compared(counted):
        return "status.nothing", {}
    if is_even([ms / aims.get(person, 1.0) for person, ms in counted.items()]):
        return "status.even", {}
    if len(counted) > MOST_SPOKEN_SHARES:
        return "summary.on_screen", {}
    if any(_near(ms / total) == 0 for ms in counted.values()):
        return "summary.on_screen", {}
    return "status.shares", {
        "parts": language.listed(tuple(_part(p, ms / total, language) for p, ms in counted.items()))
    }


def time_left(left_ms: int | None, language: Language) -> tuple[str, dict[str, str]]:
    """The answer to "how much time have I left?": a phrase and its slots. Whoever has the floor is spoken to."""
    if left_ms is None:
        return "time_left.no_limit", {}
    if left_ms < 1_000:
        return "time_left.over", {}
    return "time_left.some", {"time": language.duration(_near_ms(left_ms))}


def _near_ms(left_ms: int) -> int:
    """Never more than there is; to five seconds while there is time enough, as it takes a moment to say it."""
    step_ms = 5_000 if left_ms > 20_000 else 1_000
    return left_ms // step_ms * step_ms


def _part(name: str, share: float, language: Language, guess: int | None = None) -> str:
    """One person's part, a small one in words."""
    key = "summary.part_small" if share < SMALL_SHARE else "summary.part"
    slots = {"name": name} if share < SMALL_SHARE else {"name": name, "percent": language.number(_near(share))}
    if guess is None:
        return language.phrase(key, **slots)
    return language.phrase(f"{key}_guess", **slots, guess=language.number(guess))


def part_in_words(part: float, language: Language) -> str:
    """ "a little over half", "a third": the fraction that is nearest, and on which side of it the part lies."""
    key = min(FRACTIONS, key=lambda name: abs(FRACTIONS[name] - part))
    away = part - FRACTIONS[key]
    fraction = language.phrase(f"parts.{key}")
    if abs(away) < JUST:
        return fraction
    side = "under" if away < 0 else "over" if away < NEAR else "well_over"
    return language.phrase(f"parts.{side}", part=fraction)


def _near(share: float) -> int:
    """In percent, to the next five: more would claim too much."""
    return round(share * 20) * 5


def _rounded_ms(ms: int) -> int:
    """To five seconds; nobody wants to hear "seven minutes and thirteen seconds"."""
    return max(5_000, round(ms / 5_000) * 5_000)
