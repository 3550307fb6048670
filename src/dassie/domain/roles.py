"""Roles of logins, and what each allows (limits_and_rules section 21)."""

from __future__ import annotations

PERMISSIONS: tuple[str, ...] = (
    "administrator",
    "view_devops",
    "view_audit_log",
    "view_dashboard",
    "manage_reports",
    "manage_federation",
    "manage_settings",
    "manage_blocks",
    "manage_taxonomies",
    "manage_appeals",
    "manage_users",
    "manage_invites",
    "manage_rules",
    "manage_announcements",
    "manage_custom_emojis",
    "manage_webhooks",
    "invite_users",
    "manage_roles",
    "manage_user_access",
    "delete_user_data",
    "view_feeds",
    "invite_bypass_approval",
    "manage_email_subscriptions",
)
"""By their bit in the API's `Role.permissions`, from 0."""

ALLOWED = {"Owner": 1, "Admin": 0x7FFFFE, "Moderator": 0x0001_5C1C, "User": 1 << 16}
"""The bits of each role; an administrator may do everything."""


def shown(role: str) -> str:
    """The role as it stands on profiles; empty where it does not."""
    return "" if role == "User" else role


def may(role: str, permission: str) -> bool:
    """Whether logins of this role have this permission; an unknown role has none."""
    bits = ALLOWED.get(role, 0)
    return bool(bits & 1) or bool(bits & (1 << PERMISSIONS.index(permission)))
