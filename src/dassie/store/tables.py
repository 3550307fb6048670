"""Every table, in the words of the API (style.md section 4). Migrations are written against this page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dassie.store.types import Json, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
"""Only a key of type INTEGER is SQLite's own row id; BIGINT would cost an index and a second look-up."""


def _id() -> Column[int]:
    return Column("id", BIG_ID, primary_key=True, autoincrement=False)


def _ref(name: str, to: str, *, null: bool = False, cascade: bool = True) -> Column[int]:
    rule = "CASCADE" if cascade else "SET NULL"
    return Column(name, BigInteger, ForeignKey(f"{to}.id", ondelete=rule), nullable=null)


def _text(name: str, *, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _time(name: str, *, null: bool = True) -> Column[Any]:
    return Column(name, UtcTime, nullable=null)


# People ------------------------------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False),  # lower case, for look-ups
    _text("domain"),  # '' for our own
    Column("uri", Text, nullable=False, unique=True),
    _text("url"),
    _text("actor_type", default="Person"),
    _text("display_name"),
    _text("note"),  # HTML, sanitised
    Column("note_source", Text),  # as typed, local only
    Column("fields", Json, nullable=False, server_default="[]"),  # [{name, value, verified_at}]
    Column("fields_source", Json),  # as typed, local only
    Column("emojis", Json, nullable=False, server_default="[]"),  # [{shortcode, url}] used in name, note, fields
    _flag("locked"),
    _flag("discoverable"),
    _flag("indexable"),
    _flag("hide_collections"),
    _flag("memorial"),
    _text("inbox_url"),
    _text("shared_inbox_url"),
    _text("outbox_url"),
    _text("followers_url"),
    _text("following_url"),
    _text("featured_url"),
    Column("avatar_key", Text),  # local file
    Column("avatar_static_key", Text),
    Column("avatar_remote_url", Text),
    _text("avatar_description"),
    Column("header_key", Text),
    Column("header_static_key", Text),
    Column("header_remote_url", Text),
    _text("header_description"),
    Column("private_key", LargeBinary),  # ours only: PEM, encrypted with the server's secret
    Column("also_known_as", Json, nullable=False, server_default="[]"),
    Column("attribution_domains", Json, nullable=False, server_default="[]"),
    Column("moved_to_uri", Text),
    _time("silenced_at"),
    _time("suspended_at"),
    _count("statuses_count"),
    _count("followers_count"),
    _count("following_count"),
    _time("last_status_at"),
    _time("created_at", null=False),
    _time("fetched_at"),  # when the actor document was last read
    _time("materialised_at"),  # when what only a looker needs was fetched: proved handle, counters
    _flag("handle_trusted"),  # the handle is what its host says, WebFinger was not asked yet
    _count("rev"),  # grows with every change that a shown account shows
    UniqueConstraint("username_key", "domain"),
)
Index("ix_accounts_domain", accounts.c.domain, accounts.c.id)

account_keys = Table(
    "account_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    _ref("account_id", "accounts"),
    Column("public_key", Text, nullable=False),  # PEM or multibase
    _time("fetched_at", null=False),
    Index("ix_account_keys_account_id", "account_id"),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("email", Text, unique=True),
    Column("password_hash", Text, nullable=False),
    _text("role", default="User"),  # Owner, Admin, Moderator, User
    _text("locale", default="en"),
    Column("settings", Json, nullable=False, server_default="{}"),  # domain/settings.py UserSettings
    Column("recovery_codes", Json, nullable=False, server_default="[]"),  # hashes
    _flag("disabled"),
    _count("filters_rev"),  # grows with every change of the account's filters; 0: there never were any
    _time("created_at", null=False),
    _time("last_active_at"),
)

sessions = Table(  # signed-in browsers
    "sessions",
    metadata,
    _id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _ref("user_id", "users"),
    _text("ip"),
    _text("user_agent"),
    _time("created_at", null=False),
    _time("last_used_at", null=False),
    Index("ix_sessions_user_id", "user_id", "last_used_at"),
)

follows = Table(
    "follows",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    Column("uri", Text),  # of the Follow
    _flag("show_reblogs", True),
    _flag("notify"),
    Column("languages", Json),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_follows_target_id_id", "target_id", "id"),
    Index("ix_follows_account_id_id", "account_id", "id"),
)
Index(
    "ix_follows_uri",
    follows.c.uri,
    sqlite_where=text("uri IS NOT NULL"),
    postgresql_where=text("uri IS NOT NULL"),
)

