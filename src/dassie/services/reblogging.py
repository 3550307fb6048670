"""Reblogs: showing somebody's status to one's own followers."""

from __future__ import annotations

from datetime import datetime

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import NotAllowed, NotFound
from dassie.domain.ids import StatusId, new_id
from dassie.domain.jobs import Publish, PublishRemoval
from dassie.server import Server
from dassie.services import notifying
from dassie.services.seeing import refuse_blocked
from dassie.services.writing import NewStatus, remove_status, write_status
from dassie.store import logins, queue, reblogs, recipients
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def reblog(
    tx: Tx, server: Server, me: AccountView, original: StatusRow, visibility: str | None = None
) -> StatusRow:
    """Reblog a status that I see (`original` is no reblog itself). Doing it twice gives the first one.

    Raises `NotAllowed` for direct statuses, and for private ones of others.
    """
    mine_and_private = original.visibility == "private" and original.account_id == me.id
    if original.visibility not in REBLOGGABLE and not mine_and_private:
        raise NotAllowed
    await refuse_blocked(tx, me, original)
    known = await reblogs.of(tx, me.id, original.id)
    if known is not None:
        return known
    id = StatusId(new_id(tx.now))
    made = await write_status(
        tx,
        server,
        NewStatus(
            id=id,
            author=me,
            uri=f"{server.urls.status_uri(me.username, id)}/activity",
            url=server.urls.status(me.username, id),
            visibility="private" if mine_and_private else await _audience(tx, me, visibility),
            reblog_of=original,
        ),
    )
    if made is None:  # another request was quicker
        known = await reblogs.of(tx, me.id, original.id)
        if known is None:
            raise NotFound
        return known
    await queue.enqueue(tx, Publish(activity="Announce", status_id=made.id), order=f"status {made.id}")
    return made


async def unreblog(tx: Tx, server: Server, me: AccountView, original: StatusRow) -> None:
    """Take a reblog back; without one nothing happens."""
    mine = await reblogs.of(tx, me.id, original.id)
    if mine is not None:
        await remove_reblog(tx, server, me, mine, original)


async def remove_reblog(tx: Tx, server: Server, me: AccountView, mine: StatusRow, original: StatusRow) -> None:
    """Remove one of my reblogs, here and elsewhere."""
    inboxes = await recipients.inboxes_of(tx, mine)
    await _remove(tx, server, mine, original)
    if inboxes:
        removal = PublishRemoval(
            account_id=me.id,
            uri=mine.uri,
            visibility=mine.visibility,
            inboxes=inboxes,
            reblog_of_uri=original.uri,
        )
        await queue.enqueue(tx, removal, order=f"status {mine.id}")


async def receive_reblog(
    tx: Tx,
    server: Server,
    account: AccountView,
    original: StatusRow,
    *,
    uri: str,
    at: datetime | None = None,
    visibility: str = "public",
) -> StatusRow | None:
    """Another server's account reblogs a status; None where it is known, was taken back, or is not allowed."""
    owned = original.account_id == account.id
    if original.visibility not in REBLOGGABLE and not (owned and original.visibility == "private"):
        return None
    if await reblogs.of(tx, account.id, original.id) is not None:
        return None
    return await write_status(
        tx,
        server,
        NewStatus(author=account, uri=uri, visibility=visibility, reblog_of=original, created_at=at),
    )


async def undo_reblog_received(tx: Tx, server: Server, account: AccountView, original: StatusRow) -> None:
    """Another server's account takes a reblog back."""
    theirs = await reblogs.of(tx, account.id, original.id)
    if theirs is not None:
        await _remove(tx, server, theirs, original)


async def _remove(tx: Tx, server: Server, one: StatusRow, original: StatusRow) -> None:
    await remove_status(tx, server, one)
    if original.local:
        await notifying.forget(tx, "reblog", original.account_id, one.account_id, original.id)


async def _audience(tx: Tx, me: AccountView, asked: str | None) -> str:
    if asked is None:
        user = await logins.user_of(tx, me.id)
        asked = user.settings.default_visibility if user is not None else "public"
    if asked == "direct":
        asked = "private"  # a reblog has nobody it speaks to
    return "unlisted" if asked == "public" and me.silenced_at is not None else asked
