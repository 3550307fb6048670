"""What recurs: one worker does each thing about every so often, however many processes there are."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, select, update

from dassie.domain.errors import DassieError
from dassie.jobs.registry import RECURRING, Recurring
from dassie.server import Server
from dassie.store.dialect import put_once
from dassie.store.tables import recurring
from dassie.store.tx import Query, Statement, row

log = structlog.get_logger("jobs")

_PLAN = Statement(put_once(recurring, "name", "next_at"))
_ALL = Query(row, select(recurring.c.name, recurring.c.next_at))
_TAKE = Statement(
    update(recurring)
    .where(
        recurring.c.name == bindparam("task"),
        recurring.c.next_at == bindparam("planned", type_=recurring.c.next_at.type),
    )
    .values(next_at=bindparam("then", type_=recurring.c.next_at.type))
)


class Schedule:
    """Calls recurring tasks when they are due."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self._server.write() as tx:
            await tx.run_many(
                _PLAN,
                [{"name": name, "next_at": tx.now + timedelta(minutes=1)} for name in sorted(RECURRING)],
            )
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            async with self._server.read() as tx:
                planned = {name: at for name, at in await tx.all(_ALL) if name in RECURRING}
            now = self._server.clock.now()
            for name, at in planned.items():
                if at <= now:
                    await self._do(RECURRING[name], at)
            future = [at for at in planned.values() if at > now]
            wait = min((at - now).total_seconds() for at in future) if future else 60.0
            await asyncio.sleep(min(max(wait, 1.0), 3600.0))

    async def _do(self, task: Recurring, planned: datetime) -> None:
        async with self._server.write() as tx:
            taken = await tx.run(_TAKE, task=task.name, planned=planned, then=tx.now + task.every)
        if not taken:
            return  # another process was quicker
        try:
            await task.task(self._server)
        except DassieError as error:
            log.warning("a recurring task failed", task=task.name, why=error.safe)
        except Exception:
            log.exception("a recurring task failed", task=task.name)
