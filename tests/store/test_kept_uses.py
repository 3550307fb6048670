"""Uses of hashtags are counted anew only now and then where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dassie.store.kept_uses import LASTS, MOST, OFTEN, KeptUses
from dassie.store.tag_uses import DayOfUse, no_uses
from dassie.store.tx import Tx
from worlds import World

HERE = "https://here.test"


async def test_what_is_used_often_is_counted_now_and_then(idle_world: World) -> None:
    asked: list[list[int]] = []

    async def read(tx: Tx, ids: Sequence[int]) -> dict[int, list[DayOfUse]]:
        asked.append(list(ids))
        today, *before = no_uses(tx.now)
        return {id: [DayOfUse(today.day, id, 1), *before] for id in ids}

    kept, clock = KeptUses(read), idle_world.clock
    seldom, often = OFTEN - 1, OFTEN

    async def count(*ids: int, place: str = HERE) -> list[int]:
        async with idle_world.server.read() as tx:
            found = await kept.of(tx, ids, place)
        return [found[id][0].uses for id in ids]

    assert await count(seldom, often) == await count(seldom, often) == [seldom, often]
    assert asked == [[seldom, often], [seldom]]
    await count(often, place="https://else.test")
    clock.forward(seconds=LASTS.total_seconds())
    await count(often)
    clock.forward(days=1)
    await count(often)
    assert asked[2:] == [[often]] * 3
    await count(*range(often + 1, often + 1 + MOST))
    await count(often)
    assert asked[-1] == [often]


async def test_another_day_is_counted_anew(idle_world: World) -> None:
    days: list[DayOfUse] = []

    async def read(tx: Tx, ids: Sequence[int]) -> dict[int, list[DayOfUse]]:
        days[:] = [DayOfUse(one.day, OFTEN, 1) for one in no_uses(tx.now)]
        return {id: list(days) for id in ids}

    kept = KeptUses(read)
    now = idle_world.clock.now()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    idle_world.clock.forward(seconds=(midnight - now).total_seconds() - 60)
    for seconds in (0, 90):
        idle_world.clock.forward(seconds=seconds)
        async with idle_world.server.read() as tx:
            found = await kept.of(tx, [1], HERE)
            assert found[1][0].day == no_uses(tx.now)[0].day
