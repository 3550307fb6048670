"""The route table: from method and path to a handler, in a few dictionary look-ups.

Patterns: `/api/v1/statuses/{id}`, `/@{username}`, `/@{username}.rss`, `/system/{key:rest}`. A literal segment
wins over one with a prefix, that over a bare name, that over the rest of the path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from dassie.door.request import Request
from dassie.server import Server

Send = Callable[[Any], Awaitable[None]]
Handler = Callable[..., Awaitable[Any]]


class Door(Protocol):
    """A way in: turns a request into a call of the route's handler and its result or error into an answer."""

    async def answer(self, server: Server, route: Route, request: Request) -> None: ...


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of the table."""

    methods: frozenset[str]
    path: str
    handler: Handler
    door: Door
    rules: dict[str, Any] = field(default_factory=dict)
    """What the door wants to know: scope, limits, whether files may come …

    `accept: activity` means that this is the answer to those who want an ActivityPub document at this path;
    another route may have the page.
    """


ACTIVITY = "activity"


def choose(routes: dict[str, Route], method: str, *, activity: bool) -> Route | None:
    """The route for this method; the document's where `activity` is wanted and there is one."""
    variants = (f"{ACTIVITY} {method}", method) if activity else (method, f"{ACTIVITY} {method}")
    return routes.get(variants[0]) or routes.get(variants[1])


def methods_of(routes: dict[str, Route]) -> set[str]:
    """The methods that a path takes."""
    return {method for route in routes.values() for method in route.methods}


class _Node:
    __slots__ = ("children", "patterns", "rest", "routes")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.patterns: list[tuple[str, str, str, _Node]] = []  # prefix, name, suffix
        self.rest: tuple[str, dict[str, Route]] | None = None
        self.routes: dict[str, Route] = {}


class RouteTable:
    """All routes of the running server."""

    def __init__(self) -> None:
        self._root = _Node()
        self.routes: list[Route] = []

    def add(self, route: Route) -> None:
        """Put a route in; two for the same method and path are a mistake."""
        node = self._root
        for segment in route.path.strip("/").split("/"):
            if segment.endswith(":rest}"):
                if node.rest is None:
                    node.rest = (segment[1 : -len(":rest}")], {})
                self._fill(node.rest[1], route)
                return
            node = self._step(node, segment)
        self._fill(node.routes, route)

    def _fill(self, routes: dict[str, Route], route: Route) -> None:
        for method in route.methods:
            key = f"{ACTIVITY} {method}" if route.rules.get("accept") == ACTIVITY else method
            if key in routes:
                raise RuntimeError(f"two routes for {key} {route.path}")
            routes[key] = route
        self.routes.append(route)

    def _step(self, node: _Node, segment: str) -> _Node:
        if "{" not in segment:
            return node.children.setdefault(segment, _Node())
        prefix, _, rest = segment.partition("{")
        name, _, suffix = rest.partition("}")
        for known in node.patterns:
            if known[:3] == (prefix, name, suffix):
                return known[3]
        child = _Node()
        node.patterns.append((prefix, name, suffix, child))
        node.patterns.sort(key=lambda p: -(len(p[0]) + len(p[2])))
        return child

    def match(self, path: str) -> tuple[dict[str, Route], dict[str, str]] | None:
        """The routes (by method, see `choose`) of a path and the values of its names; None where nothing is there."""
        segments = path.strip("/").split("/")
        params: dict[str, str] = {}
        found = self._walk(self._root, segments, 0, params)
        return (found, params) if found else None

    def _walk(self, node: _Node, segments: list[str], at: int, params: dict[str, str]) -> dict[str, Route] | None:
        if at == len(segments):
            return node.routes or None
        segment = segments[at]
        child = node.children.get(segment)
        if child is not None and (found := self._walk(child, segments, at + 1, params)):
            return found
        for prefix, name, suffix, child in node.patterns:
            end = len(segment) - len(suffix)
            if end > len(prefix) and segment.startswith(prefix) and segment.endswith(suffix):
                params[name] = segment[len(prefix) : end]
                if found := self._walk(child, segments, at + 1, params):
                    return found
                del params[name]
        if node.rest is not None:
            params[node.rest[0]] = "/".join(segments[at:])
            return node.rest[1]
        return None
