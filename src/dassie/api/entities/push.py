"""The WebPushSubscription entity."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.shapes import Url, Words
from dassie.store.push_subscriptions import PushSubscription


class WebPushSubscription(TypedDict):
    """What a token's app is told of, and where."""

    id: int
    endpoint: Url
    standard: bool
    server_key: str
    alerts: dict[str, bool]
    policy: Annotated[str, Words("all", "followed", "follower", "none")]


def show_subscription(one: PushSubscription, server_key: str) -> WebPushSubscription:
    """A subscription; its id is a number (limits_and_rules section 3), and only alerts that the app named are in it."""
    return {
        "id": one.id,
        "endpoint": one.endpoint,
        "standard": one.standard,
        "alerts": one.alerts,
        "server_key": server_key,
        "policy": one.policy,
    }
