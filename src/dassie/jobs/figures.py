"""What a process learns, written now and then: figures, prices, how other servers do.

The workers do it with their heartbeat; a process without workers has one of these.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from dassie.domain.errors import DassieError
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import counters, host_rows
from dassie.store.tx import Tx

log = structlog.get_logger("figures")

EVERY_SECONDS = 10.0
HOSTS_KEPT = timedelta(days=60)


def wait(server: Server) -> bool:
    """Whether there is something to write."""
    return server.counters.waiting or server.ledger.waiting or server.hosts.changed


async def write(server: Server, tx: Tx) -> None:
    """Write what was counted and learned since the last time."""
    await server.hosts.save(tx)
    await server.counters.flush(tx)
    await server.ledger.flush(tx)


class FigureKeeper:
    """Writes the figures of a process without workers, and reads what the others learned about hosts."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read what is known, then keep time."""
        async with self._server.read() as tx:
            await self._server.hosts.load(tx)
        self._task = asyncio.create_task(self._keep_time())

    async def stop(self) -> None:
        """Write the last figures."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._turn()

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._turn()

    async def _turn(self) -> None:
        server = self._server
        try:
            if wait(server):
                async with server.write() as tx:
                    await write(server, tx)
            if server.db.name != "sqlite":
                async with server.read() as tx:
                    await server.hosts.load(tx)
        except DassieError as error:
            log.warning("figures could not be kept", why=error.safe)
        except Exception as error:  # a database that is away: the next turn tries again
            log.exception("keeping figures failed", error=str(error))


@recurs(timedelta(hours=6))
async def forget_old_figures(server: Server) -> None:
    """Drop figures past their keeping time, and hosts that nobody had to do with for two months."""
    async with server.write() as tx:
        await counters.forget_old(tx)
        await host_rows.forget_old(tx, tx.now - HOSTS_KEPT)
