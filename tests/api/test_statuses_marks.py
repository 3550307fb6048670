"""Favourites, reblogs, bookmarks, pins and muted threads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dassie.domain.ids import new_id
from dassie.store import accounts, blocks
from people import stranger
from strangers import remote_status
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> Any:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return got.json


@pytest.mark.parametrize(
    ("do", "undo", "flag"), [("favourite", "unfavourite", "favourited"), ("bookmark", "unbookmark", "bookmarked")]
)
async def test_marking_twice_is_once_and_can_be_undone(world: World, do: str, undo: str, flag: str) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    path = f"/api/v1/statuses/{made['id']}"
    for _ in range(2):
        got = await as_bob.post(f"{path}/{do}")
        assert (got.code, got.json[flag]) == (200, True)
    assert (await as_bob.get(path)).json["favourites_count"] == (1 if do == "favourite" else 0)
    assert (await as_ana.get(path)).json[flag] is False
    for _ in range(2):
        got = await as_bob.post(f"{path}/{undo}")
        assert (got.code, got.json[flag], got.json["favourites_count"]) == (200, False, 0)


async def test_a_favourite_is_told_and_taken_back(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    await as_bob.post(f"/api/v1/statuses/{made['id']}/favourite")
    told = (await as_ana.get("/api/v1/notifications")).json
    assert [(one["type"], one["account"]["acct"]) for one in told] == [("favourite", "bob")]
    await as_bob.post(f"/api/v1/statuses/{made['id']}/unfavourite")
    assert (await as_ana.get("/api/v1/notifications")).json == []


async def test_what_one_may_not_see_or_blocks_is_not_marked(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    hidden = await posted(as_ana, visibility="private")
    shown = await posted(as_ana)
    for verb in ("favourite", "bookmark", "reblog", "pin", "mute"):
        assert (await as_bob.post(f"/api/v1/statuses/{hidden['id']}/{verb}")).code == 404
        assert (await as_bob.post(f"/api/v1/statuses/99/{verb}")).code == 404
    async with world.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=bob.id, target_id=ana.id, uri=None)
    for verb in ("favourite", "reblog"):
        assert (await as_bob.post(f"/api/v1/statuses/{shown['id']}/{verb}")).code == 403


async def test_lists_of_marks_go_by_when_they_were_made(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    ids = [(await posted(ana, f"n{n}"))["id"] for n in range(4)]
    order = [ids[2], ids[0], ids[3], ids[1]]
    for id in order:
        await ana.post(f"/api/v1/statuses/{id}/bookmark")
        await ana.post(f"/api/v1/statuses/{id}/favourite")
    for name in ("bookmarks", "favourites"):
        first = await ana.get(f"/api/v1/{name}", limit=3)
        assert [one["id"] for one in first.json] == order[:0:-1]
        assert 'rel="prev"' in first.headers["link"]
        assert "min_id=" in first.headers["link"]
        older = first.headers["link"].partition("<https://here.test")[2].partition(">")[0]
        assert [one["id"] for one in (await ana.get(older)).json] == [order[0]]
    await ana.delete(f"/api/v1/statuses/{ids[1]}")
    assert [one["id"] for one in (await ana.get("/api/v1/bookmarks")).json] == [ids[3], ids[0], ids[2]]


async def test_a_mark_of_a_reblog_is_one_of_what_it_shows(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    reblog = (await as_bob.post(f"/api/v1/statuses/{made['id']}/reblog")).json
    got = (await as_ana.post(f"/api/v1/statuses/{reblog['id']}/favourite")).json
    assert (got["id"], got["favourited"], got["favourites_count"]) == (made["id"], True, 1)


async def test_reblogging_twice_gives_the_first_one(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    first = (await as_bob.post(f"/api/v1/statuses/{made['id']}/reblog")).json
    second = (await as_bob.post(f"/api/v1/statuses/{first['id']}/reblog")).json
    assert first["id"] == second["id"]
    assert first["reblog"]["id"] == made["id"]
    assert first["reblog"]["reblogged"] is True
    assert first["reblog"]["reblogs_count"] == 1
    assert first["content"] == ""
    assert [one["type"] for one in (await as_ana.get("/api/v1/notifications")).json] == ["reblog"]

    undone = (await as_bob.post(f"/api/v1/statuses/{made['id']}/unreblog")).json
    assert (undone["id"], undone["reblogged"], undone["reblogs_count"]) == (made["id"], False, 0)
    assert (await as_bob.get(f"/api/v1/statuses/{first['id']}")).code == 404
    again = (await as_bob.post(f"/api/v1/statuses/{made['id']}/reblog", visibility="unlisted")).json
    assert again["id"] != first["id"]
    assert again["visibility"] == "unlisted"
    await as_bob.delete(f"/api/v1/statuses/{again['id']}")
    assert (await as_ana.get(f"/api/v1/statuses/{made['id']}")).json["reblogs_count"] == 0


async def test_direct_posts_are_not_reblogged_and_private_ones_by_their_author(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    direct = await posted(as_ana, "@bob", visibility="direct")
    private = await posted(as_ana, "@bob", visibility="private")
    for api in (as_ana, as_bob):
        got = await api.post(f"/api/v1/statuses/{direct['id']}/reblog")
        assert (got.code, got.json["error"]) == (403, "This action is not allowed")
    assert (await as_bob.post(f"/api/v1/statuses/{private['id']}/reblog")).code == 403
    mine = await as_ana.post(f"/api/v1/statuses/{private['id']}/reblog", visibility="public")
    assert (mine.code, mine.json["visibility"]) == (200, "private")
    public = await posted(as_ana)
    assert (await as_bob.post(f"/api/v1/statuses/{public['id']}/reblog", visibility="direct")).code == 422


async def test_a_deleted_status_takes_its_reblogs_along(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    reblog = (await as_bob.post(f"/api/v1/statuses/{made['id']}/reblog")).json
    await as_ana.delete(f"/api/v1/statuses/{made['id']}")
    assert (await as_bob.get(f"/api/v1/statuses/{reblog['id']}")).code == 404
    assert (await as_bob.get("/api/v1/timelines/home")).json == []
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, bob.id)
    assert found is not None
    assert found.statuses_count == 0


async def test_who_favourited_and_reblogged_in_pages(world: World) -> None:
    ana = await world.account("ana")
    as_ana, anybody = await world.api_as(ana), await world.api_as()
    made = await posted(as_ana)
    people = [await world.account(f"p{n}") for n in range(3)]
    for one in people:
        api = await world.api_as(one)
        await api.post(f"/api/v1/statuses/{made['id']}/favourite")
        await api.post(f"/api/v1/statuses/{made['id']}/reblog", visibility="private" if one is people[0] else "public")
    path = f"/api/v1/statuses/{made['id']}"
    first = await anybody.get(f"{path}/favourited_by", limit=2)
    assert [one["acct"] for one in first.json] == ["p2", "p1"]
    assert "since_id=" in first.headers["link"]
    older = first.headers["link"].partition("<https://here.test")[2].partition(">")[0]
    last = await anybody.get(older)
    assert [one["acct"] for one in last.json] == ["p0"]
    assert 'rel="next"' not in last.headers["link"]
    assert [one["acct"] for one in (await anybody.get(f"{path}/reblogged_by")).json] == ["p2", "p1"]
    async with world.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=ana.id, target_id=people[2].id, uri=None)
    assert [one["acct"] for one in (await as_ana.get(f"{path}/favourited_by")).json] == ["p1", "p0"]


async def test_pins_have_rules(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = [await posted(as_ana, f"n{n}") for n in range(6)]
    for one in made[:5]:
        for _ in range(2):
            got = await as_ana.post(f"/api/v1/statuses/{one['id']}/pin")
            assert (got.code, got.json["pinned"]) == (200, True)
    direct = await posted(as_ana, "x", visibility="direct")
    reblog = (await as_ana.post(f"/api/v1/statuses/{made[0]['id']}/reblog")).json
    for api, id, words in (
        (as_ana, made[5]["id"], "You have already pinned the maximum number of posts"),
        (as_bob, made[5]["id"], "Someone else's post cannot be pinned"),
        (as_ana, direct["id"], "Posts that are only visible to mentioned users cannot be pinned"),
        (as_ana, reblog["id"], "A boost cannot be pinned"),
    ):
        got = await api.post(f"/api/v1/statuses/{id}/pin")
        assert (got.code, got.json["error"]) == (422, f"Validation failed: {words}")
    assert (await as_ana.post(f"/api/v1/statuses/{made[0]['id']}/unpin")).json["pinned"] is False
    assert (await as_ana.post(f"/api/v1/statuses/{made[5]['id']}/pin")).code == 200


async def test_a_muted_thread_is_silent(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    assert (await as_ana.post(f"/api/v1/statuses/{made['id']}/mute")).json["muted"] is True
    reply = await posted(as_bob, "@ana yes", in_reply_to_id=made["id"])
    assert (await as_ana.get(f"/api/v1/statuses/{reply['id']}")).json["muted"] is True
    assert (await as_ana.get("/api/v1/notifications")).json == []
    assert (await as_ana.post(f"/api/v1/statuses/{reply['id']}/unmute")).json["muted"] is False
    await posted(as_bob, "@ana no", in_reply_to_id=made["id"])
    assert [one["type"] for one in (await as_ana.get("/api/v1/notifications")).json] == ["mention"]


async def test_a_status_of_elsewhere_is_marked_alike(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    theirs = await remote_status(world, await stranger(world, "eve"))
    for verb, flag in (("favourite", "favourited"), ("bookmark", "bookmarked"), ("mute", "muted")):
        assert (await ana.post(f"/api/v1/statuses/{theirs.id}/{verb}")).json[flag] is True
    assert (await ana.post(f"/api/v1/statuses/{theirs.id}/reblog")).json["reblog"]["id"] == str(theirs.id)


async def test_reblogging_at_the_same_time_is_one_reblog(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana)
    path = f"/api/v1/statuses/{made['id']}/reblog"
    got = await asyncio.gather(*(as_bob.post(path) for _ in range(4)))
    assert [one.code for one in got] == [200] * 4
    assert len({one.json["id"] for one in got}) == 1
    assert (await as_ana.get(f"/api/v1/statuses/{made['id']}")).json["reblogs_count"] == 1
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, bob.id)
    assert found is not None
    assert found.statuses_count == 1


async def test_marks_can_be_taken_off_what_one_may_not_see_any_more(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    first, second = [(await as_bob.post("/api/v1/statuses", status=text)).json["id"] for text in ("one", "two")]
    path = f"/api/v1/statuses/{first}"
    for verb in ("favourite", "bookmark", "reblog"):
        assert (await as_ana.post(f"{path}/{verb}")).code == 200
    boost = (await as_ana.post(f"/api/v1/statuses/{second}/reblog")).json["id"]
    await as_bob.post(f"/api/v1/accounts/{ana.id}/block")
    assert (await as_ana.get(path)).code == 404
    for verb in ("unfavourite", "unbookmark", "unreblog"):
        got = await as_ana.post(f"{path}/{verb}")
        assert (got.code, got.json["id"]) == (200, first), verb
        assert (await as_ana.post(f"{path}/{verb}")).code == 404, verb
    left = (await as_bob.get(path)).json
    assert (left["favourites_count"], left["reblogs_count"]) == (0, 0)
    assert (await as_ana.delete(f"/api/v1/statuses/{boost}")).code == 200
    assert (await as_bob.get(f"/api/v1/statuses/{second}")).json["reblogs_count"] == 0
