"""The longest silences: when, how long, and who spoke before and after.

Silence is as in the summary: nobody at all speaks, within the time that counts. Told are the longest five of at least
3 s; shorter ones come several times a minute in any talk. `before` and `after` are empty where that was a guest, could
have been anyone, or where the silence began or ended with a pause, a word of the facilitator's, or the talk itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facilitator.core.turntaking.spans import Span, silences
from facilitator.core.turntaking.timeline import Tile, Timeline

LEAST_MS = 3_000
MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LongSilence:
    start_ms: int
    end_ms: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    floor: str | None
    """Whose protected turn it was: a silence in it is theirs to think."""

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def long_silences(
    timeline: Timeline, within: Sequence[Span], protected: Sequence[tuple[str, Span]]
) -> tuple[LongSilence, ...]:
    """In the order in which they came."""
    voiced = [Span(tile.start_ms, tile.end_ms) for tile in timeline if tile.counted and tile.voiced]
    found = sorted(silences(voiced, within, LEAST_MS), key=lambda span: span.start_ms - span.end_ms)[:MOST]
    return tuple(
        LongSilence(
            start_ms=start,
            end_ms=end,
            before=_people(timeline.tiles(start - 1, start)),
            after=_people(timeline.tiles(end, end + 1)),
            floor=next((person for person, held in protected if held.start_ms <= start < held.end_ms), None),
        )
        for start, end in sorted(found)
    )


def _people(tiles: Sequence[Tile]) -> tuple[str, ...]:
    tile = tiles[0] if tiles else None
    return tile.people if tile is not None and tile.counted and not (tile.guest or tile.unknown) else ()
