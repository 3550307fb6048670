"""Reading somebody by mail: asking for it, the links in letters, and offering it."""

from __future__ import annotations

from typing import Any

from dassie.domain.errors import Invalid, NotFound
from dassie.door.limits import MAIL_ADDRESS, MAIL_RECEIVER
from dassie.services import subscribing_by_mail
from dassie.store import accounts, email_subscriptions
from dassie.store.tx import Tx
from dassie.store.views import AccountView
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

LONGEST = 320
NO_REFERRER = [("referrer-policy", "no-referrer")]


@page("/@{username}/subscribe")
async def ask_page(visit: Visit, username: str) -> Answer:
    """The form for an address."""
    return await _page(visit, username)


@form("/@{username}/subscribe", signed_in=False)
async def ask(visit: Visit, username: str) -> Answer:
    """Ask the address. The page says the same whatever is known of it."""
    email = (visit.params.text("email", most=LONGEST) or "").strip().lower()
    now = visit.server.clock.now()
    visit.limits.count(MAIL_ADDRESS, visit.request.client_group, now)
    visit.limits.count(MAIL_RECEIVER, email, now)
    async with visit.server.read() as tx:
        lang = (await visit.page(tx)).lang
    try:
        async with visit.server.write() as tx:
            account = await _offering(tx, visit, username)
            await subscribing_by_mail.ask(tx, visit.server, account, email, lang)
    except Invalid:
        wrong = _("This is no mail address that can be written to.")
        return await _page(visit, username, email=email, errors={"email": wrong})
    return await _page(visit, username, sent=True)


@page("/email_subscriptions/confirmation")
async def confirmation(visit: Visit) -> Answer:
    """One button: links in letters are opened by programs too, which must not confirm anything."""
    return await _link_page(visit, visit.params.text("confirmation_token", most=200) or "", "confirm")


@form("/email_subscriptions/confirmation", signed_in=False)
async def confirm(visit: Visit) -> Answer:
    """The address wants the posts."""
    link = visit.params.text("confirmation_token", most=200) or ""
    async with visit.server.write() as tx:
        await subscribing_by_mail.confirm(tx, visit.server, link)
    return await _link_page(visit, link, "confirmed")


@page("/email_subscriptions/{token}/unsubscribe")
async def unsubscribe_page(visit: Visit, token: str) -> Answer:
    """The same for ending it."""
    return await _link_page(visit, token[:200], "end")


@form("/email_subscriptions/end", signed_in=False)
async def unsubscribe(visit: Visit) -> Answer:
    """The address wants no more."""
    async with visit.server.write() as tx:
        await subscribing_by_mail.end(tx, visit.server, visit.params.text("link", most=200) or "")
        around = await visit.page(tx)
    return visit.html("pages/mail_reader.html", around, headers=NO_REFERRER, step="ended", token="", link="", name="")


@form("/settings/mail_readers")
async def offer(visit: Visit) -> Answer:
    """Offer one's posts by mail, or no longer."""
    async with visit.server.write() as tx:
        on = bool(visit.params.flag("on"))
        await subscribing_by_mail.offer(tx, visit.server, visit.me, visit.user, on=on)
    return Go("/settings/mail_readers", "saved")


@page("/settings/mail_readers", signed_in=True)
async def settings(visit: Visit) -> Answer:
    """Whether one's posts can be had by mail, and how many read them so."""
    if not visit.me.email_subscriptions and not subscribing_by_mail.may_offer(visit.server, visit.user):
        raise NotFound
    async with visit.server.read() as tx:
        readers = await email_subscriptions.readers(tx, visit.me.id)
        around = await visit.page(tx)
    return visit.html("pages/settings_mail_readers.html", around, on=visit.me.email_subscriptions, readers=readers)


async def _offering(tx: Tx, visit: Visit, username: str) -> AccountView:
    account = await accounts.by_name(tx, username)
    if account is None or account.id < 0 or not subscribing_by_mail.is_offered(visit.server, account):
        raise NotFound
    return account


async def _page(
    visit: Visit, username: str, *, email: str = "", sent: bool = False, errors: dict[str, str] | None = None
) -> Answer:
    async with visit.server.read() as tx:
        account = await _offering(tx, visit, username)
        around = await visit.page(tx)
    token, headers = visit.guest()
    if around.me is not None:
        token = around.me.token
    values: dict[str, Any] = {"account": account, "token": token, "email": email, "sent": sent, "errors": errors or {}}
    return visit.html("pages/subscribe.html", around, http_code=422 if errors else 200, headers=headers, **values)


async def _link_page(visit: Visit, link: str, step: str) -> Answer:
    async with visit.server.read() as tx:
        found = await subscribing_by_mail.by_token(tx, visit.server, link)
        account = await accounts.by_id(tx, found.account_id)
        around = await visit.page(tx)
    if account is None:
        raise NotFound
    token, headers = visit.guest()
    if around.me is not None:
        token = around.me.token
    values: dict[str, Any] = {"token": token, "link": link, "name": account.shown_name, "step": step}
    return visit.html("pages/mail_reader.html", around, headers=[*headers, *NO_REFERRER], **values)
