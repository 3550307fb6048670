"""Conversation entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.statuses import statuses_by_id
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store.conversations import Conversation
from dassie.store.tx import Tx


async def show_conversations(
    tx: Tx, found: Sequence[Conversation], *, viewer: AccountId, urls: Urls
) -> list[dict[str, Any]]:
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
