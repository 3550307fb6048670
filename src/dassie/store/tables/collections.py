"""Collections of recommended accounts, ours and other servers'."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from dassie.store.tables.columns import BIG_ID, count, flag, metadata, ref, row_id, string, time

collections = Table(
    "collections",
    metadata,
    row_id(),
    ref("account_id", "accounts"),  # who made it
    Column("uri", Text, nullable=False, unique=True),
    string("url"),
    string("name"),
    string("description"),  # ours as typed; of other servers HTML, sanitised
    Column("language", Text),
    string("tag"),  # as written, without its sign
    flag("local"),
    flag("sensitive"),
    flag("discoverable"),
    count("total"),  # of other servers: how many they say are in it
    time("created_at", null=False),
    time("updated_at", null=False),
    time("fetched_at"),
    Index("ix_collections_account_id_id", "account_id", "id"),
    Index("ix_collections_url", "url"),
)

collection_items = Table(
    "collection_items",
    metadata,
    row_id(),
    ref("collection_id", "collections"),
    ref("account_id", "accounts", null=True),  # who is in it; not known before the proof of another server was read
    Column("uri", Text, nullable=False),
    string("object_uri"),  # actor id
    Column("request_uri", Text),  # of the FeatureRequest
    Column("approval_uri", Text),  # of the FeatureAuthorization
    Column("state", Text, nullable=False),  # domain/collections.py ItemState
    Column("position", Integer, nullable=False),
    time("created_at", null=False),
    time("updated_at", null=False),
    time("verified_at"),
    UniqueConstraint("collection_id", "account_id"),
    UniqueConstraint("collection_id", "uri"),
    Index("ix_collection_items_account_id", "account_id"),
    Index("ix_collection_items_request_uri", "request_uri"),
    Index("ix_collection_items_approval_uri", "approval_uri"),
)

collection_notices = Table(  # the collection that a notification tells of
    "collection_notices",
    metadata,
    Column(
        "notification_id",
        BIG_ID,
        ForeignKey("notifications.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    ref("collection_id", "collections"),
    Index("ix_collection_notices_collection_id", "collection_id"),
)
