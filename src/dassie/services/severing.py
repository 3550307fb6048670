"""Telling somebody how many follows ended, when a whole server is blocked: by them, or by those who run this one."""

from __future__ import annotations

from dassie.domain.ids import AccountId, NotificationId, next_id
from dassie.server import Server
from dassie.services import notifying
from dassie.store import notifications, severances
from dassie.store.notifications import Notification
from dassie.store.severances import Severance
from dassie.store.tx import Tx

TYPE = "severed_relationships"


async def tell(
    tx: Tx,
    server: Server,
    account_id: AccountId,
    domain: str,
    *,
    followers: int,
    following: int,
    type: str = "user_domain_block",
) -> None:
    """So many followers and follows of somebody here ended, since they blocked a server, or all of us did (`type`).

    Said again within some minutes, it adds to what was told: a large server is cut off in several steps.
    """
    if not followers and not following:
        return
    known = await severances.open_one(tx, account_id, type, domain)
    if known is not None:
        await severances.add(tx, known, followers=followers, following=following)
        return
    new = Notification(
        id=NotificationId(next_id(tx.now)),
        account_id=account_id,
        type=TYPE,
        from_account_id=account_id,
        status_id=None,
        group_key="",
        filtered=False,
        created_at=tx.now,
    )
    await notifications.insert_event(tx, new)
    await severances.insert(tx, Severance(new.id, type, domain, followers, following, tx.now))
    await notifying.publish(tx, server, new)
