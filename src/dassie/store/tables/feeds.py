"""What people see: feeds, lists, notifications, conversations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from dassie.store.tables.columns import BIG_ID, count, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

home_feed = Table(
    "home_feed",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("status_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("ix_home_feed_status_id", home_feed.c.status_id)

list_feed = Table(
    "list_feed",
    metadata,
    Column("list_id", BigInteger, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column(
        "status_id", BigInteger, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sqlite_with_rowid=False,
)
Index("ix_list_feed_status_id", list_feed.c.status_id)

notifications = Table(
    "notifications",
    metadata,
    row_id(),
    ref("account_id", "accounts"),  # who is told
    Column("type", Text, nullable=False),
    ref("from_account_id", "accounts"),
    ref("status_id", "statuses", null=True),
    string("group_key"),
    flag("filtered"),
    time("created_at", null=False),
    # The last two so that a page of groups, which may hold thousands of them, is put together from the index alone.
    Index("ix_notifications_account_id_id", "account_id", "id", "filtered", "group_key"),
    Index("ix_notifications_status_id", "status_id"),
    Index("ix_notifications_from_account_id", "from_account_id"),
    UniqueConstraint("account_id", "type", "from_account_id", "status_id", name="uq_notifications_once"),
)
Index(  # groups; most notifications stand alone and have no key
    "ix_notifications_group",
    notifications.c.account_id,
    notifications.c.group_key,
    notifications.c.id,
    sqlite_where=text("group_key != ''"),
    postgresql_where=text("group_key != ''"),
)

Index(  # what a policy holds back, by sender
    "ix_notifications_filtered",
    notifications.c.account_id,
    notifications.c.from_account_id,
    notifications.c.id,
    sqlite_where=text("filtered"),
    postgresql_where=text("filtered"),
)

severances = Table(  # follows that ended with a block of a whole server; told by the notification with the same id
    "severances",
    metadata,
    Column("id", BIG_ID, ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),  # user_domain_block, domain_block, account_suspension
    Column("target_name", Text, nullable=False),
    count("followers_count"),
    count("following_count"),
    time("created_at", null=False),
)

notification_policies = Table(  # whose notifications somebody here holds back or drops; no row: the defaults
    "notification_policies",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("for_not_following", Text, nullable=False),  # domain/notification_policies.py Verdict
    Column("for_not_followers", Text, nullable=False),
    Column("for_new_accounts", Text, nullable=False),
    Column("for_private_mentions", Text, nullable=False),
    Column("for_limited_accounts", Text, nullable=False),
    Column("for_bots", Text, nullable=False),
)

notification_permissions = Table(  # senders that were let through for good
    "notification_permissions",
    metadata,
    ref("account_id", "accounts"),
    ref("from_account_id", "accounts"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "from_account_id"),
    Index("ix_notification_permissions_from_account_id", "from_account_id"),
)

notification_requests = Table(  # senders whose mentions are held back
    "notification_requests",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("from_account_id", "accounts"),
    time("created_at", null=False),
    time("updated_at", null=False),
    UniqueConstraint("account_id", "from_account_id"),
    Index("ix_notification_requests_account_id_id", "account_id", "id"),
    Index("ix_notification_requests_from_account_id", "from_account_id"),
)

markers = Table(
    "markers",
    metadata,
    ref("user_id", "users"),
    Column("timeline", Text, nullable=False),
    Column("last_read_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    time("updated_at", null=False),
    UniqueConstraint("user_id", "timeline"),
)

conversations = Table(  # direct messages, one row per thread and person here
    "conversations",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("thread_id", BigInteger, nullable=False),
    Column("participants", Json, nullable=False),  # account ids of the others
    ref("last_status_id", "statuses"),
    flag("unread"),
    UniqueConstraint("account_id", "thread_id"),
    Index("ix_conversations_account_id_last_status_id", "account_id", "last_status_id"),
    Index("ix_conversations_last_status_id", "last_status_id"),
)

announcements = Table(  # what the staff tell everybody here
    "announcements",
    metadata,
    row_id(),
    Column("text", Text, nullable=False),  # as typed
    flag("all_day"),
    time("starts_at"),
    time("ends_at"),
    time("published_at"),
    time("created_at", null=False),
    time("updated_at", null=False),
)

announcement_reactions = Table(
    "announcement_reactions",
    metadata,
    row_id(),
    ref("announcement_id", "announcements"),
    ref("account_id", "accounts"),
    Column("name", Text, nullable=False),  # an emoji, or the shortcode of one of ours
    UniqueConstraint("announcement_id", "account_id", "name"),
    Index("ix_announcement_reactions_account_id", "account_id"),
)

announcement_reads = Table(
    "announcement_reads",
    metadata,
    ref("announcement_id", "announcements"),
    ref("account_id", "accounts"),
    UniqueConstraint("announcement_id", "account_id"),
    Index("ix_announcement_reads_account_id", "account_id"),
)
