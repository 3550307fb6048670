"""What storage_usage should say, worked out from the rows: only the differences, so that nobody has to stand still.

Each query sees rows and sums at one moment. A difference that is added later is right then too, whatever was stored
and removed in between.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)

from dassie.domain.ids import MediaId
from dassie.domain.storage import OWN, POST
from dassie.store.dialect import any_of
from dassie.store.tables import accounts, arrivals, cached_files, custom_emojis, media_attachments, statuses
from dassie.store.tables import storage_usage as counted
from dassie.store.tx import Query, Tx, row


class Difference(Struct, frozen=True):
    """So much must be added to what is counted of this kind and host."""

    kind: str
    host: str
    files: int
    bytes: int


class OwnFile(Struct, frozen=True):
    """An upload of somebody here, with the keys of its files."""

    id: MediaId
    file_key: str | None
    small_key: str | None


_one: Any = literal_column("1")
_post: Any = literal_column(f"'{POST}'", Text)
_own: Any = literal_column(f"'{OWN}'", Text)
_ours: Any = literal_column("''", Text)


def _differences(real: Any, known: Any) -> Query[Difference]:
    """Groups of `real` (kind, host, files, bytes) that are not what the rows of `known` say."""
    both = union_all(real, select(counted.c.kind, counted.c.host, -counted.c.files, -counted.c.bytes).where(known))
    rows = both.subquery().c
    files, bytes = (cast(func.sum(rows[name]), BigInteger) for name in ("files", "bytes"))
    wrong = or_(files != 0, bytes != 0)
    return Query(Difference, select(rows.kind, rows.host, files, bytes).group_by(rows.kind, rows.host).having(wrong))


_FILES = _differences(
    select(cached_files.c.kind, cached_files.c.host, _one.label("files"), cached_files.c.size.label("bytes")),
    ~counted.c.kind.in_([_post, _own]),
)
_POSTS = _differences(
    select(_post.label("kind"), accounts.c.domain.label("host"), _one.label("files"), arrivals.c.bytes)
    .select_from(accounts)
    .join(statuses, statuses.c.account_id == accounts.c.id)
    .join(arrivals, arrivals.c.status_id == statuses.c.id)
    .where(any_of(accounts.c.domain, "hosts")),
    (counted.c.kind == _post) & any_of(counted.c.host, "hosts"),
)
_HOSTS = Query(
    str,
    union(
        select(accounts.c.domain.label("host")).where(accounts.c.domain > bindparam("after", type_=Text)),
        select(counted.c.host).where(counted.c.kind == _post, counted.c.host > bindparam("after", type_=Text)),
    )
    .order_by("host")
    .limit(bindparam("most", type_=Integer)),
)
_stored = or_(media_attachments.c.file_key.is_not(null()), media_attachments.c.small_key.is_not(null()))
_UPLOADS = Query(
    row,
    select(
        cast(
            func.coalesce(
                func.sum(media_attachments.c.file_size + media_attachments.c.small_size),
                0,
            ),
            BigInteger,
        ),
        func.count(media_attachments.c.file_key) + func.count(media_attachments.c.small_key),
    )
    .join(accounts, accounts.c.id == media_attachments.c.account_id)
    .where(accounts.c.domain == _ours, _stored),
)
_OWN_COUNTED = Query(row, select(counted.c.files, counted.c.bytes).where(counted.c.kind == _own))
_PICTURES = Query(
    row,
    select(
        accounts.c.avatar_key, accounts.c.avatar_static_key, accounts.c.header_key, accounts.c.header_static_key
    ).where(accounts.c.domain == _ours),
)
_EMOJIS = Query(
    row, select(custom_emojis.c.file_key, custom_emojis.c.static_key).where(custom_emojis.c.file_key.is_not(null()))
)
_OWN_FILES = Query(
    OwnFile,
    select(media_attachments.c.id, media_attachments.c.file_key, media_attachments.c.small_key)
    .join(accounts, accounts.c.id == media_attachments.c.account_id)
    .where(
        accounts.c.domain == _ours,
        _stored,
        media_attachments.c.id > bindparam("after", type_=BigInteger),
    )
    .order_by(media_attachments.c.id)
    .limit(bindparam("most", type_=Integer)),
)


async def files(tx: Tx) -> list[Difference]:
    """What is wrong of files of other servers."""
    return await tx.all(_FILES)


async def hosts(tx: Tx, most: int, after: str = "") -> list[str]:
    """Servers with accounts or counted posts, in the order of their names."""
    return await tx.all(_HOSTS, most=most, after=after)


async def posts(tx: Tx, hosts: list[str]) -> list[Difference]:
    """What is wrong of posts of these servers."""
    return await tx.all(_POSTS, hosts=hosts)


async def own(tx: Tx) -> tuple[int, int, int, int]:
    """(files, bytes) of uploads here as their rows say, and (files, bytes) as counted for all that is ours."""
    bytes, files = await tx.one(_UPLOADS) or (0, 0)
    known = await tx.one(_OWN_COUNTED) or (0, 0)
    return files, bytes, known[0], known[1]


async def pictures(tx: Tx) -> list[str]:
    """Keys of avatars, headers and emoji of ours, which have no size in a row."""
    return [key for query in (_PICTURES, _EMOJIS) for keys in await tx.all(query) for key in keys if key]


async def own_files(tx: Tx, most: int, after: int = 0) -> list[OwnFile]:
    """Uploads here with files, bit by bit, in the order of their ids."""
    return await tx.all(_OWN_FILES, most=most, after=after)
