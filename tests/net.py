"""Real sockets for tests: an own certificate authority, free ports, and a server that misbehaves on order.

ca = TestCa(tmp_path)
async with Peer(ca, "a.test") as peer:
    peer.on("/note", reply(b"{}", content_type="application/activity+json"))
    …                                     # https://a.test/note with `peer.overrides`
    assert peer.paths == ["/note"]
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = (ip_network("127.0.0.0/8"),)

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class TestCa:
    """A certificate authority in a folder. `bundle` is what SSL_CERT_FILE should name to trust it."""

    __test__ = False  # a helper, though its name looks like a test's

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bundle = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dassie test authority")])
        self._count = 0
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        own = _certificate(self._name, self._name, self._key.public_key(), timedelta(days=1))
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(usage, critical=True)
        own = own.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.bundle.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def issue(self, *names: str, valid_for: timedelta = timedelta(days=1)) -> tuple[Path, Path]:
        """PEM files of a new certificate for these names or addresses, and of its key.

        A negative `valid_for` gives one that has expired.
        """
        self._count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        draft = _certificate(subject, self._name, key.public_key(), valid_for)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        draft = draft.add_extension(issuer, critical=False)
        draft = draft.add_extension(x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False)
        certificate, secret = self.folder / f"{self._count}.crt", self.folder / f"{self._count}.key"
        certificate.write_bytes(_pem(draft.sign(self._key, hashes.SHA256())))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret

    def server_context(self, *names: str, valid_for: timedelta = timedelta(days=1)) -> ssl.SSLContext:
        """TLS for a server of these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.issue(*names, valid_for=valid_for))
        return context

    @cached_property
    def client_context(self) -> ssl.SSLContext:
        """TLS for a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.bundle))


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived. Header names are lower case; `target` is path and query, as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Peer:
    """A server on 127.0.0.1 for some names, with TLS unless `ca` is None. Unknown paths are 404."""

    def __init__(self, ca: TestCa | None, *names: str, tls: ssl.SSLContext | None = None) -> None:
        self.names = names
        self.seen: list[Seen] = []
        self.port = 0
        self._tls = tls or (ca.server_context(*names) if ca else None)
        self._behaviours: dict[str, Behaviour] = {}
        self._runner: web.AppRunner | None = None

    def on(self, path: str, behaviour: Behaviour) -> None:
        """From now on requests for `path` (without query) get this."""
        self._behaviours[path] = behaviour

    @property
    def overrides(self) -> dict[str, tuple[str, int | None]]:
        """For the client's test resolver: our names lead to our port."""
        return dict.fromkeys(self.names, ("127.0.0.1", self.port))

    @property
    def paths(self) -> list[str]:
        return [seen.target for seen in self.seen]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.raw_path, headers, await request.read()))
        behaviour = self._behaviours.get(request.path, reply(b"not here", code=404))
        return await behaviour(request)


def reply(
    body: bytes = b"",
    *,
    code: int = 200,
    content_type: str = "text/plain",
    headers: Mapping[str, str] | None = None,
    after: float = 0.0,
) -> Behaviour:
    """This answer, `after` seconds late."""

    async def behave(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(after)
        return web.Response(body=body, status=code, content_type=content_type, headers=headers)

    return behave


def redirect(to: str, *, code: int = 302) -> Behaviour:
    return reply(b"elsewhere", code=code, headers={"Location": to})


def hang() -> Behaviour:
    """Takes the request and never says a word."""

    async def behave(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    return behave


def reset(*, times: int = 1_000_000) -> Behaviour:
    """Cuts the connection (TCP reset) instead of answering; after so many times it answers 200."""
    left = times

    async def behave(request: web.Request) -> web.StreamResponse:
        nonlocal left
        if left:
            left -= 1
            _reset(request)
        return web.Response(body=b"at last")

    return behave


def drip(piece: bytes, *, every: float, times: int = 1_000_000) -> Behaviour:
    """A body that comes in small pieces, slowly."""

    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(times):
            await response.write(piece)
            await asyncio.sleep(every)
        return response

    return behave


def oversize(size: int, *, announced: bool) -> Behaviour:
    """A body of so many bytes, with a Content-Length or in chunks that do not say how many follow."""

    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(size)} if announced else None)
        await response.prepare(request)
        for start in range(0, size, 65_536):
            await response.write(bytes(min(65_536, size - start)))
        return response

    return behave


def gzip_bomb(size: int) -> Behaviour:
    """A small answer that unpacks to `size` bytes."""
    packed = gzip.compress(bytes(size))
    return reply(packed, headers={"Content-Encoding": "gzip"})


def broken_off(announced: int, sent: bytes) -> Behaviour:
    """Announces more bytes than it sends, then cuts the connection."""

    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(announced)})
        await response.prepare(request)
        await response.write(sent)
        assert request.transport is not None
        request.transport.close()
        return response

    return behave


def raw(data: bytes) -> Behaviour:
    """These bytes instead of an HTTP answer."""

    async def behave(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(data)
        request.transport.close()
        return web.Response()

    return behave


def _reset(request: web.Request) -> None:
    assert request.transport is not None
    sock = request.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, valid_for: timedelta
) -> x509.CertificateBuilder:
    ends = datetime.now(UTC) + valid_for
    starts = min(ends, datetime.now(UTC)) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
