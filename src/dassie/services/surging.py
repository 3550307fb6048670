"""Posts of ours that many people mark within seconds. For them rows are written at once, and figures once a second."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta

from dassie.domain.ids import id_floor
from dassie.domain.jobs import SettleMarks
from dassie.server import PerServer, Server
from dassie.store import queue, tallies
from dassie.store.tx import Tx

HOT_MARKS = 20
"""Likes and boosts within a span from which on a post is hot, until a whole span brings fewer."""
SPAN_SECONDS = 5.0
WATCHED = 1_000
SETTLED_AFTER = timedelta(seconds=1)


class Heat:
    """How often posts of ours were marked lately. What this process forgets is only counted at once again."""

    def __init__(self) -> None:
        self._marks: OrderedDict[int, tuple[int, int, int]] = OrderedDict()
        """By status: number of the span, marks in it, marks in the one before."""

    def mark(self, status_id: int, seconds: float) -> bool:
        """Somebody liked or boosted it, or took that back; whether it is hot now. `seconds` only grow."""
        span, count, before = self._at(status_id, seconds)
        self._marks[status_id] = (span, count + 1, before)
        self._marks.move_to_end(status_id)
        if len(self._marks) > WATCHED:
            self._marks.popitem(last=False)
        return max(count + 1, before) > HOT_MARKS

    def is_hot(self, status_id: int, seconds: float) -> bool:
        """Whether many mark it just now."""
        _, count, before = self._at(status_id, seconds)
        return max(count, before) > HOT_MARKS

    def _at(self, status_id: int, seconds: float) -> tuple[int, int, int]:
        now = int(seconds // SPAN_SECONDS)
        span, count, before = self._marks.get(status_id, (now, 0, 0))
        if span == now:
            return now, count, before
        return now, 0, count if span == now - 1 else 0


heat_of = PerServer(lambda _: Heat())
"""The heat of this running server."""


def is_hot(server: Server, status_id: int) -> bool:
    """Whether many mark this status just now."""
    return heat_of(server).is_hot(status_id, server.clock.monotonic())


async def settle_soon(tx: Tx, status_id: int) -> None:
    """Have the figures of a status counted anew in a second, with what else comes until then.

    The job is put in by the unit that writes the row, so that no row stays uncounted whatever happens.
    """
    await tallies.join(tx, status_id)
    job = SettleMarks(status_id=status_id, since=id_floor(tx.now))
    await queue.enqueue(tx, job, run_at=tx.now + SETTLED_AFTER, unique=str(status_id))
