"""What somebody at the page wants a session to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from facilitator.core.airtime_display import AirtimeDisplay


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What a session is set up with. `minutes`, `rounds`: None: as the format has them."""

    people: tuple[str, ...] = ()
    pronounced: dict[str, str] = field(default_factory=dict)
    format: str = "round-robin"
    minutes: float | None = None
    rounds: int | None = None
    language: str = "en"
    airtime: AirtimeDisplay | None = None
    """None: as the format would have it."""
    listening: bool = True
    device: str | int | None = None
    go_on: bool | None = None
    group: str = ""
    """Whose session it is; empty: of no group."""
