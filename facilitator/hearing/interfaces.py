"""What the parts of hearing need from each other and from an engine. Engines fill these in; the type checker holds
them to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Fact
from facilitator.hearing.signal.audio import Block, Samples
from facilitator.hearing.values import NONE, Contribution, Doubts, Embedding, Kept, LocalWindow, Words


class Ear(Protocol):
    """Blocks in, facts out: who speaks. `hearing.listener.Listener` is one."""

    @property
    def people(self) -> tuple[str, ...]:
        """Those whose voiceprint it has."""

    def begin_sample(self, person: str) -> None:
        """What is heard from now on is this person's voice sample; `hear` tells how it goes."""

    def end_sample(self, keep: bool) -> bool:
        """Makes a voiceprint of the sample, or lets it go. True if there is a voiceprint now."""

    def forget(self, person: str) -> None:
        """Lets go of this person's voiceprint. From now on the voice is a stranger's, and teaches nothing."""

    def hurry(self, behind_s: float) -> None:
        """Before a block: so much sound waits. What costs most time is left out while that is too much."""

    def hear(self, block: Block) -> list[Fact]: ...

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        """The facilitator itself speaks; None: still. It and a short tail count for nobody."""

    def expect(self, person: str | None) -> None:
        """From now on this person has a protected floor; None: nobody has."""

    def review(self) -> Sequence[Fact]:
        """The pass over everything heard: `Heard` facts with `final`."""


class WordSource(Protocol):
    """Sound to words, on a thread of its own. Asked for nothing, it hears nothing; it keeps nothing. Its times
    are those of the blocks."""

    def listen_for(self, phrases: Sequence[str]) -> tuple[str, ...]:
        """From the next pause in the speech on, the commands are these; none: no commands. Gives those of them
        that can never be heard, as the model lacks a word."""

    def dictate(self, on: bool, since_ms: int | None = None) -> None:
        """From the next block on, every word is wanted, or no longer. With `since_ms` also what was said after that
        moment, if it is no longer than a few seconds ago (where the model can be restricted to phrases)."""

    def hear(self, block: Block) -> None:
        """The next block. Never waits: when too many wait already, the oldest one is missed (`trouble`)."""

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        """As for an `Ear`: what is said then, and shortly after, is nobody's word."""

    def finish_utterance(self) -> None:
        """Whoever spoke has stopped: tell now what was said, and do not wait for a longer pause."""

    def poll(self) -> list[Words]:
        """What was said since the last call, in the order in which it became known: utterances that are over, and
        commands soon after they were spoken, even when others go on speaking."""

    def catch_up(self, timeout_s: float) -> bool:
        """Waits until everything so far has been heard, for a recording that comes faster. False: not yet."""

    def trouble(self) -> str | None:
        """A sentence for people about what is wrong now, each once."""

    def close(self) -> None: ...


class VoiceEncoder(Protocol):
    """A model that describes the voice in a short window of sound. One instance hears one stream."""

    name: str
    """As in the manifest of models."""
    by_channel: bool
    """True: it is fed samples of the shape (frames, channels); False: mono, (frames,)."""

    def feed(self, samples: Samples) -> list[Embedding]:
        """The next samples (16 kHz) of the stream, of any length; gives the windows that end in them, in order
        of their ends. Windows overlap, may differ in length, and are left out where there is hardly any speech."""


class Segmentation(Protocol):
    """A model that hears where one voice, two or none speak, without knowing whose. One instance hears one stream."""

    name: str

    def feed(self, samples: Samples) -> list[LocalWindow]:
        """The next samples (mono, 16 kHz), of any length; gives the windows that end in them."""


