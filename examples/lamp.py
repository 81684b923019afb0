"""A lamp for the middle of the table: green while the talk is shared, warmer as it leans to one side.

    facilitator start --airtime shown --events unix:/tmp/facilitator.sock
    python examples/lamp.py /tmp/facilitator.sock

It waits for a session, and for the next one, until Ctrl-C. It writes a colour a line; hand that to whatever your lamp
takes. The airtime is only told where the table shows it.
"""

import contextlib
import json
import socket
import sys
import time


def colour(state: dict) -> str:
    """#rrggbb; blue where nothing is known, as in a pause or while the airtime is hidden."""
    if state["paused"] or state["balance"] is None:
        return "#3050a0"
    leaning = min(1.0, max(0.0, (1.0 - state["balance"]) / 0.5))
    return f"#{round(60 + 180 * leaning):02x}{round(160 - 60 * leaning):02x}40"


def lines(path: str):
    """What one session after the other tells, each from when it begins."""
    while True:
        with socket.socket(socket.AF_UNIX) as table, contextlib.suppress(OSError):  # none has begun yet, or it is over
            table.connect(path)
            yield from table.makefile(encoding="utf-8")
        time.sleep(0.5)


def main() -> None:
    for line in lines(sys.argv[1]):
        with contextlib.suppress(ValueError):  # where a session broke off, there is half a line
            print(colour(json.loads(line)), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
