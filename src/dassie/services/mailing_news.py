"""Notifications by mail: a little later, and only to who is not here (limits_and_rules section 15)."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from dassie.domain.buckets import Buckets
from dassie.domain.mailed import MAILED
from dassie.server import PerServer, Server
from dassie.services import mailing
from dassie.store import logins, markers, push_subscriptions
from dassie.store.logins import User
from dassie.store.notifications import Notification
from dassie.store.tx import Tx

LATER = timedelta(minutes=2)
AN_HOUR = 20
"""So many letters about notifications a person gets within an hour, however much happens."""
REMEMBERED = 10_000
PURPOSE = "unsubscribe"

_buckets_of = PerServer(lambda _: Buckets(REMEMBERED))


async def plan(tx: Tx, server: Server, new: Notification) -> None:
    """Put a letter in, if the recipient wants one about this kind. Of one sender and kind one waits at a time."""
    if not server.mail.on or new.type not in MAILED:
        return
    user = await logins.user_of(tx, new.account_id)
    if user is None or not wants(user, new.type) or user.email is None:
        return
    about = {"account": str(new.account_id), "notification": str(new.id)}
    unique = f"news {new.account_id} {new.type} {new.from_account_id}"
    at = tx.now + LATER
    await mailing.send(tx, server, "news", user.email, locale=user.locale, about=about, run_at=at, unique=unique)


def wants(user: User, type: str) -> bool:
    """Whether somebody gets letters about this kind at all."""
    return type in user.settings.email_types and not user.disabled and not user.waits_for


async def is_away(tx: Tx, server: Server, user: User, notification_id: int) -> bool:
    """Whether this person has no other way to hear of it, and did not see it by now."""
    if await markers.last_read(tx, user.id, "notifications") >= notification_id:
        return False
    if user.settings.always_send_emails:
        return True
    channels = (f"user:{user.account_id}", f"notifications:{user.account_id}")
    if any(server.streams.listeners(channel) for channel in channels):
        return False
    return not await push_subscriptions.of(tx, user.account_id)


def is_too_much(server: Server, user: User) -> bool:
    """Whether this person got so many letters within the hour that this one is left out; counts it otherwise."""
    now = server.clock.monotonic()
    return not _buckets_of(server).of(user.id, AN_HOUR / 3600, AN_HOUR, now).spend(1, now)


def unsubscribe_token(server: Server, user: User, type: str) -> str:
    """What ends letters about this kind, without a sign-in."""
    return f"{user.id}-{type}-{mailing.proof(server.secret, PURPOSE, user.id, type)}"


async def unsubscribe(tx: Tx, server: Server, token: str) -> str | None:
    """End them; which kind it was, or None where the token is none of ours. Done twice, it is no error."""
    found = await subscription(tx, server, token)
    if found is None:
        return None
    user, type = found
    left = tuple(one for one in user.settings.email_types if one != type)
    await logins.save_settings(tx, user.id, structs.replace(user.settings, email_types=left))
    return type


async def subscription(tx: Tx, server: Server, token: str) -> tuple[User, str] | None:
    """Whose letters about which kind a token ends."""
    id, _, rest = token.partition("-")
    type, _, given = rest.rpartition("-")
    good = id.isascii() and id.isdigit() and len(id) < 20 and type in MAILED
    if not good or not mailing.proves(server.secret, given, PURPOSE, id, type):
        return None
    user = await logins.by_id(tx, int(id))
    return (user, type) if user is not None else None
