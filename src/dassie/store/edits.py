"""Earlier versions of edited statuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Integer, bindparam, delete, exists, func, literal_column, select, type_coerce

from dassie.domain.ids import MediaId, StatusId, new_id
from dassie.store.dialect import put
from dassie.store.tables import status_edits
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json
from dassie.store.views import EmojiView, MediaView, StatusRow

MOST = 100
"""How many versions of a status are kept."""


class EditedMedia(Struct, frozen=True):
    """An attachment as it was described then."""

    id: MediaId
    description: str | None = None


class Edit(Struct, frozen=True):
    """One version of a status."""

    status_id: StatusId
    content: str
    spoiler_text: str
    sensitive: bool
    media: list[EditedMedia]
    poll_options: list[str] | None
    emojis: list[EmojiView]
    quote_uri: str | None
    """Of what it quoted then."""
    created_at: datetime


_t = status_edits
_SHAPES: dict[str, Any] = {"media": list[EditedMedia], "poll_options": list[str] | None, "emojis": list[EmojiView]}
_COLUMNS = Edit.__struct_fields__
_OF = Query(
    Edit,
    select(*(type_coerce(_t.c[name], Json(_SHAPES[name])) if name in _SHAPES else _t.c[name] for name in _COLUMNS))
    .where(_t.c.status_id == bindparam("of_status"))
    .order_by(_t.c.id),
)
_ANY = Query(int, select(literal_column("1")).where(exists().where(_t.c.status_id == bindparam("of_status"))))
_PUT = Statement(put(_t, "id", *_COLUMNS))
_newer = _t.alias("newer")
_FIRST = select(func.min(_newer.c.id)).where(_newer.c.status_id == bindparam("of_status")).scalar_subquery()
_TRIM = Statement(
    delete(_t).where(
        _t.c.status_id == bindparam("of_status"),
        _t.c.id > _FIRST,
        _t.c.id
        < select(_newer.c.id)
        .where(_newer.c.status_id == bindparam("of_status"))
        .order_by(_newer.c.id.desc())
        .offset(bindparam("kept", type_=Integer))
        .limit(1)
        .scalar_subquery(),
    )
)


async def of_status(tx: Tx, status_id: int) -> list[Edit]:
    """All versions of a status, the first one first; none where it was never edited."""
    return await tx.all(_OF, of_status=status_id)


async def was_edited(tx: Tx, status_id: int) -> bool:
    return await tx.one(_ANY, of_status=status_id) is not None


async def keep(tx: Tx, status: StatusRow, media: list[MediaView], poll_options: list[str] | None, at: datetime) -> None:
    """Remember what a status looks like at this time. Of very many versions the first and the latest are kept."""
    await tx.run(
        _PUT,
        id=new_id(at),
        status_id=status.id,
        content=status.content,
        spoiler_text=status.spoiler_text,
        sensitive=status.sensitive,
        media=[EditedMedia(one.id, one.description) for one in media],
        poll_options=poll_options,
        emojis=status.emojis,
        quote_uri=status.quote_uri,
        created_at=at,
    )
    await tx.run(_TRIM, of_status=status.id, kept=MOST - 2)
