"""A recording whose channels are each one person's microphone: who spoke when, without a voice sample of anybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from facilitator.backends.audio.recording import Recording, troubles_of
from facilitator.backends.models.silero_activity import best_detector
from facilitator.errors import Cancelled, UsageError
from facilitator.hearing.diarization.own_microphones import ChannelListener, channel_speech
from facilitator.hearing.signal.audio import to_ms
from facilitator.hearing.signal.polarity import TURNED
from facilitator.pipelines.live import AT_ONCE_S
from facilitator.pipelines.offline import HeardRecording, blocks

NOBODY = "-"
"""Stands for a channel that is nobody's."""
MOST_CHANNELS = 4
"""With more, whoever listens beside somebody who says little was sometimes taken for them: nobody could trust that."""


def hear_channels(
    recording: str | Path,
    channels: Sequence[str],
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> HeardRecording:
    """`channels`: the person of each, or `-`. Raises UsageError where the channels of the file are not these, or not
    one person each, and AudioError for a file that cannot be used."""
    began_s = time.process_time()
    source = Recording(recording, real_time=False)
    try:
        used = _checked(source, channels)
        listener, end_sample = ChannelListener([best_detector() for _ in used]), 0
        for block in blocks(source, AT_ONCE_S):
            if cancelled is not None and cancelled():
                raise Cancelled("It was stopped before the recording had been heard to its end.")
            listener.hear(block.samples[:, used])
            end_sample = block.end_sample
            if progress is not None and source.duration_s:
                progress(min(0.97, 0.97 * to_ms(end_sample) / 1000 / source.duration_s))
    finally:
        source.close()
    people, name = [channels[channel] for channel in used], source.path.name
    moments = listener.moments()
    if moments.dead:
        lost = [people[channel] for channel in moments.dead]
        left = ", ".join(NOBODY if person in lost else person for person in channels)
        instead = f'write {NOBODY} for it (--channels "{left}"), or ' if len(people) - len(lost) > 1 else ""
        raise UsageError(
            f"Channel {used[moments.dead[0]] + 1} of {name} holds no sound, so nothing can be said of {lost[0]}; "
            f"{instead}leave --channels out and say --people {len(people)} to have voices told apart."
        )
    found = channel_speech(moments)
    if found.not_apart is not None:
        one, other = (used[channel] + 1 for channel in found.not_apart)
        raise UsageError(
            f"Channels {one} and {other} of {name} hold the same voices about as loud, so they are not one person "
            f"each; leave --channels out and say --people {len(people)}."
        )
    # Which channel has which sign is no matter here, where they are not added up.
    troubles = [trouble for trouble in troubles_of(source) if trouble != TURNED.format(name=name)]
    troubles += [
        f"Nobody spoke into channel {used[channel] + 1} of {name}, as far as can be heard: {people[channel]} has no "
        f"airtime. If that is wrong, leave --channels out and say --people {len(people)}."
        for channel in found.unheard
    ]
    if progress is not None:
        progress(1.0)
    return HeardRecording(
        people=tuple(people),
        live=(),
        final=tuple(found.heard(people, to_ms(end_sample))),
        duration_ms=to_ms(end_sample),
        compute_s=time.process_time() - began_s,
        troubles=tuple(troubles),
    )


def _checked(source: Recording, channels: Sequence[str]) -> list[int]:
    """The channels that are somebody's. Raises UsageError."""
    people, name = [person for person in channels if person != NOBODY], source.path.name
    if source.channels == 1:
        raise UsageError(
            f"{name} has one channel, with everybody in it; leave --channels out and say "
            f"--people {max(1, len(people))}."
        )
    if source.channels != len(channels):
        raise UsageError(
            f"{name} has {source.channels} channels, and there are names for {len(channels)}; name a person for each, "
            f"in their order, and write {NOBODY} for one that is nobody's."
        )
    if len(people) > MOST_CHANNELS:
        raise UsageError(
            f"There are {len(people)} names, and of more than {MOST_CHANNELS} channels it "
            "cannot be told surely whose microphone a voice belongs to; mix them down and leave --channels out."
        )
    if twice := [person for person in people if people.count(person) > 1]:
        raise UsageError(
            f"There are two channels for {twice[0]}; give each person one, and write {NOBODY} for one that is nobody's."
        )
    if len(people) < 2:  # whoever else talks would be taken for them
        raise UsageError(
            f"Name everybody who has a channel of {name}, two or more; {NOBODY} is for one with nobody at it. "
            "For one person alone leave --channels out and say --people 1."
        )
    return [channel for channel, person in enumerate(channels) if person != NOBODY]
