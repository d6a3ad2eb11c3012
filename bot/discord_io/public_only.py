"""Connections to addresses of the internet only, whatever a name resolves to.

https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.TCPConnector (socket_factory): it
sees every address, those that were written as numbers too.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where networks that have only IPv6 reach IPv4 (RFC 6052): the last four bytes are the address."""

_LOCALLY_TRANSLATED = IPv6Network("64:ff9b:1::/48")


class NotPublic(OSError):
    """An address that is not on the internet."""


def open_connector(resolver: AbstractResolver | None = None) -> aiohttp.TCPConnector:
    """Open a pool of connections that reaches the internet and nothing nearer."""
    return aiohttp.TCPConnector(socket_factory=_open_socket, resolver=resolver)


def _open_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, place = address
    if not is_public(str(place[0])):
        raise NotPublic("the address is not public")
    return socket.socket(family, kind, protocol)


def is_public(text: str) -> bool:
    """Tell whether an address is on the internet; also one that is hidden in another."""
    try:
        return _is_public(ip_address(text))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _LOCALLY_TRANSLATED or address.teredo is not None:
            return False
        inner = _inner(address)
        if inner is not None:
            return _is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Find the IPv4 address that is meant: mapped, 6to4, or translated."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
