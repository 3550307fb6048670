"""Accounts that move: those here who follow them go along, once the new account says that it is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.store import accounts, blocks, follows, lists, mutes
from dassie.store.follows import Follow
from dassie.store.views import AccountView
from fediverse import Actor, Fediverse
from following_here import pair, the_account


def new_home(fediverse: Fediverse, old: Actor, **changes: Any) -> Actor:
    """The account that somebody moves to."""
    return fediverse.actor("bobby", "new.test", key=1, alsoKnownAs=[old.uri], **changes)


def move(fediverse: Fediverse, old: Actor, to: str) -> dict[str, Any]:
    return fediverse.activity("Move", old, old.uri, target=to)


async def asked(fediverse: Fediverse, me: AccountView, uri: str) -> Follow | None:
    """The request to follow somebody."""
    async with fediverse.world.server.read() as tx:
        them = await accounts.by_uri(tx, uri)
        return await follows.find_request(tx, me.id, them.id) if them is not None else None


async def followed(fediverse: Fediverse, me: AccountView, uri: str) -> bool:
    async with fediverse.world.server.read() as tx:
        them = await accounts.by_uri(tx, uri)
        return them is not None and await follows.find(tx, me.id, them.id) is not None


async def test_followers_go_along_with_their_options_and_lists(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    client = await fediverse.world.api_as(ana)
    old = await the_account(fediverse, bob.uri)
    await client.post(f"/api/v1/accounts/{old.id}/follow", reblogs=False, notify=True)
    listed = (await client.post("/api/v1/lists", title="stones")).json["id"]
    await client.post(f"/api/v1/lists/{listed}/accounts", account_ids=[str(old.id)])
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    new = new_home(fediverse, bob)
    fediverse.http.posted.clear()
    for _ in range(2):
        await fediverse.deliver(bob, move(fediverse, bob, new.uri))
    request = await asked(fediverse, ana, new.uri)
    assert request is not None
    assert (request.show_reblogs, request.notify) == (False, True)
    assert not await followed(fediverse, ana, bob.uri)
    told = [(url, doc["type"]) for url, doc in fediverse.http.posted]
    assert told.count(("https://new.test/inbox", "Follow")) + told.count((f"{new.uri}/inbox", "Follow")) == 1
    assert [kind for _, kind in told].count("Undo") == 1
    async with fediverse.world.server.read() as tx:
        assert [one.id for one in await lists.containing(tx, ana.id, request.target_id)] == [int(listed)]
        moved = await accounts.by_id(tx, old.id)
    assert moved is not None
    assert moved.moved_to_uri == new.uri
    home = (await client.get("/api/v1/timelines/home")).json
    assert note["id"] in [one["uri"] for one in home]  # what was there stays
    accept = fediverse.activity("Accept", new, request.uri)
    await fediverse.deliver(new, accept)
    assert await followed(fediverse, ana, new.uri)


@pytest.mark.parametrize("case", ["no_alias", "of_another", "by_another", "gone", "moved_on", "itself"])
async def test_nobody_goes_along_where_it_is_not_proved(fediverse: Fediverse, case: str) -> None:
    ana, bob = await pair(fediverse)
    eve = fediverse.actor("eve", "there.test", key=1)
    new = new_home(fediverse, bob)
    match case:
        case "no_alias":
            fediverse.http.serve(new.doc | {"alsoKnownAs": []})
        case "of_another":
            fediverse.http.serve(new.doc | {"alsoKnownAs": [eve.uri]})
        case "gone":
            fediverse.http.gone(new.uri)
        case "moved_on":
            fediverse.http.serve(new.doc | {"movedTo": "https://third.test/users/bob"})
    target = bob.uri if case == "itself" else new.uri
    activity = move(fediverse, bob, target)
    if case == "by_another":
        await fediverse.send(eve, activity)
        await fediverse.world.settle()
    else:
        await fediverse.send(bob, activity)
        await fediverse.world.settle()
    assert await followed(fediverse, ana, bob.uri)
    assert await asked(fediverse, ana, new.uri) is None


async def test_who_blocks_or_mutes_the_old_account_does_not_hear_the_new_one(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    old = await the_account(fediverse, bob.uri)
    ben, kim = await fediverse.world.account("ben"), await fediverse.world.account("kim")
    await (await fediverse.world.api_as(ben)).post(f"/api/v1/accounts/{old.id}/block")
    await (await fediverse.world.api_as(kim)).post(f"/api/v1/accounts/{old.id}/mute", notifications=False, duration=900)
    new = new_home(fediverse, bob)
    await fediverse.deliver(bob, move(fediverse, bob, new.uri))
    there = await the_account(fediverse, new.uri)
    async with fediverse.world.server.read() as tx:
        assert await blocks.blocking(tx, ben.id, there.id)
        muted = await mutes.find(tx, kim.id, there.id)
    assert muted is not None
    assert not muted.hide_notifications
    assert muted.expires_at is not None


async def test_who_may_not_follow_the_new_account_stays(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    client = await fediverse.world.api_as(ana)
    await client.post("/api/v1/domain_blocks", domain="new.test")
    new = new_home(fediverse, bob)
    await fediverse.deliver(bob, move(fediverse, bob, new.uri))
    assert await followed(fediverse, ana, bob.uri)
    assert await asked(fediverse, ana, new.uri) is None


async def test_somebody_may_move_to_this_server(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    here = await fediverse.world.account("bob")
    async with fediverse.world.server.write() as tx:
        await accounts.change(tx, here.id, also_known_as=[bob.uri])
    await fediverse.deliver(bob, move(fediverse, bob, here.uri))
    assert await followed(fediverse, ana, here.uri)
    assert not await followed(fediverse, ana, bob.uri)
