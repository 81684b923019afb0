"""What a page may see and do: the one on this computer everything, one on another device only what its role says.

It is held here, on the program's side: what a page does not show is no protection. A guest is never told of the
setting up, with the people known from earlier sessions, nor of anything that a later version tells pages: what
is not in this list is not sent.
"""

from __future__ import annotations

from typing import Literal

from facilitator.page.broker import Broker, ClientMessage
from facilitator.page.buttons import BUTTONS

Role = Literal["host", "view", "steer", "mediator", "me", "room"]
"""`host`: on this computer. `view`: looks. `steer`: presses the session's buttons, too. `mediator`:
the same, and has notes of their own, which only their door has (`private_api.py`). `me`: somebody's own telephone,
which sees their own part and nobody else's, and speaks for them alone. `room`: another computer of the room, which
follows how far the tables are."""

GUESTS_SEE = frozenset({"labels", "screen", "session", "summary", "end"})
ONE_SEES = frozenset({"labels", "screen", "table", "end"})
"""Beside what is told to each of them alone (`Broker.tell_each`)."""
ONE_MAY = frozenset({"hand", "pass", "let-me-finish"})
"""Once it was said who it is; then for that person only, whatever else is in the order."""
ROOM_SEES = frozenset({"screen", "clock", "help", "offered", "end"})
"""No labels: it has no page."""
STEERED = frozenset({"answer", "hand", "note"}) | {button.command for button in BUTTONS}
"""How much of the airtime is shown is not among them: that is said at the computer."""


def sees(role: Role) -> frozenset[str] | None:
    """The topics a page of this role is told of; None: all."""
    match role:
        case "host":
            return None
        case "me":
            return ONE_SEES
        case "room":
            return ROOM_SEES
        case _:
            return GUESTS_SEE


def may(role: Role, order: ClientMessage, broker: Broker) -> bool:
    """Whether a page of this role may ask for this now."""
    match role:
        case "host":
            return True
        case "steer" | "mediator":  # "go-on" means something else while a session is being set up
            return order["do"] in STEERED and broker.shows("screen", "session")
        case "me":
            return order["do"] in ONE_MAY and broker.shows("screen", "session")
        case _:
            return False
