"""A summary as JSON values, for programs. Times are seconds, shares 0 to 1."""

from __future__ import annotations

from typing import Any

from facilitator.core.review.differences import Difference
from facilitator.core.review.summary import PairSummary, PartlyThere, PersonSummary, Remark, Summary


def to_json(summary: Summary) -> dict[str, Any]:
    """`people` in the order of the seats. Null is what was not measured, or means nothing: shares where there are none
    to tell, `balance` and `gini`, and where nobody was listened to whatever is heard."""
    heard: dict[str, Any] = {
        "talk_s": seconds(summary.talk_ms),
        "airtime_s": seconds(summary.airtime_ms),
        "has_shares": summary.has_shares,
        "silence_s": seconds(summary.silence_ms),
        "silences": summary.silences,
        "unattributed_s": None if summary.declined else seconds(summary.unattributed_ms),
        "guest_s": seconds(summary.guest_ms),
    }
    if not summary.listened:
        heard = dict.fromkeys(heard) | {"has_shares": False}
    return {
        "people": [_person(person, summary) for person in summary.people],
        "declined": list(summary.declined),
        "start_s": seconds(summary.start_ms),
        "end_s": seconds(summary.end_ms),
        **heard,
        "not_counted_s": {why: seconds(ms) for why, ms in summary.not_counted_ms.items()},
        "balance": part(summary.balance),
        "gini": part(summary.gini),
        "pairs": [_pair(pair) for pair in summary.pairs],
        "stays": [_stay(stay, told=summary.has_shares) for stay in summary.stays],
        "differences": [_difference(one) for one in summary.differences],
        "observation": _remark(summary.observation),
        "question": _remark(summary.question),
    }


def _person(person: PersonSummary, summary: Summary) -> dict[str, Any]:
    shares = {"share": person.share, "share_low": person.share_low, "share_high": person.share_high}
    heard: dict[str, Any] = {
        "turns": person.turns,
        "longest_turn_s": seconds(person.longest_turn_ms),
        "cut_ins_made": person.cut_ins_made,
        "cut_ins_received": person.cut_ins_received,
        "attempts_made": person.attempts_made,
        "attempts_received": person.attempts_received,
        "back_channels_made": person.back_channels_made,
        "back_channels_received": person.back_channels_received,
    }
    return {
        "name": person.name,
        "airtime_s": seconds(person.airtime_ms) if summary.listened else None,
        **{key: part(value) if summary.has_shares else None for key, value in shares.items()},
        "aim": part(person.aim),
        **(heard if summary.listened else dict.fromkeys(heard)),
        "passes": person.passes,
        "repaid_s": seconds(person.repaid_ms) if summary.listened else None,
    }


def _stay(stay: PartlyThere, *, told: bool) -> dict[str, Any]:
    """Of somebody who was not there all the time."""
    return {
        "name": stay.name,
        "from_to_s": [[seconds(start_ms), seconds(end_ms)] for start_ms, end_ms in stay.spans],
        "share": part(stay.share) if told else None,
        "aim": part(stay.aim),
    }


def _pair(pair: PairSummary) -> dict[str, Any]:
    return {
        "by": pair.by,
        "over": pair.over,
        "cut_ins": pair.cut_ins,
        "attempts": pair.attempts,
        "back_channels": pair.back_channels,
        "came_in": pair.came_in,
        "took_over": pair.took_over,
        "cut_ins_per_hour": None if pair.cut_ins_per_hour is None else round(pair.cut_ins_per_hour, 1),
    }


def _difference(one: Difference) -> dict[str, Any]:
    """`count` of `of` were this person's, where `against` would be expected; `sure`: so much is left for sure."""
    return {
        "measure": one.measure,
        "name": one.person,
        "count": one.count,
        "of": one.of,
        "against": part(one.against),
        "sure": part(one.sure),
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {"key": remark.key, "slots": dict(remark.slots)}


def seconds(ms: int) -> float:
    return ms / 1000


def part(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
