"""Which addresses a model's server may have: a URL somebody typed must not open the operator's own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NEVER = tuple(
    map(ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd00:c1::/32", "fd20:ce::/32"))
)  # link-local, and by IPv6 Amazon, Oracle, Google
"""Where clouds keep the credentials of a machine; no model is served there."""
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given to hosts of the Internet (RFC 4291, IANA); ``is_global`` also takes what is given to nobody."""
_IPV4_INSIDE = tuple(map(ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
"""Prefixes whose last 32 bits are an IPv4 address: compatible, translated, NAT64 (RFC 4291, 2765, 6052, 8215)."""


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
    if not private_allowed and not _is_public(parsed):
        raise AddressForbidden("The URL leads to a private address. An operator may allow these.")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Return the address; an IPv4 address in other clothes as what it is."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return parsed
    if int(parsed) > 1 and any(parsed in network for network in _IPV4_INSIDE):
        return IPv4Address(int(parsed) & 0xFFFFFFFF)
    return parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None) or parsed
