"""The one way out: `dassie.ports.Http` with aiohttp.

Every call has one deadline, a limit of bytes counted after unpacking, at most three redirects, and an
address that is checked when the connection is made, so no name, redirect or literal leads inwards. Here and
nowhere else it is decided whether a host is asked at all and how long its answer is waited for, and here it is
noted how it went (`dassie.store.hosts`).
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDict

from dassie.adapters.addresses import WEB_PORTS, AddressRules, Network
from dassie.adapters.http_bodies import Incoming, headers_of, read_aside, read_whole
from dassie.adapters.http_failures import failures_of
from dassie.adapters.http_limits import Deadline, HostSlots, KeptHosts
from dassie.adapters.http_sessions import Sessions, trusted_context
from dassie.adapters.http_urls import Target, redirected, target
from dassie.adapters.resolving import Overrides, Resolver
from dassie.domain.errors import RemoteFailed
from dassie.ports import Answer, Clock, Download, Sign
from dassie.store.hosts import Hosts

MAX_REDIRECTS = 3
FAIR_SHARE = 0.5
"""Of a host's usual patience; one that was given less has not failed, whoever asked was in a hurry."""
WISHES = frozenset({429, 503})
"""Codes with which `Retry-After` means us."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ONE_ORIGIN = frozenset({"authorization", "cookie", "signature", "signature-input"})


@dataclass(frozen=True, slots=True)
class _Ask:
    """What goes with a call on every hop."""

    method: str
    headers: Mapping[str, str]
    deadline: Deadline
    sign: Sign | None = None
    body: bytes | None = None
    lane: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


class HttpClient:
    """One per process. Opens its connections when first asked; close it at the end."""

    def __init__(
        self,
        user_agent: str,
        *,
        clock: Clock,
        hosts: Hosts | None = None,
        allowed_private: Sequence[Network] = (),
        resolver_overrides: Overrides | None = None,
        ssl_context: ssl.SSLContext | None = None,
        allowed_ports: Collection[int] = WEB_PORTS,
        allow_http: bool = False,
        per_host: int = 6,
        downloads_per_host: int = 3,
        total: int = 256,
        idle_hosts: int = 32,
        idle_seconds: float = 15.0,
        connect_seconds: float = 5.0,
        redirects: int = MAX_REDIRECTS,
    ) -> None:
        """`hosts` is shared with all who have to do with other servers; without it this client has its own.

        `allowed_private` networks are reached on any port and by plain http; all others need TLS.

        `resolver_overrides` only say where a name leads: the address rules apply to them too.
        """
        self._user_agent = user_agent
        self._clock = clock
        self._hosts = hosts or Hosts(clock)
        self._redirects = redirects
        self._plain_possible = allow_http or bool(allowed_private)
        self._slots = HostSlots(per_host, total)
        self._download_slots = HostSlots(downloads_per_host, total)
        self._sessions = Sessions(
            tls=ssl_context or trusted_context(),
            rules=AddressRules(allowed_private, ports=allowed_ports),
            plain_rules=AddressRules(allowed_private, ports=allowed_ports, only_private=not allow_http),
            kept_hosts=KeptHosts(clock, idle_hosts, idle_seconds),
            connect_seconds=connect_seconds,
            make_resolver=lambda: Resolver(resolver_overrides),
        )

    async def get(
        self,
        url: str,
        *,
        accept: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 1_000_000,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer, at most three redirects away. Unless it is 2xx only the start of its body is read."""
        first = target(url)
        deadline = Deadline(first.host, timeout)
        ask = _Ask("GET", {"Accept": accept}, deadline, sign, extra=headers or {})
        async with deadline.watch(), self._followed(first, ask) as (hop, response):
            ok = 200 <= response.status < 300
            body = await (read_whole(response, hop.host, max_bytes) if ok else read_aside(response))
            return Answer(response.status, hop.text, headers_of(response), body)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 0,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer; a redirect is returned as it came. Only the start of its body is read, unless it is 2xx and
        `max_bytes` says how long it may be."""
        hop = target(url)
        deadline = Deadline(hop.host, timeout)
        ask = _Ask("POST", {"Content-Type": content_type}, deadline, sign, body, extra=headers or {})
        async with deadline.watch(), self._sent(hop, ask, ask.extra) as response:
            whole = max_bytes > 0 and 200 <= response.status < 300
            body = await (read_whole(response, hop.host, max_bytes) if whole else read_aside(response))
            return Answer(response.status, hop.text, headers_of(response), body)

    @asynccontextmanager
    async def download(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int,
        timeout: float = 60.0,
    ) -> AsyncIterator[Download]:
        """Downloads have their own places per host, so that a large file holds up no post."""
        first = target(url)
        deadline = Deadline(first.host, timeout)
        ask = _Ask("GET", {"Accept": accept}, deadline, lane="download")
        async with AsyncExitStack() as stack:
            async with deadline.watch():
                hop, response = await stack.enter_async_context(self._followed(first, ask))
            facts = (response.status, hop.text, headers_of(response))
            yield Incoming(*facts, response, hop.host, max_bytes, deadline)

    async def close(self) -> None:
        """Closes all connections. Calls under way fail."""
        await self._sessions.close()

    @asynccontextmanager
    async def _followed(self, first: Target, ask: _Ask) -> AsyncIterator[tuple[Target, aiohttp.ClientResponse]]:
        """The first answer that is no redirect, and whence. Each hop is checked and signed anew."""
        hop, extra = first, ask.extra
        for _ in range(self._redirects + 1):
            async with self._sent(hop, ask, extra) as response:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or location is None:
                    yield hop, response
                    return
            onward = redirected(hop, location)
            extra = extra if onward.origin == hop.origin else _for_any_origin(extra)
            hop = onward
        raise RemoteFailed(f"{first.host} redirected us more than {self._redirects} times", kind="redirects")

    @asynccontextmanager
    async def _sent(self, hop: Target, ask: _Ask, extra: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request's answer; its body is dropped where nobody has read it to the end."""
        if hop.scheme == "http" and not self._plain_possible:
            raise RemoteFailed(f"{hop.host} is asked for without TLS", kind="blocked_address")
        self._hosts.check(hop.place)  # who is left in peace is not even waited for
        slots = self._download_slots if ask.lane == "download" else self._slots
        async with slots.slot(hop.host):
            headers = self._headers(hop, ask, extra)
            with self._hosts.asking(hop.place), failures_of(hop.host):
                response = await self._head(hop, ask, headers)
            try:
                yield response
            finally:
                _finish(response)

    async def _head(self, hop: Target, ask: _Ask, headers: CIMultiDict[str]) -> aiohttp.ClientResponse:
        """The answer up to its body. How that went is noted; deliveries have all the time their job gives them."""
        began, usual = self._clock.now(), self._hosts.patience(hop.place)
        ask.deadline.ask(hop.host, math.inf if ask.method == "POST" else usual)
        try:
            response = await self._request(hop, ask, headers)
        except asyncio.CancelledError:
            if ask.deadline.over_after(usual * FAIR_SHARE):
                self._hosts.failed(hop.place, ask.deadline.failure(), began=began)
            raise
        took = ask.deadline.answered()
        if response.status >= 500 or response.status == 429:
            self._hosts.failed(hop.place, self._trouble(hop, response), began=began)
        else:
            self._hosts.answered(hop.place, took if ask.method == "GET" else None)
        return response

    def _trouble(self, hop: Target, response: aiohttp.ClientResponse) -> RemoteFailed:
        code = response.status
        wish = Answer(code, hop.text, headers_of(response), b"").retry_after(self._clock.now())
        return RemoteFailed(
            f"{hop.host} answered {code}", kind="http", code=code, retry_after=wish if code in WISHES else None
        )

    async def _request(self, hop: Target, ask: _Ask, headers: CIMultiDict[str]) -> aiohttp.ClientResponse:
        """A POST is tried a second time on a fresh connection where a kept one had just been closed.

        aiohttp does so for GET. Sending an activity twice is harmless, since it keeps its id.
        """
        session = self._sessions.usual(hop)
        try:
            return await session.request(ask.method, hop.wire, headers=headers, data=ask.body, allow_redirects=False)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
            fresh = self._sessions.fresh(hop)
            if ask.method == "GET" or fresh is session or isinstance(exc, aiohttp.ClientConnectorError):
                raise
        return await fresh.request(ask.method, hop.wire, headers=headers, data=ask.body, allow_redirects=False)

    def _headers(self, hop: Target, ask: _Ask, extra: Mapping[str, str]) -> CIMultiDict[str]:
        """The caller's, then ours, then what proves who asks; the later ones win."""
        headers = CIMultiDict(extra)
        headers.update(ask.headers)
        headers["User-Agent"] = self._user_agent
        headers["Accept-Encoding"] = "identity" if ask.lane == "download" else "gzip, deflate"
        if ask.sign is not None:
            headers.update(ask.sign(ask.method, str(hop.wire), ask.body))
        return headers


def _for_any_origin(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Without what was meant for the first server only."""
    return {name: value for name, value in headers.items() if name.lower() not in _FOR_ONE_ORIGIN}


def _finish(response: aiohttp.ClientResponse) -> None:
    """Give the connection back, or cut it where something is still to come.

    Cut, not closed: a polite TLS goodbye would let the other side hold the socket for half a minute.
    """
    connection = response.connection
    if connection is not None and not response.content.is_eof() and connection.transport is not None:
        connection.transport.abort()
    response.close()
