"""A refusal is a refusal: in words, in silence, by key, at any time; and nobody is asked for what is not understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.events import (
    Attend,
    CommandName,
    Consented,
    ConsentHeard,
    Forget,
    Heard,
    Learn,
    Listen,
    PhraseHeard,
    Resumed,
    Reviewed,
    Say,
    Show,
    Spoke,
    StageStarted,
)
from facilitator.core.language.consent import ConsentWords
from facilitator.core.language.phrases import ANSWERED_BY_WORDS, BY_HAND, PHRASES
from facilitator.core.language.wording import Language, parse_language
from facilitator.resources.prompts import read_language
from tests.support.simulation import NAMES, PROMPTS, play
from tests.support.told_room import Room, says

REFUSALS = Path(__file__).parents[2] / "data" / "refusals"
LANGUAGES = tuple(sorted(path.stem for path in (PROMPTS / "languages").glob("*.toml")))
FORMATS = tuple(sorted(path.stem for path in (PROMPTS / "formats").glob("*.toml")))
SAID = [
    pytest.param(code, line, id=f"{code}-{number}")
    for code in LANGUAGES
    for number, line in enumerate((REFUSALS / f"{code}.txt").read_text(encoding="utf-8").splitlines(), 1)
]
AGREED = {
    "en": "I am Ben, I am happy to be heard, and I had toast and tea for breakfast.",
    "de": "Ich bin Ben, du darfst mich gern hören, und zum Frühstück gab es Brot.",
    "fr": "Je suis Ben, d'accord pour que tu m'écoutes, et j'ai pris un café ce matin.",
    "es": "Soy Ben, me parece bien que me escuches, y desayuné café con pan.",
    "it": "Sono Ben, va bene che mi ascolti, e a colazione ho preso un caffè.",
    "pt": "Sou o Ben, concordo que escute a minha voz, e comi pão de manhã.",
    "nl": "Ik ben Ben, je mag graag naar mij luisteren, en bij het ontbijt had ik brood.",
    "pl": "Jestem Ben, chętnie, możesz mnie słuchać, a na śniadanie był chleb.",
    "ko": "저는 벤이고 들으셔도 괜찮습니다. 아침에는 빵을 먹었어요.",
}


def language(code: str) -> Language:
    return parse_language(read_language(PROMPTS / f"languages/{code}.toml"))


# --- by words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "line"), SAID)
def test_no_refusal_in_words_is_recorded_as_consent(code: str, line: str) -> None:
    """Said at the call, and said again when it is asked plainly."""
    signs = language(code).spoken.consent.signs
    room = Room(("Ben",), language=code, hears_words=True)
    room.until("opening.call")
    room.speak(9_000, line, signs)
    room.until("opening.may_i", 5_000)
    room.wait(500)
    room.speak(2_000, line, signs)
    room.wait(60_000)
    assert not room.heard("Ben")
    assert [o.heard for o in room.log if isinstance(o, Consented)] == [False]
    assert not [o for o in room.log if isinstance(o, Learn) and o.keep]
    assert "opening.declined" in room.kinds()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_refusal_is_recorded_where_words_are_not_understood(code: str) -> None:
    """Nobody can know what these nine seconds were, whatever was said; so they are not a yes."""
    room = Room(("Ben",), language=code)
    room.until("opening.may_i")
    room.speak(9_000)
    room.until("opening.only_the_key", 10_000)
    room.speak(9_000)
    room.wait(60_000)
    assert not room.heard("Ben")
    assert not [o for o in room.log if isinstance(o, Listen)], "the voice was taken before there was a yes"


@pytest.mark.parametrize(("code", "line"), SAID[::7])
def test_a_model_that_lacks_the_words_of_a_refusal_is_no_judge_of_consent(code: str, line: str) -> None:
    """It would hear "agree" in "I do not agree". Commands go by voice as ever; this goes by hand."""
    room = Room(("Ben",), language=code, hears_words=True, consent_by_hand=True)
    room.until("opening.may_i")
    yes = {"start_ms": room.now_ms, "end_ms": room.now_ms + 400}
    room.tell(ConsentHeard(at_ms=room.now_ms, refuses=False, agrees=True, **yes))
    room.speak(9_000, line, language(code).spoken.consent.signs)
    room.wait(60_000)
    assert not room.heard("Ben")
    assert not [o for o in room.log if isinstance(o, Listen | Attend)], "nothing is listened to before there is a yes"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_yes_in_words_is_one(code: str) -> None:
    signs = language(code).spoken.consent.signs
    assert signs(AGREED[code]) == (False, True)
    room = Room(("Ben",), language=code, hears_words=True)
    room.until("opening.call")
    room.speak(9_000, AGREED[code], signs)
    room.wait(3_000)
    assert room.heard("Ben")
    assert "opening.may_i" not in room.kinds()


def test_talk_without_a_yes_is_asked_about_and_then_a_word_is_enough() -> None:
    signs = language("en").spoken.consent.signs
    room = Room(("Ben",), hears_words=True)
    room.until("opening.call")
    room.speak(9_000, "I am Ben and I had toast with butter and a cup of tea", signs)
    room.until("opening.may_i", 5_000)
    assert not room.heard("Ben")
    room.wait(300)
    room.tell(PhraseHeard(at_ms=room.now_ms, phrase="yes", start_ms=room.now_ms - 200, end_ms=room.now_ms))
    room.wait(500)
    assert not room.heard("Ben"), "who knows only a few phrases hears one of them in anything"
    refuses, agrees = signs("yes")
    times = {"start_ms": room.now_ms - 300, "end_ms": room.now_ms}
    room.tell(ConsentHeard(at_ms=room.now_ms, refuses=refuses, agrees=agrees, **times))
    room.wait(1_000)
    assert room.heard("Ben")


def test_a_word_before_the_plain_question_does_not_answer_it() -> None:
    """What is only known late was said of something else; a no counts whenever it comes."""
    room = Room(("Ben",), hears_words=True)
    room.until("opening.call")
    room.speak(9_000)
    began_ms = room.now_ms
    room.until("opening.may_i", 5_000)
    late = {"start_ms": began_ms - 2_000, "end_ms": began_ms - 1_000}
    room.tell(ConsentHeard(at_ms=room.now_ms, refuses=False, agrees=True, **late))
    assert not room.heard("Ben")
    room.tell(ConsentHeard(at_ms=room.now_ms, refuses=True, agrees=True, **late))
    room.wait(500)
    assert [o.heard for o in room.log if isinstance(o, Consented)] == [False]


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüß’' ,.!", max_size=60),
    st.sampled_from(["nein", "lass mich in ruhe"]),
)
def test_a_word_that_could_be_a_no_is_found_wherever_it_stands(around: str, no: str) -> None:
    words = ConsentWords(refusing=("nein", "lass mich"), agreeing=("ja",))
    assert words.signs(f"{around} {no.upper()}, {around} ja").refuses


# --- by hand and by silence -----------------------------------------------------------------------------


def test_silence_is_respected_at_once() -> None:
    """Where a key is a yes, doing nothing is a no: asked once, then the next."""
    room = Room()
    room.until("opening.may_i")
    room.until("opening.unheard", 20_000)
    room.until("opening.may_i")
    assert room.kinds().count("opening.may_i") == 2, "Ana was asked twice"
    assert [(o.person, o.heard) for o in room.log if isinstance(o, Consented)] == [("Ana", False)]


def _agreed() -> Room:
    """Where Ana has said yes by key, and is asked for a few sentences."""
    room = Room()
    room.until("opening.may_i")
    room.press("yes")
    room.until("opening.call")
    return room


def test_a_key_is_a_yes_and_the_thanks_can_be_answered_with_a_no() -> None:
    room = _agreed()
    room.speak(9_000)
    room.until("opening.thanks", 5_000)
    assert room.heard("Ana")
    room.press("no")
    room.until("withdraw.done", 3_000)
    assert [(o.person, o.heard) for o in room.log if isinstance(o, Consented)] == [("Ana", True), ("Ana", False)]
    assert [o.person for o in room.log if isinstance(o, Forget)] == ["Ana"]
    assert room.until("opening.may_i").person == "Ben"


@pytest.mark.parametrize("way", ["next", "pass"])
@pytest.mark.parametrize("spoken_ms", [0, 2_000])
def test_going_on_after_a_yes_says_first_what_is_missing(way: CommandName, spoken_ms: int) -> None:
    """Who has agreed and goes on too early has not said no: with a few words more they are heard."""
    room = _agreed()
    room.speak(spoken_ms)
    room.press(way)
    room.until("opening.too_little", 3_000)
    assert not [o for o in room.log if isinstance(o, Consented)]
    room.wait(10_000)
    room.speak(9_000)
    room.until("opening.thanks", 5_000)
    assert room.heard("Ana")


def test_going_on_twice_is_not_called_a_wish() -> None:
    room = _agreed()
    room.press("next")
    room.until("opening.too_little", 3_000)
    room.press("next")
    room.until("opening.unheard", 3_000)
    assert not room.heard("Ana")
    assert "opening.declined" not in room.kinds()
    assert room.until("opening.may_i").person == "Ben"


def test_going_on_with_enough_of_the_sample_learns_it() -> None:
    room = _agreed()
    room.speak(6_400)
    room.press("next")
    room.until("opening.thanks", 2_000)
    assert room.heard("Ana")


# --- taken back ----------------------------------------------------------------------------------------


def _talking(hears_words: bool = False) -> Room:
    """Ana and Ben are heard, Ana has the floor, and both have spoken."""
    room = Room(hears_words=hears_words)
    for _ in ("Ana", "Ben"):
        if hears_words:
            room.until("opening.call")
            room.speak(9_000, AGREED["en"], language("en").spoken.consent.signs)
        else:
            room.until("opening.may_i")
            room.press("yes")
            room.until("opening.call")
            room.speak(9_000)
    room.until("floor.granted")
    for person in ("Ana", "Ben", "Ana"):
        says(room, person)
    assert all(room.discussion.snapshot().people[k].airtime_ms > 3_000 for k in (0, 1))
    return room


def _nothing_of(room: Room, person: str) -> None:
    assert person not in room.discussion.timeline.spans(counted_only=False)
    assert person not in {p.name for p in room.discussion.summary().people}
    assert room.discussion.summary().declined == (person,)
    assert not any(turn.person == person for turn in room.discussion.settled()[0])


def test_consent_is_taken_back_by_key_in_the_middle_of_a_turn() -> None:
    room = _talking()
    assert "decline" in room.discussion.snapshot().commands
    room.press("decline")
    room.until("withdraw.who", 5_000)
    room.press("answer", value=2)
    room.until("withdraw.done", 5_000)
    _nothing_of(room, "Ben")
    before = room.discussion.snapshot().people[0].airtime_ms
    says(room, "Ben")
    says(room, "Ana")
    room.tell(Heard(at_ms=room.now_ms, start_ms=0, end_ms=room.now_ms, people=("Ben",), final=True))
    room.tell(Reviewed(at_ms=room.now_ms))
    _nothing_of(room, "Ben")
    assert before > 0
    assert "pause.end_floor" in room.kinds(), "Ana did not get her turn back"


def test_consent_is_taken_back_from_the_page_by_name() -> None:
    room = _talking()
    room.press("decline", person="Ana")
    room.until("withdraw.done", 3_000)
    _nothing_of(room, "Ana")


def test_consent_is_taken_back_by_voice() -> None:
    room = _talking(hears_words=True)
    phrase = "facilitator don't listen to me"
    assert phrase in room.discussion.phrases
    start_ms = room.now_ms
    room.wait(1_500)
    room.tell(Heard(at_ms=room.now_ms, start_ms=start_ms, end_ms=room.now_ms, people=("Ben",)))
    room.tell(PhraseHeard(at_ms=room.now_ms, phrase=phrase, start_ms=start_ms, end_ms=room.now_ms))
    room.until("withdraw.done", 3_000)
    _nothing_of(room, "Ben")
    assert room.discussion.snapshot().people[0].heard


def test_who_has_said_no_is_not_asked_again_after_an_interruption() -> None:
    room = _talking()
    room.press("decline", person="Ben")
    room.until("withdraw.done", 3_000)
    room.tell(Resumed(at_ms=room.now_ms))
    asked = room.until("opening.may_i")
    assert asked.person == "Ana"
    room.press("yes")
    room.until("opening.call")
    room.speak(9_000)
    room.wait(20_000)
    assert [o.person for o in room.log if isinstance(o, Say) and o.prompt_kind == "opening.may_i"][2:] == ["Ana"]
    _nothing_of(room, "Ben")


MOVES = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(["yes", "no", "decline", "next", "pass", "pause", "go-on"])),
    st.tuples(st.just("decline"), st.sampled_from(NAMES[:3])),
    st.tuples(st.just("was"), st.sampled_from(NAMES[:3])),
    st.tuples(st.just("speak"), st.sampled_from([1_000, 4_000, 9_000])),
    st.tuples(st.just("label"), st.sampled_from(NAMES[:3])),
    st.tuples(st.just("words"), st.sampled_from(["yes", "no", "both", "neither"])),
    st.tuples(st.just("wait"), st.sampled_from([500, 3_000, 20_000])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, min_size=5, max_size=40), st.booleans())
def test_nobody_who_refused_has_a_row_of_speech(moves: list[tuple[str, object]], hears_words: bool) -> None:
    """Whatever happens at the table, in whatever order, and whatever the listener believes of it afterwards."""
    room = Room(NAMES[:3], hears_words=hears_words)
    for what, value in moves:
        if what == "press":
            room.press(str(value))
        elif what == "decline":
            room.press("decline", person=str(value))
        elif what == "was":
            room.press("was", person=str(value))
        elif what == "speak":
            room.speak(int(str(value)))
        elif what == "label":
            says(room, str(value))
        elif what == "words":
            signs = {"refuses": value in ("no", "both"), "agrees": value in ("yes", "both")}
            room.tell(ConsentHeard(at_ms=room.now_ms, start_ms=room.now_ms - 500, end_ms=room.now_ms, **signs))
        else:
            room.wait(int(str(value)))
        if room.saying is not None:
            room.over()
    room.tell(Heard(at_ms=room.now_ms, start_ms=0, end_ms=room.now_ms, people=NAMES[:3], final=True))
    last = {o.person: o.heard for o in room.log if isinstance(o, Consented)}
    refused = {person for person, heard in last.items() if not heard}
    believed = room.discussion.timeline.spans(counted_only=False)
    assert not refused & believed.keys()
    assert not refused & {person.name for person in room.discussion.summary().people}
    since: dict[str, bool] = {}
    for outcome in room.log:
        if isinstance(outcome, Consented):
            since[outcome.person] = outcome.heard
        elif isinstance(outcome, Spoke):
            assert all(since.get(person, True) for person in outcome.people)


# --- nobody is asked for what is not understood ----------------------------------------------------------

INVITES_WORDS = {
    "en": ("just say so", "just says no", "say go on", "yes or no"),
    "de": ("sagt es einfach", "sagt einfach nein", "sagt: weiter", "ja oder nein"),
    "fr": ("dites-le simplement", "dit simplement non", "dites : on reprend", "oui ou non"),
    "es": ("basta con decirlo", "diga simplemente no", "basta con decirme", "sí o no"),
    "it": ("può semplicemente dirlo", "dice semplicemente no", "basta dirmi", "sì o no"),
    "pt": ("é só dizer", "é só me dizer", "sim ou não"),
    "nl": ("zegt dat gewoon", "zegt gewoon nee", "zeg verder", "zeg maar ja", "ja of nee"),
    "pl": (
        "niech po prostu to powie",
        "mówi po prostu nie",
        "powiedzcie dalej",
        "powiedz po prostu tak",
        "tak albo nie",
    ),
    "ko": ("말씀만 하시면", "아니요라고만", "라고 말씀해 주세요", "어느 쪽이든"),
}
"""How each language asks for a word that has to be understood; questions with answers to press are known by those."""


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_asks_for_words_has_a_wording_by_hand(code: str) -> None:
    """Walks all phrases: what invites somebody to say what has to be understood is one of those that have another
    wording, and that other wording does not do the same."""
    phrases = language(code).phrases
    for key, variants in phrases.items():
        asks = [text for text in variants if any(part in text.lower() for part in INVITES_WORDS[code])]
        if asks:
            assert key in ANSWERED_BY_WORDS, f"{key} asks for words: {asks}"
    for key in ANSWERED_BY_WORDS:
        assert f"{key}{BY_HAND}" in phrases
        if key != "opening.thanks":
            assert phrases[key] != phrases[f"{key}{BY_HAND}"]
    assert {key for key in PHRASES if key.endswith(BY_HAND)} == {f"{key}{BY_HAND}" for key in ANSWERED_BY_WORDS}


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("form", FORMATS)
def test_a_session_without_words_never_asks_for_any(form: str, code: str) -> None:
    """Played whole: every sentence that is said or shown, and to every question what can be pressed."""
    people = 3 if form not in ("describe-feel-request",) else 2
    played = play(
        people,
        form,
        "all",
        language=code,
        minutes=1,
        until_ms=1_200_000,
        host=NAMES[0] if form == "class-discussion" else "",
    )
    spoken = language(code)
    for record in played.of(Say, Show):
        assert not any(part in record.text.lower() for part in INVITES_WORDS[code]), record.text
    hints = [spoken.phrase(f"by_hand.{key}") for key in ("yes_no", "yes", "number", "percent", "pick")]
    kinds = (
        "rate.",
        "agree.any",
        "agree.more",
        "note.read_back",
        "note.who",
        "note.takes_on",
        "note.whose",
        "floor.break",
        "loud.break",
        "heavy.minute",
        "note.when",
        "floor.confirm",
        "closing.next",
    )
    asked = [say for say in played.of(Say) if say.prompt_kind.startswith(kinds)]
    asked = [
        say
        for say in asked
        if say.prompt_kind
        not in ("floor.confirm_no", *(f"closing.next_{one}" for one in ("kept", "today", "tomorrow")))
    ]
    for say in asked:
        assert any(hint in say.text for hint in hints), say.text
    assert played.of(StageStarted)
