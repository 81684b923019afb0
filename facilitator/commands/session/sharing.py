"""`--share`: who else may look, on which of this computer's addresses, and the code in the terminal."""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from facilitator.commands.session.answers import yes_or_no
from facilitator.core.language.texts import Texts
from facilitator.errors import UsageError
from facilitator.page.networks import is_loopback, is_private, own_addresses
from facilitator.store.backup import Whole
from facilitator.terminal.keys import CALL
from facilitator.terminal.tell import tell

if TYPE_CHECKING:
    from facilitator.page.sharing import Share


LOOK_S = 0.2
SharedRole = Literal["view", "steer", "me", "mediator", "room"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What was asked for. `address`: None: the likeliest."""

    role: SharedRole
    address: str | None
    names: bool = False
    """A room is told who is at the table."""


def share_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command is given what they come to as `sharing`."""

    @functools.wraps(command)
    def with_sharing(*args: Any, **options: Any) -> Any:
        role, address, names = (options.pop(name) for name in ("share", "share_address", "share_names"))
        return command(*args, sharing=_sharing(role, address, names=names), **options)

    with_sharing = click.option(
        "--share-names", is_flag=True, help="With --share=room: the room is told who is at this table, too."
    )(with_sharing)
    with_sharing = click.option(
        "--share-address", metavar="ADDRESS", help="With --share: which of this computer's addresses."
    )(with_sharing)
    return click.option(
        "--share", type=click.Choice(get_args(SharedRole)), is_flag=False, flag_value="view",
        help="Show the session on a tablet or phone in the same network, by a QR code. It can only look; "
        "with --share=steer it has the buttons, too; with --share=me each phone is one person's own; "
        "with --share=mediator it is a mediator's, with the buttons and notes for them alone; "
        "with --share=room another computer of the room sees how far the table is (facilitator room).",
    )(with_sharing)  # fmt: skip


def _sharing(role: SharedRole | None, address: str | None, *, names: bool) -> Sharing | None:
    if names and role != "room":
        raise UsageError("--share-names says what --share=room tells; add that, or leave it out.")
    if role is None:
        if address is not None:
            raise UsageError("--share-address says where --share is to be found: add --share.")
        return None
    if address is not None:
        address = address.strip()
        if not is_private(address):
            raise UsageError(
                f"{address} is not an address within a network of your own, and I share on no other; "
                "leave --share-address out to have one chosen."
            )
        own = own_addresses()
        if not is_loopback(address) and address not in [one.address for one in own]:
            have = f"It has {', '.join(map(str, own))}." if own else "It is in no network now."
            raise UsageError(f"This computer has no address {address}. {have}")
    return Sharing(role=role, address=address, names=names)


def tell_share(share: Share, role: str, texts: Texts, *, with_code: bool, ask: bool) -> None:
    """In the terminal: where it is shared, and the code where there is no page to show it. `ask`: somebody may be
    waited for, as the session will take the screen."""
    if share.url is None or share.where is None:
        tell(share.problem or "", err=True)
        return
    tell(texts("terminal.shared_on", where=share.where, may=texts(f"share.may.{role}")))
    room = role == "room"
    with_code = with_code and sys.stdout.isatty() and not room
    if with_code:
        _draw(share.url)
    tell(share.url)
    tell(texts("share.room_honest" if room else "share.honest"))
    if share.others:
        others = ", ".join(map(str, share.others))
        tell(texts("terminal.also", others=others))
    sys.stdout.flush()
    if (with_code or room) and ask and sys.stdin.isatty():
        click.pause(texts("terminal.copy_address", key=CALL) if room else texts("terminal.scan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForTheRoom:
    """A session that is stored, and may be handed over."""

    db: Path
    session: int

    def copy(self) -> bytes:
        """This session, and nothing else. Raises StoreError."""
        with Whole.open(self.db) as store:
            return store.copy_of(self.session)

    def told(self, texts: Texts) -> str:
        """What goes with it: also what it began with, which may be of earlier ones. Raises StoreError."""
        with Whole.open(self.db) as store:
            setup = store.setup(self.session)
        read_out = [*setup.read_out, *([texts("after.hand_over_before")] if setup.looks_back else [])]
        too = [texts("after.hand_over_read_out", texts="; ".join(read_out))] if read_out else []
        return "\n".join([texts("after.hand_over_what"), *too])


def offer_to_the_room(share: Share, session: ForTheRoom, texts: Texts) -> None:
    """In the terminal, after a session: whether the room that has followed it is to have it. Nothing without a yes."""
    if not share.broker.guests or not sys.stdin.isatty():
        return
    tell(session.told(texts))
    if not _agreed(texts):
        return
    share.hand_over(session.copy())
    tell(texts("terminal.handing_over"))
    with contextlib.suppress(KeyboardInterrupt):
        while not share.fetched(LOOK_S):
            if share.url is None:
                tell(share.problem or "", err=True)
                return
    share.take_back()
    if share.fetched(0):
        tell(texts("after.handed_over"))
    else:
        tell(texts("after.perhaps_fetched" if share.perhaps_fetched else "after.not_fetched"))


def _agreed(texts: Texts) -> bool:
    """Anything but a yes is a no."""
    try:
        return yes_or_no(texts("terminal.hand_over"), texts, default=False)
    except (KeyboardInterrupt, UsageError):
        return False


def _draw(url: str) -> None:
    import segno  # noqa: PLC0415

    drawn = io.StringIO()
    segno.make(url, error="m", micro=False).terminal(drawn, compact=True)
    with contextlib.suppress(UnicodeEncodeError):  # a terminal that knows no blocks: the address is below
        sys.stdout.write(drawn.getvalue())
