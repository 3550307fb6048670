"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), server_default="", nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_type", sa.Text(), server_default="Person", nullable=False),
        sa.Column("display_name", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("note_source", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), server_default="[]", nullable=False),
        sa.Column("fields_source", sa.Text(), nullable=True),
        sa.Column("emojis", sa.Text(), server_default="[]", nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("discoverable", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("indexable", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("hide_collections", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("show_media", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("show_media_replies", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("show_featured", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("memorial", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("inbox_url", sa.Text(), server_default="", nullable=False),
        sa.Column("shared_inbox_url", sa.Text(), server_default="", nullable=False),
        sa.Column("outbox_url", sa.Text(), server_default="", nullable=False),
        sa.Column("followers_url", sa.Text(), server_default="", nullable=False),
        sa.Column("following_url", sa.Text(), server_default="", nullable=False),
        sa.Column("featured_url", sa.Text(), server_default="", nullable=False),
        sa.Column("featured_tags_url", sa.Text(), server_default="", nullable=False),
        sa.Column("featured_collections_url", sa.Text(), server_default="", nullable=False),
        sa.Column("email_subscriptions", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("shown_role", sa.Text(), server_default="", nullable=False),
        sa.Column("feature_policy", sa.Text(), server_default="", nullable=False),
        sa.Column("collections_fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("avatar_key", sa.Text(), nullable=True),
        sa.Column("avatar_static_key", sa.Text(), nullable=True),
        sa.Column("avatar_remote_url", sa.Text(), nullable=True),
        sa.Column("avatar_description", sa.Text(), server_default="", nullable=False),
        sa.Column("header_key", sa.Text(), nullable=True),
        sa.Column("header_static_key", sa.Text(), nullable=True),
        sa.Column("header_remote_url", sa.Text(), nullable=True),
        sa.Column("header_description", sa.Text(), server_default="", nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("also_known_as", sa.Text(), server_default="[]", nullable=False),
        sa.Column("attribution_domains", sa.Text(), server_default="[]", nullable=False),
        sa.Column("moved_to_uri", sa.Text(), nullable=True),
        sa.Column("silenced_at", sa.BigInteger(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("statuses_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("followers_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("following_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_status_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("materialised_at", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("handle_trusted", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("rev", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("uri", name=op.f("uq_accounts_uri")),
        sa.UniqueConstraint("username_key", "domain", name=op.f("uq_accounts_username_key_domain")),
    )
    op.create_index("ix_accounts_domain", "accounts", ["domain", "id"], unique=False)
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("all_day", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("ip", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_table(
        "cached_files",
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("url_hash", name=op.f("pk_cached_files")),
    )
    op.create_index("ix_cached_files_kind", "cached_files", ["kind", "last_seen_at"], unique=False)
    op.create_index("ix_cached_files_last_seen_at", "cached_files", ["last_seen_at"], unique=False)
    op.create_table(
        "counters",
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("span", "at", "name", name=op.f("uq_counters_span_at_name")),
    )
    op.create_table(
        "custom_emojis",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("shortcode", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), server_default="", nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("static_key", sa.Text(), nullable=True),
        sa.Column("file_type", sa.Text(), nullable=True),
        sa.Column("file_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("remote_url", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("visible_in_picker", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("featured", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_emojis")),
        sa.UniqueConstraint("shortcode", "domain", name=op.f("uq_custom_emojis_shortcode_domain")),
    )
    op.create_table(
        "domain_blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reject_reports", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("obfuscate", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("public_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("private_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("marked_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_blocks")),
        sa.UniqueConstraint("domain", name=op.f("uq_domain_blocks_domain")),
    )
    op.create_table(
        "home_feed",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "status_id", name=op.f("pk_home_feed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_home_feed_status_id", "home_feed", ["status_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_idempotency_keys_account_id_key")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "job_attempts",
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("activity_id", "inbox", name=op.f("uq_job_attempts_activity_id_inbox")),
    )
    op.create_index("ix_job_attempts_updated_at", "job_attempts", ["updated_at"], unique=False)
    op.create_table(
        "job_hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("mean_ms", sa.Integer(), nullable=True),
        sa.Column("deviation_ms", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_job_hosts")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("order_key", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_cause",
        "jobs",
        ["cause"],
        unique=False,
        sqlite_where=sa.text("cause IS NOT NULL"),
        postgresql_where=sa.text("cause IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    )
    op.create_index(
        "ix_jobs_due_of_host",
        "jobs",
        ["host", "lane"],
        unique=False,
        sqlite_where=sa.text("state = 1 AND host <> ''"),
        postgresql_where=sa.text("state = 1 AND host <> ''"),
    )
    op.create_index(
        "ix_jobs_leased",
        "jobs",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 2"),
        postgresql_where=sa.text("state = 2"),
    )
    op.create_index(
        "ix_jobs_order",
        "jobs",
        ["order_key", "id"],
        unique=False,
        sqlite_where=sa.text("order_key IS NOT NULL AND state < 4"),
        postgresql_where=sa.text("order_key IS NOT NULL AND state < 4"),
    )
    op.create_index(
        "ix_jobs_ready",
        "jobs",
        ["lane", "host", "id"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_index(
        "ix_jobs_set_aside",
        "jobs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 4"),
        postgresql_where=sa.text("state = 4"),
    )
    op.create_index(
        "ix_jobs_strangers",
        "jobs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("lane = 5 AND state < 4"),
        postgresql_where=sa.text("lane = 5 AND state < 4"),
    )
    op.create_index(
        "uq_jobs_unique",
        "jobs",
        ["kind", "unique_key"],
        unique=True,
        sqlite_where=sa.text("unique_key IS NOT NULL AND state < 4"),
        postgresql_where=sa.text("unique_key IS NOT NULL AND state < 4"),
    )
    op.create_table(
        "oauth_apps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_apps")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oauth_apps_client_id")),
    )
    op.create_table(
        "peers",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("software", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("signature_scheme", sa.Text(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_peers")),
    )
    op.create_table(
        "recurring",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_recurring")),
    )
    op.create_table(
        "relays",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("inbox_url", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_uri", sa.Text(), nullable=True),
        sa.Column("follow_uri", sa.Text(), nullable=False),
        sa.Column("sends", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("rules", sa.Text(), server_default="{}", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("trial_until", sa.BigInteger(), nullable=True),
        sa.Column("trial", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("last_heard_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relays")),
        sa.UniqueConstraint("url", name=op.f("uq_relays_url")),
    )
    op.create_table(
        "search_pending",
        sa.Column(
            "status_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_search_pending")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "source_costs",
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("offered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("admitted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("jobs", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cpu_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", "source", "name", name=op.f("pk_source_costs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "storage_usage",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "host", name=op.f("pk_storage_usage")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )
    op.create_table(
        "tombstones",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_tombstones")),
    )
    op.create_index("ix_tombstones_created_at", "tombstones", ["created_at"], unique=False)
    op.create_table(
        "trends",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "target_id", name=op.f("pk_trends")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account_domain_blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_domain_blocks_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_domain_blocks")),
        sa.UniqueConstraint("account_id", "domain", name=op.f("uq_account_domain_blocks_account_id_domain")),
    )
    op.create_index(
        "ix_account_domain_blocks_account_id_id", "account_domain_blocks", ["account_id", "id"], unique=False
    )
    op.create_table(
        "account_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_keys_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_account_keys")),
    )
    op.create_index("ix_account_keys_account_id", "account_keys", ["account_id"], unique=False)
    op.create_table(
        "account_notes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_notes_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_account_notes_target_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_account_notes_account_id_target_id")),
    )
    op.create_index("ix_account_notes_target_id", "account_notes", ["target_id"], unique=False)
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_uri", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_activities_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index("ix_activities_created_at", "activities", ["created_at"], unique=False)
    op.create_index("ix_activities_object_uri", "activities", ["object_uri"], unique=False)
    op.create_table(
        "announcement_reactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_announcement_reactions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_reactions_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_reactions")),
        sa.UniqueConstraint(
            "announcement_id",
            "account_id",
            "name",
            name=op.f("uq_announcement_reactions_announcement_id_account_id_name"),
        ),
    )
    op.create_index("ix_announcement_reactions_account_id", "announcement_reactions", ["account_id"], unique=False)
    op.create_table(
        "announcement_reads",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_announcement_reads_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_reads_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "announcement_id", "account_id", name=op.f("uq_announcement_reads_announcement_id_account_id")
        ),
    )
    op.create_index("ix_announcement_reads_account_id", "announcement_reads", ["account_id"], unique=False)
    op.create_table(
        "annual_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("share_key", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=True),
        sa.Column("viewed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_annual_reports_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_reports")),
        sa.UniqueConstraint("account_id", "year", name=op.f("uq_annual_reports_account_id_year")),
        sa.UniqueConstraint("notification_id", name=op.f("uq_annual_reports_notification_id")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_blocks_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["accounts.id"], name=op.f("fk_blocks_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_blocks_account_id_target_id")),
    )
    op.create_index("ix_blocks_account_id_id", "blocks", ["account_id", "id"], unique=False)
    op.create_index("ix_blocks_target_id", "blocks", ["target_id"], unique=False)
    op.create_table(
        "collections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("tag", sa.Text(), server_default="", nullable=False),
        sa.Column("local", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("discoverable", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_collections_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("uri", name=op.f("uq_collections_uri")),
    )
    op.create_index("ix_collections_account_id_id", "collections", ["account_id", "id"], unique=False)
    op.create_index("ix_collections_url", "collections", ["url"], unique=False)
    op.create_table(
        "dismissed_suggestions",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_dismissed_suggestions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_dismissed_suggestions_target_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_dismissed_suggestions_account_id_target_id")),
    )
    op.create_index("ix_dismissed_suggestions_target_id", "dismissed_suggestions", ["target_id"], unique=False)
    op.create_table(
        "email_subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="en", nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("last_status_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_email_subscriptions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_subscriptions")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_email_subscriptions_account_id_email")),
    )
    op.create_index("ix_email_subscriptions_created_at", "email_subscriptions", ["created_at"], unique=False)
    op.create_table(
        "endorsements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_endorsements_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_endorsements_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_endorsements_account_id_target_id")),
    )
    op.create_index("ix_endorsements_account_id_id", "endorsements", ["account_id", "id"], unique=False)
    op.create_index("ix_endorsements_target_id", "endorsements", ["target_id"], unique=False)
    op.create_table(
        "featured_tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_featured_tags_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_featured_tags_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_featured_tags")),
        sa.UniqueConstraint("account_id", "tag_id", name=op.f("uq_featured_tags_account_id_tag_id")),
    )
    op.create_index("ix_featured_tags_tag_id", "featured_tags", ["tag_id"], unique=False)
    op.create_table(
        "filters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("contexts", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_filters_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
    )
    op.create_index("ix_filters_account_id_id", "filters", ["account_id", "id"], unique=False)
    op.create_table(
        "follow_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("show_reblogs", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("notify", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_follow_requests_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_follow_requests_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_requests")),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_follow_requests_account_id_target_id")),
    )
    op.create_index("ix_follow_requests_target_id_id", "follow_requests", ["target_id", "id"], unique=False)
    op.create_index(
        "ix_follow_requests_uri",
        "follow_requests",
        ["uri"],
        unique=False,
        sqlite_where=sa.text("uri IS NOT NULL"),
        postgresql_where=sa.text("uri IS NOT NULL"),
    )
    op.create_table(
        "followed_tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_followed_tags_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_followed_tags_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_tags")),
        sa.UniqueConstraint("account_id", "tag_id", name=op.f("uq_followed_tags_account_id_tag_id")),
    )
    op.create_index("ix_followed_tags_account_id_id", "followed_tags", ["account_id", "id"], unique=False)
    op.create_index("ix_followed_tags_tag_id", "followed_tags", ["tag_id"], unique=False)
    op.create_table(
        "follows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("show_reblogs", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("notify", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_follows_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["target_id"], ["accounts.id"], name=op.f("fk_follows_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_follows_account_id_target_id")),
    )
    op.create_index("ix_follows_account_id_id", "follows", ["account_id", "id"], unique=False)
    op.create_index("ix_follows_target_id_id", "follows", ["target_id", "id"], unique=False)
    op.create_index(
        "ix_follows_uri",
        "follows",
        ["uri"],
        unique=False,
        sqlite_where=sa.text("uri IS NOT NULL"),
        postgresql_where=sa.text("uri IS NOT NULL"),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("replies_policy", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_lists_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index("ix_lists_account_id_id", "lists", ["account_id", "id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("hide_notifications", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mutes_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["accounts.id"], name=op.f("fk_mutes_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sa.UniqueConstraint("account_id", "target_id", name=op.f("uq_mutes_account_id_target_id")),
    )
    op.create_index("ix_mutes_account_id_id", "mutes", ["account_id", "id"], unique=False)
    op.create_index("ix_mutes_target_id", "mutes", ["target_id"], unique=False)
    op.create_table(
        "notification_permissions",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notification_permissions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["accounts.id"],
            name=op.f("fk_notification_permissions_from_account_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "account_id", "from_account_id", name=op.f("uq_notification_permissions_account_id_from_account_id")
        ),
    )
    op.create_index(
        "ix_notification_permissions_from_account_id", "notification_permissions", ["from_account_id"], unique=False
    )
    op.create_table(
        "notification_policies",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("for_not_following", sa.Text(), nullable=False),
        sa.Column("for_not_followers", sa.Text(), nullable=False),
        sa.Column("for_new_accounts", sa.Text(), nullable=False),
        sa.Column("for_private_mentions", sa.Text(), nullable=False),
        sa.Column("for_limited_accounts", sa.Text(), nullable=False),
        sa.Column("for_bots", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notification_policies_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notification_policies")),
    )
    op.create_table(
        "notification_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notification_requests_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["accounts.id"],
            name=op.f("fk_notification_requests_from_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_requests")),
        sa.UniqueConstraint(
            "account_id", "from_account_id", name=op.f("uq_notification_requests_account_id_from_account_id")
        ),
    )
    op.create_index(
        "ix_notification_requests_account_id_id", "notification_requests", ["account_id", "id"], unique=False
    )
    op.create_index(
        "ix_notification_requests_from_account_id", "notification_requests", ["from_account_id"], unique=False
    )
    op.create_table(
        "preview_cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), server_default="", nullable=False),
        sa.Column("author_url", sa.Text(), server_default="", nullable=False),
        sa.Column("author_account_id", sa.BigInteger(), nullable=True),
        sa.Column("provider_name", sa.Text(), server_default="", nullable=False),
        sa.Column("provider_url", sa.Text(), server_default="", nullable=False),
        sa.Column("html", sa.Text(), server_default="", nullable=False),
        sa.Column("embed_url", sa.Text(), server_default="", nullable=False),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("height", sa.Integer(), server_default="0", nullable=False),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("image_description", sa.Text(), server_default="", nullable=False),
        sa.Column("blurhash", sa.Text(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_account_id"], ["accounts.id"], name=op.f("fk_preview_cards_author_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_cards")),
        sa.UniqueConstraint("url", name=op.f("uq_preview_cards_url")),
    )
    op.create_index("ix_preview_cards_author_account_id", "preview_cards", ["author_account_id"], unique=False)
    op.create_index(
        "ix_preview_cards_image_url",
        "preview_cards",
        ["image_url"],
        unique=False,
        sqlite_where=sa.text("image_url IS NOT NULL"),
        postgresql_where=sa.text("image_url IS NOT NULL"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_account_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("status_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("collection_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("rule_ids", sa.Text(), server_default="[]", nullable=False),
        sa.Column("forwarded", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("assigned_account_id", sa.BigInteger(), nullable=True),
        sa.Column("action_taken_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("action_taken_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_reports_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["action_taken_by_account_id"],
            ["accounts.id"],
            name=op.f("fk_reports_action_taken_by_account_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_account_id"], ["accounts.id"], name=op.f("fk_reports_assigned_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["target_account_id"], ["accounts.id"], name=op.f("fk_reports_target_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("uri", name=op.f("uq_reports_uri")),
    )
    op.create_index("ix_reports_account_id", "reports", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_reports_open",
        "reports",
        ["id"],
        unique=False,
        sqlite_where=sa.text("action_taken_at IS NULL"),
        postgresql_where=sa.text("action_taken_at IS NULL"),
    )
    op.create_index("ix_reports_target_account_id", "reports", ["target_account_id", "id"], unique=False)
    op.create_table(
        "scheduled_statuses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_scheduled_statuses_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_statuses")),
    )
    op.create_index(
        "ix_scheduled_statuses_account_id_at", "scheduled_statuses", ["account_id", "scheduled_at"], unique=False
    )
    op.create_index("ix_scheduled_statuses_account_id_id", "scheduled_statuses", ["account_id", "id"], unique=False)
    op.create_table(
        "statuses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("local", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("spoiler_text", sa.Text(), server_default="", nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("in_reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("in_reply_to_account_id", sa.BigInteger(), nullable=True),
        sa.Column("in_reply_to_uri", sa.Text(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("reblog_of_id", sa.BigInteger(), nullable=True),
        sa.Column("quote_uri", sa.Text(), nullable=True),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("emojis", sa.Text(), server_default="[]", nullable=False),
        sa.Column("has_media", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("has_poll", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("replies_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reblogs_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("favourites_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quotes_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quote_policy", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("rev", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_statuses_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reblog_of_id"], ["statuses.id"], name=op.f("fk_statuses_reblog_of_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statuses")),
        sa.UniqueConstraint("uri", name=op.f("uq_statuses_uri")),
    )
    op.create_index("ix_statuses_account_id_id", "statuses", ["account_id", "id"], unique=False)
    op.create_index("ix_statuses_in_reply_to_id", "statuses", ["in_reply_to_id", "id"], unique=False)
    op.create_index(
        "ix_statuses_in_reply_to_uri",
        "statuses",
        ["in_reply_to_uri"],
        unique=False,
        sqlite_where=sa.text("in_reply_to_uri IS NOT NULL AND in_reply_to_id IS NULL"),
        postgresql_where=sa.text("in_reply_to_uri IS NOT NULL AND in_reply_to_id IS NULL"),
    )
    op.create_index(
        "ix_statuses_local",
        "statuses",
        ["id"],
        unique=False,
        sqlite_where=sa.text("local AND visibility = 'public' AND reblog_of_id IS NULL"),
        postgresql_where=sa.text("local AND visibility = 'public' AND reblog_of_id IS NULL"),
    )
    op.create_index(
        "ix_statuses_public",
        "statuses",
        ["id"],
        unique=False,
        sqlite_where=sa.text("visibility = 'public' AND reblog_of_id IS NULL"),
        postgresql_where=sa.text("visibility = 'public' AND reblog_of_id IS NULL"),
    )
    op.create_index(
        "ix_statuses_reblog_of_id",
        "statuses",
        ["reblog_of_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("reblog_of_id IS NOT NULL"),
        postgresql_where=sa.text("reblog_of_id IS NOT NULL"),
    )
    op.create_index("ix_statuses_thread_id", "statuses", ["thread_id"], unique=False)
    op.create_table(
        "thread_mutes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_thread_mutes_account_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "thread_id", name=op.f("uq_thread_mutes_account_id_thread_id")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), server_default="User", nullable=False),
        sa.Column("locale", sa.Text(), server_default="en", nullable=False),
        sa.Column("settings", sa.Text(), server_default="{}", nullable=False),
        sa.Column("recovery_codes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("approved", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("unconfirmed_email", sa.Text(), nullable=True),
        sa.Column("sign_up_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sign_up_ip", sa.Text(), server_default="", nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=True),
        sa.Column("invite_id", sa.BigInteger(), nullable=True),
        sa.Column("filters_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_active_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account_id", name=op.f("uq_users_account_id")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_index(
        "ix_users_waiting",
        "users",
        ["id"],
        unique=False,
        sqlite_where=sa.text("NOT approved OR confirmed_at IS NULL"),
        postgresql_where=sa.text("NOT approved OR confirmed_at IS NULL"),
    )
    op.create_table(
        "arrivals",
        sa.Column(
            "status_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("ranked_at", sa.BigInteger(), nullable=False),
        sa.Column("mentioned", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name=op.f("fk_arrivals_status_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_arrivals")),
    )
    op.create_index("ix_arrivals_ranked_at", "arrivals", ["ranked_at", "status_id"], unique=False)
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_bookmarks_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_bookmarks_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("account_id", "status_id", name=op.f("uq_bookmarks_account_id_status_id")),
    )
    op.create_index("ix_bookmarks_account_id_id", "bookmarks", ["account_id", "id"], unique=False)
    op.create_index("ix_bookmarks_status_id", "bookmarks", ["status_id"], unique=False)
    op.create_table(
        "card_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["preview_cards.id"], name=op.f("fk_card_links_card_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_links")),
        sa.UniqueConstraint("url", name=op.f("uq_card_links_url")),
    )
    op.create_index("ix_card_links_card_id", "card_links", ["card_id"], unique=False)
    op.create_index("ix_card_links_used_at", "card_links", ["used_at"], unique=False)
    op.create_table(
        "collection_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("collection_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("object_uri", sa.Text(), server_default="", nullable=False),
        sa.Column("request_uri", sa.Text(), nullable=True),
        sa.Column("approval_uri", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_collection_items_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_items_collection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_items")),
        sa.UniqueConstraint("collection_id", "account_id", name=op.f("uq_collection_items_collection_id_account_id")),
        sa.UniqueConstraint("collection_id", "uri", name=op.f("uq_collection_items_collection_id_uri")),
    )
    op.create_index("ix_collection_items_account_id", "collection_items", ["account_id"], unique=False)
    op.create_index("ix_collection_items_approval_uri", "collection_items", ["approval_uri"], unique=False)
    op.create_index("ix_collection_items_request_uri", "collection_items", ["request_uri"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("last_status_id", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_conversations_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["last_status_id"], ["statuses.id"], name=op.f("fk_conversations_last_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("account_id", "thread_id", name=op.f("uq_conversations_account_id_thread_id")),
    )
    op.create_index(
        "ix_conversations_account_id_last_status_id", "conversations", ["account_id", "last_status_id"], unique=False
    )
    op.create_index("ix_conversations_last_status_id", "conversations", ["last_status_id"], unique=False)
    op.create_table(
        "favourites",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_favourites_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_favourites_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourites")),
        sa.UniqueConstraint("account_id", "status_id", name=op.f("uq_favourites_account_id_status_id")),
    )
    op.create_index("ix_favourites_account_id_id", "favourites", ["account_id", "id"], unique=False)
    op.create_index("ix_favourites_status_id_id", "favourites", ["status_id", "id"], unique=False)
    op.create_table(
        "filter_keywords",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("whole_word", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filters.id"], name=op.f("fk_filter_keywords_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_keywords")),
    )
    op.create_index("ix_filter_keywords_filter_id_id", "filter_keywords", ["filter_id", "id"], unique=False)
    op.create_table(
        "filter_statuses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filters.id"], name=op.f("fk_filter_statuses_filter_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_filter_statuses_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_statuses")),
        sa.UniqueConstraint("filter_id", "status_id", name=op.f("uq_filter_statuses_filter_id_status_id")),
    )
    op.create_index("ix_filter_statuses_status_id", "filter_statuses", ["status_id"], unique=False)
    op.create_table(
        "invites",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("autofollow", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_invites_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("code", name=op.f("uq_invites_code")),
    )
    op.create_index("ix_invites_user_id_id", "invites", ["user_id", "id"], unique=False)
    op.create_table(
        "list_accounts",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_list_accounts_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_list_accounts_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "account_id", name=op.f("pk_list_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_list_accounts_account_id", "list_accounts", ["account_id", "list_id"], unique=False)
    op.create_table(
        "list_feed",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_list_feed_list_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_list_feed_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "status_id", name=op.f("pk_list_feed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_list_feed_status_id", "list_feed", ["status_id"], unique=False)
    op.create_table(
        "markers",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("timeline", sa.Text(), nullable=False),
        sa.Column("last_read_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_markers_user_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "timeline", name=op.f("uq_markers_user_id_timeline")),
    )
    op.create_table(
        "media_attachments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=True),
        sa.Column("scheduled_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("file_type", sa.Text(), nullable=True),
        sa.Column("file_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("small_key", sa.Text(), nullable=True),
        sa.Column("small_type", sa.Text(), nullable=True),
        sa.Column("small_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("small_chosen", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("remote_url", sa.Text(), nullable=True),
        sa.Column("small_remote_url", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("blurhash", sa.Text(), nullable=True),
        sa.Column("focus_x", sa.Float(), nullable=True),
        sa.Column("focus_y", sa.Float(), nullable=True),
        sa.Column("meta", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_media_attachments_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scheduled_id"],
            ["scheduled_statuses.id"],
            name=op.f("fk_media_attachments_scheduled_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_media_attachments_status_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_attachments")),
    )
    op.create_index("ix_media_attachments_account_id", "media_attachments", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_media_attachments_loose",
        "media_attachments",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("status_id IS NULL"),
        postgresql_where=sa.text("status_id IS NULL"),
    )
    op.create_index(
        "ix_media_attachments_remote_url",
        "media_attachments",
        ["remote_url"],
        unique=False,
        sqlite_where=sa.text("remote_url IS NOT NULL"),
        postgresql_where=sa.text("remote_url IS NOT NULL"),
    )
    op.create_index(
        "ix_media_attachments_scheduled_id",
        "media_attachments",
        ["scheduled_id"],
        unique=False,
        sqlite_where=sa.text("scheduled_id IS NOT NULL"),
        postgresql_where=sa.text("scheduled_id IS NOT NULL"),
    )
    op.create_index(
        "ix_media_attachments_small_remote_url",
        "media_attachments",
        ["small_remote_url"],
        unique=False,
        sqlite_where=sa.text("small_remote_url IS NOT NULL"),
        postgresql_where=sa.text("small_remote_url IS NOT NULL"),
    )
    op.create_index("ix_media_attachments_status_id", "media_attachments", ["status_id", "position"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("silent", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mentions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name=op.f("fk_mentions_status_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("status_id", "account_id", name=op.f("uq_mentions_status_id_account_id")),
    )
    op.create_index("ix_mentions_account_id", "mentions", ["account_id", "status_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("from_account_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=True),
        sa.Column("group_key", sa.Text(), server_default="", nullable=False),
        sa.Column("filtered", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notifications_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"], ["accounts.id"], name=op.f("fk_notifications_from_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_notifications_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("account_id", "type", "from_account_id", "status_id", name="uq_notifications_once"),
    )
    op.create_index(
        "ix_notifications_account_id_id", "notifications", ["account_id", "id", "filtered", "group_key"], unique=False
    )
    op.create_index(
        "ix_notifications_filtered",
        "notifications",
        ["account_id", "from_account_id", "id"],
        unique=False,
        sqlite_where=sa.text("filtered"),
        postgresql_where=sa.text("filtered"),
    )
    op.create_index("ix_notifications_from_account_id", "notifications", ["from_account_id"], unique=False)
    op.create_index(
        "ix_notifications_group",
        "notifications",
        ["account_id", "group_key", "id"],
        unique=False,
        sqlite_where=sa.text("group_key != ''"),
        postgresql_where=sa.text("group_key != ''"),
    )
    op.create_index("ix_notifications_status_id", "notifications", ["status_id"], unique=False)
    op.create_table(
        "oauth_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["oauth_apps.id"], name=op.f("fk_oauth_codes_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_oauth_codes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_oauth_codes")),
    )
    op.create_index("ix_oauth_codes_expires_at", "oauth_codes", ["expires_at"], unique=False)
    op.create_table(
        "oauth_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_ip", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["oauth_apps.id"], name=op.f("fk_oauth_tokens_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_oauth_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oauth_tokens_token_hash")),
    )
    op.create_index("ix_oauth_tokens_user_id", "oauth_tokens", ["user_id", "app_id"], unique=False)
    op.create_table(
        "pins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_pins_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name=op.f("fk_pins_status_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sa.UniqueConstraint("account_id", "status_id", name=op.f("uq_pins_account_id_status_id")),
    )
    op.create_index("ix_pins_status_id", "pins", ["status_id"], unique=False)
    op.create_table(
        "polls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("multiple", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("hide_totals", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("votes_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("voters_count", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_polls_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name=op.f("fk_polls_status_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        sa.UniqueConstraint("status_id", name=op.f("uq_polls_status_id")),
    )
    op.create_index(
        "ix_polls_open",
        "polls",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND expires_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND expires_at IS NOT NULL"),
    )
    op.create_table(
        "quotes",
        sa.Column(
            "status_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("quoted_id", sa.BigInteger(), nullable=True),
        sa.Column("quoted_account_id", sa.BigInteger(), nullable=True),
        sa.Column("quoted_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("approval_uri", sa.Text(), nullable=True),
        sa.Column("request_uri", sa.Text(), nullable=True),
        sa.Column("claimed_uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_quotes_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["quoted_id"], ["statuses.id"], name=op.f("fk_quotes_quoted_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name=op.f("fk_quotes_status_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_quotes")),
    )
    op.create_index(
        "ix_quotes_approval_uri",
        "quotes",
        ["approval_uri"],
        unique=False,
        sqlite_where=sa.text("approval_uri IS NOT NULL"),
        postgresql_where=sa.text("approval_uri IS NOT NULL"),
    )
    op.create_index("ix_quotes_quoted_id", "quotes", ["quoted_id", "status_id"], unique=False)
    op.create_index(
        "ix_quotes_request_uri",
        "quotes",
        ["request_uri"],
        unique=False,
        sqlite_where=sa.text("request_uri IS NOT NULL"),
        postgresql_where=sa.text("request_uri IS NOT NULL"),
    )
    op.create_table(
        "relay_statuses",
        sa.Column("relay_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relays.id"], name=op.f("fk_relay_statuses_relay_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_relay_statuses_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("relay_id", "status_id", name=op.f("pk_relay_statuses")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_relay_statuses_status_id", "relay_statuses", ["status_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ip", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id", "last_used_at"], unique=False)
    op.create_table(
        "status_edits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("spoiler_text", sa.Text(), server_default="", nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("media", sa.Text(), server_default="[]", nullable=False),
        sa.Column("poll_options", sa.Text(), nullable=True),
        sa.Column("emojis", sa.Text(), server_default="[]", nullable=False),
        sa.Column("quote_uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_status_edits_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_edits")),
    )
    op.create_index("ix_status_edits_status_id_id", "status_edits", ["status_id", "id"], unique=False)
    op.create_table(
        "status_tags",
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_status_tags_status_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_status_tags_tag_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("tag_id", "status_id", name=op.f("uq_status_tags_tag_id_status_id")),
    )
    op.create_index("ix_status_tags_status_id", "status_tags", ["status_id"], unique=False)
    op.create_table(
        "thread_fetches",
        sa.Column("status_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_thread_fetches_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_thread_fetches")),
        sa.UniqueConstraint("token", name=op.f("uq_thread_fetches_token")),
    )
    op.create_index("ix_thread_fetches_started_at", "thread_fetches", ["started_at"], unique=False)
    op.create_table(
        "collection_notices",
        sa.Column(
            "notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("collection_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_notices_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_collection_notices_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_collection_notices")),
    )
    op.create_index("ix_collection_notices_collection_id", "collection_notices", ["collection_id"], unique=False)
    op.create_table(
        "poll_votes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.SmallInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_poll_votes_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_poll_votes_poll_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_votes")),
        sa.UniqueConstraint("poll_id", "account_id", "choice", name=op.f("uq_poll_votes_poll_id_account_id_choice")),
    )
    op.create_index("ix_poll_votes_account_id", "poll_votes", ["account_id"], unique=False)
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("standard", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("alerts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("policy", sa.Text(), server_default="all", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_push_subscriptions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["oauth_tokens.id"], name=op.f("fk_push_subscriptions_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("token_id", name=op.f("uq_push_subscriptions_token_id")),
    )
    op.create_index("ix_push_subscriptions_account_id", "push_subscriptions", ["account_id"], unique=False)
    op.create_table(
        "report_notices",
        sa.Column(
            "notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_report_notices_notification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_notices_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_report_notices")),
    )
    op.create_index("ix_report_notices_report_id", "report_notices", ["report_id"], unique=False)
    op.create_table(
        "severances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("target_name", sa.Text(), nullable=False),
        sa.Column("followers_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("following_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["notifications.id"], name=op.f("fk_severances_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_severances")),
    )
    op.create_table(
        "status_cards",
        sa.Column(
            "status_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("link_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["link_id"], ["card_links.id"], name=op.f("fk_status_cards_link_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_status_cards_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_status_cards")),
    )
    op.create_index(
        "ix_status_cards_link_id",
        "status_cards",
        ["link_id", "status_id"],
        unique=False,
        sqlite_where=sa.text("link_id IS NOT NULL"),
        postgresql_where=sa.text("link_id IS NOT NULL"),
    )

    if op.get_context().dialect.name == "sqlite":
        for name, prefix in (("status_search", ""), ("account_search", ", prefix='2 3'")):
            op.execute(
                f"CREATE VIRTUAL TABLE {name} USING fts5(document, content='', contentless_delete=1, "
                f"tokenize='unicode61 remove_diacritics 2'{prefix})"
            )
    else:
        for name in ("status_search", "account_search"):
            op.execute(f"CREATE TABLE {name} (rowid BIGINT PRIMARY KEY, document TSVECTOR NOT NULL)")
            op.execute(f"CREATE INDEX ix_{name} ON {name} USING gin (document)")
