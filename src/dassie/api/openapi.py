"""The API described for programs, OpenAPI 3.1: made of the routes, what they declare, and what they answer with."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from dassie import __version__
from dassie.api import asking
from dassie.api.entities.shapes import Error
from dassie.api.routing import API, ROUTES, Call, Reply, get
from dassie.api.schemas import Schema, Schemas
from dassie.domain.etags import etag_of
from dassie.domain.scopes import ALL
from dassie.door.routing import Route
from dassie.door.taking import Take

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ERRORS = {
    400: ("BadRequest", "It cannot be read"),
    401: ("NotAuthenticated", "The token is missing or not valid"),
    403: ("NotAllowed", "The token does not allow it, or the person may not"),
    404: ("NotFound", "It is not there, or not for the caller"),
    422: ("Invalid", "What was sent cannot be accepted, or the call needs a person's token"),
    429: ("TooMany", "Too many calls: `Retry-After` says how many seconds to wait"),
    503: ("Busy", "Not now; or a server that was asked did not answer"),
}
SPELLING = """Parameters may come in the address, as a form, as a form in parts (multipart) or as JSON, also mixed.
Lists are `name[]` or an array, objects `name[part]` or an object. Ids are numbers of up to 19 digits, as text.
Answers carry `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`."""
HEADERS = {
    "Link": 'Where the list goes on: `rel="next"` is older, `rel="prev"` newer',
    "Deprecation": "Since when there is something better (RFC 9745)",
}


@get("/api/openapi.json", takes=[], content="application/vnd.oai.openapi+json;version=3.1")
async def describe(call: Call) -> Reply[dict[str, Any]]:
    """This description."""
    body, etag = _encoded(call.urls.base)
    headers = [("etag", etag), ("cache-control", "public, max-age=3600")]
    return Reply(body, headers=headers)  # type: ignore[arg-type]


@cache
def _encoded(base: str) -> tuple[bytes, str]:
    body = msgspec.json.encode(document(base))
    return body, etag_of(body)


def document(base: str) -> dict[str, Any]:
    """The whole description of a server at this address."""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    routes = sorted((route for route in ROUTES if route.door is API), key=lambda route: route.path)
    for route in routes:
        for method in METHODS:
            if method in route.methods:
                paths.setdefault(route.path, {})[method.lower()] = _operation(route, method, schemas, used)
    wrong = {"application/json": {"schema": schemas.of(Error)}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dassie",
            "version": __version__,
            "summary": "The client API of Mastodon, as this server has it.",
            "description": SPELLING,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": name, "description": about(name)} for name in sorted({group_of(one) for one in routes})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.entities.items())),
            "responses": {name: {"description": text, "content": wrong} for name, text in ERRORS.values()},
            "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
            "securitySchemes": {"token": _flows(base)},
        },
    }


def group_of(route: Route) -> str:
    """The module that a route's handler stands in: `scheduled_statuses`."""
    return route.handler.__module__.rpartition(".")[2]


def about(group: str) -> str:
    """What a module says of itself first."""
    return _first(sys.modules[f"dassie.api.{group}"])


def taken_by(route: Route) -> list[Take]:
    """What a route declares to take."""
    return list(route.rules["takes"].values())


def answered_by(route: Route) -> Any:
    """The type of what a route answers with."""
    hint = get_type_hints(route.handler, include_extras=True)["return"]
    return get_args(hint)[0] if get_origin(hint) is Reply else hint


def is_paged(route: Route) -> bool:
    """Whether its answers say in a Link header what comes before and after."""
    hint = get_type_hints(route.handler)["return"]
    takes = route.rules["takes"]
    return get_origin(hint) is Reply and "limit" in takes and bool(takes.keys() & {"max_id", "offset"})


def _operation(route: Route, method: str, schemas: Schemas, used: set[str]) -> Schema:
    takes = taken_by(route)
    operation: Schema = {
        "operationId": _unique(f"{group_of(route)}_{route.handler.__name__}", method, used),
        "summary": _first(route.handler),
        "tags": [group_of(route)],
        "responses": _responses(route, schemas),
    }
    if rest := (inspect.getdoc(route.handler) or "").partition("\n\n")[2]:
        operation["description"] = rest
    parameters = [asking.named(name, kind) for name, kind in route.rules["kinds"].items()]
    parameters += asking.headers(takes)
    takes = [take for take in takes if take.kind != "header"]
    if method in ("GET", "DELETE"):
        parameters += asking.queried(takes)
    elif takes:
        operation["requestBody"] = asking.body(takes)
    if parameters:
        operation["parameters"] = parameters
    if route.rules["deprecated"]:
        operation["deprecated"] = True
    return operation | _security(route)


def _unique(name: str, method: str, used: set[str]) -> str:
    """PATCH is what PUT is, and some things have two addresses: the second gets another name."""
    wanted = name if method != "PATCH" else f"{name}_by_patch"
    while wanted in used:
        wanted += "_too"
    used.add(wanted)
    return wanted


def _security(route: Route) -> Schema:
    scope: str = route.rules["scope"] or route.rules["checks"]
    if not scope and not route.rules["user"] and not route.rules["app"]:
        return {"security": [], "x-token": "none"}
    ways: list[Schema] = [{"token": [one]} for one in scope.rstrip("?").split("|")] if scope else [{"token": []}]
    if scope.endswith("?"):
        return {"security": [*ways, {}], "x-token": "optional"}
    user = route.rules["user"] or route.rules["checks"]
    return {"security": ways, "x-token": "user" if user else "app"}


def _responses(route: Route, schemas: Schemas) -> Schema:
    answer = answered_by(route)
    content = {route.rules["content"]: {"schema": {} if answer is bytes else schemas.of(answer)}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(route)}
    good: Schema = {"description": "It worked", "content": content}
    responses: Schema = {"200": good | {"headers": headers} if headers else good}
    responses |= {str(code): {"description": text, "content": content} for code, text in route.rules["codes"].items()}
    refusals = {str(code): {"$ref": f"#/components/responses/{ERRORS[code][0]}"} for code in sorted(_refusals(route))}
    return responses | refusals


def _headers(route: Route) -> Iterable[str]:
    if is_paged(route):
        yield "Link"
    if route.rules["deprecated"]:
        yield "Deprecation"


def _refusals(route: Route) -> set[int]:
    rules = route.rules
    codes = {429, 503}
    if rules["scope"] or rules["user"] or rules["app"] or rules["checks"]:
        codes.add(401)
    if rules["scope"]:
        codes.add(403)
    if rules["kinds"]:
        codes.add(404)
    if rules["takes"] or rules["user"]:
        codes |= {400, 422}
    return codes


def _flows(base: str) -> Schema:
    scopes = dict.fromkeys(ALL, "")
    token = f"{base}/oauth/token"
    return {
        "type": "oauth2",
        "description": "A token, sent as `Authorization: Bearer …`.",
        "flows": {
            "authorizationCode": {"authorizationUrl": f"{base}/oauth/authorize", "tokenUrl": token, "scopes": scopes},
            "clientCredentials": {"tokenUrl": token, "scopes": scopes},
        },
    }


def _first(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")
