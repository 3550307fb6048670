"""One's own account: who one is, changing the profile, preferences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from dassie.api.entities.accounts import show_credentials
from dassie.api.routing import Call, delete, get, put
from dassie.domain.audience import POSTABLE
from dassie.domain.errors import Invalid
from dassie.domain.languages import valid_language
from dassie.services import profiles as profile_service
from dassie.services.profiles import Picture, ProfileChange
from dassie.store import accounts, follows, logins, profiles
from dassie.store.logins import User

PICTURE_BYTES = 8_000_000
QUOTE_POLICIES = frozenset({"public", "followers", "nobody"})
_FLAGS = ("locked", "bot", "discoverable", "indexable", "hide_collections")
_TEXTS = ("display_name", "note", "avatar_description", "header_description")


@get("/api/v1/accounts/verify_credentials", scope="profile|read:accounts")
async def verify_credentials(call: Call) -> dict[str, Any]:
    """One's own account, with bio and fields as typed."""
    return await _credentials(call)


@put("/api/v1/accounts/update_credentials", scope="write:accounts", upload=PICTURE_BYTES)
async def update_credentials(call: Call) -> dict[str, Any]:
    """Change one's profile and how one posts by default; what is not given stays."""
    await profile_service.change_profile(call.server, call.me, _change(call))
    return await _credentials(call)


@delete("/api/v1/profile/avatar", scope="write:accounts")
async def remove_avatar(call: Call) -> dict[str, Any]:
    """Go without an avatar."""
    return await _without(call, "avatar")


@delete("/api/v1/profile/header", scope="write:accounts")
async def remove_header(call: Call) -> dict[str, Any]:
    """Go without a header."""
    return await _without(call, "header")


@get("/api/v1/preferences", scope="read:accounts")
async def preferences(call: Call) -> dict[str, Any]:
    """How one posts and reads by default."""
    settings = _user(call).settings
    return {
        "posting:default:visibility": settings.default_visibility,
        "posting:default:sensitive": settings.default_sensitive,
        "posting:default:language": settings.default_language,
        "posting:default:quote_policy": settings.default_quote_policy,
        "reading:expand:media": settings.expand_media,
        "reading:expand:spoilers": settings.expand_spoilers,
        "reading:autoplay:gifs": settings.autoplay_gifs,
    }


async def _without(call: Call, which: Picture) -> dict[str, Any]:
    await profile_service.remove_picture(call.server, call.me, which)
    return await _credentials(call)


async def _credentials(call: Call) -> dict[str, Any]:
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, call.me.id) or call.me
        user = await logins.user_of(tx, account.id) or _user(call)
        source = await profiles.source(tx, account.id)
        waiting = await follows.request_count(tx, account.id)
    return show_credentials(account, user, source, waiting, call.urls)


def _user(call: Call) -> User:
    if call.caller is None or call.caller.user is None:
        raise Invalid("This method requires an authenticated user")
    return call.caller.user


# Reading a change ------------------------------------------------------------------------------------


def _change(call: Call) -> ProfileChange:
    given: dict[str, Any] = {}
    for name in _FLAGS:
        if (flag := call.params.flag(name)) is not None:
            given[name] = flag
    for name in _TEXTS:
        if (text := call.params.text(name)) is not None:
            given[name] = text
    if "attribution_domains" in call.params:
        given["attribution_domains"] = call.params.texts("attribution_domains", most=1000)
    return ProfileChange(
        **given,
        fields=_fields(call),
        avatar=_file(call, "avatar"),
        header=_file(call, "header"),
        settings=_settings(call),
    )


def _fields(call: Call) -> list[tuple[str, str]] | UnsetType:
    """A JSON array, an object by index, or form fields with indices."""
    if "fields_attributes" not in call.params:
        return UNSET
    found = call.params.children("fields_attributes")
    return [(field.text("name") or "", field.text("value") or "") for field in found]


def _file(call: Call, name: str) -> Path | UnsetType:
    upload = call.params.file(name)
    return UNSET if upload is None else upload.path


def _settings(call: Call) -> dict[str, Any]:
    source = call.params.child("source")
    found: dict[str, Any] = {}
    if source is None:
        return found
    if (privacy := source.word("privacy", POSTABLE)) is not None:
        found["default_visibility"] = privacy
    if (sensitive := source.flag("sensitive")) is not None:
        found["default_sensitive"] = sensitive
    if (policy := source.word("quote_policy", QUOTE_POLICIES)) is not None:
        found["default_quote_policy"] = policy
    if (language := source.text("language")) is not None:
        found["default_language"] = valid_language(language)
        if language and found["default_language"] is None:
            raise Invalid("Validation failed: Default language is not a known language")
    return found
