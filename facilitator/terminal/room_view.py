"""The clocks of all tables of a room, as lines for a terminal. Pure: same tables, same lines."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from facilitator.core.language.texts import Texts
from facilitator.core.table_clock import TableClock, TableSeen
from facilitator.core.text import clock, in_lines, left


def room_lines(tables: Mapping[str, TableSeen], texts: Texts, width: int) -> list[str]:
    """For each table one, which asks for help first; folded where the terminal is narrow."""
    widest = max(cell_len(name) for name in tables)
    lines: list[str] = []
    for name, seen in tables.items():
        mark = "!" if seen.help else " "
        parts = _parts(seen, texts)
        told = f"{mark} {name}{' ' * (widest - cell_len(name))}  {' · '.join(parts)}"
        lines += in_lines(told, width, " " * min(widest + 4, width // 3)).splitlines()
    return lines


def table_line(name: str, seen: TableSeen, texts: Texts) -> str:
    """What is new of a table, where lines are only added: without what goes on every second."""
    at = f"{clock(1000 * seen.clock.at_s)}  " if seen.clock is not None else ""
    return f"{at}{name}: {' · '.join(_parts(seen, texts, running=False))}"


def _parts(seen: TableSeen, texts: Texts, *, running: bool = True) -> list[str]:
    parts = [texts("room.help")] if seen.help else []
    match seen.reached:
        case "here":
            parts += [texts("room.getting_ready")] if seen.clock is None else _clock(seen.clock, texts, running=running)
        case "not-yet" | "lost" | "refused" | "over":
            parts.append(texts(f"room.{seen.reached}"))
    if seen.handed:
        parts.append(texts("room.handed"))
    return parts


def _clock(now: TableClock, texts: Texts, *, running: bool) -> list[str]:
    if now.ended:
        return [texts("end")]
    parts = [now.stage]
    if now.round is not None:
        of = {} if now.rounds is None else {"of": now.rounds}
        parts.append(texts("round_of" if of else "round", number=now.round, **of))
    if now.floor is not None:
        parts.append(now.floor)
    elif now.people:
        parts.append(texts.listed(now.people))
    if now.paused:
        parts.append(texts("floor.paused"))
    if now.left_s is not None and running:
        up = now.left_s <= 0
        parts.append(f"{left(1000 * now.left_s)} {texts('time.up' if up else 'time.left')}")
    elif now.left_s is not None and now.left_s <= 0:
        parts.append(texts("time.up"))
    if running:
        parts.append(clock(1000 * now.at_s))
    return [part for part in parts if part]
