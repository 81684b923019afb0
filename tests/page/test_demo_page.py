"""`demo --page`: the page without a microphone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.page.test_page import home, notice, program, tab
from tests.support.browser import Program, browser
from tests.support.recorded_table import TABLE

__all__ = ["browser", "home", "program", "tab"]

pytestmark = [pytest.mark.page, pytest.mark.slow]


def test_the_demonstration_is_on_the_page_to_its_end(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = program("--fast", "--script", str(TABLE), command="demo")
    page = tab("about:blank")
    page.goto(running.url)
    page.wait_for_selector(".session", timeout=60_000)
    assert page.text_content(".badge:visible") == "A demonstration: these people are recordings"
    page.wait_for_selector(".summary h1", timeout=120_000)
    notice(page, "you can close this page", 60)
    assert "Airtime" in running.ended()
