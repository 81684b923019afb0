"""Many recordings, with the real engines: whose worker dies is not blamed for it, and nothing is heard twice."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from sqlite_utils import Database

import facilitator
from facilitator.cli import cli
from facilitator.errors import UsageError
from facilitator.hearing.signal.audio import RATE
from facilitator.library.archive import plan
from facilitator.library.archive.engines import DIED, Cluster, Engine, Processes, hear_all
from facilitator.library.archive.job import Job, hear
from facilitator.library.archive.results import Archive
from facilitator.store.session_log import Store
from tests.support.dask_cluster import HERE, DaskCluster, dask_cluster
from tests.support.hearing_sounds import clip, joined, room
from tests.support.hosts import can_be_imitated, hosts
from tests.support.own_channels import mixed

GOOD, BAD = 6, 3


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("talks")
    (folder / "voices").mkdir()
    for name in ("ana", "ben"):
        sf.write(folder / "voices" / f"{name.title()}.wav", clip(f"{name}-0"), RATE)
    for number in range(GOOD):
        said = joined(
            room(1.0), clip("ana-1"), room(0.5), *([clip("ben-1"), clip("ana-2")] * (1 + number % 3)), room(1.0)
        )
        sf.write(folder / f"talk{number}.wav", said + room(len(said) / RATE + 1, seed=number)[: len(said)], RATE)
    for number in range(BAD):
        (folder / f"bad{number}.wav").write_bytes(b"no sound at all" * (number + 1))
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """None of them: it is quicker, and the same everywhere."""
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def planned(talks: Path, models: Path) -> list[Job]:
    return plan.jobs(plan.recordings(talks), {}, {}, models)


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def told(db: Path) -> dict[str, tuple[str, str]]:
    """What is kept of each recording: what was heard, to the byte, and what was wrong."""
    rows = Database(db)["recordings"].rows
    return {Path(row["path"]).name: (row["analysis"] or "", row["problem"]) for row in rows}


def test_a_folder_becomes_tables(talks: Path, models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.db"
    first = run("archive", talks, "--out", out, "--models", models, "--workers", 2)
    assert first.exit_code == 1 and f"{GOOD} of {GOOD + BAD} recordings are in" in first.output
    found = told(out)
    assert all(bool(analysis) != bool(problem) for analysis, problem in found.values())
    assert sorted(name for name, (_, problem) in found.items() if problem) == [f"bad{k}.wav" for k in range(BAD)]
    assert (out.stat().st_mode & 0o777) == 0o600
    with contextlib.closing(Archive.open(out)) as kept:
        assert all(set(one.people) == {"Ana", "Ben"} for one in kept.analyses().values())
    again = run("archive", talks, "--out", out, "--models", models)
    assert f"{GOOD + BAD} have been heard before" in again.output and told(out) == found


def test_parquet_is_read_by_those_who_ask_questions(talks: Path, models: Path, tmp_path: Path) -> None:
    import pandas  # noqa: PLC0415

    out = tmp_path / "figures"
    run("archive", talks, "--out", out, "--models", models, "--workers", 2)
    people = pandas.read_parquet(out / "people")
    assert set(people["name"]) == {"Ana", "Ben"} and len(people) == 2 * GOOD
    assert {"month", "group", "share", "share_low", "share_high"} <= set(people.columns)
    assert len(pandas.read_parquet(out / "recordings")) == GOOD + BAD
    assert not any(path.stat().st_mode & 0o077 for path in out.rglob("*"))
    (talks / "talk0.wav").touch()
    run("archive", talks, "--out", out, "--models", models)
    assert len(pandas.read_parquet(out / "people")) == 2 * GOOD


def killing(times: int, children: list[int]) -> threading.Thread:
    """Kills a process of these, `times` times, as soon as it works; a thread that ends by itself."""

    def work() -> None:
        killed: set[int] = set()
        end_s = time.monotonic() + 60
        while len(killed) < times and time.monotonic() < end_s:
            for pid in [pid for pid in children if pid not in killed]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                killed.add(pid)
                break
            time.sleep(0.3)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


class Watched(Processes):
    """Notes the processes that hear something."""

    def __init__(self, workers: int, seen: list[int]) -> None:
        super().__init__(workers)
        self._seen = seen

    def submit(self, job: Job) -> None:
        super().submit(job)
        self._seen += [pid for pid in self._pool._processes or {} if pid not in self._seen]


def test_nobody_is_blamed_for_a_worker_that_died(talks: Path, models: Path) -> None:
    jobs, seen = planned(talks, models), list[int]()
    killer = killing(2, seen)
    with contextlib.closing(Watched(2, seen)) as engine:
        results = list(hear_all(engine, lambda: Processes(1), jobs))
    killer.join()
    assert len(seen) >= 3, "nobody was killed"
    assert sorted(job.path for job, _ in results) == sorted(job.path for job in jobs)
    assert sorted(Path(job.path).name for job, result in results if result.problem) == [
        f"bad{k}.wav" for k in range(BAD)
    ]


class Fatal(Processes):
    """Every worker that is handed this recording dies of it."""

    def __init__(self, workers: int, of: str) -> None:
        super().__init__(workers)
        self._of = of

    def submit(self, job: Job) -> None:
        super().submit(job)
        if job.path.endswith(self._of):
            for pid in list(self._pool._processes or {}):
                os.kill(pid, signal.SIGKILL)


def test_a_recording_that_workers_die_of_is_named_and_only_that(talks: Path, models: Path) -> None:
    jobs = planned(talks, models)
    with contextlib.closing(Fatal(2, "talk1.wav")) as engine:
        results = {Path(job.path).name: r.problem for job, r in hear_all(engine, lambda: Fatal(1, "talk1.wav"), jobs)}
    assert [name for name, problem in results.items() if problem == DIED] == ["talk1.wav"]
    assert len(results) == GOOD + BAD


def test_after_a_kill_the_same_command_goes_on(talks: Path, models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.db"
    args = ["archive", str(talks), "--out", str(out), "--models", str(models), "--workers", "1"]
    command = [sys.executable, "-m", "facilitator", *args]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as one:
        end_s = time.monotonic() + 60
        while not (out.exists() and _heard(out)) and time.monotonic() < end_s:
            time.sleep(0.02)
        os.killpg(one.pid, signal.SIGKILL)
    before = _heard(out)
    assert 0 < before < GOOD + BAD, "it was over before it was killed"
    again = run(*args)
    assert f"{before} have been heard before" in again.output
    assert f"{GOOD} of {GOOD + BAD} recordings" in again.output


def _heard(out: Path) -> int:
    """Only read, so that it is in nobody's way; 0 where there is no table yet."""
    with contextlib.closing(sqlite3.connect(f"file:{out}?mode=ro", uri=True, timeout=30)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM recordings").fetchone()[0])
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return 0


def test_ctrl_c_keeps_what_is_done(talks: Path, models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.db"
    args = ["archive", str(talks), "--out", str(out), "--models", str(models), "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "facilitator", *args], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        end_s = time.monotonic() + 60
        while not (out.exists() and _heard(out)) and time.monotonic() < end_s:
            time.sleep(0.02)
        one.send_signal(signal.SIGINT)
        _, said = one.communicate(timeout=30)
    assert one.returncode == 130 and "the same command goes on" in said and "Traceback" not in said
    assert f"{GOOD} of {GOOD + BAD} recordings" in run(*args).output


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A Dask scheduler with two workers, as somebody would begin them."""
    with dask_cluster(tmp_path_factory.mktemp("dask"), [HERE, HERE]) as found:
        yield found


@pytest.fixture
def scheduler(dask: DaskCluster) -> str:
    return dask.address


@pytest.mark.slow
def test_a_cluster_comes_to_the_same_bytes(talks: Path, models: Path, tmp_path: Path, scheduler: str) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    run("archive", talks, "--out", here, "--models", models, "--workers", 2)
    done = run("archive", talks, "--out", there, "--models", models, "--scheduler", scheduler)
    assert f"{GOOD} of {GOOD + BAD} recordings" in done.output, done.output
    assert told(there) == told(here)


@pytest.mark.slow
def test_on_a_cluster_nobody_is_blamed_either(talks: Path, models: Path, scheduler: str) -> None:
    jobs = planned(talks, models)
    killed: list[str] = []

    class Killing(Cluster):
        def submit(self, job: Job) -> None:
            super().submit(job)
            if job.path.endswith("talk2.wav") and not killed:
                worker = next(worker for one, worker in self._flying.values() if one is job)
                killed.append(worker)
                with contextlib.suppress(Exception):
                    self._client.run(os._exit, 9, workers=[worker], nanny=False, wait=False, on_error="ignore")

    def again() -> Engine:
        return Cluster(scheduler, 1)

    with contextlib.closing(Killing(scheduler)) as engine:
        results = {Path(job.path).name: result.problem for job, result in hear_all(engine, again, jobs)}
    assert killed and len(results) == GOOD + BAD
    assert sorted(name for name, problem in results.items() if problem) == [f"bad{k}.wav" for k in range(BAD)]


class Losing(Cluster):
    """What hears this recording dies of it, once: no memory left."""

    def __init__(self, address: str, most: int | None, lost: list[int]) -> None:
        super().__init__(address, most)
        self._lost = lost

    def submit(self, job: Job) -> None:
        super().submit(job)
        if job.path.endswith("talk2.wav") and not self._lost:
            worker = next(worker for one, worker in self._flying.values() if one is job)
            end_s = time.monotonic() + 60
            while not self._lost and time.monotonic() < end_s:
                self._lost += [pid for pid in self._client.run(_kill_what_hears, workers=[worker]).values() if pid]


def _kill_what_hears() -> int:
    """On a worker; 0: nothing hears there yet."""
    from facilitator.library.archive import apart  # noqa: PLC0415

    one = apart._process
    if one is None or one.poll() is not None:
        return 0
    one.kill()
    return one.pid


@pytest.mark.slow
def test_what_hears_dies_and_the_worker_lives(talks: Path, models: Path, dask: DaskCluster) -> None:
    jobs, lost = planned(talks, models), list[int]()
    with contextlib.closing(Losing(dask.address, None, lost)) as engine:
        heard = hear_all(engine, lambda: Cluster(dask.address, 1), jobs)
        results = {Path(job.path).name: result.problem for job, result in heard}
    assert lost and len(results) == GOOD + BAD
    assert sorted(name for name, problem in results.items() if problem) == [f"bad{k}.wav" for k in range(BAD)]


@pytest.mark.slow
@pytest.mark.skipif(not can_be_imitated(), reason="computers cannot be imitated here")
def test_two_hosts_come_to_the_same_bytes_and_a_scheduler_may_begin_again(
    talks: Path, models: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    run("archive", talks, "--out", here, "--models", models, "--workers", 2)
    with hosts(2) as (own, *others), dask_cluster(tmp_path, others, own) as dask:
        restart = threading.Timer(1.5, dask.restart_scheduler, [1.0])
        restart.start()
        done = run("archive", talks, "--out", there, "--models", models, "--scheduler", dask.address)
        restart.join()
        if done.exit_code != 1 or f"{GOOD} of {GOOD + BAD}" not in done.output:  # it gave up: the same goes on
            done = run("archive", talks, "--out", there, "--models", models, "--scheduler", dask.address)
    assert f"{GOOD} of {GOOD + BAD} recordings" in done.output, done.output
    assert told(there) == told(here)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("recording,person\n", "lacks the column sample"),
        ("recording,person,sample\nnone.wav,Ana,voices/Ana.wav\n", "line 2: there is no recording"),
        ("recording,person,sample\ntalk0.wav,Ana,none.wav\n", "line 2: there is no voice sample"),
        ("recording,person,sample\n" + "talk0.wav,Ana,voices/Ana.wav\n" * 2, "line 3: Ana has two"),
        ("recording,person,sample,people\ntalk0.wav,,,99\n", "1 to 12"),
        ("recording,person,sample,held_at\ntalk0.wav,,,soon\n", "2026-01-31"),
        ("recording,person,sample,channel\ntalk0.wav,Ana,,left\n", "line 2: channel is left"),
        ("recording,person,sample,channel\n" + "talk0.wav,Ana,,1\n" * 2, "line 3: channel is 1; .* of their own"),
        ("recording,person,sample,channel\ntalk0.wav,Ana,voices/Ana.wav,\ntalk0.wav,Ben,,2\n", "line 3: .* all have"),
        ("recording,person,sample,people,channel\ntalk0.wav,Ben,,2,2\n", "line 2: .* no number of people"),
    ],
)
def test_a_table_that_is_wrong_says_where(talks: Path, tmp_path: Path, text: str, sentence: str) -> None:
    table = tmp_path / "samples.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=sentence):
        plan.read_table(table, talks)


def test_a_table_says_who_is_in_which_recording(talks: Path, models: Path, tmp_path: Path) -> None:
    table = tmp_path / "samples.csv"
    rows = "talk0.wav,Anna,voices/Ana.wav,2,2026-01-31,class 3\ntalk0.wav,Benno,voices/Ben.wav,,,\n"
    table.write_text(f"recording,person,sample,people,held_at,group\n{rows}", encoding="utf-8-sig")
    jobs = plan.jobs([talks / "talk0.wav", talks / "talk1.wav"], plan.read_table(table, talks), {}, models)
    first = next(job for job in jobs if job.path.endswith("talk0.wav"))
    assert [name for name, _ in first.voices] == ["Anna", "Benno"]
    assert (first.people, first.held_at, first.group) == (2, "2026-01-31", "class 3")
    other = next(job for job in jobs if job.path.endswith("talk1.wav"))
    assert [name for name, _ in other.voices] == ["Ana", "Ben"] and other.key != first.key


def test_a_table_says_whose_microphone_each_channel_is(talks: Path, models: Path, tmp_path: Path) -> None:
    table, path = tmp_path / "channels.csv", talks / "talk0.wav"
    table.write_text("recording,person,sample,channel\ntalk0.wav,Ben,,3\ntalk0.wav,Ana,,1\n", encoding="utf-8")
    (job,) = plan.jobs([path], plan.read_table(table, talks), {}, models)
    assert job.channels == ("Ana", "-", "Ben") and not job.voices
    assert job.key != plan.jobs([path], {path: plan.About(voices={})}, {}, models)[0].key
    assert "has one channel" in hear(job).problem
    talk = mixed([("ana-1", 0.5), ("ben-1", 6.0)], ["Ana", "Ben"])
    sf.write(tmp_path / "wide.wav", np.insert(talk.sound, 1, 0.0, axis=1), RATE)
    result = hear(dataclasses.replace(job, path=str(tmp_path / "wide.wav")))
    assert not result.problem
    assert facilitator.Analysis.from_json(result.analysis).people == ("Ana", "Ben")


def test_the_key_is_over_all_that_the_result_depends_on(talks: Path, models: Path, tmp_path: Path) -> None:
    path = talks / "talk0.wav"
    (usual,) = plan.jobs([path], {}, {}, models)
    copy = tmp_path / "other.wav"
    copy.write_bytes(path.read_bytes())
    about = plan.About(voices=plan.samples_beside(path))
    assert plan.jobs([copy], {copy: about}, {}, models)[0].key == usual.key
    for other in (plan.About(voices={}), plan.About(voices=about.voices, people=3)):
        assert plan.jobs([path], {path: other}, {}, models)[0].key != usual.key


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nowhere", "--out", "a.db"), "There is no folder"),
        ((".", "--out", "a.db"), "There are no recordings"),
        (("talks", "--out", "sessions.db"), "is a database of something else"),
        (("talks", "--out", "talks/a.wav"), "is a file; name a folder"),
        (("recordings", "--out", "."), "would be lost"),
        (("talks", "--out", "b.db", "--scheduler", "nonsense"), "no address of a scheduler"),
        ((".", "--out", "a.db", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "do not go together"),
    ],
)
def test_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open(tmp_path / "sessions.db").close()
    before = (tmp_path / "sessions.db").read_bytes()
    if args[0] != ".":
        for folder in ("talks", "recordings"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.wav").write_bytes(b"no sound")
    done = run("archive", *args)
    assert done.exit_code in (1, 2) and sentence in " ".join(done.output.split())
    assert (tmp_path / "sessions.db").read_bytes() == before
    assert args[0] == "." or (tmp_path / "recordings" / "a.wav").exists()
