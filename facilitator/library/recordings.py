"""`facilitator.analyze`: who spoke when in a recording, with nothing but values in and out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from facilitator.backends.audio.recording import load_voice
from facilitator.errors import UsageError
from facilitator.hearing.signal.audio import Samples
from facilitator.library.analysis import Analysis
from facilitator.models import catalogue
from facilitator.pipelines import offline
from facilitator.pipelines.channels import hear_channels
from facilitator.pipelines.discovery import find
from facilitator.pipelines.offline import HeardRecording

MOST_PEOPLE = 12


def analyze(
    recording: str | Path,
    voices: Mapping[str, str | Path] | None = None,
    people: int | None = None,
    *,
    names: Mapping[str, str] | None = None,
    channels: Sequence[str] | None = None,
    models: str | Path | None = None,
    live: bool = False,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Analysis:
    """Who spoke when in `recording`, a file of any kind that `facilitator analyze` takes.

    `voices`: a voice sample of each person, about 8 s of speech, by name. `people`: how many talk; those without a
    sample are found, and called Voice 1, Voice 2 (`names` calls them otherwise). Without either, everybody is found.
    `channels`: each channel of the recording is one person's microphone, and this is whose, in their order (`-`:
    nobody's); what leaks from one into another is not counted, and nothing else has to be known of anybody.
    `models`: the folder of the models, where it is not the usual one. `live`: also what would have been said while
    people talked, which is more work. `progress` is called with the part done, 0 to 1; `cancelled` is asked between,
    and a yes raises `facilitator.Cancelled`.

    It works in the thread that calls it, on one core, stores nothing and uses no network. Raises
    `facilitator.FacilitatorError` with one sentence that says what to do: `AudioError` for a file that cannot be used,
    `UsageError` for what does not fit together.

        >>> import facilitator
        >>> talk = facilitator.analyze("talk.wav", voices={"Ana": "ana.wav", "Ben": "ben.wav"})
        >>> talk.to_dataframe()
    """
    samples = {name: Path(file) for name, file in (voices or {}).items()}
    if channels is not None:
        if samples or people is not None or names:
            raise UsageError(
                "The channels say who is who already; leave out voice samples, how many people talk, and other names."
            )
        with threadpool_limits(1, "blas"):
            return Analysis.of(hear_channels(recording, _one_each(channels), progress, cancelled))
    if people is not None and not max(1, len(samples)) <= people <= MOST_PEOPLE:
        raise UsageError(
            f"There are voice samples of {len(samples)} people, and {people} are to be there; say {len(samples)} or "
            f"more, at most {MOST_PEOPLE}."
            if samples
            else f"people is {people}: say how many talk in the recording, 1 to {MOST_PEOPLE}."
        )
    found_too = _finds(samples, people)
    if names and not found_too:
        raise UsageError("Names are for voices that are found; say how many people talk, or leave the names out.")
    with catalogue.only(Path(models)) if models is not None else nullcontext(), threadpool_limits(1, "blas"):
        if found_too:
            heard = _hear_and_find(Path(recording), samples, people, names or {}, live, progress, cancelled)
        else:
            heard = offline.analyze(
                recording, samples, progress, alone=people == 1, final_only=not live, cancelled=cancelled
            )
    return Analysis.of(heard)


def _one_each(channels: Sequence[str]) -> tuple[str, ...]:
    """Raises UsageError where one is no name."""
    if isinstance(channels, str) or not all(isinstance(name, str) and name.strip() for name in channels):
        raise UsageError(
            'channels is a list of names, one a channel: ["Ana", "Ben"], and "-" for one that is nobody\'s.'
        )
    return tuple(name.strip() for name in channels)


def _finds(samples: Mapping[str, Path], people: int | None) -> bool:
    """Whether somebody talks of whom there is no sample."""
    return not samples or (people is not None and people > len(samples))


def _hear_and_find(
    recording: Path,
    samples: Mapping[str, Path],
    people: int | None,
    names: Mapping[str, str],
    live: bool,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> HeardRecording:
    """The voices that are not known are found first, then heard as if each had given a sample."""
    began_s, told = time.process_time(), progress or (lambda _: None)
    of_samples: list[str] = []
    sounds: dict[str, Samples] = {person: load_voice(path, of_samples) for person, path in samples.items()}
    finding = find(recording, people, sounds, lambda part: told(0.5 * part), cancelled).renamed(names)
    heard = offline.analyze(
        recording,
        finding.samples,
        lambda part: told(0.5 + 0.5 * part),
        alone=people == 1,
        final_only=not live,
        cancelled=cancelled,
    )
    troubles = [*dict.fromkeys((*of_samples, *finding.troubles, *heard.troubles))]
    troubles += [
        f"{person} is too quiet to be known again, and counts as a guest; record nearer to the microphone."
        for person in finding.samples
        if person not in heard.people
    ]
    return replace(
        heard,
        troubles=tuple(troubles),
        found=tuple(one for one in finding.found if one.voice in heard.people),
        compute_s=time.process_time() - began_s,
    )
