"""Follow, Accept, Reject, Block and their Undo; Like, Announce, Add and theirs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dassie.services import following
from dassie.store import accounts, blocks, featured_tags, follows, queue
from dassie.store.marks import pins
from dassie.store.views import AccountView
from fediverse import PUBLIC, Actor, Fediverse
from following_here import follow, pair, status, the_account, the_status, write


async def follows_ana(fediverse: Fediverse, bob: Actor, ana: AccountView) -> bool:
    account = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.read() as tx:
        return await follows.following(tx, account.id, ana.id)


def sent(fediverse: Fediverse, type: str) -> list[dict[str, Any]]:
    return [body for _, body in fediverse.http.posted if body["type"] == type]


async def test_follow_is_accepted_and_told_again_answered_again(fediverse: Fediverse) -> None:
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    for _ in range(2):
        activity = fediverse.activity("Follow", bob, ana.uri)
        await fediverse.deliver(bob, activity)
        assert await follows_ana(fediverse, bob, ana)
    assert (await the_account(fediverse, ana.uri)).followers_count == 1
    assert len(sent(fediverse, "Accept")) == 2


async def test_follow_of_a_locked_account_is_a_request(fediverse: Fediverse) -> None:
    ana, bob = await fediverse.world.account("ana", locked=True), fediverse.actor()
    await fediverse.deliver(bob, fediverse.activity("Follow", bob, ana.uri))
    assert not await follows_ana(fediverse, bob, ana)
    account = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.read() as tx:
        assert await follows.find_request(tx, account.id, ana.id) is not None


@pytest.mark.parametrize("by_id", [False, True])
async def test_undone_follow_ends(fediverse: Fediverse, by_id: bool) -> None:
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    activity = fediverse.activity("Follow", bob, ana.uri)
    await fediverse.deliver(bob, activity)
    inner = activity["id"] if by_id else activity
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, inner))
    assert not await follows_ana(fediverse, bob, ana)
    assert (await the_account(fediverse, ana.uri)).followers_count == 0


async def test_undo_of_what_somebody_else_did_changes_nothing(fediverse: Fediverse) -> None:
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    eve = fediverse.actor("eve", key=1)
    await fediverse.world.server.remote.account(eve.uri)
    activity = fediverse.activity("Follow", bob, ana.uri)
    await fediverse.deliver(bob, activity)
    await fediverse.deliver(eve, fediverse.activity("Undo", eve, activity))
    await fediverse.deliver(eve, fediverse.activity("Undo", eve, activity["id"]))
    assert await follows_ana(fediverse, bob, ana)


async def asked(fediverse: Fediverse) -> tuple[AccountView, Actor, str]:
    """(ana, bob, uri): ana asked to follow bob."""
    bob, ana = fediverse.actor(), await fediverse.world.account("ana")
    server = fediverse.world.server
    id = await server.remote.account(bob.uri)
    async with server.write() as tx:
        target = await accounts.by_id(tx, id)
        assert target is not None
        await following.follow(tx, server, ana, target)
        request = await follows.find_request(tx, ana.id, target.id)
        assert request is not None
        assert request.uri is not None
    await fediverse.world.settle()
    return ana, bob, request.uri


async def is_following(fediverse: Fediverse, ana: AccountView, bob: Actor) -> bool:
    account = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.read() as tx:
        return await follows.following(tx, ana.id, account.id)


@pytest.mark.parametrize("named", ["by id", "whole", "without id"])
async def test_accepted_follow_begins_and_rejected_ends(fediverse: Fediverse, named: str) -> None:
    ana, bob, uri = await asked(fediverse)
    whole = {"type": "Follow", "id": uri, "actor": ana.uri, "object": bob.uri}
    inner = {"by id": uri, "whole": whole, "without id": {k: v for k, v in whole.items() if k != "id"}}[named]
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, inner))
    assert await is_following(fediverse, ana, bob)
    await fediverse.deliver(bob, fediverse.activity("Reject", bob, inner))
    assert not await is_following(fediverse, ana, bob)


async def test_accept_by_somebody_who_was_not_asked_changes_nothing(fediverse: Fediverse) -> None:
    ana, bob, uri = await asked(fediverse)
    eve = fediverse.actor("eve", key=1)
    await fediverse.world.server.remote.account(eve.uri)
    for inner in (uri, {"type": "Follow", "id": uri, "actor": ana.uri, "object": bob.uri}):
        await fediverse.deliver(eve, fediverse.activity("Accept", eve, inner))
    assert not await is_following(fediverse, ana, bob)


async def test_accept_that_nobody_asked_for_makes_no_follow(fediverse: Fediverse) -> None:
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    await fediverse.world.server.remote.account(bob.uri)
    inner = {"type": "Follow", "id": f"{ana.uri}/follows/1", "actor": ana.uri, "object": bob.uri}
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, inner))
    assert not await is_following(fediverse, ana, bob)


@pytest.mark.parametrize("by_id", [False, True])
async def test_block_ends_follows_until_it_is_undone(fediverse: Fediverse, by_id: bool) -> None:
    ana, bob = await pair(fediverse)
    block = fediverse.activity("Block", bob, ana.uri)
    await fediverse.deliver(bob, block)
    account = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.read() as tx:
        assert await blocks.blocking(tx, account.id, ana.id)
        assert not await follows.following(tx, ana.id, account.id)
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, block["id"] if by_id else block))
    async with fediverse.world.server.read() as tx:
        assert not await blocks.blocking(tx, account.id, ana.id)


async def test_ban_from_a_community_blocks_nobody(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    await fediverse.deliver(bob, fediverse.activity("Block", bob, ana.uri, target="https://there.test/c/tea"))
    account = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.read() as tx:
        assert not await blocks.blocking(tx, account.id, ana.id)


@pytest.mark.parametrize("by_id", [False, True])
async def test_like_counts_once_and_can_be_undone(fediverse: Fediverse, by_id: bool) -> None:
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    ours = await write(fediverse, ana)
    likes = [fediverse.activity("Like", bob, ours.uri), fediverse.activity("Like", bob, ours.url, content="👍")]
    for like in likes:
        await fediverse.deliver(bob, like)
    assert (await the_status(fediverse, ours.uri)).favourites_count == 1 if likes else False
    inner = likes[0]["id"] if by_id else likes[0]
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, inner))
    assert (await the_status(fediverse, ours.uri)).favourites_count == 0


async def test_undo_that_comes_before_its_like_counts(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    like = fediverse.activity("Like", bob, ours.uri)
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, like["id"]))
    await fediverse.deliver(bob, like)
    assert (await the_status(fediverse, ours.uri)).favourites_count == 0


@pytest.mark.parametrize("type", ["Like", "EmojiReact", "EmojiReaction"])
async def test_a_reaction_counts_as_a_favourite_and_can_be_undone(fediverse: Fediverse, type: str) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    reaction = fediverse.activity(type, bob, ours.uri, content=":hyrax:", _misskey_reaction=":hyrax:")
    await fediverse.deliver(bob, reaction)
    assert (await the_status(fediverse, ours.uri)).favourites_count == 1
    client = await fediverse.world.api_as(ana)
    (told,) = [one for one in (await client.get("/api/v1/notifications")).json if one["type"] == "favourite"]
    assert told["status"]["id"] == str(ours.id)
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, reaction))
    assert (await the_status(fediverse, ours.uri)).favourites_count == 0


async def test_several_reactions_of_one_person_are_one_favourite_for_the_first(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    first, second = (fediverse.activity("EmojiReact", bob, ours.uri, content=sign) for sign in "🪨🌵")
    for one in (first, second):
        await fediverse.deliver(bob, one)
    assert (await the_status(fediverse, ours.uri)).favourites_count == 1
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, second))
    assert (await the_status(fediverse, ours.uri)).favourites_count == 1
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, first))
    assert (await the_status(fediverse, ours.uri)).favourites_count == 0


async def test_like_of_what_one_may_not_see_is_not_counted(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana, visibility="direct")
    await fediverse.deliver(bob, fediverse.activity("Like", bob, ours.uri))
    assert (await the_status(fediverse, ours.uri)).favourites_count == 0


async def boosted(fediverse: Fediverse, bob: Actor, uri: Any, **changes: Any) -> dict[str, Any]:
    activity = fediverse.activity("Announce", bob, uri, **({"to": [PUBLIC], "cc": [bob.followers]} | changes))
    await fediverse.deliver(bob, activity)
    return activity


async def test_announce_twice_is_one_reblog(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    first = await boosted(fediverse, bob, ours.uri)
    await boosted(fediverse, bob, ours.uri)
    assert (await the_status(fediverse, ours.uri)).reblogs_count == 1
    assert (await the_status(fediverse, first["id"])).visibility == "public"


@pytest.mark.parametrize("by_id", [False, True])
async def test_undone_announce_is_gone(fediverse: Fediverse, by_id: bool) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    activity = await boosted(fediverse, bob, ours.uri)
    await fediverse.deliver(bob, fediverse.activity("Undo", bob, activity["id"] if by_id else activity))
    assert await status(fediverse, activity["id"]) is None
    assert (await the_status(fediverse, ours.uri)).reblogs_count == 0


async def test_boosted_post_is_fetched_from_its_own_server(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    carl = fediverse.actor("carl", "other.test", key=1)
    note = fediverse.note(carl, "<p>real</p>")
    fediverse.http.serve(note)
    activity = await boosted(fediverse, bob, note | {"content": "<p>forged</p>"})
    original = await the_status(fediverse, note["id"])
    assert original.content == "<p>real</p>"
    assert (await the_status(fediverse, activity["id"])).reblog_of_id == original.id


async def test_boost_of_what_cannot_be_had_has_no_effect(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    activity = await boosted(fediverse, bob, "https://other.test/notes/404")
    assert await status(fediverse, activity["id"]) is None


async def test_boost_whose_server_is_down_is_tried_again_and_then_forgotten(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    fediverse.http.down.add("other.test")
    await boosted(fediverse, bob, "https://other.test/notes/1")
    for _ in range(10):
        fediverse.world.clock.forward(days=1)
        fediverse.world.app.runner.wake()
        await asyncio.sleep(0.1)
        await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        left = [one for one in await queue.overview(tx) if one.kind == "Inbound"]
    assert left == []
    assert fediverse.http.asked.count("https://other.test/notes/1") > 3


async def test_only_open_posts_and_ones_own_are_boosted(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana, visibility="private")
    assert await status(fediverse, (await boosted(fediverse, bob, ours.uri))["id"]) is None
    own = fediverse.note(bob, to=[bob.followers], cc=[])
    await fediverse.deliver(bob, fediverse.create(bob, own))
    activity = await boosted(fediverse, bob, own["id"], to=[bob.followers], cc=[])
    assert (await the_status(fediverse, activity["id"])).visibility == "private"


async def test_group_passes_on_posts_that_are_confirmed_by_their_server(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    group = fediverse.actor("tea", "forum.test", type="Group")
    await follow(fediverse, ana, group)
    carl = fediverse.actor("carl", "other.test", key=1)
    page = fediverse.note(carl, "<p>body</p>", type="Page", name="Which tea?")
    fediverse.http.serve(page)
    forged = page | {"name": "Forged"}
    await fediverse.deliver(group, fediverse.activity("Announce", group, fediverse.create(carl, forged), to=[PUBLIC]))
    row = await the_status(fediverse, page["id"])
    assert "Which tea?" in row.content
    assert row.reblogs_count == 0
    delete = fediverse.activity("Delete", carl, page["id"])
    await fediverse.deliver(group, fediverse.activity("Announce", group, delete, to=[PUBLIC]))
    assert await status(fediverse, page["id"]) is not None
    fediverse.http.gone(page["id"], 404)
    await fediverse.deliver(group, fediverse.activity("Announce", group, delete, to=[PUBLIC]))
    assert await status(fediverse, page["id"]) is None


async def test_votes_passed_on_by_a_group_are_dropped_at_the_gate(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    group = fediverse.actor("tea", "forum.test", type="Group")
    await follow(fediverse, ana, group)
    asked_before = len(fediverse.http.asked)
    like = fediverse.activity("Like", fediverse.actor("carl", "other.test"), "https://forum.test/post/1")
    await fediverse.deliver(group, fediverse.activity("Announce", group, like, to=[PUBLIC]))
    assert len(fediverse.http.asked) == asked_before
    assert await fediverse.count("inbox.dropped.group_noise") == 1


async def test_pins_of_the_actor_follow_its_featured_collection(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row, account = await the_status(fediverse, note["id"]), await the_account(fediverse, bob.uri)

    async def pinned() -> bool:
        async with fediverse.world.server.read() as tx:
            return await pins.has(tx, account.id, row.id)

    await fediverse.deliver(bob, fediverse.activity("Add", bob, note["id"], target="https://there.test/moderators"))
    assert not await pinned()
    await fediverse.deliver(bob, fediverse.activity("Add", bob, note["id"], target=bob.doc["featured"]))
    assert await pinned()
    await fediverse.deliver(bob, fediverse.activity("Remove", bob, note["id"], target=bob.doc["featured"]))
    assert not await pinned()


async def test_hashtags_come_to_a_profile_and_go(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    account = await the_account(fediverse, bob.uri)
    tag = {"type": "Hashtag", "name": "#Granite", "href": "https://there.test/@bob/tagged/granite"}

    async def shown() -> list[str]:
        async with fediverse.world.server.read() as tx:
            return [one.name for one in await featured_tags.of(tx, account.id)]

    await fediverse.deliver(bob, fediverse.activity("Add", bob, tag, target="https://there.test/other"))
    assert await shown() == []
    for _ in range(2):
        await fediverse.deliver(bob, fediverse.activity("Add", bob, tag, target=bob.doc["featured"]))
    assert await shown() == ["Granite"]
    await fediverse.deliver(bob, fediverse.activity("Remove", bob, tag, target=bob.doc["featured"]))
    assert await shown() == []
