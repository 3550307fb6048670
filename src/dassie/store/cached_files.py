"""Files of other servers that somebody here looked at, kept within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, LargeBinary, bindparam, cast, delete, func, select, update

from dassie.store.dialect import put_or_set
from dassie.store.tables import cached_files
from dassie.store.tx import Query, Statement, Tx


class CachedFile(Struct, frozen=True):
    """A file that we keep for its server."""

    url_hash: bytes
    file_key: str
    file_type: str
    size: int
    last_seen_at: datetime


_COLUMNS = [cached_files.c[name] for name in CachedFile.__struct_fields__]
_HASH = bindparam("hash_is", type_=LargeBinary)
_BY_HASH = Query(CachedFile, select(*_COLUMNS).where(cached_files.c.url_hash == _HASH))
_PUT = Statement(
    put_or_set(
        cached_files,
        ("url_hash", "url", "kind", "host", "file_key", "file_type", "size", "fetched_at", "last_seen_at"),
        key=("url_hash",),
    )
)
_SEEN = Statement(
    update(cached_files)
    .where(cached_files.c.url_hash == _HASH)
    .values(last_seen_at=bindparam("at", type_=cached_files.c.last_seen_at.type))
)
_FORGET = Statement(delete(cached_files).where(cached_files.c.url_hash == _HASH))
_TOTAL = Query(int, select(cast(func.coalesce(func.sum(cached_files.c.size), 0), BigInteger)))
_LEAST_RECENT = Query(
    CachedFile,
    select(*_COLUMNS).order_by(cached_files.c.last_seen_at).limit(bindparam("most", type_=Integer)),
)


async def by_hash(tx: Tx, url_hash: bytes) -> CachedFile | None:
    """The file kept under this hash."""
    return await tx.one(_BY_HASH, hash_is=url_hash)


async def keep(tx: Tx, file: CachedFile, kind: str, url: str) -> None:
    """Remember a file; an older one of the same hash is replaced."""
    await tx.run(
        _PUT,
        url_hash=file.url_hash,
        url=url,
        kind=kind,
        host=urlsplit(url).hostname or "",
        file_key=file.file_key,
        file_type=file.file_type,
        size=file.size,
        fetched_at=tx.now,
        last_seen_at=file.last_seen_at,
    )


async def seen(tx: Tx, url_hash: bytes) -> None:
    """Somebody looked at it now."""
    await tx.run(_SEEN, hash_is=url_hash, at=tx.now)


async def forget(tx: Tx, hashes: Sequence[bytes]) -> None:
    """Drop the rows of files that are gone."""
    await tx.run_many(_FORGET, [{"hash_is": url_hash} for url_hash in hashes])


async def total(tx: Tx) -> int:
    """Bytes of all of them."""
    return await tx.one(_TOTAL) or 0


async def least_recent(tx: Tx, most: int) -> list[CachedFile]:
    """Those that nobody has looked at for the longest time."""
    return await tx.all(_LEAST_RECENT, most=most)
