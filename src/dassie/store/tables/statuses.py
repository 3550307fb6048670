"""Statuses, and what people do with them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from dassie.store.tables.columns import BIG_ID, count, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

statuses = Table(
    "statuses",
    metadata,
    row_id(),
    Column("uri", Text, nullable=False, unique=True),
    Column("url", Text),
    ref("account_id", "accounts"),
    flag("local"),
    Column("visibility", Text, nullable=False),
    string("content"),  # HTML, sanitised
    Column("text", Text),  # as typed, local only
    string("spoiler_text"),
    flag("sensitive"),
    Column("language", Text),
    Column("in_reply_to_id", BigInteger),
    Column("in_reply_to_account_id", BigInteger),
    Column("in_reply_to_uri", Text),  # kept while the parent is unknown here
    Column("thread_id", BigInteger, nullable=False),  # id of the thread's first status we know
    ref("reblog_of_id", "statuses", null=True),
    Column("quote_uri", Text),
    Column("application_id", BigInteger),
    Column("emojis", Json, nullable=False, server_default="[]"),  # [{shortcode, url}]
    flag("has_media"),
    flag("has_poll"),
    count("replies_count"),
    count("reblogs_count"),
    count("favourites_count"),
    count("quotes_count"),  # accepted ones
    count("quote_policy"),  # domain/quotes.py
    time("created_at", null=False),
    time("edited_at"),
    count("rev"),  # grows with every change that a shown status shows
    Index("ix_statuses_account_id_id", "account_id", "id"),
    Index("ix_statuses_in_reply_to_id", "in_reply_to_id", "id"),
    Index("ix_statuses_thread_id", "thread_id"),
)
Index(
    "ix_statuses_public",
    statuses.c.id,
    sqlite_where=text("visibility = 'public' AND reblog_of_id IS NULL"),
    postgresql_where=text("visibility = 'public' AND reblog_of_id IS NULL"),
)
Index(
    "ix_statuses_local",
    statuses.c.id,
    sqlite_where=text("local AND visibility = 'public' AND reblog_of_id IS NULL"),
    postgresql_where=text("local AND visibility = 'public' AND reblog_of_id IS NULL"),
)
Index(  # one reblog each; without NULLs, since SQLite would walk those for "is no reblog"
    "ix_statuses_reblog_of_id",
    statuses.c.reblog_of_id,
    statuses.c.account_id,
    unique=True,
    sqlite_where=text("reblog_of_id IS NOT NULL"),
    postgresql_where=text("reblog_of_id IS NOT NULL"),
)
Index(
    "ix_statuses_in_reply_to_uri",
    statuses.c.in_reply_to_uri,
    sqlite_where=text("in_reply_to_uri IS NOT NULL AND in_reply_to_id IS NULL"),
    postgresql_where=text("in_reply_to_uri IS NOT NULL AND in_reply_to_id IS NULL"),
)

status_edits = Table(
    "status_edits",
    metadata,
    row_id(),
    ref("status_id", "statuses"),
    Column("content", Text, nullable=False),
    string("spoiler_text"),
    flag("sensitive"),
    Column("media", Json, nullable=False, server_default="[]"),  # [{id, description}]
    Column("poll_options", Json),  # [title]
    Column("emojis", Json, nullable=False, server_default="[]"),
    Column("quote_uri", Text),  # of what it quoted then
    time("created_at", null=False),
    Index("ix_status_edits_status_id_id", "status_id", "id"),
)

quotes = Table(  # statuses that quote another one
    "quotes",
    metadata,
    Column("status_id", BIG_ID, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    ref("account_id", "accounts"),  # who quotes
    ref("quoted_id", "statuses", null=True, cascade=False),  # NULL while unknown here, or gone
    Column("quoted_account_id", BigInteger),
    Column("quoted_uri", Text, nullable=False),
    Column("state", Text, nullable=False),  # domain/quotes.py State
    Column("approval_uri", Text),  # of the author's consent, where there is one
    Column("request_uri", Text),  # of the QuoteRequest, ours or theirs
    Column("claimed_uri", Text),  # of the consent that another server's status names, to be proved
    time("created_at", null=False),
    Index("ix_quotes_quoted_id", "quoted_id", "status_id"),
)
Index(
    "ix_quotes_approval_uri",
    quotes.c.approval_uri,
    sqlite_where=text("approval_uri IS NOT NULL"),
    postgresql_where=text("approval_uri IS NOT NULL"),
)
Index(
    "ix_quotes_request_uri",
    quotes.c.request_uri,
    sqlite_where=text("request_uri IS NOT NULL"),
    postgresql_where=text("request_uri IS NOT NULL"),
)

scheduled_statuses = Table(  # what people here want to post later
    "scheduled_statuses",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("draft", Json, nullable=False),  # services/drafts.py Draft
    time("scheduled_at", null=False),
    Column("error", Text),  # why it could not be posted when its time came
    time("created_at", null=False),
    Index("ix_scheduled_statuses_account_id_id", "account_id", "id"),
    Index("ix_scheduled_statuses_account_id_at", "account_id", "scheduled_at"),
)

mentions = Table(
    "mentions",
    metadata,
    ref("status_id", "statuses"),
    ref("account_id", "accounts"),
    flag("silent"),  # addressed without being mentioned: may read, is not notified
    UniqueConstraint("status_id", "account_id"),
    Index("ix_mentions_account_id", "account_id", "status_id"),
)

favourites = Table(
    "favourites",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("status_id", "statuses"),
    Column("uri", Text),
    time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_favourites_status_id_id", "status_id", "id"),
    Index("ix_favourites_account_id_id", "account_id", "id"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("status_id", "statuses"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_bookmarks_account_id_id", "account_id", "id"),
    Index("ix_bookmarks_status_id", "status_id"),
)

pins = Table(
    "pins",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("status_id", "statuses"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_pins_status_id", "status_id"),
)

thread_mutes = Table(
    "thread_mutes",
    metadata,
    ref("account_id", "accounts"),
    Column("thread_id", BigInteger, nullable=False),
    time("created_at", null=False),
    UniqueConstraint("account_id", "thread_id"),
)

thread_fetches = Table(  # threads of other servers that were, or are being, read as a whole
    "thread_fetches",
    metadata,
    Column(
        "status_id", BigInteger, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("token", Text, nullable=False, unique=True),  # what apps ask by how it goes
    time("started_at", null=False),
    time("finished_at"),
    count("found"),  # so many posts came by it
    Index("ix_thread_fetches_started_at", "started_at"),
)

tombstones = Table(  # deleted before or after we saw them: never taken in again
    "tombstones",
    metadata,
    Column("uri", Text, primary_key=True),
    time("created_at", null=False),
    Index("ix_tombstones_created_at", "created_at"),
)

lists = Table(
    "lists",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("title", Text, nullable=False),
    Column("replies_policy", Text, nullable=False),  # followed, list, none
    flag("exclusive"),
    time("created_at", null=False),
    Index("ix_lists_account_id_id", "account_id", "id"),
)

list_accounts = Table(  # who is in a list
    "list_accounts",
    metadata,
    Column("list_id", BigInteger, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column(
        "account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sqlite_with_rowid=False,
)
Index("ix_list_accounts_account_id", list_accounts.c.account_id, list_accounts.c.list_id)

filters = Table(  # what somebody here wants to be warned of, or not to see
    "filters",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("title", Text, nullable=False),
    Column("contexts", Json, nullable=False),  # of domain/filters.py CONTEXTS
    Column("action", Text, nullable=False),  # warn, hide, blur
    time("expires_at"),
    time("created_at", null=False),
    Index("ix_filters_account_id_id", "account_id", "id"),
)

filter_keywords = Table(
    "filter_keywords",
    metadata,
    row_id(),
    ref("filter_id", "filters"),
    Column("keyword", Text, nullable=False),
    flag("whole_word", True),
    Index("ix_filter_keywords_filter_id_id", "filter_id", "id"),
)

filter_statuses = Table(  # single posts that a filter hides
    "filter_statuses",
    metadata,
    row_id(),
    ref("filter_id", "filters"),
    ref("status_id", "statuses"),
    UniqueConstraint("filter_id", "status_id"),
    Index("ix_filter_statuses_status_id", "status_id"),
)
