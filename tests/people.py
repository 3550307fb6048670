"""What tests of people need: accounts of other servers, their posts, and a look at the jobs that wait."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
from sqlalchemy import select

from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.domain.jobs import Job
from dassie.jobs.registry import KINDS
from dassie.services import curating, following
from dassie.services.writing import NewStatus, write_status
from dassie.store import accounts
from dassie.store.tables import jobs
from dassie.store.tx import Query, row
from dassie.store.views import AccountView
from worlds import World

_numbers = count(1)
_JOBS = Query(row, select(jobs.c.kind, jobs.c.args).order_by(jobs.c.id))


async def stranger(world: World, name: str, domain: str = "else.test", **values: Any) -> AccountView:
    """An account of another server."""
    uri = f"https://{domain}/users/{name}"
    async with world.server.write() as tx:
        given = {
            "inbox_url": f"{uri}/inbox",
            "shared_inbox_url": f"https://{domain}/inbox",
            "created_at": tx.now,
            "fetched_at": tx.now,
        } | values
        id = AccountId(new_id(tx.now))
        assert await accounts.insert(tx, id=id, username=name, domain=domain, uri=uri, url=f"{uri}/page", **given)
    return await fresh(world, id)


async def fresh(world: World, id: int) -> AccountView:
    """The account as it is now."""
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, id)
    assert found is not None
    return found


async def change(world: World, account: AccountView, **values: Any) -> AccountView:
    """The account with other columns."""
    async with world.server.write() as tx:
        await accounts.change(tx, account.id, **values)
    return await fresh(world, account.id)


async def write(world: World, author: AccountView, text: str = "hello", **values: Any) -> StatusId:
    """A status of `author`, straight into the store."""
    uri = f"https://{author.domain or 'here.test'}/objects/{next(_numbers)}"
    given = {"uri": uri, "visibility": "public", "content": f"<p>{text}</p>", "searchable": text} | values
    async with world.server.write() as tx:
        found = await write_status(tx, world.server, NewStatus(author=author, **given))
    assert found is not None
    return found.id


async def curated(world: World, owner: AccountView, name: str = "Rocks", **said: Any) -> int:
    """A collection of recommended people that one of ours makes; nobody is in it."""
    async with world.server.write() as tx:
        return (await curating.create(tx, world.server, owner, curating.Draft(name=name, **said))).id


async def befriend(world: World, follower: AccountView, target: AccountView) -> None:
    """Have one follow the other, wherever they live, without anybody being asked."""
    async with world.server.write() as tx:
        if follower.local:
            await following.follow(tx, world.server, follower, target)
            await following.follow_accepted(tx, world.server, follower, target)
        else:
            await following.receive_follow(tx, world.server, follower, target, f"{follower.uri}#follow-{target.id}")


async def waiting(world: World, kind: type[Job]) -> list[Any]:
    """The jobs of a kind that are in the queue; those of one unit in any order."""
    async with world.server.read() as tx:
        found = await tx.all(_JOBS)
    return [msgspec.json.decode(args, type=kind) for name, args in found if name == kind.__name__]


async def run(world: World, job: Job) -> None:
    """Do a job here and now."""
    await KINDS[type(job).__name__].handler(world.server, job)
