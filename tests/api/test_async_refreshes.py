"""What apps are told of work in the background."""

from __future__ import annotations

from dassie.domain.ids import StatusId
from dassie.store import thread_fetches
from entities_check import check_entity, needs_definitions
from people import stranger
from strangers import remote_status
from worlds import World


async def begun(world: World) -> StatusId:
    author = await stranger(world, "eve", "far.test")
    id = (await remote_status(world, author)).id
    async with world.server.write() as tx:
        assert await thread_fetches.begin(tx, id, "word")
    return id


async def test_it_runs_until_it_is_finished_or_given_up(world: World) -> None:
    id = await begun(world)
    ana = await world.api_as(await world.account("ana"))
    path = "/api/v1_alpha/async_refreshes/word"
    assert (await ana.get(path)).json["async_refresh"] == {"id": "word", "status": "running", "result_count": 0}
    async with world.server.write() as tx:
        await thread_fetches.came(tx, id, "word", 4)
    assert (await ana.get(path)).json["async_refresh"]["result_count"] == 4
    got = await ana.get(f"/api/v1/statuses/{id}/context")
    assert got.headers["mastodon-async-refresh"] == 'id="word", retry=3, result_count=4'
    assert "Mastodon-Async-Refresh" in got.headers["access-control-expose-headers"]
    world.clock.forward(minutes=10)  # whoever did it is gone
    assert (await ana.get(path)).json["async_refresh"]["status"] == "finished"
    async with world.server.write() as tx:
        await thread_fetches.finish(tx, id, "another", 9)
    assert (await ana.get(path)).json["async_refresh"]["result_count"] == 4


async def test_how_it_ended_is_told_for_a_day(world: World) -> None:
    id = await begun(world)
    ana = await world.api_as(await world.account("ana"))
    world.clock.forward(hours=25)
    async with world.server.write() as tx:
        assert await thread_fetches.under_way(tx) == 0
        await thread_fetches.forget_old(tx)
        assert await thread_fetches.of(tx, id) is None
    assert (await ana.get("/api/v1_alpha/async_refreshes/word")).code == 404


@needs_definitions
async def test_it_has_the_shape_of_the_entity(world: World) -> None:
    await begun(world)
    ana = await world.api_as(await world.account("ana"))
    shown = (await ana.get("/api/v1_alpha/async_refreshes/word")).json
    assert check_entity("AsyncRefresh", shown["async_refresh"]) == []
