"""Notifications in groups: a page holds so many groups, and is read along the index of single ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct, field
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    select,
)

from dassie.domain.ids import AccountId, NotificationId
from dassie.domain.notification_groups import ALONE, GROUPABLE, id_of, is_key, possible_keys
from dassie.domain.paging import Page
from dassie.store import notifications as single
from dassie.store.dialect import any_of, each
from dassie.store.notifications import Notification, Wanted
from dassie.store.paging import PagedQuery
from dassie.store.tables import notifications
from dassie.store.tx import Query, Statement, Tx, row

SAMPLE = 8
"""How many of those behind a group are named with it."""
AT_ONCE = 400
LOOK_AT_MOST = 4_000
"""Notifications read for one page. Where a few groups hold more, the page ends early and the next goes on."""


class Group(Struct, frozen=True):
    """What is told together."""

    key: str
    newest: Notification
    """The newest within the page."""
    oldest_id: NotificationId
    """The oldest within the page; there may be older ones below it."""
    count: int
    """All there are, from the top of the page down to the first."""
    sample: list[AccountId]
    """Those behind the newest of them, newest first."""


class Part(Struct):
    """A page of groups, and the ids of the notifications between which it holds them all."""

    groups: list[Group] = field(default_factory=list)
    newest_id: int = 0
    oldest_id: int = 0
    floor_id: int = 0
    """Nothing below this id has a part in it."""

    def cursors(self) -> list[int]:
        return [self.newest_id, self.oldest_id] if self.newest_id else []


_me = bindparam("recipient", type_=BigInteger)
_up_to = bindparam("up_to", type_=BigInteger)
_key_is = bindparam("key_is", type_=Text)
_columns = [notifications.c[name] for name in Notification.__struct_fields__]
_in_groups = notifications.c.group_key != literal_column("''")  # as the index has it
_OPEN = Query(
    str,
    select(notifications.c.group_key)
    .where(notifications.c.account_id == _me, any_of(notifications.c.group_key, "keys"), _in_groups)
    .limit(1),
)


async def key_for(tx: Tx, account_id: int, type: str, status_id: int | None, at: datetime) -> str:
    """The key of the group that takes in what happens now: one that is open, or a new one."""
    keys = possible_keys(type, status_id, at)
    return await tx.one(_OPEN, recipient=account_id, keys=keys) or keys[0]


# Pages ---------------------------------------------------------------------------------------------


async def part(tx: Tx, account_id: int, wanted: Wanted, page: Page, grouped: Collection[str]) -> Part:
    """So many groups as `page.limit` says, by their newest notification; types not in `grouped` stand alone."""
    spans = await _spans(tx, account_id, wanted, page, grouped)
    if not spans:
        return Part()
    newest_id, oldest_id = max(one.newest_id for one in spans), min(one.oldest_id for one in spans)
    newest = {one.id: one for one in await single.by_ids(tx, account_id, [one.newest_id for one in spans])}
    spans = sorted((one for one in spans if one.newest_id in newest), key=lambda one: -one.newest_id)
    keys = [one.key for one in spans if id_of(one.key) is None]
    about: dict[str, Any] = {"recipient": account_id, "up_to": newest_id, "keys": keys}
    whole = {key: (count, first) for key, count, first in (await tx.all(_COUNTS, **about) if keys else ())}
    samples: dict[str, list[AccountId]] = {}
    for key, sender in await tx.all(_SAMPLES, **about) if keys else ():
        if sender is not None:  # else the last of them went this moment
            samples.setdefault(key, []).append(sender)
    groups = []
    for span in spans:
        first = newest[span.newest_id]
        people = samples.get(span.key, [first.from_account_id])
        groups.append(Group(span.key, first, span.oldest_id, whole.get(span.key, (1, 0))[0], people))
    # Where the page has room left, whatever is let through further down would be part of it.
    full = len(groups) >= page.limit
    floor_id = min([oldest_id, *(first for _, first in whole.values() if first is not None)]) if full else 0
    return Part(groups, newest_id, oldest_id, floor_id)


async def count(tx: Tx, account_id: int, wanted: Wanted, page: Page, grouped: Collection[str]) -> int:
    """How many groups that page has."""
    return len(await _spans(tx, account_id, wanted, page, grouped))


class _Span(Struct, frozen=True):
    """What a page holds of a group."""

    key: str
    newest_id: NotificationId
    oldest_id: NotificationId
    count: int
    """How many of it were looked at for the page."""


@cache
def _spanned(upwards: bool, some_grouped: bool, *variant: bool) -> Query[_Span]:
    """Groups in the order of the page, put together from the first so many notifications of it.

    `some_grouped`: not all that can be told together is asked for so.
    """
    id = notifications.c.id
    told_together = and_(_in_groups, any_of(notifications.c.type, "grouped")) if some_grouped else _in_groups
    key = case((told_together, notifications.c.group_key), else_=literal_column(f"'{ALONE}'").concat(cast(id, Text)))
    near = (
        select(id.label("id"), key.label("key"))
        .where(
            *single.conditions(*variant),
            id > bindparam("page_above", type_=BigInteger),
            id < bindparam("page_below", type_=BigInteger),
        )
        .order_by(id.asc() if upwards else id.desc())
        .limit(bindparam("window", type_=Integer))
        .cte("near")
    )
    newest, oldest = func.max(near.c.id), func.min(near.c.id)
    return Query(
        _Span,
        select(near.c.key, newest, oldest, func.count())
        .group_by(near.c.key)
        .order_by(oldest.asc() if upwards else newest.desc()),
    )


async def _spans(tx: Tx, account_id: int, wanted: Wanted, page: Page, grouped: Collection[str]) -> list[_Span]:
    if page.limit <= 0:
        return []
    some = GROUPABLE - set(grouped)
    query = _spanned(page.upwards, bool(some), *wanted.variant())
    asked: dict[str, Any] = {"recipient": account_id, **wanted.params(), **page.bounds()}
    if some:
        asked["grouped"] = list(grouped)
    for window in (min(page.limit * 3, AT_ONCE), LOOK_AT_MOST):
        found = await tx.all(query, **asked, window=window)
        if len(found) > page.limit:
            # The page ends where a group too many opens: what the others hold behind it is for the next page.
            beyond = found[page.limit]
            edge = {"page_below": beyond.oldest_id} if page.upwards else {"page_above": beyond.newest_id}
            return await tx.all(query, **asked | edge, window=window)
        if sum(one.count for one in found) < window:
            break
    return found


_given = each("keys", Text)
_of_given = and_(
    notifications.c.account_id == _me,
    notifications.c.group_key == _given.c.value,
    _in_groups,
    notifications.c.id <= _up_to,
)
_COUNTS = Query(
    row,
    select(
        _given.c.value,
        *(
            select(what).select_from(notifications).where(_of_given).scalar_subquery()
            for what in (func.count(), func.min(notifications.c.id))
        ),
    ),
)


def _samples() -> Query[Any]:
    # An outer join: in an inner one SQLite would walk all that the account was ever told.
    last = notifications.alias("last_shown")
    floor = (
        select(last.c.id)
        .where(
            last.c.account_id == _me,
            last.c.group_key == _given.c.value,
            last.c.group_key != literal_column("''"),
            last.c.id <= _up_to,
        )
        .order_by(last.c.id.desc())
        .limit(literal_column("1"))
        .offset(literal_column(str(SAMPLE - 1)))
        .correlate(_given)
        .scalar_subquery()
    )
    shown = notifications.c.id >= func.coalesce(floor, literal_column("0"))
    return Query(
        row,
        select(_given.c.value, notifications.c.from_account_id)
        .select_from(_given.outerjoin(notifications, and_(_of_given, shown)))
        .order_by(notifications.c.id.desc()),
    )


_SAMPLES = _samples()

# One group -----------------------------------------------------------------------------------------

_of_key = {
    True: and_(notifications.c.account_id == _me, notifications.c.id == bindparam("id_is", type_=BigInteger)),
    False: and_(notifications.c.account_id == _me, notifications.c.group_key == _key_is, _in_groups),
}
_COUNT = Query(int, select(func.count()).select_from(notifications).where(_of_key[False]))
_DISMISS = {lone: Statement(delete(notifications).where(of_key)) for lone, of_key in _of_key.items()}


@cache
def _members(lone: bool) -> PagedQuery:
    return PagedQuery(Notification, select(*_columns).where(_of_key[lone]), notifications.c.id)


def _named(key: str) -> dict[str, Any]:
    id = id_of(key)
    return {"key_is": key} if id is None else {"id_is": id}


async def members(tx: Tx, account_id: int, key: str, page: Page) -> Sequence[Notification]:
    """What a group is made of, newest first; nothing where there is no such group."""
    if not is_key(key):
        return []
    named = _named(key)
    return await _members("id_is" in named).read(tx, page, recipient=account_id, **named)


async def by_key(tx: Tx, account_id: int, key: str) -> Group | None:
    """One group as it is now."""
    newest = await members(tx, account_id, key, Page(limit=SAMPLE))
    if not newest:
        return None
    lone = id_of(key) is not None
    count = 1 if lone else await tx.one(_COUNT, recipient=account_id, key_is=key) or 0
    return Group(key, newest[0], newest[-1].id, count, [one.from_account_id for one in newest])


async def dismiss(tx: Tx, account_id: int, key: str) -> None:
    """Delete all of a group. Doing so twice is not an error."""
    if is_key(key):
        named = _named(key)
        await tx.run(_DISMISS["id_is" in named], recipient=account_id, **named)
