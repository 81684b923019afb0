"""The page in a real browser, with the real program behind it: by keyboard alone, in two tabs, when something fails."""

from __future__ import annotations

import dataclasses
import datetime
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facilitator.core.airtime_display import rule_of
from facilitator.core.discussion import Discussion
from facilitator.core.events import Command, SelfRated, Tick
from facilitator.core.setup import Setup
from facilitator.page.screen import PageScreen
from facilitator.page.server import PageServer
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Reader, Store
from tests.support.browser import Program, browser, faults, recording, unfold
from tests.support.texts import ENGLISH
from tests.support.virtual_audio import VirtualAudio

__all__ = ["browser"]

pytestmark = pytest.mark.page

TIMER = ("--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--yes", "--minutes", "10")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The settings of a person who has never used the program."""
    return dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(tmp_path)) | {"OMP_NUM_THREADS": "1"}


@pytest.fixture
def program(home: dict[str, str]) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def start(*args: str, env: dict[str, str] | None = None, command: str = "start") -> Program:
        started.append(Program(*args, env=home | (env or {}), command=command))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def tab(browser: Any) -> Iterator[Callable[..., Any]]:
    """A new tab at an address. Whatever the page complains about fails the test."""
    contexts, complaints = [], []

    def open_tab(url: str, **settings: Any) -> Any:
        contexts.append(browser.new_context(viewport={"width": 1366, "height": 768}, **settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert not complaints


def floor(page: Any, name: str, timeout_s: float = 20) -> None:
    page.wait_for_function(
        "name => document.querySelector('.who')?.textContent === name", arg=name, timeout=timeout_s * 1000
    )


def notice(page: Any, part: str, timeout_s: float = 5) -> None:
    page.wait_for_function(
        "part => document.getElementById('notices').textContent.includes(part)", arg=part, timeout=timeout_s * 1000
    )


def no_notice(page: Any, part: str, timeout_s: float = 10) -> None:
    page.wait_for_function(
        "part => !document.getElementById('notices').textContent.includes(part)", arg=part, timeout=timeout_s * 1000
    )


# -- the whole of it ------------------------------------------------------------------------------


def _says_who_is_here(page: Any) -> None:
    """Who is here, and how they are called."""
    press, type_in = page.keyboard.press, page.keyboard.type
    page.wait_for_selector("#name:focus")
    press("Enter")
    page.wait_for_selector("text=at least two people")
    type_in("Ana, Ben, Carla")
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 3")
    assert not faults(page)
    for _ in range(2):
        press("Tab")  # over "Add", to how Ana is pronounced
    type_in("Ahna")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Ana is pronounced"
    page.get_by_role("button", name="Remove Carla").focus()
    press("Enter")
    page.wait_for_selector("#name:focus")
    press("Enter")


def _chooses_a_form(page: Any) -> None:
    """Which form, and what cannot be is said where it can be put right."""
    press, type_in = page.keyboard.press, page.keyboard.type
    page.wait_for_selector("input[type=radio]:focus")
    press("ArrowDown")
    press("ArrowUp")
    page.wait_for_function("() => document.querySelector('[data-length=open]').textContent === 'as long as you like'")
    page.wait_for_function("() => document.querySelector('[data-length=stand-up]').textContent.startsWith('about')")
    assert not faults(page)
    while page.evaluate("document.querySelector('input[type=radio]:checked').value") != "five-minutes-each":
        press("ArrowDown")
    press("Tab")
    press("Control+a")
    type_in("no time")
    press("Enter")  # at once, before it was looked at
    page.wait_for_selector("text=is no length of time")  # said where it can be put right, and nothing is lost
    page.wait_for_selector("#minutes:focus")
    assert not faults(page)
    press("Enter")
    assert page.is_visible("text=is no length of time")
    press("Control+a")
    type_in("2")
    press("Enter")
    page.wait_for_selector("text=Before you begin")
    assert not faults(page)
    press("Control+Enter")


def _goes_through_the_opening(page: Any) -> None:
    """The opening circle: a ring that fills, and consent."""
    press = page.keyboard.press
    floor(page, "Ana")
    page.wait_for_selector("text=Ana, may I listen to you?")
    assert not faults(page)
    press("y")
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.person .fill').getAttribute('stroke-dasharray')) > 50"
    )
    assert page.text_content(".now") == "Ana is speaking"
    assert not faults(page)
    floor(page, "Ben")
    page.wait_for_selector(".choice")
    press("y")
    page.wait_for_selector("text=heard, thank you")


def _leads_the_talk(page: Any) -> None:
    """A cut-in, airtime, a pause, a note that is answered by key, and the end."""
    press, type_in = page.keyboard.press, page.keyboard.type
    page.wait_for_selector(".hero.timed", timeout=30_000)
    floor(page, "Ana")
    page.wait_for_selector(".time:has-text('1:5')")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.time')).fontSize)") > 150
    assert page.get_by_role("button", name="Airtime: hidden").is_visible()  # a format that guards turns
    page.wait_for_selector("text=Ben came in while Ana spoke", timeout=30_000)
    assert page.locator(".person.cut-in .name").all_text_contents() == ["Ana"]
    assert page.locator(".fill:not(.none)").count() == 0
    assert not faults(page)
    press("v")
    press("v")
    page.wait_for_selector("text=% of the airtime")
    assert page.evaluate("document.body.dataset.awake") == "yes"
    press("p")
    floor(page, "Paused")
    press("p")
    floor(page, "Ana")
    press("a")
    page.wait_for_selector("dialog[open]")
    type_in("the dishes are done before eight")
    assert not faults(page)
    press("Enter")
    page.wait_for_selector(".choice")  # is it right? who, and by when: answered by key
    assert not faults(page)
    press("y")
    page.wait_for_selector(".choice:has-text('Ben')")
    press("2")
    page.wait_for_selector(".choice:has-text('yes')")  # Ben takes it on himself
    press("y")
    page.wait_for_selector(".choice:has-text('tomorrow')")
    assert page.locator(".choice").first.text_content().startswith("no date")
    press("2")
    page.wait_for_selector(".choice:has-text('every week')")
    press("0")  # only once
    page.wait_for_selector("footer [data-key=note]", state="attached")  # it is written down, and the talk goes on
    floor(page, "Ana")
    press("Space")
    floor(page, "Ben")
    press("q")
    page.wait_for_selector("dialog[open]")
    press("n")
    press("q")
    press("y")


def _guesses_and_is_told(page: Any) -> None:
    """Everyone guesses, then what was measured is revealed."""
    press = page.keyboard.press
    page.wait_for_selector("#guess:focus")
    floor(page, "Ana")
    assert page.locator(".fill:not(.none)").count() == 0  # nobody reads their guess off a ring
    assert page.text_content(".guess-figure") == "–"  # nothing suggests a guess
    press("Enter")
    assert page.is_visible("#guess")
    assert not faults(page)
    press("6")
    press("ArrowRight")
    assert page.text_content(".guess-figure") == "65 %"
    press("Enter")
    floor(page, "Ben")
    page.wait_for_function("() => document.querySelector('.guess-figure').textContent === '–'")
    press("4")
    press("ArrowRight")
    press("Enter")
    page.wait_for_selector(".summary h1")
    assert [mark.split(" · ")[-1] for mark in page.locator(".shares .small").all_text_contents()[1:]] == [
        "guessed 65 %",
        "guessed 45 %",
    ]
    assert page.is_visible(f"text=the dishes are done before eight (Ben, by {tomorrow()})")
    assert not faults(page)


def tomorrow() -> str:
    return ENGLISH.day(datetime.datetime.now().astimezone().date() + datetime.timedelta(days=1))


def _puts_something_right(page: Any) -> None:
    """In the review, which has opened where the session was."""
    press = page.keyboard.press
    unfold(page)
    assert page.is_visible("text=the dishes are done before eight")
    figures = page.locator(".review .people .figure")
    before = figures.all_text_contents()
    for _ in range(60):
        if page.evaluate("document.activeElement.matches('.stretch')"):
            break
        press("Tab")
    press("Home")
    for _ in range(30):  # past the opening circle
        if "% sure" in page.text_content("figure.timeline [aria-live]"):
            break
        press("ArrowRight")
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    press("Enter")
    page.wait_for_selector(".made li")
    assert figures.all_text_contents() != before
    assert not faults(page)


@pytest.mark.slow
def test_a_whole_session_by_keyboard_alone(
    program: Callable[..., Program], tab: Callable[..., Any], tmp_path: Path
) -> None:
    clips = ("ana-0", "ben-0", "ana-1", "ben-1", "ana-2", "ben-2", "ana-3", "ben-3", *("ana-1", "ben-2") * 6)
    running = program("--audio", str(recording(tmp_path / "talk.wav", *clips)))
    page = tab("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(running.url)
    _says_who_is_here(page)
    _chooses_a_form(page)
    _goes_through_the_opening(page)
    _leads_the_talk(page)
    _guesses_and_is_told(page)
    page.wait_for_selector(".after a")
    assert not faults(page)
    with page.expect_download() as saved:
        page.locator(".after a").focus()
        page.keyboard.press("Enter")
    assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("<!doctype html>")
    page.locator(".after button").first.focus()
    page.keyboard.press("Enter")
    _puts_something_right(page)
    assert asked
    assert all(url.split("://")[1].startswith(running.url.split("://")[1]) for url in asked)
    page.close()
    assert "Share (likely range)" in running.ended()


@pytest.mark.slow
def test_the_next_session_begins_where_the_last_one_ended(
    program: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    running = program("--people", "Ana, Ben", "--timer-only", "--speech", "silent", "--minutes", "10")
    page = tab(running.url)
    for people in (2, 3):
        page.wait_for_selector(".seats li")
        about = page.text_content(".setup header .soft:not(.count)")
        assert "It listens to nobody. Nothing leaves this computer." in about
        if people == 3:
            page.locator("#name").focus()
            page.keyboard.type("Carla")
            page.keyboard.press("Enter")
        page.wait_for_function("most => document.querySelectorAll('.seats li').length === most", arg=people)
        page.get_by_role("button", name="Next: kind of talk").click()
        page.get_by_role("button", name="Next: a last look").wait_for()
        page.keyboard.press("Control+Enter")
        for _ in range(3):  # to the form, to the check, and on
            page.keyboard.press("Control+Enter")
            page.wait_for_timeout(300)
        floor(page, "Ana")
        assert page.locator(".summary h1").count() == 0, "nothing of the last one is left"
        assert page.locator(".person").count() == people
        if people == 2:
            page.keyboard.press("q")
            page.wait_for_selector("dialog[open]")
            page.keyboard.press("y")
            page.wait_for_selector(".summary h1")
            assert page.locator(".shares, .summary table").count() == 0, "nobody was listened to: there are no shares"
            page.wait_for_selector(".after .main")
            assert page.text_content(".after .main") == "Start the next talk", "there is next to nothing to review"
            page.get_by_role("button", name="Start the next talk").click()


@pytest.mark.slow
def test_two_tabs_show_the_same_and_either_leads(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = program(*TIMER)
    one, other = tab(running.url), tab(running.url)
    for page in (one, other):
        floor(page, "Ana")
    other.keyboard.press("p")
    for page in (one, other):
        floor(page, "Paused")
    one.keyboard.press("p")
    floor(other, "Ana")
    other.get_by_role("button", name="Next").click()
    floor(one, "Ben")


def test_the_clock_goes_where_nobody_is_listened_to(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    page = tab(program(*TIMER, "--format", "five-minutes-each").url)
    floor(page, "Ana")
    for _ in range(3):
        page.wait_for_function(
            "was => document.querySelector('.time').textContent !== was", arg=page.text_content(".time"), timeout=4_000
        )


def test_ending_is_said_at_once(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = program(*TIMER)
    page = tab(running.url)
    page.wait_for_selector(".session")
    running.interrupt()
    page.wait_for_selector(".summary h1")
    assert page.text_content(".again code") == "facilitator review 1 --open"
    running.interrupt()
    notice(page, "the program has ended", 10)
    assert page.is_visible(".summary h1")


@pytest.mark.slow
def test_a_killed_program_is_said_at_once(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = program(*TIMER)
    page = tab(running.url)
    floor(page, "Ana")
    running.kill()
    notice(page, "The program does not answer", 2)
    assert page.text_content(".who") == "Ana"  # what was last known stays, and is said to be from before


@pytest.mark.slow
def test_a_program_that_stands_still_is_noticed_and_comes_back(
    program: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    running = program(*TIMER)
    page = tab(running.url)
    page.wait_for_selector(".session")
    running.process.send_signal(signal.SIGSTOP)
    notice(page, "connection to the program is lost", 8)
    running.process.send_signal(signal.SIGCONT)
    no_notice(page, "connection", 15)
    page.keyboard.press("p")
    floor(page, "Paused")


@pytest.mark.slow
def test_what_is_wrong_in_setting_up_still_is_once_the_connection_is_back(
    program: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    running = program("--timer-only", "--speech", "silent")
    page = tab(running.url)
    page.wait_for_selector("#name:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problem:visible")
    running.process.send_signal(signal.SIGSTOP)
    notice(page, "connection to the program is lost", 8)
    running.process.send_signal(signal.SIGCONT)
    no_notice(page, "connection", 15)
    page.wait_for_timeout(500)
    assert page.locator(".problem:visible").count() == 1
    page.keyboard.type("Ana, Ben")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problem:visible", state="detached")


@pytest.mark.slow
def test_a_session_that_broke_off_can_go_on(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = program(*TIMER)
    floor(tab(running.url), "Ana")
    time.sleep(1.5)  # it is stored once a second
    running.kill()
    page = tab(program("--timer-only", "--speech", "silent").url)
    page.wait_for_selector("text=A session was interrupted")
    page.get_by_role("button", name="Go on with it").focus()
    page.keyboard.press("Enter")
    floor(page, "Ana")


@pytest.mark.slow
def test_known_people_come_first(program: Callable[..., Program], tab: Callable[..., Any], tmp_path: Path) -> None:
    with Store.open(tmp_path / "facilitator" / "sessions.db") as store:  # they have looked back, long ago
        prompts = default_prompts()
        setup = Setup(people=("Ana", "Ben"), format=prompts.format("open"), language=prompts.language("en"))
        session = store.begin(setup, "2026-01-01T12:00:00+00:00")
        store.write([SelfRated(at_ms=9, person="Ana", indicator="money", value=4)])
        store.finish(session, "done")
    running = program(*TIMER, "--say-name", "Ana=Ahna")
    floor(tab(running.url), "Ana")
    for _ in range(2):
        running.interrupt()
        time.sleep(0.5)
    running.process.wait(20)
    page = tab(program("--timer-only", "--new").url)
    page.get_by_role("button", name="Add Ana").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 2")
    assert page.input_value("[aria-label='Ana is pronounced']") == "Ahna"
    page.get_by_role("button", name="Next: kind of talk").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You last looked back on Thursday, 1 January 2026")


@pytest.mark.slow
def test_whose_session_it_is_is_chosen_where_groups_have_names(
    program: Callable[..., Program], tab: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "facilitator" / "sessions.db"
    prompts = default_prompts()
    page = tab(program("--timer-only").url)
    page.wait_for_selector("text=Who is here?")
    assert not page.is_visible("#group"), "nobody has named a group, so nobody is asked"
    for group, people in (("7a", ("Ana", "Ben")), ("7b", ("Ana", "Carla"))):
        with Store.open(path) as store:
            made = Setup(people=people, format=prompts.format("open"), language=prompts.language("en"))
            store.within(group, new=True)
            store.finish(store.begin(made, "2026-01-01T12:00:00+00:00"), "done")
    page = tab(program("--timer-only", "--speech", "silent").url)
    page.wait_for_selector("#group")
    assert page.input_value("#group") == "7b", "that of the latest session"
    page.get_by_role("button", name="Add Carla").wait_for()
    page.select_option("#group", "7a")
    page.get_by_role("button", name="Add Ben").wait_for()
    page.get_by_role("button", name="Add Carla").wait_for(state="detached")
    page.get_by_role("button", name="Add Ana").click()
    page.select_option("#group", label="another group …")
    page.keyboard.type("8c")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#group').value === '8c'")
    assert page.locator(".seats li").count() == 1, "who was added is still there"
    page.fill("#name", "Dora")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    floor(page, "Ana")
    with Reader.open(path) as reader:
        assert [(one.group, one.people) for one in reader.sessions()] == [
            *(("8c", ("Ana", "Dora")), ("7b", ("Ana", "Carla")), ("7a", ("Ana", "Ben")))
        ]


# -- other pages ----------------------------------------------------------------------------------

ELSEWHERE = """<!doctype html><title>elsewhere</title><script>
window.got = [];
const url = new URLSearchParams(location.search).get("url");
const note = (what) => (how) => window.got.push(what + " " + how);
fetch(url).then(() => note("fetch")("read"), () => note("fetch")("failed"));
fetch(url, {mode: "no-cors", method: "POST"}).then(() => note("post")("sent"), () => note("post")("failed"));
const script = document.createElement("script");
script.onload = () => note("script")("ran");
script.onerror = () => note("script")("failed");
script.src = url + "app.js";
document.head.append(script);
const socket = new WebSocket(url.replace("http", "ws") + "live");
socket.onopen = () => { note("socket")("open"); socket.send('{"do":"finish"}'); };
socket.onerror = () => note("socket")("failed");
</script><iframe></iframe>"""


def test_no_other_page_can_read_or_steer(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    """Even one that knows the token."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(ELSEWHERE.encode())

        def log_message(self, *_: object) -> None:
            pass

    running = program(*TIMER)
    ours = tab(running.url)
    ours.wait_for_selector(".session")
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = tab(f"http://127.0.0.1:{server.server_port}/?url={running.url}")
        page.wait_for_function("() => window.got.length >= 4")
        got = page.evaluate("window.got")
        assert {"fetch failed", "script failed", "socket failed"} <= set(got)
        assert not any(how in entry for entry in got for how in ("read", "ran", "open"))
        page.evaluate("url => { document.querySelector('iframe').src = url }", running.url)
        page.wait_for_timeout(500)
        inside = page.frames[1]
        assert inside.evaluate("document.querySelector('.session, .setup')") is None
    finally:
        server.shutdown()
    assert ours.locator(".summary").is_hidden()  # nobody finished it


