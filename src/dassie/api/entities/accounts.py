"""Account and CredentialAccount entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

from dassie.api.entities.shapes import Day, Html, Id, QuotePolicy, Stamp, Url, Visibility, Words
from dassie.api.entities.tags import FeaturedTag
from dassie.api.entities.values import CustomEmoji, day, emojis, stamp
from dassie.domain import roles
from dassie.domain.collections import MOST_COLLECTIONS, consent_unasked, policy_of
from dassie.domain.roles import ALLOWED
from dassie.domain.urls import Urls
from dassie.services.seeing import face
from dassie.store import accounts
from dassie.store.logins import User
from dassie.store.profiles import Source
from dassie.store.tx import Tx
from dassie.store.views import AccountView, FieldView


class AccountField(TypedDict):
    """A line of the table on a profile."""

    name: str
    value: Html
    verified_at: Stamp | None


class AccountRole(TypedDict):
    """A role that shows on the profile."""

    id: Id
    name: str
    color: str


class FeatureApproval(TypedDict):
    """Who may put an account into a collection."""

    automatic: list[Annotated[str, Words("public", "followers", "following", "unsupported_policy")]]
    manual: list[Annotated[str, Words("public", "followers", "following", "unsupported_policy")]]
    current_user: Annotated[str, Words("automatic", "manual", "denied", "unknown", "missing")]


class Account(TypedDict):
    """Somebody, as everybody sees them."""

    id: Id
    username: str
    acct: str
    url: Url | None
    uri: Url
    display_name: str
    note: Html
    avatar: Url
    avatar_static: Url
    avatar_description: str
    header: Url
    header_static: Url
    header_description: str
    locked: bool
    fields: list[AccountField]
    emojis: list[CustomEmoji]
    bot: bool
    group: bool
    discoverable: bool | None
    indexable: bool
    noindex: NotRequired[bool | None]
    moved: NotRequired[Account | None]
    memorial: NotRequired[bool]
    suspended: NotRequired[bool]
    limited: NotRequired[bool]
    created_at: Stamp
    last_status_at: Day | None
    statuses_count: int
    followers_count: int
    following_count: int
    hide_collections: bool | None
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    roles: NotRequired[list[AccountRole] | None]
    feature_approval: FeatureApproval
    email_subscriptions: NotRequired[bool]


class Role(TypedDict):
    """What a login may do here."""

    id: Id
    name: str
    color: str
    permissions: str
    highlighted: bool
    collection_limit: int


class AccountSource(TypedDict):
    """The profile as typed, and how one posts by default."""

    attribution_domains: list[str]
    note: str
    fields: list[AccountField]
    privacy: Visibility
    sensitive: bool
    language: str | None
    follow_requests_count: int
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    quote_policy: QuotePolicy


class CredentialAccount(Account):
    """One's own account."""

    source: AccountSource
    role: Role


class MutedAccount(Account):
    """Somebody whom the caller mutes, and until when."""

    mute_expires_at: Stamp | None


class FamiliarFollowers(TypedDict):
    """Followers of somebody whom the caller follows."""

    id: Id
    accounts: list[Account]


Preferences = TypedDict(
    "Preferences",
    {
        "posting:default:visibility": Visibility,
        "posting:default:sensitive": bool,
        "posting:default:language": str | None,
        "posting:default:quote_policy": QuotePolicy,
        "reading:expand:media": Annotated[str, Words("default", "show_all", "hide_all")],
        "reading:expand:spoilers": bool,
        "reading:autoplay:gifs": bool,
    },
)
"""How one posts and reads by default."""


class Profile(TypedDict):
    """One's own profile as raw values to edit."""

    id: Id
    display_name: str
    note: str
    fields: list[AccountField]
    avatar: Url | None
    avatar_static: Url | None
    avatar_description: str
    header: Url | None
    header_static: Url | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool | None
    discoverable: bool | None
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    formatted_note: Html
    formatted_fields: list[AccountField]
    featured_tags: list[FeaturedTag]


