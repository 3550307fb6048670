"""Like: a favourite. A reaction with an emoji counts as one too: Misskey sends a Like with `content`, Pleroma and its
kin an EmojiReact (FEP-c0e0). Somebody who reacts in several ways favourites once, for the first reaction that came."""

from __future__ import annotations

from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import own_status_uri
from dassie.server import Server
from dassie.services import favouriting
from dassie.store import statuses


@inbound("Like")
@inbound("EmojiReact")
@inbound("EmojiReaction")
async def on_like(server: Server, received: Received) -> None:
    """Count it once, however often it comes, and tell the author where that is one of ours."""
    activity = received.activity
    async with last_change(server) as tx:
        account = await actor_of(tx, received)
        row = await statuses.by_uri(tx, own_status_uri(server.urls, activity.object_id or ""))
        if row is None or row.reblog_of_id is not None:
            raise Dropped("unknown_object")
        if activity.id is not None and await statuses.is_buried(tx, activity.id):
            raise Dropped("undone_before")
        if not await statuses.visible(tx, [row.id], viewer=account.id):
            raise Dropped("not_visible")
        await favouriting.receive_favourite(tx, server, account, row, activity.id)
