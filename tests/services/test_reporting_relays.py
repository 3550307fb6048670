"""The report on a relay adds up what was counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.relays import Relay, RelayRules
from dassie.services import reporting_relays, subscribing
from dassie.store import arrivals, relay_figures, relays
from dassie.store.relay_figures import Held
from people import stranger, write
from worlds import World


async def entered(world: World, url: str = "https://relay.test/inbox") -> Relay:
    async with world.server.write() as tx:
        return await subscribing.subscribe(tx, world.server, url, RelayRules())


async def count(world: World, relay: Relay, **counted: int) -> None:
    for name, value in counted.items():
        world.server.counters.add(f"relay.{relay.id}.{name.replace('__', '.')}", value)
    async with world.server.write() as tx:
        await world.server.counters.flush(tx)
        await world.server.ledger.flush(tx)


async def test_hours_and_days_hold_what_was_counted_in_them(idle_world: World) -> None:
    world = idle_world
    relay, other = await entered(world), await entered(world, "https://relay.test/second/inbox")
    await count(world, relay, offered=10, admitted=4, refused__quota=5, refused__language=1, stored=3)
    await count(world, other, offered=99)
    world.clock.forward(hours=2)
    world.server.ledger.book("relay", relay.id, offered=12, admitted=2, requests=4, bytes=9_000, jobs=3, cpu_us=800)
    await count(world, relay, offered=2, admitted=2, shed=1, expired=1, dropped__bot=1, unheard_of=7)
    async with world.server.read() as tx:
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        lines = await reporting_relays.last_days(tx, tx.now)
    assert len(report.hours) == 24
    assert (report.hours[-1].offered, report.hours[-3].offered, report.hours[-2].offered) == (2, 10, 0)
    day = report.last_day
    assert (day.offered, day.admitted, day.turned_away, day.let_go) == (12, 6, 6, 2)
    assert dict(day.refused) == {"quota": 5, "language": 1}
    assert dict(day.dropped) == {"bot": 1}
    assert len(report.days) == 30
    assert sum(one.offered for one in report.days) == 12
    assert (lines[relay.id].offered, lines[other.id].offered) == (12, 99)
    assert report.each("bytes") == 4_500
    assert report.each("requests") == 2
    assert report.share_seen == 0


async def test_a_relay_without_figures_has_an_empty_report(idle_world: World) -> None:
    relay = await entered(idle_world)
    async with idle_world.server.read() as tx:
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        assert await reporting_relays.last_days(tx, tx.now) == {}
    assert report.last_day.offered == 0
    assert report.share_seen is None
    assert report.each("jobs") is None
    assert (report.waiting, report.gave_up, report.undoing) == (0, 0, False)


async def test_what_it_brought_is_counted_by_host_language_and_what_else_keeps_it(idle_world: World) -> None:
    world = idle_world
    one, two = await entered(world), await entered(world, "https://relay.test/second/inbox")
    eve, fay = await stranger(world, "eve", "rocks.test"), await stranger(world, "fay", "figs.test")
    made = [
        await write(world, eve, reason=Reason.RELAY, language="en"),
        await write(world, eve, reason=Reason.RELAY, language="en"),
        await write(world, fay, reason=Reason.RELAY),
    ]
    kept = await write(world, fay, reason=Reason.FOLLOWED, language="de")
    async with world.server.write() as tx:
        for id in (*made, kept):
            await relays.brought(tx, one.id, id)
        await relays.brought(tx, two.id, made[0])
        await arrivals.see(tx, [made[1]])
        await subscribing.undo(tx, world.server, one)
    async with world.server.read() as tx:
        report = await reporting_relays.relay_report(tx, one, tx.now + timedelta(hours=1))
    assert (report.held.total, report.held.alone) == (4, 2)
    assert (report.made_of.looked_at, report.made_of.seen) == (4, 1)
    assert report.made_of.hosts == [("figs.test", 2), ("rocks.test", 2)]
    assert report.made_of.languages == [("en", 2), ("", 1), ("de", 1)]
    assert report.undoing


async def test_of_a_big_relay_what_nothing_else_keeps_is_reckoned(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = idle_world
    relay, eve = await entered(world), await stranger(world, "eve")
    for reason in (Reason.FOLLOWED, Reason.RELAY, Reason.FOLLOWED, Reason.RELAY, Reason.FOLLOWED, Reason.RELAY):
        status = await write(world, eve, reason=reason)
        async with world.server.write() as tx:
            await relays.brought(tx, relay.id, status)
    monkeypatch.setattr(relay_figures, "SAMPLED", 4)
    async with world.server.read() as tx:
        assert await relay_figures.held(tx, relay.id) == Held(6, 3)
