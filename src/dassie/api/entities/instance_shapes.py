"""The Instance entities and what else this server says of itself, as they are described; `instance.py` writes them."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.accounts import Account
from dassie.api.entities.shapes import Day, Digits, Html, Id, Stamp, Url, Words

Access = Annotated[str, Words("public", "authenticated", "disabled")]


class InstanceUsageUsers(TypedDict):
    """How many people were here."""

    active_month: int


class InstanceUsage(TypedDict):
    """What is counted."""

    users: InstanceUsageUsers


class InstanceThumbnail(TypedDict):
    """The picture of this server."""

    url: Url
    description: str


class InstanceIcon(TypedDict):
    """Its icon in one size."""

    src: Url
    size: str


class ConfigurationUrls(TypedDict):
    """Where things are."""

    streaming: Url
    status: Url | None
    about: Url
    privacy_policy: Url | None
    terms_of_service: Url | None


class ConfigurationVapid(TypedDict):
    """The key that pushes are signed with."""

    public_key: str


class ConfigurationAccounts(TypedDict):
    """Limits of profiles."""

    max_display_name_length: int
    max_note_length: int
    max_avatar_description_length: int
    max_header_description_length: int
    max_featured_tags: int
    max_pinned_statuses: int
    max_profile_fields: int
    profile_field_name_limit: int
    profile_field_value_limit: int


class ConfigurationStatuses(TypedDict):
    """Limits of posts."""

    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int


class ConfigurationMediaAttachments(TypedDict):
    """Limits of files."""

    supported_mime_types: list[str]
    description_limit: int
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int


class ConfigurationPolls(TypedDict):
    """Limits of polls."""

    max_options: int
    max_characters_per_option: int
    min_expiration: int
    max_expiration: int


class ConfigurationTranslation(TypedDict):
    """Whether posts are translated."""

    enabled: bool


class FeedAccess(TypedDict):
    """Who may read a kind of timeline, of ours and of others."""

    local: Access
    remote: Access


class ConfigurationTimelinesAccess(TypedDict):
    """Who may read timelines."""

    live_feeds: FeedAccess
    hashtag_feeds: FeedAccess
    trending_link_feeds: FeedAccess


class Configuration(TypedDict):
    """Limits and addresses that apps adapt to."""

    urls: ConfigurationUrls
    vapid: ConfigurationVapid
    accounts: ConfigurationAccounts
    statuses: ConfigurationStatuses
    media_attachments: ConfigurationMediaAttachments
    polls: ConfigurationPolls
    translation: ConfigurationTranslation
    timelines_access: ConfigurationTimelinesAccess
    limited_federation: bool


class InstanceRegistrations(TypedDict):
    """Who may register."""

    enabled: bool
    approval_required: bool
    message: Html | None
    min_age: int | None
    reason_required: bool | None
    url: Url | None


class InstanceApiVersions(TypedDict):
    """Which API this is."""

    mastodon: int


class InstanceContact(TypedDict):
    """Whom to ask."""

    email: str
    account: Account | None


class RuleTranslation(TypedDict):
    """A rule in another language."""

    text: str
    hint: str


class Rule(TypedDict):
    """A rule of this server."""

    id: Id
    text: str
    hint: str
    translations: dict[str, RuleTranslation]


class Instance(TypedDict):
    """This server."""

    domain: str
    title: str
    version: str
    source_url: Url
    description: str
    wrapstodon: str | None
    usage: InstanceUsage
    thumbnail: InstanceThumbnail
    icon: list[InstanceIcon]
    languages: list[str]
    configuration: Configuration
    registrations: InstanceRegistrations
    api_versions: InstanceApiVersions
    contact: InstanceContact
    rules: list[Rule]


class V1InstanceUrls(TypedDict):
    """Where streams are."""

    streaming_api: Url


class V1InstanceStats(TypedDict):
    """What is counted."""

    user_count: int
    status_count: int
    domain_count: int


class OldConfigurationAccounts(TypedDict):
    """Limits of profiles."""

    max_featured_tags: int


class OldConfigurationMediaAttachments(TypedDict):
    """Limits of files."""

    supported_mime_types: list[str]
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int


class OldConfiguration(TypedDict):
    """Limits."""

    accounts: OldConfigurationAccounts
    statuses: ConfigurationStatuses
    media_attachments: OldConfigurationMediaAttachments
    polls: ConfigurationPolls


class V1Instance(TypedDict):
    """This server, in the old shape."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: V1InstanceUrls
    stats: V1InstanceStats
    thumbnail: Url | None
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: OldConfiguration
    contact_account: Account | None
    rules: list[Rule]


class ExtendedDescription(TypedDict):
    """The long text about this server."""

    updated_at: Stamp
    content: Html


class PrivacyPolicy(TypedDict):
    """What is kept, and why."""

    updated_at: Stamp
    content: Html


class TermsOfService(TypedDict):
    """The terms of a time."""

    effective_date: Day
    effective: bool
    content: Html
    succeeded_by: Day | None


class Activity(TypedDict):
    """A week here."""

    week: Digits
    statuses: Digits
    logins: Digits
    registrations: Digits


class Language(TypedDict):
    """A language that posts may be in."""

    code: str
    name: str
