"""Instance and V1::Instance entities: what clients adapt to. Every limit here is the constant that is enforced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from dassie import __version__
from dassie.api.entities.accounts import Account, show_account
from dassie.api.entities.instance_shapes import (
    Configuration,
    ConfigurationAccounts,
    ConfigurationMediaAttachments,
    ConfigurationPolls,
    ConfigurationStatuses,
    FeedAccess,
    Instance,
    OldConfigurationMediaAttachments,
    Rule,
    V1Instance,
)
from dassie.config import Config
from dassie.domain import media_limits as media
from dassie.domain import settings
from dassie.domain.roles import may
from dassie.domain.settings import InstanceSettings
from dassie.domain.text import URL_COUNTS
from dassie.domain.urls import Urls
from dassie.services import drafts, featuring_tags, feed_access, pinning, profile_texts, profiles
from dassie.store.views import AccountView

MASTODON = "4.6.5"
"""The version whose API this is; clients look for it first."""
API_VERSION = 11
VERSION = f"{MASTODON} (compatible; dassie {__version__})"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted and looked up for the documents."""

    said: InstanceSettings
    contact: AccountView | None
    users: int
    active_month: int
    statuses: int
    peers: int
    vapid_key: str
    year: int | None
    """Of the annual reports that are put forward now."""


def show_instance(facts: Facts, config: Config, urls: Urls) -> Instance:
    """Server facts, limits and contact (version 2)."""
    said = facts.said
    return {
        "domain": urls.domain,
        "title": said.title or urls.domain,
        "version": VERSION,
        "source_url": f"{urls.base}/about",
        "description": said.short_description,
        "wrapstodon": str(facts.year) if facts.year is not None else None,
        "usage": {"users": {"active_month": facts.active_month}},
        "thumbnail": {"url": f"{urls.base}/static/icon-512.png", "description": ""},
        "icon": [{"src": f"{urls.base}/static/icon-{n}.png", "size": f"{n}x{n}"} for n in (192, 512)],
        "languages": said.languages,
        "configuration": _configuration(facts, config, urls),
        "registrations": {
            "enabled": said.registrations != "none",
            "approval_required": said.registrations == "approved",
            "reason_required": said.registrations == "approved" and said.reason_required,
            "message": (said.closed_message or None) if said.registrations == "none" else None,
            "min_age": said.min_age,
            "url": None,
        },
        "api_versions": {"mastodon": API_VERSION},
        "contact": {"email": said.contact_email, "account": _contact(facts, urls)},
        "rules": [show_rule(rule) for rule in said.rules],
    }


def show_old_instance(facts: Facts, config: Config, urls: Urls) -> V1Instance:
    """The same in the shape of version 1."""
    said = facts.said
    return {
        "uri": urls.domain,
        "title": said.title or urls.domain,
        "short_description": said.short_description,
        "description": said.short_description,
        "email": said.contact_email,
        "version": VERSION,
        "urls": {"streaming_api": streaming(urls)},
        "stats": {"user_count": facts.users, "status_count": facts.statuses, "domain_count": facts.peers},
        "thumbnail": f"{urls.base}/static/icon-512.png",
        "languages": said.languages,
        "registrations": said.registrations != "none",
        "approval_required": said.registrations == "approved",
        "invites_enabled": may("User", "invite_users"),
        "configuration": {
            "accounts": {"max_featured_tags": featuring_tags.MOST},
            "statuses": _statuses(),
            "media_attachments": _old_media(),
            "polls": _polls(),
        },
        "contact_account": _contact(facts, urls),
        "rules": [show_rule(rule) for rule in said.rules],
    }


def show_rule(rule: settings.Rule) -> Rule:
    """A rule of this server."""
    return {"id": str(rule.id), "text": rule.text, "hint": rule.hint, "translations": {}}


def streaming(urls: Urls) -> str:
    """Where streams are: our address with ws or wss for http or https."""
    return "ws" + urls.base.removeprefix("http")


def _contact(facts: Facts, urls: Urls) -> Account | None:
    return show_account(facts.contact, urls) if facts.contact is not None else None


def _configuration(facts: Facts, config: Config, urls: Urls) -> Configuration:
    return {
        "urls": {
            "streaming": streaming(urls),
            "status": facts.said.status_page_url or None,
            "about": f"{urls.base}/about",
            "privacy_policy": f"{urls.base}/privacy-policy",
            "terms_of_service": f"{urls.base}/terms-of-service" if facts.said.terms else None,
        },
        "vapid": {"public_key": facts.vapid_key},
        "accounts": _accounts(),
        "statuses": _statuses(),
        "media_attachments": _media(),
        "polls": _polls(),
        "translation": {"enabled": bool(config.translation)},
        "timelines_access": {
            "live_feeds": _access(facts, "live"),
            "hashtag_feeds": _access(facts, "topic"),
            "trending_link_feeds": _access(facts, "topic"),
        },
        "limited_federation": False,
    }


def _access(facts: Facts, kind: feed_access.Kind) -> FeedAccess:
    local, remote = feed_access.halves(facts.said, kind)
    return {"local": local, "remote": remote}


def _accounts() -> ConfigurationAccounts:
    return {
        "max_display_name_length": profiles.DISPLAY_NAME,
        "max_note_length": profile_texts.BIO,
        "max_avatar_description_length": profiles.DESCRIPTION,
        "max_header_description_length": profiles.DESCRIPTION,
        "max_featured_tags": featuring_tags.MOST,
        "max_pinned_statuses": pinning.MOST,
        "max_profile_fields": profile_texts.FIELDS,
        "profile_field_name_limit": profile_texts.FIELD,
        "profile_field_value_limit": profile_texts.FIELD,
    }


def _statuses() -> ConfigurationStatuses:
    return {
        "max_characters": drafts.MOST_CHARACTERS,
        "max_media_attachments": drafts.MOST_FILES,
        "characters_reserved_per_url": URL_COUNTS,
    }


def _polls() -> ConfigurationPolls:
    return {
        "max_options": drafts.POLL_OPTIONS[1],
        "max_characters_per_option": drafts.LONGEST_OPTION,
        "min_expiration": int(drafts.SHORTEST_POLL.total_seconds()),
        "max_expiration": int(drafts.LONGEST_POLL.total_seconds()),
    }


@cache
def _media() -> ConfigurationMediaAttachments:
    moving = find_spec("av") is not None
    return {
        "supported_mime_types": [*media.PICTURE_TYPES, *(media.MOVING_TYPES if moving else ())],
        "description_limit": drafts.LONGEST_DESCRIPTION,
        "image_size_limit": media.MAX_PICTURE_BYTES,
        "image_matrix_limit": media.MAX_PIXELS,
        "video_size_limit": media.MAX_MOVING_BYTES,
        "video_frame_rate_limit": media.MAX_RATE,
        "video_matrix_limit": media.STORED_PIXELS,
    }


def _old_media() -> OldConfigurationMediaAttachments:
    shown = _media()
    return {
        "supported_mime_types": shown["supported_mime_types"],
        "image_size_limit": shown["image_size_limit"],
        "image_matrix_limit": shown["image_matrix_limit"],
        "video_size_limit": shown["video_size_limit"],
        "video_frame_rate_limit": shown["video_frame_rate_limit"],
        "video_matrix_limit": shown["video_matrix_limit"],
    }
