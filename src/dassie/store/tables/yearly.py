"""What is worked out or sent now and then: years looked back on, posts by mail."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from dassie.store.tables.columns import metadata, ref, row_id, string, time
from dassie.store.types import Json

annual_reports = Table(
    "annual_reports",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("year", Integer, nullable=False),
    Column("data", Json),  # domain/annual_reports.py Year; nothing: it is being worked out
    Column("share_key", Text, nullable=False),  # part of the address under which everybody can see it
    Column("notification_id", BigInteger, unique=True),  # by which its owner was told
    time("viewed_at"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "year"),
)

email_subscriptions = Table(  # addresses to which somebody's public posts go
    "email_subscriptions",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("email", Text, nullable=False),
    string("locale", default="en"),
    time("confirmed_at"),
    time("created_at", null=False),
    time("sent_at"),
    Column("last_status_id", BigInteger, nullable=False, server_default="0"),  # up to which they were sent
    UniqueConstraint("account_id", "email"),
    Index("ix_email_subscriptions_created_at", "created_at"),
)
