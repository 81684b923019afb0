"""What can be asked for on the page: the buttons, their keys (the same as in the terminal), and orders as commands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from facilitator.core.events import Command, CommandName
from facilitator.page.hub import Order

MOST_TEXT = 500
"""Letters of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    command: CommandName
    key: str
    """As it is shown; " " is pressed for "space"."""
    label: str


BUTTONS: tuple[Button, ...] = (
    Button(command="next", key="space", label="Next"),
    Button(command="pass", key="s", label="Pass"),
    Button(command="decline", key="d", label="Don’t listen to me"),
    Button(command="more-time", key="+", label="More time"),
    Button(command="go-on", key="p", label="Go on"),
    Button(command="pause", key="p", label="Pause"),
    Button(command="break", key="b", label="Break"),
    Button(command="note", key="a", label="Note an agreement"),
    Button(command="status", key="w", label="How are we doing"),
    Button(command="repeat", key="r", label="Repeat"),
    Button(command="quiet", key="m", label="Quiet"),
    Button(command="finish", key="q", label="Finish"),
)
SPEAK = "Speak again"
"""What the button for quiet is called while it is quiet."""


def buttons_for(commands: Collection[CommandName], *, quiet: bool) -> list[dict[str, str]]:
    """Those that can be used now, in the order of `BUTTONS`, so that none jumps about."""
    return [
        {
            "command": button.command,
            "key": button.key,
            "label": SPEAK if button.command == "quiet" and quiet else button.label,
        }
        for button in BUTTONS
        if button.command in commands
    ]


def as_commands(orders: Iterable[Order], people: Collection[str], now_ms: int) -> list[Command]:
    """The commands among the orders; what is none, or says what cannot be, is left out."""
    known = {button.command for button in BUTTONS}
    found: list[Command] = []
    for order in orders:
        match order.get("do"):
            case "answer" if _whole(order.get("value")):
                found.append(Command(at_ms=now_ms, name="answer", source="page", value=order["value"]))
            case "hand":
                person = next((person for person in people if person == order.get("person")), None)
                if person is not None:
                    found.append(Command(at_ms=now_ms, name="hand", source="page", person=person))
            case "note":
                text = " ".join(str(order.get("text", "")).split())[:MOST_TEXT]
                if text:
                    found.append(Command(at_ms=now_ms, name="note", source="page", text=text))
            case command if command in known:
                found.append(Command(at_ms=now_ms, name=command, source="page"))
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10_000
