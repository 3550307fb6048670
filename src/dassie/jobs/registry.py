"""Which function handles which kind of job, and what recurs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

import msgspec

from dassie.domain.jobs import Job
from dassie.server import Server
from dassie.store.tx import Tx

J = TypeVar("J", bound=Job)
Handler = Callable[[Server, J], Coroutine[Any, Any, None]]
Task = Callable[[Server], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its rules, how its arguments are read, and who does it."""

    job: type[Job]
    decode: Callable[[bytes], Any]
    handler: Callable[[Server, Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Recurring:
    """Something done again and again by one worker."""

    name: str
    every: timedelta
    task: Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try of a job ended."""

    state: Literal["done", "waiting", "gave_up"]
    tries: int
    """This one included."""
    why: str | None = None
    code: int | None = None
    """HTTP code of another server, where it refused."""
    next_at: datetime | None = None
    """When a waiting job is tried again."""


Recorder = Callable[[Tx, J, Outcome], Awaitable[None]]

KINDS: dict[str, Kind] = {}
RECORDERS: dict[str, Recorder[Any]] = {}
RECURRING: dict[str, Recurring] = {}


def handles(job: type[J]) -> Callable[[Handler[J]], Handler[J]]:
    """Register the function below as the one that does this kind of job."""

    def register(handler: Handler[J]) -> Handler[J]:
        name = job.__name__
        if name in KINDS and KINDS[name].handler is not handler:
            raise RuntimeError(f"two handlers for {name}")
        KINDS[name] = Kind(job, msgspec.json.Decoder(job).decode, handler)
        return handler

    return register


def records(job: type[J]) -> Callable[[Recorder[J]], Recorder[J]]:
    """Register the function below to write down how each try of this kind ended, in the queue's own unit."""

    def register(recorder: Recorder[J]) -> Recorder[J]:
        RECORDERS[job.__name__] = recorder
        return recorder

    return register


def recurs(every: timedelta) -> Callable[[Task], Task]:
    """Register the function below to be called about every so often."""

    def register(task: Task) -> Task:
        RECURRING[task.__name__] = Recurring(task.__name__, every, task)
        return task

    return register
