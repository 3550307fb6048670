"""Deleting a status of one's own, here and elsewhere."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.ids import EPOCH
from dassie.domain.jobs import DiscardUploads, PublishRemoval
from dassie.server import Server
from dassie.services import reblogging, writing
from dassie.services.seeing import own_status
from dassie.store import media, queue, recipients, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

KEPT = timedelta(days=1)
"""How long the files of a deleted status stay, for writing it anew."""


async def delete(tx: Tx, server: Server, me: AccountView, id: int, *, delete_media: bool = False) -> StatusRow:
    """Delete my status (or take back my reblog); what it was. Its files stay for a day, unless `delete_media`."""
    row = await own_status(tx, me, id)
    if row.reblog_of_id is not None:
        original = await statuses.by_id(tx, row.reblog_of_id)
        if original is not None:
            await reblogging.remove_reblog(tx, server, me, row, original)
        return row
    inboxes = await recipients.inboxes_of(tx, row)
    if row.has_media:
        for one in (await media.of_statuses(tx, [row.id])).get(row.id, []):
            await media.change(tx, one.id, status_id=None, created_at=EPOCH if delete_media else tx.now)
        if delete_media:
            await queue.enqueue(tx, DiscardUploads(), unique="all")
    await writing.remove_status(tx, server, row)
    if inboxes:
        removal = PublishRemoval(account_id=me.id, uri=row.uri, visibility=row.visibility, inboxes=inboxes)
        await queue.enqueue(tx, removal, order=f"status {row.id}")
    return row
