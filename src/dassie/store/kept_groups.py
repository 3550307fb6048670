"""Pages of grouped notifications that are asked for again and again: put together once, until something changes.

To put a page together is to walk through every notification behind it, thousands where posts are loved. Whether
anything changed since is told by a sum over the same stretch of one index, a fifth of the work (bench/README.md).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, bindparam, cast, func, literal_column, select

from dassie.domain.latest import Latest
from dassie.domain.paging import Page
from dassie.store import notification_groups
from dassie.store.notification_groups import LOOK_AT_MOST, Part
from dassie.store.notifications import Wanted
from dassie.store.tables import notifications
from dassie.store.tx import Query, Tx

MOST = 64
"""Pages kept. One of 80 groups takes about 60 kB."""


class _State(Struct, frozen=True):
    """What all that somebody was told from an id on comes to; it changes with each that comes, goes or is let through.

    That two states have the same sum happens by a chance of one in billions: nobody chooses the ids.
    """

    number: int
    sum: int


_weight: Any = literal_column("1") + cast(notifications.c.filtered, Integer)
_low = notifications.c.id.op("&")(literal_column("4294967295"))  # 32 bits, so that thousands of them can be summed up
_near = (
    select((_low * _weight).label("weighed"))
    .where(
        notifications.c.account_id == bindparam("recipient", type_=BigInteger),
        notifications.c.id >= bindparam("floor", type_=BigInteger),
    )
    .limit(bindparam("most", type_=Integer))
    .subquery("near")
)
_STATE = Query(
    _State,
    select(func.count(), cast(func.coalesce(func.sum(_near.c.weighed), literal_column("0")), BigInteger)).select_from(
        _near
    ),
)


class _Kept(Struct, frozen=True):
    part: Part
    state: _State


class KeptGroups:
    """The pages last asked for; one not asked for longest is the first to go."""

    def __init__(self) -> None:
        self._kept: Latest[Hashable, _Kept] = Latest(MOST)

    async def part(self, tx: Tx, account_id: int, wanted: Wanted, page: Page, grouped: Collection[str]) -> Part:
        """The same as `notification_groups.part`."""
        which = (tuple(wanted.types), tuple(wanted.exclude_types), wanted.from_account_id, wanted.filtered)
        key = (account_id, which, page, frozenset(grouped))
        kept = self._kept.get(key)
        if kept is not None and await _state(tx, account_id, kept.part) == kept.state:
            return kept.part
        part = await notification_groups.part(tx, account_id, wanted, page, grouped)
        state = await _state(tx, account_id, part)
        if 0 < state.number <= LOOK_AT_MOST:
            self._kept.put(key, _Kept(part, state))
        return part


async def _state(tx: Tx, account_id: int, part: Part) -> _State:
    state = await tx.one(_STATE, recipient=account_id, floor=part.floor_id, most=LOOK_AT_MOST + 1)
    assert state is not None  # sums over nothing are a row too
    return state
