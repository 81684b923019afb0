"""`facilitator doctor` and `devices`: what a session needs, looked at before it begins."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facilitator.commands import options
from facilitator.system import devices as sound_devices
from facilitator.system import doctor as examination
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@click.command()
@options.database()
@click.option("--device", metavar="NAME", help="The microphone: a number or part of a name from facilitator devices.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="The language it should speak.")
@options.models_option()
@options.log_option()
@options.as_json()
def doctor(db: Path, device: str | None, language: str, as_json: bool) -> None:
    """Looks at everything a session needs and says how to mend what is not right. Listens for two seconds.

    \b
    Example:
      facilitator doctor
    """
    number = int(device) if device is not None and device.isdigit() else device
    found = examination.examine(db=db, device=number, language=language)
    if as_json:
        click.echo(json.dumps(examination.as_json(found), indent=2))
    else:
        tell(to_type(examination.as_text(found)))
    raise click.exceptions.Exit(examination.exit_code(found))


@click.command()
@options.as_json()
def devices(as_json: bool) -> None:
    """Lists microphones and loudspeakers, for --device.

    \b
    Example:
      facilitator devices
    """
    found = sound_devices.list_devices()
    if as_json:
        click.echo(json.dumps(sound_devices.as_json(found), indent=2))
    else:
        tell(sound_devices.as_text(found))
