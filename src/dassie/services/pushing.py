"""Web Push: apps ask to be told at once, and are told by their push service (limits_and_rules section 14)."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

import structlog

from dassie.domain.errors import Invalid, RemoteFailed, Retry
from dassie.domain.ids import AccountId, new_id, parse_id
from dassie.domain.jobs import Push
from dassie.domain.push import MOST_ENDPOINT, PushPolicy
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.ports import Answer
from dassie.server import Server
from dassie.services import push_encryption, push_messages
from dassie.store import follows, push_subscriptions, queue, settings
from dassie.store import notifications as notification_store
from dassie.store.notifications import Notification
from dassie.store.push_subscriptions import PushSubscription
from dassie.store.tx import Tx

log = structlog.get_logger("push")

LASTS = timedelta(hours=48)
"""A push service keeps a message so long for a device that is off; we try as long."""
PATIENCE = 20.0
WAIT = frozenset({408, 429})
TOO_LARGE = 413

Fate = Literal["sent", "dropped", "ended"]


# Subscribing ---------------------------------------------------------------------------------------


async def subscribe(
    tx: Tx,
    *,
    token_id: int,
    account_id: AccountId,
    endpoint: str,
    p256dh: str,
    auth: str,
    standard: bool,
    alerts: dict[str, bool],
    policy: PushPolicy,
) -> PushSubscription:
    """Have an app be told, in place of what it asked for before. Raises `Invalid` where nothing can be sent there."""
    key, secret = push_encryption.read_key(p256dh), push_encryption.read_secret(auth)
    if key is None:
        raise _invalid("p256dh", "is not a public key of the curve P-256")
    if secret is None:
        raise _invalid("auth", "is not a secret of 16 bytes")
    new = PushSubscription(
        id=new_id(tx.now),
        token_id=token_id,
        account_id=account_id,
        endpoint=_checked(endpoint),
        p256dh=key,
        auth=secret,
        standard=standard,
        alerts=alerts,
        policy=policy,
        created_at=tx.now,
    )
    await push_subscriptions.put(tx, new)
    return new


def unsubscribe_token(secret: bytes, subscription_id: int) -> str:
    """What a push service names to end a subscription that its user gave up."""
    digest = hmac.new(secret, f"unsubscribe push:{subscription_id}".encode(), sha256).hexdigest()
    return f"{subscription_id}-{digest}"


async def unsubscribe_by(tx: Tx, secret: bytes, token: str) -> bool:
    """End the subscription that such a token names; False where it names none."""
    id = parse_id(token.partition("-")[0])
    if id is None or not hmac.compare_digest(token.encode(), unsubscribe_token(secret, id).encode()):
        return False
    return await push_subscriptions.remove(tx, id)


def _checked(endpoint: str) -> str:
    """An address that a push service may have. Whether it leads inwards is decided when we connect to it."""
    endpoint = endpoint.strip()
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(endpoint) > MOST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        raise _invalid("endpoint", "is not a valid https address")
    return endpoint


def _invalid(name: str, words: str) -> Invalid:
    return Invalid(f"Validation failed: {name} {words}", fields={name: [("ERR_INVALID", words)]})


# Sending -------------------------------------------------------------------------------------------


async def push(tx: Tx, new: Notification) -> None:
    """Put one job in for each app of the recipient that wants to be told of this."""
    for one in await push_subscriptions.of(tx, new.account_id):
        if await _wanted(tx, one, new):
            job = Push(subscription_id=one.id, notification_id=new.id)
            await queue.enqueue(tx, job, host=_host(one.endpoint), unique=f"{one.id} {new.id}")


async def _wanted(tx: Tx, one: PushSubscription, new: Notification) -> bool:
    if not one.alerts.get(new.type):
        return False
    match one.policy:
        case "followed":
            return await follows.following(tx, one.account_id, new.from_account_id)
        case "follower":
            return await follows.following(tx, new.from_account_id, one.account_id)
        case "none":
            return False
    return True


@handles(Push)
async def deliver(server: Server, job: Push) -> None:
    """Send one notification to one app, unless either is gone, or it waited for so long that nobody cares."""
    async with server.read() as tx:
        one = await push_subscriptions.by_id(tx, job.subscription_id)
        to = await push_subscriptions.receiver(tx, job.subscription_id)
        about = await notification_store.by_id(tx, one.account_id, job.notification_id) if one is not None else None
        if one is None or to is None or about is None or about.filtered or about.created_at < tx.now - LASTS:
            return
        message = await push_messages.write(tx, server, about, one, to)
        contact = await settings.instance(tx)
        now = tx.now
    if message is None:
        return
    sub = f"mailto:{contact.contact_email}" if contact.contact_email else server.urls.base
    vapid = push_encryption.sign(server.secret, one.endpoint, sub, now)
    sealed = push_encryption.seal(
        server.secret, message, p256dh=one.p256dh, auth=one.auth, standard=one.standard, vapid=vapid
    )
    fate = await _send(server, one, sealed)
    server.counters.add(f"push.{fate}")
    if fate == "ended":
        async with server.write() as tx:
            await push_subscriptions.remove(tx, one.id)
            await finish_with(tx)


async def _send(server: Server, one: PushSubscription, sealed: push_encryption.Sealed) -> Fate:
    headers = sealed.headers | {
        "TTL": str(int(LASTS.total_seconds())),
        "Urgency": "normal",
        "Unsubscribe-URL": f"{server.urls.base}/api/web/push_subscriptions/{unsubscribe_token(server.secret, one.id)}",
    }
    try:
        answer = await server.http.post(
            one.endpoint, sealed.body, content_type="application/octet-stream", headers=headers, timeout=PATIENCE
        )
    except RemoteFailed as error:
        if error.kind not in ("blocked_address", "malformed"):
            raise
        log.info("a push subscription leads nowhere", why=error.safe)
        return "ended"
    return judge(answer, _host(one.endpoint), answer.retry_after(server.clock.now()))


def judge(answer: Answer, host: str, wait: float | None) -> Fate:
    """What the answer of a push service means (RFC 8030); raises where it should be tried again."""
    code = answer.code
    if answer.ok:
        return "sent"
    if code in WAIT or code >= 500:
        raise RemoteFailed(f"{host} answered {code}", kind="http", code=code, retry_after=wait)
    if code < 400:
        raise Retry(f"{host} answered {code}: it sends us elsewhere")
    return "dropped" if code == TOO_LARGE else "ended"


def _host(endpoint: str) -> str:
    """The push service, as pauses and breakers name it."""
    return urlsplit(endpoint).netloc.lower().removesuffix(":443")
