"""Units of work: all or nothing, durable when left, and one failing unit never takes its neighbours along."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select

import templates
from dassie.domain.errors import Busy
from dassie.domain.ids import new_id
from dassie.store.dialect import any_of, put, put_once
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tables import settings, tags
from dassie.store.tx import Database, Query, Statement, row
from worlds import MovableClock

_PUT = Statement(put(settings, "key", "value"))
_PUT_ONCE = Statement(put_once(settings, "key", "value"))
_GET = Query(row, select(settings.c.value).where(settings.c.key == bindparam("key_is")))
_KEYS = Query(str, select(settings.c.key).where(any_of(settings.c.key, "keys")).order_by(settings.c.key))
_PUT_TAG = Statement(put(tags, "id", "name", "display_name", "created_at"))
_TAGS = Query(row, select(tags.c.id, tags.c.created_at).where(any_of(tags.c.id, "ids")))


async def _value(db: Database, key: str) -> object:
    async with db.read() as tx:
        found = await tx.one(_GET, key_is=key)
    return found[0] if found else None


async def test_what_a_unit_wrote_is_there_when_it_is_left(db: Database) -> None:
    async with db.write() as tx:
        await tx.run(_PUT, key="a", value={"list": [1, None, "ü"]})
    assert await _value(db, "a") == {"list": [1, None, "ü"]}


async def test_a_unit_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.write() as tx:
            await tx.run(_PUT, key="a", value=1)
            _ = 1 // 0
    assert await _value(db, "a") is None


async def test_a_failing_unit_does_not_take_its_neighbours_along(db: Database) -> None:
    async def unit(i: int) -> None:
        async with db.write() as tx:
            await tx.run(_PUT, key=f"k{i}", value=i)
            if i % 3 == 0:
                raise ValueError(i)

    results = await asyncio.gather(*(unit(i) for i in range(30)), return_exceptions=True)
    assert [i for i, result in enumerate(results) if isinstance(result, ValueError)] == list(range(0, 30, 3))
    async with db.read() as tx:
        kept = await tx.all(_KEYS, keys=[f"k{i}" for i in range(30)])
    assert sorted(kept) == sorted(f"k{i}" for i in range(30) if i % 3)


async def test_actions_run_after_the_commit_and_never_after_a_failure(db: Database) -> None:
    seen: list[str] = []
    async with db.write() as tx:
        tx.after_commit(lambda: seen.append("kept"))
        assert seen == []
    with pytest.raises(ZeroDivisionError):
        async with db.write() as tx:
            tx.after_commit(lambda: seen.append("lost"))
            _ = 1 // 0
    await asyncio.sleep(0.05)
    assert seen == ["kept"]


async def test_a_write_inside_a_write_is_refused(db: Database) -> None:
    async with db.write():
        with pytest.raises(RuntimeError, match="inside a write"):
            async with db.write():
                pass
    async with db.write() as tx:  # and the next one is fine
        await tx.run(_PUT, key="after", value=1)
    assert await _value(db, "after") == 1


async def test_a_cancelled_waiter_does_not_undo_what_was_written(db: Database) -> None:
    async def unit() -> None:
        async with db.write() as tx:
            await tx.run(_PUT, key="a", value=1)

    task = asyncio.create_task(unit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with db.write() as tx:
        await tx.run(_PUT_ONCE, key="a", value=2)
    assert await _value(db, "a") in (1, 2)  # whole, whichever came to be: never a broken transaction


async def test_inserting_once_says_whether_it_did(db: Database) -> None:
    async with db.write() as tx:
        assert await tx.run(_PUT_ONCE, key="a", value=1) == 1
        assert await tx.run(_PUT_ONCE, key="a", value=2) == 0
    assert await _value(db, "a") == 1


async def test_times_come_back_aware_and_to_the_millisecond(db: Database) -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    id = new_id(at)
    async with db.write() as tx:
        await tx.run(_PUT_TAG, id=id, name="x", display_name="X", created_at=at)
    async with db.read() as tx:
        assert await tx.all(_TAGS, ids=[id]) == [(id, at)]
        assert await tx.all(_TAGS, ids=[]) == []


async def test_a_full_database_is_said_clearly_and_works_again_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "dassie.db"
    await templates.sqlite_copy(path)
    db = SqliteDatabase(path, MovableClock(), full_sync=False)
    pages = (path.stat().st_size // 4096) + 40
    db._writer.execute(f"PRAGMA max_page_count={pages}")

    async def unit(i: int) -> None:
        async with db.write() as tx:
            await tx.run(_PUT, key=f"k{i}", value="x" * 20_000)

    results = await asyncio.gather(*(unit(i) for i in range(40)), return_exceptions=True)
    saved = [f"k{i}" for i, result in enumerate(results) if result is None]
    refused = [result for result in results if result is not None]
    assert refused
    assert all(isinstance(result, Busy) and "full" in str(result) for result in refused)
    async with db.read() as tx:
        assert sorted(await tx.all(_KEYS, keys=[f"k{i}" for i in range(40)])) == sorted(saved)
    db._writer.execute("PRAGMA max_page_count=1000000")
    await unit(100)
    assert await _value(db, "k100") == "x" * 20_000
    await db.close()
