"""Deliveries to a host that is back need not wait for their time."""

from __future__ import annotations

from dassie.domain.jobs import Lane
from dassie.server import Server
from dassie.store import queue


async def bring_forward(server: Server) -> None:
    """Make what waits for hosts that may be asked again ready, in bounded steps."""
    for host in server.hosts.take_reopened():
        moved = queue.PARKED_AT_ONCE
        while moved == queue.PARKED_AT_ONCE:
            async with server.write() as tx:
                moved = await queue.bring_forward(tx, Lane.DELIVER, host)
