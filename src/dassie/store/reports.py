"""Reports, and which notification tells of which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, literal_column, null, select, type_coerce, update

from dassie.domain.paging import Page
from dassie.domain.reports import Report
from dassie.store.dialect import any_of, put, put_once
from dassie.store.paging import PagedQuery
from dassie.store.statuses import visible_to
from dassie.store.tables import accounts, follows, mentions, report_notices, reports, statuses, users
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json, UtcTime

_LISTS = ("status_ids", "collection_ids", "rule_ids")
_NAMES = Report.__struct_fields__
_columns: list[Any] = [
    type_coerce(reports.c[name], Json(list[int])) if name in _LISTS else reports.c[name] for name in _NAMES
]
_id = bindparam("report_is", type_=BigInteger)
_target = bindparam("target_is", type_=BigInteger)
_open = reports.c.action_taken_at.is_(null())
_BY_ID = Query(Report, select(*_columns).where(reports.c.id == _id))
_BY_NOTICES = Query(
    row,
    select(report_notices.c.notification_id, *_columns)
    .join(reports, reports.c.id == report_notices.c.report_id)
    .where(any_of(report_notices.c.notification_id, "ids")),
)
_INSERT = Statement(put_once(reports, "uri", *_NAMES))
_NOTICE = Statement(put(report_notices, "notification_id", "report_id"))
_CLOSE = Statement(
    update(reports)
    .where(reports.c.id == _id)
    .values(
        action_taken_at=bindparam("closed_at", type_=UtcTime),
        action_taken_by_account_id=bindparam("closed_by", type_=BigInteger),
        updated_at=bindparam("at", type_=UtcTime),
    )
)
_ONE_OPEN = Query(int, select(reports.c.id).where(reports.c.target_account_id == _target, _open).limit(1))
_OPEN_COUNT = Query(int, select(func.count()).select_from(select(reports.c.id).where(_open).limit(1_000).subquery()))
_OF_DOMAIN = Query(
    int,
    select(func.count())
    .select_from(reports.join(accounts, accounts.c.id == reports.c.account_id))
    .where(
        reports.c.created_at >= bindparam("since", type_=UtcTime),
        accounts.c.domain == bindparam("domain_is", type_=Text),
    ),
)
_STAFF = Query(int, select(users.c.account_id).where(any_of(users.c.role, "roles"), ~users.c.disabled))


@cache
def _listed(opened: bool) -> PagedQuery:
    return PagedQuery(Report, select(*_columns).where(_open if opened else ~_open), reports.c.id)


_shared: Any = select(literal_column("1")).select_from(accounts)
_from_there = accounts.c.domain == bindparam("domain_is", type_=Text)
_FROM = Query(
    int,
    select(statuses.c.id).where(
        any_of(statuses.c.id, "ids"),
        statuses.c.account_id == _target,
        statuses.c.reblog_of_id.is_(null()),
        statuses.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")])
        | (
            (statuses.c.visibility == literal_column("'private'"))
            & _shared.join(follows, follows.c.account_id == accounts.c.id)
            .where(follows.c.target_id == statuses.c.account_id, _from_there)
            .exists()
        )
        | _shared.join(mentions, mentions.c.account_id == accounts.c.id)
        .where(mentions.c.status_id == statuses.c.id, _from_there)
        .exists(),
    ),
)
_SEEN = Query(
    int,
    select(statuses.c.id).where(
        any_of(statuses.c.id, "ids"),
        statuses.c.account_id == _target,
        statuses.c.reblog_of_id.is_(null()),
        visible_to(0),  # type: ignore[arg-type]
    ),
)


async def insert(tx: Tx, new: Report, *, uri: str | None = None) -> bool:
    """Keep a report; False where the Flag with this id was taken in before."""
    return await tx.run(_INSERT, uri=uri, **{name: getattr(new, name) for name in _NAMES}) > 0


async def by_id(tx: Tx, id: int) -> Report | None:
    """One report."""
    return await tx.one(_BY_ID, report_is=id)


async def newest(tx: Tx, page: Page, *, opened: bool) -> list[Report]:
    """Open or closed ones, newest first."""
    return await _listed(opened).read(tx, page)


async def set_closed(tx: Tx, id: int, by: int | None) -> bool:
    """Close it by this account, or open it again (None)."""
    return await tx.run(_CLOSE, report_is=id, closed_at=tx.now if by is not None else None, closed_by=by, at=tx.now) > 0


async def has_open(tx: Tx, target_account_id: int) -> bool:
    """Whether a report about this account waits already."""
    return await tx.one(_ONE_OPEN, target_is=target_account_id) is not None


async def open_count(tx: Tx) -> int:
    """How many are open; counted up to a thousand."""
    return await tx.one(_OPEN_COUNT) or 0


async def of_last_day(tx: Tx, domain: str) -> int:
    """How many came from this server in the last 24 hours."""
    return await tx.one(_OF_DOMAIN, since=tx.now - timedelta(days=1), domain_is=domain) or 0


async def seen_by(tx: Tx, ids: Collection[int], target_account_id: int, viewer: int) -> list[int]:
    """Those of the statuses that the target wrote and the viewer may see, in order."""
    found = await tx.all(_SEEN, ids=list(ids), target_is=target_account_id, viewer_id=viewer) if ids else []
    return [id for id in ids if id in set(found)]


async def seen_from(tx: Tx, ids: Collection[int], target_account_id: int, domain: str) -> list[int]:
    """Those of the statuses that the target wrote and anybody on this server may see, in order.

    Who reports there is mostly not told, so what one of them may see all may report.
    """
    found = await tx.all(_FROM, ids=list(ids), target_is=target_account_id, domain_is=domain) if ids else []
    return [id for id in ids if id in set(found)]


async def staff(tx: Tx, roles: Collection[str]) -> list[int]:
    """Accounts of the logins with these roles."""
    return await tx.all(_STAFF, roles=list(roles))


async def tell_of(tx: Tx, notification_id: int, report_id: int) -> None:
    """This notification is about that report."""
    await tx.run(_NOTICE, notification_id=notification_id, report_id=report_id)


async def told(tx: Tx, notification_ids: Collection[int]) -> dict[int, Report]:
    """The reports that these notifications tell of, by notification."""
    if not notification_ids:
        return {}
    return {id: Report(*values) for id, *values in await tx.all(_BY_NOTICES, ids=list(notification_ids))}
