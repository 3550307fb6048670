"""The door for people: pages and forms. Grows with the pages; the answers to errors are pages too."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.server import Server

F = TypeVar("F", bound=Callable[..., Any])
ROUTES: list[Route] = []


class Web:
    """Answers browsers."""

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        names: list[str] = route.rules["names"]
        await route.handler(server, request, **{name: request.params[name] for name in names})

    async def not_found(self, server: Server, request: Request) -> None:
        await request.reply(404, b"There is nothing at this address.", "text/plain; charset=utf-8")


WEB = Web()


def route(methods: frozenset[str], path: str, **rules: Any) -> Callable[[F], F]:
    """Register the function below for these methods and this path."""

    def register(handler: F) -> F:
        names = list(inspect.signature(handler).parameters)[2:]
        ROUTES.append(Route(methods, path, handler, WEB, {**rules, "names": names}))
        return handler

    return register
