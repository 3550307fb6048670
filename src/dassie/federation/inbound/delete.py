"""Delete: a post, or a whole account, is gone."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.federation.inbound import curated
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.remote import remote_of
from dassie.federation.vocab.values import same_host, types_of
from dassie.server import Server
from dassie.services import deleting_accounts, quoting
from dassie.services.writing import remove_status
from dassie.store import statuses


@inbound("Delete")
async def on_delete(server: Server, received: Received) -> None:
    """Remove it here too; what comes only after its Delete is not taken in any more."""
    activity = received.activity
    if not received.by_actor:
        await _if_really_gone(server, received)
    elif activity.is_self_delete:
        await _account(server, received)
    else:
        await _post(server, received)


async def _account(server: Server, received: Received) -> None:
    async with last_change(server) as tx:
        await deleting_accounts.delete_account(tx, server, await actor_of(tx, received))


async def _post(server: Server, received: Received) -> None:
    async with last_change(server) as tx:
        author = await actor_of(tx, received)
        if await curated.withdrawn(tx, received):
            return
        for uri in received.activity.object_ids:
            if not same_host(uri, author.uri):
                raise Dropped("foreign_object")
            if await quoting.approval_deleted(tx, server, author, uri):
                continue
            row = await statuses.by_uri(tx, uri)
            if row is None:
                await statuses.bury(tx, uri)
            elif row.account_id == author.id:
                await remove_status(tx, server, row)
            else:
                raise Dropped("not_author")


async def _if_really_gone(server: Server, received: Received) -> None:
    """Somebody else says it is gone: its own server is asked."""
    uri = received.activity.object_id
    async with server.read() as tx:
        if uri is None or await statuses.by_uri(tx, uri) is None:
            raise Dropped("unknown_object")
    try:
        found = await remote_of(server).origin.document(uri, again=True)
    except NotFound:
        pass
    else:
        if "Tombstone" not in types_of(found.doc):
            raise Dropped("still_there")
    async with last_change(server) as tx:
        row = await statuses.by_uri(tx, uri)
        if row is not None and not row.local:
            await remove_status(tx, server, row)
