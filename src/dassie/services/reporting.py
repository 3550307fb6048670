"""Reporting people to those who look after this server, and to theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dassie.domain.domains import normal_domain
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID, AccountId, NotificationId, next_id
from dassie.domain.jobs import ForwardReport
from dassie.domain.reports import (
    CATEGORIES,
    LONGEST_COMMENT,
    LONGEST_FOREIGN_COMMENT,
    MOST_COLLECTIONS,
    MOST_STATUSES,
    Report,
)
from dassie.domain.roles import ALLOWED, may
from dassie.server import Server
from dassie.services import auditing, curating, notifying
from dassie.store import accounts, notifications, queue, reports, settings, statuses
from dassie.store.notifications import Notification
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MAY = "manage_reports"
STAFF = [role for role in ALLOWED if may(role, MAY)]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody here says about an account."""

    target_id: int
    comment: str = ""
    category: str = "other"
    status_ids: Sequence[int] = ()
    collection_ids: Sequence[int] = ()
    rule_ids: Sequence[int] = ()
    forward: bool = False
    forward_to: Sequence[str] | None = None
    """Servers to be told; None: the account's own."""


async def report(tx: Tx, server: Server, me: AccountView, said: Complaint) -> Report:
    """File a report of one of ours. Raises `Invalid`, and `NotFound` for what they cannot see or is somebody else's."""
    target = await accounts.by_id(tx, said.target_id)
    if target is None or target.suspended_at is not None or target.id == INSTANCE_ACCOUNT_ID:
        raise NotFound
    if len(said.comment) > LONGEST_COMMENT:
        raise Invalid(f"Validation failed: Comment is too long (maximum is {LONGEST_COMMENT} characters)")
    asked = list(dict.fromkeys(said.status_ids))
    if len(asked) > MOST_STATUSES:
        raise Invalid(f"Validation failed: at most {MOST_STATUSES} posts can be reported at once")
    shown = await reports.seen_by(tx, asked, target.id, me.id)
    if len(shown) != len(asked):
        raise NotFound
    curated = await _curated(tx, me, target, said.collection_ids)
    category = "violation" if said.rule_ids else said.category
    if category not in CATEGORIES:
        raise Invalid("Validation failed: Category is not included in the list")
    rules = await _known_rules(tx, said.rule_ids)
    to = await _told(tx, target, shown, said) if said.forward else []
    filed = _report(
        tx,
        me.id,
        target.id,
        category=category,
        comment=said.comment,
        status_ids=shown,
        collection_ids=curated,
        rule_ids=rules,
        forwarded=target.id in to,
    )
    await _file(tx, server, filed, None)
    if to:
        await queue.enqueue(tx, ForwardReport(filed.id, to))
    return filed


async def receive(
    tx: Tx,
    server: Server,
    reporter: AccountView,
    target: AccountView,
    status_ids: Sequence[int],
    comment: str,
    uri: str,
    collection_ids: Sequence[int] = (),
) -> bool:
    """File what another server says about one of ours; False where this Flag was taken in before.

    The collections are the target's own: whoever knows the address of one may read it.
    """
    shown = await reports.seen_from(tx, status_ids[:MOST_STATUSES], target.id, reporter.domain)
    filed = _report(
        tx,
        reporter.id,
        target.id,
        category="other",
        comment=comment[:LONGEST_FOREIGN_COMMENT],
        status_ids=shown,
        collection_ids=list(collection_ids[:MOST_COLLECTIONS]),
        rule_ids=[],
    )
    return await _file(tx, server, filed, uri)


async def resolve(tx: Tx, me: AccountView, id: int, ip: str) -> Report:
    """Close a report; closed already, nothing happens. Raises `NotFound`."""
    return await _set(tx, me, id, ip, opened=False)


async def reopen(tx: Tx, me: AccountView, id: int, ip: str) -> Report:
    """Open a report again. Raises `NotFound`."""
    return await _set(tx, me, id, ip, opened=True)


async def _set(tx: Tx, me: AccountView, id: int, ip: str, *, opened: bool) -> Report:
    known = await reports.by_id(tx, id)
    if known is None:
        raise NotFound
    if known.is_open == opened:
        return known
    await reports.set_closed(tx, id, None if opened else me.id)
    action = "report.reopened" if opened else "report.resolved"
    await auditing.record(tx, action, account_id=me.id, subject=str(id), ip=ip)
    changed = await reports.by_id(tx, id)
    return changed or known


def _report(
    tx: Tx,
    account_id: int,
    target_id: int,
    *,
    category: str,
    comment: str,
    status_ids: list[int],
    collection_ids: list[int],
    rule_ids: list[int],
    forwarded: bool = False,
) -> Report:
    return Report(
        id=next_id(tx.now),
        account_id=account_id,
        target_account_id=target_id,
        category=category,
        comment=comment,
        status_ids=status_ids,
        collection_ids=collection_ids,
        rule_ids=rule_ids,
        forwarded=forwarded,
        assigned_account_id=None,
        action_taken_by_account_id=None,
        action_taken_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )


async def _file(tx: Tx, server: Server, filed: Report, uri: str | None) -> bool:
    waits = await reports.has_open(tx, filed.target_account_id)
    if not await reports.insert(tx, filed, uri=uri):
        return False
    await auditing.record(tx, "report.filed", account_id=filed.account_id, subject=str(filed.id))
    if not waits:  # the staff know of this account; more reports add to what they will find
        await _tell_staff(tx, server, filed)
    return True


async def _tell_staff(tx: Tx, server: Server, filed: Report) -> None:
    for account_id in await reports.staff(tx, STAFF):
        if account_id == filed.account_id:
            continue
        new = Notification(
            id=NotificationId(next_id(tx.now)),
            account_id=AccountId(account_id),
            type="admin.report",
            from_account_id=AccountId(filed.account_id),
            status_id=None,
            group_key="",
            filtered=False,
            created_at=tx.now,
        )
        await notifications.insert_event(tx, new)
        await reports.tell_of(tx, new.id, filed.id)
        await notifying.publish(tx, server, new)


async def _curated(tx: Tx, me: AccountView, target: AccountView, asked: Sequence[int]) -> list[int]:
    """Those of the target's collections that are reported; raises `NotFound` for one that is not theirs."""
    ids = list(dict.fromkeys(asked))
    if len(ids) > MOST_COLLECTIONS:
        raise Invalid(f"Validation failed: at most {MOST_COLLECTIONS} collections can be reported at once")
    for id in ids:
        if (await curating.find(tx, id, me.id)).account_id != target.id:
            raise NotFound
    return ids


async def _known_rules(tx: Tx, asked: Sequence[int]) -> list[int]:
    if not asked:
        return []
    known = {rule.id for rule in (await settings.instance(tx)).rules}
    if not known.issuperset(asked):
        raise Invalid("Validation failed: Rules must reference valid rules")
    return list(dict.fromkeys(asked))


async def _told(tx: Tx, target: AccountView, status_ids: Sequence[int], said: Complaint) -> list[int]:
    """The accounts whose servers are to be told: the reported one's, and of those whom the reported posts answer."""
    wanted = {target.domain} if said.forward_to is None else {normal_domain(one) for one in said.forward_to}
    answered = [row.in_reply_to_account_id for row in (await statuses.by_ids(tx, status_ids)).values()]
    people = [target, *(await accounts.by_ids(tx, [id for id in answered if id is not None])).values()]
    by_domain: dict[str, int] = {}
    for one in people:
        if one.domain and one.domain in wanted and one.suspended_at is None:
            by_domain.setdefault(one.domain, one.id)
    return list(by_domain.values())
