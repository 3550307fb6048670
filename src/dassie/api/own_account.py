"""One's own account: who one is, changing the profile, preferences."""

from __future__ import annotations

from dassie.api.entities.accounts import CredentialAccount, Preferences, show_credentials
from dassie.api.profile_changes import PICTURE_BYTES, PROFILE, read_change
from dassie.api.routing import Call, delete, get, put
from dassie.domain.errors import Invalid
from dassie.services import profiles as profile_service
from dassie.services.profiles import Picture
from dassie.store import accounts, follows, logins, profiles
from dassie.store.logins import User


@get("/api/v1/accounts/verify_credentials", scope="profile|read:accounts", takes=[])
async def verify_credentials(call: Call) -> CredentialAccount:
    """One's own account, with bio and fields as typed."""
    return await _credentials(call)


@put("/api/v1/accounts/update_credentials", scope="write:accounts", upload=PICTURE_BYTES, takes=PROFILE)
async def update_credentials(call: Call) -> CredentialAccount:
    """Change one's profile and how one posts by default; what is not given stays."""
    await profile_service.change_profile(call.server, call.me, read_change(call))
    return await _credentials(call)


@delete("/api/v1/profile/avatar", scope="write:accounts", takes=[])
async def remove_avatar(call: Call) -> CredentialAccount:
    """Go without an avatar."""
    return await _without(call, "avatar")


@delete("/api/v1/profile/header", scope="write:accounts", takes=[])
async def remove_header(call: Call) -> CredentialAccount:
    """Go without a header."""
    return await _without(call, "header")


@get("/api/v1/preferences", scope="read:accounts", takes=[])
async def preferences(call: Call) -> Preferences:
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


async def _without(call: Call, which: Picture) -> CredentialAccount:
    await profile_service.remove_picture(call.server, call.me, which)
    return await _credentials(call)


async def _credentials(call: Call) -> CredentialAccount:
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
