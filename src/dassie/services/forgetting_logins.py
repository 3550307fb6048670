"""What runs out around logins is removed: codes, unused sessions and apps, old audit entries."""

from __future__ import annotations

from datetime import timedelta

from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import apps, audit, sessions

UNUSED_APPS_KEPT = timedelta(days=2)


@recurs(timedelta(hours=6))
async def forget_logins(server: Server) -> None:
    """Registering an app costs a stranger one request, so apps that nobody signed in with go after two days."""
    async with server.write() as tx:
        await apps.forget_codes(tx)
        await apps.forget_unused(tx, tx.now - UNUSED_APPS_KEPT)
        await sessions.forget_unused(tx)
        await audit.forget_old(tx)
