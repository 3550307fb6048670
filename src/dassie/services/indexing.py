"""Puts the words of new statuses into the search index, many at once, a moment after they were written."""

from __future__ import annotations

import asyncio

import structlog

from dassie.domain.errors import DassieError
from dassie.server import Server
from dassie.store import search

log = structlog.get_logger("search")

PAUSE = 0.4
AT_ONCE = 100


class Indexer:
    """One per process that runs jobs. Asleep while nothing is written."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin with what an earlier process left."""
        self._server.unindexed.set()
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """What is pending stays in the database."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await self._server.unindexed.wait()
            self._server.unindexed.clear()
            await asyncio.sleep(PAUSE)
            try:
                await drain(self._server)
            except DassieError as error:
                log.warning("the search index was not brought up to date", why=error.safe)


async def drain(server: Server) -> None:
    """Index all that is pending, in bounded units."""
    count = AT_ONCE
    while count == AT_ONCE:
        async with server.write() as tx:
            count = await search.index_pending(tx, AT_ONCE)
