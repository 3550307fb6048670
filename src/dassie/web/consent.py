"""OAuth's pages: what an app may do, asked of the person; the code for apps that have no address to return to."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from dassie.domain.redirects import OUT_OF_BAND
from dassie.services import authorising
from dassie.services.authorising import Asked, BackToApp
from dassie.store import apps
from dassie.store.tx import Tx
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.scopes import groups
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

FIELDS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
)


@page("/oauth/authorize", signed_in=True)
async def ask(visit: Visit) -> Answer:
    """Ask the person; somebody who gave this app the same before is sent on at once, unless the app asks to be
    asked for again (`force_login`), so that another account can be chosen."""
    try:
        async with visit.server.read() as tx:
            asked = await _asked(tx, visit)
            known = await authorising.already_granted(tx, visit.user, asked)
            around = await visit.page(tx)
    except BackToApp as error:
        return _refused(error)
    at_once = known and not visit.params.flag("force_login")
    if at_once and not asked.out_of_band and asked.response_mode != "form_post":
        return await _grant(visit, asked)
    html = visit.html(
        "pages/consent.html",
        around,
        app_name=asked.app.name,
        app_website=asked.app.website,
        returns_to=returns_to(asked.redirect_uri),
        scopes=groups(asked.scopes),
        hidden={name: visit.params[name] for name in FIELDS if name in visit.params},
        again=visit.request.target,
    )
    html.form_action = origin(asked.redirect_uri)
    return html


@form("/oauth/authorize")
async def decide(visit: Visit) -> Answer:
    """What the person decided goes back to the app."""
    try:
        async with visit.server.read() as tx:
            asked = await _asked(tx, visit)
    except BackToApp as error:
        return _refused(error)
    if visit.params.get("decision") == "allow":
        return await _grant(visit, asked)
    words = "The resource owner or authorization server denied the request."
    return await _back(visit, asked, {"error": "access_denied", "error_description": words})


@page("/oauth/authorize/native", signed_in=True)
async def show_code(visit: Visit) -> Answer:
    """The code, to be copied into the app."""
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    code = (visit.params.text("code") or "")[:100]
    return visit.html("pages/code.html", around, headers=[("cache-control", "no-store")], code=code)


async def _asked(tx: Tx, visit: Visit) -> Asked:
    sent = {name: visit.params.text(name, most=5000) for name in FIELDS}
    return await authorising.check_request(
        tx,
        client_id=sent["client_id"] or "",
        redirect_uri=sent["redirect_uri"] or "",
        response_type=sent["response_type"] or "",
        scope=sent["scope"] or "",
        state=sent["state"],
        code_challenge=sent["code_challenge"],
        code_challenge_method=sent["code_challenge_method"],
        response_mode=sent["response_mode"],
    )


async def _grant(visit: Visit, asked: Asked) -> Answer:
    async with visit.server.write() as tx:
        code = await authorising.grant_code(tx, visit.user, asked)
    return await _back(visit, asked, {"code": code})


async def _back(visit: Visit, asked: Asked, answer: dict[str, str]) -> Answer:
    if asked.out_of_band:
        return Go(f"/oauth/authorize/native?code={answer['code']}" if "code" in answer else "/home")
    if asked.response_mode != "form_post":
        return Go(asked.address(**answer))
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    html = visit.html(
        "pages/hand_over.html",
        around,
        headers=[("cache-control", "no-store")],
        app_name=asked.app.name,
        address=asked.redirect_uri,
        fields=asked.fields(**answer),
    )
    html.form_action = origin(asked.redirect_uri)
    return html


def _refused(error: BackToApp) -> Answer:
    if error.asked.out_of_band:
        raise error
    return Go(error.asked.address(**error.answer))


async def may_end_at(tx: Tx, address: str) -> str:
    """The source that a form which leads to this page of ours may end at besides.

    Where an app asks for consent, who gave it before is sent on to the app at once: browsers hold every redirect of
    a form, such as that of signing in, against the policy of the page it was on.
    """
    path, _found, query = address.partition("?")
    if path != "/oauth/authorize":
        return ""
    sent = dict(parse_qsl(query))
    app = await apps.by_client_id(tx, sent.get("client_id", ""))
    redirect_uri = sent.get("redirect_uri", "")
    return origin(redirect_uri) if app is not None and redirect_uri in app.redirect_uris else ""


def returns_to(redirect_uri: str) -> str:
    """Where the browser goes afterwards, as a person reads it."""
    parts = urlsplit(redirect_uri)
    if redirect_uri == OUT_OF_BAND:
        return _("This page shows a code to copy")
    return parts.netloc if parts.scheme in ("http", "https") else _("The app on this device (%s:)") % parts.scheme


def origin(redirect_uri: str) -> str:
    """The source that Content-Security-Policy must let forms end at."""
    parts = urlsplit(redirect_uri)
    if redirect_uri == OUT_OF_BAND:
        return ""
    netloc = parts.netloc.rpartition("@")[2]
    safe = netloc.isascii() and not any(sign in netloc for sign in " ;,'\"")
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{netloc}" if safe else ""
    return f"{parts.scheme}:"
