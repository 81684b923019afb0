"""Keys of a Stream Deck: who has the floor, how much is left, and a colour that warms as time runs out.

    facilitator start --events unix:/tmp/facilitator.sock --event-names
    pip install streamdeck pillow
    python examples/stream_deck.py /tmp/facilitator.sock

It waits for a session, and for the next one, until Ctrl-C. Without a Stream Deck, or without its
package, it prints what the key would show.
"""

import contextlib
import json
import socket
import sys
import time


def key(state: dict) -> tuple[str, str]:
    """What the key says, and its colour as #rrggbb."""
    floor = next((one for one in state["people"] if one["seat"] == state["floor"]), None)
    if state["ended"]:
        return "over", "#202020"
    if state["paused"]:
        return "pause", "#3050a0"
    if floor is None:
        return state["stage"], "#202020"
    name, left = floor.get("name", f"seat {floor['seat']}"), state["left_s"]
    if left is None:
        return name, "#206040"
    warm = "#206040" if left > 60 else "#a06020" if left >= 0 else "#902020"
    return f"{name}\n{abs(left) // 60}:{abs(left) % 60:02}", warm


def deck():
    """The first Stream Deck there is; None: there is none, or no package for it."""
    try:
        from StreamDeck.DeviceManager import DeviceManager  # noqa: PLC0415
    except ImportError:
        return None
    found = DeviceManager().enumerate()
    if found:
        found[0].open()
    return found[0] if found else None


def show(device, words: str, colour: str) -> None:
    from PIL import ImageDraw  # noqa: PLC0415
    from StreamDeck.ImageHelpers import PILHelper  # noqa: PLC0415

    image = PILHelper.create_image(device, background=colour)
    ImageDraw.Draw(image).multiline_text(
        (image.width / 2, image.height / 2), words, fill="white", anchor="mm", align="center"
    )
    device.set_key_image(0, PILHelper.to_native_format(device, image))


def lines(path: str):
    """What one session after the other tells, each from when it begins."""
    while True:
        with socket.socket(socket.AF_UNIX) as table, contextlib.suppress(OSError):  # none has begun yet, or it is over
            table.connect(path)
            yield from table.makefile(encoding="utf-8")
        time.sleep(0.5)


def main() -> None:
    device = deck()
    for line in lines(sys.argv[1]):
        try:
            words, colour = key(json.loads(line))
        except ValueError:  # where a session broke off, there is half a line
            continue
        if device is None:
            print(colour, words.replace("\n", " "), flush=True)
        else:
            show(device, words, colour)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
