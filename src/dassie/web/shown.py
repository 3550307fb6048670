"""What templates are given beside posts and accounts: the page itself, groups, threads, forms."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from dassie.domain.reports import Report
from dassie.domain.settings import UserSettings
from dassie.domain.urls import Urls
from dassie.store.collections import Collection
from dassie.store.severances import Severance
from dassie.store.views import AccountView, MediaView, StatusView


class Site(Struct, frozen=True):
    """This server, as pages speak of it."""

    title: str
    domain: str
    version: str
    description: str = ""
    rules: list[str] = field(default_factory=list)
    contact: str = ""
    source_url: str = ""
    statuses: int = 0
    people: int = 0
    peers: int = 0
    claimed: bool = True
    """Whether somebody owns it already."""
    sign_up: bool = False
    """Whether anybody may sign up, to be approved or not."""
    mails: bool = False
    """Whether this server sends mail."""


class Invitation(Struct, frozen=True):
    """A link by which others come here."""

    id: int
    url: str
    uses: int
    max_uses: int | None
    expires_at: datetime | None
    autofollow: bool
    open: bool


class Section(Struct, frozen=True):
    """A part of the admin pages."""

    path: str
    label: str


class Me(Struct, frozen=True):
    """Who is signed in in this browser."""

    account: AccountView
    token: str
    """Against forged requests; goes into every form."""
    settings: UserSettings = UserSettings()
    unread: int = 0
    sections: list[Section] = field(default_factory=list)
    """The admin pages this person may use; empty for most people."""


class Notice(Struct, frozen=True):
    """A sentence at the top of the page about what was just done."""

    text: str
    kind: Literal["good", "info", "warn", "risk"] = "good"


class Page(Struct, frozen=True):
    """What every template may use."""

    site: Site
    urls: Urls
    path: str
    now: datetime
    me: Me | None = None
    notice: Notice | None = None
    lang: str = "en"
    dir: str = "ltr"
    translates_to: str = ""
    """The language that posts can be translated into; empty where nobody translates."""

    @property
    def scheme(self) -> str:
        """The colours the reader asked for; empty follows the system."""
        wanted = self.me.settings.color_scheme if self.me else "auto"
        return "" if wanted == "auto" else wanted


class Relation(Struct, frozen=True):
    """How the viewer and an account stand to each other."""

    following: bool = False
    requested: bool = False
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    domain_blocking: bool = False
    endorsed: bool = False
    muting: bool = False
    requested_by: bool = False
    """They asked to follow the viewer."""


class NotificationGroup(Struct, frozen=True):
    """Things of one kind about one post, or of one day, told together."""

    kind: str
    """As the API names it: mention, status, reblog, follow, follow_request, favourite, poll, update, …"""
    accounts: list[AccountView]
    """The newest first."""
    count: int
    at: datetime
    newest_id: int
    status: StatusView | None = None
    unread: bool = False
    event: Severance | None = None
    """What ended with the block of a server."""
    year: int | None = None
    """Of the annual report that is ready."""
    collection: Collection | None = None
    """Of recommended accounts, which the one who is told is in."""
    report: Report | None = None
    """What somebody reported, for those who look after the server."""


class Asking(Struct, frozen=True):
    """Somebody whose notifications are held back."""

    id: int
    """Of the request."""
    account: AccountView
    count: int
    """Of what is held back, up to a hundred."""
    at: datetime
    status: StatusView | None = None
    """The newest of it."""


class Reply(Struct, frozen=True):
    """A post of a thread, and how deep it stands under the opened one (1 to 3)."""

    depth: int
    status: StatusView


class Thread(Struct, frozen=True):
    """An opened post with what stands before and after it."""

    opened: StatusView
    before: list[StatusView] = field(default_factory=list)
    after: list[Reply] = field(default_factory=list)
    asking: bool = False
    """Whether more answers are being looked for."""


class Writing(Struct, frozen=True):
    """What the composer shows: a new post, an answer, an edit, or a refused try with its faults."""

    key: str = ""
    """Makes sending the same form twice one post."""
    text: str = ""
    spoiler: str = ""
    visibility: str = "public"
    sensitive: bool = False
    language: str = ""
    reply_to: StatusView | None = None
    quoting: StatusView | None = None
    """What it quotes."""
    quote_policy: str = "public"
    """Who may quote it: public, followers or nobody."""
    editing: StatusView | None = None
    media: list[MediaView] = field(default_factory=list)
    poll_options: list[str] = field(default_factory=list)
    poll_multiple: bool = False
    poll_expires_in: int = 86_400
    scheduled_at: str = ""
    """As a browser's date field has it; empty: now."""
    zone: int = 0
    """Minutes that the browser's clock is behind UTC."""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def draft(self) -> str:
        """Under which name the browser keeps the unsent text."""
        if self.editing:
            return f"edit-{self.editing.id}"
        if self.quoting:
            return f"quote-{self.quoting.id}"
        return f"reply-{self.reply_to.id}" if self.reply_to else "new"


class Planned(Struct, frozen=True, kw_only=True):
    """A post that waits for its time."""

    id: int
    text: str
    """As typed."""
    spoiler: str
    visibility: str
    at: datetime
    field: str
    """The same as a date field has it, in UTC."""
    error: str
    """Why it could not be posted; empty while it waits."""
    fault: str
    """What is wrong with the time that was just typed."""
    files: list[MediaView]
    poll: bool
    answers: int | None
    """The status it replies to."""


class SignedIn(Struct, frozen=True):
    """A browser that is signed in."""

    id: int
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool = False


class AppAccess(Struct, frozen=True):
    """An app that may act for the reader."""

    id: int
    name: str
    website: str | None
    scopes: str
    created_at: datetime
    used_at: datetime | None = None


class ScopeGroup(Struct, frozen=True):
    """Things an app asks to be allowed, in sentences."""

    title: str
    sentences: list[str]
    warned: bool = False
