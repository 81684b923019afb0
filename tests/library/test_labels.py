"""Who spoke when in the forms of other tools: what is written is read again, by us and by those who know the form."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.turntaking.spans import Span, merged
from facilitator.errors import MissingPackage, UsageError
from facilitator.report.output import labels
from facilitator.report.output.labels import LABEL_FORMS, form_of, read, write

BOTH_WAYS = [form for form, known in LABEL_FORMS.items() if known.read is not None]
TALK = {"Ana María": [Span(0, 1500), Span(4000, 4250)], "Ben <3 & Co": [Span(1400, 3000)], "李": [Span(5000, 7001)]}


@st.composite
def voices(draw: st.DrawFn) -> dict[str, list[Span]]:
    names = draw(st.lists(st.text("aäЯ李 '<&>-%", min_size=1, max_size=6), max_size=4))
    kept = {" ".join(name.split()) for name in names} - {""}
    found = {}
    for name in sorted(kept):
        cuts = sorted(draw(st.sets(st.integers(0, 100_000), min_size=2, max_size=12)))
        spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        found[name] = merged(spans, 0)
    return found


@pytest.mark.parametrize("form", BOTH_WAYS)
@given(talk=voices())
def test_what_is_written_is_read_again(
    form: str, talk: dict[str, list[Span]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("labels") / f"talk.{LABEL_FORMS[form].ending}"
    file.write_text(write(form, talk, name="talk", duration_ms=100_000), encoding="utf-8")
    assert read(file) == talk


def test_praat_has_a_tier_for_each_and_no_gaps(tmp_path: Path) -> None:
    from praatio import textgrid  # noqa: PLC0415 - as somebody with Praat would read it

    file = tmp_path / "talk.TextGrid"
    file.write_text(write("textgrid", TALK, name="talk", duration_ms=8000), encoding="utf-8")
    grid = textgrid.openTextgrid(str(file), includeEmptyIntervals=True)
    assert grid.tierNames == tuple(TALK)
    for tier in grid.tiers:
        assert tier.entries[0].start == 0 and tier.entries[-1].end == 8.0
        assert all(one.end == next_one.start for one, next_one in zip(tier.entries, tier.entries[1:], strict=False))


def test_pyannote_has_a_track_for_each_span() -> None:
    found = labels.to_annotation(TALK, "talk")
    assert found.uri == "talk" and set(found.labels()) == set(TALK)
    assert found.label_duration("Ana María") == pytest.approx(1.75)


def test_a_player_is_told_who_speaks() -> None:
    text = write("webvtt", TALK, name="talk", duration_ms=8000)
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v Ana María></v>\n")
    assert "<v Ben &lt;3 &amp; Co></v>" in text


def test_what_a_video_call_writes_is_who_said_it(tmp_path: Path) -> None:
    """It puts the name before what was said, and not in the mark that the form has for it."""
    file = tmp_path / "call.vtt"
    cues = (
        "Ana López: Hello,\nas I said: it is late",
        "at 12:30 we had lunch",
        "Ben &amp; Co: Yes.",
        "Ana López:\nIndeed.",
        "<i>Note: laughter</i>",
    )
    text = "\n\n".join(f"{n}\n00:00:0{n}.000 --> 00:00:0{n}.500\n{cue}" for n, cue in enumerate(cues))
    file.write_text(f"WEBVTT\n\n{text}\n", encoding="utf-8")
    assert read(file) == {"Ana López": [Span(0, 500), Span(3000, 3500)], "Ben & Co": [Span(2000, 2500)]}
    marked = "00:01:00.000 --> 00:01:01.000\n<v Eve>Listen: no</v>\n"
    file.write_text(f"WEBVTT\n\n{marked}\n{text}\n", encoding="utf-8")
    assert read(file) == {"Eve": [Span(60_000, 61_000)]}


def test_one_annotation_that_has_no_length_does_not_refuse_the_others(tmp_path: Path) -> None:
    file = tmp_path / "talk.eaf"
    text = write("eaf", {"Ana": [Span(0, 1500), Span(4000, 5000)]}, name="talk", duration_ms=8000)
    assert text.count('TIME_VALUE="5000"') == text.count('TIME_VALUE="4000"') == 1
    for wrong in ('TIME_VALUE="3000"', ""):
        file.write_text(text.replace('TIME_VALUE="5000"', wrong), encoding="utf-8")
        assert read(file) == {"Ana": [Span(0, 1500)]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("talk.rttm", "SPEAKER talk 1\n"),
        ("talk.rttm", "SPEAKER talk 1 nan 1.0 <NA> <NA> Ana <NA> <NA>\n"),
        ("talk.rttm", "SPEAKER talk 1 inf 1.0 <NA> <NA> Ana <NA> <NA>\n"),
        ("talk.rttm", "SPEAKER talk 1 0 1e12 <NA> <NA> Ana <NA> <NA>\n"),
        ("talk.rttm", "SPEAKER talk 1 -5 9.0 <NA> <NA> Ana <NA> <NA>\n"),
        ("talk.vtt", "WEBVTT\n\n99999:00:00.000 --> 99999:00:01.500\n<v Ana></v>\n"),
        ("talk.txt", "no labels at all\n"),
        ("talk.txt", "3.0\t1.0\tAna\n"),
        ("talk.vtt", "00:00:00.000 --> 00:00:01.500\n<v Ana></v>\n"),
        ("talk.TextGrid", "File type = 'nothing'\n"),
        ("talk.eaf", "<html></html>"),
        ("talk.eaf", '<!DOCTYPE x [<!ENTITY a "b">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>'),
        ("talk.csv", "person,start_s,end_s\n"),
        ("talk.eaf", '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>'),
        ("talk.eaf", "<ANNOTATION_DOCUMENT"),
        ("talk.TextGrid", "File type = 'ooTextFile'\nObject class = 'TextGrid'\n\nxmin = -3\nxmax = 5\n"),
        ("talk.TextGrid", "File type = 'ooTextFile'\nObject class = 'TextGrid'\n\nxmin = 0\nxmax = 1e400\n"),
        ("talk.txt", "0,0\t1,0\tAna\n"),
        (
            "talk.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: hello\n\n00:02.000 --> 00:09.000\nand so on\n"
            "\n00:09.000 --> 00:10.000\nand on\n",
        ),
        ("talk.txt", "1.0\t2.0\n"),
        ("talk.docx", ""),
    ],
)
def test_what_is_in_no_form_is_one_sentence(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read(file)
    assert str(file) in raised.value.message and "\n" not in raised.value.message
    assert "could not convert" not in raised.value.message and "unpack" not in raised.value.message


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", BOTH_WAYS)
def test_a_file_that_breaks_off_is_refused_or_read_as_far_as_it_goes(tmp_path: Path, form: str, cut: float) -> None:
    whole = write(form, TALK, name="talk", duration_ms=8000)
    file = tmp_path / f"talk.{LABEL_FORMS[form].ending}"
    file.write_text(whole[: int(cut * len(whole))], encoding="utf-8")
    with contextlib.suppress(UsageError):
        read(file)


def test_a_time_is_not_looked_for_in_what_was_said(tmp_path: Path) -> None:
    file = tmp_path / "talk.TextGrid"
    grid = write("textgrid", {"Ana": [Span(0, 1500)]}, name="talk", duration_ms=1500)
    file.write_text(grid.replace('text = "Ana"', 'text = "so xmin = -3"'), encoding="utf-8")
    assert read(file) == {"Ana": [Span(0, 1500)]}


def test_what_is_not_in_utf_8_is_told_as_that(tmp_path: Path) -> None:
    file = tmp_path / "talk.vtt"
    file.write_bytes("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Zoë>\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"is not in UTF-8; save it in that"):
        read(file)


def test_only_what_can_be_read_is_offered_to_be_read(tmp_path: Path) -> None:
    for name in ("talk.csv", "talk.json"):
        with pytest.raises(UsageError) as raised:
            read(tmp_path / name)
        assert "*.rttm" in raised.value.message and "*.csv" not in raised.value.message


def test_bytes_of_any_kind_are_refused_or_read(tmp_path: Path) -> None:
    for ending in ("rttm", "TextGrid", "eaf", "vtt", "txt"):
        file = tmp_path / f"talk.{ending}"
        file.write_bytes(bytes(range(256)) * 4)
        with pytest.raises(UsageError):
            read(file)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pympi.Elan", None)
    with pytest.raises(MissingPackage, match="pip install pympi-ling"):
        labels.ready(Path("talk.eaf"))
    with pytest.raises(UsageError, match=r"\.TextGrid"):
        form_of(Path("talk"))
