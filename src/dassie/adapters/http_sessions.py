"""aiohttp's sessions, opened when first needed: which connections stay open, and which close at once."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import aiohttp

from dassie.adapters.addresses import AddressRules
from dassie.adapters.http_limits import KeptHosts
from dassie.adapters.http_urls import Target
from dassie.adapters.resolving import Resolver

DNS_SECONDS = 60
DNS_ENTRIES = 1000
MAX_HEADER_BYTES = 8190
MAX_HEADERS = 128
READ_BYTES = 64 * 1024


def trusted_context() -> ssl.SSLContext:
    """Trust in the system's authorities, or in those of SSL_CERT_FILE and SSL_CERT_DIR where set."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass
class Sessions:
    """Three sessions that differ in their connections only: kept open, closed after use, and plain http."""

    tls: ssl.SSLContext
    rules: AddressRules
    plain_rules: AddressRules
    kept_hosts: KeptHosts
    connect_seconds: float
    make_resolver: Callable[[], Resolver]
    _resolver: Resolver | None = None
    _open: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    _closed: bool = False

    def __post_init__(self) -> None:
        if self.tls.verify_mode != ssl.CERT_REQUIRED or not self.tls.check_hostname:
            raise ValueError("certificates are always verified")

    def usual(self, hop: Target) -> aiohttp.ClientSession:
        """The session for a first try, which may take a connection that is still open."""
        if hop.scheme == "http":
            return self._session("plain")
        return self._session("kept" if self.kept_hosts.keep(hop.host) else "once")

    def fresh(self, hop: Target) -> aiohttp.ClientSession:
        """A session that opens a new connection."""
        return self._session("plain" if hop.scheme == "http" else "once")

    async def close(self) -> None:
        self._closed = True
        for session in self._open.values():
            await session.close()
        if self._resolver is not None:
            await self._resolver.close()

    def _session(self, name: str) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("the HTTP client is closed")
        if name not in self._open:
            self._open[name] = self._new_session(name)
        return self._open[name]

    def _new_session(self, name: str) -> aiohttp.ClientSession:
        """No cookies, no proxy or netrc from the environment, and no limits but our own slots."""
        return aiohttp.ClientSession(
            connector=self._connector(name),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=self.connect_seconds, sock_connect=self.connect_seconds),
            read_bufsize=READ_BYTES,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
        )

    def _connector(self, name: str) -> aiohttp.TCPConnector:
        if self._resolver is None:
            self._resolver = self.make_resolver()
        rules = self.plain_rules if name == "plain" else self.rules
        connector = partial(
            aiohttp.TCPConnector,
            ssl=self.tls,
            resolver=self._resolver,
            socket_factory=rules.open_socket,
            ttl_dns_cache=DNS_SECONDS,
            dns_cache_max_size=DNS_ENTRIES,
            limit=0,
        )
        if name == "kept":
            return connector(keepalive_timeout=self.kept_hosts.seconds)
        return connector(force_close=True)
