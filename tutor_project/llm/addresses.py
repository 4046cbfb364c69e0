"""Which addresses a model's server may have: a URL somebody typed must not open the operator's own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NEVER = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"), ip_network("fd00:ec2::/32"))
"""Where clouds keep the credentials of a machine; no model is served there."""


class AddressForbidden(ValueError):
    """The host is, or stands for, an address that may not be called; the message is a sentence without it."""


def ensure_public(url: str, *, private_allowed: bool) -> None:
    """Raise AddressForbidden when any address of the URL's host may not be called, or when it has none."""
    host = urlsplit(url).hostname or ""
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise AddressForbidden("The host of the URL has no address.") from None
    for address in found:
        ensure_address(str(address), private_allowed=private_allowed)


def ensure_address(address: str, *, private_allowed: bool) -> None:
    """Raise AddressForbidden when ``address`` (IPv4 or IPv6, with or without a zone) may not be called."""
    parsed = _plain(address)
    if any(parsed.version == network.version and parsed in network for network in _NEVER):
        raise AddressForbidden("The URL leads to a link-local address, where no model is served.")
    if not private_allowed and not (parsed.is_global and not parsed.is_multicast):
        raise AddressForbidden("The URL leads to a private address. An operator may allow these.")


def _plain(address: str) -> IPv4Address | IPv6Address:
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):  # an IPv4 address in other clothes is judged as what it is
        return parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None) or parsed
    return parsed
