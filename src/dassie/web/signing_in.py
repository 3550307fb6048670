"""Signing in and out, and claiming a new server."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from dassie.domain.errors import DassieError, Invalid, NotAllowed
from dassie.domain.usernames import check_username
from dassie.door import signing_in as door
from dassie.door.limits import SIGN_IN_ADDRESS
from dassie.services import claiming, keys, passwords, signing_in
from dassie.store import logins
from dassie.web import consent, cookies, errors
from dassie.web.answers import Answer, Go, Headers
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit, is_local


@page("/auth/sign_in")
async def sign_in_page(visit: Visit) -> Answer:
    """The form for name and password."""
    if visit.viewer is not None:
        return Go(_next(visit))
    return await _sign_in_form(visit, {})


@form("/auth/sign_in", signed_in=False)
async def sign_in(visit: Visit) -> Answer:
    """A new session for this browser."""
    login = visit.params.text("login", most=320) or ""
    password = str(visit.params.get("password", ""))[:1000]
    try:
        token = await door.sign_in(visit.server, visit.limits, visit.request, login, password)
    except (Invalid, NotAllowed) as error:
        unproved = bool(error.details.get("waits")) and visit.server.mail.on
        return await _sign_in_form(visit, {"": error.safe}, login, errors.code_of(error), unproved=unproved)
    return Go(_next(visit), headers=[cookies.set_session(visit.server.config, token)])


@form("/auth/sign_out")
async def sign_out(visit: Visit) -> Answer:
    """End this browser's session and have it forget the pages.

    `next`: where somebody else goes who signs in then, such as to an app that asks for consent.
    """
    async with visit.server.write() as tx:
        await signing_in.sign_out(tx, visit.session)
    headers = [cookies.drop_session(visit.server.config), ("clear-site-data", '"cache"')]
    if is_local(wanted := str(visit.params.get("next", ""))):
        return Go(f"/auth/sign_in?{urlencode({'next': wanted})}", headers=headers)
    return Go("/", "out", headers)


@page("/claim")
async def claim_page(visit: Visit) -> Answer:
    """The form that makes the owner's account; the code is typed in."""
    return await _claim_form(visit, "", {})


@page("/claim/{code}")
async def claim_link(visit: Visit, code: str) -> Answer:
    """The same from the printed link, which carries the code."""
    async with visit.server.read() as tx:
        try:
            await claiming.check_code(tx, code[:100])
            problems: dict[str, str] = {}
        except Invalid as error:
            problems = {"code": error.safe}
    return await _claim_form(visit, code[:100], problems)


@form("/claim", signed_in=False)
async def claim(visit: Visit) -> Answer:
    """Make the owner's account, sign in, and show recovery codes."""
    visit.limits.count(SIGN_IN_ADDRESS, visit.request.client_group, visit.server.clock.now())
    code = visit.params.text("code", most=100) or ""
    password = str(visit.params.get("password", ""))[:1000]
    try:
        username = check_username(visit.params.text("username", most=100) or "")
        passwords.check_new_password(password)
        async with visit.server.read() as tx:
            await claiming.check_code(tx, code)
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        key = await asyncio.to_thread(keys.new_private_key)
        name = visit.params.text("display_name", most=40) or ""
        async with visit.server.write() as tx:
            account = await claiming.claim(tx, visit.server, code, username, name, hashed, private_key=key)
            user = await logins.user_of(tx, account.id)
            assert user is not None
            agent = visit.request.headers.get("user-agent", "")
            token = await signing_in.open_session(tx, visit.server, user, ip=visit.request.client, user_agent=agent)
            codes = await signing_in.make_recovery_codes(tx, user)
    except (Invalid, NotAllowed) as error:
        return await _claim_form(visit, code, fields_of(error, "code"), 422)
    return await first_page(visit, token, codes)


async def first_page(visit: Visit, token: str, codes: list[str]) -> Answer:
    """Recovery codes, shown once, in a browser that is signed in from now on."""
    async with visit.server.read() as tx:
        found = await logins.by_session(tx, token)
        visit.caller, visit.session = (found[0] if found else None), token
        around = await visit.page(tx)
    headers: Headers = [cookies.set_session(visit.server.config, token), ("cache-control", "no-store")]
    return visit.html("pages/codes.html", around, headers=headers, codes=codes, next="/settings/profile")


def fields_of(error: DassieError, otherwise: str) -> dict[str, str]:
    """The sentences of a refused form by field; what names no field goes to `otherwise`."""
    named = error.fields if isinstance(error, Invalid) else {}
    found = {field: " ".join(words for _code, words in problems) for field, problems in named.items()}
    return {field: words[:1].upper() + words[1:] for field, words in found.items()} or {otherwise: error.safe}


async def _sign_in_form(
    visit: Visit, problems: dict[str, str], login: str = "", code: int = 200, *, unproved: bool = False
) -> Answer:
    wanted = _next(visit)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
        source = await consent.may_end_at(tx, wanted)
    token, headers = visit.guest()
    values: dict[str, Any] = {"token": token, "next": wanted, "login": login, "errors": problems}
    values |= {"mail": visit.server.mail.on, "unproved": unproved}
    html = visit.html("pages/sign_in.html", around, http_code=code, headers=headers, **values)
    html.form_action = source
    return html


async def _claim_form(visit: Visit, claim_code: str, problems: dict[str, str], code: int = 200) -> Answer:
    async with visit.server.read() as tx:
        if await logins.has_owner(tx):
            raise NotAllowed(_("This server already has an owner."))
        around = await visit.page(tx)
    token, headers = visit.guest()
    typed = {name: str(visit.params.get(name, ""))[:100] for name in ("username", "display_name")}
    values = {"token": token, "code": claim_code, "errors": problems, **typed}
    return visit.html("pages/claim.html", around, http_code=code, headers=headers, **values)


def _next(visit: Visit) -> str:
    wanted = str(visit.params.get("next", ""))
    return wanted if is_local(wanted) else "/home"
