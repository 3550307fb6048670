"""Hashtags as they are shown: found by how they begin, with their uses in the last days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, bindparam, distinct, func, literal_column, select, type_coerce

from dassie.domain.ids import from_ms, id_floor, to_ms
from dassie.store.dialect import any_of, starts_with
from dassie.store.tables import status_tags, statuses, tags
from dassie.store.tx import Query, Tx, row

DAYS = 7
DAY_MS = 86_400_000


class TagView(Struct, frozen=True):
    """A hashtag."""

    id: int | None
    """None: nobody here has seen it yet."""
    name: str
    """Normalised."""
    display_name: str


class DayOfUse(Struct, frozen=True):
    """Public posts with a tag on one day (UTC)."""

    day: datetime
    uses: int
    accounts: int


_COLUMNS = (tags.c.id, tags.c.name, tags.c.display_name)
_BY_NAMES = Query(TagView, select(*_COLUMNS).where(any_of(tags.c.name, "names")))
_STARTING = Query(
    TagView,
    select(*_COLUMNS)
    .where(starts_with(tags.c.name, "beginning"))
    .order_by(tags.c.name)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("skip", type_=Integer)),
)
_DAY = type_coerce(statuses.c.created_at, BigInteger) // literal_column(str(DAY_MS), BigInteger)
_USES = Query(
    row,
    select(status_tags.c.tag_id, _DAY.label("day"), func.count(), func.count(distinct(statuses.c.account_id)))
    .join(statuses, statuses.c.id == status_tags.c.status_id)
    .where(
        any_of(status_tags.c.tag_id, "ids"),
        status_tags.c.status_id >= bindparam("since", type_=BigInteger),
        statuses.c.visibility == literal_column("'public'"),
    )
    .group_by(status_tags.c.tag_id, literal_column("day")),
)


async def by_names(tx: Tx, names: Collection[str]) -> dict[str, TagView]:
    """Tags by normalised name; unknown ones are missing."""
    return {found.name: found for found in await tx.all(_BY_NAMES, names=list(names))} if names else {}


async def starting_with(tx: Tx, beginning: str, *, limit: int, offset: int = 0) -> list[TagView]:
    """Tags whose normalised name begins so, in the order of names."""
    return await tx.all(_STARTING, beginning=beginning, most=limit, skip=offset) if beginning and limit else []


async def uses(tx: Tx, ids: Collection[int]) -> dict[int, list[DayOfUse]]:
    """The last seven days of each tag, today first; days without use are there too."""
    days = [used.day for used in no_uses(tx.now)]
    counted: dict[tuple[int, int], tuple[int, int]] = {}
    if ids:
        for tag_id, day, count, people in await tx.all(_USES, ids=list(ids), since=id_floor(days[-1])):
            counted[tag_id, day * DAY_MS] = (count, people)
    return {id: [DayOfUse(day, *counted.get((id, to_ms(day)), (0, 0))) for day in days] for id in ids}


def no_uses(now: datetime) -> list[DayOfUse]:
    """The same for a tag that nobody used."""
    today = from_ms(to_ms(now) // DAY_MS * DAY_MS)
    return [DayOfUse(today - timedelta(days=back), 0, 0) for back in range(DAYS)]
