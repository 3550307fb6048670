"""Places per host, deadlines, and whose connection stays open."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from dassie.adapters.http_limits import Deadline, HostSlots, KeptHosts
from dassie.domain.errors import RemoteFailed


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


async def test_no_host_gets_more_than_its_places_and_is_forgotten_when_idle() -> None:
    slots = HostSlots(per_host=2, total=10)
    running = most = 0

    async def call() -> None:
        nonlocal running, most
        async with slots.slot("a.test"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1

    await asyncio.gather(*(call() for _ in range(8)))
    assert most == 2
    assert slots.hosts == 0


async def test_those_who_wait_for_a_slow_host_hold_no_place_of_others() -> None:
    slots = HostSlots(per_host=1, total=2)
    release = asyncio.Event()

    async def slow() -> None:
        async with slots.slot("slow.test"):
            await release.wait()

    waiting = [asyncio.create_task(slow()) for _ in range(5)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1), slots.slot("quick.test"):
        assert slots.hosts == 2
    release.set()
    await asyncio.gather(*waiting)
    assert slots.hosts == 0


async def test_too_many_waiting_is_refused_at_once() -> None:
    slots = HostSlots(per_host=1, total=1, waiting=1)
    async with slots.slot("a.test"):
        second = asyncio.create_task(slots.slot("a.test").__aenter__())
        await asyncio.sleep(0)
        with pytest.raises(RemoteFailed) as failed:
            await slots.slot("b.test").__aenter__()
        assert failed.value.kind == "breaker"
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
    assert slots.hosts == 0


async def test_a_deadline_says_whether_the_other_side_was_asked() -> None:
    for asked, kind in [(False, "breaker"), (True, "timeout")]:
        deadline = Deadline("a.test", 0.01)
        deadline.asked = asked
        with pytest.raises(RemoteFailed) as failed:
            async with deadline.watch():
                await asyncio.sleep(5)
        assert failed.value.kind == kind


def test_few_hosts_are_kept_and_places_free_themselves() -> None:
    clock = HandClock()
    kept = KeptHosts(clock, limit=2, seconds=15)
    assert [kept.keep(host) for host in ("a", "b", "c", "a")] == [True, True, False, True]
    clock.seconds = 10
    assert kept.keep("a")
    clock.seconds = 20  # b's connection has been closed by now
    assert kept.keep("c")
    assert not kept.keep("b")
    assert kept.keep("a")
