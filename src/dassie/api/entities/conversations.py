"""Conversation entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.shapes import Id
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import statuses_by_id
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store import conversations
from dassie.store.tx import Tx


class Conversation(TypedDict):
    """Private messages with the same people."""

    id: Id
    unread: bool
    accounts: list[Account]
    last_status: EncodedStatus | None


async def show_conversations(
    tx: Tx, found: Sequence[conversations.Conversation], *, viewer: AccountId, urls: Urls
) -> list[Conversation]:
    """Conversations with the people in them and their newest message; somebody alone talks with themselves."""
    people = {id for one in found for id in one.participants} | {viewer}
    accounts = {account["id"]: account for account in await show_accounts(tx, list(people), urls)}
    last = await statuses_by_id(tx, [one.last_status_id for one in found], viewer=viewer, urls=urls)
    return [
        {
            "id": str(one.id),
            "unread": one.unread,
            "accounts": [accounts[str(id)] for id in one.participants or [viewer] if str(id) in accounts],
            "last_status": last.get(one.last_status_id),
        }
        for one in found
    ]
