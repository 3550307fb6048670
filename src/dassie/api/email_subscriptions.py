"""Somebody's public posts by mail: asking for them, and ending it from the mail program."""

from __future__ import annotations

from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, post
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.door import taking as take
from dassie.door.limits import MAIL_ADDRESS, MAIL_RECEIVER
from dassie.services import subscribing_by_mail
from dassie.store import accounts

LONGEST = 320


@post("/api/v1/accounts/{id}/email_subscriptions", takes=[take.text("email", required=True, most=LONGEST)])
async def subscribe(call: Call, id: AccountId) -> Empty:
    """Ask an address whether it wants somebody's public posts. 404 where they are not offered; what is known of
    the address is not told."""
    email = call.params.text("email", required=True, most=LONGEST) or ""
    now = call.server.clock.now()
    call.limits.count(MAIL_ADDRESS, call.request.client_group, now)
    call.limits.count(MAIL_RECEIVER, email.strip().lower(), now)
    locale = call.caller.user.locale if call.caller is not None and call.caller.user is not None else "en"
    async with call.server.write() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        await subscribing_by_mail.ask(tx, call.server, account, email, locale)
    return Empty()


@post(
    "/email_subscriptions/{token}/unsubscribe",
    takes=[take.text("List-Unsubscribe", "As mail programs send it (RFC 8058).", most=100)],
)
async def unsubscribe(call: Call, token: str) -> Empty:
    """End a subscription at one press of a mail program; ended before, nothing happens."""
    async with call.server.write() as tx:
        await subscribing_by_mail.end(tx, call.server, token)
    return Empty()
