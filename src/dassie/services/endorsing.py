"""Featuring people one follows on one's profile."""

from __future__ import annotations

from dassie.domain.errors import Invalid
from dassie.server import Server
from dassie.store import endorsements, follows
from dassie.store.tx import Tx
from dassie.store.views import AccountView


async def endorse(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Feature somebody; twice is once. Raises `Invalid` for who is not followed."""
    if not await follows.following(tx, me.id, target.id):
        raise Invalid("Validation failed: You must be already following the person you want to endorse")
    await endorsements.add(tx, me.id, target.id)


async def unendorse(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Feature them no longer; not featuring them is not an error."""
    await endorsements.remove(tx, me.id, target.id)
