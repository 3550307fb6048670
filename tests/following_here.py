"""Setting the scene for inbound tests: somebody here who follows somebody there, and what is stored."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.services import following
from dassie.services.writing import NewPoll, NewStatus, write_status
from dassie.store import accounts, statuses
from dassie.store.views import AccountView, PollOption, StatusRow
from fediverse import Actor, Fediverse


async def follow(fediverse: Fediverse, me: AccountView, actor: Actor) -> AccountView:
    """Have `me` follow the actor, accepted; the actor's account."""
    server = fediverse.world.server
    id = await server.remote.account(actor.uri)
    async with server.write() as tx:
        target = await accounts.by_id(tx, id)
        assert target is not None
        await following.follow(tx, server, me, target)
        await following.follow_accepted(tx, server, me, target)
    await fediverse.world.settle()
    return target


async def pair(fediverse: Fediverse, **changes: Any) -> tuple[AccountView, Actor]:
    """(ana, bob): ana, here, follows bob, there."""
    bob = fediverse.actor(**changes)
    ana = await fediverse.world.account("ana")
    await follow(fediverse, ana, bob)
    return ana, bob


async def status(fediverse: Fediverse, uri: str) -> StatusRow | None:
    async with fediverse.world.server.read() as tx:
        return await statuses.by_uri(tx, uri)


async def the_status(fediverse: Fediverse, uri: str) -> StatusRow:
    found = await status(fediverse, uri)
    assert found is not None, f"{uri} is not stored"
    return found


async def the_account(fediverse: Fediverse, uri: str) -> AccountView:
    async with fediverse.world.server.read() as tx:
        found = await accounts.by_uri(tx, uri)
    assert found is not None, f"{uri} is not stored"
    return found


async def write(
    fediverse: Fediverse,
    me: AccountView,
    *,
    visibility: str = "public",
    poll: list[str] | None = None,
    mentions: list[tuple[AccountId, bool]] | None = None,
) -> StatusRow:
    """A status of ours."""
    server = fediverse.world.server
    async with server.write() as tx:
        id = StatusId(new_id(tx.now))
        made = await write_status(
            tx,
            server,
            NewStatus(
                id=id,
                author=me,
                uri=server.urls.status_uri(me.username, id),
                url=server.urls.status(me.username, id),
                visibility=visibility,
                content="<p>ours</p>",
                poll=NewPoll(options=[PollOption(title) for title in poll]) if poll else None,
                mentions=mentions or [],
            ),
        )
    assert made is not None
    return made
