"""Which inboxes a status of ours goes to: followers, those it speaks to, and those who took part in it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, literal_column, null, select, union

from dassie.domain.audience import REBLOGGABLE
from dassie.store import accounts as account_store
from dassie.store import follows, relays
from dassie.store.dialect import any_of
from dassie.store.tables import accounts, favourites, mentions, peers, quotes, statuses
from dassie.store.tx import Query, Tx
from dassie.store.views import StatusRow

_INBOX = case((accounts.c.shared_inbox_url != "", accounts.c.shared_inbox_url), else_=accounts.c.inbox_url)


def _reachable() -> ColumnElement[bool]:
    """Accounts of other servers that we talk with."""
    refused = exists().where(peers.c.domain == accounts.c.domain, peers.c.suspended_at.is_not(null()))
    return (accounts.c.domain != "") & (accounts.c.inbox_url != "") & accounts.c.suspended_at.is_(null()) & ~refused


def _inboxes(people: Select[Any] | Any) -> Query[str]:
    return Query(str, select(_INBOX).where(accounts.c.id.in_(people), _reachable()).distinct())


def _addressed() -> Any:
    return select(mentions.c.account_id).where(mentions.c.status_id == bindparam("status_id"))


@cache
def _took_part() -> Query[str]:
    reblog, answer = statuses.alias("reblog"), statuses.alias("answer")
    return _inboxes(
        union(
            _addressed(),
            select(favourites.c.account_id).where(favourites.c.status_id == bindparam("status_id")),
            select(reblog.c.account_id).where(reblog.c.reblog_of_id == bindparam("status_id")),
            select(answer.c.account_id).where(answer.c.in_reply_to_id == bindparam("status_id")),
            select(quotes.c.quoted_account_id).where(quotes.c.status_id == bindparam("status_id")),
            select(quotes.c.account_id).where(
                quotes.c.quoted_id == bindparam("status_id"), quotes.c.state == literal_column("'accepted'")
            ),
        )
    )


_ADDRESSED = _inboxes(_addressed())
_OF_ACCOUNTS = Query(str, select(_INBOX).where(any_of(accounts.c.id, "ids"), _reachable()).distinct())
_EVERYBODY = Query(
    str,
    select(func.coalesce(func.min(func.nullif(accounts.c.shared_inbox_url, "")), func.min(accounts.c.inbox_url)))
    .where(_reachable())
    .group_by(accounts.c.domain),
)


async def inboxes_of(tx: Tx, status: StatusRow, *, everyone: bool = True) -> list[str]:
    """The inboxes that a change of this status goes to, each once, shared ones first choice, in order.

    Followers (not for direct ones), the mentioned, the author of what it answers or reblogs; of a public one the
    relays that pass it on as it is. With `everyone` also the author it quotes, and those who favourited, reblogged,
    quoted or answered it: they have a copy. Leave that out for what tells more than before (an edit of a private
    status), since they may no longer be allowed to read it.
    """
    found: set[str] = set()
    if status.visibility not in ("direct", "limited"):
        found.update(inbox for inbox, _ in await follows.follower_inboxes(tx, status.account_id))
    if status.reblog_of_id is not None:
        found.update(await _author_of(tx, status.reblog_of_id))
    else:
        found.update(await tx.all(_took_part() if everyone else _ADDRESSED, status_id=status.id))
        if status.visibility in REBLOGGABLE and status.in_reply_to_account_id is not None:
            found.update(await _answered(tx, status))
        if status.visibility == "public":
            found.update(await relays.inboxes(tx))
    return sorted(found)


async def of_accounts(tx: Tx, ids: list[int]) -> list[str]:
    """The inboxes of these accounts, where they are on servers that we talk with."""
    return sorted(await tx.all(_OF_ACCOUNTS, ids=ids)) if ids else []


async def everybody(tx: Tx) -> list[str]:
    """An inbox of every server we know: for what all must hear, such as that an account is gone."""
    return sorted(await tx.all(_EVERYBODY))


async def _author_of(tx: Tx, status_id: int) -> list[str]:
    original = await tx.one(_AUTHOR, status_id=status_id)
    return await of_accounts(tx, [original]) if original is not None else []


_AUTHOR = Query(int, select(statuses.c.account_id).where(statuses.c.id == bindparam("status_id")))


async def _answered(tx: Tx, status: StatusRow) -> list[str]:
    """The author it answers; where that is one of ours, their followers, who see the thread."""
    assert status.in_reply_to_account_id is not None
    author = (await account_store.endpoints(tx, [status.in_reply_to_account_id])).get(status.in_reply_to_account_id)
    if author is None:
        return []
    if author.domain:
        return await of_accounts(tx, [author.id])
    return [inbox for inbox, _ in await follows.follower_inboxes(tx, author.id)]
