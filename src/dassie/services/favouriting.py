"""Favourites: telling an author that one likes a status."""

from __future__ import annotations

from dassie.domain.ids import new_id
from dassie.domain.jobs import Tell
from dassie.server import Server
from dassie.services import notifying, settling
from dassie.services.seeing import refuse_blocked
from dassie.store import queue
from dassie.store.marks import favourites
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def favourite(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Favourite a status that I see. Doing it twice changes nothing."""
    await refuse_blocked(tx, me, status)
    id = new_id(tx.now)
    uri = f"{server.urls.actor(me.username)}#likes/{id}"
    if not await favourites.add(tx, id, me.id, status.id, uri=uri):
        return
    await settling.count(tx, server, status, "favourites_count", 1, at_once=True)
    if status.local:
        await notifying.notify(tx, server, status.account_id, "favourite", me.id, status.id)
    else:
        await _tell(tx, "like", me, status, uri)


async def unfavourite(tx: Tx, server: Server, me: AccountView, status: StatusRow) -> None:
    """Take a favourite back; without one nothing happens."""
    uri = await favourites.uri(tx, me.id, status.id)
    if not await favourites.remove(tx, me.id, status.id):
        return
    await settling.count(tx, server, status, "favourites_count", -1, at_once=True)
    if status.local:
        await notifying.forget(tx, "favourite", status.account_id, me.id, status.id)
    else:
        await _tell(tx, "undo_like", me, status, uri)


async def receive_favourite(tx: Tx, server: Server, account: AccountView, status: StatusRow, uri: str | None) -> None:
    """Another server's account favourites a status. Told twice, it counts once."""
    if not await favourites.add(tx, new_id(tx.now), account.id, status.id, uri=uri):
        return
    await settling.count(tx, server, status, "favourites_count", 1)
    if status.local:
        await notifying.notify(tx, server, status.account_id, "favourite", account.id, status.id)


async def undo_favourite_received(tx: Tx, server: Server, account: AccountView, status: StatusRow) -> None:
    """Another server's account takes a favourite back."""
    if not await favourites.remove(tx, account.id, status.id):
        return
    await settling.count(tx, server, status, "favourites_count", -1)
    if status.local:
        await notifying.forget(tx, "favourite", status.account_id, account.id, status.id)


async def _tell(tx: Tx, what: str, me: AccountView, status: StatusRow, uri: str | None) -> None:
    job = Tell(
        what="like" if what == "like" else "undo_like",
        account_id=me.id,
        to_account_id=status.account_id,
        uri=uri,
        object_uri=status.uri,
    )
    # Taking back must not overtake what it takes back.
    await queue.enqueue(tx, job, order=f"like {me.id} {status.id}")
