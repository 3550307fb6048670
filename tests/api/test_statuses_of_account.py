"""What an account wrote, as its profile lists it."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import new_id
from dassie.store import media
from people import stranger
from strangers import remote_status
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> str:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return str(got.json["id"])


async def test_the_list_can_be_narrowed(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    file = new_id(world.clock.now())
    async with world.server.write() as tx:
        await media.insert(tx, id=file, account_id=ana.id, kind="image", file_key="media/aa/x", created_at=tx.now)
    plain = await posted(as_ana, "#Apple")
    pictured = await posted(as_ana, media_ids=[file])
    answer = await posted(as_ana, in_reply_to_id=await posted(as_bob))
    more = await posted(as_ana, "#apple again", in_reply_to_id=plain)
    direct = await posted(as_ana, "@bob", visibility="direct")
    private = await posted(as_ana, "#apple", visibility="private")
    theirs = await remote_status(world, await stranger(world, "eve"))
    reblog = (await as_ana.post(f"/api/v1/statuses/{theirs.id}/reblog")).json["id"]
    for id in (pictured, plain, private):
        await as_ana.post(f"/api/v1/statuses/{id}/pin")

    async def listed(api: Client, **flags: Any) -> list[str]:
        got = await api.get(f"/api/v1/accounts/{ana.id}/statuses", **flags)
        assert got.code == 200, got.text
        return [one["id"] for one in got.json]

    anybody = await world.api_as()
    everything = [reblog, private, direct, more, answer, pictured, plain]
    assert await listed(as_ana) == everything
    assert await listed(as_bob) == [reblog, direct, more, answer, pictured, plain]
    assert await listed(anybody) == [reblog, more, answer, pictured, plain]
    assert await listed(as_ana, exclude_reblogs=True) == everything[1:]
    assert await listed(as_ana, exclude_replies=True) == [reblog, private, direct, more, pictured, plain]
    assert await listed(as_ana, exclude_direct=True) == [reblog, private, more, answer, pictured, plain]
    assert await listed(as_ana, only_media=True) == [pictured]
    assert await listed(as_ana, tagged="APPLE") == [private, more, plain]
    assert await listed(anybody, tagged="apple") == [more, plain]
    assert await listed(as_ana, tagged="pear") == []
    assert await listed(as_ana, pinned=True) == [private, plain, pictured]
    assert await listed(anybody, pinned=True) == [plain, pictured]
    assert "link" not in (await anybody.get(f"/api/v1/accounts/{ana.id}/statuses", pinned=True)).headers
    assert await listed(as_ana, limit=2, max_id=private) == [direct, more]
    assert await listed(as_ana, limit=2, min_id=plain) == [answer, pictured]
