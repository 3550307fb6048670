"""What may still be stored, and until when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from dassie.cli.findings import Finding, fail, ok, warn
from dassie.config import Config
from dassie.domain.sizes import show_size
from dassie.services import measuring_storage
from dassie.services.keeping_room import judge_report
from dassie.store.room import Level
from dassie.store.tx import Database, Tx

SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class _Place:
    """What is measured of a server that may not even run."""

    config: Config
    db: Database

    def read(self) -> AbstractAsyncContextManager[Tx]:
        return self.db.read()


async def check_room(config: Config, db: Database) -> AsyncIterator[Finding]:
    """What may still be stored: the budget, the floor, and when either is reached."""
    found = await measuring_storage.report(_Place(config, db))
    level, why = judge_report(found)
    shown = f"Room: {show_size(found.used)} used of a budget of {show_size(found.limits.budget)}"
    soon = found.full_on is not None and found.full_on - found.at < SOON
    if level <= Level.FLOOR:
        yield fail(shown, why, "Delete something on this disk; `dassie storage free 2GB` removes others' files.")
    elif level < Level.PLENTY:
        cure = "`dassie storage` shows what takes room, `dassie storage preview` what another budget would remove."
        yield warn(shown, why, cure)
    elif soon and found.full_on is not None and found.growth is not None:
        cause = f"At {show_size(found.growth)} a day it is full on {found.full_on:%Y-%m-%d}; then the oldest goes."
        yield warn(shown, cause, "Nothing has to be done. To keep more: `dassie storage set --budget`.")
    else:
        yield ok(shown)
