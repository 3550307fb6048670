"""Routes of the file door, and its refusals. Handlers send their answers themselves, piece by piece."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from dassie.domain.errors import Busy, DassieError, Invalid, NotAllowed, NotFound, RemoteFailed, TooMany
from dassie.door.limits import Limits
from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.server import Server

log = structlog.get_logger("files")

F = TypeVar("F", bound=Callable[..., Any])
ROUTES: list[Route] = []
SAFE = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "Content-Length, Content-Range, ETag"),
    ("cross-origin-resource-policy", "cross-origin"),
]
"""Whatever a file holds, it can run nothing; pages anywhere may show it."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looks at a file."""

    server: Server
    request: Request
    limits: Limits


class Files:
    """Answers requests for files."""

    def __init__(self) -> None:
        self.limits = Limits()

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        try:
            values = {name: request.params[name] for name in route.rules["names"]}
            await route.handler(Look(server, request, self.limits), **values)
        except DassieError as error:
            if request.answered:
                log.info("a file broke off", path=request.path, why=error.safe)
                return  # without an end, so that half a file does not look like a whole one
            await _refuse(request, error)
        except Exception as error:
            if request.answered:
                raise
            log.exception("a file could not be served", path=request.path, error=str(error))
            words = f"Something went wrong here. It is logged as {request.id}."
            await request.reply(
                500, words.encode(), "text/plain; charset=utf-8", [*SAFE, ("cache-control", "no-store")]
            )


FILES = Files()


def get(path: str) -> Callable[[F], F]:
    """Register a file's address."""

    def register(handler: F) -> F:
        names = list(inspect.signature(handler).parameters)[1:]
        ROUTES.append(Route(frozenset({"GET", "HEAD"}), path, handler, FILES, {"names": names}))
        return handler

    return register


async def _refuse(request: Request, error: DassieError) -> None:
    headers = [*SAFE, ("cache-control", "public, max-age=60")]
    if isinstance(error, (TooMany, Busy)):
        headers = [*SAFE, ("cache-control", "no-store"), ("retry-after", str(error.retry_after))]
    await request.reply(_code(error), error.safe.encode(), "text/plain; charset=utf-8", headers)


def _code(error: DassieError) -> int:
    match error:
        case NotFound() | Invalid():
            return 404
        case NotAllowed():
            return 403
        case RemoteFailed():
            return 404 if error.kind == "content_type" else 502
        case TooMany():
            return 429
        case Busy():
            return 503
        case _:
            return 400