follow_requests = Table(
    "follow_requests",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    Column("uri", Text),
    _flag("show_reblogs", True),
    _flag("notify"),
    Column("languages", Json),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_follow_requests_target_id_id", "target_id", "id"),
)
Index(
    "ix_follow_requests_uri",
    follow_requests.c.uri,
    sqlite_where=text("uri IS NOT NULL"),
    postgresql_where=text("uri IS NOT NULL"),
)

blocks = Table(
    "blocks",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    Column("uri", Text),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_blocks_target_id", "target_id"),
    Index("ix_blocks_account_id_id", "account_id", "id"),
)

mutes = Table(
    "mutes",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    _flag("hide_notifications", True),
    _time("expires_at"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_mutes_account_id_id", "account_id", "id"),
    Index("ix_mutes_target_id", "target_id"),
)

account_notes = Table(  # private words about somebody
    "account_notes",
    metadata,
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    Column("comment", Text, nullable=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_account_notes_target_id", "target_id"),
)

account_domain_blocks = Table(  # servers that somebody here wants nothing to do with
    "account_domain_blocks",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    Column("domain", Text, nullable=False),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "domain"),
    Index("ix_account_domain_blocks_account_id_id", "account_id", "id"),
)

endorsements = Table(  # people that somebody here shows on their profile
    "endorsements",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_endorsements_target_id", "target_id"),
    Index("ix_endorsements_account_id_id", "account_id", "id"),
)

dismissed_suggestions = Table(  # whom somebody here does not want to be shown as worth following
    "dismissed_suggestions",
    metadata,
    _ref("account_id", "accounts"),
    _ref("target_id", "accounts"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_dismissed_suggestions_target_id", "target_id"),
)

# Statuses ----------------------------------------------------------------------------------------

statuses = Table(
    "statuses",
    metadata,
    _id(),
    Column("uri", Text, nullable=False, unique=True),
    Column("url", Text),
    _ref("account_id", "accounts"),
    _flag("local"),
    Column("visibility", Text, nullable=False),
    _text("content"),  # HTML, sanitised
    Column("text", Text),  # as typed, local only
    _text("spoiler_text"),
    _flag("sensitive"),
    Column("language", Text),
    Column("in_reply_to_id", BigInteger),
    Column("in_reply_to_account_id", BigInteger),
    Column("in_reply_to_uri", Text),  # kept while the parent is unknown here
    Column("thread_id", BigInteger, nullable=False),  # id of the thread's first status we know
    _ref("reblog_of_id", "statuses", null=True),
    Column("quote_uri", Text),
    Column("application_id", BigInteger),
    Column("emojis", Json, nullable=False, server_default="[]"),  # [{shortcode, url}]
    _flag("has_media"),
    _flag("has_poll"),
    _count("replies_count"),
    _count("reblogs_count"),
    _count("favourites_count"),
    _time("created_at", null=False),
    _time("edited_at"),
    _count("rev"),  # grows with every change that a shown status shows
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
    _id(),
    _ref("status_id", "statuses"),
    Column("content", Text, nullable=False),
    _text("spoiler_text"),
    _flag("sensitive"),
    Column("media", Json, nullable=False, server_default="[]"),  # [{id, description}]
    Column("poll_options", Json),  # [title]
    Column("emojis", Json, nullable=False, server_default="[]"),
    _time("created_at", null=False),
    Index("ix_status_edits_status_id_id", "status_id", "id"),
)

scheduled_statuses = Table(  # what people here want to post later
    "scheduled_statuses",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    Column("draft", Json, nullable=False),  # services/drafts.py Draft
    _time("scheduled_at", null=False),
    Column("error", Text),  # why it could not be posted when its time came
    _time("created_at", null=False),
    Index("ix_scheduled_statuses_account_id_id", "account_id", "id"),
    Index("ix_scheduled_statuses_account_id_at", "account_id", "scheduled_at"),
)

media_attachments = Table(
    "media_attachments",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("status_id", "statuses", null=True, cascade=False),
    _ref("scheduled_id", "scheduled_statuses", null=True, cascade=False),  # held for this one
    _count("position"),
    _text("state", default="ready"),  # waiting, ready, failed
    Column("error", Text),
    Column("kind", Text, nullable=False),  # image, gifv, video, audio, unknown
    Column("file_key", Text),
    Column("file_type", Text),
    Column("file_size", BigInteger, nullable=False, server_default="0"),
    Column("small_key", Text),
    Column("small_type", Text),
    Column("small_size", BigInteger, nullable=False, server_default="0"),
    Column("remote_url", Text),
    Column("small_remote_url", Text),
    Column("description", Text),
    Column("blurhash", Text),
    Column("focus_x", Float),
    Column("focus_y", Float),
    Column("meta", Json, nullable=False, server_default="{}"),
    _time("created_at", null=False),
    Index("ix_media_attachments_status_id", "status_id", "position"),
    Index("ix_media_attachments_account_id", "account_id", "id"),
)
Index(
    "ix_media_attachments_scheduled_id",
    media_attachments.c.scheduled_id,
    sqlite_where=text("scheduled_id IS NOT NULL"),
    postgresql_where=text("scheduled_id IS NOT NULL"),
)
Index(
    "ix_media_attachments_loose",
    media_attachments.c.created_at,
    sqlite_where=text("status_id IS NULL"),
    postgresql_where=text("status_id IS NULL"),
)
Index(  # whose a cached file is
    "ix_media_attachments_remote_url",
    media_attachments.c.remote_url,
    sqlite_where=text("remote_url IS NOT NULL"),
    postgresql_where=text("remote_url IS NOT NULL"),
)
Index(
    "ix_media_attachments_small_remote_url",
    media_attachments.c.small_remote_url,
    sqlite_where=text("small_remote_url IS NOT NULL"),
    postgresql_where=text("small_remote_url IS NOT NULL"),
)

preview_cards = Table(  # what pages that posts link to say of themselves
    "preview_cards",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),  # as the page calls itself
    Column("type", Text, nullable=False),  # link, photo, video
    _text("title"),
    _text("description"),
    Column("language", Text),
    _text("author_name"),
    _text("author_url"),
    _ref("author_account_id", "accounts", null=True, cascade=False),  # named by the page, who allows its domain
    _text("provider_name"),
    _text("provider_url"),
    _text("html"),  # one iframe, sanitised
    _text("embed_url"),
    _count("width"),
    _count("height"),
    Column("image_url", Text),
    _text("image_description"),
    Column("blurhash", Text),
    _time("published_at"),
    _time("updated_at", null=False),
    Index("ix_preview_cards_author_account_id", "author_account_id"),
)
Index(
    "ix_preview_cards_image_url",
    preview_cards.c.image_url,
    sqlite_where=text("image_url IS NOT NULL"),
    postgresql_where=text("image_url IS NOT NULL"),
)

card_links = Table(  # addresses as they stand in posts; without a card: there is none, or it is not known yet
    "card_links",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),
    _ref("card_id", "preview_cards", null=True, cascade=False),
    _count("failures"),  # in a row
    _time("next_at", null=False),  # not fetched (again) before this, and only when somebody looks
    _time("used_at", null=False),  # when a post last came to it
    Index("ix_card_links_card_id", "card_id"),
    Index("ix_card_links_used_at", "used_at"),
)

