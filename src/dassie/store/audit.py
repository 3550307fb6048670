"""Who did what to logins and to the server."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, type_coerce

from dassie.domain.ids import MAX_ID, next_id
from dassie.store.dialect import put
from dassie.store.tables import audit_log
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json

KEPT = timedelta(days=365)


class AuditEntry(Struct, frozen=True):
    """One thing that was done."""

    id: int
    account_id: int | None
    """Who did it; None for the command line and for strangers."""
    action: str
    subject: str
    ip: str
    details: dict[str, Any]
    created_at: datetime


_COLUMNS = [
    type_coerce(audit_log.c[name], Json(dict[str, Any])) if name == "details" else audit_log.c[name]
    for name in AuditEntry.__struct_fields__
]
_INSERT = Statement(put(audit_log, *AuditEntry.__struct_fields__))
_PAGE = Query(
    AuditEntry,
    select(*_COLUMNS)
    .where(audit_log.c.id < bindparam("below"))
    .order_by(audit_log.c.id.desc())
    .limit(bindparam("most")),
)
_FORGET = Statement(delete(audit_log).where(audit_log.c.created_at < bindparam("before")))


async def insert(tx: Tx, account_id: int | None, action: str, subject: str, ip: str, details: dict[str, Any]) -> None:
    """Write one entry."""
    await tx.run(
        _INSERT,
        id=next_id(tx.now),
        account_id=account_id,
        action=action,
        subject=subject,
        ip=ip,
        details=details,
        created_at=tx.now,
    )


async def newest(tx: Tx, limit: int, *, below: int = MAX_ID) -> list[AuditEntry]:
    """Entries older than the one with id `below`, newest first."""
    return await tx.all(_PAGE, below=below, most=limit)


async def forget_old(tx: Tx) -> int:
    """Drop entries older than a year; how many."""
    return await tx.run(_FORGET, before=tx.now - KEPT)
