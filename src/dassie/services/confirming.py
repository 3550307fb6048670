"""Mail addresses are proved by a link that is sent there. Needed only where mail is sent at all."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.errors import Invalid, NotAllowed
from dassie.domain.ids import parse_id
from dassie.server import Server
from dassie.services import auditing, mailing
from dassie.services.checking_sign_ups import refusal
from dassie.services.signing_up import check_email
from dassie.store import logins, sign_ups
from dassie.store.logins import User
from dassie.store.tx import Tx

LASTS = timedelta(days=7)
PURPOSE = "confirm"


def unproved(user: User) -> str | None:
    """The address that is still to be proved."""
    return user.unconfirmed_email or (user.email if user.confirmed_at is None else None)


async def ask(tx: Tx, server: Server, user: User) -> bool:
    """Send the link to the address that is still to be proved; False where there is none, or a letter is on its way."""
    address = unproved(user)
    if address is None:
        return False
    about = {"user": str(user.id)}
    unique = f"confirm {user.id} {address}"
    return await mailing.send(tx, server, "confirm", address, locale=user.locale, about=about, unique=unique)


async def change_email(tx: Tx, server: Server, user: User, text: str) -> User:
    """Another address. Where mail is sent it must be proved first, and the old one is told. Raises `Invalid`.

    Of somebody who waits it is the one they signed up with from now on.
    """
    address = check_email(text)
    holder = await logins.by_email(tx, address)
    if holder is not None and holder.id != user.id:
        raise refusal({"email": [("ERR_TAKEN", "has already been taken")]})
    if user.confirmed_at is None or not server.mail.on:
        await logins.set_email(tx, user.id, address)
    elif address != user.email:
        await sign_ups.ask_for(tx, user.id, address)
    else:
        await sign_ups.ask_for(tx, user.id, None)
    if address != user.email:
        await auditing.record(tx, "login.email_changed", account_id=user.account_id)
    now = await logins.by_id(tx, user.id)
    assert now is not None
    return now


def link(server: Server, user: User, address: str, expires: int) -> str:
    """What is sent; `expires`: Unix seconds."""
    given = mailing.proof(server.secret, PURPOSE, user.id, expires, address)
    return f"{server.urls.base}/auth/confirmation?confirmation_token={user.id}-{expires}-{given}"


async def read(tx: Tx, server: Server, token: str) -> User:
    """Whose address such a link proves; raises `Invalid` where it does not any more."""
    user_id, _, rest = token.partition("-")
    expires, _, given = rest.partition("-")
    number, until = parse_id(user_id), parse_id(expires)
    user = await logins.by_id(tx, number) if number is not None else None
    address = unproved(user) if user is not None else None
    good = user is not None and address is not None and until is not None and until > tx.now.timestamp()
    if user is None or not good or not mailing.proves(server.secret, given, PURPOSE, user.id, until, address):
        raise Invalid("This link is not valid any more. Ask for a new one.")
    return user


async def take(tx: Tx, server: Server, user: User) -> User:
    """Their address is proved. Raises `NotAllowed` where somebody else has it by now."""
    address, before = unproved(user), user.email
    if address is None:
        return user
    holder = await logins.by_email(tx, address)
    if holder is not None and holder.id != user.id:
        raise NotAllowed("Somebody else has this mail address.")
    await sign_ups.confirm(tx, user.id, address)
    await auditing.record(tx, "login.email_confirmed", account_id=user.account_id)
    if before is not None and before != address:
        about = {"user": str(user.id)}
        await mailing.send(tx, server, "email_changed", before, locale=user.locale, about=about)
    now = await logins.by_id(tx, user.id)
    assert now is not None
    return now
