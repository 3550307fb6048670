"""A lost password, where mail is sent: asking for the link, and setting a new password by it."""

from __future__ import annotations

import asyncio

from dassie.domain.errors import Invalid, NotFound
from dassie.door.limits import MAIL_ADDRESS, MAIL_RECEIVER
from dassie.services import passwords, resetting
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of
from dassie.web.visits import Visit


@page("/auth/password/new")
async def ask_page(visit: Visit) -> Answer:
    """The form for the address."""
    return await _ask(visit, sent=False)


@form("/auth/password/new", signed_in=False)
async def ask(visit: Visit) -> Answer:
    """Send the link, if there is such a login: the page says the same in any case."""
    _check_mail(visit)
    email = (visit.params.text("email", most=320) or "").strip().lower()
    now = visit.server.clock.now()
    visit.limits.count(MAIL_ADDRESS, visit.request.client_group, now)
    visit.limits.count(MAIL_RECEIVER, email, now)
    async with visit.server.write() as tx:
        await resetting.ask(tx, visit.server, email)
    return await _ask(visit, sent=True)


@page("/auth/password/edit")
async def new_password_page(visit: Visit) -> Answer:
    """The form for the new password, from the link."""
    return await _edit(visit, visit.params.text("reset_password_token", most=200) or "", {})


@form("/auth/password/edit", signed_in=False)
async def new_password(visit: Visit) -> Answer:
    """Set it; browsers are signed out and apps lose their access."""
    visit.limits.count(MAIL_ADDRESS, visit.request.client_group, visit.server.clock.now())
    token = visit.params.text("reset_password_token", most=200) or ""
    typed = str(visit.params.get("password", ""))[:1000]
    try:
        passwords.check_new_password(typed)
        async with visit.server.read() as tx:
            await resetting.read(tx, visit.server, token)
        hashed = await asyncio.to_thread(passwords.hash_password, typed)
        async with visit.server.write() as tx:
            await resetting.reset(tx, visit.server, token, hashed)
    except Invalid as error:
        return await _edit(visit, token, fields_of(error, ""))
    return Go("/auth/sign_in", "password")


def _check_mail(visit: Visit) -> None:
    if not visit.server.mail.on:
        raise NotFound


async def _ask(visit: Visit, *, sent: bool) -> Answer:
    _check_mail(visit)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    token, headers = visit.guest()
    return visit.html("pages/password_new.html", around, headers=headers, token=token, sent=sent)


async def _edit(visit: Visit, link: str, problems: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        try:
            await resetting.read(tx, visit.server, link)
        except Invalid as error:
            problems = {"": error.safe}
        around = await visit.page(tx)
    token, headers = visit.guest()
    values = {"token": token, "link": link, "errors": problems, "good": "" not in problems}
    return visit.html("pages/password_edit.html", around, http_code=422 if problems else 200, headers=headers, **values)
