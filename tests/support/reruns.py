"""Which tests may be tried again, and that everybody sees when one was.

A race that shows two times in three stays unseen where whole kinds of tests are tried again. So only a test that says
why may be: `@pytest.mark.may_rerun("...")`, for those that play and record in real time, where a computer that is busy
with other things leaves holes in the sound. Every rerun is printed at the end of the run, and in CI (`CI=true`) one of
any other test, however it came about (`--reruns`, a marker of its own), fails the run.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from typing import Any

import pytest

RERUNS = 2
MARKER = "may_rerun"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}(reason): may be tried {RERUNS} times again, for this reason")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if (marker := item.get_closest_marker(MARKER)) is not None:
            if len(marker.args) != 1 or not str(marker.args[0]).strip():
                raise pytest.UsageError(f"{item.nodeid}: say why it may be tried again: {MARKER}(reason)")
            item.add_marker(pytest.mark.flaky(reruns=RERUNS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marker = item.get_closest_marker(MARKER)
    setattr(report, MARKER, None if marker is None else str(marker.args[0]))  # goes along to the process that reports
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reruns = terminalreporter.stats.get("rerun", [])
    if not reruns:
        return
    terminalreporter.write_sep("=", f"tried again: {len(reruns)}")
    for report in reruns:
        reason = getattr(report, MARKER, None)
        why = f"it may be: {reason}" if reason else "IT MAY NOT BE"
        terminalreporter.write_line(f"{report.nodeid} ({why})")
        terminalreporter.write_line(f"    {_crash(report)}")
    if unnamed(reruns):
        terminalreporter.write_line(f"A test that may be tried again says so, with a reason: @pytest.mark.{MARKER}.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reruns = reporter.stats.get("rerun", []) if reporter is not None else []
    if os.environ.get("CI") == "true" and unnamed(reruns) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def unnamed(reruns: Sequence[Any]) -> list[Any]:
    """Those that nobody said may be."""
    return [report for report in reruns if getattr(report, MARKER, None) is None]


def _crash(report: Any) -> str:
    """Where it failed and why, in one line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr) if crash is None else f"{crash.path}:{crash.lineno}: {crash.message}"
    return " ".join(text.split())[:300]
