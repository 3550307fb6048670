"""Many activities at once: all take effect, in the order that matters, whatever overtakes what."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from dassie.store import statuses
from fediverse import PUBLIC, Actor, Fediverse, timestamp
from following_here import follow

AT_ONCE = 32


async def flood(fediverse: Fediverse, creates: int, changes: int) -> None:
    """`creates` posts by several people, then Updates of some and Deletes of others, all sent at once."""
    ana = await fediverse.world.account("ana")
    people = [fediverse.actor(f"bob{number}", f"host{number % 4}.test") for number in range(8)]
    for person in people:
        await follow(fediverse, ana, person)
    written = [(people[index % 8], fediverse.note(people[index % 8])) for index in range(creates)]
    edited, deleted = written[-changes:], written[-2 * changes : -changes]
    await _send(fediverse, [(by, fediverse.create(by, note)) for by, note in written])
    later = timestamp(fediverse.world.clock.now() + timedelta(seconds=1))
    news = [
        (by, fediverse.activity("Update", by, note | {"content": "<p>new</p>", "updated": later}, to=[PUBLIC]))
        for by, note in edited
    ]
    ends = [(by, fediverse.activity("Delete", by, note["id"], to=[PUBLIC])) for by, note in deleted]
    await _send(fediverse, [one for both in zip(news, ends, strict=True) for one in both])
    await fediverse.world.settle(120)
    async with fediverse.world.server.read() as tx:
        rows = [await statuses.by_uri(tx, note["id"]) for _, note in written]
    texts = [row.content if row is not None else None for row in rows]
    assert texts[: -2 * changes] == ["<p>hello</p>"] * (creates - 2 * changes)
    assert texts[-2 * changes : -changes] == [None] * changes
    assert texts[-changes:] == ["<p>new</p>"] * changes


async def _send(fediverse: Fediverse, deliveries: list[tuple[Actor, dict[str, Any]]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(by: Actor, activity: dict[str, Any]) -> int:
        async with gate:
            return (await fediverse.send(by, activity)).code

    codes = await asyncio.gather(*(one(by, activity) for by, activity in deliveries))
    assert set(codes) == {202}


async def test_hundreds_at_once_all_take_effect(fediverse: Fediverse) -> None:
    """Many times what the lane holds, what is claimed at once and what is indexed in one unit."""
    await flood(fediverse, 600, 40)
