"""`facilitator shortcut`: an icon for people without a terminal."""

from __future__ import annotations

import sys

import click

from facilitator.system import shortcut as icons
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.command()
@click.option("--remove", is_flag=True, help="Take it away again.")
def shortcut(remove: bool) -> None:
    """Puts an icon on the desktop and in the menu that starts a session and opens the page.

    It is tried on Linux; for Windows and macOS it is made as their documentation says, and was not tried there.

    \b
    Examples:
      facilitator shortcut
      facilitator shortcut --remove
    """
    if remove:
        gone = icons.remove()
        for path in gone:
            tell(f"Removed {path}")
        if not gone:
            tell("There is no icon of this program here.")
        return
    for path in icons.make():
        tell(f"Made {path}")
    if sys.platform.startswith("linux") and icons.desktop() is not None:
        tell("If the desktop does not start it: click it with the right button, and allow launching.")
    tell(to_type("To take it away again: facilitator shortcut --remove"))
