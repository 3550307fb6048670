"""Statuses and accounts as they are shown: assembled from a handful of batched queries.

`api/entities` makes JSON of these, `web/templates` makes pages; neither asks the database again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from dassie.domain.ids import AccountId, MediaId, PollId, StatusId


class EmojiView(Struct, frozen=True, omit_defaults=True):
    """A custom emoji used in a text. `url` is the picture where its server has it, or our own file."""

    shortcode: str
    url: str
    static_url: str = ""
    """Of ours, where the picture moves: a still one."""


class FieldView(Struct, frozen=True):
    """A profile field; `value` is HTML."""

    name: str
    value: str
    verified_at: datetime | None = None


class AccountView(Struct, frozen=True):
    """A public face, ours or another server's."""

    id: AccountId
    username: str
    domain: str
    """Empty for our own."""
    uri: str
    url: str
    actor_type: str
    display_name: str
    note: str
    """HTML, sanitised."""
    fields: list[FieldView]
    emojis: list[EmojiView]
    locked: bool
    discoverable: bool
    indexable: bool
    hide_collections: bool
    memorial: bool
    avatar_key: str | None
    avatar_static_key: str | None
    avatar_remote_url: str | None
    avatar_description: str
    header_key: str | None
    header_static_key: str | None
    header_remote_url: str | None
    header_description: str
    moved_to_uri: str | None
    silenced_at: datetime | None
    suspended_at: datetime | None
    statuses_count: int
    followers_count: int
    following_count: int
    last_status_at: datetime | None
    created_at: datetime
    rev: int
    feature_policy: str = ""
    """Of other servers' accounts: who may put them into a collection (domain/collections.py)."""
    email_subscriptions: bool = False
    """Of ours: everybody may have public posts sent to them by mail."""
    shown_role: str = ""
    """Of ours: the role that stands on the profile; empty for most."""
    show_media: bool = True
    """The profile has a tab with media; the owner may not want it."""
    show_media_replies: bool = True
    """Answers with media stand there too."""
    show_featured: bool = True
    """The profile has a tab with people and hashtags."""

    @property
    def acct(self) -> str:
        """`name` for ours, `name@domain` for others."""
        return f"{self.username}@{self.domain}" if self.domain else self.username

    @property
    def local(self) -> bool:
        return not self.domain

    @property
    def bot(self) -> bool:
        return self.actor_type in ("Service", "Application")

    @property
    def group(self) -> bool:
        return self.actor_type == "Group"

    @property
    def shown_name(self) -> str:
        return self.display_name or self.username


class MediaView(Struct, frozen=True):
    """A file attached to a status."""

    id: MediaId
    account_id: AccountId
    status_id: StatusId | None
    state: str
    error: str | None
    kind: str
    file_key: str | None
    file_type: str | None
    small_key: str | None
    small_type: str | None
    small_chosen: bool
    """Whether its owner chose the preview."""
    remote_url: str | None
    small_remote_url: str | None
    description: str | None
    blurhash: str | None
    focus_x: float | None
    focus_y: float | None
    meta: dict[str, Any]


class MentionView(Struct, frozen=True):
    """Somebody named in a status."""

    status_id: StatusId
    account_id: AccountId
    username: str
    domain: str
    url: str
    silent: bool

    @property
    def acct(self) -> str:
        return f"{self.username}@{self.domain}" if self.domain else self.username


class PollOption(Struct, frozen=True):
    """One answer of a poll."""

    title: str
    votes: int = 0


class PollView(Struct, frozen=True):
    """A poll, with what the viewer chose."""

    id: PollId
    status_id: StatusId
    account_id: AccountId
    options: list[PollOption]
    multiple: bool
    hide_totals: bool
    votes_count: int
    voters_count: int | None
    expires_at: datetime | None
    fetched_at: datetime | None
    own_votes: list[int] | None = None
    """None without a viewer."""

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class ViewerState(Struct, frozen=True):
    """What the viewer did with a status."""

    favourited: bool = False
    reblogged: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool = False


class StatusRow(Struct, frozen=True):
    """A status as stored."""

    id: StatusId
    uri: str
    url: str | None
    account_id: AccountId
    local: bool
    visibility: str
    content: str
    """HTML, sanitised."""
    text: str | None
    """As typed; ours only."""
    spoiler_text: str
    sensitive: bool
    language: str | None
    in_reply_to_id: StatusId | None
    in_reply_to_account_id: AccountId | None
    in_reply_to_uri: str | None
    thread_id: int
    reblog_of_id: StatusId | None
    quote_uri: str | None
    application_id: int | None
    emojis: list[EmojiView]
    has_media: bool
    has_poll: bool
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    """Accepted ones."""
    quote_policy: int
    """Who may quote it (domain/quotes.py)."""
    created_at: datetime
    edited_at: datetime | None
    rev: int


class AppView(Struct, frozen=True):
    """The app a status was written with."""

    name: str
    website: str | None


class CardView(Struct, frozen=True):
    """What the page says that a status links to."""

    status_id: StatusId
    url: str
    """As it stands in the status."""
    type: str
    title: str
    description: str
    language: str | None
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    html: str
    """A player: one iframe, or nothing."""
    embed_url: str
    width: int
    height: int
    image_url: str | None
    image_description: str
    blurhash: str | None
    published_at: datetime | None
    author_account_id: AccountId | None
    author: AccountView | None = None
    """Whom the page names as its author, who allows it to."""


class QuoteView(Struct, frozen=True):
    """The status that another one quotes, as somebody sees it."""

    state: str
    """As the API says it (limits_and_rules section 19)."""
    quoted_id: StatusId | None = None
    status: StatusView | None = None
    """None where it is not shown, and in what is itself quoted."""


class StatusView(Struct, frozen=True):
    """A status with all that is shown beside it."""

    row: StatusRow
    account: AccountView
    media: list[MediaView] = field(default_factory=list)
    mentions: list[MentionView] = field(default_factory=list)
    """Silent ones left out."""
    tags: list[str] = field(default_factory=list)
    poll: PollView | None = None
    application: AppView | None = None
    reblog: StatusView | None = None
    viewer: ViewerState | None = None
    """None without a viewer."""
    reply_to: AccountView | None = None
    """The author of the status this answers, where known."""
    card: CardView | None = None
    filtered: list[str] = field(default_factory=list)
    """Titles of the viewer's filters that warn of it, where it is shown."""
    blurred: bool = False
    """A filter of the viewer hides its media."""
    quote: QuoteView | None = None

    @property
    def id(self) -> StatusId:
        return self.row.id

    @property
    def proper(self) -> StatusView:
        """The status itself, or the one it reblogs."""
        return self.reblog or self
