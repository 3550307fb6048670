"""The directory: people who want to be discovered, by when they last posted or came."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from sqlalchemy import Integer, bindparam, literal_column, select

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of
from dassie.store.suggestions import listed
from dassie.store.tables import accounts
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Tx

Order = Literal["active", "new"]
MOST = 2_000
"""The directory ends after so many."""
AT_ONCE = 200


@cache
def _listed(order: Order, local: bool) -> Query[AccountId]:
    chosen = select(accounts.c.id).where(listed())
    if local:
        chosen = chosen.where(accounts.c.domain == literal_column("''"))
    if order == "active":
        chosen = chosen.order_by(accounts.c.last_status_at.desc().nulls_last(), accounts.c.id.desc())
    else:
        chosen = chosen.order_by(accounts.c.id.desc())
    return Query(AccountId, chosen.limit(bindparam("most", type_=Integer)))


_WANTED = Query(AccountId, select(accounts.c.id).where(any_of(accounts.c.id, "ids"), wanted(accounts.c.id)))


async def listed_in(tx: Tx, order: Order, *, local: bool) -> list[AccountId]:
    """Ids in order: of people here, or of all that are known."""
    return await tx.all(_listed(order, local), most=MOST)


async def wanted_of(tx: Tx, viewer: int, ids: Sequence[AccountId], most: int) -> list[AccountId]:
    """The first so many of `ids`, in their order, whom the viewer does not avoid."""
    found: list[AccountId] = []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        wanted_ids = set(await tx.all(_WANTED, viewer_id=viewer, ids=list(some), at=tx.now))
        found += [id for id in some if id in wanted_ids]
        if len(found) >= most:
            break
    return found
