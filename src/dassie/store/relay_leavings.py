"""What only one relay brought: to be removed when it is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, delete, exists, literal_column, select

from dassie.domain.arrivals import Reason
from dassie.domain.ids import StatusId
from dassie.store.cached_files import OLD_FILE, OldFile
from dassie.store.dialect import any_of
from dassie.store.tables import accounts, arrivals, cached_files, media_attachments, relay_statuses
from dassie.store.tx import Query, Statement, Tx, row

_relay = bindparam("relay_is", type_=BigInteger)
_other = relay_statuses.alias("other")
_ALONE = Query(
    StatusId,
    select(relay_statuses.c.status_id)
    .join(arrivals, arrivals.c.status_id == relay_statuses.c.status_id)
    .where(
        relay_statuses.c.relay_id == _relay,
        relay_statuses.c.status_id > bindparam("after", type_=BigInteger),
        arrivals.c.reason == literal_column(str(int(Reason.RELAY))),
        ~exists().where(_other.c.status_id == relay_statuses.c.status_id, _other.c.relay_id != _relay),
    )
    .order_by(relay_statuses.c.status_id)
    .limit(bindparam("most", type_=Integer)),
)
_MEDIA = Query(
    row,
    select(media_attachments.c.remote_url, media_attachments.c.small_remote_url).where(
        any_of(media_attachments.c.status_id, "ids")
    ),
)
_PICTURES = Query(
    row,
    select(accounts.c.id, accounts.c.avatar_remote_url, accounts.c.header_remote_url).where(
        any_of(accounts.c.id, "ids")
    ),
)
_FILES = Query(OldFile, select(*OLD_FILE).where(cached_files.c.url_hash == bindparam("hash_is")))
_LET_GO = Statement(delete(relay_statuses).where(relay_statuses.c.relay_id == _relay))


async def brought_alone(tx: Tx, relay_id: int, after: int, most: int) -> list[StatusId]:
    """Statuses that this relay brought and nothing else keeps, in the order of their ids."""
    return await tx.all(_ALONE, relay_is=relay_id, after=after, most=most)


async def media_urls(tx: Tx, ids: Sequence[int]) -> set[str]:
    """Addresses of the attachments of these statuses, previews included."""
    return {url for pair in await tx.all(_MEDIA, ids=list(ids)) for url in pair if url}


async def pictures(tx: Tx, ids: Sequence[int]) -> dict[int, list[str]]:
    """Addresses of avatar and header by account."""
    return {id: [url for url in urls if url] for id, *urls in await tx.all(_PICTURES, ids=list(ids))}


async def files(tx: Tx, hashes: Sequence[bytes]) -> list[OldFile]:
    """The cached files kept under these hashes."""
    found: list[Any] = []
    for one in hashes:
        found += await tx.all(_FILES, hash_is=one)
    return found


async def forget(tx: Tx, relay_id: int) -> None:
    """Forget what this relay brought: what is still here is here for other reasons."""
    await tx.run(_LET_GO, relay_is=relay_id)
