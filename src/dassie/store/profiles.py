"""What the owner of a profile typed, as apps offer it for editing."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import bindparam, select, type_coerce

from dassie.store.tables import accounts
from dassie.store.tx import Query, Tx
from dassie.store.types import Json
from dassie.store.views import FieldView


class Source(Struct, frozen=True):
    """Bio and fields as typed."""

    note: str | None
    fields: list[FieldView] | None
    attribution_domains: list[str]


_SOURCE = Query(
    Source,
    select(
        accounts.c.note_source,
        type_coerce(accounts.c.fields_source, Json(list[FieldView])),
        type_coerce(accounts.c.attribution_domains, Json(list[str])),
    ).where(accounts.c.id == bindparam("account_id")),
)


async def source(tx: Tx, account_id: int) -> Source:
    """What the owner typed; empty where nothing was."""
    return await tx.one(_SOURCE, account_id=account_id) or Source(None, None, [])
