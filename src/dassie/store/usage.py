"""How many files and bytes are stored, by kind and host: changed in the very unit that stores or removes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, bindparam, case, cast, delete, func, literal_column, select

from dassie.domain.storage import POST
from dassie.store.counters import floor
from dassie.store.dialect import add_up, put_or_set, starts_with
from dassie.store.tables import counters, storage_usage
from dassie.store.tx import Query, Statement, Sum, Tx, row

_t = storage_usage
_post: Any = literal_column(f"'{POST}'")


class KindUsage(Struct, frozen=True):
    """What a kind takes, of all hosts."""

    kind: str
    files: int
    """Statuses, for the kind `post`."""
    bytes: int


class HostUsage(Struct, frozen=True):
    """What is kept of another server."""

    host: str
    files: int
    file_bytes: int
    posts: int
    post_bytes: int

    @property
    def bytes(self) -> int:
        return self.file_bytes + self.post_bytes


def _sum(of: Any) -> Any:
    return cast(func.coalesce(func.sum(of), 0), BigInteger)


def _of(posts: bool, column: Any) -> Any:
    return _sum(case(((_t.c.kind == _post) if posts else (_t.c.kind != _post), column), else_=0))


_USED = Sum(add_up(_t, key=("kind", "host"), values=("files", "bytes")), ("kind", "host"), ("files", "bytes"))
_BY_KIND = Query(KindUsage, select(_t.c.kind, _sum(_t.c.files), _sum(_t.c.bytes)).group_by(_t.c.kind))
_HOSTS = Query(
    HostUsage,
    select(_t.c.host, _of(False, _t.c.files), _of(False, _t.c.bytes), _of(True, _t.c.files), _of(True, _t.c.bytes))
    .where(_t.c.host != literal_column("''"))
    .group_by(_t.c.host)
    .having(func.sum(_t.c.bytes) > 0)
    .order_by(func.sum(_t.c.bytes).desc(), _t.c.host)
    .limit(bindparam("most", type_=Integer)),
)
_EMPTY = Statement(delete(_t).where(_t.c.files == 0, _t.c.bytes == 0))


def add(tx: Tx, kind: str, host: str, files: int, bytes: int) -> None:
    """So much more (or less) of this kind is stored of this host, once the unit ends."""
    tx.add_up(_USED, (kind, host), files, bytes)


async def by_kind(tx: Tx) -> dict[str, KindUsage]:
    """What each kind takes; kinds of which nothing is stored may be missing."""
    return {found.kind: found for found in await tx.all(_BY_KIND)}


async def biggest_hosts(tx: Tx, most: int) -> list[HostUsage]:
    """The servers of which most is kept, the biggest first."""
    return await tx.all(_HOSTS, most=most)


async def forget_empty(tx: Tx) -> None:
    """Drop rows of hosts of which nothing is left."""
    await tx.run(_EMPTY)


# Over time -------------------------------------------------------------------------------------------

PREFIX = "storage."
_NOTE = Statement(put_or_set(counters, ("span", "at", "name", "value"), key=("span", "at", "name")))
_HISTORY = Query(
    row,
    select(counters.c.at, counters.c.name, counters.c.value)
    .where(
        counters.c.span == literal_column("'day'"),
        counters.c.at >= bindparam("since", type_=counters.c.at.type),
        starts_with(counters.c.name, "prefix"),
    )
    .order_by(counters.c.at),
)


async def note(tx: Tx, figures: Mapping[str, int]) -> None:
    """Keep these figures as those of today; later ones of the same day replace them."""
    today = floor(tx.now, "day")
    await tx.run_many(
        _NOTE,
        [
            {"span": "day", "at": today, "name": f"{PREFIX}{name}", "value": value}
            for name, value in sorted(figures.items())
        ],
    )


async def history(tx: Tx, since: datetime) -> dict[datetime, dict[str, int]]:
    """The figures of each day from `since` on, oldest first."""
    out: dict[datetime, dict[str, int]] = {}
    for at, name, value in await tx.all(_HISTORY, since=floor(since, "day"), prefix=PREFIX):
        out.setdefault(at, {})[name.removeprefix(PREFIX)] = value
    return out
