"""Figures about this server as pages and the API tell them. They count whole tables: ask seldom."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import func, literal_column, select

from dassie.store.tables import accounts, peers, statuses, users
from dassie.store.tx import Query, Tx


class Figures(Struct, frozen=True):
    """How big this server is."""

    people: int
    """With a login here, not disabled."""
    owners: int
    statuses: int
    """Written here."""
    peers: int
    """Other servers it has met."""


def _count(table: object, *conditions: object) -> Query[int]:
    return Query(int, select(func.count()).select_from(table).where(*conditions))  # type: ignore[arg-type]


_PEOPLE = _count(users.join(accounts, accounts.c.id == users.c.account_id), ~users.c.disabled, ~accounts.c.pending)
_OWNERS = _count(users, users.c.role == literal_column("'Owner'"))
_STATUSES = _count(statuses, statuses.c.local)
_PEERS = _count(peers)


async def count(tx: Tx) -> Figures:
    """The figures of now."""
    found = [await tx.one(query) or 0 for query in (_PEOPLE, _OWNERS, _STATUSES, _PEERS)]
    return Figures(*found)
