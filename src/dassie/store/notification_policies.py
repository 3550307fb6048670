"""Notification policies, and senders that were let through for good."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, delete, exists, select

from dassie.domain.notification_policies import RULES, NotificationPolicy
from dassie.store.dialect import put_once, put_or_set
from dassie.store.tables import notification_permissions, notification_policies
from dassie.store.tx import Query, Statement, Tx

_me = bindparam("recipient", type_=BigInteger)
_them = bindparam("sender", type_=BigInteger)
_READ = Query(
    NotificationPolicy,
    select(*(notification_policies.c[rule] for rule in RULES)).where(notification_policies.c.account_id == _me),
)
_SAVE = Statement(put_or_set(notification_policies, ("account_id", *RULES), key=("account_id",)))
_PERMIT = Statement(put_once(notification_permissions, "account_id", "from_account_id", "created_at"))
_pair = and_(notification_permissions.c.account_id == _me, notification_permissions.c.from_account_id == _them)
_WITHDRAW = Statement(delete(notification_permissions).where(_pair))


def permitted(recipient: Any, sender: Any) -> Any:
    """Whether the sender was let through for good, as a condition."""
    return exists().where(
        notification_permissions.c.account_id == recipient, notification_permissions.c.from_account_id == sender
    )


async def read(tx: Tx, account_id: int) -> NotificationPolicy:
    """The policy of somebody here; the usual one where nothing was chosen."""
    return await tx.one(_READ, recipient=account_id) or NotificationPolicy()


async def save(tx: Tx, account_id: int, policy: NotificationPolicy) -> None:
    """Keep a policy."""
    await tx.run(_SAVE, account_id=account_id, **{rule: getattr(policy, rule) for rule in RULES})


async def permit(tx: Tx, account_id: int, from_account_id: int) -> None:
    """Let a sender through from now on, whatever the policy says."""
    await tx.run(_PERMIT, account_id=account_id, from_account_id=from_account_id, created_at=tx.now)


async def withdraw(tx: Tx, account_id: int, from_account_id: int) -> None:
    """Have the policy say again."""
    await tx.run(_WITHDRAW, recipient=account_id, sender=from_account_id)
