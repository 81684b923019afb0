"""Sound goes in, facts come out: who speaks now, said within a second, and at the end once more, better."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from facilitator.core.events import Activity, EnrolmentHeard, EnrolmentProblem, Fact, Heard, Trouble
from facilitator.hearing.diarization import evidence_now, trust
from facilitator.hearing.diarization.enrolment import SampleInTheMaking, problem
from facilitator.hearing.diarization.final_pass import SILENT, FinalPass, Gone
from facilitator.hearing.diarization.floor import Floor
from facilitator.hearing.diarization.hmm import TWO_STEPS, Chances, States, Table, Weights, forward, heard, smooth
from facilitator.hearing.diarization.priors import OwnVoice
from facilitator.hearing.interfaces import SpeakerEvidence
from facilitator.hearing.signal.audio import RATE, Block, Samples, mono, to_ms
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.signal.vad import CHUNK, ActivityStream, Gate, SpeechDetector
from facilitator.hearing.speaker.load_shedding import Pace
from facilitator.hearing.speaker.stored_voiceprints import KeptVoices
from facilitator.hearing.values import Contribution

LAG = 2
"""Steps that are looked past a step before it is first labelled: 0.1 s, on top of what the sources need."""
LOOKS = (20, 40)
"""Steps after which its label is looked at again: 1 s and 2 s."""
HOP = 2
"""Steps from one look to the next: 0.1 s."""
LOOK_EVERY = 10
"""Steps from one look further back to the next: 0.5 s."""
MINUTE, MINUTE_EVERY = 1200, 100
"""Steps that are looked at again where a source knows more of them by now, and from one such look to the next: the last
minute, which may still be revised (`turntaking/tracker.py`), every 5 s."""
REVISED = 30
"""Steps before the new ones whose evidence is asked for again, where a source knows more of them by now: 1.5 s."""
HELD_BACK = 10
"""A stretch that only goes on is told this many steps at a time."""
TAIL_MS = 300
"""What is heard this long after the facilitator's own voice is its echo."""
PASSES = 3
"""How often voiceprints are made anew in the review."""
CHAPTER, KEPT, BESIDE = 6000, 12_000, 400
"""Steps: what the pass over the whole needs is kept of the last ten to fifteen minutes. When it is fifteen, the oldest
five are gone over, as people talk, and let go but for 20 s, in whose light the next chapter begins."""
BEHIND = (
    "This computer is too slow just now to hear as well as it could, so names are less sure for a while: "
    "close other programs that keep it busy."
)
_log = logging.getLogger(__name__)
_NEAR = LOOKS[-1] + LOOK_EVERY + HELD_BACK + LAG  # steps that are kept where no source is asked again
_TOO_LATE = 40  # steps; a source further behind is not waited for
_SPEECH = 0.3  # chunks more probable than this count towards a voice sample
_UNTOLD = -1

Aside = Callable[[Callable[[], Gone]], Callable[[], Gone]]


