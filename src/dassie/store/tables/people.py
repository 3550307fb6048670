"""People: accounts, logins, and what they have to do with each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from dassie.store.tables.columns import count, flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

accounts = Table(
    "accounts",
    metadata,
    row_id(),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False),  # lower case, for look-ups
    string("domain"),  # '' for our own
    Column("uri", Text, nullable=False, unique=True),
    string("url"),
    string("actor_type", default="Person"),
    string("display_name"),
    string("note"),  # HTML, sanitised
    Column("note_source", Text),  # as typed, local only
    Column("fields", Json, nullable=False, server_default="[]"),  # [{name, value, verified_at}]
    Column("fields_source", Json),  # as typed, local only
    Column("emojis", Json, nullable=False, server_default="[]"),  # [{shortcode, url}] used in name, note, fields
    flag("locked"),
    flag("discoverable"),
    flag("indexable"),
    flag("hide_collections"),
    flag("show_media", default=True),  # which parts of the profile the owner wants seen
    flag("show_media_replies", default=True),
    flag("show_featured", default=True),
    flag("memorial"),
    string("inbox_url"),
    string("shared_inbox_url"),
    string("outbox_url"),
    string("followers_url"),
    string("following_url"),
    string("featured_url"),
    string("featured_tags_url"),
    string("featured_collections_url"),
    flag("email_subscriptions"),  # ours only: strangers may have public posts sent to them by mail
    string("shown_role"),  # ours only: that of the login, where it stands on the profile
    string("feature_policy"),  # who may put them into a collection, as their server says (domain/collections.py)
    time("collections_fetched_at"),
    Column("avatar_key", Text),  # local file
    Column("avatar_static_key", Text),
    Column("avatar_remote_url", Text),
    string("avatar_description"),
    Column("header_key", Text),
    Column("header_static_key", Text),
    Column("header_remote_url", Text),
    string("header_description"),
    Column("private_key", LargeBinary),  # ours only: PEM, encrypted with the server's secret
    Column("also_known_as", Json, nullable=False, server_default="[]"),
    Column("attribution_domains", Json, nullable=False, server_default="[]"),
    Column("moved_to_uri", Text),
    time("silenced_at"),
    time("suspended_at"),
    count("statuses_count"),
    count("followers_count"),
    count("following_count"),
    time("last_status_at"),
    time("created_at", null=False),
    time("fetched_at"),  # when the actor document was last read
    time("materialised_at"),  # when what only a looker needs was fetched: proved handle, counters
    flag("pending"),  # signed up here, not confirmed or not approved yet: nobody sees it
    flag("handle_trusted"),  # the handle is what its host says, WebFinger was not asked yet
    count("rev"),  # grows with every change that a shown account shows
    UniqueConstraint("username_key", "domain"),
)
Index("ix_accounts_domain", accounts.c.domain, accounts.c.id)

account_keys = Table(
    "account_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    ref("account_id", "accounts"),
    Column("public_key", Text, nullable=False),  # PEM or multibase
    time("fetched_at", null=False),
    Index("ix_account_keys_account_id", "account_id"),
)

users = Table(
    "users",
    metadata,
    row_id(),
    Column("account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("email", Text, unique=True),
    Column("password_hash", Text, nullable=False),
    string("role", default="User"),  # Owner, Admin, Moderator, User
    string("locale", default="en"),
    Column("settings", Json, nullable=False, server_default="{}"),  # domain/settings.py UserSettings
    Column("recovery_codes", Json, nullable=False, server_default="[]"),  # hashes
    flag("disabled"),
    flag("approved", True),
    time("confirmed_at"),  # when the mail address was proved, or taken on trust
    Column("unconfirmed_email", Text),  # a new address, until it is proved
    string("sign_up_reason"),
    string("sign_up_ip"),
    Column("app_id", BigInteger),  # by which somebody signed up
    Column("invite_id", BigInteger),  # with which; invites may go
    count("filters_rev"),  # grows with every change of the account's filters; 0: there never were any
    time("created_at", null=False),
    time("last_active_at"),
)

Index(  # few: those who wait
    "ix_users_waiting",
    users.c.id,
    sqlite_where=text("NOT approved OR confirmed_at IS NULL"),
    postgresql_where=text("NOT approved OR confirmed_at IS NULL"),
)

invites = Table(  # links by which people bring others here
    "invites",
    metadata,
    row_id(),
    ref("user_id", "users"),
    Column("code", Text, nullable=False, unique=True),
    Column("max_uses", Integer),
    count("uses"),
    flag("autofollow"),
    time("expires_at"),
    time("created_at", null=False),
    Index("ix_invites_user_id_id", "user_id", "id"),
)

sessions = Table(  # signed-in browsers
    "sessions",
    metadata,
    row_id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    ref("user_id", "users"),
    string("ip"),
    string("user_agent"),
    time("created_at", null=False),
    time("last_used_at", null=False),
    Index("ix_sessions_user_id", "user_id", "last_used_at"),
)

follows = Table(
    "follows",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    Column("uri", Text),  # of the Follow
    flag("show_reblogs", True),
    flag("notify"),
    Column("languages", Json),
    time("created_at", null=False),
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
    row_id(),
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    Column("uri", Text),
    flag("show_reblogs", True),
    flag("notify"),
    Column("languages", Json),
    time("created_at", null=False),
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
    row_id(),
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    Column("uri", Text),
    time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_blocks_target_id", "target_id"),
    Index("ix_blocks_account_id_id", "account_id", "id"),
)

mutes = Table(
    "mutes",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    flag("hide_notifications", True),
    time("expires_at"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_mutes_account_id_id", "account_id", "id"),
    Index("ix_mutes_target_id", "target_id"),
)

account_notes = Table(  # private words about somebody
    "account_notes",
    metadata,
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    Column("comment", Text, nullable=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_account_notes_target_id", "target_id"),
)

account_domain_blocks = Table(  # servers that somebody here wants nothing to do with
    "account_domain_blocks",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    Column("domain", Text, nullable=False),
    time("created_at", null=False),
    UniqueConstraint("account_id", "domain"),
    Index("ix_account_domain_blocks_account_id_id", "account_id", "id"),
)

endorsements = Table(  # people that somebody here shows on their profile
    "endorsements",
    metadata,
    row_id(),
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_endorsements_target_id", "target_id"),
    Index("ix_endorsements_account_id_id", "account_id", "id"),
)

dismissed_suggestions = Table(  # whom somebody here does not want to be shown as worth following
    "dismissed_suggestions",
    metadata,
    ref("account_id", "accounts"),
    ref("target_id", "accounts"),
    time("created_at", null=False),
    UniqueConstraint("account_id", "target_id"),
    Index("ix_dismissed_suggestions_target_id", "target_id"),
)
