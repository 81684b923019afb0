"""What can be asked for on the page: the buttons, their keys (the same as in the terminal), and orders as commands.
What the buttons are called is in `labels`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from facilitator.core.events import Command, CommandName
from facilitator.page.broker import ClientMessage

MOST_TEXT = 500
"""Letters of a note."""
MOST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    command: CommandName
    key: str
    """As it is shown; " " is pressed for "space"."""


BUTTONS: tuple[Button, ...] = (
    Button(command="next", key="space"),
    Button(command="pass", key="s"),
    Button(command="decline", key="d"),
    Button(command="more-time", key="+"),
    Button(command="undo", key="u"),
    Button(command="time", key="t"),
    Button(command="was", key="o"),
    Button(command="go-on", key="p"),
    Button(command="pause", key="p"),
    Button(command="break", key="b"),
    Button(command="note", key="a"),
    Button(command="here", key="h"),
    Button(command="left", key="l"),
    Button(command="question", key="g"),
    Button(command="status", key="w"),
    Button(command="repeat", key="r"),
    Button(command="quiet", key="m"),
    Button(command="finish", key="q"),
)


def buttons_for(commands: Collection[CommandName]) -> list[dict[str, str]]:
    """Those that can be used now, in the order of `BUTTONS`, so that none jumps about."""
    return [{"command": button.command, "key": button.key} for button in BUTTONS if button.command in commands]


def as_commands(orders: Iterable[ClientMessage], people: Collection[str], now_ms: int) -> list[Command]:
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
            case "here":
                name = " ".join(str(order.get("person", "")).split())[:MOST_NAME]
                if name:
                    found.append(Command(at_ms=now_ms, name="here", source="page", person=name))
            case "was" if (person := next((one for one in people if one == order.get("person")), None)) is not None:
                found.append(Command(at_ms=now_ms, name="was", source="page", person=person))
            case command if command in known:
                found.append(Command(at_ms=now_ms, name=command, source="page"))
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10_000
