"""The thread above and below a status."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import new_id
from dassie.store import accounts, blocks
from people import stranger
from strangers import remote_status
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> str:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return str(got.json["id"])


async def around(api: Client, id: str) -> tuple[list[str], list[str]]:
    got = await api.get(f"/api/v1/statuses/{id}/context")
    assert got.code == 200
    return [one["id"] for one in got.json["ancestors"]], [one["id"] for one in got.json["descendants"]]


async def test_a_thread_is_shown_branch_by_branch(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    bob = await world.api_as(await world.account("bob"))
    root = await posted(ana)
    first = await posted(bob, in_reply_to_id=root)
    second = await posted(bob, in_reply_to_id=root)
    below = await posted(ana, in_reply_to_id=first)
    more = await posted(ana, "and then", in_reply_to_id=root)
    anybody = await world.api_as()
    assert await around(anybody, root) == ([], [more, first, below, second])
    assert await around(anybody, below) == ([root, first], [])
    assert await around(anybody, first) == ([root], [below])


async def test_what_one_may_not_see_is_not_in_the_thread(world: World) -> None:
    ana_account, bob_account = await world.account("ana"), await world.account("bob")
    ana, bob = await world.api_as(ana_account), await world.api_as(bob_account)
    root = await posted(ana)
    hidden = await posted(bob, "@ana", in_reply_to_id=root, visibility="direct")
    below = await posted(ana, in_reply_to_id=hidden)
    assert await around(await world.api_as(), root) == ([], [below])
    assert await around(ana, below) == ([root, hidden], [])
    assert (await (await world.api_as()).get(f"/api/v1/statuses/{hidden}/context")).code == 404


async def test_blocked_and_limited_people_are_left_out(world: World) -> None:
    ana_account = await world.account("ana")
    ana = await world.api_as(ana_account)
    eve, mal = await stranger(world, "eve"), await stranger(world, "mal", silenced_at=world.clock.now())
    root = await posted(ana)
    from strangers import status_row

    parent = await status_row(world, root)
    seen = await remote_status(world, eve, in_reply_to=parent)
    await remote_status(world, mal, in_reply_to=parent)
    assert await around(ana, root) == ([], [str(seen.id)])
    async with world.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=ana_account.id, target_id=eve.id, uri=None)
    assert await around(ana, root) == ([], [])
    assert await around(await world.api_as(), root) == ([], [str(seen.id)])
    async with world.server.write() as tx:
        await accounts.change(tx, eve.id, suspended_at=tx.now)
    assert await around(await world.api_as(), root) == ([], [])


async def test_strangers_get_a_bounded_part(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    chain = [await posted(ana)]
    for n in range(45):
        chain.append(await posted(ana, f"n{n}", in_reply_to_id=chain[-1]))
    anybody = await world.api_as()
    above, _ = await around(anybody, chain[-1])
    assert above == chain[5:-1]
    _, below = await around(anybody, chain[0])
    assert below == chain[1:21]
    assert await around(ana, chain[20]) == (chain[:20], chain[21:])


async def test_a_circle_of_replies_ends(world: World) -> None:
    from dassie.store import statuses

    eve = await stranger(world, "eve")
    one = await remote_status(world, eve)
    two = await remote_status(world, eve, in_reply_to=one)
    async with world.server.write() as tx:
        await statuses.change(tx, one.id, in_reply_to_id=two.id)
    ana = await world.api_as(await world.account("ana"))
    above, below = await around(ana, str(one.id))
    assert set(above) <= {str(one.id), str(two.id)}
    assert below == [str(two.id)]
