"""Files of other servers that somebody here looked at, kept within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, LargeBinary, bindparam, cast, delete, func, or_, select, update

from dassie.domain.ids import EPOCH
from dassie.store import usage
from dassie.store.dialect import put_once
from dassie.store.tables import cached_files
from dassie.store.tx import Query, Statement, Tx, row


class CachedFile(Struct, frozen=True):
    """A file that we keep for its server."""

    url_hash: bytes
    file_key: str
    file_type: str
    size: int
    last_seen_at: datetime


class OldFile(CachedFile, frozen=True):
    """The same, as those see it who make room."""

    kind: str
    host: str
    url: str
    fetched_at: datetime


_COLUMNS = [cached_files.c[name] for name in CachedFile.__struct_fields__]
_HASH = bindparam("hash_is", type_=LargeBinary)
_BY_HASH = Query(CachedFile, select(*_COLUMNS).where(cached_files.c.url_hash == _HASH))
_time = cached_files.c.last_seen_at.type
_PUT = Statement(
    put_once(
        cached_files, "url_hash", "url", "kind", "host", "file_key", "file_type", "size", "fetched_at", "last_seen_at"
    )
)
_SIZE_NOW = Query(int, select(cached_files.c.size).where(cached_files.c.url_hash == _HASH).with_for_update())
_REPLACE = Statement(
    update(cached_files)
    .where(cached_files.c.url_hash == _HASH)
    .values(
        {name: bindparam(f"new_{name}", type_=cached_files.c[name].type) for name in ("file_key", "file_type", "size")}
        | {name: bindparam(f"new_{name}", type_=_time) for name in ("fetched_at", "last_seen_at")}
    )
)
_SEEN = Statement(
    update(cached_files).where(cached_files.c.url_hash == _HASH).values(last_seen_at=bindparam("at", type_=_time))
)
_FORGET = Query(
    row,
    delete(cached_files)
    .where(cached_files.c.url_hash == _HASH, cached_files.c.fetched_at == bindparam("fetched", type_=_time))
    .returning(cached_files.c.kind, cached_files.c.host, cached_files.c.size),
)
_TOTAL = Query(int, select(cast(func.coalesce(func.sum(cached_files.c.size), 0), BigInteger)))
OLD_FILE = [*_COLUMNS, cached_files.c.kind, cached_files.c.host, cached_files.c.url, cached_files.c.fetched_at]
_LEAST_RECENT = Query(
    OldFile,
    select(*OLD_FILE)
    .where(
        cached_files.c.last_seen_at >= bindparam("since", type_=_time),
        or_(cached_files.c.last_seen_at > bindparam("since", type_=_time), cached_files.c.url_hash > _HASH),
    )
    .order_by(cached_files.c.last_seen_at, cached_files.c.url_hash)
    .limit(bindparam("most", type_=Integer)),
)
_PAGE = Query(
    OldFile,
    select(*OLD_FILE)
    .where(cached_files.c.url_hash > _HASH)
    .order_by(cached_files.c.url_hash)
    .limit(bindparam("most", type_=Integer)),
)
_OLDEST: Query[datetime] = Query(
    lambda at: at,
    select(cached_files.c.last_seen_at)
    .where(cached_files.c.kind == bindparam("kind_is"))
    .order_by(cached_files.c.last_seen_at)
    .limit(1),
)


async def by_hash(tx: Tx, url_hash: bytes) -> CachedFile | None:
    """The file kept under this hash."""
    return await tx.one(_BY_HASH, hash_is=url_hash)


async def keep(tx: Tx, file: CachedFile, kind: str, url: str) -> None:
    """Remember a file; an older one of the same hash is replaced."""
    host = urlsplit(url).hostname or ""
    values: dict[str, Any] = {"file_key": file.file_key, "file_type": file.file_type, "size": file.size}
    times: dict[str, Any] = {"fetched_at": tx.now, "last_seen_at": file.last_seen_at}
    if await tx.run(_PUT, url_hash=file.url_hash, url=url, kind=kind, host=host, **values, **times):
        usage.add(tx, kind, host, 1, file.size)
        return
    before = await tx.one(_SIZE_NOW, hash_is=file.url_hash)
    if before is not None:
        await tx.run(
            _REPLACE, hash_is=file.url_hash, **{f"new_{name}": value for name, value in (values | times).items()}
        )
        usage.add(tx, kind, host, 0, file.size - before)


async def seen(tx: Tx, url_hash: bytes) -> None:
    """Somebody looked at it now."""
    await tx.run(_SEEN, hash_is=url_hash, at=tx.now)


async def forget(tx: Tx, files: Sequence[OldFile]) -> int:
    """Drop the rows of files that are gone, unless they were fetched again meanwhile; the bytes they had."""
    freed = 0
    for file in sorted(files, key=lambda one: one.url_hash):
        for kind, host, size in await tx.all(_FORGET, hash_is=file.url_hash, fetched=file.fetched_at):
            usage.add(tx, kind, host, -1, -size)
            freed += size
    return freed


async def total(tx: Tx) -> int:
    """Bytes of all of them."""
    return await tx.one(_TOTAL) or 0


async def least_recent(tx: Tx, most: int, after: tuple[datetime, bytes] | None = None) -> list[OldFile]:
    """Those that nobody has looked at for the longest time, after this (last seen, hash)."""
    since, url_hash = after or (EPOCH, b"")
    return await tx.all(_LEAST_RECENT, most=most, since=since, hash_is=url_hash)


async def page(tx: Tx, most: int, after: bytes = b"") -> list[OldFile]:
    """All of them bit by bit, in the order of their hashes."""
    return await tx.all(_PAGE, most=most, hash_is=after)


async def oldest_view(tx: Tx, kind: str) -> datetime | None:
    """When the file of this kind that was not seen for the longest time was last seen."""
    return await tx.one(_OLDEST, kind_is=kind)
