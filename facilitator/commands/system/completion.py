"""`facilitator completion`: what makes the shell finish commands, options and their values with the Tab key.

Beside what click has for each shell, what follows `--format=` is finished, and a name of two words stays one.
"""

from __future__ import annotations

import os
import shlex

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
)

from facilitator.commands.groups import SHELL_ASKS


class _Bash(BashComplete):
    """It makes three words of `--format=ro`, and puts what it is given down as it is."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        return [word for word in args if word != "="], incomplete

    def format_completion(self, item: CompletionItem) -> str:
        # As it was typed, with the quotation mark that is open.
        word = os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"])]
        bare = item.type == "plain" and not word.startswith(("'", '"'))
        return f"{item.type},{shlex.quote(item.value) if bare else item.value}"


class _WholeWord(ShellComplete):
    """For shells that put what they are given in place of all of `--format=ro`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        option, equals, begun = incomplete.partition("=")
        if not equals or not option.startswith("--"):
            return super().get_completions(args, incomplete)
        found = super().get_completions([*args, option], begun)
        return [CompletionItem(option + equals + one.value) if one.type == "plain" else one for one in found]


class _Zsh(_WholeWord, ZshComplete):
    source_template = ZshComplete.source_template.replace("_path_files -f", "compset -P '--*='; _path_files -f")


class _Fish(_WholeWord, FishComplete):
    source_template = FishComplete.source_template.replace(
        'string split ","',
        'string split -m 1 ","',  # there is a comma in a list of names
    ).replace(
        "complete_path $metadata[2]",
        "complete_path $metadata[2] | string replace -r -- '^' (string match -r -- '^--[^=]+=|^' (commandline -t))",
    )


SHELLS = ("bash", "zsh", "fish")
for _its in (_Bash, _Zsh, _Fish):
    add_completion_class(_its)


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
    asked = made(ctx.find_root().command, {}, "facilitator", SHELL_ASKS)  # its own method would ask for bash's version
    click.echo(asked.source_template % asked.source_vars())
