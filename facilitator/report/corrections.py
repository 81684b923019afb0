"""What was put right by hand, in a sentence."""

from __future__ import annotations

from facilitator.core.language.texts import Texts
from facilitator.core.review.correction import Correction, LeftOut, MadeGuest, Merged, Reassigned, Renamed, Seated
from facilitator.core.text import moment


def in_words(correction: Correction, texts: Texts) -> str:
    match correction:
        case Renamed(person, to):
            return texts("corrections.renamed", name=person, to=to)
        case Merged(person, into):
            return texts("corrections.merged", name=person, into=into)
        case Reassigned(start_ms, end_ms, person, to):
            key = "corrections.reassigned" if person is None else "corrections.reassigned_not"
            return texts(key, start=moment(start_ms), end=moment(end_ms), to=to, name=person)
        case Seated(start_ms, end_ms, person, to):
            key = "corrections.seated" if person is None else "corrections.seated_not"
            return texts(key, start=moment(start_ms), end=moment(end_ms), to=to, name=person)
        case MadeGuest(start_ms, end_ms, person):
            key = "corrections.made_guest" if person is None else "corrections.made_guest_not"
            return texts(key, start=moment(start_ms), end=moment(end_ms), name=person)
        case LeftOut(start_ms, end_ms):
            return texts("corrections.left_out", start=moment(start_ms), end=moment(end_ms))
