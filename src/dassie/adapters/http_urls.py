"""Addresses of the web as we ask for them: checked, without credentials, and the same text for all who look.

What is signed, sent and compared must be one text. So a URL is taken apart once, here, and put together
again from its parts; nothing is decoded or tidied on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

from yarl import URL

from dassie.domain.errors import RemoteFailed

MAX_URL_CHARS = 4096

_PARTS = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[^\[\]@]*\]|[^\[\]:@]*)(?::([0-9]{0,5}))?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_KEPT = "!$&'()*+,-./:;=?@[]_|~%"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address to ask."""

    text: str
    """As we were given it, without the fragment."""
    wire: URL
    """As it is sent and signed: ASCII only."""
    scheme: str
    host: str
    """Lower case, IDNA; an IPv6 address without brackets."""
    port: int

    @property
    def place(self) -> str:
        """The server: its host, with the port unless that is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def target(text: str) -> Target:
    """The address that `text` names; raises `RemoteFailed` of kind malformed or blocked_address."""
    parts = None if len(text) > MAX_URL_CHARS or _UNSAFE.search(text) else _PARTS.fullmatch(text)
    place = _AUTHORITY.fullmatch(parts[2]) if parts else None
    if parts is None or place is None:
        raise _unusable(text)
    scheme = parts[1].lower()
    host = _host(place[1], text)
    port = int(place[2] or _DEFAULT_PORTS[scheme])
    if not 1 <= port <= 65_535:
        raise _unusable(text)
    wire = _wire(scheme, host, port, parts[3] or "/", parts[4] or "", text)
    return Target(text.partition("#")[0], wire, scheme, host, port)


def redirected(hop: Target, location: str) -> Target:
    """Where a redirect leads, relative ones included; raises as `target` does."""
    try:
        return target(urljoin(hop.text, location))
    except ValueError:
        raise _unusable(location) from None


def _wire(scheme: str, host: str, port: int, path: str, query: str, text: str) -> URL:
    authority = f"[{host}]" if ":" in host else host
    if port != _DEFAULT_PORTS[scheme]:
        authority += f":{port}"
    try:
        return URL(f"{scheme}://{authority}{quote(path + query, safe=_KEPT)}", encoded=True)
    except ValueError:  # lone surrogates
        raise _unusable(text) from None


def _host(host: str, text: str) -> str:
    """The host in ASCII. One that ends in a number is an IPv4 address or nothing (WHATWG URL, hosts)."""
    try:
        if host.startswith("["):
            return str(IPv6Address(_without_scope(host[1:-1])))
        name = URL.build(scheme="https", host=host).raw_host or ""
    except ValueError:
        raise _unusable(text) from None
    if _HOST.fullmatch(name) is None:
        raise _unusable(text)
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and not _is_ipv4(name):
        raise RemoteFailed(f"“{name}” is not a server's address", kind="blocked_address")
    return name


def _without_scope(address: str) -> str:
    """A scope names a network card of ours; nobody else has a say in that."""
    if "%" in address:
        raise ValueError("scoped address")
    return address


def _is_ipv4(name: str) -> bool:
    try:
        return bool(IPv4Address(name))
    except ValueError:
        return False


def _unusable(text: str) -> RemoteFailed:
    shown = text[:100].encode("ascii", "replace").decode()
    return RemoteFailed(f"“{shown}” is not an address that we can ask", kind="malformed")
