from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from facilitator.errors import AudioError
from facilitator.models import catalogue
from facilitator.resources import paths
from facilitator.store import database
from facilitator.system import doctor
from facilitator.system.devices import DeviceVerdict, Level
from facilitator.system.doctor import Check

MINI_VOICES = Path(__file__).parents[1] / "data" / "models" / "vosk-model-mini-spk"

root_is_asked = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
posix = pytest.mark.skipif(os.name == "nt", reason="permissions are different there")


def only(findings: Iterable[Check]) -> Check:
    (finding,) = findings
    return finding


def test_looks_at_everything_and_what_is_wrong_has_a_fix(tmp_path: Path) -> None:
    findings = doctor.examine(db=tmp_path / "sessions.db")
    names = {f.name for f in findings}
    assert names >= {
        "Python",
        "PortAudio",
        "microphone",
        "loudspeaker",
        "voice",
        "database",
        "disk",
        "prompts",
        "models",
        "sharing",
    }
    for finding in findings:
        assert finding.state == "ok" or finding.fix
        assert finding.what
    assert not (tmp_path / "sessions.db").exists()  # looking changes nothing


def test_a_check_that_breaks_is_a_finding_and_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(problem: Exception) -> Callable[[], list[Check]]:
        def check() -> list[Check]:
            raise problem

        return check

    monkeypatch.setattr(
        doctor, "check_portaudio", broken(AudioError("There is none, so no sound: sudo apt-get install it."))
    )
    monkeypatch.setattr(doctor, "check_loudspeaker", broken(ZeroDivisionError("oh")))
    monkeypatch.setattr(doctor, "check_models", broken(AudioError("Nothing goes")))
    found = {f.name: f for f in doctor.examine(db=tmp_path / "s.db")}
    assert found["PortAudio"].what == "There is none, so no sound"
    assert found["PortAudio"].fix == "Type:  sudo apt-get install it"
    assert found["loudspeaker"].what == "ZeroDivisionError: oh"
    assert found["models"].fix
    assert found["prompts"].state == "ok"
    assert doctor.exit_code(found.values()) == 1


def test_text_and_json_say_the_same() -> None:
    findings = [
        Check(name="a", state="ok", what="fine"),
        Check(name="bcd", state="warn", what="so so", fix="Do better."),
        Check(name="e", state="fail", what="bad", fix="Mend it."),
    ]
    assert doctor.as_text(findings).splitlines() == [
        "ok      a    fine",
        "note    bcd  so so",
        "             -> Do better.",
        "PROBLEM e    bad",
        "             -> Mend it.",
        "",
        "1 thing to mend.",
    ]
    assert doctor.as_text(findings[:1]).endswith("Ready to start.")
    assert doctor.as_text(findings[:2]).endswith("would make it better.")
    assert [doctor.exit_code(findings[:n]) for n in (0, 1, 2, 3)] == [0, 0, 0, 1]
    assert json.loads(json.dumps(doctor.as_json(findings)))[1] == {
        "name": "bcd", "state": "warn", "what": "so so", "fix": "Do better.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "rms_db", "state", "said"),
    [
        ("ok", -50.0, "ok", "mic: -50 dB"),
        ("quiet", -80.0, "warn", "very quiet"),
        ("clipping", -3.0, "warn", "too loud at times"),
        ("digital silence", -math.inf, "fail", "nothing but silence"),
        ("no sound", -math.inf, "fail", "no sound at all"),
    ],
)
def test_microphone_is_judged_by_its_level(verdict: DeviceVerdict, rms_db: float, state: str, said: str) -> None:
    level = Level(seconds=2.0, rms_db=rms_db, peak_db=rms_db, verdict=verdict)
    finding = doctor.judge_microphone("mic", level)
    assert finding.state == state and said in finding.what and (finding.fix is None) == (state == "ok")
    if state == "fail":
        assert doctor.judge_microphone("mic", level, "Allow it.").fix == "Allow it."


