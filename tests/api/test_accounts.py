"""Reading accounts by the API."""

from __future__ import annotations

import pytest

from dassie.domain.errors import RemoteFailed
from dassie.domain.ids import AccountId
from dassie.domain.jobs import MaterialiseAccount
from dassie.services import blocking, following
from dassie.store import logins, search
from dassie.store.views import AccountView
from people import befriend, change, stranger, waiting, write
from worlds import World


async def index(world: World, *people: AccountView) -> None:
    async with world.server.write() as tx:
        for one in people:
            await search.index_account(tx, one.id, f"{one.username} {one.display_name}")


async def test_an_account_is_read_without_a_token(world: World) -> None:
    ana = await world.account("ana", display_name="Ana")
    api = await world.api_as()
    got = await api.get(f"/api/v1/accounts/{ana.id}")
    assert got.code == 200
    shown = got.json
    assert (shown["id"], shown["acct"], shown["display_name"]) == (str(ana.id), "ana", "Ana")
    assert shown["url"] == "https://here.test/@ana"
    assert shown["created_at"].endswith("T00:00:00.000Z")
    assert (await api.get("/api/v1/accounts/12")).code == 404
    assert (await api.get("/api/v1/accounts/nonsense")).json == {"error": "Record not found"}


async def test_the_roles_of_those_who_look_after_the_server_stand_on_their_profiles(world: World) -> None:
    owner, ana, eve = await world.account("owner", role="Owner"), await world.account("ana"), await stranger(world, "e")
    api = await world.api_as(ana)

    async def roles(of: AccountView) -> list[tuple[str, str]]:
        shown = (await api.get(f"/api/v1/accounts/{of.id}")).json
        assert ("roles" in shown) is of.local
        return [(one["id"], one["name"]) for one in shown.get("roles", [])]

    async def become(role: str) -> None:
        async with world.server.write() as tx:
            user = await logins.user_of(tx, ana.id)
            assert user is not None
            await logins.set_role(tx, user.id, role)

    assert [await roles(one) for one in (owner, ana, eve)] == [[("1000", "Owner")], [], []]
    post = (await api.post("/api/v1/statuses", status="hello")).json
    await become("Moderator")
    assert await roles(ana) == [("10", "Moderator")]
    again = (await api.get(f"/api/v1/statuses/{post['id']}")).json
    assert [one["name"] for one in again["account"]["roles"]] == ["Moderator"]
    await become("User")
    assert await roles(ana) == []
    await change(world, owner, suspended_at=world.clock.now())
    assert await roles(owner) == []


