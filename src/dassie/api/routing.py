"""The door of the client API: routes, who calls, what comes in, and errors as JSON.

A handler gets a `Call` and the names of its path; it returns what is to be encoded (a struct, a list of
pre-encoded parts, a dict) or a `Reply`. It raises the errors of `domain/errors.py`.
"""

from __future__ import annotations

import inspect
import re
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import unquote_plus

import msgspec
import structlog

from dassie.api.paging import Page, read_page
from dassie.domain.errors import (
    BadRequest,
    Busy,
    Conflict,
    DassieError,
    Gone,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RemoteFailed,
    TooLarge,
    TooMany,
)
from dassie.domain.etags import etag_of, has_it
from dassie.domain.ids import parse_id
from dassie.domain.scopes import allows
from dassie.domain.urls import Urls
from dassie.door.faults import no_room
from dassie.door.forms import Params, Undeclared, read_params
from dassie.door.limits import API_ANONYMOUS, API_TOKEN, API_USER, PAGING, Limit, Limits, Standing
from dassie.door.presence import Presence
from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.door.taking import Take
from dassie.server import Server
from dassie.services import presence, watching
from dassie.store import logins
from dassie.store.logins import Caller
from dassie.store.views import AccountView

log = structlog.get_logger("api")

F = TypeVar("F", bound=Callable[..., Any])
B = TypeVar("B")

Takes = Sequence[Take]
Codes = dict[int, str]
JSON = "application/json"

ROUTES: list[Route] = []
CORS_PATHS = ("/api/", "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/.well-known/", "/nodeinfo/")
EXPOSED = (
    "Link, Mastodon-Async-Refresh, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, "
    "Deprecation, ETag, Retry-After"
)
CORS = [
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    # The star does not stand for Authorization, and old browsers do not know it: the usual ones are named.
    ("access-control-allow-headers", "Authorization, Content-Type, Idempotency-Key, *"),
    ("access-control-expose-headers", EXPOSED),
    ("access-control-max-age", "86400"),
]
GUARDS = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
]
_PAGED = re.compile(r"(?:^|&)(?:page|max_id|min_id|since_id)=")
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Reply(Generic[B]):
    """An answer with more than a body."""

    body: B
    """What is to be encoded; bytes go out as they are."""
    code: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "application/json; charset=utf-8"


@dataclass(slots=True)
class Call:
    """One call of the API."""

    server: Server
    request: Request
    params: Params
    caller: Caller | None
    """Whose token it is, and what it allows; None without a token."""
    limits: Limits
    standing: Standing
    """How far the caller is within the tightest of the limits that this call counts against."""

    @property
    def urls(self) -> Urls:
        return self.server.urls

    @property
    def me(self) -> AccountView:
        """The account that calls; raises where the token has no user."""
        if self.caller is None or self.caller.account is None:
            raise Invalid("This method requires an authenticated user")
        return self.caller.account

    @property
    def viewer(self) -> Any:
        """The caller's account id, or None."""
        return self.caller.account.id if self.caller is not None and self.caller.account is not None else None

    def page(self, default: int, most: int) -> Page:
        """The part of a list that is asked for."""
        return read_page(self.params, default, most)

    def looked(self, statuses: Collection[int] = (), *, thread: int | None = None, profile: int | None = None) -> None:
        """The caller is given these statuses, the thread around one, or a profile: said once the answer is built."""
        watching.look(self.server, self.viewer, statuses, thread=thread, profile=profile)

    def limit(self, limit: Limit) -> None:
        """Count against a limit of the caller; raises `TooMany`."""
        who = str(self.viewer) if self.viewer is not None else self.request.client_group
        counted = self.limits.count(limit, who, self.server.clock.now())
        self.standing = min(self.standing, counted, key=_left)


