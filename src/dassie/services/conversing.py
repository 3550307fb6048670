"""Direct messages as conversations: everybody here who takes part is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.ports import Event
from dassie.server import Server
from dassie.store import accounts, blocks, conversations, mentions, statuses
from dassie.store.conversations import Conversation
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def tell(
    tx: Tx,
    server: Server,
    author: AccountView,
    row: StatusRow,
    named: Sequence[tuple[AccountId, bool]],
    held: Collection[AccountId] = (),
) -> None:
    """Put a direct message into the conversations of those here who wrote it or are named in it.

    `held`: those whose policy holds it back.
    """
    taking_part = [author.id, *(account for account, silent in named if not silent and account != author.id)]
    known = await accounts.by_ids(tx, taking_part)
    for account_id in taking_part:
        if account_id in held:
            continue
        mine = account_id == author.id
        if account_id not in known or not known[account_id].local:
            continue
        if not mine and await blocks.between(tx, account_id, author.id):
            continue
        others = [other for other in taking_part if other != account_id]
        id = await conversations.told(tx, account_id, row.thread_id, row.id, others, unread=not mine)
        if id is not None:
            server.tell(tx, [f"direct:{account_id}"], Event("conversation", id, author.id))


async def join(tx: Tx, server: Server, account_id: int, status_id: int) -> None:
    """Put a direct message into the conversations of somebody who let its author through; other posts have none."""
    row = await statuses.by_id(tx, status_id)
    author = await accounts.by_id(tx, row.account_id) if row is not None else None
    if row is None or author is None or row.visibility != "direct":
        return
    named = list((await mentions.of(tx, row.id)).items())
    others = [AccountId(one) for one in {author.id, *(account for account, _ in named)} if one != account_id]
    await tell(tx, server, author, row, named, held=others)


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
