"""Who has the floor and for how long, as a text file that OBS shows (a text source that reads from a file).

facilitator start --events state.jsonl --event-names
python examples/obs_overlay.py state.jsonl floor.txt

It shows one session after the other, until Ctrl-C.
"""

import contextlib
import json
import pathlib
import sys
import time


def words(state: dict) -> str:
    floor = next((one for one in state["people"] if one["seat"] == state["floor"]), None)
    if state["paused"]:
        return "A pause"
    if floor is None:
        return ""
    left = "" if state["left_s"] is None else f"  {max(0, state['left_s']) // 60}:{max(0, state['left_s']) % 60:02}"
    return floor.get("name", f"Seat {floor['seat']}") + left


def main() -> None:
    source, target = map(pathlib.Path, sys.argv[1:3])
    while not source.exists():  # no session has begun yet
        time.sleep(0.2)
    with source.open(encoding="utf-8") as lines:
        line = ""
        while True:
            line += lines.readline()
            if not line.endswith("\n"):  # the rest of it is not written yet
                time.sleep(0.2)
                continue
            with contextlib.suppress(ValueError):  # where a session broke off, there is half a line
                target.write_text(words(json.loads(line)), encoding="utf-8")
            line = ""


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