async def test_several_accounts_come_in_the_order_asked_and_unknown_ones_are_skipped(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as()
    got = await api.get("/api/v1/accounts", id=[ben.id, 5, ana.id])
    assert [one["username"] for one in got.json] == ["ben", "ana"]
    assert (await api.get("/api/v1/accounts", id=list(range(1, 42)))).code == 422


async def test_a_moved_account_says_where_to(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await change(world, ana, moved_to_uri=eve.uri)
    got = await (await world.api_as()).get(f"/api/v1/accounts/{ana.id}")
    assert got.json["moved"]["acct"] == "eve@else.test"


@pytest.mark.parametrize("acct", ["eve@else.test", "@Eve@ELSE.test"])
async def test_a_handle_is_looked_up_in_any_case(world: World, acct: str) -> None:
    await stranger(world, "eve")
    got = await (await world.api_as()).get("/api/v1/accounts/lookup", acct=acct)
    assert got.json["acct"] == "eve@else.test"


async def test_our_own_domain_in_a_handle_means_us(world: World) -> None:
    await world.account("ana")
    api = await world.api_as()
    assert (await api.get("/api/v1/accounts/lookup", acct="ana@here.test")).json["acct"] == "ana"
    assert (await api.get("/api/v1/accounts/lookup", acct="nobody")).code == 404
    assert (await api.get("/api/v1/accounts/lookup")).code == 422


async def test_search_finds_the_exact_handle_first_and_beginnings_of_names(world: World) -> None:
    ana, anatole = await world.account("ana"), await world.account("anatole", display_name="Zoë")
    eve = await stranger(world, "anais", followers_count=50)
    await index(world, ana, anatole, eve)
    api = await world.api_as(ana)
    found = (await api.get("/api/v1/accounts/search", q="@ana")).json
    assert [one["acct"] for one in found] == ["ana", "anais@else.test", "anatole"]
    assert [one["acct"] for one in (await api.get("/api/v1/accounts/search", q="zoe")).json] == ["anatole"]
    assert len((await api.get("/api/v1/accounts/search", q="ana", limit=1, offset=1)).json) == 1
    assert (await api.get("/api/v1/accounts/search", q=" ")).json == []
    await befriend(world, ana, eve)
    found = (await api.get("/api/v1/accounts/search", q="ana", following=True)).json
    assert [one["acct"] for one in found] == ["ana", "anais@else.test"]  # oneself too, as in Mastodon
    assert (await (await world.api_as()).get("/api/v1/accounts/search", q="ana")).code == 401


async def test_search_asks_the_other_server_only_when_told_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await world.account("ana")
    asked: list[tuple[str, str]] = []

    async def by_handle(username: str, domain: str, *, fresh: bool = False) -> AccountId:
        asked.append((username, domain))
        if username == "gone":
            raise RemoteFailed("no answer", kind="timeout")
        return (await stranger(world, username, domain)).id

    monkeypatch.setattr(world.server.remote, "account_by_handle", by_handle)
    api = await world.api_as(ana)
    assert (await api.get("/api/v1/accounts/search", q="mal@far.test")).json == []
    found = (await api.get("/api/v1/accounts/search", q="@mal@far.test", resolve=True)).json
    assert [one["acct"] for one in found] == ["mal@far.test"]
    assert (await api.get("/api/v1/accounts/search", q="gone@far.test", resolve=True)).json == []
    assert asked == [("mal", "far.test"), ("gone", "far.test")]


async def test_followers_are_paged_by_the_order_of_following(world: World) -> None:
    ana = await world.account("ana")
    people = [await stranger(world, name) for name in ("bea", "cem", "dan")]
    for one in people:
        await befriend(world, one, ana)
    api = await world.api_as()
    first = await api.get(f"/api/v1/accounts/{ana.id}/followers", limit=2)
    assert [one["username"] for one in first.json] == ["dan", "cem"]
    assert 'rel="next"' in first.headers["link"]
    assert "since_id=" in first.headers["link"]
    older = first.headers["link"].partition("max_id=")[2].partition(">")[0]
    rest = await api.get(f"/api/v1/accounts/{ana.id}/followers", limit=2, max_id=older)
    assert [one["username"] for one in rest.json] == ["bea"]
    assert 'rel="next"' not in rest.headers["link"]
    got = await api.get(f"/api/v1/accounts/{people[0].id}/following")
    assert [one["username"] for one in got.json] == ["ana"]


async def test_hidden_collections_are_shown_to_their_owner_alone(world: World) -> None:
    ana, ben = await world.account("ana", hide_collections=True), await world.account("ben")
    await befriend(world, ben, ana)
    path = f"/api/v1/accounts/{ana.id}/followers"
    assert (await (await world.api_as(ben)).get(path)).json == []
    assert len((await (await world.api_as(ana)).get(path)).json) == 1


async def test_whom_one_blocks_does_not_see_ones_followers(world: World) -> None:
    ana, ben, cem = [await world.account(name) for name in ("ana", "ben", "cem")]
    await befriend(world, cem, ana)
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, ben)
    path = f"/api/v1/accounts/{ana.id}/followers"
    assert (await (await world.api_as(ben)).get(path)).json == []
    assert len((await (await world.api_as(cem)).get(path)).json) == 1


async def test_familiar_followers_are_those_one_follows_too(world: World) -> None:
    ana, ben, cem, dan = [await world.account(name) for name in ("ana", "ben", "cem", "dan")]
    for one, other in ((ana, ben), (ben, cem), (dan, cem)):
        await befriend(world, one, other)
    api = await world.api_as(ana)
    got = await api.get("/api/v1/accounts/familiar_followers", id=[cem.id, dan.id])
    assert [(one["id"], [who["username"] for who in one["accounts"]]) for one in got.json] == [
        (str(cem.id), ["ben"]),
        (str(dan.id), []),
    ]


async def test_statuses_of_an_account_follow_what_the_caller_may_see(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    public = await write(world, ana, "one")
    private = await write(world, ana, "two", visibility="private")
    tagged = await write(world, ana, "three", tags=[("cafe", "Café")])
    path = f"/api/v1/accounts/{ana.id}/statuses"
    ours = [int(one["id"]) for one in (await (await world.api_as(ana)).get(path)).json]
    theirs = await (await world.api_as(ben)).get(path, limit=1)
    assert ours == [tagged, private, public]
    assert [int(one["id"]) for one in theirs.json] == [tagged]
    assert "limit=1" in theirs.headers["link"]
    got = await (await world.api_as()).get(path, tagged="#Café")
    assert [int(one["id"]) for one in got.json] == [tagged]
    assert (await (await world.api_as()).get("/api/v1/accounts/9/statuses")).code == 404


async def test_what_an_account_of_elsewhere_lacks_is_asked_for_once_after_people_looked(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api, guest = await world.api_as(ana), await world.api_as()
    assert (await guest.get(f"/api/v1/accounts/{eve.id}")).code == 200
    await world.app.materialiser.attend()
    assert await waiting(world, MaterialiseAccount) == []
    for client in (api, guest, api):
        assert (await client.get(f"/api/v1/accounts/{eve.id}")).code == 200
        await world.app.materialiser.attend()
    assert [job.account_id for job in await waiting(world, MaterialiseAccount)] == [eve.id]


async def test_relationships_tell_both_ways(world: World) -> None:
    ana, ben, eve = await world.account("ana"), await world.account("ben", locked=True), await stranger(world, "eve")
    await befriend(world, eve, ana)
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, ben)
    got = await (await world.api_as(ana)).get("/api/v1/accounts/relationships", id=[eve.id, ben.id, 7])
    first, second = got.json
    assert (first["id"], first["followed_by"], first["following"]) == (str(eve.id), True, False)
    assert (second["requested"], second["following"], second["showing_reblogs"]) == (True, False, True)
    got = await (await world.api_as(ben)).get(f"/api/v1/accounts/relationships?id={ana.id}")
    assert got.json[0]["requested_by"] is True


async def test_of_a_suspended_account_little_is_shown(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve", display_name="Rude", note="<p>rude</p>")
    await befriend(world, eve, ana)
    await write(world, eve, "rude")
    await change(world, eve, suspended_at=world.clock.now())
    api = await world.api_as(ana)
    shown = (await api.get(f"/api/v1/accounts/{eve.id}")).json
    assert (shown["display_name"], shown["note"], shown["suspended"]) == ("", "", True)
    assert (await api.get(f"/api/v1/accounts/{eve.id}/statuses")).json == []
    assert (await api.get(f"/api/v1/accounts/{ana.id}/followers")).json == []
    assert (await api.get("/api/v1/accounts/lookup", acct="eve@else.test")).code == 404
    assert (await api.get("/api/v1/accounts/relationships", id=[eve.id])).json == []
    got = await api.get("/api/v1/accounts/relationships", id=[eve.id], with_suspended=True)
    assert [one["id"] for one in got.json] == [str(eve.id)]
