"""Whose voice is it, told only by comparison: nothing here is a threshold on how alike a sample and the talk are.

A microphone, a room, a band or a level changes how like its own sample a voice sounds by far more than two people
differ; but it changes all alike, so the nearest sample stays the right one. So what is surely each person's, by the
distance to the next, becomes that person's centre in the talk; from then on, the talk is compared with itself. A voice
that is far from all centres, while everybody else is near theirs, and is heard again and again, is a guest's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facilitator.hearing.values import Values

ROUNDS = 4
SURE_S = 0.5
"""A local speaker that is alone for less teaches nothing."""
SAMPLE_S = 20.0
"""So many seconds of windows does the sample weigh; each second of talk is in up to twenty windows."""
SAMPLE_ITSELF = 0.9
"""More like a sample than this is the sample, heard in the opening circle; it teaches nothing that is not known."""
NEAR_SAMPLE = 0.55
"""Of what is nearest to a person's sample only that is surely the person's which is not much less like it than the more
alike quarter of anybody's is like theirs: the rest may be a guest's, whom somebody is always nearest to."""
OWN = 0.86
"""A voice of the talk is one of the people's where twice its likeness to the nearest sample, less that to the next, is
more than this part of the greatest likeness of anybody to their own. Of 51 voices of people, their samples as they were
and through three other microphones each, one is below it (of a voice through a narrow band); all 12 of guests are."""
_CLEARER = 40.0  # per cent of a person's windows, by how clear they are, that are left out
_MOST_S = 4.0

FAR, APART, LIKE = 0.75, 0.62, 0.65
"""Of a person's usual likeness to their own centre, a stretch with less may be a guest's; a guest's centre is less like
every person's than the second; and less like every sample, by the third, than people are like their own."""
GUEST_S, GUEST_STRETCHES = 10.0, 6
"""So much has to be heard of a guest: whoever said less had the benefit of the doubt. Of fifteen recordings with their
openings as they were and through another microphone, what was far from all in the thirteen without much of a guest was
3 to 5 stretches of 4 to 8 s in all; in the one with a guest, 38 of 57 s."""
STRANGER_S, STRANGER_STRETCHES, VERY_FAR, VERY_UNLIKE = 5.0, 4, 0.4, 0.35
"""Half of that is enough where the voice is as far as this from every centre, and as little like every sample."""
SAME_MICROPHONE, QUITE_UNLIKE, APART_ELSEWHERE = 0.7, 0.52, 0.5
"""And where people are as like their samples as the first, as on one microphone, where it is as far as the second from
all, and as little like any. Of 26 generated recordings, at 280 moments of them, what was most strange in those without
a guest was nearer than .57 and more like than .70, but for some through another microphone; of twelve guests, nine are
found by ten seconds, and ten by this. Through another microphone a voice may be unlike its own sample, a child's most
of all, so there a guest has to be farther from everybody: by the third."""
WHOLE = 0.8
"""Through another microphone nobody's whole speech is a guest's: where more than this part of what is nearest to a
person is nearer still to the stranger, it may as well be this person, whose sample is unlike their voice."""
_AGAIN, _MEMBER, _NEARER = 0.45, 0.6, 0.1


