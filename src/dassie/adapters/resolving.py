"""Names to addresses, in threads of our own, with a test resolver in front.

Looking a name up blocks its thread for as long as the name server likes; in the loop's shared threads
a few dead domains would hold up everything else that needs a thread.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from dassie.domain.errors import Invalid

THREADS = 16
MAX_ADDRESSES = 8
MAX_OVERRIDES = 1000
_OVERRIDE = re.compile(
    r"(?P<name>(?:\*\.)?[^\s=*]+)=(?P<b>\[)?(?P<host>(?(b)[0-9a-f:]+|[0-9.]+))(?(b)\])(:(?P<port>[0-9]{1,5}))?"
)

Overrides = Mapping[str, tuple[str, int | None]]
"""Host name → address, and the port to connect to where it is not the URL's. `*.name`: all names below it."""


def parse_overrides(text: str) -> dict[str, tuple[str, int | None]]:
    """The test resolver's table from `a.test=127.0.0.1:8443,b.test=[::1]:8444,*.c.test=127.0.0.1`.

    Only addresses of this machine are taken, so a setting left behind cannot send traffic elsewhere.
    Raises `Invalid`.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if len(entries) > MAX_OVERRIDES:
        raise Invalid(f"The test resolver takes at most {MAX_OVERRIDES} names")
    return dict(_parse_override(entry) for entry in entries)


class Resolver(AbstractResolver):
    """Looks names up. The connector caches what it gives; the address rules judge it."""

    def __init__(self, overrides: Overrides | None = None) -> None:
        self._overrides = {name.lower(): place for name, place in (overrides or {}).items()}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """At most 8 addresses; raises `OSError` where there is none."""
        if place := self._override(host.lower()):
            return [_result(host, place[0], place[1] or port)]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port, family)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no addresses")
        return [_result(host, address, port) for address in found[:MAX_ADDRESSES]]

    def _override(self, host: str) -> tuple[str, int | None] | None:
        """Where a name itself leads, else where the nearest `*.` above it does."""
        if not self._overrides:
            return None
        place = self._overrides.get(host)
        while place is None and (host := host.partition(".")[2]):
            place = self._overrides.get(f"*.{host}")
        return place

    async def close(self) -> None:
        """Lookups under way end on their own; nobody waits for them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int, family: int) -> list[str]:
    infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(place[0]) for *_, place in infos))


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _parse_override(entry: str) -> tuple[str, tuple[str, int | None]]:
    match = _OVERRIDE.fullmatch(entry)
    if match is None or not _is_loopback(match["host"]) or not 0 < int(match["port"] or 1) <= 65_535:
        raise Invalid(f"The test resolver needs name=127.0.0.1:port, not “{entry[:100]}”")
    return match["name"].lower(), (match["host"], int(match["port"]) if match["port"] else None)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
