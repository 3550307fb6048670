"""The job that is being run, so that its handler can finish it together with its change.

A handler that only changes the database calls `finish_with(tx)` inside its unit: then the change and the end of
the job are one, and not even a kill in the wrong moment runs it twice.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field

from dassie.store import queue
from dassie.store.costs import Source
from dassie.store.queue import Claimed
from dassie.store.tx import Tx


@dataclass(slots=True)
class Current:
    """A job under way."""

    job: Claimed
    finished: bool = False
    sources: list[tuple[Source, str | int]] = field(default_factory=list)
    """Who pays for it: relays, followed accounts, tags, hosts."""
    requests: int = 0
    bytes: int = 0
    cpu_us: int = 0


current: contextvars.ContextVar[Current | None] = contextvars.ContextVar("current", default=None)


def charge(source: Source, name: str | int) -> None:
    """Book what the running job costs on this source as well."""
    running = current.get()
    if running is not None and (source, name) not in running.sources:
        running.sources.append((source, name))


def spend(*, requests: int = 0, bytes: int = 0) -> None:
    """The running job asked other servers, and got so many bytes from them."""
    running = current.get()
    if running is not None:
        running.requests += requests
        running.bytes += bytes


def spent() -> int:
    """Bytes that the running job got from other servers so far."""
    running = current.get()
    return running.bytes if running is not None else 0


async def finish_with(tx: Tx) -> None:
    """End the running job in this unit. Outside a job (in tests, in the console) it does nothing."""
    running = current.get()
    if running is not None and not running.finished:
        await queue.finish(tx, [running.job])
        running.finished = True
