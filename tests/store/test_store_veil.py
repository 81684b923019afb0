"""Words that nobody agreed to keep are in no file, at no time; those that people agreed on are, and all can be
replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.events import Agreed, Dictated, Say, Show
from facilitator.store.redaction import BAR
from facilitator.store.replay_diff import replay_session
from facilitator.store.session_log import Reader, Store
from tests.support.simulation import PROMPTS, play
from tests.support.table_talk import TableTalk, open_talk

PEOPLE = ("Ana", "Ben")
SECRET = "zebras nibble umbrellas"
OTHER = "quagga marmalade"
KEPT = "one list for everything"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.db"


def on_disk(path: Path) -> bytes:
    """Every byte of the database and of the files beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def nowhere(path: Path, *texts: str) -> None:
    found = on_disk(path)
    for word in " ".join(texts).split():
        assert word.encode() not in found, word


def same_again(path: Path, session: int) -> None:
    with Reader.open(path) as reader:
        found = replay_session(reader, session, Discussion)
    assert found.same, found.first


def bars(text: str) -> str:
    return " ".join([BAR] * len(text.split()))


def test_a_dictation_that_is_refused_is_never_on_the_disk(path: Path) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE))
        talk.press("note")
        talk.dictate(SECRET)
        assert any(isinstance(r, Say) and SECRET in r.text for r in talk.log)  # it was read back
        assert store.flush()
        nowhere(path, SECRET)
        talk.press("no")
        talk.dictate(OTHER)
        assert any(isinstance(r, Say) and OTHER in r.text for r in talk.log)
        talk.press("no")
        assert any(isinstance(r, Say) and r.prompt_kind == "note.dropped" for r in talk.log)
        session = talk.finish()
        nowhere(path, SECRET, OTHER)
        texts = [row["text"] for row in store.query("SELECT text FROM prompts WHERE kind = 'note.read_back'")]
        assert texts == [f"I have: {bars(SECRET)}. Is that right?", f"I have: {bars(OTHER)}. Is that right?"]
    nowhere(path, SECRET, OTHER)
    same_again(path, session)


def test_what_was_agreed_is_kept_and_what_was_refused_before_it_is_not(path: Path) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE, pronounced={"Ana": "Ahna", "Ben": "Bayn"}))
        talk.press("note")
        talk.dictate(f"Ana says {SECRET}")
        talk.press("no")
        text = f"Ana and Ben make {KEPT}"
        talk.dictate(f"  Ana and Ben  make {KEPT} ")
        talk.press("repeat")
        talk.press("yes")
        assert store.flush()
        assert KEPT.encode() not in on_disk(path)  # there is still something to ask
        talk.press("answer", 2)
        talk.press("yes")
        talk.press("answer", 3)
        talk.press("answer", 0)
        talk.press("answer", 0)
        (agreed,) = (record for record in talk.log if isinstance(record, Agreed))
        session = talk.finish()
        stored = list(store.records(session))
        assert agreed in stored
        (line,) = store.agreements(session)
        assert (line["text"], line["owner"], line["due"]) == (text, "Ben", "2026-03-13")
        assert [r.text for r in stored if isinstance(r, Dictated)] == [bars(f"Ana says {SECRET}"), text]
        read_back = [r for r in stored if isinstance(r, Say) and r.text == f"I have: {text}. Is that right?"]
        assert [(r.prompt_kind, r.aloud) for r in read_back] == [
            (kind, f"I have: Ahna and Bayn make {KEPT}. Is that right?") for kind in ("note.read_back", "repeat")
        ]
    nowhere(path, SECRET)
    same_again(path, session)


def test_typed_words_are_treated_alike(path: Path) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE, hears_words=False))
        talk.press("note", text=SECRET)
        talk.press("no")
        talk.press("note")
        talk.press("note", text=OTHER)
        talk.press("note", text=f" {KEPT}  ")  # before anything was answered: it takes the place of the other
        for name, value in (("yes", None), ("answer", 0), ("answer", 1), ("answer", 0)):
            talk.press(name, value)  # type: ignore[arg-type]
        session = talk.finish()
        assert [(line["text"], line["due"]) for line in store.agreements()] == [(KEPT, "2026-03-06")]
    nowhere(path, SECRET, OTHER)
    same_again(path, session)


def test_words_shown_in_quiet_are_treated_alike(path: Path) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE))
        talk.press("quiet")
        talk.press("note", text=SECRET)
        assert any(isinstance(r, Show) and SECRET in r.text for r in talk.log)
        talk.press("repeat")
        talk.press("no")
        talk.agree(KEPT)
        session = talk.finish()
        shown = [r.text for r in store.records(session, ["action"]) if isinstance(r, Show)]
        assert f"I have: {KEPT}. Is that right?" in shown
    nowhere(path, SECRET)
    same_again(path, session)


