"""What an app is pushed: enough to show at once, and the id by which it can ask for the rest."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec

from dassie.domain.html import to_text
from dassie.server import Server
from dassie.services.push_encryption import MOST_PLAIN
from dassie.services.signing_up import token_text
from dassie.store import accounts, statuses
from dassie.store.logins import token_hash
from dassie.store.notifications import Notification
from dassie.store.push_subscriptions import PushSubscription, Receiver
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusView

MOST_BODY = 140
MOST_NAME = 100
TITLES = {
    "mention": "{name} mentioned you",
    "status": "{name} just posted",
    "reblog": "{name} boosted your post",
    "follow": "{name} is now following you",
    "follow_request": "{name} asks to follow you",
    "favourite": "{name} favourited your post",
    "poll": "A poll by {name} has ended",
    "update": "{name} edited a post",
    "quote": "{name} quoted your post",
    "quoted_update": "{name} edited a post that you quoted",
    "severed_relationships": "You lost followers or follows",
    "moderation_warning": "You received a moderation warning",
    "annual_report": "Your annual report is ready",
    "added_to_collection": "{name} added you to a collection",
    "collection_update": "{name} changed a collection you are in",
    "admin.sign_up": "{name} signed up",
    "admin.report": "{name} filed a report",
}


async def write(
    tx: Tx, server: Server, about: Notification, subscription: PushSubscription, to: Receiver
) -> bytes | None:
    """The message as JSON, short enough to be sealed; None where it is about what the receiver may not see."""
    sender = await accounts.by_id(tx, about.from_account_id)
    status: StatusView | None = None
    if about.status_id is not None:
        found = await statuses.show(tx, [about.status_id], viewer=about.account_id)
        status = found[0] if found else None
        if status is None:
            return None
    if sender is None or sender.suspended_at is not None:
        return None
    message: dict[str, Any] = {
        "access_token": _token(server, subscription, to),
        "preferred_locale": to.locale,
        "notification_id": about.id,
        "notification_type": about.type,
        "icon": server.urls.avatar_static(sender),
        "title": title(about.type, sender.shown_name),
        "body": _short(_words(sender, status), MOST_BODY),
    }
    written = msgspec.json.encode(message)
    return written if len(written) <= MOST_PLAIN else msgspec.json.encode(message | {"icon": ""})


def title(type: str, name: str) -> str:
    """What happened, in a few words; `name` is who caused it."""
    return TITLES.get(type, "{name}").format(name=_short(name, MOST_NAME))


def _token(server: Server, subscription: PushSubscription, to: Receiver) -> str:
    """The token that the app subscribed with: by it apps know which of their accounts is meant (decision 0009).

    Only its hash is kept, but it can be worked out anew; empty for a token that was not made by this server.
    """
    token = token_text(server.secret, subscription.token_id)
    return token if hmac.compare_digest(token_hash(token), to.token_hash) else ""


def _words(sender: AccountView, status: StatusView | None) -> str:
    if status is None:
        return to_text(sender.note)
    row = status.proper.row
    return row.spoiler_text or to_text(row.content)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
