"""What admin endpoints share: a scope says what an app may, the role what its person may (limits_and_rules 21)."""

from __future__ import annotations

from typing import Any

from dassie.api.routing import Call
from dassie.domain.errors import NotAllowed
from dassie.domain.roles import may
from dassie.services import auditing
from dassie.store.tx import Tx
from dassie.store.views import AccountView


def administrator(call: Call, permission: str) -> AccountView:
    """Who calls, where their role has this permission; raises `NotAllowed` otherwise."""
    me = call.me
    user = call.caller.user if call.caller is not None else None
    if user is None or not may(user.role, permission):
        raise NotAllowed
    return me


async def record(tx: Tx, call: Call, action: str, subject: str = "", **details: Any) -> None:
    """Write into the audit log what was done, in the unit that does it."""
    await auditing.record(
        tx, action, account_id=call.me.id, subject=subject, ip=call.request.client, by="API", **details
    )
