"""Servers that this one limits or does not talk with, and the accounts that this is about.

What is asked for every request stands in `peers.suspended_at` (store/senders.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Integer, Text, bindparam, delete, func, null, select, union_all, update

from dassie.domain.ids import AccountId
from dassie.domain.server_blocks import ServerBlock
from dassie.store.dialect import any_of, put, put_or_set
from dassie.store.senders import with_parents
from dassie.store.tables import accounts, domain_blocks, follow_requests, follows, peers
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import UtcTime

Mark = Literal["silenced_at", "suspended_at"]


class Weight(Struct, frozen=True):
    """What a block would be about."""

    accounts: int
    following: int
    """Follows of people here."""
    followers: int


_t = domain_blocks
_NAMES = ServerBlock.__struct_fields__
_columns = [_t.c[name] for name in _NAMES]
_domain = bindparam("domain_is", type_=Text)
_at = bindparam("mark", type_=UtcTime)
_ALL = Query(ServerBlock, select(*_columns).order_by(_t.c.domain))
_COUNT = Query(int, select(func.count()).select_from(_t))
_ONE = Query(ServerBlock, select(*_columns).where(_t.c.domain == _domain))
_COVERING = Query(ServerBlock, select(*_columns).where(any_of(_t.c.domain, "domains")))
_SAVE = Statement(put_or_set(_t, tuple(_NAMES), key=("domain",)))
_REMOVE = Statement(delete(_t).where(_t.c.domain == _domain))
_new_peer = put(peers, "domain", "suspended_at", "created_at")
_CUT_OFF = Statement(
    _new_peer.on_conflict_do_update(
        index_elements=[peers.c.domain], set_={"suspended_at": _new_peer.excluded.suspended_at}
    )
)
_DOMAINS = Query(
    str,
    select(accounts.c.domain)
    .where((accounts.c.domain == _domain) | accounts.c.domain.like(bindparam("ending", type_=Text)))
    .distinct(),
)
_of_domain = accounts.c.domain == _domain


@cache
def _unmarked(mark: Mark) -> Query[AccountId]:
    return Query(
        AccountId,
        select(accounts.c.id)
        .where(_of_domain, accounts.c[mark].is_(null()))
        .order_by(accounts.c.id)
        .limit(bindparam("most", type_=Integer)),
    )


@cache
def _marked(mark: Mark) -> Query[AccountId]:
    return Query(
        AccountId,
        select(accounts.c.id).where(_of_domain, accounts.c[mark] == _at).limit(bindparam("most", type_=Integer)),
    )


@cache
def _set(mark: Mark) -> Statement:
    values: dict[str, Any] = {mark: bindparam("new_mark", type_=UtcTime), "rev": accounts.c.rev + 1}
    return Statement(update(accounts).where(any_of(accounts.c.id, "ids")).values(**values))


_local = accounts.alias("local_people")
_ours = _local.c.domain == ""


def _ends(table: Any, mine: str, theirs: str) -> Any:
    return (
        select(table.c[mine], table.c[theirs])
        .join(_local, _local.c.id == table.c[mine])
        .where(any_of(table.c[theirs], "ids"), _ours)
    )


_TIES = Query(
    row,
    union_all(
        *(
            _ends(table, *ends)
            for table in (follows, follow_requests)
            for ends in (("account_id", "target_id"), ("target_id", "account_id"))
        )
    ),
)
_there = select(accounts.c.id).where(any_of(accounts.c.domain, "domains"))
_WEIGHT = Query(
    Weight,
    select(
        select(func.count()).select_from(_there.subquery()).scalar_subquery(),
        select(func.count()).select_from(follows).where(follows.c.target_id.in_(_there)).scalar_subquery(),
        select(func.count()).select_from(follows).where(follows.c.account_id.in_(_there)).scalar_subquery(),
    ),
)


async def everything(tx: Tx) -> list[ServerBlock]:
    """All blocks, by domain."""
    return await tx.all(_ALL)


async def number(tx: Tx) -> int:
    """How many there are."""
    return await tx.one(_COUNT) or 0


async def of(tx: Tx, domain: str) -> ServerBlock | None:
    """The block of just this domain."""
    return await tx.one(_ONE, domain_is=domain)


async def covering(tx: Tx, domain: str) -> list[ServerBlock]:
    """The blocks that a server is under: its own, and those of the domains above it."""
    return await tx.all(_COVERING, domains=[*with_parents(domain.partition(":")[0]), domain])


async def save(tx: Tx, block: ServerBlock) -> None:
    """Keep a block, in place of the one of the same domain."""
    await tx.run(_SAVE, **{name: getattr(block, name) for name in _NAMES})


async def remove(tx: Tx, domain: str) -> None:
    """Forget a block."""
    await tx.run(_REMOVE, domain_is=domain)


async def cut_off(tx: Tx, domain: str, at: datetime | None) -> None:
    """From now on nothing is taken from this server or sent to it; None: it is again."""
    await tx.run(_CUT_OFF, domain=domain, suspended_at=at, created_at=tx.now)


async def domains_under(tx: Tx, domain: str) -> list[str]:
    """This domain and those below it of which accounts are known."""
    found = await tx.all(_DOMAINS, domain_is=domain, ending=f"%.{domain}")
    return sorted(one for one in found if one == domain or one.endswith(f".{domain}"))  # `_` fits any letter


async def unmarked(tx: Tx, domain: str, mark: Mark, most: int) -> list[AccountId]:
    """Some accounts of a domain that are not limited (or suspended)."""
    return await tx.all(_unmarked(mark), domain_is=domain, most=most)


async def marked(tx: Tx, domain: str, mark: Mark, at: datetime, most: int) -> list[AccountId]:
    """Some accounts of a domain that are so by the block of this moment."""
    return await tx.all(_marked(mark), domain_is=domain, mark=at, most=most)


async def set_mark(tx: Tx, ids: Collection[int], mark: Mark, at: datetime | None) -> None:
    """Limit or suspend these accounts; None: no longer."""
    await tx.run(_set(mark), ids=list(ids), new_mark=at)


async def ties(tx: Tx, ids: Collection[int]) -> list[tuple[AccountId, AccountId]]:
    """(ours, theirs) of all follows and requests between people here and these accounts."""
    return [(ours, theirs) for ours, theirs in dict.fromkeys(await tx.all(_TIES, ids=list(ids)))] if ids else []


async def weight(tx: Tx, domains: Collection[str]) -> Weight:
    """How much is known of these servers, and how many follows stand between them and here."""
    return await tx.one(_WEIGHT, domains=list(domains)) or Weight(0, 0, 0)
