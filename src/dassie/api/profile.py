"""The own profile as raw values to edit (Mastodon 4.6)."""

from __future__ import annotations

from dassie.api.entities.accounts import Profile, show_field
from dassie.api.profile_changes import PICTURE_BYTES, PROFILE, read_change
from dassie.api.routing import Call, get, put
from dassie.domain.errors import NotFound
from dassie.domain.urls import Urls
from dassie.services import profiles as profile_service
from dassie.store import accounts, profiles
from dassie.store.profiles import Source
from dassie.store.views import AccountView


@get("/api/v1/profile", scope="profile|read:accounts", takes=[])
async def show(call: Call) -> Profile:
    """One's own profile."""
    return await _profile(call)


@put("/api/v1/profile", scope="write:accounts", upload=PICTURE_BYTES, takes=PROFILE)
async def change(call: Call) -> Profile:
    """Change one's profile; what is not given stays."""
    await profile_service.change_profile(call.server, call.me, read_change(call))
    return await _profile(call)


async def _profile(call: Call) -> Profile:
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, call.me.id)
        if account is None:
            raise NotFound
        source = await profiles.source(tx, account.id)
    return _shown(account, source, call.urls)


def _shown(account: AccountView, source: Source, urls: Urls) -> Profile:
    avatar, header = account.avatar_key is not None, account.header_key is not None
    return {
        "id": str(account.id),
        "display_name": account.display_name,
        "note": source.note or "",
        "fields": [show_field(field) for field in source.fields or []],
        "avatar": urls.avatar(account) if avatar else None,
        "avatar_static": urls.avatar_static(account) if avatar else None,
        "avatar_description": account.avatar_description,
        "header": urls.header(account) if header else None,
        "header_static": urls.header_static(account) if header else None,
        "header_description": account.header_description,
        "locked": account.locked,
        "bot": account.bot,
        "hide_collections": account.hide_collections,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        # Profiles here always show these tabs.
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "attribution_domains": source.attribution_domains,
        "formatted_note": account.note,
        "formatted_fields": [show_field(field) for field in account.fields],
        "featured_tags": [],
    }
