"""From aiohttp's errors to `RemoteFailed`, with a sentence that tells an admin what to look at."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp import http_exceptions

from dassie.adapters.addresses import BlockedAddress
from dassie.domain.errors import RemoteFailed

_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EHOSTDOWN})
_BROKEN_OFF = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


@contextmanager
def failures_of(host: str) -> Iterator[None]:
    """Errors of the network inside the block become `RemoteFailed` about this host."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise _failed(host, exc) from exc


def too_large(host: str, max_bytes: int, code: int | None = None) -> RemoteFailed:
    return RemoteFailed(f"{host} sent more than {max_bytes} bytes", kind="too_large", code=code)


def _failed(host: str, exc: Exception) -> RemoteFailed:
    """Order matters: aiohttp's errors for TLS and DNS are also errors of connecting."""
    match exc:
        case aiohttp.ClientConnectorDNSError():
            return _name_failed(host, exc.os_error)
        case aiohttp.ClientSSLError():
            return RemoteFailed(f"{host}: {_tls_reason(exc)}", kind="tls")
        case aiohttp.ClientConnectorError():
            return _connect_failed(host, exc.os_error)
        case TimeoutError():
            return RemoteFailed(f"{host} did not take our connection in time", kind="timeout")
        case aiohttp.ServerDisconnectedError():
            return RemoteFailed(f"{host} closed the connection without an answer", kind="connect")
        case aiohttp.ClientPayloadError():
            return _payload_failed(host, exc)
        case aiohttp.ClientResponseError():
            return _answer_failed(host, exc)
        case aiohttp.InvalidURL():
            return RemoteFailed(f"“{host}” is not a server's address", kind="blocked_address")
        case ssl.SSLError():
            return RemoteFailed(f"{host} broke off the secure connection", kind="tls")
        case OSError():
            return _connect_failed(host, exc)
    return RemoteFailed(f"The connection to {host} failed", kind="connect")


def _name_failed(host: str, error: OSError) -> RemoteFailed:
    if error.errno == socket.EAI_AGAIN:
        return RemoteFailed(f"The name server did not answer when asked for {host}", kind="name", temporary=True)
    return RemoteFailed(f"The name server does not know {host}", kind="name")


def _connect_failed(host: str, error: OSError) -> RemoteFailed:
    if isinstance(error, BlockedAddress):
        return RemoteFailed(f"{host} {error.reason}", kind="blocked_address", address=error.address)
    if error.errno == errno.ECONNREFUSED:
        return RemoteFailed(f"{host} refused the connection", kind="connect")
    if error.errno in _UNREACHABLE:
        return RemoteFailed(f"There is no way to {host} from here", kind="connect")
    if error.errno == errno.ETIMEDOUT:
        return RemoteFailed(f"{host} did not take our connection in time", kind="timeout")
    if error.errno in _BROKEN_OFF:
        return RemoteFailed(f"{host} broke off the connection", kind="connect")
    return RemoteFailed(f"The connection to {host} failed", kind="connect")


def _tls_reason(exc: aiohttp.ClientSSLError) -> str:
    """The TLS library's words where it has checked the certificate; they say what is wrong with it."""
    error = exc.certificate_error if isinstance(exc, aiohttp.ClientConnectorCertificateError) else exc.os_error
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message.rstrip('.')})"
    reason = getattr(error, "reason", None)
    said = f" ({reason.replace('_', ' ').lower()})" if isinstance(reason, str) else ""
    return f"no secure connection could be made{said}"


def _payload_failed(host: str, exc: aiohttp.ClientPayloadError) -> RemoteFailed:
    if isinstance(_root_of(exc), http_exceptions.ContentEncodingError):
        return RemoteFailed(f"{host} sent an answer that cannot be unpacked", kind="malformed")
    return RemoteFailed(f"{host} broke off in the middle of its answer", kind="connect")


def _root_of(exc: BaseException) -> BaseException:
    return exc if exc.__cause__ is None else _root_of(exc.__cause__)


def _answer_failed(host: str, exc: aiohttp.ClientResponseError) -> RemoteFailed:
    # aiohttp 3.14 has no type of its own for too many headers
    if isinstance(_root_of(exc), http_exceptions.LineTooLong) or exc.message == "Too many headers received":
        return RemoteFailed(f"{host} sent headers that are too large", kind="too_large")
    return RemoteFailed(f"{host} sent something that is not HTTP", kind="malformed")
