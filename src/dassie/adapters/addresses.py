"""Which addresses we connect to: public ones only, and the private ones that the admin has named.

The list is our own because `ipaddress.is_global` (CPython 3.11) calls several ways into a private
network global: NAT64, 6to4, multicast, site-local and IPv4-compatible addresses.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
AddrInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""One row as `socket.getaddrinfo` gives it."""

WEB_PORTS = frozenset({80, 443})

# IANA special-purpose registries (RFC 6890 and its updates). The named ones come first, for the reason
# they give; the wide ones at the end catch all that IANA has not handed out as global unicast.
_DENIED = {
    "0.0.0.0/8": "means this machine",
    "10.0.0.0/8": "is in a private network",
    "100.64.0.0/10": "is in a provider's private network",
    "127.0.0.0/8": "is this machine",
    "169.254.0.0/16": "is link-local",
    "172.16.0.0/12": "is in a private network",
    "192.0.0.0/24": "is reserved for protocols",
    "192.0.2.0/24": "is reserved for documentation",
    "192.88.99.0/24": "is a 6to4 relay",
    "192.168.0.0/16": "is in a private network",
    "198.18.0.0/15": "is reserved for benchmarks",
    "198.51.100.0/24": "is reserved for documentation",
    "203.0.113.0/24": "is reserved for documentation",
    "224.0.0.0/4": "is multicast",
    "240.0.0.0/4": "is reserved",
    "::/128": "means this machine",
    "::1/128": "is this machine",
    "::ffff:0:0/96": "is an IPv4 address in disguise",
    "::ffff:0:0:0/96": "is an IPv4 address in disguise",
    "::/96": "is an IPv4 address in disguise",
    "64:ff9b::/96": "is an IPv4 address behind NAT64",
    "64:ff9b:1::/48": "is an IPv4 address behind NAT64",
    "100::/64": "is a black hole",
    "2001::/32": "is a Teredo tunnel",
    "2001::/23": "is reserved for protocols",
    "2001:db8::/32": "is reserved for documentation",
    "2002::/16": "is a 6to4 tunnel",
    "3fff::/20": "is reserved for documentation",
    "3ffe::/16": "is no longer in use",
    "5f00::/16": "is for segment routing",
    "fc00::/7": "is in a private network",
    "fe80::/10": "is link-local",
    "fec0::/10": "is site-local",
    "ff00::/8": "is multicast",
    "::/3": "is not a public address",
    "4000::/2": "is not a public address",
    "8000::/1": "is not a public address",
}
DENIED: tuple[tuple[Network, str], ...] = tuple((ip_network(text), why) for text, why in _DENIED.items())


def denial(address: Address) -> str | None:
    """Why no stranger may send us to this address ("is link-local"); None where it is public."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "is link-local"
    return next((why for network, why in DENIED if address in network), None)


class BlockedAddress(OSError):
    """An address that we do not connect to. An `OSError`, so that the connector tries the next address.

    The text is the same for all, so that a host with nothing but blocked addresses gives this error
    and not a summary of several; `reason` is the sentence's end for people.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(errno.EACCES, "refused by our address rules")
        self.address = address
        self.reason = reason


class AddressRules:
    """Decides about each address when we connect to it, after DNS, so nothing can change in between."""

    def __init__(
        self,
        allowed_private: Sequence[Network] = (),
        *,
        ports: Collection[int] = WEB_PORTS,
        only_private: bool = False,
    ) -> None:
        """`only_private` is for plain http: nothing but `allowed_private` may be reached."""
        self._allowed = tuple(allowed_private)
        self._ports = frozenset(ports)
        self._only_private = only_private

    def refusal(self, host: str, port: int) -> str | None:
        """Why we do not connect, as the end of a sentence about the server; None where we do.

        `host` is an address as text. The admin's own networks are open on every port.
        """
        try:
            address = ip_address(host)
        except ValueError:
            return "has no usable address"
        if any(address in network for network in self._allowed):
            return None
        if why := denial(address):
            return f"has an address that {why}"
        if self._only_private:
            return "is asked for without TLS"
        return None if port in self._ports else f"is asked for on port {port}, which is not a web port"

    def open_socket(self, info: AddrInfo) -> socket.socket:
        """A socket for this address; raises `BlockedAddress`. aiohttp calls it with the final address."""
        family, kind, protocol, _, (host, port, *_rest) = info
        if reason := self.refusal(host, port):
            raise BlockedAddress(host, reason)
        return socket.socket(family, kind, protocol)
