"""Apps and their access."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from dassie.store.tables.columns import flag, metadata, ref, row_id, string, time
from dassie.store.types import Json

oauth_apps = Table(
    "oauth_apps",
    metadata,
    row_id(),
    Column("client_id", Text, nullable=False, unique=True),
    Column("client_secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("website", Text),
    Column("redirect_uris", Json, nullable=False),
    Column("scopes", Text, nullable=False),
    time("created_at", null=False),
)

oauth_codes = Table(
    "oauth_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    ref("app_id", "oauth_apps"),
    ref("user_id", "users"),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("code_challenge", Text),
    time("expires_at", null=False),
    Index("ix_oauth_codes_expires_at", "expires_at"),
)

oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    row_id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    ref("app_id", "oauth_apps"),
    ref("user_id", "users", null=True),  # NULL: the app itself
    Column("scopes", Text, nullable=False),
    time("created_at", null=False),
    time("revoked_at"),
    time("last_used_at"),
    string("last_used_ip"),
    Index("ix_oauth_tokens_user_id", "user_id", "app_id"),
)

push_subscriptions = Table(  # Web Push: where an app's notifications are sent, one for each token
    "push_subscriptions",
    metadata,
    row_id(),
    Column("token_id", BigInteger, ForeignKey("oauth_tokens.id", ondelete="CASCADE"), nullable=False, unique=True),
    ref("account_id", "accounts"),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", LargeBinary, nullable=False),  # the app's public key, an uncompressed point
    Column("auth", LargeBinary, nullable=False),  # the secret it shares with us
    flag("standard"),  # RFC 8291; else the draft before it
    Column("alerts", Json, nullable=False, server_default="{}"),  # {type: wanted}
    string("policy", default="all"),  # all, followed, follower, none
    time("created_at", null=False),
    Index("ix_push_subscriptions_account_id", "account_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("status_id", BigInteger, nullable=False),
    time("created_at", null=False),
    UniqueConstraint("account_id", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