# -- the page beside a discussion in this process ---------------------------------------------------


class Beside:
    """A discussion of two without listening, its page, and the moment it is at."""

    def __init__(self, form: str = "round-robin") -> None:
        prompts = default_prompts()
        self.setup = Setup(people=("Ana", "Ben"), format=prompts.format(form), language=prompts.language("en"))
        self.discussion = Discussion(self.setup)
        self.discussion.receive(Tick(at_ms=0))
        self.server = PageServer.open()
        self.away = False
        self.screen = PageScreen(
            self.server.broker,
            airtime=rule_of(self.setup),
            texts=ENGLISH,
            listening=True,
            away=lambda: self.away,
        )
        self.commands: list[Command] = []

    def show(self, **changes: Any) -> None:
        self.screen.show(dataclasses.replace(self.discussion.snapshot(), **changes))
        self.commands += self.screen.poll(0)


@pytest.fixture
def beside() -> Iterator[Beside]:
    found = Beside()
    yield found
    found.server.close()


def test_who_speaks_is_shown_within_half_a_second(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show(stage_kind="talk")
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    page.evaluate(
        """() => { new MutationObserver(() => {
            if (document.querySelector('.now').textContent === 'Ben is speaking') window.seenAt ??= Date.now();
        }).observe(document.body, {subtree: true, childList: true, characterData: true}); }"""
    )
    began_ms = time.time() * 1000
    beside.show(stage_kind="talk", own_voice=False, speaking=("Ben",), someone_speaking=True)
    page.wait_for_function("() => window.seenAt")
    assert page.evaluate("window.seenAt") - began_ms < 500
    assert page.locator(".person.speaking .name").all_text_contents() == ["Ben"]


def test_a_dropped_connection_comes_back_by_itself(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show()
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    page.evaluate(
        """() => { window.told = []; new MutationObserver(() => {
            window.told.push(document.getElementById('notices').textContent);
        }).observe(document.getElementById('notices'), {subtree: true, childList: true, characterData: true}); }"""
    )
    server = beside.server._server
    for connection in list(server.server_state.connections):
        server.servers[0].get_loop().call_soon_threadsafe(connection.transport.abort)
    page.wait_for_function("() => window.told.some((text) => text.includes('lost'))", timeout=2_000)
    no_notice(page, "lost", 5)
    beside.show(last_said="Here I am again.")
    page.wait_for_selector("text=Here I am again.")


def test_a_microphone_that_is_gone_is_said_until_it_is_back(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show()
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    beside.away = True
    beside.show()
    notice(page, "The microphone is gone", 1)
    assert not faults(page)
    beside.away = False
    beside.show()
    no_notice(page, "The microphone is gone", 1)


def test_nothing_moves_for_those_who_ask_for_that(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show()
    page = tab(beside.server.url, reduced_motion="reduce")
    page.wait_for_selector(".session")
    moving = page.evaluate(
        """[...document.querySelectorAll('*')].filter((one) => {
            const style = getComputedStyle(one);
            return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
        }).length"""
    )
    assert moving == 0


@pytest.mark.parametrize("language", ["de", "pl"])
def test_who_is_here_fits_a_phone_in_languages_of_long_words(
    program: Callable[..., Program], tab: Callable[..., Any], language: str
) -> None:
    page = tab(program("--language", language).url, locale=language)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector("#name:focus")
    page.keyboard.type("Ana, Ben, Carla")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 3")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_twelve_people_and_long_names_fit(beside: Beside, tab: Callable[..., Any], size: tuple[int, int]) -> None:
    view = beside.discussion.snapshot().people[0]
    names = ["Wolfeschlegelsteinhausen", "Maximiliane-Antoinette", *(f"Person {n}" for n in range(10))]
    people = tuple(dataclasses.replace(view, name=name) for name in names)
    beside.show(people=people, floor=names[0], stage_kind="turns", floor_left_ms=61_000)
    page = tab(beside.server.url)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_selector(".session")
    assert page.locator(".person").count() == 12
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_the_browser_asks_for_becomes_commands(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show(stage_kind="talk", commands=("hand", "next", "pause", "finish"))
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    for key in ("2", " ", "p", "z"):
        page.keyboard.press("Space" if key == " " else key)
    page.get_by_role("button", name="Raise the hand of Ana").click()
    until = time.monotonic() + 5
    while len(beside.commands) < 4 and time.monotonic() < until:
        beside.show(stage_kind="talk", commands=("hand", "next", "pause", "finish"))
    found = [(command.name, command.person) for command in beside.commands]
    assert found == [("hand", "Ben"), ("next", None), ("pause", None), ("hand", "Ana")]
    assert {command.source for command in beside.commands} == {"page"}


# -- through real sound -----------------------------------------------------------------------------


@pytest.mark.sound
@pytest.mark.slow
def test_the_microphone_check_tells_what_it_hears(
    own_sound: VirtualAudio, program: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    page = tab(program("--people", "Ana, Ben", env=own_sound.env).url)
    page.get_by_role("button", name="Hear Ana").click()
    for heading in ("Which form?", "Can I hear you?"):
        page.wait_for_selector("button.main:visible").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"text={heading}")
    noise = np.random.default_rng(3)

    def room(db: float, seconds: float) -> Any:
        return (noise.standard_normal(int(16_000 * seconds)) * 10 ** (db / 20)).astype(np.float32)

    def words(db: float) -> Any:
        """Half a second of sound, half a second of a quiet room, and so on."""
        return np.concatenate([np.concatenate([room(db, 0.5), room(-66, 0.5)]) for _ in range(9)])

    page.wait_for_selector("text=That was me.")  # the voice said her name
    page.wait_for_selector("text=Nothing but perfect silence comes", timeout=15_000)
    for sound, verdict in (
        (room(-62, 9), "Now say a few words"),
        (words(-30), "I hear you well"),
        (words(-52), "too quiet"),
        (room(-25, 9), "noisy"),
        (words(3).clip(-1, 1), "too loud"),
    ):
        playing = own_sound.play(sound, 16_000)
        page.wait_for_function(
            "part => document.querySelector('.verdict').textContent.includes(part)", arg=verdict, timeout=25_000
        )
        playing.kill()
        playing.wait()
    assert int(page.get_attribute(".meter", "aria-valuenow")) >= 0
    assert not faults(page)


@pytest.mark.sound
@pytest.mark.slow
def test_a_microphone_that_dies_in_the_talk(
    own_sound: VirtualAudio, program: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    running = program("--people", "Ana, Ben", "--speech", "silent", "--yes", env=own_sound.env)
    page = tab(running.url)
    floor(page, "Ana", 30)
    own_sound.kill()
    notice(page, "The microphone is gone", 8)
    own_sound.start()
    no_notice(page, "The microphone is gone", 30)


def test_who_spoke_last_is_put_right_by_a_click_or_a_digit(beside: Beside, tab: Callable[..., Any]) -> None:
    people = tuple(dataclasses.replace(one, heard=True) for one in beside.discussion.snapshot().people)
    commands = ("was", "pause", "finish")
    beside.show(stage_kind="talk", last_spoke="Ana", commands=commands, people=people)
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    page.keyboard.press(".")
    page.locator("footer button", has_text="That was not Ana").click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog[open] .buttons").first.locator("button").all_text_contents() == ["Ben 1"]
    assert not faults(page)
    page.keyboard.press("1")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    page.keyboard.press("o")
    page.wait_for_selector("dialog[open]")
    page.locator("dialog[open] button", has_text="Ben").click()

    def chosen() -> bool:
        beside.show(stage_kind="talk", last_spoke="Ana", commands=commands, people=people)
        return [(one.name, one.person) for one in beside.commands] == [("was", "Ben")] * 2

    until_ms = time.time() + 10
    while not chosen() and time.time() < until_ms:
        time.sleep(0.05)
    assert chosen()
