"""Who spoke when, as RTTM: the line format that speaker diarization tools exchange.

`SPEAKER file channel start duration <NA> <NA> name <NA> <NA>`, times in seconds. Fields are separated by
spaces, so white space within a name, and `%`, are written as in a web address: `Ana%20Maria`.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from facilitator.core.turntaking.spans import Span, Voices
from facilitator.errors import UsageError


def to_rttm(voices: Voices, *, recording: str = "session") -> str:
    """One line a span, by start; spans are told as they are. Empty text if nobody speaks."""
    rows = sorted((start, end, person) for person, spans in voices.items() for start, end in spans)
    file = escaped(recording)
    return "".join(
        f"SPEAKER {file} 1 {start / 1000:.3f} {(end - start) / 1000:.3f} <NA> <NA> {escaped(person)} <NA> <NA>\n"
        for start, end, person in rows
    )


def from_rttm(text: str, name: str = "This RTTM") -> dict[str, list[Span]]:
    """The spans of each person; lines of other kinds are passed over. `name`: what the file is called. Raises
    ValueError for a broken line, and UsageError where it is of several recordings, whose times are not of one clock."""
    found: dict[str, list[Span]] = {}
    recordings: set[str] = set()
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        if len(fields) < 8:
            raise ValueError(f"An RTTM line has too few fields: {line!r}")
        recordings.add(fields[1])
        start_s, length_s = map(float, fields[3:5])
        found.setdefault(unquote(fields[7]), []).append(span_of(start_s, start_s + length_s))
    if len(recordings) > 1:
        raise UsageError(f"{name} is of {len(recordings)} recordings; put the lines of each into a file of its own.")
    return found


LONGEST_S = 1e6
"""Eleven days: nobody talks for longer, and times beyond are of some other clock."""


def span_of(start_s: float, end_s: float) -> Span:
    """Raises ValueError for times that are none."""
    if not 0 <= start_s <= end_s <= LONGEST_S:
        raise ValueError(f"{start_s} to {end_s} s is no time")
    return Span(round(start_s * 1000), round(end_s * 1000))


def escaped(name: str) -> str:
    """The name as one field; `<NA>` stands for no name and so is nobody's."""
    if name == "<NA>":
        return quote(name, safe="")
    return re.sub(r"[\s%\x00-\x1f\x7f]", lambda found: quote(found[0], safe=""), name)
