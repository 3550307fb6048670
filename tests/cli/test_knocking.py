"""The running server hears of jobs that commands leave."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dassie.cli.knocking import Door, knock
from dassie.cli.opening import opened
from dassie.config import load
from dassie.domain.jobs import CleanUp
from dassie.ports import Event
from dassie.store import queue


def test_each_knock_is_heard_once(tmp_path: Path) -> None:
    door = Door(tmp_path)
    assert not door.knocked()
    knock(tmp_path)
    assert door.knocked()
    assert not door.knocked()
    assert not Door(tmp_path).knocked()  # what was before it stood there, it looked for itself
    knock(tmp_path / "nowhere")


def test_a_command_knocks_where_it_leaves_a_job_and_only_there(tmp_path: Path) -> None:
    config = load({"data": tmp_path, "domain": "here.test", "sync": "normal"}, environ={})

    async def work(*, leave: bool) -> None:
        async with opened(config) as server, server.write() as tx:
            if leave:
                await queue.enqueue(tx, CleanUp())

    asyncio.run(work(leave=False))
    door = Door(tmp_path)
    asyncio.run(work(leave=False))
    assert not door.knocked()
    asyncio.run(work(leave=True))
    assert door.knocked()


def test_a_command_that_ends_a_token_knocks(tmp_path: Path) -> None:
    config = load({"data": tmp_path, "domain": "here.test", "sync": "normal"}, environ={})

    async def tell(channel: str) -> bool:
        async with opened(config) as server:
            door = Door(tmp_path)
            server.streams.publish(channel, Event("token", 1))
            return door.knocked()

    assert asyncio.run(tell("tokens"))
    assert not asyncio.run(tell("public"))
