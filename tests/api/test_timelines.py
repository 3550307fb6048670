"""Timelines: home, public and hashtags."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import new_id
from dassie.store import accounts, blocks, mutes
from dassie.store.views import AccountView
from people import stranger
from strangers import remote_status
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> str:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return str(got.json["id"])


async def ids(api: Client, path: str, **params: Any) -> list[str]:
    got = await api.get(f"/api/v1/timelines/{path}", **params)
    assert got.code == 200, got.text
    return [one["id"] for one in got.json]


async def block(world: World, me: AccountView, them: AccountView) -> None:
    async with world.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=me.id, target_id=them.id, uri=None)


async def test_home_is_what_one_writes_and_follows(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    before = await posted(as_bob, "not yet followed", visibility="direct")
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    mine, theirs = await posted(as_ana), await posted(as_bob, visibility="private")
    await posted(as_bob, "me alone", visibility="direct")
    assert await ids(as_ana, "home") == [theirs, mine]
    assert before not in await ids(as_ana, "home")
    assert (await (await world.api_as()).get("/api/v1/timelines/home")).code == 401
    await block(world, ana, bob)
    assert await ids(as_ana, "home") == [mine]


async def test_pages_go_down_and_up(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = [await posted(ana, f"n{n}") for n in range(7)]
    made.reverse()
    got = await ana.get("/api/v1/timelines/home", limit=3)
    assert [one["id"] for one in got.json] == made[:3]
    assert got.headers["link"] == (
        f'<https://here.test/api/v1/timelines/home?limit=3&max_id={made[2]}>; rel="next", '
        f'<https://here.test/api/v1/timelines/home?limit=3&min_id={made[0]}>; rel="prev"'
    )
    for path in ("home", "public", "public?local=true"):
        joint = "&" if "?" in path else "?"
        assert await ids(ana, f"{path}{joint}limit=3&max_id={made[2]}") == made[3:6]
        assert await ids(ana, f"{path}{joint}limit=2&since_id={made[4]}") == made[0:2]
        assert await ids(ana, f"{path}{joint}limit=2&min_id={made[4]}") == made[2:4]
        assert await ids(ana, f"{path}{joint}limit=0") == []
    assert (await ana.get("/api/v1/timelines/home", max_id=made[-1])).headers.get("link") is None


async def test_public_has_no_reblogs_replies_and_hidden_posts(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    root = await posted(ana)
    await posted(bob, in_reply_to_id=root)
    own = await posted(ana, "more", in_reply_to_id=root)
    for visibility in ("unlisted", "private", "direct"):
        await posted(ana, visibility=visibility)
    await bob.post(f"/api/v1/statuses/{root}/reblog")
    anybody = await world.api_as()
    assert await ids(anybody, "public") == [own, root]
    assert await ids(bob, "public", local=True) == [own, root]


async def test_public_has_two_halves(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    eve = await stranger(world, "eve")
    ours = await posted(ana)
    theirs = str((await remote_status(world, eve)).id)
    limited = await stranger(world, "mal", silenced_at=world.clock.now())
    await remote_status(world, limited)
    anybody = await world.api_as()
    assert await ids(anybody, "public") == [theirs, ours]
    assert await ids(anybody, "public", local=True) == [ours]
    assert await ids(anybody, "public", remote=True) == [theirs]
    assert await ids(anybody, "public", local=True, remote=True) == await ids(anybody, "public")
    assert await ids(anybody, "public", only_media=True) == []
    link = (await anybody.get("/api/v1/timelines/public", local=True)).headers["link"]
    assert "local=true&max_id=" in link


async def test_blocked_and_muted_people_are_not_in_public(world: World) -> None:
    ana, bob, carl = [await world.account(name) for name in ("ana", "bob", "carl")]
    as_ana, as_bob, as_carl = [await world.api_as(one) for one in (ana, bob, carl)]
    by_bob, by_carl = await posted(as_bob, "#tag"), await posted(as_carl, "#tag")
    for path in ("public", "tag/tag"):
        assert await ids(as_ana, path) == [by_carl, by_bob]
    await block(world, bob, ana)
    async with world.server.write() as tx:
        await mutes.put(tx, id=new_id(tx.now), account_id=ana.id, target_id=carl.id, **_mute(world))
    for path in ("public", "tag/tag"):
        assert await ids(as_ana, path) == []
        assert await ids(await world.api_as(), path) == [by_carl, by_bob]
    world.clock.forward(hours=2)
    assert await ids(as_ana, "public") == [by_carl]


def _mute(world: World) -> dict[str, Any]:
    from datetime import timedelta

    return {"hide_notifications": True, "expires_at": world.clock.now() + timedelta(hours=1)}


async def test_hashtags_combine(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    a = await posted(ana, "#Apple")
    ab = await posted(ana, "#apple #banana")
    b = await posted(ana, "#banana")
    abc = await posted(ana, "#apple #banana #cherry")
    await posted(ana, "#apple", visibility="unlisted")
    assert await ids(ana, "tag/APPLE") == [abc, ab, a]
    assert await ids(ana, "tag/apple", any=["banana"]) == [abc, b, ab, a]
    assert await ids(ana, "tag/apple", all=["banana"]) == [abc, ab]
    assert await ids(ana, "tag/apple", all=["banana", "cherry"]) == [abc]
    assert await ids(ana, "tag/apple", all=["banana"], none=["cherry"]) == [ab]
    assert await ids(ana, "tag/apple", all=["nowhere"]) == []
    assert await ids(ana, "tag/nowhere") == []
    assert await ids(ana, "tag/apple", any=["banana"], limit=2) == [abc, b]
    assert await ids(ana, "tag/apple", any=["banana"], limit=2, min_id=a) == [b, ab]
    assert await ids(ana, "tag/apple", any=["banana"], limit=2, max_id=b) == [ab, a]
    assert await ids(ana, "tag/apple", remote=True) == []
    link = (await ana.get("/api/v1/timelines/tag/apple", any=["banana"], limit=1)).headers["link"]
    assert "any%5B%5D=banana" in link


async def test_suspended_people_are_nowhere(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    eve = await stranger(world, "eve")
    await remote_status(world, eve, tags=[("apple", "apple")])
    assert len(await ids(ana, "tag/apple")) == 1
    async with world.server.write() as tx:
        await accounts.change(tx, eve.id, suspended_at=tx.now)
    assert await ids(ana, "tag/apple") == []
    assert await ids(ana, "public") == []


async def test_reblogs_of_people_one_does_not_want_are_not_at_home(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    eve = await stranger(world, "eve")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    theirs = await remote_status(world, eve)
    reblog = (await as_bob.post(f"/api/v1/statuses/{theirs.id}/reblog")).json["id"]
    assert await ids(as_ana, "home") == [reblog]
    path = f"/api/v1/accounts/{bob.id}/statuses"
    assert [one["id"] for one in (await as_ana.get(path)).json] == [reblog]
    await block(world, ana, eve)
    assert await ids(as_ana, "home") == []
    assert (await as_ana.get(path)).json == []
