"""Writing a status: whole or not at all, once, and never lost to a number that was taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dassie.services import writing
from dassie.services.writing import NewStatus, remove_status, write_status
from dassie.store import accounts, statuses
from dassie.store.views import StatusRow
from worlds import World

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def _write(world: World, name: str, **values: object) -> StatusRow | None:
    async with world.server.write() as tx:
        author = await accounts.by_name(tx, "ana")
        assert author is not None
        new = NewStatus(author=author, uri=f"https://here.test/{name}", visibility="public", **values)  # type: ignore[arg-type]
        return await write_status(tx, world.server, new)


async def test_posts_of_the_same_second_are_all_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.account("ana")
    draws = iter([7, 7, 7, 8, 8, 9])
    monkeypatch.setattr(writing, "new_id", lambda at: next(draws))
    kept = [await _write(world, name, created_at=AT) for name in ("a", "b", "c")]
    assert [row.id if row else None for row in kept] == [7, 8, 9]


async def test_the_same_uri_is_written_once(world: World) -> None:
    await world.account("ana")
    first = await _write(world, "a")
    assert first is not None
    assert await _write(world, "a") is None
    async with world.server.read() as tx:
        ana = await accounts.by_name(tx, "ana")
    assert ana is not None
    assert ana.statuses_count == 1


async def test_a_reply_that_came_first_becomes_a_child_when_its_parent_comes(world: World) -> None:
    ana = await world.account("ana")
    reply = await _write(world, "reply", in_reply_to_uri="https://there.test/parent")
    assert reply is not None
    async with world.server.write() as tx:
        await accounts.insert(
            tx,
            id=5,
            username="bo",
            domain="there.test",
            uri="https://there.test/bo",
            created_at=tx.now,
        )
        bo = await accounts.by_id(tx, 5)
        assert bo is not None
        parent = await write_status(
            tx, world.server, NewStatus(author=bo, uri="https://there.test/parent", visibility="public")
        )
    assert parent is not None
    async with world.server.read() as tx:
        child = await statuses.by_id(tx, reply.id)
        after = await statuses.by_id(tx, parent.id)
    assert child is not None
    assert after is not None
    assert (child.in_reply_to_id, child.in_reply_to_account_id, child.thread_id) == (parent.id, bo.id, parent.thread_id)
    assert after.replies_count == 1
    assert ana.id == child.account_id


async def test_what_was_removed_does_not_come_back_and_its_counters_go(world: World) -> None:
    await world.account("ana")
    parent = await _write(world, "parent")
    reply = await _write(world, "reply", in_reply_to=parent)
    assert parent is not None
    assert reply is not None
    async with world.server.write() as tx:
        await remove_status(tx, world.server, reply)
    async with world.server.read() as tx:
        after = await statuses.by_id(tx, parent.id)
        assert after is not None
        assert after.replies_count == 0
        assert await statuses.is_buried(tx, reply.uri)
        assert await statuses.by_id(tx, reply.id) is None
