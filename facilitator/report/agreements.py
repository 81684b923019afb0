"""Agreements in words, and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facilitator.core.agreements import ASKED, Agreement, is_open
from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import capital


def made(one: Agreement, texts: Texts) -> str:
    """In sentences: what, who, by when, and whether it was kept. What comes again is done by no one day."""
    parts = [texts(f"agreed.made.{one.kind}", text=bare(one.text))]
    day = "" if one.due is None or one.every else texts.day(one.due)
    if one.turns:  # each time it is somebody else's, and the owner's only the first time
        parts += [texts("agreed.by", day=day)] if day else []
    elif one.owner and day:
        parts.append(texts("agreed.owner_by", name=one.owner, day=day))
    elif one.owner:
        parts.append(texts("agreed.owner", name=one.owner))
    elif day:
        parts.append(texts("agreed.by", day=day))
    first = [texts("agreed.list.starts", day=texts.day(one.due))] if one.every and one.due is not None else []
    if again := [*_again(one, texts), *first]:
        parts.append(f"{capital(texts.side_by_side(again))}.")
    parts += _said(one, texts, "agreed")
    if one.stands is not None:
        parts.append(state(one.stands, texts, cooled=True))
    elif one.holds_from is not None:
        parts.append(texts("agreed.counts_from", moment=texts.moment(one.holds_from, one.agreed_on)))
    if one.kept is not None:
        parts.append(state(one.kept, texts))
    return " ".join(parts)


def state(kept: bool, texts: Texts, *, cooled: bool = False) -> str:
    """`cooled`: it was asked whether a decision that had cooled off still stood."""
    if cooled:
        return texts("agreed.stood" if kept else "agreed.stands_no_longer")
    return texts("agreed.kept" if kept else "agreed.stays_open")


def page(agreements: Sequence[Agreement], texts: Texts) -> str:
    """All of them, ending in a newline: what is open first, by its day; then the rest."""
    asked = [one for one in agreements if one.kind in ASKED]
    still = sorted(
        filter(is_open, agreements),
        key=lambda one: (one.due is None, one.due or one.agreed_on),
    )
    groups = (
        ("open", still),
        ("kept", [one for one in asked if one.kept]),
        ("over", [one for one in asked if one.stands is False and not one.kept]),
        ("rules", [one for one in agreements if one.kind == "rule"]),
        ("steps", [one for one in agreements if one.kind == "step"]),
    )
    width = len(str(max((one.agreement for one in agreements), default=0)))
    return "\n".join(
        f"{texts(f'agreed.list.{title}')}\n{''.join(_entry(one, width, texts) for one in group)}"
        for title, group in groups
        if group
    )


def _entry(one: Agreement, width: int, texts: Texts) -> str:
    more = [one.owner or texts("agreed.list.everyone")] if one.kind in ASKED else []
    more += _again(one, texts)
    instead = {day: name for day, name in one.otherwise if day != one.next_on}  # whose the next one is, is told with it
    if one.next_on is not None and (one.turns or len(instead) < len(one.otherwise)):
        more.append(texts("agreed.list.next_of", day=texts.day(one.next_on), name=one.next_owner))
    elif one.next_on is not None:
        more.append(texts("agreed.list.next", day=texts.day(one.next_on)))
    elif one.due is not None:
        more.append(texts("agreed.list.by", day=texts.day(one.due)))
    for on, name in instead.items():
        phrase, slots = ("agreed.list.on_day", {"name": name}) if name else ("agreed.list.not_on", {})
        more.append(texts(phrase, day=texts.day(on), **slots))
    if one.holds_from is not None and one.stands is None and not one.kept:
        more.append(texts("agreed.list.counts_from", moment=texts.moment(one.holds_from, one.agreed_on)))
    if one.cooling_days:
        more.append(texts("agreed.list.cooling_days", number=one.cooling_days))
    more += _said(one, texts, "agreed.list")
    more.append(texts("agreed.list.agreed_on", day=texts.day(one.agreed_on), names=texts.listed(one.people)))
    return f"  {one.agreement:>{width}}  {bare(one.text)}\n{' ' * (width + 4)}{texts.side_by_side(more)}\n"


def _again(one: Agreement, texts: Texts) -> list[str]:
    """How often it comes, and whose turn it is."""
    often = [texts(f"agreed.list.{one.every}")] if one.every else []
    return [*often, texts("agreed.list.turns", names=texts.listed(one.turns))] if one.turns else often


def _said(one: Agreement, texts: Texts, of: str) -> list[str]:
    """Whose idea it was, and who decided, as far as somebody said."""
    said = (("idea", "idea_together", one.idea), ("decided", "decided_together", one.decided))
    return [
        texts(f"{of}.{by}", name=name) if name else texts(f"{of}.{together}")
        for by, together, name in said
        if name is not None
    ]


def _who(name: str | None, one: Agreement) -> list[str] | None:
    return None if name is None else [name] if name else list(one.people)


def to_json(one: Agreement) -> dict[str, Any]:
    """Days and times are ISO 8601."""
    return {
        "agreement": one.agreement,
        "kind": one.kind,
        "text": one.text,
        "owner": one.owner or None,
        "due": None if one.due is None else one.due.isoformat(),
        "holds_from": None if one.holds_from is None else one.holds_from.isoformat(),
        "stands": one.stands,
        "kept": one.kept,
        "agreed_on": one.agreed_on.isoformat(),
        "people": list(one.people),
        "every": one.every or None,
        "turns": list(one.turns),
        "next_on": None if one.next_on is None else one.next_on.isoformat(),
        "next_owner": one.next_owner or None,
        "otherwise": [{"day": day.isoformat(), "owner": name or None} for day, name in one.otherwise],
        "cooling_days": one.cooling_days or None,
        "idea_of": _who(one.idea, one),
        "decided_by": _who(one.decided, one),
    }


def bare(text: str) -> str:
    """Without the full stop that some type."""
    return text.rstrip(" .")
