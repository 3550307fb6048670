"""Requests of other servers, as they were when they were signed."""

from __future__ import annotations

from dassie.door.request import Request
from dassie.federation.signatures import SignedRequest
from dassie.federation.vocab.values import host_of
from dassie.server import Server


def signed_request(server: Server, request: Request, body: bytes = b"") -> SignedRequest:
    """The request as the sender saw it: with our public scheme, and the host it was sent to."""
    scheme = server.urls.base.partition("://")[0]
    headers = {**request.headers, "host": request.host}
    return SignedRequest(request.method, request.target, f"{scheme}://{request.host}{request.target}", headers, body)


def own_hosts(server: Server) -> frozenset[str]:
    """The names under which we are signed to."""
    return frozenset({server.urls.domain, host_of(server.urls.base)})
