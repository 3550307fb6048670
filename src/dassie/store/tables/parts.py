"""What statuses are made of beside their text: files, hashtags, polls, emoji, link cards; and what is talked of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dassie.store.tables.columns import BIG_ID, count, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

media_attachments = Table(
    "media_attachments",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("status_id", "statuses", null=True, cascade=False),
    ref("scheduled_id", "scheduled_statuses", null=True, cascade=False),  # held for this one
    count("position"),
    string("state", default="ready"),  # waiting, ready, failed
    Column("error", Text),
    Column("kind", Text, nullable=False),  # image, gifv, video, audio, unknown
    Column("file_key", Text),
    Column("file_type", Text),
    Column("file_size", BigInteger, nullable=False, server_default="0"),
    Column("small_key", Text),
    Column("small_type", Text),
    Column("small_size", BigInteger, nullable=False, server_default="0"),
    flag("small_chosen"),  # by its owner; else it was made of the file
    Column("remote_url", Text),
    Column("small_remote_url", Text),
    Column("description", Text),
    Column("blurhash", Text),
    Column("focus_x", Float),
    Column("focus_y", Float),
    Column("meta", Json, nullable=False, server_default="{}"),
    time("created_at", null=False),
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
    row_id(),
    Column("url", Text, nullable=False, unique=True),  # as the page calls itself
    Column("type", Text, nullable=False),  # link, photo, video
    string("title"),
    string("description"),
    Column("language", Text),
    string("author_name"),
    string("author_url"),
    ref("author_account_id", "accounts", null=True, cascade=False),  # named by the page, who allows its domain
    string("provider_name"),
    string("provider_url"),
    string("html"),  # one iframe, sanitised
    string("embed_url"),
    count("width"),
    count("height"),
    Column("image_url", Text),
    string("image_description"),
    Column("blurhash", Text),
    time("published_at"),
    time("updated_at", null=False),
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
    row_id(),
    Column("url", Text, nullable=False, unique=True),
    ref("card_id", "preview_cards", null=True, cascade=False),
    count("failures"),  # in a row
    time("next_at", null=False),  # not fetched (again) before this, and only when somebody looks
    time("used_at", null=False),  # when a post last came to it
    Index("ix_card_links_card_id", "card_id"),
    Index("ix_card_links_used_at", "used_at"),
)

status_cards = Table(  # which link a status is shown with; without one: it was looked at, and has none
    "status_cards",
    metadata,
    Column("status_id", BIG_ID, ForeignKey("statuses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    ref("link_id", "card_links", null=True),
)
Index(
    "ix_status_cards_link_id",
    status_cards.c.link_id,
    status_cards.c.status_id,
    sqlite_where=text("link_id IS NOT NULL"),
    postgresql_where=text("link_id IS NOT NULL"),
)

tags = Table(
    "tags",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),  # normalised
    Column("display_name", Text, nullable=False),
    time("created_at", null=False),
)

status_tags = Table(
    "status_tags",
    metadata,
    ref("tag_id", "tags"),
    ref("status_id", "statuses"),
    count("position"),
    UniqueConstraint("tag_id", "status_id"),
    Index("ix_status_tags_status_id", "status_id"),
)

polls = Table(
    "polls",
    metadata,
    row_id(),
    Column("status_id", BigInteger, ForeignKey("statuses.id", ondelete="CASCADE"), nullable=False, unique=True),
    ref("account_id", "accounts"),
    Column("options", Json, nullable=False),  # [{title, votes}]
    flag("multiple"),
    flag("hide_totals"),
    count("votes_count"),
    Column("voters_count", Integer),
    time("expires_at"),
    time("fetched_at"),
    time("closed_at"),  # when the results were told to those who voted
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
    row_id(),
    ref("poll_id", "polls"),
    ref("account_id", "accounts"),
    Column("choice", SmallInteger, nullable=False),
    Column("uri", Text),
    time("created_at", null=False),
    UniqueConstraint("poll_id", "account_id", "choice"),
    Index("ix_poll_votes_account_id", "account_id"),
)

custom_emojis = Table(
    "custom_emojis",
    metadata,
    row_id(),
    Column("shortcode", Text, nullable=False),
    string("domain"),  # '' for our own
    Column("uri", Text),
    Column("file_key", Text),
    Column("static_key", Text),  # where it moves, a still one
    Column("file_type", Text),
    Column("file_size", BigInteger, nullable=False, server_default="0"),  # of both files
    Column("remote_url", Text),
    Column("category", Text),
    flag("visible_in_picker", True),
    flag("featured"),
    flag("disabled"),
    time("updated_at", null=False),
    UniqueConstraint("shortcode", "domain"),
)

followed_tags = Table(
    "followed_tags",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("tag_id", "tags"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "tag_id"),
    Index("ix_followed_tags_tag_id", "tag_id"),
    Index("ix_followed_tags_account_id_id", "account_id", "id"),
)

featured_tags = Table(  # hashtags that people here show on their profile
    "featured_tags",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("tag_id", "tags"),
    Column("name", Text, nullable=False),  # as typed
    time("created_at", null=False),
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
