"""What the doctor says about relays."""

from __future__ import annotations

from dassie.cli.checks_data import check_contents
from dassie.services import subscribing
from dassie.store import relays
from worlds import World


async def told(world: World) -> list[str]:
    return [
        finding.what for finding in [one async for one in check_contents(world.server.db)] if "Relay" in finding.what
    ]


async def test_relays_in_order_are_one_line(idle_world: World) -> None:
    async with idle_world.server.write() as tx:
        relay = await subscribing.subscribe(tx, idle_world.server, "https://relay.test/inbox")
        await relays.change(tx, relay.id, state="accepted", accepted_at=tx.now)
    assert await told(idle_world) == ["Relays: 1, none in trouble"]


async def test_silent_relay_is_named(idle_world: World) -> None:
    async with idle_world.server.write() as tx:
        relay = await subscribing.subscribe(tx, idle_world.server, "https://relay.test/inbox")
        await relays.change(tx, relay.id, state="accepted", accepted_at=tx.now)
    idle_world.clock.forward(days=3)
    assert await told(idle_world) == ["Relay https://relay.test/inbox: nothing came for 2 days"]


async def test_relay_that_does_not_take_us_is_named(idle_world: World) -> None:
    async with idle_world.server.write() as tx:
        relay = await subscribing.subscribe(tx, idle_world.server, "https://relay.test/inbox")
        await relays.change(tx, relay.id, state="rejected", last_error="no")
    assert await told(idle_world) == ["Relay https://relay.test/inbox: rejected"]


async def test_no_relay_is_no_finding(idle_world: World) -> None:
    assert await told(idle_world) == []