class Listener:
    """Gives facts about a stream of blocks, see `hear`.

    `detector` says how probable speech is; `evidence` whose it sounds like, any number of sources, and `weights` how
    much that counts. In `passes` the review has the sources learn from what came of the pass before. `aside` carries
    out the pass over a chapter, and gives how to wait for what comes of it (`threads.beside`); None: the whole session
    is kept until its review."""

    def __init__(
        self,
        detector: SpeechDetector,
        evidence: Sequence[SpeakerEvidence],
        weights: Weights | None = None,
        passes: int = PASSES,
        aside: Aside | None = None,
    ) -> None:
        self._weights, self._passes = weights or Weights(), passes
        self._activity = ActivityStream(detector)
        self._gate = Gate()
        self._evidence = tuple(evidence)
        self._voices: dict[str, Samples] = {}
        self.kept = KeptVoices(self._evidence)
        self._sample: SampleInTheMaking | None = None
        self._end_sample = 0
        self._speech = array("f")  # log odds that someone speaks, one a step, of the whole session
        self._own = OwnVoice(TAIL_MS)
        self._levels = trust.SpeechLevels()
        self.troubles: list[str] = []
        """Why shares are not sure, as far as that is known by now, for people."""
        self._once: set[str] = set()  # those that were told
        self._delivered = [0] * len(self._evidence)  # steps that each source has had an opinion on
        self._decoded = self._told = self._taught = self._looked_back = self._looked_far = 0
        self._far = False  # the last minute is being looked at again
        self._owed: list[Fact] = []  # to be told with the next block
        self._pace, self._hurried = Pace(), False
        self._floor = Floor()
        self._alone: NDArray[np.int64] = np.zeros(0, np.int64)  # who spoke alone in each step, as reviewed; -1 nobody
        self._reviewed: Sequence[SpeakerEvidence] = self._evidence
        self._aside = aside
        self._over = 0  # steps that chapters have gone over
        self._chapter: Callable[[], Gone] | None = None
        self._chapters: list[Heard] = []
        self._labels = np.zeros(0, np.int32)  # as told, of the steps before `_decoded` in `_emissions`
        self._begin_anew()

    def _begin_anew(self) -> None:
        """With these people, from the next step on."""
        self._states = States(len(self._voices), self._weights)
        self._named, self._trust = True, 1.0  # voices can be told apart; how far confidence is to be believed
        self._perhaps_one_of_us = False  # a voice that is like no sample may be theirs whose sample is like no voice
        self._now: Chances = self._states.start
        self._waiting: Table = self._nothing(0)  # opinions on the steps from `_decoded` on
        self._emissions: Table = np.zeros((0, self._states.size), np.float32)  # of the steps that may change
        self._filtered: Table = np.zeros((0, self._states.size), np.float32)
        self._labels = self._labels[:0]
        self._told = self._taught = self._decoded

    def _nothing(self, steps: int) -> Table:
        """The opinions of one who has none."""
        return np.zeros((steps, len(self._voices) + 1), np.float32)

    # --- people ---

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(self._voices)

    def enrol(self, person: str, samples: Samples) -> EnrolmentProblem | None:
        """Takes a voice sample (16 kHz, mono or with channels) as this person's voice. Says what is wrong with it;
        when it is too quiet to hold speech, the person is not enrolled."""
        wrong = problem(mono(samples)) or ("two-voices" if self._mixed(samples) else None)
        if wrong != "quiet":
            self._take(person, samples)
        return wrong

    def begin_sample(self, person: str) -> None:
        self._sample = SampleInTheMaking(person, self._mixed)

    def _mixed(self, samples: Samples) -> bool:
        """Whether any source hears two people in this sample, one after the other."""
        return any(source.mixed(samples) for source in self._evidence)

    def end_sample(self, keep: bool) -> bool:
        """Takes the sample as the person's voice, or lets it go. True: the person is enrolled."""
        sample, self._sample = self._sample, None
        if sample is not None and sample.problem == "unlike":
            self.kept.pop(sample.person, None)  # today it is learned like a new one
        if sample is None or not keep:
            return False
        heard = sample.samples()
        if len(heard) < RATE:
            return False
        self._take(sample.person, heard)
        return True

    def forget(self, person: str) -> None:
        self.know({name: voice for name, voice in self._voices.items() if name != person})

    def _take(self, person: str, samples: Samples) -> None:
        self.know({**self._voices, person: samples})

    def know(self, voices: Mapping[str, Samples]) -> None:
        """From now on these are the people, by these samples; all sources learn them anew. Labels owed come first."""
        self._owed += self._tell_the_rest()
        self._voices = dict(voices)
        for source in self._evidence:
            source.enrol(self._voices, self.kept)
        self._levels.know(self._voices)
        self._begin_anew()

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        """The facilitator itself speaks from `start_ms` to `end_ms` (None: it has not stopped yet). What
        is heard then, and for TAIL_MS after, counts for nobody."""
        self._own.add(start_ms, end_ms)

    # --- the floor ---

    def expect(self, person: str | None) -> None:
        """From now on this person has a protected floor (None: nobody has). It tips the scales where the sources do
        not know, and no more: who cuts in is still heard to cut in."""
        self._floor.expect(self._end_sample // STEP, person)

    # --- live ---

    def hear(self, block: Block) -> list[Fact]:
        """What this block makes known. Blocks follow each other; lost ones stand for silence."""
        samples = np.zeros_like(block.samples) if block.lost else block.samples
        now_ms, start_ms = block.end_ms, to_ms(block.first_sample)
        own = self._own.sounds(start_ms, now_ms)
        chunks, speech = self._activity.feed(mono(samples), silent=block.lost)
        self._end_sample = block.end_sample
        self._speech.extend(speech.tolist())
        facts, self._owed = self._owed, []
        facts += self._activity_facts(chunks, own, now_ms)
        if self._sample is not None and not own and not block.lost:
            facts += self._sample_facts(samples, chunks, now_ms)
        elif not own and not block.lost:
            self._levels.hear(mono(samples))
        self._ask(samples, block.first_sample)
        if self._decode():
            facts += self._look(now_ms)
            if self._far:
                facts += [Trouble(at_ms=now_ms, kind="hearing", message=told) for told in self._doubted()]
            self._close_chapter()
        return facts

    def hurry(self, behind_s: float) -> None:
        """Before a block: so much sound waits. Where that is too much, the dearest sources are spared, which is told
        once, until there is time again; activity and voiceprints never are."""
        before, now_ms = self._pace.level, to_ms(self._end_sample)
        if (level := self._pace.look(behind_s, now_ms)) == before:
            return
        _log.warning("%.1f s of sound wait at %d ms: load shedding %d, was %d", behind_s, now_ms, level, before)
        for source in self._evidence:
            source.spare(level)
        if not self._hurried:
            self._hurried = True
            self._owed.append(Trouble(at_ms=now_ms, kind="behind", message=BEHIND))

    def _doubted(self) -> list[str]:
        """What speaks by now against all names, and was not told before; whoever cannot be told apart has none."""
        found = [source.doubts() for source in self._evidence]
        self._named = not any(one.alike for one in found)
        self._perhaps_one_of_us = any(one.unlike for one in found)
        told = [sentence for one in found for sentence in trust.sentences(one, self.people, self._levels)]
        new = [sentence for sentence in told if sentence not in self._once]
        self.troubles = told
        self._once.update(told)
        self._trust = trust.LESS if told else 1.0
        return new

    def _activity_facts(self, chunks: list[float], own: bool, now_ms: int) -> Iterator[Fact]:
        for probability in chunks:
            changed_ms = self._gate.feed(0.0 if own else probability)
            if changed_ms is not None:
                yield Activity(at_ms=now_ms, speaking=self._gate.speaking, start_ms=changed_ms)

    def _sample_facts(self, samples: Samples, chunks: list[float], now_ms: int) -> Iterator[Fact]:
        assert self._sample is not None
        self._sample.add(samples, sum(p > _SPEECH for p in chunks) * 1000 * CHUNK // RATE)
        if (news := self._sample.news()) is not None:
            person, speech_ms, wrong = self._sample.person, *news
            if wrong is None and speech_ms >= 2000 and self.kept.unlike(person, self._sample.samples()):
                wrong = self._sample.problem = "unlike"
            yield EnrolmentHeard(at_ms=now_ms, person=person, speech_ms=speech_ms, problem=wrong)

    def _ask(self, samples: Samples, first_sample: int) -> None:
        """Adds the opinions of all sources on the steps not decoded yet. One that comes too late is let go."""
        for k, source in enumerate(self._evidence):
            opinions, first = source.score(samples, first_sample), self._delivered[k] - self._decoded
            self._delivered[k] += len(opinions)
            self._waiting = evidence_now.added(self._waiting, opinions, first)

    def _decode(self) -> bool:
        """Goes as far as every source has come. True when there is enough that is new to look at."""
        ready = min([len(self._speech), *(max(d, len(self._speech) - _TOO_LATE) for d in self._delivered)])
        count = ready - self._decoded
        if count < HOP:
            return False
        self._far = self._decoded - self._looked_far >= MINUTE_EVERY
        back = max(0, min(MINUTE if self._far else REVISED, len(self._filtered) - 1))
        known = evidence_now.opinions(self._evidence, self._decoded - back, ready) if back else None
        if known is None:
            self._far, back, opinions = False, 0, self._nothing(count)
            opinions[: len(self._waiting[:count])] = self._waiting[:count]
        else:
            opinions = known
            self._now = self._filtered[-back - 1].astype(np.float64)
            self._emissions, self._filtered = self._emissions[:-back], self._filtered[:-back]
        self._waiting = self._waiting[count:]
        opinions += self._floor.taken(self.people, self._decoded - back, ready, self._states.weights.floor)
        emissions = self._states.emissions(self._heard_speech(self._decoded - back, ready), opinions)
        filtered, self._now = forward(self._states, emissions, self._now)
        self._decoded = ready
        keep = (_NEAR if known is None else MINUTE) + count
        self._emissions = np.concatenate([self._emissions, emissions])[-keep:]
        self._filtered = np.concatenate([self._filtered, filtered])[-keep:]
        untold = np.full(count, _UNTOLD, np.int32)
        self._labels = np.concatenate([self._labels, untold])[-keep:]
        return True

    def _heard_speech(self, first: int, end: int) -> Table:
        """Log odds that anyone speaks in these steps. Where the facilitator speaks, surely nobody else does."""
        speech = evidence_now.speech(self._evidence, np.array(self._speech[first:end], np.float32), first)
        speech[self._own.steps(first, end)] = SILENT
        return speech

    def _look(self, now_ms: int) -> list[Fact]:
        """Labels the steps that are old enough, and now and then those before them anew."""
        since = self._decoded - self._looked_back
        back = since >= LOOK_EVERY or self._far
        wanted = MINUTE if self._far else _NEAR + since if back else self._decoded - self._told + TWO_STEPS
        size = min(len(self._labels), wanted)
        first = self._decoded - size
        belief = smooth(self._states, self._emissions[-size:], self._filtered[-size:])
        belief[self._own.steps(first, self._decoded)] = np.eye(1, self._states.size, dtype=np.float32)
        labels = self._states.labels(belief, evidence_now.two(self._evidence, first, self._decoded))
        facts: list[Fact] = []
        if back:
            self._looked_back = self._decoded
            self._teach(belief, first)
            again = np.zeros(size, bool)
            for age in LOOKS:  # only at these ages, so that a wavering label is not told again and again
                again[max(0, size - age - since) : max(0, size - age)] = True
            if self._far:
                self._looked_far = self._decoded
                again[: max(0, size - LOOKS[0])] = True
            again &= (labels != self._labels[-size:]) & (self._labels[-size:] != _UNTOLD)
            facts += self._tell(belief, labels, again, now_ms)
        new = np.arange(first, self._decoded) >= self._told
        new[size - LAG :] = False
        told_before = self._told - 1 - (self._decoded - len(self._labels))
        before = self._labels[told_before] if told_before >= 0 else _UNTOLD
        if new.sum() >= HELD_BACK or (labels[new] != before).any():
            facts += self._tell(belief, labels, new, now_ms)
            self._told = self._decoded - LAG
        return facts

    def _teach(self, belief: Table, first: int) -> None:
        """Has the sources learn from those of these steps that are old enough to be known well, each once."""
        begin, end = max(self._taught, first), self._decoded - LOOKS[-1]
        if begin < end and self._voices:
            for source in self._evidence:
                source.learn(belief[begin - first : end - first, 1 : 2 + len(self._voices)], begin)
            self._taught = end

    def _tell_the_rest(self) -> list[Fact]:
        """Labels what was decoded and not told yet."""
        size = self._decoded - self._told
        if not size:
            return []
        belief = smooth(self._states, self._emissions[-size:], self._filtered[-size:])
        belief[self._own.steps(self._told, self._decoded)] = np.eye(1, self._states.size, dtype=np.float32)
        labels = self._states.labels(belief, evidence_now.two(self._evidence, self._told, self._decoded))
        return self._tell(belief, labels, np.ones(size, bool), to_ms(self._end_sample))

    def _tell(self, belief: Table, labels: NDArray[np.int32], which: NDArray[np.bool_], now_ms: int) -> list[Fact]:
        """Facts about those of the last steps that are marked in `which`, one for each run of the same label."""
        first = self._decoded - len(which)
        recent = self._labels[-len(which) :]
        recent[which] = labels[which]
        facts: list[Fact] = []
        for label, run in groupby(range(len(which)), key=lambda k: int(labels[k]) if which[k] else _UNTOLD):
            if label != _UNTOLD:
                steps = list(run)
                confidence = float(belief[steps, label].mean())
                facts.append(self._fact(label, (first + steps[0], first + steps[-1] + 1), confidence, now_ms))
        return facts

    def _fact(self, label: int, steps: tuple[int, int], confidence: float, now_ms: int) -> Heard:
        """That those of this label speak in the steps (from, to)."""
        return self._believed(heard(self.people, self._states.who[label], steps, confidence, now_ms))

    def _believed(self, fact: Heard) -> Heard:
        """As far as names can be believed at all."""
        if self._trust < 1.0:
            fact = replace(fact, confidence=round(self._trust * fact.confidence, 3))
        if not self._named and (fact.people or fact.guest):
            return replace(fact, people=(), guest=False, unknown=True)
        if self._perhaps_one_of_us and fact.guest:
            return replace(fact, guest=False, unknown=True)
        return fact

    # --- the whole ---

    @property
    def speech(self) -> Table:
        """Log odds that anyone speaks, of every step so far. Where the facilitator speaks, surely nobody else does."""
        said = np.array(self._speech, np.float32)
        said[self._own.steps(0, len(said))] = SILENT
        return said

    def review(self) -> list[Heard]:
        """What is believed of the whole session once it is over, with voiceprints made anew from all that
        was surely said by each. Covers the session without gap or overlap."""
        count = len(self._speech)
        if count == 0:
            return []
        self._collect()
        first = max(0, self._over - BESIDE)
        last = self._pass(first, count, [source.since(first) for source in self._evidence] if first else self._evidence)
        gone = last.over(self._over, count, to_ms(self._end_sample))
        self._reviewed = self.kept.evidence = last.evidence
        self._alone = gone.alone
        self._doubted()
        return [self._believed(fact) for fact in (*map(self._known, self._chapters), *gone.facts)]

    def _pass(self, first: int, end: int, evidence: Sequence[SpeakerEvidence]) -> FinalPass:
        """Over these steps, which begin with the first of these sources."""
        return FinalPass(
            people=self.people,
            states=self._states,
            passes=self._passes,
            evidence=evidence,
            first_step=first,
            detected=np.array(self._speech[first:end], np.float32),
            floor=self._floor.taken(self.people, first, end, self._states.weights.floor),
            own=self._own.steps(first, end),
        )

    def _close_chapter(self) -> None:
        """Once there is a chapter more than what is kept: goes over the oldest one, and lets go of what that needed."""
        if self._aside is None or self._decoded - self._over < KEPT + CHAPTER:
            return
        self._collect()
        begin, end, now_ms = self._over, self._over + CHAPTER, to_ms(self._end_sample)
        first = max(0, begin - BESIDE)
        passed = self._pass(first, self._decoded, [source.since(first) for source in self._evidence])
        self._chapter = self._aside(lambda: passed.over(begin, end, now_ms))
        self._over = end
        for source in self._evidence:
            source.let_go(end - BESIDE)

    def _collect(self) -> None:
        """What came of the chapter that is being gone over, if any. Where that failed, what was said live stands."""
        waits, self._chapter = self._chapter, None
        if waits is not None:
            try:
                self._chapters += waits().facts
            except Exception:
                _log.exception("a chapter could not be gone over")

    def _known(self, fact: Heard) -> Heard:
        """As of now: who was forgotten since is a guest."""
        still = tuple(person for person in fact.people if person in self._voices)
        guest = fact.guest or len(still) < len(fact.people)
        return replace(fact, at_ms=to_ms(self._end_sample), people=still, guest=guest)

    def contributions(self) -> list[Contribution]:
        """What each source contributed to the last review; of a session of hours, to its last chapter."""
        return [one for source in self._reviewed for one in source.contributions(self._alone)]
