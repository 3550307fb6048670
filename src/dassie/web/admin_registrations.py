"""Admin: who may sign up, and those who wait to be let in."""

from __future__ import annotations

from dassie.domain.errors import Invalid, NotFound
from dassie.services import letting_in, registering
from dassie.services.letting_in import MODES
from dassie.store import logins, settings, sign_ups
from dassie.store.logins import User
from dassie.store.tx import Tx
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.signing_in import fields_of
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

SETTINGS = "/admin/settings/registrations"
WAITING = "/admin/sign_ups"
SHOWN = 100


@admin_page(SETTINGS, "manage_settings", section="Registrations", place=55)
async def registrations(visit: Visit) -> Answer:
    """Who may sign up, to be changed."""
    return await _settings(visit, None, {})


@admin_form(SETTINGS, "manage_settings")
async def save(visit: Visit) -> Answer:
    """Keep it."""
    params = visit.params
    typed = {
        "registrations": str(params.get("registrations", ""))[:20],
        "min_age": str(params.get("min_age", ""))[:10],
        "message": (params.text("message", most=20_000) or "").replace("\r\n", "\n"),
        "reason_required": bool(params.flag("reason_required")),
    }
    try:
        async with visit.server.write() as tx:
            await letting_in.change(
                tx,
                visit.server,
                mode=str(typed["registrations"]),
                reason_required=bool(typed["reason_required"]),
                min_age=letting_in.read_age(str(typed["min_age"])),
                message=str(typed["message"]),
            )
            await record(tx, visit, "instance.registrations_changed", mode=typed["registrations"])
    except Invalid as error:
        return await _settings(visit, typed, fields_of(error, ""))
    return Go(SETTINGS, "saved")


@admin_page(WAITING, "manage_users", section="Sign-ups", place=12)
async def waiting(visit: Visit) -> Answer:
    """Who waits to be let in, and why they want to be here; the longest first."""
    async with visit.server.read() as tx:
        found = await sign_ups.waiting(tx, limit=SHOWN)
        mode = (await settings.instance(tx)).registrations
        around = await visit.page(tx)
    undecided = [one for one in found if one.confirmed_at is not None]
    unproved = [one for one in found if one.confirmed_at is None]
    return visit.html("admin/sign_ups.html", around, undecided=undecided, unproved=unproved, mode=mode)


@admin_form(WAITING + "/{id}/approve", "manage_users")
async def approve(visit: Visit, id: int) -> Answer:
    """Let somebody in; who has not proved their address yet still must."""
    async with visit.server.write() as tx:
        user = await _waiting(tx, id)
        await registering.approve(tx, visit.server, user, by=visit.me.id, ip=visit.request.client)
    return Go(WAITING, "let_in")


@admin_form(WAITING + "/{id}/reject", "manage_users")
async def reject(visit: Visit, id: int) -> Answer:
    """Turn somebody away."""
    async with visit.server.write() as tx:
        user = await _waiting(tx, id)
        await registering.reject(tx, visit.server, user, by=visit.me.id, ip=visit.request.client)
    return Go(WAITING, "turned_away")


async def _waiting(tx: Tx, id: int) -> User:
    user = await logins.by_id(tx, id)
    if user is None or not user.waits_for:
        raise NotFound
    return user


async def _settings(visit: Visit, typed: dict[str, object] | None, problems: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        said = await settings.instance(tx)
        around = await visit.page(tx)
    shown: dict[str, object] = {
        "registrations": said.registrations,
        "min_age": said.min_age or "",
        "message": said.closed_source,
        "reason_required": said.reason_required,
    }
    words = {
        "none": _("Nobody, but with an invitation"),
        "approved": _("Everybody may ask, and is let in by hand"),
        "open": _("Everybody"),
    }
    return visit.html(
        "admin/registrations.html",
        around,
        http_code=422 if problems else 200,
        typed=typed or shown,
        modes=[(mode, words[mode]) for mode in MODES],
        errors=problems,
        mail=visit.server.mail.on,
    )