@pytest.mark.sound
def test_real_devices_pass(sound: object) -> None:
    assert [only(check()).state for check in (doctor.check_portaudio, doctor.check_loudspeaker)] == ["ok", "ok"]
    assert only(doctor.check_microphone()).name == "microphone"


def test_a_database_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "own" / "sessions.db"
    database.open_file(path, 1).close()
    found = [f for f in doctor.check_database(path) if f.name == "database"]
    assert found == [Check(name="database", state="ok", what=f"{path}, 0 sessions")]


@posix
def test_a_database_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    database.open_file(path, 1).close()
    path.chmod(0o644)
    finding = next(iter(doctor.check_database(path)))
    assert finding.state == "warn" and finding.fix == f"Type:  chmod 600 '{path}'"


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 9, b""])
def test_a_file_that_is_no_database_of_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sessions.db"
    path.write_bytes(content)
    if not content:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE recipes (name TEXT)")
    findings = doctor._guarded("database", lambda: doctor.check_database(path))
    assert findings[0].state == "fail" and "database" in findings[0].what and findings[0].fix


@root_is_asked
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    finding = next(iter(doctor.check_database(tmp_path / "s.db")))
    assert finding.state == "fail" and "--db" in str(finding.fix)


def test_prompts_say_which_place_is_used_and_every_problem(tmp_path: Path) -> None:
    assert str(paths.CHECKOUT / "prompts") in only(doctor.check_prompts()).what
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "bad.toml").write_text("[[stage]", encoding="utf-8")
    (tmp_path / "formats" / "odd.toml").write_text("odd = 1", encoding="utf-8")
    finding = only(doctor.check_prompts(tmp_path))
    assert finding.state == "fail"
    assert all(
        part in finding.what for part in ("bad.toml needs mending", "odd.toml needs mending", "languages holds no")
    )


def test_models_have_a_line_each_with_what_it_costs_to_be_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACILITATOR_MODELS", str(tmp_path))
    segmentation, encoder, words, voiceprint = doctor.check_models("de")
    assert [f.state for f in (segmentation, encoder, words, voiceprint)] == ["warn", "warn", "ok", "ok"]
    assert segmentation.what == f"segmentation is not installed. {catalogue.named('segmentation').without}"
    assert segmentation.fix == "Type:  facilitator models install segmentation"
    assert words.what.startswith("vosk-words-de is not installed. Without it, ")
    assert words.what.endswith("facilitator models install vosk-words-de")
    assert len(list(doctor.check_models("zz"))) == 3  # a language for which there is no model

    (tmp_path / "segmentation").mkdir()
    (tmp_path / "segmentation" / "segmentation-3.0.onnx").write_bytes(b"cut short")
    damaged, *_ = doctor.check_models()
    assert damaged.state == "warn" and "segmentation is damaged: segmentation-3.0.onnx" in damaged.what
    assert damaged.fix == "Type:  facilitator models install segmentation"

    for file in catalogue.named("vosk-voiceprint").files:
        (tmp_path / "vosk-voiceprint").mkdir(exist_ok=True)
        (tmp_path / "vosk-voiceprint" / file).touch()
    *_, found = doctor.check_models()
    assert found.state == "warn" and found.what.startswith("vosk-voiceprint does not load. Vosk cannot read"), (
        "all there"
    )
    shutil.rmtree(tmp_path / "vosk-voiceprint")
    shutil.copytree(MINI_VOICES, tmp_path / "vosk-voiceprint")
    *_, found = doctor.check_models()
    assert found == Check(name="models", state="ok", what=f"vosk-voiceprint, in {tmp_path / 'vosk-voiceprint'}")


def test_voice_says_hello_or_says_what_lacks() -> None:
    finding = only(doctor.check_voice("en"))
    assert finding.state == "ok" or "--speech" in str(finding.fix)
    nobody = only(doctor.check_voice("zz"))
    assert nobody.state == "fail" and "none speaks zz" in nobody.what