class FrameEncoder(Protocol):
    """A voice encoder before it has looked along the whole of a window: what makes a voice is then chosen freely."""

    name: str
    maker: str
    """Name and version, by which voiceprints for another time are told to be its own; empty where it is not known."""

    def frames(self, sound: Samples) -> NDArray[np.float32]:
        """Numbers for every 20 ms of a piece of sound at 16 kHz, shape (frames, numbers); an edge is as if the
        recording ended there. Level and colour of the sound do not matter: they are taken from the piece itself."""

    def voices(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors of unit length, shape (voices, n), from the mean and the deviation over some frames, shape
        (voices, numbers) each."""


class SpeakerEvidence(Protocol):
    """One opinion on who speaks. The decoder sums any number of them.

    Opinions are log odds (natural logarithm), one row a step of `features.STEP_MS`: that each person
    speaks in it, alone or not, in the order of `enrol`, and in the last column that somebody does who is
    not enrolled. They are already weighted with what the source has earned in the opening circle; 0 says
    nothing, and NaN is no opinion."""

    name: str

    def enrol(self, voices: Mapping[str, Samples], kept: Mapping[str, Kept] = NONE) -> None:
        """Learn these people's voices (about 8 s of speech each, shape (frames, channels) or mono). Called again, with
        all, when one is added. `kept`: voiceprints from another time; 2 s are enough with one."""

    @property
    def makers(self) -> frozenset[str]:
        """Whose voiceprints from another time it can use: names with versions."""

    def unlike(self, samples: Samples, kept: Kept) -> bool | None:
        """Whether two seconds or more of somebody do not sound like the voice that was kept. None: it cannot tell."""

    def mixed(self, samples: Samples) -> bool | None:
        """Whether in a voice sample one voice speaks and then another. None: it cannot tell."""

    def keepable(self, person: int) -> Kept:
        """The voiceprint of the person of this number, in the order of `enrol`, for another time."""

    def score(self, samples: Samples, first_sample: int) -> NDArray[np.float32]:
        """Opinions on the steps that these following samples complete, shape (steps, people + 1). `samples` are
        (frames, channels) or mono. May lag: returns as many steps as are ready, in order and each once, from the
        session's first on."""

    def opinions(self, first_step: int, end_step: int) -> NDArray[np.float32] | None:
        """What it says now of steps that it has told of before, as for `score`; None: the same as then."""

    def crowd(self, first_step: int, end_step: int) -> NDArray[np.float32] | None:
        """Log odds that anyone speaks in these steps, and the chance that two do, shape (steps, 2), NaN where it does
        not know; None: it cannot tell."""

    def earned(self) -> tuple[float, ...]:
        """The weight that it has earned for each person, 0 to 1; empty where it does not measure that."""

    def learn(self, belief: NDArray[np.float32], first_step: int) -> None:
        """While people talk: how probably each person, and last a guest, speaks alone in the steps from `first_step`
        on, shape (steps, people + 1), now that what came after is known. Each step once, in order."""

    def spare(self, level: int) -> None:
        """There is not the time for everything. 0: all is heard; 1: what is dearest is not; 2: nor is anything but
        what is made of the sound in the session itself. What is not heard says nothing, and steps keep their count."""

    def put_right(self, belief: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """`belief` of all steps so far, as for `rescore`, without mistaking a stranger for a person or a person for a
        stranger, as far as this source can tell; and the steps, shape (steps,), that are surely a stranger's."""

    def rescore(self, belief: NDArray[np.float32]) -> NDArray[np.float32]:
        """Once the session is over: opinions on all its steps, having learned from `belief`: how probably
        each person, and last a guest, speaks alone in each step, shape (steps, people + 1)."""

    def doubts(self) -> Doubts:
        """What speaks against the names as a whole, as far as this source can tell by now."""

    def since(self, first_step: int) -> SpeakerEvidence:
        """A copy that calls this step the first, and is only asked for `rescore`, what goes with it, `put_right` and
        `crowd`: on any thread, while this one goes on. The step is an even one, so that its sound begins a frame of
        10 and of 20 ms."""

    def let_go(self, end_step: int) -> None:
        """Nothing more is asked about steps before this one: what is kept of them need not be."""

    def contributions(self, who: NDArray[np.int64]) -> list[Contribution]:
        """What came of `rescore`, source by source; `who` speaks alone in each step, -1 elsewhere."""
