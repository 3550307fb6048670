"""The budget holds, the floor stays free, what people keep stays, and what nobody has seen for longest goes first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.ids import StatusId, new_id
from dassie.domain.storage import POST, Limits, StorageSettings, limits
from dassie.services import (
    bookmarking,
    favouriting,
    keeping_room,
    making_room,
    measuring_storage,
    noting,
    reblogging,
    voting,
)
from dassie.services.keeping_room import RoomKeeper, judge
from dassie.services.making_room import Need
from dassie.services.measuring_storage import Disk
from dassie.services.writing import NewMedia, NewPoll
from dassie.store import accounts, arrivals, settings, statuses, usage
from dassie.store.room import Level, Room
from dassie.store.views import AccountView, PollOption, StatusRow
from others import followed_by_ours, other
from people import stranger
from stored import anew, cached, counted, is_cached
from strangers import remote_status, status_row
from worlds import World

GB = 1_000_000_000
DAY = timedelta(days=1)


@pytest.fixture
async def still(world: World) -> World:
    """A world where nobody keeps room but the test."""
    await world.app.room.stop()
    return world


async def here(world: World, row: StatusRow) -> bool:
    async with world.server.read() as tx:
        return await statuses.by_id(tx, row.id) is not None


async def empty(world: World) -> making_room.Gone:
    """Remove all that may go."""
    return await making_room.make_room(world.server, Need(1 << 60))


# Judging ---------------------------------------------------------------------------------------------


def level_of(free: int, used: int = 0, *, before: Level = Level.PLENTY, over: bool = False) -> Level:
    room = Room(level=before, free=free, used=used)
    return judge(room, Limits(20 * GB, 5 * GB), full=False, over=over)[0]


def test_levels_come_one_after_the_other_and_go_later_than_they_came() -> None:
    assert level_of(50 * GB) is Level.PLENTY
    assert level_of(5_501_000_000) is Level.PLENTY
    assert level_of(5_500_000_000) is Level.NEAR
    assert level_of(5_550_000_000, before=Level.NEAR) is Level.NEAR
    assert level_of(5_630_000_000, before=Level.NEAR) is Level.PLENTY
    assert level_of(5_000_000_000) is Level.FLOOR
    assert level_of(5_100_000_000, before=Level.FLOOR) is Level.FLOOR
    assert level_of(5_130_000_000, before=Level.FLOOR) is Level.NEAR
    assert level_of(100_000) is Level.FULL
    assert level_of(50 * GB, over=True) is Level.NEAR


def test_every_level_says_what_to_do() -> None:
    for free, words in ((0, "Free some space"), (5 * GB, "5 GB are to stay free"), (5_400_000_000, "lower the floor")):
        said = judge(Room(free=free), Limits(20 * GB, 5 * GB), full=False, over=False)[1]
        assert words in said
    over = judge(Room(free=50 * GB, used=21 * GB), Limits(20 * GB, 5 * GB), full=False, over=True)[1]
    assert "21 GB are used of a budget of 20 GB" in over


def test_the_floor_is_five_percent_of_a_small_disk_and_what_the_admin_says_wins() -> None:
    assert limits(20 * GB, None, StorageSettings(), 500 * GB).floor == 5 * GB
    assert limits(20 * GB, None, StorageSettings(), 32 * GB).floor == 1_600_000_000
    assert limits(20 * GB, 10 * GB, StorageSettings(), 32 * GB).floor == 10 * GB
    changed = limits(20 * GB, 10 * GB, StorageSettings(budget=GB, floor=0), 32 * GB)
    assert (changed.budget, changed.floor) == (GB, 0)


# What goes, what stays -------------------------------------------------------------------------------


async def test_the_least_recently_seen_goes_first_files_and_posts_by_one_order(still: World) -> None:
    bob = await stranger(still, "bob", "b.test")
    posts = [await remote_status(still, bob, f"post {n}") for n in range(4)]
    now = still.clock.now()
    async with still.server.write() as tx:
        for n, post in enumerate(posts):
            tx.now = now - (10 + 10 * n) * DAY  # seen 10, 20, 30, 40 days ago
            await arrivals.see(tx, [post.id])
    for n, days in enumerate((5, 15, 35)):
        await cached(still, "small", f"https://b.test/{n}.png", 5_000, age=days * DAY)
    weight = (await counted(still))[POST].bytes // 4
    planned = await making_room.preview(still.server, Need(2 * weight + 5_000))
    gone = await making_room.make_room(still.server, Need(2 * weight + 5_000))
    assert gone.kinds == planned.kinds
    assert {kind: number for kind, (number, _) in gone.kinds.items()} == {POST: 2, "small": 1}
    assert planned.oldest_left is not None
    assert abs(planned.oldest_left - (now - 20 * DAY)) < timedelta(minutes=1)
    assert [await here(still, post) for post in posts] == [True, True, False, False]
    assert [await is_cached(still, "small", f"https://b.test/{n}.png") for n in range(3)] == [True, True, False]
    assert (await anew(still)).clean


Doing = Callable[[World, AccountView, AccountView, StatusRow], Awaitable[Any]]


async def _favourite(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    async with world.server.write() as tx:
        await favouriting.favourite(tx, world.server, me, row)


async def _bookmark(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    async with world.server.write() as tx:
        await bookmarking.bookmark(tx, world.server, me, row)


async def _reblog(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    async with world.server.write() as tx:
        await reblogging.reblog(tx, world.server, me, row)


async def _reply(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    got = await (await world.api_as(me)).post("/api/v1/statuses", status="an answer", in_reply_to_id=row.id)
    assert got.code == 200


async def _vote(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    got = await (await world.api_as(me)).get(f"/api/v1/statuses/{row.id}")
    async with world.server.write() as tx:
        await voting.vote(tx, world.server, me, int(got.json["poll"]["id"]), [0])


async def _answered_by_others_below_ours(world: World, me: AccountView, author: AccountView, row: StatusRow) -> None:
    answer = await (await world.api_as(me)).post("/api/v1/statuses", status="an answer", in_reply_to_id=row.id)
    below = await status_row(world, answer.json["id"])
    far = await remote_status(world, author, "further", in_reply_to=below)
    further = await remote_status(world, author, "furthest", in_reply_to=far)
    await empty(world)
    assert await here(world, far)
    assert await here(world, further), "all of a thread with a post of ours stays"


KEEPING = [_favourite, _bookmark, _reblog, _reply, _vote, _answered_by_others_below_ours]


@pytest.mark.parametrize("doing", KEEPING, ids=lambda one: one.__name__.strip("_"))
async def test_what_somebody_here_had_to_do_with_stays_with_its_pictures(still: World, doing: Doing) -> None:
    ana, bob = await still.account("ana"), await stranger(still, "bob", "b.test")
    picture = NewMedia(kind="image", remote_url="https://b.test/big.png", small_remote_url="https://b.test/small.png")
    poll = NewPoll(options=[PollOption("yes", 0), PollOption("no", 0)], expires_at=still.clock.now() + DAY)
    row = await remote_status(still, bob, media=[picture], poll=poll)
    forgotten = await remote_status(still, bob, media=[NewMedia(kind="image", remote_url="https://b.test/other.png")])
    await doing(still, ana, bob, row)
    for kind, name in (("original", "big"), ("small", "small"), ("small", "other")):
        await cached(still, kind, f"https://b.test/{name}.png", 100, age=90 * DAY)
    await empty(still)
    assert await here(still, row)
    assert not await here(still, forgotten)
    assert await is_cached(still, "original", "https://b.test/big.png")
    assert await is_cached(still, "small", "https://b.test/small.png")
    assert not await is_cached(still, "small", "https://b.test/other.png")


async def test_what_speaks_to_us_stays(still: World) -> None:
    ana, bob = await still.account("ana"), await stranger(still, "bob", "b.test")
    mine = await (await still.api_as(ana)).post("/api/v1/statuses", status="mine")
    own = await status_row(still, mine.json["id"])
    said = [
        await remote_status(still, bob, "hi ana", mentions=[(ana.id, False)]),
        await remote_status(still, bob, "quietly", mentions=[(ana.id, True)]),
        await remote_status(still, bob, "psst", visibility="direct", mentions=[(ana.id, False)]),
        await remote_status(still, bob, "right", in_reply_to=own),
        await remote_status(still, bob, "", reblog_of=own),
    ]
    await empty(still)
    assert [await here(still, row) for row in [own, *said]] == [True] * 6


async def test_a_post_removed_for_room_is_no_deletion_and_may_come_back(still: World) -> None:
    ana, bob = await still.account("ana"), await stranger(still, "bob", "b.test", statuses_count=70)
    who = await other(still, "eve", "e.test")
    await followed_by_ours(still, ana, who)
    parent = await remote_status(still, bob, "parent")
    reply = await remote_status(still, who.view, "reply", in_reply_to=parent)
    assert reply.in_reply_to_id == parent.id
    async with still.server.write() as tx:
        await noting.note(tx, ana, bob, "met at the market")
        before = await accounts.by_id(tx, bob.id)
        taken = await making_room.remove_posts(tx, still.server, [parent.id])
        after = await accounts.by_id(tx, bob.id)
    assert taken.ids == [parent.id]
    assert before is not None
    assert after is not None
    assert after.statuses_count == before.statuses_count
    orphan = await status_row(still, reply.id)
    assert (orphan.in_reply_to_id, orphan.in_reply_to_uri) == (None, parent.uri)
    back = await remote_status(still, bob, "parent", uri=parent.uri)
    assert (await status_row(still, reply.id)).in_reply_to_id == back.id
    assert (await status_row(still, back.id)).replies_count == 1
    async with still.server.write() as tx:
        await making_room.remove_posts(tx, still.server, [reply.id])
    assert (await status_row(still, back.id)).replies_count == 0
    assert (await anew(still)).clean


async def test_strangers_of_whom_nothing_is_left_go_with_their_keys(still: World) -> None:
    ana = await still.account("ana")
    gone, noted, followed = [await other(still, name, f"{name}.test") for name in ("gone", "noted", "followed")]
    await followed_by_ours(still, ana, followed)
    async with still.server.write() as tx:
        await noting.note(tx, ana, noted.view, "a friend of a friend")
    for who in (gone, noted, followed):
        await remote_status(still, who.view)
    await empty(still)
    async with still.server.read() as tx:
        there = [await accounts.by_id(tx, who.id) is not None for who in (gone, noted, followed)]
        assert there == [False, True, True]
        assert POST not in {kind for kind, one in (await usage.by_kind(tx)).items() if one.files}


async def test_accounts_that_came_without_posts_go_a_week_after_they_were_read(still: World) -> None:
    old = await other(still, "old", "a.test", fetched_at=still.clock.now() - 8 * DAY)
    young = await other(still, "young", "a.test")
    assert await making_room.remove_lonely(still.server, 0) == 0
    async with still.server.read() as tx:
        assert await accounts.by_id(tx, old.id) is None
        assert await accounts.by_id(tx, young.id) is not None


async def test_pictures_of_those_we_follow_go_last(still: World) -> None:
    ana = await still.account("ana")
    friend = await other(still, "friend", "f.test", avatar_remote_url="https://f.test/friend.png")
    await followed_by_ours(still, ana, friend)
    await cached(still, "avatar", "https://f.test/friend.png", 1_000, age=90 * DAY)
    for n in range(3):
        await cached(still, "avatar", f"https://f.test/{n}.png", 1_000, age=n * DAY)
    await making_room.make_room(still.server, Need(3_000))
    assert await is_cached(still, "avatar", "https://f.test/friend.png")
    assert (await counted(still))["avatar"].files == 1
    gone = await making_room.make_room(still.server, Need(1_000))
    assert gone.enough
    assert not await is_cached(still, "avatar", "https://f.test/friend.png")


async def test_followed_people_outlast_strangers(still: World) -> None:
    bob = await stranger(still, "bob", "b.test")
    relayed = await remote_status(still, bob, "relayed", reason=Reason.RELAY)
    wanted = await remote_status(still, bob, "wanted", reason=Reason.FOLLOWED)
    still.clock.forward(days=20)
    later = await remote_status(still, bob, "relayed later", reason=Reason.RELAY)
    for left in ([False, True, True], [False, True, False]):
        await making_room.make_room(still.server, Need(1))
        assert [await here(still, row) for row in (relayed, wanted, later)] == left


async def test_only_files_go_where_the_disk_is_what_is_short(still: World) -> None:
    bob = await stranger(still, "bob", "b.test")
    row = await remote_status(still, bob)
    await cached(still, "small", "https://b.test/a.png", 1_000)
    gone = await making_room.make_room(still.server, Need(0, disk=1_000))
    assert (set(gone.kinds), gone.enough) == ({"small"}, True)
    assert await here(still, row)


# Keeping ---------------------------------------------------------------------------------------------


async def with_budget(world: World, above: int) -> tuple[RoomKeeper, int]:
    """A keeper, and what is used: the budget is so much above it."""
    async with world.server.read() as tx:
        used = (await measuring_storage.measure(world.server, tx)).total
    async with world.server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(budget=used + above))
    return RoomKeeper(world.server), used


async def test_what_comes_above_the_budget_makes_the_oldest_go(still: World) -> None:
    for n in range(40):
        await cached(still, "original", f"https://b.test/{n}.png", 100_000, age=n * DAY)
    keeper, _ = await with_budget(still, -1_000_000)
    room = still.server.room
    await keeper.turn()
    assert room.budget is not None
    assert room.used <= room.budget
    while room.needed.is_set():
        room.needed.clear()
        await keeper.turn()
    assert keeper.limits is not None
    assert room.used <= keeper.limits.begin
    left = [n for n in range(40) if await is_cached(still, "original", f"https://b.test/{n}.png")]
    assert 20 <= len(left) <= 31
    assert left == list(range(len(left))), "the least recently seen went"
    assert room.level is Level.PLENTY
    assert (await anew(still)).clean


async def test_above_the_budget_with_nothing_that_may_go_strangers_wait(still: World) -> None:
    keeper, used = await with_budget(still, -10)
    room = still.server.room
    await keeper.turn()
    await keeper.turn()
    assert (room.level, room.for_strangers, room.for_files) == (Level.NEAR, False, True)
    assert "raise the budget" in room.why
    assert not room.reserve(1), "not even a byte of another server's file is stored above the budget"
    async with still.server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(budget=10 * used))
    await keeper.turn()
    assert (room.level, room.why) == (Level.PLENTY, "")


async def test_a_download_that_finds_no_room_has_it_made(still: World) -> None:
    for n in range(10):
        await cached(still, "original", f"https://b.test/{n}.png", 1_000_000, age=n * DAY)
    keeper, _ = await with_budget(still, 300_000)
    room = still.server.room
    await keeper.turn()
    assert not room.reserve(2_000_000)
    room.wish(2_000_000)
    assert room.needed.is_set()
    await keeper.turn()
    assert room.reserve(2_000_000)
    assert not await is_cached(still, "original", "https://b.test/9.png")


async def test_each_change_of_level_is_counted_once(still: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [100 * GB, 5_400_000_000, 5_300_000_000, 4 * GB, 4 * GB, 0, 100 * GB]

    async def disk(server: Any) -> Disk:
        return Disk(1000 * GB, found.pop(0))

    monkeypatch.setattr(measuring_storage, "disk_of", disk)
    async with still.server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(floor=5 * GB))
    keeper, room = RoomKeeper(still.server), still.server.room
    seen = []
    while found:
        await keeper.turn()
        seen.append(room.level)
    assert seen == [3, 2, 2, 1, 1, 0, 3]
    counts = still.server.counters._counts
    names = ("near", "floor", "full", "plenty")
    assert [counts[f"storage.level_{name}"] for name in names] == [1, 1, 1, 1]


async def test_a_write_that_found_no_room_is_known_at_once(still: World) -> None:
    keeper = RoomKeeper(still.server)
    await keeper.start()
    levels = [still.server.room.level]
    still.server.db.on_full()
    levels.append(still.server.room.level)
    assert "The disk is full" in still.server.room.why
    still.clock.forward(seconds=keeping_room.FULL_FOR)
    await keeper.look()
    levels.append(still.server.room.level)
    assert levels == [Level.PLENTY, Level.FULL, Level.PLENTY]
    await keeper.stop()


async def test_growth_and_the_day_of_overflow_are_reckoned_from_days(still: World) -> None:
    server = still.server
    await measuring_storage.note_storage(server)
    assert (await measuring_storage.report(server)).growth is None
    await cached(still, "original", "https://b.test/a.mp4", 4_000_000)
    still.clock.forward(days=4)
    await measuring_storage.note_storage(server)
    async with server.write() as tx:
        used = (await measuring_storage.measure(server, tx)).total
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(budget=used + 10_000_000))
    found = await measuring_storage.report(server, detailed=True)
    line = next(one for one in found.kinds if one.kind == "original")
    assert line.growth is not None
    assert found.growth is not None
    assert found.full_on is not None
    assert 800_000 <= line.growth <= 1_000_000
    assert 5 <= (found.full_on - found.at) / DAY <= 15
    assert found.hosts[0].host == "b.test"
    assert (line.files, line.bytes, line.oldest_view is not None) == (1, 4_000_000, True)
    assert found.parts is not None
    assert "statuses" in {part.name for part in found.parts}


async def test_many_posts_make_room_in_the_database(still: World) -> None:
    """Rows that go leave empty pages, or on PostgreSQL what is taken for them: the same row is not paid for twice."""
    bob = await stranger(still, "bob", "b.test")
    server = still.server
    async with server.write() as tx:
        author = await accounts.by_id(tx, bob.id)
    assert author is not None
    for n in range(150):
        await remote_status(still, author, f"{n} " + "words " * 300, id=StatusId(new_id(still.clock.now())))
    keeper, _ = await with_budget(still, 0)
    await keeper._keep_peak(await _used(still))
    before = await _used(still)
    gone = await making_room.make_room(server, Need(200_000))
    after = await _used(still)
    assert gone.bytes >= 200_000
    assert after.empty - before.empty >= 100_000
    assert after.total <= before.total + 1_000_000, "SQLite's journal grows a little before it is used again"
    assert (await anew(still)).clean


async def _used(world: World) -> measuring_storage.Used:
    async with world.server.read() as tx:
        return await measuring_storage.measure(world.server, tx)
