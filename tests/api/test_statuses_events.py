"""What those who watch are told when statuses come, change and go; and where posting ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from worlds import World, new_world


async def test_streams_hear_of_posts_edits_and_deletions(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await as_bob.post(f"/api/v1/accounts/{ana.id}/follow")
    channels = frozenset({f"user:{bob.id}", "public:local", "hashtag:apple", f"notifications:{bob.id}"})
    heard = world.server.streams.subscribe(channels)
    made = (await as_ana.post("/api/v1/statuses", status="@bob #apple")).json
    await as_ana.put(f"/api/v1/statuses/{made['id']}", status="@bob #apple!")
    await as_ana.delete(f"/api/v1/statuses/{made['id']}")
    events: dict[str, list[str]] = {}
    async with asyncio.timeout(10):
        async for channel, event in heard:
            name = channel.partition(":")[0] if channel.endswith(str(bob.id)) else channel
            events.setdefault(name, []).append(event.kind)
            if sum(kinds.count("delete") for kinds in events.values()) == 3:
                break
    heard.close()
    assert events["public:local"] == events["hashtag:apple"] == ["update", "status.update", "delete"]
    assert sorted(events["user"]) == ["delete", "notification", "status.update", "update"]
    assert sorted(events["notifications"]) == ["notification", "status.update"]


async def test_a_private_post_is_in_no_public_stream(world: World) -> None:
    ana = await world.account("ana")
    heard = world.server.streams.subscribe(frozenset({"public", "public:local", "hashtag:apple", f"user:{ana.id}"}))
    api = await world.api_as(ana)
    made = (await api.post("/api/v1/statuses", status="#apple", visibility="private")).json
    await api.put(f"/api/v1/statuses/{made['id']}", status="#apple!")
    found: list[str] = []
    async with asyncio.timeout(10):
        async for channel, event in heard:
            found.append(channel)
            if event.kind == "status.update":
                break
    heard.close()
    assert set(found) == {f"user:{ana.id}"}


async def test_too_many_deletions_are_stopped(tmp_path: Path, database_url: str) -> None:
    async with new_world(tmp_path, database_url=database_url, rate_limits="on") as world:
        ana = await world.api_as(await world.account("ana"))
        codes = [(await ana.delete(f"/api/v1/statuses/{n}")).code for n in range(1, 32)]
    assert codes == [404] * 30 + [429]


async def test_a_change_that_fails_leaves_nothing_behind(world: World, monkeypatch: Any) -> None:
    from dassie.store import accounts, queue

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    ana = await world.account("ana")
    api = await world.api_as(ana)
    monkeypatch.setattr(queue, "enqueue", broken)
    assert (await api.post("/api/v1/statuses", status="x")).code == 500
    monkeypatch.undo()
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, ana.id)
    assert found is not None
    assert found.statuses_count == 0
    assert (await api.get("/api/v1/timelines/home")).json == []
