"""The audit log: sign-ins, tokens and what admins do. Never passwords, codes or tokens."""

from __future__ import annotations

from typing import Any

from dassie.store import audit
from dassie.store.tx import Tx


async def record(
    tx: Tx, action: str, *, account_id: int | None = None, subject: str = "", ip: str = "", **details: Any
) -> None:
    """Write down what was done, in the unit of work that does it.

    `action` is like `login.signed_in` or `account.role_changed`; `subject` names whom it was done to.
    """
    await audit.insert(tx, account_id, action, subject[:500], ip[:64], details)
