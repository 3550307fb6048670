"""The Status entity and its parts as they are described; `statuses.py` writes them."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

import msgspec

from dassie.api.entities.accounts import Account
from dassie.api.entities.cards import PreviewCard
from dassie.api.entities.collections import Collection
from dassie.api.entities.filters import FilterResult
from dassie.api.entities.media import MediaAttachment
from dassie.api.entities.polls import Poll
from dassie.api.entities.shapes import Html, Id, Stamp, Url, Visibility, Words
from dassie.api.entities.values import CustomEmoji


class StatusApplication(TypedDict):
    """The app that posted."""

    name: str
    website: Url | None


class StatusMention(TypedDict):
    """Somebody a post is addressed to."""

    id: Id
    username: str
    url: Url
    acct: str


class StatusTag(TypedDict):
    """A hashtag of a post."""

    name: str
    url: Url


QuoteState = Annotated[
    str,
    Words(
        "pending",
        "accepted",
        "rejected",
        "revoked",
        "deleted",
        "unauthorized",
        "blocked_account",
        "blocked_domain",
        "muted_account",
    ),
]
Quoters = Annotated[str, Words("public", "followers", "following", "unsupported_policy")]


class Quote(TypedDict):
    """A post within a post, and whether its author agrees."""

    state: QuoteState
    quoted_status: Status | None


class ShallowQuote(TypedDict):
    """The same where only the id is given, in a quoted post."""

    state: QuoteState
    quoted_status_id: Id | None


class QuoteApproval(TypedDict):
    """Who may quote a post."""

    automatic: list[Quoters]
    manual: list[Quoters]
    current_user: Annotated[str, Words("automatic", "manual", "denied", "unknown")]


class StatusParts(TypedDict):
    """What every viewer sees of a post, but for its text."""

    id: Id
    uri: str
    created_at: Stamp
    account: Account
    visibility: Visibility
    sensitive: bool
    spoiler_text: str
    media_attachments: list[MediaAttachment]
    application: StatusApplication | None
    mentions: list[StatusMention]
    tags: list[StatusTag]
    emojis: list[CustomEmoji]
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    replies_count: int
    url: Url | None
    in_reply_to_id: Id | None
    in_reply_to_account_id: Id | None
    card: PreviewCard | None
    language: str | None
    edited_at: Stamp | None
    tagged_collections: list[Collection]


class CommonStatus(StatusParts):
    """What every viewer sees of a post."""

    content: Html


class ViewedStatus(TypedDict):
    """What depends on who looks; what need not be there is there for those with a login."""

    quote: Quote | ShallowQuote | None
    quote_approval: QuoteApproval
    poll: Poll | None
    reblog: Status | None
    favourited: NotRequired[bool]
    reblogged: NotRequired[bool]
    muted: NotRequired[bool]
    bookmarked: NotRequired[bool]
    pinned: NotRequired[bool]
    filtered: NotRequired[list[FilterResult]]


class Status(CommonStatus, ViewedStatus):
    """A post."""


EncodedStatus = Annotated[msgspec.Raw, Status]
"""A Status that is encoded already (entities/statuses.py)."""
EncodedQuote = Annotated[msgspec.Raw, Quote]
"""A Quote that is."""


class DeletedStatus(StatusParts, ViewedStatus):
    """What was deleted, with its text as typed, to write it anew."""

    text: str
