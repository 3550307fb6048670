"""Answers kept in memory: one is made for many, and none outlives what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dassie.federation.answers import OVERHEAD, REMEMBERED_CHANGES, Answers, Made, Ready

KEY = ("/users/ana", "")


class Seconds:
    """A clock."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


def made(text: str, *shows: int) -> Made:
    return Made(Ready(200, text.encode(), "text/plain", [], tagged=True), shows)


class Maker:
    """Makes an answer, when it is let to."""

    def __init__(self, *shows: int, private: bool = False) -> None:
        self.calls = 0
        self.go = asyncio.Event()
        self._shows = None if private else shows

    async def __call__(self) -> Made:
        self.calls += 1
        text = f"answer {self.calls}"
        await self.go.wait()
        return Made(Ready(200, text.encode(), "text/plain", [], tagged=True), self._shows)


async def asked(answers: Answers, maker: Maker, count: int) -> list[tuple[str, bool]]:
    """(text, whether it only waited) of so many askers at once."""
    tasks = [asyncio.create_task(answers.get(KEY, maker)) for _ in range(count)]
    await asyncio.sleep(0)
    maker.go.set()
    return [(got.ready.body.decode(), waited) for got, waited in await asyncio.gather(*tasks)]


async def test_one_answer_is_made_for_all_who_ask_at_once(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(1)
    assert await asked(answers, maker, 20) == [("answer 1", False), *[("answer 1", True)] * 19]
    assert maker.calls == 1
    assert answers.fresh(KEY) is not None


async def test_an_answer_for_one_is_given_to_nobody_else(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(private=True)
    got = await asked(answers, maker, 5)
    assert sorted(got) == [(f"answer {n}", False) for n in range(1, 6)]
    assert answers.fresh(KEY) is None
    assert answers.size == 0


async def test_an_answer_serves_for_a_second_from_when_it_was_asked_for(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(1)
    maker.go.set()
    await answers.get(KEY, maker)
    clock.now += 0.99
    assert answers.fresh(KEY) is not None
    clock.now += 0.02
    assert answers.fresh(KEY) is None
    await answers.get(KEY, maker)
    assert maker.calls == 2


@pytest.mark.parametrize("id", [1, 2])
async def test_a_change_of_anything_shown_takes_an_answer_away(clock: Seconds, id: int) -> None:
    answers, maker = Answers(clock), Maker(1, 2)
    maker.go.set()
    await answers.get(KEY, maker)
    answers.forget([3])
    assert answers.fresh(KEY) is not None
    answers.forget([id])
    assert answers.fresh(KEY) is None
    assert answers.size == 0


async def test_a_change_while_an_answer_is_made_is_not_missed(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(1)
    first = asyncio.create_task(answers.get(KEY, maker))
    await asyncio.sleep(0)
    answers.forget([1])
    later = asyncio.create_task(answers.get(KEY, maker))
    await asyncio.sleep(0)
    assert maker.calls == 1
    maker.go.set()
    assert (await first)[0].ready.body == b"answer 1"  # it asked before the change
    assert (await later)[0].ready.body == b"answer 2"
    kept = answers.fresh(KEY)
    assert kept is not None
    assert kept.ready.body == b"answer 2"


async def test_more_changes_than_are_remembered_are_not_missed_either(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(1)
    first = asyncio.create_task(answers.get(KEY, maker))
    await asyncio.sleep(0)
    answers.forget([1])
    answers.forget(range(10, 10 + REMEMBERED_CHANGES))
    maker.go.set()
    await first
    assert answers.fresh(KEY) is None


async def test_one_who_goes_away_does_not_take_the_others_answer(clock: Seconds) -> None:
    answers, maker = Answers(clock), Maker(1)
    tasks = [asyncio.create_task(answers.get(KEY, maker)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    maker.go.set()
    got, _ = await tasks[2]
    assert got.ready.body == b"answer 2"
    gone = await asyncio.gather(*tasks[:2], return_exceptions=True)
    assert [type(one) for one in gone] == [asyncio.CancelledError] * 2


async def test_what_is_kept_stays_within_its_bytes(clock: Seconds) -> None:
    answers = Answers(clock, most=10 * (OVERHEAD + 1_100))

    def maker(number: int) -> Callable[[], Awaitable[Made]]:
        async def make() -> Made:
            return made("x" * 1_000, number)

        return make

    for number in range(50):
        await answers.get((f"/{number}", ""), maker(number))
        assert answers.size <= 10 * (OVERHEAD + 1_100)
    assert answers.fresh(("/49", "")) is not None
    assert answers.fresh(("/39", "")) is None
    answers.forget(range(50))
    assert answers.size == 0
