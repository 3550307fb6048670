"""The page that the link in a letter leads to, and asking for another letter."""

from __future__ import annotations

from typing import Any

from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.door.limits import MAIL_ADDRESS, MAIL_RECEIVER
from dassie.services import confirming, registering
from dassie.store import logins
from dassie.web.answers import Answer
from dassie.web.routing import form, page
from dassie.web.visits import Visit


@page("/auth/confirmation")
async def confirmation(visit: Visit) -> Answer:
    """One button: links in letters are opened by programs too, which must not confirm anything."""
    link = visit.params.text("confirmation_token", most=200) or ""
    address = problem = ""
    async with visit.server.read() as tx:
        try:
            address = confirming.unproved(await confirming.read(tx, visit.server, link)) or ""
        except Invalid as error:
            problem = error.safe
        around = await visit.page(tx)
    token, headers = visit.guest()
    if around.me is not None:
        token = around.me.token
    values: dict[str, Any] = {
        "token": token,
        "link": link,
        "address": address,
        "problem": problem,
        "done": False,
        "waits": False,
    }
    code = 422 if problem else 200
    return visit.html("pages/confirmation.html", around, http_code=code, headers=headers, **values)


@form("/auth/confirmation", signed_in=False)
async def confirm(visit: Visit) -> Answer:
    """The address is proved."""
    link = visit.params.text("confirmation_token", most=200) or ""
    problem, waits = "", False
    try:
        async with visit.server.write() as tx:
            user = await registering.confirm(tx, visit.server, link)
            waits = bool(user.waits_for)
    except (Invalid, NotAllowed) as error:
        problem = error.safe
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    values: dict[str, Any] = {
        "token": "",
        "link": "",
        "address": "",
        "problem": problem,
        "done": not problem,
        "waits": waits,
    }
    return visit.html("pages/confirmation.html", around, http_code=422 if problem else 200, **values)


@page("/auth/confirmation/new")
async def ask_page(visit: Visit) -> Answer:
    """The form for the address."""
    return await _ask(visit, sent=False)


@form("/auth/confirmation/new", signed_in=False)
async def ask(visit: Visit) -> Answer:
    """Send the letter again, if somebody waits with that address: the page says the same in any case."""
    email = (visit.params.text("email", most=320) or "").strip().lower()
    now = visit.server.clock.now()
    visit.limits.count(MAIL_ADDRESS, visit.request.client_group, now)
    visit.limits.count(MAIL_RECEIVER, email, now)
    async with visit.server.write() as tx:
        user = await logins.by_email(tx, email)
        if user is not None and user.confirmed_at is None:
            await confirming.ask(tx, visit.server, user)
    return await _ask(visit, sent=True)


async def _ask(visit: Visit, *, sent: bool) -> Answer:
    if not visit.server.mail.on:
        raise NotFound
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    token, headers = visit.guest()
    return visit.html("pages/confirmation_new.html", around, headers=headers, token=token, sent=sent)
