"""`facilitator completion`: what makes the shell finish commands, options and names of formats with the Tab key."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FACILITATOR_COMPLETE"
"""By this the shell asks the program what could come next."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Prints what makes your shell finish commands and options when you press Tab.

    \b
    Examples:
      eval "$(facilitator completion bash)"       # in ~/.bashrc
      eval "$(facilitator completion zsh)"        # in ~/.zshrc
      facilitator completion fish > ~/.config/fish/completions/facilitator.fish
    """
    made = get_completion_class(shell)
    assert made is not None
    asked = made(ctx.find_root().command, {}, "facilitator", VARIABLE)  # its own method would ask for bash's version
    click.echo(asked.source_template % asked.source_vars())
