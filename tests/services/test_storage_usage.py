"""What is stored is counted exactly, whatever comes, changes and goes; and counted anew where it is not."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dassie.domain.ids import MediaId
from dassie.domain.storage import OWN, POST
from dassie.services import deleting_accounts, editing, making_room, reblogging, writing
from dassie.services.making_room import Need
from dassie.services.recounting_storage import recount
from dassie.services.writing import NewMedia, NewStatus
from dassie.store import accounts, media, statuses, usage
from dassie.store.usage import KindUsage
from people import stranger
from stored import anew, cached, counted, noise
from strangers import remote_status
from worlds import World


async def test_a_post_is_counted_while_it_is_here(world: World) -> None:
    bob = await stranger(world, "bob", "b.test")
    row = await remote_status(world, bob, "hello")
    assert (await counted(world))[POST].files == 1
    before = (await counted(world))[POST].bytes
    async with world.server.write() as tx:
        longer = NewStatus(author=bob, uri=row.uri, visibility="public", content="<p>" + "long " * 200 + "</p>")
        row = await editing.edit_received(tx, world.server, row, longer)
    after = (await counted(world))[POST]
    assert (after.files, after.bytes > before + 1500) == (1, True)
    assert (await anew(world)).clean
    async with world.server.write() as tx:
        await writing.remove_status(tx, world.server, row)
    assert await counted(world) == {}


async def test_reblogs_that_go_with_their_original_are_counted_out(world: World) -> None:
    bob, eve = await stranger(world, "bob", "b.test"), await stranger(world, "eve", "e.test")
    original = await remote_status(world, bob)
    await remote_status(world, eve, reblog_of=original, content="")
    assert (await counted(world))[POST].files == 2
    async with world.server.write() as tx:
        await writing.remove_status(tx, world.server, original)
    assert await counted(world) == {}


async def test_an_account_that_goes_takes_its_posts_out_of_the_count(world: World) -> None:
    bob, eve = await stranger(world, "bob", "b.test"), await stranger(world, "eve", "e.test")
    for _ in range(3):
        await remote_status(world, eve, reblog_of=await remote_status(world, bob), content="")
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, bob)
    await world.settle()
    async with world.server.read() as tx:
        assert await accounts.by_id(tx, bob.id) is None
    assert await counted(world) == {}


async def test_our_own_files_are_counted(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await api.upload("/api/v2/media", "file", noise())
    await world.settle()
    uploaded = (await counted(world))[OWN]
    assert uploaded.files == 2
    await api.upload("/api/v1/accounts/update_credentials", "avatar", noise(), method="PATCH")
    with_avatar = (await counted(world))[OWN]
    assert with_avatar.files > 2
    assert (await anew(world)).clean
    await api.upload("/api/v1/accounts/update_credentials", "avatar", noise(90, 90), method="PATCH")
    assert (await counted(world))[OWN].files == with_avatar.files
    assert (await anew(world)).clean
    await api.delete("/api/v1/profile/avatar")
    assert (await counted(world))[OWN] == uploaded
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, ana)
    await world.settle()
    assert await counted(world) == {}


async def test_units_that_count_for_the_same_host_at_once_all_count(world: World) -> None:
    people = [await stranger(world, f"bob{n}", "b.test") for n in range(4)]
    await asyncio.gather(*(remote_status(world, people[n % 4]) for n in range(40)))
    assert (await counted(world))[POST].files == 40
    assert (await anew(world)).clean


async def test_a_recount_mends_what_does_not_fit_together(world: World) -> None:
    ana = await world.account("ana")
    await (await world.api_as(ana)).upload("/api/v2/media", "file", noise())
    await world.settle()
    bob = await stranger(world, "bob", "b.test")
    await remote_status(world, bob)
    kept = await cached(world, "small", "https://b.test/kept.png", 300)
    lost = await cached(world, "small", "https://b.test/lost.png", 500)
    right = await counted(world)
    server = world.server
    await server.media_files.delete(lost.file_key)
    orphan = server.config.data / "media" / "cache" / "ab" / "abcd.png"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"x" * 70)
    (server.config.data / "media" / "media" / "zz").mkdir(parents=True, exist_ok=True)
    (server.config.data / "media" / "media" / "zz" / "zz.png").write_bytes(b"x" * 30)
    (server.config.data / "tmp" / "left").write_bytes(b"x")
    async with server.write() as tx:
        usage.add(tx, POST, "b.test", 7, -3)
        usage.add(tx, OWN, "", -1, 1000)
        usage.add(tx, "emoji", "gone.test", 1, 1)

    quick = await recount(server)
    assert (quick.orphan_files, quick.half_done) == (0, 0), "what is young may still get its row"
    async with server.write() as tx:
        usage.add(tx, POST, "b.test", 7, -3)
    found = await anew(world)
    assert (found.orphan_files, found.orphan_bytes, found.half_done) == (2, 100, 1)
    assert not orphan.exists()
    assert [(one.kind, one.host, one.files, one.bytes) for one in found.differences] == [(POST, "b.test", -7, 3)]
    assert quick.rows_without_file == 1
    assert await server.media_files.size(kept.file_key) == 300
    now = await counted(world)
    assert now["small"] == KindUsage("small", 1, 300)
    assert {kind: now[kind] for kind in (POST, OWN)} == {kind: right[kind] for kind in (POST, OWN)}
    assert (await anew(world)).clean


async def test_missing_files_of_our_own_are_told_and_nothing_is_removed(world: World) -> None:
    ana = await world.account("ana")
    got = await (await world.api_as(ana)).upload("/api/v2/media", "file", noise())
    await world.settle()
    async with world.server.read() as tx:
        one = (await media.by_ids(tx, [MediaId(int(got.json["id"]))]))[0]
    assert one.file_key is not None
    await world.server.media_files.delete(one.file_key)
    found = await anew(world)
    assert found.missing == [one.file_key]
    assert found.differences == []


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_after_anything_the_count_is_what_a_recount_finds(world: World, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    server = world.server
    await world.app.room.stop()
    people = [await stranger(world, f"p{n}", f"h{n % 3}.test") for n in range(5)]
    rows: list[int] = []

    async def post() -> None:
        files = [NewMedia(kind="image", remote_url=f"https://h.test/{chance.random()}.png")] * chance.randrange(2)
        tags = [("t", "t")] * chance.randrange(2)
        parent = await one() if chance.random() < 0.3 else None
        who, text = chance.choice(people), "x" * chance.randrange(300)
        rows.append((await remote_status(world, who, text, media=files, tags=tags, in_reply_to=parent)).id)

    async def reblog() -> None:
        original = await one()
        if original is not None and original.reblog_of_id is None:
            who = chance.choice(people)
            async with server.write() as tx:
                made = await reblogging.receive_reblog(
                    tx, server, who, original, uri=f"https://x.test/{chance.random()}"
                )
            if made is not None:
                rows.append(made.id)

    async def edit() -> None:
        row = await one()
        if row is not None and row.reblog_of_id is None:
            author = next(one for one in people if one.id == row.account_id)
            text = "y" * chance.randrange(600)
            async with server.write() as tx:
                new = NewStatus(author=author, uri=row.uri, visibility="public", content=text)
                await editing.edit_received(tx, server, row, new)

    async def remove() -> None:
        row = await one()
        if row is not None:
            async with server.write() as tx:
                await writing.remove_status(tx, server, row)

    async def keep() -> None:
        url = f"https://h{chance.randrange(3)}.test/{chance.randrange(6)}.png"
        age = timedelta(days=chance.randrange(40))
        await cached(world, chance.choice(["small", "original", "avatar"]), url, chance.randrange(5_000), age=age)

    async def evict() -> None:
        await making_room.make_room(server, Need(chance.randrange(4_000), chance.randrange(2_000)))

    async def delete_author() -> None:
        if chance.random() < 0.2 and len(people) > 2:
            async with server.write() as tx:
                await deleting_accounts.delete_account(tx, server, people.pop())
            await world.settle()

    async def one() -> Any:
        async with server.read() as tx:
            return await statuses.by_id(tx, chance.choice(rows)) if rows else None

    doing = [post, post, post, reblog, edit, remove, keep, keep, evict, delete_author]
    for _ in range(60):
        async with server.read() as tx:
            present = [await accounts.by_id(tx, who.id) for who in people]
        people = [who for who in present if who is not None] or [await stranger(world, f"n{chance.random()}")]
        await chance.choice(doing)()
    found = await anew(world)
    assert found.clean, found
