"""Years that people here look back on, and what is counted for them.

A year is a range of ids, which begin with the time: one walk along the index of somebody's statuses.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from dassie.domain.annual_reports import Report, TagCount, Year
from dassie.domain.ids import StatusId, id_floor
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import annual_reports, follows, status_tags, statuses, tags
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json, UtcTime

_t = annual_reports
_NAMES = Report.__struct_fields__
_columns: list[Any] = [type_coerce(_t.c[name], Json(Year | None)) if name == "data" else _t.c[name] for name in _NAMES]
_me = bindparam("of_account", type_=BigInteger)
_of_year = and_(_t.c.account_id == _me, _t.c.year == bindparam("year_is", type_=Integer))
_ONE = Query(Report, select(*_columns).where(_of_year))
_PENDING = Query(
    Report,
    select(*_columns)
    .where(_t.c.account_id == _me, _t.c.data.is_not(null()), _t.c.viewed_at.is_(null()))
    .order_by(_t.c.year.desc()),
)
_ALL = Query(Report, select(*_columns).where(_t.c.account_id == _me).order_by(_t.c.year.desc()))
_BEGIN = Statement(put_once(_t, "id", "account_id", "year", "share_key", "created_at"))
_END = Statement(
    update(_t)
    .where(_of_year, _t.c.data.is_(null()))
    .values(data=bindparam("new_data", type_=Json()), notification_id=bindparam("told_by", type_=BigInteger))
)
_SEEN = Statement(
    update(_t).where(_of_year, _t.c.viewed_at.is_(null())).values(viewed_at=bindparam("at", type_=UtcTime))
)
_TOLD = Query(row, select(_t.c.notification_id, _t.c.year).where(any_of(_t.c.notification_id, "ids")))

# Counting ------------------------------------------------------------------------------------------

_low, _high = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
_in_time = and_(statuses.c.account_id == _me, statuses.c.id >= _low, statuses.c.id < _high)
_written = statuses.c.reblog_of_id.is_(null())
_answers = and_(
    or_(statuses.c.in_reply_to_id.is_not(null()), statuses.c.in_reply_to_uri.is_not(null())),
    func.coalesce(statuses.c.in_reply_to_account_id, 0) != _me,
)
_open = statuses.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")])


class Counts(Struct, frozen=True):
    """What somebody wrote."""

    alone: int
    """Posts that answer nobody else."""
    replies: int
    reblogs: int
    polls: int


def _number(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_COUNTS = Query(
    Counts,
    select(
        _number(and_(_written, ~_answers)),
        _number(and_(_written, _answers)),
        _number(~_written),
        _number(and_(_written, statuses.c.has_poll)),
    ).where(_in_time),
)
_STATUSES = Query(int, select(func.count()).select_from(statuses).where(_in_time))
_ANY = Query(int, select(statuses.c.id).where(_in_time).limit(1))


@cache
def _follows(column: str) -> Query[int]:
    begun, ended = bindparam("begun", type_=UtcTime), bindparam("ended", type_=UtcTime)
    return Query(
        int,
        select(func.count())
        .select_from(follows)
        .where(follows.c[column] == _me, follows.c.created_at >= begun, follows.c.created_at < ended),
    )


_TAGS = Query(
    TagCount,
    select(tags.c.display_name, func.count())
    .select_from(
        statuses.join(status_tags, status_tags.c.status_id == statuses.c.id).join(
            tags, tags.c.id == status_tags.c.tag_id
        )
    )
    .where(_in_time, _written)
    .group_by(tags.c.id, tags.c.display_name)
    .order_by(func.count().desc(), tags.c.display_name)
    .limit(bindparam("most", type_=Integer)),
)


@cache
def _top(column: str) -> Query[StatusId]:
    return Query(
        StatusId,
        select(statuses.c.id)
        .where(_in_time, _written, _open, statuses.c[column] > 0, ~any_of(statuses.c.id, "but"))
        .order_by(statuses.c[column].desc(), statuses.c.id.desc())
        .limit(1),
    )


def span(begin: datetime, end: datetime) -> dict[str, int]:
    """The ids of a time."""
    return {"low": id_floor(begin), "high": id_floor(end)}


async def counts(tx: Tx, account_id: int, ids: dict[str, int]) -> Counts:
    """What somebody wrote in this time."""
    return await tx.one(_COUNTS, of_account=account_id, **ids) or Counts(0, 0, 0, 0)


async def wrote(tx: Tx, account_id: int, ids: dict[str, int]) -> bool:
    """Whether somebody posted at all."""
    return await tx.one(_ANY, of_account=account_id, **ids) is not None


async def statuses_in(tx: Tx, account_id: int, ids: dict[str, int]) -> int:
    """How many posts, replies and boosts."""
    return await tx.one(_STATUSES, of_account=account_id, **ids) or 0


async def follows_in(tx: Tx, account_id: int, begin: datetime, end: datetime) -> tuple[int, int]:
    """(whom somebody began to follow, who began to follow them), of those that lasted."""
    found = [
        await tx.one(_follows(column), of_account=account_id, begun=begin, ended=end) or 0
        for column in ("account_id", "target_id")
    ]
    return found[0], found[1]


async def top_tags(tx: Tx, account_id: int, ids: dict[str, int], most: int) -> list[TagCount]:
    """The hashtags somebody used most."""
    return await tx.all(_TAGS, of_account=account_id, most=most, **ids)


async def top_status(tx: Tx, account_id: int, ids: dict[str, int], by: str, but: Collection[int]) -> StatusId | None:
    """The open post with the highest counter (`reblogs_count` …), those in `but` left out."""
    return await tx.one(_top(by), of_account=account_id, but=list(but), **ids)


# Keeping -------------------------------------------------------------------------------------------


async def of(tx: Tx, account_id: int, year: int) -> Report | None:
    """Somebody's year."""
    return await tx.one(_ONE, of_account=account_id, year_is=year)


async def all_of(tx: Tx, account_id: int) -> list[Report]:
    """All years of somebody, the newest first."""
    return await tx.all(_ALL, of_account=account_id)


async def pending(tx: Tx, account_id: int) -> list[Report]:
    """Those that are ready and were not looked at."""
    return await tx.all(_PENDING, of_account=account_id)


async def begin(tx: Tx, id: int, account_id: int, year: int, share_key: str) -> bool:
    """Note that it is being worked out; False where it is there, or on the way."""
    given = {"id": id, "account_id": account_id, "year": year, "share_key": share_key}
    return await tx.run(_BEGIN, **given, created_at=tx.now) > 0


async def end(tx: Tx, account_id: int, year: int, data: Year, notification_id: int) -> bool:
    """It is worked out; False where it is so already."""
    return await tx.run(_END, of_account=account_id, year_is=year, new_data=data, told_by=notification_id) > 0


async def seen(tx: Tx, account_id: int, year: int) -> None:
    """Its owner looked at it."""
    await tx.run(_SEEN, of_account=account_id, year_is=year, at=tx.now)


async def told(tx: Tx, notification_ids: Collection[int]) -> dict[int, int]:
    """The years that these notifications tell of, by notification."""
    return dict(await tx.all(_TOLD, ids=list(notification_ids))) if notification_ids else {}
