"""Direct messages as conversations: everybody here who takes part is told."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.ports import Event
from dassie.server import Server
from dassie.store import accounts, blocks, conversations
from dassie.store.conversations import Conversation
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def tell(
    tx: Tx, server: Server, author: AccountView, row: StatusRow, named: Sequence[tuple[AccountId, bool]]
) -> None:
    """Put a direct message into the conversations of those here who wrote it or are named in it."""
    taking_part = [author.id, *(account for account, silent in named if not silent and account != author.id)]
    known = await accounts.by_ids(tx, taking_part)
    for account_id in taking_part:
        mine = account_id == author.id
        if account_id not in known or not known[account_id].local:
            continue
        if not mine and await blocks.between(tx, account_id, author.id):
            continue
        others = [other for other in taking_part if other != account_id]
        id = await conversations.told(tx, account_id, row.thread_id, row.id, others, unread=not mine)
        if id is not None:
            server.tell(tx, [f"direct:{account_id}"], Event("conversation", id, author.id))


async def mark(tx: Tx, me: AccountView, id: int, *, unread: bool) -> Conversation:
    """Say whether a conversation was read."""
    await conversations.mark(tx, me.id, id, unread=unread)
    return await _mine(tx, me, id)


async def forget(tx: Tx, me: AccountView, id: int) -> None:
    """Take a conversation off the list; its messages stay."""
    await conversations.forget(tx, (await _mine(tx, me, id)).id)


async def _mine(tx: Tx, me: AccountView, id: int) -> Conversation:
    found = await conversations.by_id(tx, me.id, id)
    if found is None:
        raise NotFound
    return found
