"""The WebPushSubscription entity."""

from __future__ import annotations

from typing import Any

from dassie.store.push_subscriptions import PushSubscription


def show_subscription(one: PushSubscription, server_key: str) -> dict[str, Any]:
    """A subscription; its id is a number (limits_and_rules section 3), and only alerts that the app named are in it."""
    return {
        "id": one.id,
        "endpoint": one.endpoint,
        "standard": one.standard,
        "alerts": one.alerts,
        "server_key": server_key,
        "policy": one.policy,
    }
