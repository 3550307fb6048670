"""Notification policies: whose notifications are held back or dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import structs

from dassie.api.entities.notification_requests import (
    V1_RULES,
    NotificationPolicy,
    V1NotificationPolicy,
    show_policy,
    show_policy_v1,
    v1_name,
)
from dassie.api.routing import Call, get, put
from dassie.domain import notification_policies as policies
from dassie.domain.notification_policies import RULES, VERDICTS
from dassie.door import taking as take
from dassie.services import screening
from dassie.store import notification_policies, notification_requests

Shown = TypeVar("Shown")
Show = Callable[[policies.NotificationPolicy, tuple[int, int]], Shown]


@get("/api/v2/notifications/policy", scope="read:notifications", takes=[])
async def read_policy(call: Call) -> NotificationPolicy:
    """The caller's policy, and how much it holds back."""
    return await _read(call, show_policy)


@put("/api/v2/notifications/policy", scope="write:notifications", takes=[take.word(rule, VERDICTS) for rule in RULES])
async def change_policy(call: Call) -> NotificationPolicy:
    """Change the rules that are named: accept, filter or drop."""
    named = {rule: call.params.word(rule, VERDICTS) for rule in RULES}
    await _change(call, {rule: verdict for rule, verdict in named.items() if verdict})
    return await _read(call, show_policy)


@get("/api/v1/notifications/policy", scope="read:notifications", takes=[])
async def read_policy_v1(call: Call) -> V1NotificationPolicy:
    """The same in the old shape: a rule is on or off."""
    return await _read(call, show_policy_v1)


@put("/api/v1/notifications/policy", scope="write:notifications", takes=[take.flag(v1_name(rule)) for rule in V1_RULES])
async def change_policy_v1(call: Call) -> V1NotificationPolicy:
    """Change the rules that are named: on holds back, off accepts."""
    named = {rule: call.params.flag(v1_name(rule)) for rule in V1_RULES}
    await _change(call, {rule: "filter" if on else "accept" for rule, on in named.items() if on is not None})
    return await _read(call, show_policy_v1)


async def _read(call: Call, show: Show[Shown]) -> Shown:
    async with call.server.read() as tx:
        policy = await notification_policies.read(tx, call.me.id)
        return show(policy, await notification_requests.summary(tx, call.me.id))


async def _change(call: Call, verdicts: dict[str, Any]) -> None:
    async with call.server.write() as tx:
        policy = await notification_policies.read(tx, call.me.id)
        await screening.change_policy(tx, call.me.id, structs.replace(policy, **verdicts))
