"""What a document of one of our statuses needs to know beyond the status as it is shown."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Integer, bindparam, literal_column, null, select, type_coerce

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store import quotes
from dassie.store import statuses as status_store
from dassie.store.paging import PagedQuery
from dassie.store.quotes import Quote
from dassie.store.tables import accounts, mentions, pins, statuses
from dassie.store.tx import Query, Tx, row
from dassie.store.types import Json
from dassie.store.views import StatusRow, StatusView

FIRST_REPLIES = 5
"""Of the author's own answers, so many are named in the document itself."""


class Addressee(Struct, frozen=True):
    """Somebody a status names or is addressed to."""

    uri: str
    username: str
    domain: str
    actor_type: str
    followers_url: str
    silent: bool


class Parts(Struct, frozen=True):
    """The rest of a status."""

    addressed: list[Addressee] = []
    own_replies: list[tuple[int, str]] = []
    """(id, uri) of the author's own answers, the first five."""
    local_thread: bool = True
    """Whether the thread began here."""
    quote: Quote | None = None
    quoted_page: str = ""
    """Where people read what it quotes."""


_ADDRESSED = Query(
    Addressee,
    select(
        accounts.c.uri,
        accounts.c.username,
        accounts.c.domain,
        accounts.c.actor_type,
        accounts.c.followers_url,
        mentions.c.silent,
    )
    .join(mentions, mentions.c.account_id == accounts.c.id)
    .where(mentions.c.status_id == bindparam("status_is"))
    .order_by(mentions.c.account_id),
)
_open = statuses.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")])
_REPLIES = select(statuses.c.id, statuses.c.uri).where(
    statuses.c.in_reply_to_id == bindparam("status_is"), _open, statuses.c.reblog_of_id.is_(null())
)
_OWN_REPLIES = Query(
    row,
    _REPLIES.where(statuses.c.account_id == bindparam("author_is"), statuses.c.id > bindparam("after"))
    .order_by(statuses.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_OTHER_REPLIES = PagedQuery(row, _REPLIES.where(statuses.c.account_id != bindparam("author_is")), statuses.c.id)
_IS_LOCAL: Query[bool] = Query(bool, select(statuses.c.local).where(statuses.c.id == bindparam("status_is")))
_THREAD = PagedQuery(
    row,
    select(statuses.c.id, statuses.c.uri).where(statuses.c.thread_id == bindparam("thread_is"), _open),
    statuses.c.id,
)


async def parts_of(tx: Tx, view: StatusView) -> Parts:
    """What the document of this status says beside what is shown."""
    status = view.row
    replies = await own_replies(tx, status, FIRST_REPLIES) if status.replies_count else []
    begun_here = True
    if status.thread_id != status.id:
        begun_here = await tx.one(_IS_LOCAL, status_is=status.thread_id) or False
    quote = await quotes.of(tx, status.id) if status.quote_uri is not None else None
    quoted = await status_store.by_id(tx, quote.quoted_id) if quote is not None and quote.quoted_id else None
    page = (quoted.url or quoted.uri) if quoted is not None else quote.quoted_uri if quote is not None else ""
    return Parts(await addressed(tx, status.id), replies, begun_here, quote, page)


async def addressed(tx: Tx, status_id: int) -> list[Addressee]:
    """Those a status names or is addressed to."""
    return await tx.all(_ADDRESSED, status_is=status_id)


async def own_replies(tx: Tx, status: StatusRow, most: int, *, after: int = 0) -> list[tuple[int, str]]:
    """(id, uri) of open answers by the author themself, oldest first, from the one after `after` on."""
    return await tx.all(_OWN_REPLIES, status_is=status.id, author_is=status.account_id, after=after, most=most)


async def other_replies(tx: Tx, status: StatusRow, page: Page) -> list[tuple[int, str]]:
    """(id, uri) of open answers by others, newest first."""
    return await _OTHER_REPLIES.read(tx, page, status_is=status.id, author_is=status.account_id)


async def thread(tx: Tx, thread_id: int, page: Page) -> list[tuple[int, str]]:
    """(id, uri) of the open statuses of a thread, newest first."""
    return await _THREAD.read(tx, page, thread_is=thread_id)


# Collections of an account -------------------------------------------------------------------------

_OUTBOX = PagedQuery(
    StatusRow,
    select(*status_store.columns()).where(statuses.c.account_id == bindparam("author_is"), _open),
    statuses.c.id,
)
_PINNED = Query(
    int,
    select(pins.c.status_id)
    .join(statuses, statuses.c.id == pins.c.status_id)
    .where(pins.c.account_id == bindparam("author_is"), _open)
    .order_by(pins.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)


async def outbox(tx: Tx, account_id: AccountId, page: Page) -> list[StatusRow]:
    """An account's open statuses and boosts, newest first."""
    return await _OUTBOX.read(tx, page, author_is=account_id)


async def pinned(tx: Tx, account_id: AccountId, *, most: int = 20) -> list[int]:
    """Ids of an account's pinned open statuses, the last pinned first."""
    return await tx.all(_PINNED, author_is=account_id, most=most)


class Known(Struct, frozen=True):
    """What an actor document tells beyond the account as it is shown."""

    also_known_as: list[str]
    attribution_domains: list[str]


_KNOWN = Query(
    Known,
    select(
        type_coerce(accounts.c.also_known_as, Json(list[str])),
        type_coerce(accounts.c.attribution_domains, Json(list[str])),
    ).where(accounts.c.id == bindparam("account_id")),
)


async def known(tx: Tx, account_id: int) -> Known:
    """Other names of an account, and sites that may credit it."""
    return await tx.one(_KNOWN, account_id=account_id) or Known([], [])
