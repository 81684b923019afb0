"""A review as JSON values, for programs: all of the summary's, and what is told beside it. Times are seconds on the
session's clock, shares 0 to 1; null and empty lists where the data cannot carry a figure."""

from __future__ import annotations

import dataclasses
from typing import Any

from facilitator.core.review.movement import Half
from facilitator.core.review.openings import PartEnds
from facilitator.core.review.review import SessionReview
from facilitator.core.turntaking.airtime import Window
from facilitator.report.output.summary_json import part, seconds, to_json


def review_json(review: SessionReview) -> dict[str, Any]:
    """Keys and their meaning are in docs/review.md."""
    return {
        **to_json(review.summary),
        "turns": [
            {"person": turn.person, "start_s": seconds(turn.start_ms), "end_s": seconds(turn.end_ms)}
            for turn in review.turns
        ],
        "ends": [_ends(one) for one in review.ends],
        "answered": [
            {"person": one.person, "turns": one.turns, "answered": one.answered, "enough": one.told}
            for one in review.answered
        ],
        "ties": [dataclasses.asdict(one) for one in review.ties],
        "long_silences": [
            {
                "start_s": seconds(one.start_ms),
                "end_s": seconds(one.end_ms),
                "before": list(one.before),
                "after": list(one.after),
                "floor": one.floor,
            }
            for one in review.silences
        ],
        "windows": [_window(window) for window in review.windows],
        "halves": [_half(half) for half in review.halves or ()],
        "moved": [{"person": one.person, "first": part(one.first), "second": part(one.second)} for one in review.moved],
        "open_s": seconds(review.open_ms),
        "protected_turns": review.protected_turns,
        "intrusions": review.intrusions,
        "pauses": [{"start_s": seconds(start), "end_s": seconds(end)} for start, end in review.pauses],
        "not_measured": [{"start_s": seconds(start), "end_s": seconds(end)} for start, end in review.not_measured],
        "invited": list(review.invited),
    }


def _ends(one: PartEnds) -> dict[str, Any]:
    return {
        "stage": one.stage or None,
        "start_s": seconds(one.start_ms),
        "end_s": seconds(one.end_ms),
        "opened": dataclasses.asdict(one.opened),
        "closed": dataclasses.asdict(one.closed),
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "start_s": seconds(window.start_ms),
        "end_s": seconds(window.end_ms),
        "airtime_s": {person: seconds(ms) for person, ms in window.airtime_ms.items()},
        "largest_share": part(window.largest_share),
        "balance": part(window.balance),
        "gini": part(window.gini),
    }


def _half(half: Half) -> dict[str, Any]:
    return {
        "start_s": seconds(half.start_ms),
        "end_s": seconds(half.end_ms),
        "shares": {
            person: {"share": part(share), "low": part(half.ranges[person].low), "high": part(half.ranges[person].high)}
            for person, share in half.shares.items()
        },
    }