status_cards = Table(  # which link a status is shown with; without one: it was looked at, and has none
    "status_cards",
    metadata,
    Column("status_id", BIG_ID, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _ref("link_id", "card_links", null=True),
)
Index(
    "ix_status_cards_link_id",
    status_cards.c.link_id,
    status_cards.c.status_id,
    sqlite_where=text("link_id IS NOT NULL"),
    postgresql_where=text("link_id IS NOT NULL"),
)

mentions = Table(
    "mentions",
    metadata,
    _ref("status_id", "statuses"),
    _ref("account_id", "accounts"),
    _flag("silent"),  # addressed without being mentioned: may read, is not notified
    UniqueConstraint("status_id", "account_id"),
    Index("ix_mentions_account_id", "account_id", "status_id"),
)

tags = Table(
    "tags",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),  # normalised
    Column("display_name", Text, nullable=False),
    _time("created_at", null=False),
)

status_tags = Table(
    "status_tags",
    metadata,
    _ref("tag_id", "tags"),
    _ref("status_id", "statuses"),
    _count("position"),
    UniqueConstraint("tag_id", "status_id"),
    Index("ix_status_tags_status_id", "status_id"),
)

polls = Table(
    "polls",
    metadata,
    _id(),
    Column("status_id", BigInteger, ForeignKey("statuses.id", ondelete="CASCADE"), nullable=False, unique=True),
    _ref("account_id", "accounts"),
    Column("options", Json, nullable=False),  # [{title, votes}]
    _flag("multiple"),
    _flag("hide_totals"),
    _count("votes_count"),
    Column("voters_count", Integer),
    _time("expires_at"),
    _time("fetched_at"),
    _time("closed_at"),  # when the results were told to those who voted
)
Index(
    "ix_polls_open",
    polls.c.expires_at,
    sqlite_where=text("closed_at IS NULL AND expires_at IS NOT NULL"),
    postgresql_where=text("closed_at IS NULL AND expires_at IS NOT NULL"),
)

