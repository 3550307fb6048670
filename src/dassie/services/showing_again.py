"""Telling those who watch that a status they see looks different now."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.ports import Event
from dassie.server import Server
from dassie.services import fanning_out
from dassie.store import list_feeds, mentions, statuses, tags, timelines
from dassie.store.tx import Tx
from dassie.store.views import StatusRow


async def show_again(tx: Tx, server: Server, row: StatusRow, tagged: Sequence[str] | None = None) -> None:
    """Send `status.update` to all streams that a status stands in. `tagged`: its tags, where they are at hand."""
    shown = [row.id, *(id for id, _ in await statuses.reblogs(tx, row.id))]
    watching = await timelines.watchers(tx, shown)
    named = [account for account, silent in (await mentions.of(tx, row.id)).items() if not silent]
    channels = [f"user:{id}" for id in dict.fromkeys([*watching, *named])]
    channels += [f"notifications:{id}" for id in named]
    channels += [f"list:{id}" for id in await list_feeds.holding(tx, shown)]
    names = tagged if tagged is not None else await tags.names_of(tx, row.id)
    channels += fanning_out.public_channels(row, names)
    server.tell(tx, channels, Event("status.update", row.id, row.account_id))
