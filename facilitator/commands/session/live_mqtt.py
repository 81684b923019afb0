"""The live state for a broker of MQTT, as lamps and houses have one: the same lines as `--events`, as messages.

Off unless asked for, to this computer unless that is said plainly, and with no names unless those at the table want
them. The broker is asked to keep nothing. Nothing here waits once the session runs: while the broker is away, what is
told is lost, and how things are is told when it is back.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.events import Record
from facilitator.core.snapshot import Snapshot
from facilitator.errors import MissingPackage, UsageError
from facilitator.terminal.live_lines import line_of

PORT, TOPIC = 1883, "facilitator"
LOGIN = "FACILITATOR_MQTT_LOGIN"
"""A setting: user:password, for a broker that asks."""
PATIENCE_S, KEEPALIVE_S = 5.0, 30
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPlace:
    host: str
    port: int
    topic: str

    @property
    def is_here(self) -> bool:
        """On this computer: nothing leaves it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _split(address: str) -> tuple[str, int]:
    """The host and the port; 0 where that is none. An IPv6 address has colons of its own, so with a port it stands in
    brackets."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
    elif address.count(":") == 1:
        host, rest = address.split(":")
        rest = f":{rest}"
    else:
        host, rest = address, ""
    if not rest:
        return host, PORT
    port = rest.removeprefix(":")
    return host, int(port) if rest[0] == ":" and re.fullmatch("[0-9]{1,5}", port) else 0


def parse_place(text: str, *, elsewhere: bool) -> BrokerPlace:
    """`HOST`, `HOST:PORT`, `HOST/TOPIC`. Raises UsageError; also for another computer, where `elsewhere` was not
    said."""
    address, _, topic = text.strip().partition("/")
    host, port = _split(address)
    if not host or not (1 <= port <= _LAST_PORT) or set(topic) & set("+#\0"):
        raise UsageError(f"--mqtt {text}: write it as HOST, HOST:PORT or HOST:PORT/TOPIC, for example localhost.")
    here = host.lower()
    place = BrokerPlace(
        host="127.0.0.1" if here == "localhost" else here,  # as a number, so that nobody is asked what it is
        port=port,
        topic=topic.strip("/") or TOPIC,
    )
    if not place.is_here and not elsewhere:
        raise UsageError(
            f"--mqtt {text}: what goes on at the table would leave this computer, unencrypted. If it is meant, add"
            " --mqtt-elsewhere."
        )
    return place


class MqttLines:
    """A screen that is read through a broker. Raises UsageError where none answers, and MissingPackage."""

    def __init__(self, place: BrokerPlace, airtime: AirtimeRule, *, names: bool) -> None:
        try:
            from paho.mqtt.client import Client  # noqa: PLC0415 - an extra, which only this needs
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415
        except ImportError as error:
            raise MissingPackage("--mqtt needs paho-mqtt, which is not installed: pip install paho-mqtt") from error
        self._topic, self._airtime, self._names, self._last = place.topic, airtime, names, ""
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.connect_timeout = PATIENCE_S
        user, _, password = os.environ.get(LOGIN, "").partition(":")
        if user:
            self._client.username_pw_set(user, password)
        self._refused = ""
        self._client.on_connect = self._connected
        try:
            self._client.connect(place.host, place.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise UsageError(
                f"No MQTT broker answers at {place.host}, port {place.port} ({reason}); start it, or leave --mqtt out."
            ) from error
        self._client.loop_start()

    def _connected(self, client: Any, _data: object, _flags: object, reason: Any, _more: object) -> None:
        """On the thread of the client: also when the broker is back."""
        if reason.is_failure:
            self._refused = str(reason)
        elif self._last:
            client.publish(self._topic, self._last)

    def show(self, snapshot: Snapshot) -> None:
        line = line_of(snapshot, self._airtime, names=self._names)
        if line != self._last:
            self._last = line
            self._client.publish(self._topic, line)

    def trouble(self) -> str | None:
        """What people should know of it, once."""
        refused, self._refused = self._refused, ""
        if not refused:
            return None
        return f"The MQTT broker does not let this program in ({refused}); set {LOGIN}=user:password."

    def write(self, records: Sequence[Record]) -> None:
        """It is told moments, not records."""

    def close(self) -> None:
        """What was told last is on its way before the connection ends."""
        self._client.disconnect()
        self._client.loop_stop()
