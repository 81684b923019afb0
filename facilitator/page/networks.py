"""This computer's own addresses in the networks it is in. The system is asked for them; nothing is sent."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import ifaddr

MADE_UP = (
    "br-", "docker", "hyper-v", "lxc", "lxdbr", "podman", "tailscale", "tap", "tun", "utun", "vboxnet", "vethernet",
    "veth", "virbr", "virtualbox", "vmnet", "vmware", "vpn", "wg", "zt",
)  # fmt: skip
"""How the interfaces begin that lead to no device in the room: virtual machines, containers, tunnels."""


@dataclass(frozen=True, slots=True, order=True)
class OwnAddress:
    address: str
    interface: str

    def __str__(self) -> str:
        return f"{self.address} ({self.interface})"


def own_addresses() -> list[OwnAddress]:
    """Those in a network of one's own, the likeliest to be that of a tablet first."""
    found = [
        OwnAddress(address=str(ip.ip), interface=ip.nice_name)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and is_private(str(ip.ip)) and not is_loopback(str(ip.ip))
    ]
    return sorted(found, key=lambda own: (_unlikely(own), own))


def is_private(address: str) -> bool:
    """An IPv4 address that has a meaning only within one network, or one computer; nobody on the internet can
    reach it. What these are is IANA's registry of special addresses, as Python knows it."""
    try:
        known = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return known.is_private and not (known.is_unspecified or known.is_multicast or known.is_reserved)


def is_loopback(address: str) -> bool:
    return ipaddress.IPv4Address(address).is_loopback


def _unlikely(own: OwnAddress) -> int:
    if own.interface.lower().startswith(MADE_UP):
        return 2
    return int(ipaddress.IPv4Address(own.address).is_link_local)  # nobody gave this computer an address
