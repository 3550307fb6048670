"""Who was here lately: shown as figures only, and beside an app in the list of one's apps."""

from __future__ import annotations

from dassie.server import Server
from dassie.store import instance_facts, logins, sessions, tokens
from dassie.store.logins import Caller
from dassie.store.tx import Tx


async def note(server: Server, caller: Caller, ip: str) -> None:
    """Note that a token was used, and that its person was here."""
    async with server.write() as tx:
        await tokens.used(tx, caller.token_id, ip)
        if caller.user is not None:
            await seen(tx, server, caller.user.id)


async def note_session(server: Server, caller: Caller, ip: str) -> None:
    """Note that a browser session was used, and that its person was here."""
    async with server.write() as tx:
        await sessions.touch(tx, caller.token_id, ip)
        if caller.user is not None:
            await seen(tx, server, caller.user.id)


async def seen(tx: Tx, server: Server, user_id: int) -> None:
    """Note that a person was here; the first time in a week counts as a login of that week."""
    before = await logins.seen(tx, user_id)
    if before is None or before < instance_facts.monday(tx.now):
        tx.after_commit(lambda: server.counters.add(instance_facts.WEEKLY_LOGINS))
