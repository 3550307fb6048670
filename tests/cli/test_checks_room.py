"""What the doctor says of the room that is left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dassie.cli.checks_room import check_room
from dassie.cli.findings import Finding
from dassie.domain.storage import StorageSettings
from dassie.services import measuring_storage
from dassie.services.measuring_storage import Disk
from dassie.store import settings, usage
from worlds import World

GB = 1_000_000_000


async def found(world: World) -> Finding:
    (one,) = [finding async for finding in check_room(world.server.config, world.server.db)]
    return one


async def test_plenty_is_fine(world: World) -> None:
    assert (await found(world)).level == "ok"


@pytest.mark.parametrize(
    ("free", "level", "words"),
    [(5_400_000_000, "warn", "near the 5 GB"), (4 * GB, "fail", "5 GB are to stay free"), (0, "fail", "disk is full")],
)
async def test_a_disk_that_fills_is_told_with_its_cure(
    world: World, monkeypatch: pytest.MonkeyPatch, free: int, level: str, words: str
) -> None:
    async def disk(place: object) -> Disk:
        return Disk(100 * GB, free)

    monkeypatch.setattr(measuring_storage, "disk_of", disk)
    async with world.server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(floor=5 * GB))
    one = await found(world)
    assert one.level == level
    assert words in one.cause
    assert "dassie storage" in one.cure


async def test_above_the_budget_and_the_day_of_overflow(world: World) -> None:
    server = world.server
    async with server.read() as tx:
        used = (await measuring_storage.measure(server, tx)).total
    async with server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(budget=used - 1))
    above = await found(world)
    assert (above.level, "raise the budget" in above.cause) == ("warn", True)

    async with server.write() as tx:
        await settings.save(tx, measuring_storage.SETTINGS, StorageSettings(budget=used + 20_000_000))
        now = tx.now
        for days, before in ((4, 20_000_000), (0, 0)):
            tx.now = now - timedelta(days=days)
            await usage.note(tx, {"total": used - before})
    soon = await found(world)
    assert (soon.level, "it is full on" in soon.cause) == ("warn", True)
