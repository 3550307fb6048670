"""Which function handles which kind of job, and what recurs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from dassie.domain.jobs import Job
from dassie.server import Server

J = TypeVar("J", bound=Job)
Handler = Callable[[Server, J], Awaitable[None]]
Task = Callable[[Server], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its rules, how its arguments are read, and who does it."""

    job: type[Job]
    decode: Callable[[bytes], Any]
    handler: Callable[[Server, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Recurring:
    """Something done again and again by one worker."""

    name: str
    every: timedelta
    task: Task


KINDS: dict[str, Kind] = {}
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


def recurs(every: timedelta) -> Callable[[Task], Task]:
    """Register the function below to be called about every so often."""

    def register(task: Task) -> Task:
        RECURRING[task.__name__] = Recurring(task.__name__, every, task)
        return task

    return register
