"""What all statements of the queue have in common: the states of its rows, and a job that is leased."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import literal_column

from dassie.store.tables import jobs

LEASE = timedelta(seconds=30)

# Partial indexes serve only statements that name the state as a constant.
is_ready = jobs.c.state == literal_column("0")
is_due = jobs.c.state == literal_column("1")
is_running = jobs.c.state == literal_column("2")
is_held = jobs.c.state == literal_column("3")
is_set_aside = jobs.c.state == literal_column("4")
unfinished = jobs.c.state < literal_column("4")


class Claimed(msgspec.Struct, frozen=True):
    """A job that this worker may run until its lease ends."""

    id: int
    kind: str
    args: bytes
    host: str
    attempts: int
    """This try included."""
    order_key: str | None
    created_at: datetime
