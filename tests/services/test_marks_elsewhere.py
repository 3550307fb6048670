"""What crosses the border: marks, reblogs, edits and posts of ours that others must hear of, and theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import structs

from dassie.domain.jobs import Publish, PublishRemoval, Tell
from dassie.services import editing, favouriting, reblogging
from dassie.services.writing import NewMedia, NewPoll, NewStatus
from dassie.store import edits, media, polls
from dassie.store.views import PollOption, StatusRow
from people import befriend, fresh, stranger, waiting
from strangers import remote_status, status_row
from worlds import World


async def posted(world: World, account: Any, text: str = "hello", **values: Any) -> StatusRow:
    api = await world.api_as(account)
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return await status_row(world, got.json["id"])


async def test_a_favourite_of_elsewhere_is_told_there_and_taken_back_with_its_id(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    theirs = await remote_status(world, eve)
    api = await world.api_as(ana)
    for verb in ("favourite", "favourite", "unfavourite", "unfavourite"):
        await api.post(f"/api/v1/statuses/{theirs.id}/{verb}")
    told = await waiting(world, Tell)
    assert [job.what for job in told] == ["like", "undo_like"]
    assert told[0].uri == told[1].uri
    assert told[0].uri.startswith("https://here.test/users/ana#likes/")
    assert {(job.account_id, job.to_account_id, job.object_uri) for job in told} == {(ana.id, eve.id, theirs.uri)}


async def test_what_stays_here_is_told_to_nobody(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    made = await posted(world, ana)
    api = await world.api_as(bob)
    for verb in ("favourite", "unfavourite", "bookmark", "mute"):
        await api.post(f"/api/v1/statuses/{made.id}/{verb}")
    assert await waiting(world, Tell) == []


async def test_posting_editing_and_deleting_are_published_in_order(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await befriend(world, eve, ana)
    made = await posted(world, ana)
    api = await world.api_as(ana)
    await api.put(f"/api/v1/statuses/{made.id}", status="other")
    await api.put(f"/api/v1/statuses/{made.id}", status="other")
    assert [job.activity for job in await waiting(world, Publish)] == ["Create", "Update"]
    await api.delete(f"/api/v1/statuses/{made.id}")
    (removal,) = await waiting(world, PublishRemoval)
    assert (removal.uri, removal.reblog_of_uri, removal.inboxes) == (made.uri, None, ["https://else.test/inbox"])


async def test_a_reblog_is_announced_and_undone(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    theirs = await remote_status(world, eve)
    api = await world.api_as(ana)
    made = (await api.post(f"/api/v1/statuses/{theirs.id}/reblog")).json
    (announce,) = await waiting(world, Publish)
    assert (announce.activity, str(announce.status_id)) == ("Announce", made["id"])
    await api.post(f"/api/v1/statuses/{theirs.id}/unreblog")
    (removal,) = await waiting(world, PublishRemoval)
    assert (removal.uri, removal.reblog_of_uri) == (made["uri"], theirs.uri)
    assert removal.inboxes == ["https://else.test/inbox"]


async def test_a_favourite_from_elsewhere_counts_once(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    made = await posted(world, ana)
    for _ in range(2):
        async with world.server.write() as tx:
            await favouriting.receive_favourite(tx, world.server, eve, made, f"{eve.uri}#1")
    assert (await status_row(world, made.id)).favourites_count == 1
    api = await world.api_as(ana)
    assert [one["type"] for one in (await api.get("/api/v1/notifications")).json] == ["favourite"]
    for _ in range(2):
        async with world.server.write() as tx:
            await favouriting.undo_favourite_received(tx, world.server, eve, made)
    assert (await status_row(world, made.id)).favourites_count == 0
    assert (await api.get("/api/v1/notifications")).json == []


async def test_an_announce_twice_is_one_reblog(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    made = await posted(world, ana)
    rows = []
    for uri in ("a/1", "a/1", "a/2"):
        async with world.server.write() as tx:
            at = tx.now - timedelta(hours=1)
            rows.append(await reblogging.receive_reblog(tx, world.server, eve, made, uri=f"{eve.uri}/{uri}", at=at))
    assert [one is None for one in rows] == [False, True, True]
    assert (await status_row(world, made.id)).reblogs_count == 1
    async with world.server.write() as tx:
        await reblogging.undo_reblog_received(tx, world.server, eve, made)
    assert (await status_row(world, made.id)).reblogs_count == 0
    async with world.server.write() as tx:  # taken back: that one does not return, a new one may
        again = await reblogging.receive_reblog(tx, world.server, eve, made, uri=f"{eve.uri}/a/1")
        other = await reblogging.receive_reblog(tx, world.server, eve, made, uri=f"{eve.uri}/a/3")
    assert again is None
    assert other is not None


async def test_a_private_post_is_not_reblogged_from_elsewhere(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    made = await posted(world, ana, visibility="private")
    async with world.server.write() as tx:
        found = await reblogging.receive_reblog(tx, world.server, eve, made, uri=f"{eve.uri}/a/1")
    assert found is None


def version(row: StatusRow, author: Any, text: str, **values: Any) -> NewStatus:
    given: dict[str, Any] = {
        "author": author,
        "uri": row.uri,
        "visibility": row.visibility,
        "content": f"<p>{text}</p>",
    }
    return NewStatus(**(given | values))


async def test_an_edit_from_elsewhere_keeps_the_older_version(world: World) -> None:
    eve = await stranger(world, "eve")
    file = NewMedia(kind="image", remote_url="https://else.test/a.png", description="old")
    row = await remote_status(world, eve, "one", media=[file])
    at = world.clock.now()
    changed = structs.replace(file, description="new")
    async with world.server.write() as tx:
        new = version(row, eve, "two", media=[changed])
        after = await editing.edit_received(tx, world.server, row, new, edited_at=at)
        versions = await edits.of_status(tx, row.id)
        files = (await media.of_statuses(tx, [row.id]))[row.id]
    assert after.content == "<p>two</p>"
    assert after.edited_at is not None
    assert [one.content for one in versions] == ["<p>one</p>", "<p>two</p>"]
    assert [one.description for one in files] == ["new"]
    async with world.server.write() as tx:
        late = version(row, eve, "older")
        before = await editing.edit_received(tx, world.server, after, late, edited_at=at - timedelta(minutes=1))
        again = await editing.edit_received(tx, world.server, after, new, edited_at=after.edited_at)
        assert len(await edits.of_status(tx, row.id)) == 2
    assert before.content == again.content == "<p>two</p>"


async def test_new_tallies_alone_are_no_edit(world: World) -> None:
    eve = await stranger(world, "eve")
    end = world.clock.now() + timedelta(hours=1)
    poll = NewPoll(options=[PollOption("a"), PollOption("b")], expires_at=end)
    row = await remote_status(world, eve, "?", poll=poll)
    told = structs.replace(poll, options=[PollOption("a", 3), PollOption("b", 4)], voters_count=7)
    async with world.server.write() as tx:
        after = await editing.edit_received(tx, world.server, row, version(row, eve, "?", poll=told))
        found = (await polls.of_statuses(tx, [row.id], viewer=None))[row.id]
        assert await edits.of_status(tx, row.id) == []
    assert after.edited_at is None
    assert ([one.votes for one in found.options], found.votes_count, found.voters_count) == ([3, 4], 7, 7)


async def test_a_silenced_stranger_still_counts(world: World) -> None:
    ana = await world.account("ana")
    eve = await stranger(world, "eve", silenced_at=world.clock.now())
    made = await posted(world, ana)
    async with world.server.write() as tx:
        await favouriting.receive_favourite(tx, world.server, eve, made, None)
    assert (await status_row(world, made.id)).favourites_count == 1
    assert (await fresh(world, ana.id)).statuses_count == 1


async def test_endless_edits_are_kept_within_bounds(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(edits, "MOST", 4)
    eve = await stranger(world, "eve")
    row = await remote_status(world, eve, "0", created_at=world.clock.now() - timedelta(hours=1))
    for n in range(1, 8):
        async with world.server.write() as tx:
            at = tx.now - timedelta(minutes=10 - n)
            row = await editing.edit_received(tx, world.server, row, version(row, eve, str(n)), edited_at=at)
    async with world.server.read() as tx:
        versions = await edits.of_status(tx, row.id)
    assert [one.content for one in versions] == ["<p>0</p>", "<p>5</p>", "<p>6</p>", "<p>7</p>"]


async def test_an_edit_dated_before_its_post_is_its_second_version(world: World) -> None:
    eve = await stranger(world, "eve")
    row = await remote_status(world, eve, "one")
    async with world.server.write() as tx:
        early = tx.now - timedelta(days=400)
        after = await editing.edit_received(tx, world.server, row, version(row, eve, "two"), edited_at=early)
        versions = await edits.of_status(tx, row.id)
    assert after.edited_at is not None
    assert after.edited_at > row.created_at
    assert [one.content for one in versions] == ["<p>one</p>", "<p>two</p>"]
