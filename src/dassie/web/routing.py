"""The door for people: pages and forms. Every unsafe request is checked for where it comes from; errors are pages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog

from dassie.domain.errors import DassieError, NotAllowed, NotFound
from dassie.domain.ids import parse_id
from dassie.door.faults import no_room
from dassie.door.forms import Params, read_params
from dassie.door.limits import API_USER, Limits
from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.server import Server
from dassie.services import presence
from dassie.store import logins, sessions
from dassie.store.logins import Caller
from dassie.web import answers, cookies, errors
from dassie.web.answers import Answer, Data, File, Go, Html, Moved
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

log = structlog.get_logger("web")

F = TypeVar("F", bound=Callable[..., Any])
ROUTES: list[Route] = []


class Web:
    """Answers browsers."""

    def __init__(self) -> None:
        self.limits = Limits()

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        """Call the handler and send what it gives, or what its error says."""
        visit = Visit(server, request, Params({}), None, "", self.limits)
        try:
            visit.caller, visit.session = await _caller(server, request, route)
            if visit.caller is not None:
                self.limits.lives_here(request.client_group, server.clock.now())
            visit.params = await self._params(server, route, request)
            if request.method == "POST":
                _check_source(visit)
                self.limits.count(API_USER, f"web:{visit.viewer or request.client_group}", server.clock.now())
            if route.rules.get("signed_in"):
                visit.me  # noqa: B018 - raises for guests
            answer = await route.handler(visit, **_values(route, request))
        except DassieError as error:
            answer = await errors.explain(visit, error)
        except Exception as error:
            if request.answered:
                raise
            if full := no_room(error):
                log.warning("a form was refused", path=request.path, why=full.safe)
                answer = await errors.explain(visit, full)
            else:
                log.exception("a page failed", path=request.path, error=str(error))
                answer = await _broken(visit)
        finally:
            visit.params.discard_files()
        await _send(server, request, answer)

    async def not_found(self, server: Server, request: Request) -> None:
        """The page for addresses that lead nowhere."""
        visit = Visit(server, request, Params({}), None, "", self.limits)
        visit.caller, visit.session = await _caller(server, request, None)
        await _send(server, request, await errors.explain(visit, NotFound()))

    async def _params(self, server: Server, route: Route, request: Request) -> Params:
        folder = Path(server.config.data) / "tmp"
        return await read_params(request, upload_limit=int(route.rules.get("upload", 0)), folder=folder)


WEB = Web()


def page(path: str, *, signed_in: bool = False) -> Callable[[F], F]:
    """Register a page. `signed_in` pages send guests to the sign-in page."""
    return _route(frozenset({"GET", "HEAD"}), path, signed_in=signed_in)


def form(path: str, *, signed_in: bool = True, upload: int = 0) -> Callable[[F], F]:
    """Register what a form does. `upload`: the most bytes of one file, 0 where none are taken."""
    return _route(frozenset({"POST"}), path, signed_in=signed_in, upload=upload)


def _route(methods: frozenset[str], path: str, **rules: Any) -> Callable[[F], F]:
    def register(handler: F) -> F:
        parameters = inspect.signature(handler).parameters
        kinds = {name: str(parameters[name].annotation) for name in list(parameters)[1:]}
        ROUTES.append(Route(methods, path, handler, WEB, {**rules, "kinds": kinds}))
        return handler

    return register


def _values(route: Route, request: Request) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, kind in route.rules["kinds"].items():
        text = request.params[name]
        number = parse_id(text) if kind.endswith("Id") or kind == "int" else text
        if number is None:
            raise NotFound
        values[name] = number
    return values


async def _caller(server: Server, request: Request, route: Route | None) -> tuple[Caller | None, str]:
    token = cookies.session_token(request, server.config)
    if not token:
        return None, ""
    async with server.read() as tx:
        found = await logins.by_session(tx, token)
        now = tx.now
    if found is None or found[0].disabled:
        return None, ""
    caller, used_at = found
    if now - used_at > sessions.TOUCHED_EVERY:
        await presence.note_session(server, caller, request.client)
    return caller, token


def _check_source(visit: Visit) -> None:
    """A form must come from a page of ours in this very browser; raises `NotAllowed` otherwise."""
    headers = visit.request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    ours = {urlsplit(visit.urls.base).netloc, visit.request.host}
    foreign = site not in (None, "same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in ours)
    bound_to = visit.session or visit.request.cookie("guest") or ""
    token = str(visit.params.get("token", ""))
    if foreign or not cookies.is_form_token(visit.server.secret, bound_to, token):
        log.info("a form was refused", path=visit.request.path, site=site, origin=origin)
        raise NotAllowed(
            _("This form is too old or does not come from this site. Go back, reload the page and send it again.")
        )


async def _broken(visit: Visit) -> Answer:
    sentence = _("Something went wrong here. It is logged as %(id)s.") % {"id": visit.request.id}
    try:
        return await errors.answer(visit, 500, sentence, "", [])
    except Exception as error:  # the database itself may be what is broken
        log.exception("an error page failed", error=str(error))
        return Data({"error": sentence}, 500)


async def _send(server: Server, request: Request, answer: Answer) -> None:
    match answer:
        case Html():
            await answers.send_html(request, answer)
        case Go():
            said = [cookies.set_said(server.config, answer.said)] if answer.said else []
            await answers.send_go(request, answer.to, [*answer.headers, *said])
        case Moved():
            await answers.send_moved(request, answer.to)
        case Data():
            await answers.send_data(request, answer)
        case File():
            await answers.send_file(request, answer)