class Api:
    """Answers API requests. One per process; the limits it holds are handed in by the app."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.presence = Presence()

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        cross = CORS if request.path.startswith(CORS_PATHS) else []
        params = Params({})
        standing: Standing | None = None
        call: Call | None = None
        try:
            caller, standing = await self._known(server, request)
            _check(route, caller)
            params = await self._params(server, route, request)
            values = _path_values(route, request.params)
            call = Call(server, request, params, caller, self.limits, standing)
            result = await route.handler(call, **values)
            reply: Reply[Any] = result if isinstance(result, Reply) else Reply(result)
            if reply.code == 0:
                return  # the handler answered itself: a stream
        except DassieError as error:
            reply = error_reply(error)
            standing = error.details.get("standing", standing)
        except Exception as error:
            if request.answered or isinstance(error, Undeclared):
                raise
            if full := no_room(error):
                log.warning("an API call was refused", path=request.path, why=full.safe)
                reply = error_reply(full)
            else:
                log.exception("an API call failed", path=request.path, error=str(error))
                reply = Reply({"error": f"Something went wrong here. It is logged as {request.id}."}, 500)
        finally:
            params.discard_files()
        if call is not None and standing is not None:
            standing = min(standing, call.standing, key=_left)
        headers = [*cross, *GUARDS, *_standing(standing), ("vary", "Authorization, Origin")]
        if deprecated := route.rules["deprecated"]:
            headers.append(("deprecation", deprecated))
        await _send(request, reply, headers)

    async def _known(self, server: Server, request: Request) -> tuple[Caller | None, Standing]:
        """Who calls, once the call is counted. Who comes with a bad token is counted as a stranger."""
        try:
            caller = await self._caller(server, request)
        except DassieError as error:
            standing = self._count(server, request, None)
            error.details = {"standing": standing, **error.details}
            raise
        return caller, self._count(server, request, caller)

    async def _caller(self, server: Server, request: Request) -> Caller | None:
        token = bearer(request)
        if token is None:
            return None
        async with server.read() as tx:
            caller = await logins.by_token(tx, token)
        if caller is None:
            raise NotAuthenticated
        if caller.disabled:
            raise NotAllowed("Your login is currently disabled")
        if self.presence.due(caller.token_id, server.clock.now()):
            await presence.note(server, caller, request.client)
        return caller

    def _count(self, server: Server, request: Request, caller: Caller | None) -> Standing:
        now = server.clock.now()
        if caller is None:
            who = request.client_group
            counted = [(API_ANONYMOUS, who)]
        else:
            who = str(caller.token_id)
            counted = [(API_TOKEN, who)]
            if caller.account is not None:
                self.limits.lives_here(request.client_group, now)
                who = f"account {caller.account.id}"
                counted.append((API_USER, who))
        if _PAGED.search(request.query):
            counted.append((PAGING, who))
        return min((self.limits.count(limit, whose, now) for limit, whose in counted), key=_left)

    async def _params(self, server: Server, route: Route, request: Request) -> Params:
        upload = int(route.rules.get("upload", 0))
        folder = Path(server.config.data) / "tmp" if upload else Path(tempfile.gettempdir())
        declared = route.rules["takes"]
        return await read_params(request, upload_limit=upload, folder=folder, declared=declared)


API = Api()


def _route(methods: frozenset[str], path: str, takes: Takes, **rules: Any) -> Callable[[F], F]:
    rules = {"app": False, "checks": "", "codes": {}, "content": JSON, "upload": 0} | rules
    rules["takes"] = {take.name: take for take in takes}

    def register(handler: F) -> F:
        signature = inspect.signature(handler)
        names = list(list(signature.parameters)[1:])
        kinds = {name: str(signature.parameters[name].annotation) for name in names}
        ROUTES.append(Route(methods, path, handler, API, {**rules, "kinds": kinds}))
        return handler

    return register


def get(
    path: str,
    *,
    scope: str = "",
    user: bool | None = None,
    takes: Takes = (),
    app: bool = False,
    checks: str = "",
    codes: Codes | None = None,
    content: str = JSON,
    deprecated: str = "",
) -> Callable[[F], F]:
    """Register a reading endpoint. `scope` as in the table of endpoints (`read:bookmarks`, `a|b`, `a?` for
    "checked when a token is sent"); one without `?` needs a user, unless `user=False` (an app's token is enough).
    `takes` declares what may be asked (door/taking.py), `app` that any token will do, `checks` a scope that the
    handler itself looks for, `codes` what an answer with another code means, `content` what an answer is that is no
    JSON, `deprecated` since when there is something better (RFC 9745)."""
    said = {"app": app, "checks": checks, "codes": codes or {}, "content": content, "deprecated": deprecated}
    return _route(frozenset({"GET", "HEAD"}), path, takes, scope=scope, user=_needs_user(scope, user), **said)


def post(
    path: str,
    *,
    scope: str = "",
    user: bool | None = None,
    upload: int = 0,
    takes: Takes = (),
    codes: Codes | None = None,
    deprecated: str = "",
) -> Callable[[F], F]:
    """Register a changing endpoint. `upload`: the most bytes of a file, 0 where files are not taken."""
    said = {"upload": upload, "codes": codes or {}, "deprecated": deprecated}
    return _route(frozenset({"POST"}), path, takes, scope=scope, user=_needs_user(scope, user), **said)


def put(
    path: str,
    *,
    scope: str = "",
    user: bool | None = None,
    upload: int = 0,
    takes: Takes = (),
    codes: Codes | None = None,
    deprecated: str = "",
) -> Callable[[F], F]:
    """Register an update: PUT and PATCH are the same everywhere."""
    said = {"upload": upload, "codes": codes or {}, "deprecated": deprecated}
    return _route(frozenset({"PUT", "PATCH"}), path, takes, scope=scope, user=_needs_user(scope, user), **said)


def delete(
    path: str, *, scope: str = "", user: bool | None = None, takes: Takes = (), deprecated: str = ""
) -> Callable[[F], F]:
    """Register a removal."""
    needed = _needs_user(scope, user)
    return _route(frozenset({"DELETE"}), path, takes, scope=scope, user=needed, deprecated=deprecated)


def _needs_user(scope: str, user: bool | None) -> bool:
    return user if user is not None else bool(scope) and not scope.endswith("?")


def _check(route: Route, caller: Caller | None) -> None:
    scope: str = route.rules["scope"]
    if caller is None:
        if route.rules["user"] or route.rules["app"] or (scope and not scope.endswith("?")):
            raise NotAuthenticated
        return
    if scope and not allows(caller.scopes, scope.rstrip("?")):
        raise NotAllowed("This action is outside the authorized scopes")
    if route.rules["user"] and caller.account is None:
        raise Invalid("This method requires an authenticated user")
    if route.rules["user"] and caller.user is not None and caller.user.waits_for:
        raise NotAllowed(caller.user.waits_for)


def _path_values(route: Route, params: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, kind in route.rules["kinds"].items():
        text = params[name]
        if kind.endswith("Id") or kind == "int":
            number = parse_id(text)
            if number is None:
                raise NotFound
            values[name] = number
        else:
            values[name] = text
    return values


async def _send(request: Request, reply: Reply[Any], headers: list[tuple[str, str]]) -> None:
    """Send an answer. What anybody may keep has a tag, so that who asks again is told when it is still the same."""
    body = reply.body if isinstance(reply.body, bytes) else encode(reply.body)
    kept = next((value for name, value in reply.headers if name == "cache-control"), "")
    reading = request.method in ("GET", "HEAD") and reply.code == 200
    if not kept:
        kept = "public, max-age=15" if reading and bearer(request) is None else "private, no-store"
        headers.append(("cache-control", kept))
    headers += reply.headers
    if reading and kept.startswith("public"):
        tag = next((value for name, value in reply.headers if name == "etag"), "")
        if not tag:
            tag = etag_of(body)
            headers.append(("etag", tag))
        if has_it(request.headers.get("if-none-match", ""), tag):
            await request.start(304, headers)
            await request.finish()
            return
    await request.reply(reply.code, body, reply.content_type, headers)


def bearer(request: Request) -> str | None:
    """The token a request carries: in the header, in the query, or as the WebSocket's protocol, in this order."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    if "access_token=" in request.query:
        for part in request.query.split("&"):
            if part.startswith("access_token=") and (found := unquote_plus(part.removeprefix("access_token="))):
                return found
    if request.is_socket:
        return request.headers.get("sec-websocket-protocol", "").partition(",")[0].strip() or None
    return None


def encode(value: Any) -> bytes:
    """JSON of structs, dicts and lists; `msgspec.Raw` parts go in as they are."""
    return _encode(value)


def error_reply(error: DassieError) -> Reply[dict[str, Any]]:
    """The one table from error to the API's answer (limits_and_rules section 5)."""
    body: dict[str, Any] = {"error": error.safe}
    headers: list[tuple[str, str]] = []
    match error:
        case NotFound():
            code = 404
        case Gone():
            code = 410
        case NotAuthenticated():
            code = 401
            headers.append(("www-authenticate", 'Bearer realm="dassie", error="invalid_token"'))
        case NotAllowed():
            code = 403
        case BadRequest():
            code = 400
        case TooLarge():
            code = 413
        case Conflict():
            code = 409
        case TooMany():
            code = 429
            headers.append(("retry-after", str(error.retry_after)))
        case Busy():
            code = 503
            headers.append(("retry-after", str(error.retry_after)))
        case RemoteFailed():
            code = 503
        case Invalid():
            code = 422
            if error.fields:
                body["details"] = {
                    name: [{"error": kind, "description": text} for kind, text in problems]
                    for name, problems in error.fields.items()
                }
        case _:
            code = 422
    body.update(error.details.get("body", {}))
    return Reply(body, code, headers)


def _left(standing: Standing) -> int:
    return standing.remaining


def _standing(standing: Standing | None) -> list[tuple[str, str]]:
    if standing is None:
        return []
    return [
        ("x-ratelimit-limit", str(standing.limit)),
        ("x-ratelimit-remaining", str(standing.remaining)),
        ("x-ratelimit-reset", _reset(standing.reset)),
    ]


@lru_cache(maxsize=64)
def _reset(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # the same for everybody until the window ends
