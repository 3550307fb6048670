"""Lists: who is in them, what their timelines show, and what exclusive ones keep out of home."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.services import deleting_accounts
from dassie.store import feeds, list_feeds, lists
from entities_check import check_entity, needs_definitions
from listeners import events, listening, socket
from people import befriend, change, stranger, write
from statements import least
from test_timelines import ids, posted
from worlds import Client, World


async def made(api: Client, title: str = "friends", *members: Any, **more: Any) -> str:
    """The id of a new list with these people in it."""
    got = await api.post("/api/v1/lists", title=title, **more)
    assert got.code == 200, got.text
    if members:
        added = await api.post(f"/api/v1/lists/{got.json['id']}/accounts", account_ids=[one.id for one in members])
        assert (added.code, added.json) == (200, {}), added.text
    return str(got.json["id"])


async def members(api: Client, id: str, **params: Any) -> list[str]:
    got = await api.get(f"/api/v1/lists/{id}/accounts", **params)
    assert got.code == 200, got.text
    return [one["username"] for one in got.json]


# Lists and members -----------------------------------------------------------------------------------


async def test_a_list_is_made_read_changed_and_deleted(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = (await ana.post("/api/v1/lists", title="friends")).json
    assert got == {"id": got["id"], "title": "friends", "replies_policy": "list", "exclusive": False}
    other = (await ana.post("/api/v1/lists", json={"title": "b", "replies_policy": "none", "exclusive": True})).json
    assert (other["replies_policy"], other["exclusive"]) == ("none", True)
    assert (await ana.get("/api/v1/lists")).json == [got, other]
    assert (await ana.get(f"/api/v1/lists/{got['id']}")).json == got
    changed = (await ana.put(f"/api/v1/lists/{got['id']}", title="pals", replies_policy="followed")).json
    assert changed == {**got, "title": "pals", "replies_policy": "followed"}
    assert (await ana.put(f"/api/v1/lists/{got['id']}", exclusive=True)).json == {**changed, "exclusive": True}
    assert (await ana.delete(f"/api/v1/lists/{got['id']}")).json == {}
    assert (await ana.get("/api/v1/lists")).json == [other]
    assert (await ana.delete(f"/api/v1/lists/{got['id']}")).code == 404


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": " "}, "Title can't be blank"),
        ({"title": "x" * 257}, "Title is too long"),
        ({"replies_policy": "some"}, "not a valid replies_policy"),
    ],
)
async def test_what_makes_no_list_is_refused(world: World, wrong: dict[str, str], says: str) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = await ana.post("/api/v1/lists", **({"title": "t"} | wrong))
    assert got.code == 422
    assert says in got.json["error"]
    id = await made(ana)
    assert (await ana.put(f"/api/v1/lists/{id}", **wrong)).code == 422


async def test_there_are_at_most_fifty(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    for n in range(50):
        await made(ana, f"l{n}")
    got = await ana.post("/api/v1/lists", title="one more")
    assert got.code == 422
    assert "maximum number of lists" in got.json["error"]


async def test_only_people_who_are_followed_or_asked_and_oneself_can_be_in_it(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    await change(world, bob, locked=True)
    as_ana = await world.api_as(ana)
    id = await made(as_ana)
    path = f"/api/v1/lists/{id}/accounts"
    assert (await as_ana.post(path, account_ids=[bob.id])).code == 404
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    assert (await as_ana.post(path, account_ids=[bob.id, cas.id])).code == 404
    assert (await as_ana.post(path, account_ids=["nobody"])).code == 404
    assert (await as_ana.post(path, account_ids=[bob.id, ana.id])).json == {}
    assert sorted(await members(as_ana, id)) == ["ana", "bob"]
    again = await as_ana.post(path, account_ids=[bob.id])
    assert again.code == 422
    assert again.json["error"] == "Validation failed: Account is already on the list"
    assert (await as_ana.delete(path, account_ids=[bob.id, cas.id])).json == {}
    assert await members(as_ana, id) == ["ana"]


async def test_members_are_paged_by_account_and_all_at_once_where_asked(world: World) -> None:
    ana = await world.account("ana")
    as_ana = await world.api_as(ana)
    people = [await stranger(world, f"p{n}") for n in range(5)]
    for one in people:
        await befriend(world, ana, one)
    id = await made(as_ana, "all", *people)
    assert await members(as_ana, id) == ["p4", "p3", "p2", "p1", "p0"]
    first = await as_ana.get(f"/api/v1/lists/{id}/accounts", limit=2)
    assert [one["username"] for one in first.json] == ["p4", "p3"]
    assert f'max_id={people[3].id}>; rel="next"' in first.headers["link"]
    assert f'since_id={people[4].id}>; rel="prev"' in first.headers["link"]
    assert await members(as_ana, id, limit=2, max_id=people[3].id) == ["p2", "p1"]
    whole = await as_ana.get(f"/api/v1/lists/{id}/accounts", limit=0)
    assert len(whole.json) == 5
    assert "link" not in whole.headers
    await change(world, people[4], suspended_at=world.clock.now())
    assert await members(as_ana, id, limit=0) == ["p3", "p2", "p1", "p0"]


async def test_the_lists_that_somebody_is_in(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    first, _second, third = await made(as_ana, "a", bob), await made(as_ana, "b"), await made(as_ana, "c", bob)
    await made(as_bob, "own", bob)
    assert [one["id"] for one in (await as_ana.get(f"/api/v1/accounts/{bob.id}/lists")).json] == [first, third]
    assert (await as_ana.get("/api/v1/accounts/1/lists")).code == 404


async def test_nobody_reaches_the_lists_of_others(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    id = await made(as_ana, "mine", ana)
    for path in (f"lists/{id}", f"lists/{id}/accounts", f"timelines/list/{id}"):
        assert (await as_bob.get(f"/api/v1/{path}")).code == 404
    assert (await as_bob.put(f"/api/v1/lists/{id}", title="x")).code == 404
    assert (await as_bob.delete(f"/api/v1/lists/{id}")).code == 404
    assert (await as_bob.post(f"/api/v1/lists/{id}/accounts", account_ids=[bob.id])).code == 404
    assert (await as_bob.delete(f"/api/v1/lists/{id}/accounts", account_ids=[ana.id])).code == 404
    assert await members(as_ana, id) == ["ana"]


async def test_scopes_are_those_of_lists(world: World) -> None:
    ana = await world.account("ana")
    reader = await world.api_as(ana, "read:lists")
    assert (await reader.get("/api/v1/lists")).code == 200
    assert (await reader.post("/api/v1/lists", title="t")).code == 403
    id = await made(await world.api_as(ana, "write:lists"), "t", ana)
    assert (await reader.get(f"/api/v1/timelines/list/{id}")).code == 200
    assert (await (await world.api_as(ana, "read:statuses")).get(f"/api/v1/timelines/list/{id}")).code == 403
    assert (await (await world.api_as()).get(f"/api/v1/lists/{id}/accounts")).code == 401


@needs_definitions
async def test_lists_are_list_entities(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    await made(ana)
    assert check_entity("List", (await ana.get("/api/v1/lists")).json[0]) == []


# Timelines -------------------------------------------------------------------------------------------


async def test_a_list_shows_what_its_members_write_and_wrote_last(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    as_ana, as_bob, as_cas = [await world.api_as(one) for one in (ana, bob, cas)]
    eve = await stranger(world, "eve")
    for one in (bob, cas, eve):
        await befriend(world, ana, one)
    before = await posted(as_bob, "before")
    mine = await posted(as_ana, "my own")
    id = await made(as_ana, "some", bob, eve, ana)
    await world.settle()
    await posted(as_cas, "not in it")
    await posted(as_bob, "for me alone", visibility="direct")
    quiet = await posted(as_bob, "for followers", visibility="private")
    far = str(await write(world, eve, "far"))
    own = await posted(as_ana, "own too")
    boost = (await as_bob.post(f"/api/v1/statuses/{far}/reblog")).json["id"]
    await world.settle()
    assert await ids(as_ana, f"list/{id}") == [own, far, quiet, mine, before]
    assert boost not in await ids(as_ana, f"list/{id}")  # the post itself stands near
    other = await posted(as_cas, "boosted")
    boost = (await as_bob.post(f"/api/v1/statuses/{other}/reblog")).json["id"]
    assert (await ids(as_ana, f"list/{id}"))[0] == boost
    got = await as_ana.get(f"/api/v1/timelines/list/{id}", limit=2, max_id=own)
    assert [one["id"] for one in got.json] == [far, quiet]
    assert f'max_id={quiet}>; rel="next"' in got.headers["link"]
    assert f'min_id={far}>; rel="prev"' in got.headers["link"]
    assert await ids(as_ana, f"list/{id}", min_id=mine, limit=1) == [quiet]


@pytest.mark.parametrize(("policy", "shown"), [("none", ""), ("list", "list"), ("followed", "list followed")])
async def test_replies_to_others_are_shown_by_the_policy(world: World, policy: str, shown: str) -> None:
    ana, bob, cas, dan, eli = [await world.account(name) for name in ("ana", "bob", "cas", "dan", "eli")]
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    for one in (bob, cas, dan):
        await befriend(world, ana, one)
    roots = {}
    for name, one in {"owner": ana, "self": bob, "list": cas, "followed": dan, "stranger": eli}.items():
        roots[name] = await posted(await world.api_as(one), f"of {name}")
    id = await made(as_ana, "some", bob, cas, replies_policy=policy)
    await world.settle()
    replies = {await posted(as_bob, f"to {name}", in_reply_to_id=root): name for name, root in roots.items()}
    new = [replies[one] for one in await ids(as_ana, f"list/{id}") if one in replies]
    assert sorted(new) == sorted(["owner", "self", *shown.split()])
    later = await made(as_ana, "later", bob, replies_policy="none")
    await world.settle()
    filled = [replies[one] for one in await ids(as_ana, f"list/{later}") if one in replies]
    assert sorted(filled) == ["owner", "self"]


async def test_who_is_followed_no_more_is_out_of_the_lists(world: World) -> None:
    ana, bob, cas, dan = [await world.account(name) for name in ("ana", "bob", "cas", "dan")]
    as_ana = await world.api_as(ana)
    for one in (bob, cas, dan):
        await befriend(world, ana, one)
        await posted(await world.api_as(one), "hello")
    id = await made(as_ana, "some", bob, cas, dan)
    other = await made(await world.api_as(bob), "bobs", bob)
    await world.settle()
    assert len(await ids(as_ana, f"list/{id}")) == 3
    await as_ana.post(f"/api/v1/accounts/{bob.id}/unfollow")
    assert await members(as_ana, id) == ["dan", "cas"]
    await as_ana.post(f"/api/v1/accounts/{cas.id}/block")
    assert await members(as_ana, id) == ["dan"]
    await (await world.api_as(dan)).post(f"/api/v1/accounts/{ana.id}/remove_from_followers")
    assert await members(as_ana, id) == []
    assert await ids(as_ana, f"list/{id}") == []
    assert await members(await world.api_as(bob), other) == ["bob"]


async def test_a_request_that_is_granted_fills_the_list(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    await change(world, bob, locked=True)
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    id = await made(as_ana, "some", bob)
    post = await posted(as_bob, "hello")
    await world.settle()
    assert await ids(as_ana, f"list/{id}") == []
    await as_bob.post(f"/api/v1/follow_requests/{ana.id}/authorize")
    await world.settle()
    assert await ids(as_ana, f"list/{id}") == [post]
    await as_ana.post(f"/api/v1/accounts/{bob.id}/mute")
    assert await ids(as_ana, f"list/{id}") == []


async def test_muting_takes_out_what_names_somebody_too(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    as_ana, as_bob, as_cas = [await world.api_as(one) for one in (ana, bob, cas)]
    await befriend(world, ana, bob)
    id = await made(as_ana, "some", bob)
    await world.settle()
    kept = await posted(as_bob, "hello")
    await posted(as_bob, "with @cas")
    await as_bob.post(f"/api/v1/statuses/{await posted(as_cas, 'of cas')}/reblog")
    assert len(await ids(as_ana, f"list/{id}")) == 3
    await as_ana.post(f"/api/v1/accounts/{cas.id}/mute")
    assert await ids(as_ana, f"list/{id}") == [kept]
    await posted(as_bob, "again with @cas")
    assert await ids(as_ana, f"list/{id}") == [kept]


async def test_taking_somebody_out_takes_their_posts_out(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    as_ana, as_bob, as_cas = [await world.api_as(one) for one in (ana, bob, cas)]
    for one in (bob, cas):
        await befriend(world, ana, one)
    id = await made(as_ana, "some", bob, cas)
    await posted(as_bob, "hello")
    kept = await posted(as_cas, "hello")
    await as_ana.delete(f"/api/v1/lists/{id}/accounts", account_ids=[bob.id])
    assert await ids(as_ana, f"list/{id}") == [kept]
    await posted(as_bob, "more")
    assert await ids(as_ana, f"list/{id}") == [kept]
    assert len(await ids(as_ana, "home")) == 3


# Exclusive lists -------------------------------------------------------------------------------------


async def test_an_exclusive_list_keeps_its_people_out_of_home(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    as_ana, as_bob, as_cas = [await world.api_as(one) for one in (ana, bob, cas)]
    for one in (bob, cas):
        await befriend(world, ana, one)
    await world.settle()
    early = await posted(as_bob, "early")
    own = await posted(as_ana, "own")
    id = await made(as_ana, "apart", bob, ana, exclusive=True)
    await world.settle()
    assert await ids(as_ana, "home") == [own]
    late = await posted(as_bob, "late")
    own_late = await posted(as_ana, "own late")
    other = await posted(as_cas, "other")
    assert await ids(as_ana, "home") == [other, own_late, own]
    assert await ids(as_ana, f"list/{id}") == [own_late, late, own, early]
    await as_ana.put(f"/api/v1/lists/{id}", exclusive=False)
    assert await ids(as_ana, "home") == [other, own_late, late, own, early]
    await as_ana.put(f"/api/v1/lists/{id}", exclusive=True)
    assert await ids(as_ana, "home") == [other, own_late, own]
    second = await made(as_ana, "again", bob, exclusive=True)
    await world.settle()
    await as_ana.delete(f"/api/v1/lists/{id}")
    assert await ids(as_ana, "home") == [other, own_late, own]
    await as_ana.delete(f"/api/v1/lists/{second}/accounts", account_ids=[bob.id])
    await world.settle()
    assert await ids(as_ana, "home") == [other, own_late, late, own, early]


async def test_following_again_does_not_bring_home_what_an_exclusive_list_has(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    await change(world, bob, locked=True)
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    id = await made(as_ana, "apart", bob, exclusive=True)
    post = await posted(as_bob, "hello")
    await as_bob.post(f"/api/v1/follow_requests/{ana.id}/authorize")
    await world.settle()
    assert await ids(as_ana, "home") == []
    assert await ids(as_ana, f"list/{id}") == [post]


# Streams ---------------------------------------------------------------------------------------------


async def test_a_list_has_a_stream_for_its_owner(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    id = await made(as_ana, "some", bob)
    token = await world.token(ana)
    async with (
        listening(world) as port,
        events(port, "list", token, list=id) as heard,
        socket(port, token) as frames,
        events(port, "list", await world.token(bob), list=id) as refused,
        events(port, "list", token) as unnamed,
    ):
        assert (refused.response.status, unnamed.response.status) == (404, 400)
        await frames.subscribe("list", list=id)
        post = await posted(as_bob, "hello")
        assert (await heard.next())[0] == "update"
        frame = await frames.next()
        assert (frame["stream"], frame["event"]) == (["list", id], "update")
        await as_bob.put(f"/api/v1/statuses/{post}", status="changed")
        assert (await heard.next())[0] == "status.update"
        assert (await frames.next())["event"] == "status.update"
        await as_bob.delete(f"/api/v1/statuses/{post}")
        assert await heard.next() == ("delete", post)
        assert (await frames.next())["event"] == "delete"
        async with socket(port, await world.token(bob)) as others:
            await others.say(type="subscribe", stream="list", list=id)
            assert (await others.next())["status"] == 404


# Keeping house ---------------------------------------------------------------------------------------


async def test_feeds_of_lists_are_cut_and_deleted_posts_leave_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_feeds, "KEPT", 3)
    ana = await world.account("ana")
    as_ana = await world.api_as(ana)
    id = await made(as_ana, "me", ana)
    await world.settle()
    made_ = [await posted(as_ana, f"n{n}") for n in range(6)]
    async with world.server.write() as tx:
        await list_feeds.trim(tx)
    assert await ids(as_ana, f"list/{id}") == made_[:2:-1]
    await as_ana.delete(f"/api/v1/statuses/{made_[5]}")
    async with world.server.read() as tx:
        assert await list_feeds.holding(tx, [int(made_[5])]) == []
        assert await list_feeds.holding(tx, [int(made_[4])]) == [int(id)]
    assert feeds.KEPT == 800


async def test_lists_go_with_their_owner_and_members_with_their_account(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    await befriend(world, bob, ana)
    mine, _theirs = await made(as_ana, "a", bob), await made(as_bob, "b", ana)
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, bob)
    await world.settle()
    async with world.server.read() as tx:
        assert await lists.of(tx, bob.id) == []
        assert await lists.among(tx, int(mine), [bob.id]) == set()


async def test_a_page_of_a_list_costs_the_same_however_long(idle_world: World) -> None:
    world = idle_world  # no job asks in between
    ana = await world.account("ana")
    as_ana = await world.api_as(ana)
    id = await made(as_ana, "me", ana)

    async def count(expected: int) -> int:
        async def ask() -> None:
            assert len(await ids(as_ana, f"list/{id}")) == expected

        return await least(ask, tries=10)

    await posted(as_ana, "one")
    few = await count(1)
    for n in range(10):
        await posted(as_ana, f"n{n}")
    assert await count(11) == few
