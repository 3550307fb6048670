"""Web Push: which notifications can be asked for, and from whom (limits_and_rules section 14)."""

from __future__ import annotations

from typing import Literal

ALERTS = (
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "severed_relationships",
    "moderation_warning",
    "annual_report",
    "added_to_collection",
    "collection_update",
    "admin.sign_up",
    "admin.report",
)
"""Every type of notification. One that was not asked for is not pushed."""

PushPolicy = Literal["all", "followed", "follower", "none"]
POLICIES: tuple[PushPolicy, ...] = ("all", "followed", "follower", "none")

MOST_ENDPOINT = 2_000
POINT_BYTES = 65
"""An uncompressed point of P-256."""
AUTH_BYTES = 16
MOST_MESSAGE = 4_096
"""Bytes of an encrypted message that every push service takes (RFC 8030 section 7.2)."""