def show_account(account: AccountView, urls: Urls) -> Account:
    """An account as everybody sees it; of a suspended one little is left."""
    account = face(account)
    shown: Account = {
        "id": str(account.id),
        "username": account.username,
        "acct": account.acct,
        "display_name": account.display_name,
        "locked": account.locked,
        "bot": account.bot,
        "group": account.group,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        "created_at": f"{account.created_at:%Y-%m-%dT00:00:00.000Z}",
        "note": account.note,
        "url": account.url or account.uri,
        "uri": account.uri,
        "avatar": urls.avatar(account),
        "avatar_static": urls.avatar_static(account),
        "avatar_description": account.avatar_description,
        "header": urls.header(account),
        "header_static": urls.header_static(account),
        "header_description": account.header_description,
        "followers_count": account.followers_count,
        "following_count": account.following_count,
        "statuses_count": account.statuses_count,
        "last_status_at": day(account.last_status_at),
        "hide_collections": account.hide_collections,
        "show_media": account.show_media,
        "show_media_replies": account.show_media_replies,
        "show_featured": account.show_featured,
        "emojis": emojis(account.emojis, urls),
        "fields": [show_field(field) for field in account.fields],
        "feature_approval": _approval(account),
    }
    if account.local:
        shown["noindex"] = not account.indexable
        shown["roles"] = [_badge(account.shown_role)] if account.shown_role else []
        if account.email_subscriptions and account.suspended_at is None:
            shown["email_subscriptions"] = True
    if account.suspended_at is not None:
        shown["suspended"] = True
    if account.silenced_at is not None:
        shown["limited"] = True
    if account.memorial:
        shown["memorial"] = True
    return shown


def _approval(account: AccountView) -> FeatureApproval:
    """What everybody is told; `feature_approval.py` says what is so for the caller."""
    policy = policy_of(account)
    return {
        "automatic": list(policy.automatic),
        "manual": list(policy.manual),
        "current_user": consent_unasked(policy),
    }


async def show_accounts(tx: Tx, ids: Sequence[int], urls: Urls) -> list[Account]:
    """The accounts with these ids, in this order, each with the one it moved to; unknown ones are left out."""
    found = await accounts.by_ids(tx, ids)
    moved = await accounts.by_uris(tx, {one.moved_to_uri for one in found.values() if one.moved_to_uri})
    out = []
    for id in ids:
        account = found.get(id)
        if account is None:
            continue
        shown = show_account(account, urls)
        new = moved.get(account.moved_to_uri) if account.moved_to_uri else None
        if new is not None and new.id != account.id:
            shown["moved"] = show_account(new, urls)
        out.append(shown)
    return out


def show_field(field: FieldView) -> AccountField:
    """A line of the table."""
    return {"name": field.name, "value": field.value, "verified_at": stamp(field.verified_at)}


POSITIONS = {"Owner": 1000, "Admin": 100, "Moderator": 10, "User": -1}


def _badge(role: str) -> AccountRole:
    return {"id": str(POSITIONS[role]), "name": role, "color": ""}


def show_role(role: str) -> Role:
    """The Role entity of a login."""
    return {
        "id": str(POSITIONS[role]) if role != "User" else "-99",
        "name": roles.shown(role),
        "color": "",
        "permissions": str(ALLOWED[role]),
        "highlighted": bool(roles.shown(role)),
        "collection_limit": MOST_COLLECTIONS,
    }


def show_credentials(
    account: AccountView, user: User, source: Source, follow_requests: int, urls: Urls
) -> CredentialAccount:
    """One's own account; `source` is the bio and the fields as typed."""
    settings = user.settings
    return {
        **show_account(account, urls),
        "source": {
            "privacy": settings.default_visibility,
            "sensitive": settings.default_sensitive,
            "language": settings.default_language,
            "quote_policy": settings.default_quote_policy,
            "note": source.note or "",
            "fields": [show_field(field) for field in source.fields or []],
            "follow_requests_count": follow_requests,
            "hide_collections": account.hide_collections,
            "discoverable": account.discoverable,
            "indexable": account.indexable,
            "attribution_domains": source.attribution_domains,
        },
        "role": show_role(user.role),
    }