def test_words_that_come_when_nobody_waits_for_them(path: Path) -> None:
    """Too late, or while the talk is being finished."""
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE))
        talk.dictate(SECRET)
        talk.press("note")
        talk.press("finish")
        talk.dictate(OTHER)
        session = talk.finish()
    nowhere(path, SECRET, OTHER)
    same_again(path, session)


def test_a_crash_before_the_yes(path: Path) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE))
        talk.press("note")
        talk.dictate(SECRET)
        session = talk.session
    nowhere(path, SECRET)
    with Store.open(path) as store:
        discussion = Discussion(store.setup(session))
        for fact in store.records(session, ["fact"]):
            assert isinstance(fact, e.Fact)
            discussion.receive(fact)
        store.resume(session)
        at_ms = talk.now_ms
        for name in ("yes", "repeat", "finish"):  # the question is gone with the program that asked it
            for fact in (
                e.Resumed(at_ms=at_ms, enrolled=PEOPLE) if name == "yes" else e.Tick(at_ms=at_ms),
                e.Command(at_ms=at_ms, name=name),
            ):
                store.write([fact, *discussion.receive(fact)])
        store.finish(session, "finish")
        assert store.flush()
        assert store.agreements() == []
    nowhere(path, SECRET)
    same_again(path, session)


def test_what_is_saved_as_a_file_holds_no_refused_word_and_can_be_taken_in_twice(path: Path) -> None:
    store = Store.open_memory("There is no disk.")
    talk = TableTalk(store, open_talk(*PEOPLE))
    talk.press("note", text=SECRET)
    talk.press("no")
    talk.agree(KEPT, owner=1, when=2)
    talk.finish()
    saved = path.parent / "saved.jsonl"
    path.parent.mkdir()
    store.rescue(saved)
    store.close()
    with Store.open(path) as other:
        session = other.load_rescue(saved)
        assert other.load_rescue(saved) == session
        assert [(line["text"], line["owner"], line["due"]) for line in other.agreements()] == [
            (KEPT, "Ana", "2026-03-07")
        ]
    nowhere(path, SECRET)
    same_again(path, session)


def test_words_still_waiting_for_the_disk_are_covered_when_they_are_saved(path: Path) -> None:
    """The disk was full from the note on: the file that is saved goes to where the rest of the session is."""
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE))
        assert store.flush()
        ((pages,),) = (row.values() for row in store.query("PRAGMA page_count"))
        store.query(f"PRAGMA max_page_count = {pages}")
        store.write([e.Show(at_ms=talk.now_ms, text="long " * 10_000)])
        talk.press("note", text=SECRET)
        talk.press("no")
        talk.agree(KEPT)
        assert not store.flush()
        saved = path.parent / "saved.jsonl"
        store.rescue(saved)
        assert KEPT in saved.read_text(encoding="utf-8")
    nowhere(path, SECRET)
    with Store.open(path) as store:
        session = store.load_rescue(saved)
        assert [line["text"] for line in store.agreements(session)] == [KEPT]
        assert store.load_rescue(saved) == session
        assert len(store.agreements(session)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["decision", "repair", "check-in"])
@pytest.mark.parametrize("hears_words", [True, False])
def test_whole_discussions_with_agreements_replay_exactly(path: Path, form: str, hears_words: bool) -> None:
    for seed in range(3):
        played = play(2, form, seed=seed, until_ms=5_400_000, hears_words=hears_words, minutes=1)
        agreed = played.of(Agreed)
        with Store.open(path) as store:
            session = store.begin(played.discussion.setup, "2026-01-02T03:04:05+00:00")
            for start in range(0, len(played.log), 7):
                store.write(played.log[start : start + 7])
            store.finish(session, played.discussion.end_reason)
            assert store.flush()
            assert [line["text"] for line in store.agreements(session)] == [record.text for record in agreed]
            texts = {record.text for record in played.of(Dictated)} - {record.text for record in agreed}
            stored = " ".join(str(record) for record in store.records(session))
            assert not [text for text in texts if text in stored]
        same_again(path, session)


@pytest.mark.parametrize("language", sorted(file.stem for file in (PROMPTS / "languages").glob("*.toml")))
def test_in_every_language(path: Path, language: str) -> None:
    with Store.open(path) as store:
        talk = TableTalk(store, open_talk(*PEOPLE, language=language))
        for _ in range(2):  # its other wording, too: nobody answers at first
            talk.press("note", text=SECRET)
            talk.wait(13_000)
            talk.press("no")
        talk.agree(KEPT)
        said = [r.text for r in talk.log if isinstance(r, Say) and SECRET in r.text]
        assert len(set(said)) > 1 or len(said) == 4
        session = talk.finish()
    nowhere(path, SECRET)
    same_again(path, session)
