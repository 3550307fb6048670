"""Notifications of people one hardly knows: held back or dropped as one's policy says, let through or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dassie.domain.jobs import MergeNotifications
from dassie.domain.notification_policies import FILTERABLE, REQUESTED, NotificationPolicy, Sender, Verdict
from dassie.domain.notification_policies import judge as judge_by
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles, recurs
from dassie.ports import Event
from dassie.server import Server
from dassie.services import conversing
from dassie.store import notification_policies, notification_requests, notifications, queue
from dassie.store.notification_requests import NotificationRequest
from dassie.store.notifications import Notification, Standing
from dassie.store.tx import Tx

AT_ONCE = 200


async def judge(
    tx: Tx, between: Standing, account_id: int, type: str, from_account_id: int, status_id: int | None
) -> Verdict:
    """What the recipient's policy says about a notification."""
    if type not in FILTERABLE or between.permitted or (between.staff and type == "mention"):
        return "accept"
    policy = between.policy
    private = type == "mention" and status_id is not None and policy.for_private_mentions != "accept"
    unasked = private and not between.following
    if unasked and status_id is not None:
        unasked = await notifications.is_unasked(tx, account_id, from_account_id, status_id)
    sender = Sender(
        followed=between.following,
        follower_since=between.follower_since,
        created_at=between.created_at,
        limited=between.silenced,
        bot=between.bot,
        unasked_private=unasked,
    )
    return judge_by(policy, sender, tx.now)


async def hold_back(tx: Tx, held: Notification) -> None:
    """A notification was held back: where it is a mention, its sender asks to be let through."""
    if held.type in REQUESTED:
        await notification_requests.ask(tx, held.account_id, held.from_account_id, held.id)


async def change_policy(tx: Tx, account_id: int, policy: NotificationPolicy) -> None:
    """Have another policy from now on; what is held back already stays so."""
    await notification_policies.save(tx, account_id, policy)


async def accept(tx: Tx, account_id: int, requests: Sequence[NotificationRequest]) -> None:
    """Let these senders through for good. What is held back of them is merged by a job each."""
    for one in requests:
        await notification_policies.permit(tx, account_id, one.from_account_id)
        await notification_requests.remove(tx, account_id, one.from_account_id)
        job = MergeNotifications(account_id=account_id, from_account_id=one.from_account_id)
        await queue.enqueue(tx, job, order=_order(account_id))


async def dismiss(tx: Tx, account_id: int, requests: Sequence[NotificationRequest]) -> None:
    """Forget what is held back of these senders; new ones of them are judged as before."""
    for one in requests:
        await notification_requests.remove(tx, account_id, one.from_account_id)
        while await notification_requests.drop(tx, account_id, one.from_account_id, AT_ONCE) == AT_ONCE:
            pass


async def is_merged(tx: Tx, account_id: int) -> bool:
    """Whether all that was let through is among the other notifications by now."""
    return not await queue.under_way(tx, [_order(account_id)])


@handles(MergeNotifications)
async def merge(server: Server, job: MergeNotifications) -> None:
    """Let through what is held back of a sender. Who watches is told once the last of several is done."""
    whole = True
    while whole:
        async with server.write() as tx:
            let = await notification_requests.let_through(tx, job.account_id, job.from_account_id, AT_ONCE)
            for one in sorted(let, key=lambda one: one.id):
                if one.type == "mention" and one.status_id is not None:
                    await conversing.join(tx, server, job.account_id, one.status_id)
            whole = len(let) == AT_ONCE
            if not whole:
                await notification_requests.remove(tx, job.account_id, job.from_account_id)
                await finish_with(tx)
                if await is_merged(tx, job.account_id):
                    _tell_merged(tx, server, job.account_id)


@recurs(timedelta(days=1))
async def forget_empty_requests(server: Server) -> None:
    """Take away requests of which nothing is left, since the posts behind them were deleted."""
    removed = AT_ONCE
    while removed == AT_ONCE:
        async with server.write() as tx:
            removed = await notification_requests.remove_empty(tx, AT_ONCE)


def _tell_merged(tx: Tx, server: Server, account_id: int) -> None:
    channels = [f"user:{account_id}", f"notifications:{account_id}"]
    server.tell(tx, channels, Event("notifications_merged", account_id))


def _order(account_id: int) -> str:
    return f"merge notifications {account_id}"
