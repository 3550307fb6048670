"""The own profile as raw values to edit (Mastodon 4.6)."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.api.entities.accounts import Profile, show_field
from dassie.api.entities.tags import show_featured_tag
from dassie.api.profile_changes import PICTURE_BYTES, PROFILE, TABS, read_change
from dassie.api.routing import Call, get, put
from dassie.domain.errors import NotFound
from dassie.domain.urls import Urls
from dassie.door import taking as take
from dassie.services import profiles as profile_service
from dassie.store import accounts, featured_tags, profiles
from dassie.store.featured_tags import FeaturedTag
from dassie.store.profiles import Source
from dassie.store.views import AccountView


@get("/api/v1/profile", scope="profile|read:accounts", takes=[])
async def show(call: Call) -> Profile:
    """One's own profile."""
    return await _profile(call)


@put("/api/v1/profile", scope="write:accounts", upload=PICTURE_BYTES, takes=[*PROFILE, *map(take.flag, TABS)])
async def change(call: Call) -> Profile:
    """Change one's profile; what is not given stays."""
    await profile_service.change_profile(call.server, call.me, read_change(call, TABS))
    return await _profile(call)


async def _profile(call: Call) -> Profile:
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, call.me.id)
        if account is None:
            raise NotFound
        source = await profiles.source(tx, account.id)
        featured = await featured_tags.of(tx, account.id)
    return _shown(account, source, featured, call.urls)


def _shown(account: AccountView, source: Source, featured: Sequence[FeaturedTag], urls: Urls) -> Profile:
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
        "show_media": account.show_media,
        "show_media_replies": account.show_media_replies,
        "show_featured": account.show_featured,
        "attribution_domains": source.attribution_domains,
        "formatted_note": account.note,
        "formatted_fields": [show_field(field) for field in account.fields],
        "featured_tags": [show_featured_tag(one, account, urls) for one in featured],
    }
