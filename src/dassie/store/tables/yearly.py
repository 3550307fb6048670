"""What is worked out once for a person: the years they look back on."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint

from dassie.store.tables.columns import metadata, ref, row_id, time
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
