"""Who spoke when, in the forms in which other tools keep it, and back.

RTTM (diarization tools), TextGrid (Praat), EAF (ELAN), WebVTT (players and browsers), and the label tracks of Audacity.
TextGrid and EAF are written and read by the packages of those who know them (`praatio`, `pympi-ling`: the extra
`labels`); the others are lines of text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.core.turntaking.spans import Span, Voices, merged
from facilitator.errors import FacilitatorError, UsageError
from facilitator.report.output.csv_tables import speech_csv
from facilitator.report.output.rttm import from_rttm, span_of, to_rttm
from facilitator.runtime.packages import needed

if TYPE_CHECKING:
    from pyannote.core import Annotation


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelForm:
    """`write(voices, name, duration_ms)` makes the text, `read(path)` the voices again; None: it is only written."""

    ending: str
    title: str
    write: Callable[[Voices, str, int], str]
    read: Callable[[Path], dict[str, list[Span]]] | None


def write(form: str, voices: Voices, *, name: str, duration_ms: int) -> str:
    """`voices` as text in this form. Raises UsageError for one that is not known, MissingPackage where what writes it
    is not installed."""
    return _form(form).write({who: merged(spans, 0) for who, spans in voices.items()}, name, duration_ms)


def ready(path: Path) -> str:
    """The form for a file of this name, once it is sure that it can be written: said before an hour is heard for it.
    Raises UsageError, MissingPackage."""
    form = form_of(path)
    write(form, {}, name="", duration_ms=1)
    return form


def read(path: Path) -> dict[str, list[Span]]:
    """The spans of each person in a file, whose ending says its form. Raises UsageError for a form that is not known or
    only written, and for a file that is not in it; MissingPackage where what reads it is not installed."""
    wanted = _form(form_of(path, read_only=True))
    if wanted.read is None:
        raise UsageError(f"{path}: {wanted.title} is only written, not read; what is read: {_listed_endings(True)}.")
    try:
        found = wanted.read(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except FacilitatorError:
        raise
    except UnicodeError as error:
        raise UsageError(f"{path} is not in UTF-8; save it in that, and try again.") from error
    except Exception as error:  # those who read it raise anything
        why = f" ({error})" if isinstance(error, ValueError) else ""  # else it is about a program
        raise UsageError(f"{path} is not {wanted.title}, or it is damaged{why}.") from error
    return {who: merged(spans, 0) for who, spans in found.items() if who}


def form_of(path: Path, *, read_only: bool = False) -> str:
    """The form that a file of this name is in, by its ending. Raises UsageError, which lists those there are; with
    `read_only`, those that can be read."""
    ending = path.suffix.removeprefix(".").lower()
    for form, known in LABEL_FORMS.items():
        if known.ending.lower() == ending:
            return form
    raise UsageError(f"{path}: its ending says nothing of the form; name it {_listed_endings(read_only)}.")


def to_annotation(voices: Voices, uri: str | None) -> Annotation:
    """For pyannote.core. Raises MissingPackage."""
    core = needed("pyannote.core")
    found = core.Annotation(uri=uri)
    for number, (start, end, person) in enumerate(_rows(voices)):
        found[core.Segment(start / 1000, end / 1000), number] = person
    return found


def _form(form: str) -> LabelForm:
    if form not in LABEL_FORMS:
        raise UsageError(f"There is no form {form!r}; there are {', '.join(LABEL_FORMS)}.")
    return LABEL_FORMS[form]


def _listed_endings(read_only: bool) -> str:
    forms = [form for form in LABEL_FORMS.values() if form.read is not None or not read_only]
    return ", ".join(f"*.{form.ending} ({form.title})" for form in forms)


def _rows(voices: Voices) -> list[tuple[int, int, str]]:
    return sorted((start, end, person) for person, spans in voices.items() for start, end in spans)


# --- each of them --------------------------------------------------------------------------------------------------


def _rttm(voices: Voices, name: str, _: int) -> str:
    return to_rttm(voices, recording=name)


def _from_rttm(path: Path) -> dict[str, list[Span]]:
    return from_rttm(_text(path), str(path))


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _audacity(voices: Voices, _: str, __: int) -> str:
    return "".join(f"{a / 1000:.3f}\t{b / 1000:.3f}\t{_one_line(who)}\n" for a, b, who in _rows(voices))


_LABEL = re.compile(r"([-+.\deE]*\d[-+.\deE]*)\t([-+.\deE]*\d[-+.\deE]*)\t(.*)")


def _from_audacity(path: Path) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("\\"):  # the second line of a label that names frequencies
            continue
        if (told := _LABEL.fullmatch(line)) is None:
            raise ValueError(f"line {number} is not two times in seconds and a name, with tabs in between")
        found.setdefault(told[3].strip(), []).append(span_of(float(told[1]), float(told[2])))
    return found


def _webvtt(voices: Voices, _: str, __: int) -> str:
    cues = (f"{_vtt_time(a)} --> {_vtt_time(b)}\n<v {_vtt_name(who)}></v>\n" for a, b, who in _rows(voices))
    return "\n".join(["WEBVTT\n", *cues])


def _vtt_time(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _vtt_name(name: str) -> str:
    return _one_line(name).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_CUE = re.compile(r"(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})\s+-->\s+(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]+)>")
_SAID_BY = re.compile(r"^([^:<>]{1,60}):(?:\s|$)")
"""As video calls write it, where they do not say it as the form has it: `Ana Lopez: Hello`."""


def _from_webvtt(path: Path) -> dict[str, list[Span]]:
    text = _text(path)
    if not text.startswith("WEBVTT"):
        raise ValueError("it does not begin with WEBVTT")
    voiced = _VOICE.search(text) is not None
    found: dict[str, list[Span]] = {}
    at: Span | None = None
    cues = 0
    for line in text.splitlines():
        if (cue := _CUE.match(line.strip())) is not None:
            numbers = [int(part or 0) for part in cue.groups()]
            at = span_of(*((h * 60 + m) * 60 + s + ms / 1000 for h, m, s, ms in (numbers[:4], numbers[4:])))
            cues += 1
        elif not line.strip():
            at = None
        elif at is not None:
            for who in (_VOICE if voiced else _SAID_BY).findall(line):
                name = who.strip().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
                found.setdefault(name, []).append(at)
            at = at if voiced else None  # without a mark, a name stands where the cue begins
    if not voiced and 2 * sum(map(len, found.values())) < cues:  # then what stands before a colon is no name
        raise ValueError("most of it does not say who speaks; names are wanted, as in <v Ana> or Ana: Hello")
    return found


def _textgrid(voices: Voices, _: str, duration_ms: int) -> str:
    formats = needed("praatio.utilities.textgrid_io", "praatio")
    end_s = max([duration_ms, 1, *(end for _, end, _ in _rows(voices))]) / 1000
    tiers = [
        {
            "class": "IntervalTier",
            "name": _one_line(person),
            "xmin": 0,
            "xmax": end_s,
            "entries": [(start / 1000, end / 1000, _one_line(person)) for start, end in spans],
        }
        for person, spans in voices.items()
    ]
    grid = {"xmin": 0, "xmax": end_s, "tiers": tiers}
    return str(formats.getTextgridAsStr(grid, "long_textgrid", includeBlankSpaces=True))


def _from_textgrid(path: Path) -> dict[str, list[Span]]:
    formats = needed("praatio.utilities.textgrid_io", "praatio")
    text = _text(path)
    if re.search(r"^\s*(?:xmin|xmax|number|time)\s*=\s*-", text, re.M):  # the sign would be lost
        raise ValueError("there is a time before its beginning")
    grid = formats.parseTextgridStr(text, False)
    return {
        tier["name"]: [span_of(float(a), float(b)) for a, b, label in tier["entries"] if str(label).strip()]
        for tier in grid["tiers"]
        if tier["class"] == "IntervalTier"
    }


def _eaf(voices: Voices, name: str, _: int) -> str:
    elan = needed("pympi.Elan", "pympi-ling")
    found = elan.Eaf(author="facilitator")
    found.remove_tier("default")
    for person, spans in voices.items():
        found.add_tier(_one_line(person), part=_one_line(person))
        for start, end in spans:
            found.add_annotation(_one_line(person), start, end, _one_line(person))
    found.add_property("recording", name)
    from xml.etree import ElementTree  # noqa: PLC0415 - with what writes it

    document = elan.to_adocument(found, True)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(document, encoding="unicode")


def _from_eaf(path: Path) -> dict[str, list[Span]]:
    elan = needed("pympi.Elan", "pympi-ling")
    if "<!ENTITY" in (text := _text(path)) or "<ANNOTATION_DOCUMENT" not in text:
        raise ValueError("it is no document of ELAN")
    if (units := re.search(r'TIME_UNITS="([^"]*)"', text)) is not None and units[1] != "milliseconds":
        raise ValueError("its times are not in milliseconds")
    found = elan.Eaf(path, suppress_version_warning=True)
    rows = {tier: found.get_annotation_data_for_tier(tier) for tier in found.get_tier_names()}
    return {  # an annotation without times, or one that ends before it begins, is no reason to refuse all the others
        tier: [span_of(a / 1000, b / 1000) for a, b, *_ in told if a is not None and b is not None and a < b]
        for tier, told in rows.items()
    }


def _text(path: Path) -> str:
    """Praat writes UTF-16 where a name needs it, and says so at the beginning."""
    raw = path.read_bytes()
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def _forms() -> Iterator[tuple[str, LabelForm]]:
    yield (
        "rttm",
        LabelForm(ending="rttm", title="RTTM", write=_rttm, read=_from_rttm),
    )
    yield "textgrid", LabelForm(ending="TextGrid", title="Praat", write=_textgrid, read=_from_textgrid)
    yield "eaf", LabelForm(ending="eaf", title="ELAN", write=_eaf, read=_from_eaf)
    yield "webvtt", LabelForm(ending="vtt", title="WebVTT", write=_webvtt, read=_from_webvtt)
    yield "audacity", LabelForm(ending="txt", title="Audacity labels", write=_audacity, read=_from_audacity)
    yield "csv", LabelForm(ending="csv", title="a table", write=lambda v, _, __: speech_csv(v), read=None)


LABEL_FORMS: dict[str, LabelForm] = dict(_forms())
"""By the name that `form` gives."""
