"""Settings of the person: reading and posting, sign-in, apps."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from dassie.domain import time_zones
from dassie.domain.errors import DassieError, Invalid, NotFound
from dassie.domain.settings import UserSettings
from dassie.door.limits import MAIL_RECEIVER, PASSWORDS
from dassie.services import authorising, confirming, passwords, signing_in, subscribing_by_mail
from dassie.store import logins, sessions, tokens
from dassie.web import languages
from dassie.web.answers import Answer, Go, Html
from dassie.web.browsers import browser_name
from dassie.web.routing import form, page
from dassie.web.shown import AppAccess, SignedIn
from dassie.web.signing_in import fields_of
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

CHOICES = ("color_scheme", "expand_media", "default_visibility", "default_quote_policy")
SWITCHES = ("expand_spoilers", "default_sensitive")


@page("/settings/preferences", signed_in=True)
async def preferences(visit: Visit) -> Html:
    """How pages look and what new posts begin with."""
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    zones = [("", "UTC"), *((name, name.replace("_", " ")) for name in time_zones.names())]
    mail_readers = visit.me.email_subscriptions or subscribing_by_mail.may_offer(visit.server, visit.user)
    chosen: dict[str, Any] = {
        "languages": languages.choices(around.lang),
        "time_zones": zones,
        "mail_readers": mail_readers,
    }
    return visit.html("pages/settings_preferences.html", around, **chosen)


@form("/settings/preferences")
async def save_preferences(visit: Visit) -> Answer:
    """Keep them."""
    given: dict[str, object] = {name: visit.params[name] for name in CHOICES if name in visit.params}
    given |= {name: bool(visit.params.flag(name)) for name in SWITCHES}
    given["default_language"] = languages.known(visit.params.text("default_language"))
    given["time_zone"] = time_zones.known(visit.params.text("time_zone"))
    try:
        wanted = msgspec.convert({**msgspec.to_builtins(visit.user.settings), **given}, UserSettings)
    except msgspec.ValidationError as error:
        raise Invalid(_("One of the choices does not exist.")) from error
    async with visit.server.write() as tx:
        await logins.save_settings(tx, visit.user.id, wanted)
    return Go("/settings/preferences", "saved")


@page("/auth/edit", signed_in=True)
async def sign_in_settings(visit: Visit) -> Answer:
    """Password, recovery codes, signed-in browsers."""
    return await _sign_in_settings(visit, {})


@form("/auth/edit")
async def change_password(visit: Visit) -> Answer:
    """Set a new password; other browsers are signed out."""
    visit.limit(PASSWORDS)
    now, new = (str(visit.params.get(name, ""))[:1000] for name in ("current", "password"))
    async with visit.server.read() as tx:
        kept = await logins.password_hash(tx, visit.user.id)
    if not await asyncio.to_thread(passwords.check_password, now, kept):
        return await _sign_in_settings(visit, {"current": _("This is not your password.")})
    try:
        passwords.check_new_password(new)
    except DassieError as error:
        return await _sign_in_settings(visit, fields_of(error, "password"))
    hashed = await asyncio.to_thread(passwords.hash_password, new)
    async with visit.server.write() as tx:
        assert visit.caller is not None
        await signing_in.change_password(
            tx, visit.user, hashed, session_id=visit.caller.token_id, ip=visit.request.client
        )
    return Go("/auth/edit", "password")


@form("/auth/email")
async def change_email(visit: Visit) -> Answer:
    """Another mail address; where mail is sent, it has to be proved first."""
    typed = visit.params.text("email", most=320) or ""
    now = str(visit.params.get("current_for_email", ""))[:1000]
    visit.limits.count(MAIL_RECEIVER, str(visit.user.id), visit.server.clock.now())
    async with visit.server.read() as tx:
        kept = await logins.password_hash(tx, visit.user.id)
    if not await asyncio.to_thread(passwords.check_password, now, kept):
        return await _sign_in_settings(visit, {"current_for_email": _("This is not your password.")})
    try:
        async with visit.server.write() as tx:
            changed = await confirming.change_email(tx, visit.server, visit.user, typed)
            asked = await confirming.ask(tx, visit.server, changed)
    except Invalid as error:
        return await _sign_in_settings(visit, fields_of(error, "email"))
    return Go("/auth/edit", "letter_sent" if asked else "saved")


@form("/auth/recovery_codes")
async def recovery_codes(visit: Visit) -> Answer:
    """Make new codes and show them once."""
    async with visit.server.write() as tx:
        codes = await signing_in.make_recovery_codes(tx, visit.user)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    headers = [("cache-control", "no-store")]
    return visit.html("pages/codes.html", around, headers=headers, codes=codes, next="/auth/edit")


@form("/auth/sessions/{id}/end")
async def end_session(visit: Visit, id: int) -> Answer:
    """Sign another browser out."""
    async with visit.server.write() as tx:
        if not await sessions.end_one(tx, visit.user.id, id):
            raise NotFound
    return Go("/auth/edit", "ended")


@page("/oauth/authorized_applications", signed_in=True)
async def apps(visit: Visit) -> Html:
    """Apps that may act for the person."""
    async with visit.server.read() as tx:
        found = await tokens.authorised(tx, visit.user.id)
        around = await visit.page(tx)
    listed = {
        one.app_id: AppAccess(one.app_id, one.name, one.website, one.scopes, one.created_at, one.last_used_at)
        for one in reversed(found)
    }
    return visit.html("pages/settings_apps.html", around, apps=list(reversed(listed.values())))


@form("/oauth/authorized_applications/{id}/revoke")
async def revoke_app(visit: Visit, id: int) -> Answer:
    """Take an app's access away."""
    async with visit.server.write() as tx:
        if not await authorising.withdraw(tx, visit.server, visit.user, id):
            raise NotFound
    return Go("/oauth/authorized_applications", "revoked")


async def _sign_in_settings(visit: Visit, problems: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        open_sessions = await sessions.of_user(tx, visit.user.id)
        left = len(await logins.recovery_codes(tx, visit.user.id))
        around = await visit.page(tx)
    current = visit.caller.token_id if visit.caller is not None else 0
    shown = [
        SignedIn(one.id, browser_name(one.user_agent), one.ip, one.created_at, one.last_used_at, one.id == current)
        for one in open_sessions
    ]
    values: dict[str, Any] = {"sessions": shown, "codes_left": left, "errors": problems}
    values |= {"email": visit.user.email or "", "unproved": visit.user.unconfirmed_email, "mail": visit.server.mail.on}
    return visit.html("pages/settings_sign_in.html", around, http_code=422 if problems else 200, **values)
