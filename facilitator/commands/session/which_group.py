"""Whose session it is that begins, where several groups are known."""

from __future__ import annotations

from facilitator.commands.whose_group import usual
from facilitator.core.language.names import folded
from facilitator.core.language.texts import Texts
from facilitator.errors import StoreError
from facilitator.store.session_log import Store
from facilitator.terminal.ask import ask, attended, parse_name
from facilitator.terminal.tell import tell


def which_group(store: Store, said: str | None, texts: Texts, *, ask: bool, page: bool) -> None:
    """Has the store look for people in the group that was said; else in the only one there is. Of several it is that of
    the latest session until it is said on the page (`page`), or it is asked for in the terminal (`ask`). A new name
    makes a new group. Raises UsageError where nobody can be asked."""
    try:
        known = [one.name for one in store.groups()]
        if said is None and len(known) > 1 and (page or (ask and attended())):
            store.within(store.stored(store.latest()).group)
            if not page:
                store.within(_asked(known, store.group or "", texts), new=True)
            return
        usual(store, said, new=True)
    except StoreError:  # a damaged file has been told of already, and a new session begins all the same
        store.group = said or None


def _asked(known: list[str], latest: str, texts: Texts) -> str:
    """By name, by its number in the list, or a new one. Names go first: some groups are called by numbers."""
    none = texts("setup.no_group")
    for number, name in enumerate(known, 1):
        tell(f"  {number}  {name or none}")

    def parsed(typed: str) -> str:
        if (same := next((name for name in known if name and folded(name) == folded(typed)), None)) is not None:
            return same
        if typed.isdecimal() and 1 <= int(typed) <= len(known):
            return known[int(typed) - 1]
        return "" if typed == none else parse_name(typed)

    def problem(sentence: str) -> None:
        tell(texts.sentence(sentence))

    return ask(texts("terminal.which_group"), parsed, default=latest or none, read=input, tell=problem)
