"""Moderation: reports about people, and servers that this one keeps away."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, text

from dassie.store.tables.columns import BIG_ID, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

reports = Table(
    "reports",
    metadata,
    row_id(),
    Column("uri", Text, unique=True),  # of a Flag from elsewhere
    ref("account_id", "accounts"),  # who reports; of another server often only the server itself
    ref("target_account_id", "accounts"),
    Column("category", Text, nullable=False),  # domain/reports.py CATEGORIES
    string("comment"),
    Column("status_ids", Json, nullable=False, server_default="[]"),
    Column("collection_ids", Json, nullable=False, server_default="[]"),
    Column("rule_ids", Json, nullable=False, server_default="[]"),
    flag("forwarded"),
    ref("assigned_account_id", "accounts", null=True, cascade=False),
    ref("action_taken_by_account_id", "accounts", null=True, cascade=False),
    time("action_taken_at"),
    time("created_at", null=False),
    time("updated_at", null=False),
    Index("ix_reports_account_id", "account_id", "id"),
    Index("ix_reports_target_account_id", "target_account_id", "id"),
)
Index(
    "ix_reports_open",
    reports.c.id,
    sqlite_where=text("action_taken_at IS NULL"),
    postgresql_where=text("action_taken_at IS NULL"),
)

report_notices = Table(  # the report that a notification tells of
    "report_notices",
    metadata,
    Column(
        "notification_id",
        BIG_ID,
        ForeignKey("notifications.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("report_id", BigInteger, ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    Index("ix_report_notices_report_id", "report_id"),
)

domain_blocks = Table(  # servers that this one limits or does not talk with
    "domain_blocks",
    metadata,
    row_id(),
    Column("domain", Text, nullable=False, unique=True),  # subdomains are meant, too
    Column("severity", Text, nullable=False),  # domain/server_blocks.py SEVERITIES
    flag("reject_reports"),
    flag("obfuscate"),
    string("public_comment"),
    string("private_comment"),
    time("marked_at", null=False),  # stands in `silenced_at` or `suspended_at` of the accounts that it is about
    time("created_at", null=False),
    time("updated_at", null=False),
)
