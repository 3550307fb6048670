"""Somebody's public posts by mail, for readers without an account: at most one letter an hour.

Only where this server sends mail, and for people whose role lets them offer it. The address is asked first; it is
known to nobody but the server, and forgotten with the subscription.
"""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.addresses import is_address
from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import parse_id
from dassie.domain.roles import may
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.services import mailing
from dassie.store import accounts, email_subscriptions
from dassie.store.email_subscriptions import Due, Subscription
from dassie.store.logins import User
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MAY = "manage_email_subscriptions"
MOST = 5_000
"""Addresses for one account."""
PAUSE = timedelta(hours=1)
SETTLED = timedelta(minutes=5)
"""So old is a post before it goes out: most second thoughts come sooner."""
AT_ONCE = 50
PURPOSE = "email subscription"


def may_offer(server: Server, user: User) -> bool:
    """Whether somebody may offer their posts by mail."""
    return server.mail.on and may(user.role, MAY)


async def offer(tx: Tx, server: Server, me: AccountView, user: User, *, on: bool) -> None:
    """Offer one's posts by mail, or no longer; readers stay for when they are offered again."""
    if on and not may_offer(server, user):
        raise NotAllowed
    if me.email_subscriptions != on:
        await accounts.change(tx, me.id, email_subscriptions=on)


def is_offered(server: Server, account: AccountView) -> bool:
    """Whether somebody's posts can be had by mail."""
    return server.mail.on and account.local and account.email_subscriptions and account.suspended_at is None


async def ask(tx: Tx, server: Server, account: AccountView, email: str, locale: str) -> None:
    """Ask an address whether it wants somebody's posts. What is known of it already is not told.

    Raises `NotFound` where they are not offered, and `Invalid` for what is no address.
    """
    if not is_offered(server, account):
        raise NotFound
    address = email.strip().lower()
    if not is_address(address):
        raise Invalid(
            "Validation failed: Email is not a valid e-mail address",
            fields={"email": [("ERR_INVALID", "is not a valid e-mail address")]},
        )
    known = await email_subscriptions.find(tx, account.id, address)
    if known is not None and known.confirmed_at is not None:
        return
    if known is None:
        if await email_subscriptions.number(tx, account.id) >= MOST:
            raise Invalid("Validation failed: there are too many readers already")
        await email_subscriptions.add(tx, account.id, address, locale)
        known = await email_subscriptions.find(tx, account.id, address)
    assert known is not None
    about = {"subscription": str(known.id)}
    await mailing.send(
        tx, server, "subscription_confirm", address, locale=locale, about=about, unique=f"subscribe {known.id}"
    )


def token_of(server: Server, subscription: Subscription) -> str:
    """What stands in links to a subscription: only letters to its address have it."""
    return f"{subscription.id}-{mailing.proof(server.secret, PURPOSE, subscription.id, subscription.email)}"


async def by_token(tx: Tx, server: Server, token: str) -> Subscription:
    """The subscription that a link means. Raises `NotFound`."""
    text, _, proof = token.partition("-")
    id = parse_id(text)
    found = await email_subscriptions.by_id(tx, id) if id is not None and proof else None
    if found is None or not mailing.proves(server.secret, proof, PURPOSE, found.id, found.email):
        raise NotFound
    return found


async def confirm(tx: Tx, server: Server, token: str) -> Subscription:
    """The address wants them; confirmed before, nothing happens. Raises `NotFound`."""
    found = await by_token(tx, server, token)
    await email_subscriptions.confirm(tx, found.id)
    return found


async def end(tx: Tx, server: Server, token: str) -> None:
    """The address wants no more, and is forgotten; ended before, nothing happens."""
    try:
        found = await by_token(tx, server, token)
    except NotFound:
        return
    await email_subscriptions.remove(tx, found.id)


@recurs(timedelta(minutes=10))
async def send_posts(server: Server) -> None:
    """Send what was posted to those who read by mail, each at most once an hour."""
    if not server.mail.on:
        return
    after = 0
    while True:
        async with server.read() as tx:
            found = await email_subscriptions.due(tx, pause=PAUSE, settled=SETTLED, after_id=after, most=AT_ONCE)
        async with server.write() as tx:
            for one in found:
                await _send(tx, server, one)
        if len(found) < AT_ONCE:
            return
        after = found[-1].id


async def _send(tx: Tx, server: Server, one: Due) -> None:
    about = {"subscription": str(one.id), "after": str(one.after), "upto": str(one.upto)}
    added = await mailing.send(
        tx, server, "subscription_posts", one.email, locale=one.locale, about=about, unique=f"posts {one.id}"
    )
    if added:  # else the letter before is still waiting: these go with the next
        await email_subscriptions.sent(tx, one.id, one.upto)


@recurs(timedelta(hours=24))
async def forget_unconfirmed(server: Server) -> None:
    """Forget addresses that nobody confirmed."""
    async with server.write() as tx:
        await email_subscriptions.forget_unconfirmed(tx)
