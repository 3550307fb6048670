"""What went wrong, told as a page: the sentence, what to do next, and the number under which it is logged."""

from __future__ import annotations

from urllib.parse import quote

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
from dassie.web.answers import Answer, Data, Go, Headers, Html
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

CODES: list[tuple[type[DassieError], int]] = [
    (NotFound, 404),
    (Gone, 410),
    (NotAuthenticated, 401),
    (NotAllowed, 403),
    (BadRequest, 400),
    (TooLarge, 413),
    (Conflict, 409),
    (TooMany, 429),
    (Busy, 503),
    (RemoteFailed, 503),
    (Invalid, 422),
]


def code_of(error: DassieError) -> int:
    """The HTTP code of an expected error."""
    return next((code for kind, code in CODES if isinstance(error, kind)), 422)


async def explain(visit: Visit, error: DassieError) -> Answer:
    """The answer that goes with an error: a page, a line for htmx, JSON for a script, or the way to sign in."""
    if isinstance(error, NotAuthenticated) and visit.caller is None:
        return Go(_sign_in(visit))
    code = code_of(error)
    headers: Headers = []
    if isinstance(error, (TooMany, Busy)):
        headers.append(("retry-after", str(error.retry_after)))
    sentence, next_step = _words(error, code)
    return await answer(visit, code, sentence, next_step, headers)


async def answer(visit: Visit, code: int, sentence: str, next_step: str, headers: Headers) -> Answer:
    """The same fault in the form that was asked for."""
    if "json" in visit.request.headers.get("accept", ""):
        return Data({"error": sentence}, code, headers)
    if visit.fragment:
        return Html("", code, [*headers, ("x-said", quote(sentence))], fragment=True)
    async with visit.server.read() as tx:
        page = await visit.page(tx)
    values = {
        "code": code,
        "heading": heading(code),
        "sentence": sentence,
        "next_step": next_step,
        "request_id": visit.request.id if code >= 500 else "",
    }
    return visit.html("pages/error.html", page, http_code=code, headers=headers, **values)


def heading(code: int) -> str:
    """The title of an error's page."""
    return {
        400: _("This could not be read"),
        401: _("Please sign in"),
        403: _("This is not yours to do"),
        404: _("Nothing here"),
        409: _("Somebody was quicker"),
        410: _("It is gone"),
        413: _("Too large"),
        422: _("That does not work"),
        429: _("A little slower, please"),
        503: _("Not now"),
    }.get(code, _("Something broke"))


def _words(error: DassieError, code: int) -> tuple[str, str]:
    if isinstance(error, NotFound):
        return _("There is nothing at this address, or it is not for you to see."), ""
    if isinstance(error, Gone):
        return _("It was deleted by its author."), ""
    if isinstance(error, TooMany):
        minutes = max(error.retry_after // 60, 1)
        return _("That was a lot in a short time."), _("Try again in %(n)d minutes.") % {"n": minutes}
    return error.safe, ""


def _sign_in(visit: Visit) -> str:
    wanted = visit.request.target if visit.request.method == "GET" and not visit.fragment else "/home"
    return f"/auth/sign_in?next={quote(wanted, safe='')}"