poll_votes = Table(
    "poll_votes",
    metadata,
    _id(),
    _ref("poll_id", "polls"),
    _ref("account_id", "accounts"),
    Column("choice", SmallInteger, nullable=False),
    Column("uri", Text),
    _time("created_at", null=False),
    UniqueConstraint("poll_id", "account_id", "choice"),
    Index("ix_poll_votes_account_id", "account_id"),
)

favourites = Table(
    "favourites",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("status_id", "statuses"),
    Column("uri", Text),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_favourites_status_id_id", "status_id", "id"),
    Index("ix_favourites_account_id_id", "account_id", "id"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("status_id", "statuses"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_bookmarks_account_id_id", "account_id", "id"),
    Index("ix_bookmarks_status_id", "status_id"),
)

pins = Table(
    "pins",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("status_id", "statuses"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "status_id"),
    Index("ix_pins_status_id", "status_id"),
)

thread_mutes = Table(
    "thread_mutes",
    metadata,
    _ref("account_id", "accounts"),
    Column("thread_id", BigInteger, nullable=False),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "thread_id"),
)

custom_emojis = Table(
    "custom_emojis",
    metadata,
    _id(),
    Column("shortcode", Text, nullable=False),
    _text("domain"),  # '' for our own
    Column("uri", Text),
    Column("file_key", Text),
    Column("static_key", Text),  # where it moves, a still one
    Column("file_type", Text),
    Column("file_size", BigInteger, nullable=False, server_default="0"),  # of both files
    Column("remote_url", Text),
    Column("category", Text),
    _flag("visible_in_picker", True),
    _flag("featured"),
    _flag("disabled"),
    _time("updated_at", null=False),
    UniqueConstraint("shortcode", "domain"),
)

arrivals = Table(  # why a status of another server is here, what it weighs, and when somebody last saw it
    "arrivals",
    metadata,
    Column("status_id", BIG_ID, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("reason", SmallInteger, nullable=False),  # domain/arrivals.py Reason
    Column("bytes", Integer, nullable=False),  # of its rows, as `arrivals.weight` reckons
    _flag("seen"),
    _time("arrived_at", null=False),
    _time("ranked_at", null=False),  # those of the lowest rank go first when room is needed
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

tombstones = Table(  # deleted before or after we saw them: never taken in again
    "tombstones",
    metadata,
    Column("uri", Text, primary_key=True),
    _time("created_at", null=False),
    Index("ix_tombstones_created_at", "created_at"),
)

followed_tags = Table(
    "followed_tags",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("tag_id", "tags"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "tag_id"),
    Index("ix_followed_tags_tag_id", "tag_id"),
    Index("ix_followed_tags_account_id_id", "account_id", "id"),
)

featured_tags = Table(  # hashtags that people here show on their profile
    "featured_tags",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("tag_id", "tags"),
    Column("name", Text, nullable=False),  # as typed
    _time("created_at", null=False),
    UniqueConstraint("account_id", "tag_id"),
    Index("ix_featured_tags_tag_id", "tag_id"),
)

trends = Table(  # what is talked of, reckoned anew now and then
    "trends",
    metadata,
    Column("kind", Text, primary_key=True),  # tag, status, link
    Column("target_id", BigInteger, primary_key=True, autoincrement=False),  # of the tag, status or card
    Column("score", Float, nullable=False),
    sqlite_with_rowid=False,
)

lists = Table(
    "lists",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    Column("title", Text, nullable=False),
    Column("replies_policy", Text, nullable=False),  # followed, list, none
    _flag("exclusive"),
    _time("created_at", null=False),
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
    _id(),
    _ref("account_id", "accounts"),
    Column("title", Text, nullable=False),
    Column("contexts", Json, nullable=False),  # of domain/filters.py CONTEXTS
    Column("action", Text, nullable=False),  # warn, hide, blur
    _time("expires_at"),
    _time("created_at", null=False),
    Index("ix_filters_account_id_id", "account_id", "id"),
)

filter_keywords = Table(
    "filter_keywords",
    metadata,
    _id(),
    _ref("filter_id", "filters"),
    Column("keyword", Text, nullable=False),
    _flag("whole_word", True),
    Index("ix_filter_keywords_filter_id_id", "filter_id", "id"),
)

filter_statuses = Table(  # single posts that a filter hides
    "filter_statuses",
    metadata,
    _id(),
    _ref("filter_id", "filters"),
    _ref("status_id", "statuses"),
    UniqueConstraint("filter_id", "status_id"),
    Index("ix_filter_statuses_status_id", "status_id"),
)

# What people see -----------------------------------------------------------------------------------

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
    _id(),
    _ref("account_id", "accounts"),  # who is told
    Column("type", Text, nullable=False),
    _ref("from_account_id", "accounts"),
    _ref("status_id", "statuses", null=True),
    _text("group_key"),
    _flag("filtered"),
    _time("created_at", null=False),
    Index("ix_notifications_account_id_id", "account_id", "id"),
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
    _count("followers_count"),
    _count("following_count"),
    _time("created_at", null=False),
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
    _ref("account_id", "accounts"),
    _ref("from_account_id", "accounts"),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "from_account_id"),
    Index("ix_notification_permissions_from_account_id", "from_account_id"),
)

notification_requests = Table(  # senders whose mentions are held back
    "notification_requests",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _ref("from_account_id", "accounts"),
    _time("created_at", null=False),
    _time("updated_at", null=False),
    UniqueConstraint("account_id", "from_account_id"),
    Index("ix_notification_requests_account_id_id", "account_id", "id"),
    Index("ix_notification_requests_from_account_id", "from_account_id"),
)

markers = Table(
    "markers",
    metadata,
    _ref("user_id", "users"),
    Column("timeline", Text, nullable=False),
    Column("last_read_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    _time("updated_at", null=False),
    UniqueConstraint("user_id", "timeline"),
)

conversations = Table(  # direct messages, one row per thread and person here
    "conversations",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    Column("thread_id", BigInteger, nullable=False),
    Column("participants", Json, nullable=False),  # account ids of the others
    _ref("last_status_id", "statuses"),
    _flag("unread"),
    UniqueConstraint("account_id", "thread_id"),
    Index("ix_conversations_account_id_last_status_id", "account_id", "last_status_id"),
    Index("ix_conversations_last_status_id", "last_status_id"),
)

announcements = Table(  # what the staff tell everybody here
    "announcements",
    metadata,
    _id(),
    Column("text", Text, nullable=False),  # as typed
    _flag("all_day"),
    _time("starts_at"),
    _time("ends_at"),
    _time("published_at"),
    _time("created_at", null=False),
    _time("updated_at", null=False),
)

announcement_reactions = Table(
    "announcement_reactions",
    metadata,
    _id(),
    _ref("announcement_id", "announcements"),
    _ref("account_id", "accounts"),
    Column("name", Text, nullable=False),  # an emoji, or the shortcode of one of ours
    UniqueConstraint("announcement_id", "account_id", "name"),
    Index("ix_announcement_reactions_account_id", "account_id"),
)

announcement_reads = Table(
    "announcement_reads",
    metadata,
    _ref("announcement_id", "announcements"),
    _ref("account_id", "accounts"),
    UniqueConstraint("announcement_id", "account_id"),
    Index("ix_announcement_reads_account_id", "account_id"),
)

# Apps ----------------------------------------------------------------------------------------------

oauth_apps = Table(
    "oauth_apps",
    metadata,
    _id(),
    Column("client_id", Text, nullable=False, unique=True),
    Column("client_secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("website", Text),
    Column("redirect_uris", Json, nullable=False),
    Column("scopes", Text, nullable=False),
    _time("created_at", null=False),
)

oauth_codes = Table(
    "oauth_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    _ref("app_id", "oauth_apps"),
    _ref("user_id", "users"),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("code_challenge", Text),
    _time("expires_at", null=False),
    Index("ix_oauth_codes_expires_at", "expires_at"),
)

oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    _id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _ref("app_id", "oauth_apps"),
    _ref("user_id", "users", null=True),  # NULL: the app itself
    Column("scopes", Text, nullable=False),
    _time("created_at", null=False),
    _time("revoked_at"),
    _time("last_used_at"),
    _text("last_used_ip"),
    Index("ix_oauth_tokens_user_id", "user_id", "app_id"),
)

push_subscriptions = Table(  # Web Push: where an app's notifications are sent, one for each token
    "push_subscriptions",
    metadata,
    _id(),
    Column("token_id", BigInteger, ForeignKey("oauth_tokens.id", ondelete="CASCADE"), nullable=False, unique=True),
    _ref("account_id", "accounts"),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", LargeBinary, nullable=False),  # the app's public key, an uncompressed point
    Column("auth", LargeBinary, nullable=False),  # the secret it shares with us
    _flag("standard"),  # RFC 8291; else the draft before it
    Column("alerts", Json, nullable=False, server_default="{}"),  # {type: wanted}
    _text("policy", default="all"),  # all, followed, follower, none
    _time("created_at", null=False),
    Index("ix_push_subscriptions_account_id", "account_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("status_id", BigInteger, nullable=False),
    _time("created_at", null=False),
    UniqueConstraint("account_id", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

# Other servers ---------------------------------------------------------------------------------------

peers = Table(
    "peers",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("software", Text),
    Column("version", Text),
    Column("signature_scheme", Text),  # what last worked: cavage or rfc9421
    _time("suspended_at"),
    _time("created_at", null=False),
    _time("last_seen_at"),  # last valid request from there
    _time("failing_since"),
    _time("checked_at"),  # NodeInfo
)

activities = Table(  # what we send, serialised once
    "activities",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    Column("object_uri", Text),  # of the status it is about: for its delivery receipt
    Column("body", LargeBinary, nullable=False),
    _time("created_at", null=False),
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
    _time("fetched_at", null=False),
    _time("last_seen_at", null=False),
    Index("ix_cached_files_last_seen_at", "last_seen_at"),
    Index("ix_cached_files_kind", "kind", "last_seen_at"),
)

relays = Table(
    "relays",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),  # as given: its inbox or its actor
    Column("kind", Text, nullable=False),  # mastodon, litepub
    Column("state", Text, nullable=False),  # pending, accepted, rejected, left
    Column("domain", Text, nullable=False),
    _text("inbox_url"),
    Column("actor_uri", Text),  # known from the start (litepub) or once it answered
    Column("follow_uri", Text, nullable=False),  # of our Follow
    _flag("sends", True),  # our public posts go there
    Column("rules", Json, nullable=False, server_default="{}"),  # domain/relays.py RelayRules
    Column("last_error", Text),
    _time("paused_until"),
    _time("trial_until"),  # until then it is only sampled
    Column("trial", Json),  # what the sample found
    _time("accepted_at"),
    _time("last_heard_at"),
    _time("created_at", null=False),
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

# The queue -------------------------------------------------------------------------------------------

jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("args", LargeBinary, nullable=False),  # JSON
    Column("lane", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),  # domain/jobs.py State
    _text("host"),  # the server it concerns, '' for ours
    Column("run_at", UtcTime, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("unique_key", Text),
    Column("order_key", Text),
    Column("cause", Text),  # what started it, such as `relay 17`: to be called off together
    _time("lease_until"),
    Column("worker", Text),
    Column("error", Text),
    _time("created_at", null=False),
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
    _count("failures"),  # in a row
    _time("open_until"),  # no requests before this
    _time("failing_since"),
    _time("last_success_at"),
    Column("last_error", Text),
    Column("reason", Text),  # domain/breaking.py REASONS
    Column("mean_ms", Integer),  # of the time to its answers
    Column("deviation_ms", Integer),
    _time("updated_at", null=False),
)

job_attempts = Table(  # what became of each delivery: the receipt
    "job_attempts",
    metadata,
    Column("activity_id", BigInteger, nullable=False),
    Column("inbox", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, delivered, gave_up
    _count("tries"),
    Column("code", Integer),
    Column("error", Text),
    _time("next_at"),
    _time("updated_at", null=False),
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
    _id(),
    Column("account_id", BigInteger),
    Column("action", Text, nullable=False),
    _text("subject"),
    _text("ip"),
    Column("details", Json, nullable=False, server_default="{}"),
    _time("created_at", null=False),
)
