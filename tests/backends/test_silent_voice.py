"""The silent voice keeps session time, and gives the same answers however often it is asked."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from facilitator.backends.voice.silent_voice import SilentVoice, shown_ms
from facilitator.core.events import ChimePlayed, Fact, PromptEnded, PromptStarted, Trouble

HELLO = "Hello and welcome everyone."


def test_a_prompt_lasts_as_long_as_its_words() -> None:
    assert shown_ms(HELLO) == 4 * 320 + 300
    voice = SilentVoice()
    assert voice.next_deadline_ms is None
    voice.say(1, HELLO, 1000)
    assert voice.next_deadline_ms == 2580
    assert voice.poll(1000) == [PromptStarted(at_ms=1000, prompt=1, start_ms=1000)]
    assert voice.poll(2579) == []
    assert voice.poll(2600) == [PromptEnded(at_ms=2600, prompt=1, start_ms=1000, end_ms=2580, how="shown")]
    assert voice.next_deadline_ms is None


def test_prompts_follow_each_other() -> None:
    voice = SilentVoice()
    voice.say(1, "one", 0)
    voice.say(2, "two", 0)
    assert voice.poll(5000) == [
        PromptStarted(at_ms=5000, prompt=1, start_ms=0),
        PromptEnded(at_ms=5000, prompt=1, start_ms=0, end_ms=620, how="shown"),
        PromptStarted(at_ms=5000, prompt=2, start_ms=620),
        PromptEnded(at_ms=5000, prompt=2, start_ms=620, end_ms=1240, how="shown"),
    ]


def test_hush_ends_what_was_asked_for_and_nothing_later() -> None:
    voice = SilentVoice()
    voice.say(1, HELLO, 0)
    voice.say(2, HELLO, 0)
    voice.poll(500)
    voice.hush()
    voice.say(3, "one", 600)
    facts = voice.poll(600)
    assert [fact.prompt for fact in facts if isinstance(fact, PromptEnded) and fact.how == "hushed"] == [1, 2]
    assert facts[-1] == PromptStarted(at_ms=600, prompt=3, start_ms=600)
    assert voice.poll(2000) == [PromptEnded(at_ms=2000, prompt=3, start_ms=600, end_ms=1220, how="shown")]


def test_a_chime_takes_no_time() -> None:
    voice = SilentVoice()
    voice.chime("cut-in", 70)
    assert voice.poll(100) == [ChimePlayed(at_ms=100, chime="cut-in", start_ms=70, end_ms=70)]
    assert voice.poll(110) == []


def test_it_says_once_why_it_is_silent() -> None:
    voice = SilentVoice("There is no loudspeaker.")
    assert voice.poll(5) == [Trouble(at_ms=5, kind="voice", message="There is no loudspeaker.")]
    assert voice.poll(6) == []


steps = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 12)),
    st.tuples(st.sampled_from(["hush", "chime", "poll"]), st.just(0)),
)


@given(st.lists(st.tuples(st.integers(0, 3000), steps), max_size=40))
def test_every_prompt_starts_and_ends_once_and_none_overlap(script: list[tuple[int, tuple[str, int]]]) -> None:
    def run() -> tuple[list[Fact], int]:
        voice, now_ms, asked = SilentVoice(), 0, 0
        facts: list[Fact] = []
        for wait_ms, (what, words) in script:
            now_ms += wait_ms
            if what == "say":
                asked += 1
                voice.say(asked, "word " * words, now_ms)
            elif what == "hush":
                voice.hush()
            elif what == "chime":
                voice.chime("end", now_ms)
            else:
                facts += voice.poll(now_ms)
        return facts + voice.poll(now_ms + 1_000_000), asked

    facts, asked = run()
    started = [fact for fact in facts if isinstance(fact, PromptStarted)]
    ended = [fact for fact in facts if isinstance(fact, PromptEnded)]
    assert [fact.prompt for fact in started] == [fact.prompt for fact in ended] == list(range(1, asked + 1))
    assert all(s.start_ms == e.start_ms <= e.end_ms <= e.at_ms for s, e in zip(started, ended, strict=True))
    assert all(e.end_ms <= s.start_ms for e, s in zip(ended, started[1:], strict=False))
    assert all(one.at_ms <= other.at_ms for one, other in pairwise(facts))
    assert (facts, asked) == run()
