"""Notifications that can be sent by mail, too."""

from __future__ import annotations

MAILED = (
    "mention",
    "quote",
    "follow",
    "follow_request",
    "favourite",
    "reblog",
    "admin.sign_up",
    "admin.report",
)
FOR_STAFF = frozenset({"admin.sign_up", "admin.report"})
DEFAULT_MAILED = ("mention", "quote", "follow_request", "admin.sign_up", "admin.report")
"""As on Mastodon: what wants an answer."""
