"""Other servers: what came from them and why, what it costs, relays, files, what we sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text

from dassie.store.tables.columns import BIG_ID, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json, UtcTime

arrivals = Table(  # why a status of another server is here, what it weighs, and when somebody last saw it
    "arrivals",
    metadata,
    Column("status_id", BIG_ID, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("reason", SmallInteger, nullable=False),  # domain/arrivals.py Reason
    Column("bytes", Integer, nullable=False),  # of its rows, as `arrivals.weight` reckons
    flag("seen"),
    time("arrived_at", null=False),
    time("ranked_at", null=False),  # those of the lowest rank go first when room is needed
    Column("mentioned", Json),  # actor ids it mentions that are unknown here; looked up when somebody looks
    Index("ix_arrivals_ranked_at", "ranked_at", "status_id"),
)

relay_statuses = Table(  # which relays brought a status
    "relay_statuses",
    metadata,
    Column("relay_id", BigInteger, ForeignKey("relays.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column(
        "status_id", BigInteger, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sqlite_with_rowid=False,
)
Index("ix_relay_statuses_status_id", relay_statuses.c.status_id)

peers = Table(
    "peers",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("software", Text),
    Column("version", Text),
    Column("signature_scheme", Text),  # what last worked: cavage or rfc9421
    time("suspended_at"),
    time("created_at", null=False),
    time("last_seen_at"),  # last valid request from there
    time("failing_since"),
    time("checked_at"),  # NodeInfo
)

activities = Table(  # what we send, serialised once
    "activities",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("object_uri", Text),  # of the status it is about: for its delivery receipt
    Column("body", LargeBinary, nullable=False),
    time("created_at", null=False),
    Index("ix_activities_created_at", "created_at"),
    Index("ix_activities_object_uri", "object_uri"),
)

cached_files = Table(  # remote media that somebody looked at
    "cached_files",
    metadata,
    Column("url_hash", LargeBinary, primary_key=True),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),  # domain/storage.py FILES
    Column("host", Text, nullable=False),  # of the address
    Column("file_key", Text, nullable=False),
    Column("file_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    time("fetched_at", null=False),
    time("last_seen_at", null=False),
    Index("ix_cached_files_last_seen_at", "last_seen_at"),
    Index("ix_cached_files_kind", "kind", "last_seen_at"),
)

relays = Table(
    "relays",
    metadata,
    row_id(),
    Column("url", Text, nullable=False, unique=True),  # as given: its inbox or its actor
    Column("kind", Text, nullable=False),  # mastodon, litepub
    Column("state", Text, nullable=False),  # pending, accepted, rejected, left
    Column("domain", Text, nullable=False),
    string("inbox_url"),
    Column("actor_uri", Text),  # known from the start (litepub) or once it answered
    Column("follow_uri", Text, nullable=False),  # of our Follow
    flag("sends", True),  # our public posts go there
    Column("rules", Json, nullable=False, server_default="{}"),  # domain/relays.py RelayRules
    Column("last_error", Text),
    time("paused_until"),
    time("trial_until"),  # until then it is only sampled
    Column("trial", Json),  # what the sample found
    time("accepted_at"),
    time("last_heard_at"),
    time("created_at", null=False),
)

storage_usage = Table(  # bytes stored, changed in the unit that stores or removes them
    "storage_usage",
    metadata,
    Column("kind", Text, primary_key=True),  # domain/storage.py KINDS
    Column("host", Text, primary_key=True),  # of the author or of the file's address; '' for our own
    Column("files", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

source_costs = Table(  # the price of each source and what it gave, by day
    "source_costs",
    metadata,
    Column("day", UtcTime, primary_key=True),
    Column("source", Text, primary_key=True),  # relay, tag, account, host
    Column("name", Text, primary_key=True),  # relay id, tag, account id, host
    Column("offered", BigInteger, nullable=False, server_default="0"),
    Column("admitted", BigInteger, nullable=False, server_default="0"),
    Column("requests", BigInteger, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("jobs", BigInteger, nullable=False, server_default="0"),
    Column("cpu_us", BigInteger, nullable=False, server_default="0"),
    Column("seen", BigInteger, nullable=False, server_default="0"),  # of its statuses, for the first time
    sqlite_with_rowid=False,
)

search_pending = Table(  # statuses whose words are not in the index yet
    "search_pending",
    metadata,
    Column("status_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
)
