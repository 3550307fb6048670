"""A lost password: a link by mail, where mail is sent. It works once, since it hangs on the password it replaces."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.errors import Invalid
from dassie.domain.ids import parse_id
from dassie.server import Server
from dassie.services import mailing, signing_in
from dassie.store import logins
from dassie.store.logins import User
from dassie.store.tx import Tx

LASTS = timedelta(hours=6)
PURPOSE = "reset"


async def ask(tx: Tx, server: Server, email: str) -> None:
    """Send the link, if there is such a login; who asks is not told whether there is."""
    user = await logins.by_email(tx, email[:320])
    if user is None or user.disabled or user.email is None:
        return
    about, unique = {"user": str(user.id)}, f"reset {user.id}"
    await mailing.send(tx, server, "reset", user.email, locale=user.locale, about=about, unique=unique)


async def link(tx: Tx, server: Server, user: User) -> str:
    """What is sent."""
    expires = int((tx.now + LASTS).timestamp())
    given = mailing.proof(server.secret, PURPOSE, user.id, expires, await logins.password_hash(tx, user.id))
    return f"{server.urls.base}/auth/password/edit?reset_password_token={user.id}-{expires}-{given}"


async def read(tx: Tx, server: Server, token: str) -> User:
    """Whose password such a link changes; raises `Invalid` where it does not any more."""
    user_id, _, rest = token.partition("-")
    expires, _, given = rest.partition("-")
    number, until = parse_id(user_id), parse_id(expires)
    user = await logins.by_id(tx, number) if number is not None else None
    if user is not None and not user.disabled and until is not None and until > tx.now.timestamp():
        kept = await logins.password_hash(tx, user.id)
        if mailing.proves(server.secret, given, PURPOSE, user.id, until, kept):
            return user
    raise Invalid("This link is not valid any more. Ask for a new one.")


async def reset(tx: Tx, server: Server, token: str, password_hash: str) -> User:
    """Set the new password (already checked and hashed): browsers are signed out, apps lose their access."""
    user = await read(tx, server, token)
    await signing_in.reset_password(tx, server, user, password_hash, by=user.account_id)
    if user.email is not None:
        about = {"user": str(user.id)}
        await mailing.send(tx, server, "password_changed", user.email, locale=user.locale, about=about)
    return user
