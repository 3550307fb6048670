"""The queue, and what the server keeps about itself."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dassie.store.tables.columns import count, metadata, row_id, string, time
from dassie.store.types import Json, UtcTime

jobs = Table(
    "jobs",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),
    Column("args", LargeBinary, nullable=False),  # JSON
    Column("lane", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),  # domain/jobs.py State
    string("host"),  # the server it concerns, '' for ours
    Column("run_at", UtcTime, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("unique_key", Text),
    Column("order_key", Text),
    Column("cause", Text),  # what started it, such as `relay 17`: to be called off together
    time("lease_until"),
    Column("worker", Text),
    Column("error", Text),
    time("created_at", null=False),
)
Index(
    "ix_jobs_ready",
    jobs.c.lane,
    jobs.c.host,
    jobs.c.id,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index(
    "ix_jobs_due",
    jobs.c.run_at,
    sqlite_where=text("state = 1"),
    postgresql_where=text("state = 1"),
)
Index(  # of one server, to bring forward when it is back
    "ix_jobs_due_of_host",
    jobs.c.host,
    jobs.c.lane,
    sqlite_where=text("state = 1 AND host <> ''"),
    postgresql_where=text("state = 1 AND host <> ''"),
)
Index(
    "ix_jobs_leased",
    jobs.c.lease_until,
    sqlite_where=text("state = 2"),
    postgresql_where=text("state = 2"),
)
Index(
    "ix_jobs_order",
    jobs.c.order_key,
    jobs.c.id,
    sqlite_where=text("order_key IS NOT NULL AND state < 4"),
    postgresql_where=text("order_key IS NOT NULL AND state < 4"),
)
Index(
    "uq_jobs_unique",
    jobs.c.kind,
    jobs.c.unique_key,
    unique=True,
    sqlite_where=text("unique_key IS NOT NULL AND state < 4"),
    postgresql_where=text("unique_key IS NOT NULL AND state < 4"),
)
Index(  # the lane of strangers, which is bounded: to count, shed and expire
    "ix_jobs_strangers",
    jobs.c.id,
    sqlite_where=text("lane = 5 AND state < 4"),
    postgresql_where=text("lane = 5 AND state < 4"),
)
Index(
    "ix_jobs_cause",
    jobs.c.cause,
    sqlite_where=text("cause IS NOT NULL"),
    postgresql_where=text("cause IS NOT NULL"),
)
Index(
    "ix_jobs_set_aside",
    jobs.c.id,
    sqlite_where=text("state = 4"),
    postgresql_where=text("state = 4"),
)

job_hosts = Table(  # how other servers do: store/hosts.py
    "job_hosts",
    metadata,
    Column("host", Text, primary_key=True),
    count("failures"),  # in a row
    time("open_until"),  # no requests before this
    time("failing_since"),
    time("last_success_at"),
    Column("last_error", Text),
    Column("reason", Text),  # domain/breaking.py REASONS
    Column("mean_ms", Integer),  # of the time to its answers
    Column("deviation_ms", Integer),
    time("updated_at", null=False),
)

job_attempts = Table(  # what became of each delivery: the receipt
    "job_attempts",
    metadata,
    Column("activity_id", BigInteger, nullable=False),
    Column("inbox", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, delivered, gave_up
    count("tries"),
    Column("code", Integer),
    Column("error", Text),
    time("next_at"),
    time("updated_at", null=False),
    UniqueConstraint("activity_id", "inbox"),
    Index("ix_job_attempts_updated_at", "updated_at"),
)

counters = Table(  # figures per minute, hour and day
    "counters",
    metadata,
    Column("span", Text, nullable=False),  # minute, hour, day
    Column("at", UtcTime, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    UniqueConstraint("span", "at", "name"),
)

recurring = Table(
    "recurring",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", UtcTime, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    row_id(),
    Column("account_id", BigInteger),
    Column("action", Text, nullable=False),
    string("subject"),
    string("ip"),
    Column("details", Json, nullable=False, server_default="{}"),
    time("created_at", null=False),
)
