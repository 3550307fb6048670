"""Strangers go one at a time, each time the loop goes round."""

from __future__ import annotations

import asyncio

from dassie.door.attending import SHORT_SECONDS, Attending
from dassie.federation.turnstile import Turnstile


async def test_one_passes_each_time_the_loop_goes_round() -> None:
    turnstile = Turnstile(Attending())
    passed: list[int] = []

    async def stranger(number: int) -> None:
        await turnstile.turn()
        passed.append(number)

    strangers = [asyncio.create_task(stranger(number)) for number in range(5)]
    most, before = 0, 0
    while not all(task.done() for task in strangers):
        await asyncio.sleep(0)  # once round
        most, before = max(most, len(passed) - before), len(passed)
    assert most == 1
    assert passed == [0, 1, 2, 3, 4]


async def test_who_left_holds_nobody_up() -> None:
    turnstile = Turnstile(Attending())
    gone = asyncio.create_task(turnstile.turn())
    last = asyncio.create_task(turnstile.turn())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(last, 1)
    await asyncio.wait_for(turnstile.turn(), 1)


async def test_strangers_give_way_to_people_but_not_for_ever() -> None:
    attending = Attending()
    turnstile = Turnstile(attending)
    with attending.to_somebody():
        stranger = asyncio.create_task(turnstile.turn())
        await asyncio.sleep(0.005)
        assert not stranger.done()
        await asyncio.wait_for(stranger, 1)
    with attending.to_somebody():
        await asyncio.sleep(SHORT_SECONDS + 0.01)
        assert not attending.busy  # it waits for something else than the processor
    assert not attending.busy
