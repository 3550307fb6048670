"""The door for other servers: documents out, activities in, errors as short JSON.

What everybody may read is kept ready for a moment (answers.py), and every document has an ETag.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import structlog

from dassie.domain.errors import (
    BadRequest,
    Busy,
    DassieError,
    Gone,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TooMany,
)
from dassie.door.faults import no_room
from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.federation.answers import Answers, Made, Ready
from dassie.federation.storms import Storms
from dassie.server import PerServer, Server

log = structlog.get_logger("federation")

F = TypeVar("F", bound=Callable[..., Any])
ROUTES: list[Route] = []
ACTIVITY_JSON = "application/activity+json; charset=utf-8"
GUARDS = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
]
MAX_QUERY = 600
"""A longer query is answered, but the answer is not kept."""
CORS = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "Link, X-Request-Id")]
"""Documents are public and no cookie counts here, so apps in browsers may read them."""


@dataclass(slots=True)
class Visit:
    """A request by another server, or by anybody who reads documents."""

    server: Server
    request: Request


@dataclass(slots=True)
class Document:
    """An answer. Bytes go out as they are, anything else as JSON."""

    body: Any
    code: int = 200
    content_type: str = ACTIVITY_JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    shows: tuple[int, ...] | None = None
    """The statuses and accounts it is made of, what was asked for first: everybody may read it, and it is the same
    until one of these changes. None: it is for who asked, and is made anew each time."""


class Shield:
    """What the door of this running server remembers."""

    def __init__(self, server: Server) -> None:
        self.answers = Answers(server.clock.monotonic)
        self.storms = Storms(server.counters)


shield_of = PerServer(Shield)
"""The shield of this running server."""


class Federation:
    """Answers other servers."""

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        if request.method in ("GET", "HEAD"):
            await self._read(server, route, request)
        else:
            await self._ready(request, await self._document(server, route, request)).send(request)

    async def _read(self, server: Server, route: Route, request: Request) -> None:
        """A document: one kept ready, where who asks makes no difference."""
        counters = server.counters
        if not _kept_ready(server, request):
            await self._ready(request, await self._document(server, route, request)).send(request)
            return
        shield = shield_of(server)
        key = (request.path, request.query)
        made = shield.answers.fresh(key)
        if made is not None:
            counters.add("surge.from_memory")
        else:
            made, waited = await shield.answers.get(key, lambda: self._made(server, route, request))
            if waited:
                counters.add("surge.coalesced")
        if made.shows:
            shield.storms.saw(made.shows[0], server.clock.monotonic())
        if not await made.ready.send(request):
            counters.add("surge.not_modified")

    async def _made(self, server: Server, route: Route, request: Request) -> Made:
        document = await self._document(server, route, request)
        return Made(self._ready(request, document), document.shows)

    def _ready(self, request: Request, document: Document) -> Ready:
        body = document.body if isinstance(document.body, bytes) else msgspec.json.encode(document.body)
        reading = request.method in ("GET", "HEAD")
        headers = [*document.headers, *(CORS if reading else []), *GUARDS]
        return Ready(document.code, body, document.content_type, headers, tagged=reading and document.code == 200)

    async def _document(self, server: Server, route: Route, request: Request) -> Document:
        try:
            document: Document = await route.handler(Visit(server, request), **_values(route, request))
            return document
        except DassieError as error:
            document = _refusal(error)
            if document.code not in (404, 410):
                known = {"path": request.path, "code": document.code, "why": error.safe}
                log.info("refused", **(_loggable(error) | known))
        except Exception as error:
            if full := no_room(error):
                log.warning("refused", path=request.path, code=503, why=full.safe)
                document = _refusal(full)
            else:
                log.exception("a federation request failed", path=request.path, error=str(error))
                document = Document({"error": f"Something went wrong here. It is logged as {request.id}."}, 500)
        return document


FEDERATION = Federation()


def _kept_ready(server: Server, request: Request) -> bool:
    """Whether who asks makes no difference, and what is asked for is a document rather than a page."""
    if server.config.authorized_fetch or len(request.query) > MAX_QUERY:
        return False
    return "html" not in request.headers.get("accept", "")


def get(path: str, *, accept: str = "") -> Callable[[F], F]:
    """Register a document for other servers; with accept="activity" beside a page of the same address."""
    return _route(frozenset({"GET", "HEAD"}), path, {"accept": accept} if accept else {})


def post(path: str) -> Callable[[F], F]:
    """Register an inbox."""
    return _route(frozenset({"POST"}), path, {})


def _route(methods: frozenset[str], path: str, rules: dict[str, Any]) -> Callable[[F], F]:
    def register(handler: F) -> F:
        names = list(inspect.signature(handler).parameters)[1:]
        ROUTES.append(Route(methods, path, handler, FEDERATION, {"names": names, **rules}))
        return handler

    return register


def _values(route: Route, request: Request) -> dict[str, str]:
    return {name: request.params[name] for name in route.rules["names"]}


def _refusal(error: DassieError) -> Document:
    headers: list[tuple[str, str]] = []
    if isinstance(error, (TooMany, Busy)):
        headers.append(("retry-after", str(error.retry_after)))
    codes: list[tuple[type[DassieError], int]] = [
        (NotFound, 404),
        (Gone, 410),
        (NotAuthenticated, 401),
        (NotAllowed, 403),
        (BadRequest, 400),
        (TooLarge, 413),
        (TooMany, 429),
        (Busy, 503),
    ]
    code = next((code for kind, code in codes if isinstance(error, kind)), 422)
    return Document({"error": error.safe}, code, "application/json; charset=utf-8", headers)


def _loggable(error: DassieError) -> dict[str, Any]:
    return {name: str(value)[:500] for name, value in error.details.items()}
