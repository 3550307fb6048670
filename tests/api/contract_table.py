"""Our routes and their description, beside the rows of the table."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from contract_rows import Row
from dassie import app
from dassie.api import differences
from dassie.api.openapi import document
from dassie.api.routing import API
from dassie.door.routing import Route
from worlds import Got

WAITING = "POST /api/v1/emails/confirmations"
"""For people who are not let in yet, so the door asks for no more than a token."""
STREAMS = re.compile("SSE|frames")
_FORMATS = FormatChecker()


@cache
def _table() -> dict[tuple[str, str], Route]:
    app.load_modules()
    return {(method, _nameless(route.path)): route for route in app.route_table().routes for method in route.methods}


def route_of(row: Row) -> Route | None:
    """The route that serves a row; a WebSocket begins as a GET."""
    return _table().get(("GET" if row.method == "WS" else row.method, _nameless(row.path)))


def api_route(row: Row) -> Route | None:
    """The same, where it is one of the API's own door."""
    route = route_of(row)
    return route if route is not None and route.door is API else None


def _nameless(path: str) -> str:
    return re.sub(r":\w+|\{[^}]+\}", "{}", path)


def differs(row: Row, route: Route) -> list[str]:
    """Where a route declares something else than the table says."""
    rules, out = route.rules, []
    scope: str = rules["scope"] or rules["checks"]
    if row.method != "WS" and "+" not in row.scopes and row.path != "/api/v1/streaming":
        if auth_of(route) != row.auth and row.name != WAITING:
            out.append(f"needs {auth_of(route)}, not {row.auth}")
        if set(scope.split("|")) != set(row.scopes.split("|")):
            out.append(f"has the scopes {scope}, not {row.scopes}")
    passed_over = differences.NOT_TAKEN.get(f"{row.method} {route.path}", {})
    missing = set() if row.method == "WS" else row.takes - set(rules["takes"]) - set(passed_over)
    takes = rules["takes"]
    if row.sizes and (takes["limit"].default, takes["limit"].most) != row.sizes:
        out.append(f"has pages of {takes['limit']}, not {row.sizes}")
    for name, words in row.words().items():
        if name in takes and takes[name].words and set(takes[name].words) != words:
            out.append(f"has the words {takes[name].words} for {name}, not {words}")
    return out + ([f"does not take {sorted(missing)}"] if missing else [])


def auth_of(route: Route) -> str:
    """Whose token a route needs, in the table's words."""
    rules = route.rules
    if rules["user"] or rules["checks"]:
        return "user"
    return "app" if rules["app"] or (rules["scope"] and not rules["scope"].endswith("?")) else "none"


@cache
def _described() -> dict[str, Any]:
    """Our own description, with nothing allowed that it does not name."""
    app.load_modules()
    whole = document("https://here.test")
    for schema in whole["components"]["schemas"].values():
        schema["additionalProperties"] = False
    return whole


def misfits(method: str, path: str, got: Got) -> list[str]:
    """What of an answer our own description does not say."""
    responses = _described()["paths"][path][method.lower()]["responses"]
    response = responses.get(str(got.code))
    if response is None:
        return [f"nobody described the code {got.code}"]
    if "$ref" in response:
        response = _described()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"].get("application/json", {}).get("schema")
    if schema is None or "json" not in got.headers.get("content-type", ""):
        return []
    found = _validator(schema).iter_errors(got.json)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def _validator(schema: dict[str, Any]) -> Any:
    return Draft202012Validator(schema | {"components": _described()["components"]}, format_checker=_FORMATS)