def unit(vectors: Values) -> Values:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def over_others(alike: Values) -> Values:
    """Each person's likeness less the greatest of the others', shape (rows, people); of one alone, nothing."""
    if alike.shape[1] < 2:
        return np.zeros_like(alike)
    top = np.sort(alike, axis=1)
    return np.asarray(alike - np.where(alike >= top[:, -1:], top[:, -2:-1], top[:, -1:]), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Centres:
    """`voices` (people, numbers): what the talk is compared with; `talk`: the same by the talk alone, zeros where
    nothing is surely a person's; `usual` (people,): how like their own sample these are, 0 where there is none."""

    voices: Values
    talk: Values
    usual: Values


def _surely(near: Values, who: NDArray[np.int64], people: int) -> NDArray[np.bool_]:
    """Which of these are surely of the person `who` (n,) to whose sample they are nearest; `near` (n,), how near."""
    each = [near[who == person] for person in range(people)]
    most = max((float(np.percentile(mine, 75)) for mine in each if len(mine) >= 2), default=0.0)
    return np.asarray(near >= NEAR_SAMPLE * most)


def _strange(voices: Values, samples: Values, most: float) -> NDArray[np.bool_]:
    """Which of these voices (n, numbers) are surely nobody's whose sample there is; `most` is the greatest likeness of
    anybody to their own sample. One person alone is never told from a guest so."""
    if len(samples) < 2:
        return np.zeros(len(voices), bool)
    alike = np.sort(voices @ samples.T, axis=1)
    return np.asarray(2.0 * alike[:, -1] - alike[:, -2] < OWN * most)


def adapted(samples: Values, vectors: Values, seconds: Values) -> Centres:
    """From voice samples (people, numbers) and local speakers (n, numbers) who are alone for so many seconds."""
    people = len(samples)
    heard = (seconds > SURE_S) & ((vectors @ samples.T).max(axis=1) < SAMPLE_ITSELF)
    vectors, weights = vectors[heard], np.minimum(seconds[heard], _MOST_S)[:, None]
    centres, talk, near = samples.copy(), np.zeros_like(samples), vectors @ samples.T
    for _ in range(ROUNDS if len(vectors) else 0):
        alike = vectors @ centres.T
        who = alike.argmax(axis=1)
        sure = _surely(near[np.arange(len(who)), who], who, people)
        clear = alike.max(axis=1) if people < 2 else over_others(alike).max(axis=1)
        for person in range(people):
            mine = np.flatnonzero((who == person) & sure)
            if len(mine) < 2:
                continue
            mine = mine[clear[mine] >= np.percentile(clear[mine], _CLEARER)]
            talk[person] = unit((vectors[mine] * weights[mine]).sum(axis=0))
            known = float(weights[mine].sum())
            share = known / (known + SAMPLE_S)
            centres[person] = unit(share * talk[person] + (1.0 - share) * samples[person])
    usual = (talk * samples).sum(axis=1)
    strange = _strange(talk, samples, float(usual.max())) & talk.any(axis=1)
    centres[strange], talk[strange], usual[strange] = samples[strange], 0.0, 0.0
    return Centres(voices=centres, talk=talk, usual=usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody like no sample. `voice` (numbers,): the centre; `perhaps`: the person whose voice it may be as well."""

    voice: Values
    perhaps: int | None


def guest(samples: Values, centres: Centres, stretches: Values, seconds: Values) -> Stranger | None:
    """A guest, from stretches in which one speaks (n, numbers), which do not overlap; None where there is none for
    sure."""
    alike, near = stretches @ centres.voices.T, stretches @ samples.T
    best, who = alike.max(axis=1), alike.argmax(axis=1)
    sure = _surely(near[np.arange(len(who)), who], who, len(samples))
    counted = [best[(who == person) & sure] for person in range(len(samples))]
    usual = np.array([np.percentile(mine, 60) if len(mine) >= 4 else np.nan for mine in counted])
    if np.isnan(usual).all():
        return None
    usual = np.where(np.isnan(usual), np.nanmedian(usual), usual)
    far = np.flatnonzero(best < FAR * usual[who])
    if len(far) < STRANGER_STRETCHES:
        return None
    others, long, own = stretches[far], seconds[far], best[far]
    alike = others @ others.T
    mine = alike[int(((alike > _AGAIN) * long).sum(axis=1).argmax())] > _AGAIN
    centre = others[0]
    for _ in range(ROUNDS):
        centre = unit((others[mine] * long[mine, None]).sum(axis=0))
        mine = (others @ centre > _MEMBER) & (others @ centre > own + _NEARER)
        if mine.sum() < STRANGER_STRETCHES:
            return None
    known = centres.usual[centres.talk.any(axis=1)]
    if not len(known):
        return None
    like = float((samples @ centre).max()) / float(np.median(known))
    nearest = float((centres.voices @ centre).max())
    strange = _strange(centre[None], samples, float(known.max()))[0] or len(samples) < 2
    said = float(long[mine].sum())
    same = float(np.median(known)) >= SAME_MICROPHONE
    apart = APART if same else APART_ELSEWHERE
    much = said >= GUEST_S and mine.sum() >= GUEST_STRETCHES and nearest < apart and like < LIKE
    far_from_all, unlike_all = (QUITE_UNLIKE, QUITE_UNLIKE) if same else (VERY_FAR, VERY_UNLIKE)
    clear = said >= STRANGER_S and nearest < far_from_all and like < unlike_all
    if not (strange and (much or clear)):
        return None
    person = int((centres.voices @ centre).argmax())
    theirs = who == person
    taken = float(seconds[theirs & (stretches @ centre > best)].sum()) / max(1e-6, float(seconds[theirs].sum()))
    return Stranger(voice=centre, perhaps=person if not same and taken > WHOLE else None)
