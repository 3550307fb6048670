"""A clock that jumps by a day, both ways, while jobs wait and run: each has its effect once, and all are done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from worlds import World


async def posts(api: Any, count: int, start: int) -> None:
    for number in range(start, start + count):
        assert (await api.post("/api/v1/statuses", status=f"post {number}", visibility="public")).code == 200


@pytest.mark.parametrize("hours", [24, -24])
async def test_a_jump_of_the_clock_loses_and_doubles_nothing(world: World, hours: int) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api, his = await world.api_as(ana), await world.api_as(ben)
    assert (await his.post(f"/api/v1/accounts/{ana.id}/follow")).code == 200
    await posts(api, 5, 0)
    world.clock.forward(hours=hours)
    await posts(api, 5, 5)
    await asyncio.sleep(0.05)
    world.clock.forward(hours=-hours)
    await posts(api, 5, 10)
    world.app.runner.wake()
    await world.settle(20)
    home = (await his.get("/api/v1/timelines/home", limit=40)).json
    contents = [one["content"] for one in home]
    assert sorted(contents) == sorted(f"<p>post {number}</p>" for number in range(15))
    mine = (await his.get(f"/api/v1/accounts/{ana.id}")).json
    assert mine["statuses_count"] == 15
