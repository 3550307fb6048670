"""Signing up in the browser, and the pages that invitations lead to."""

from __future__ import annotations

from typing import Any

from dassie.domain.errors import Invalid, NotAllowed
from dassie.door.limits import SIGN_IN_ADDRESS, SIGN_UPS
from dassie.services import registering, signing_in
from dassie.services.checking_sign_ups import LONGEST_REASON, SignUp
from dassie.services.registering import Door
from dassie.store import accounts, logins
from dassie.store.logins import User
from dassie.web import texts
from dassie.web.answers import Answer, Data, Go
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of, first_page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

TYPED = {"username": 100, "email": 320, "reason": 2000, "date_of_birth": 50}


@page("/auth/sign_up")
async def sign_up_page(visit: Visit) -> Answer:
    """The form, with what is agreed to; or why there is none."""
    if visit.viewer is not None:
        return Go("/home")
    return await _form(visit, visit.params.text("invite_code", most=100) or "", {})


@page("/invite/{code}")
async def invitation(visit: Visit, code: str) -> Answer:
    """Sign up by somebody's invitation; apps ask here whether it is good."""
    if "application/json" in visit.request.headers.get("accept", ""):
        return await _for_apps(visit, code[:100])
    if visit.viewer is not None:
        return Go("/home")
    return await _form(visit, code[:100], {})


@form("/auth/sign_up", signed_in=False)
async def sign_up(visit: Visit) -> Answer:
    """Make the account; who need not wait is signed in at once."""
    now = visit.server.clock.now()
    visit.limits.count(SIGN_IN_ADDRESS, visit.request.client_group, now)
    params = visit.params
    given = SignUp(
        **{name: params.text(name, most=most) or "" for name, most in TYPED.items()},
        password=str(params.get("password", ""))[:1000],
        agreement=bool(params.flag("agreement")),
        locale=texts.choose(visit.request.headers.get("accept-language", "")),
        time_zone=params.text("time_zone", most=100) or "",
        invite_code=params.text("invite_code", most=100) or "",
    )

    def count() -> None:
        visit.limits.count(SIGN_UPS, visit.request.client_group, now)

    try:
        _account, user = await registering.sign_up(visit.server, given, ip=visit.request.client, allowed=count)
    except Invalid as error:
        return await _form(visit, given.invite_code, fields_of(error, ""), 422)
    except NotAllowed:
        return await _form(visit, given.invite_code, {}, 403)
    return await _waits(visit, user) if user.waits_for else await _in(visit, user)


async def _in(visit: Visit, user: User) -> Answer:
    async with visit.server.write() as tx:
        agent = visit.request.headers.get("user-agent", "")
        token = await signing_in.open_session(tx, visit.server, user, ip=visit.request.client, user_agent=agent)
        codes = await signing_in.make_recovery_codes(tx, user)
    return await first_page(visit, token, codes)


async def _waits(visit: Visit, user: User) -> Answer:
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    email = user.email if user.confirmed_at is None else None
    return visit.html("pages/sign_up_done.html", around, email=email, approved=user.approved)


async def _form(visit: Visit, invite_code: str, problems: dict[str, str], code: int = 200) -> Answer:
    async with visit.server.read() as tx:
        found = await registering.door(tx, invite_code)
        inviter = await logins.by_id(tx, found.invite.user_id) if found.invite is not None else None
        by = await accounts.by_id(tx, inviter.account_id) if inviter is not None else None
        around = await visit.page(tx)
    token, headers = visit.guest()
    if not found.is_open:
        values: dict[str, Any] = {"message": found.said.closed_message, "invited": bool(invite_code)}
        return visit.html("pages/sign_up_closed.html", around, http_code=403 if code != 200 else 200, **values)
    typed = {name: str(visit.params.get(name, ""))[:most] for name, most in TYPED.items()}
    values = {"token": token, "errors": problems, "typed": typed, "inviter": by, "mail": visit.server.mail.on}
    values |= _asked(found) | {"gone": bool(invite_code) and found.invite is None}
    return visit.html("pages/sign_up.html", around, http_code=code, headers=headers, **values)


def _asked(found: Door) -> dict[str, Any]:
    return {
        "invite_code": found.invite.code if found.invite is not None else "",
        "waits": not found.approves,
        "wants_reason": found.wants_reason,
        "longest_reason": LONGEST_REASON,
        "min_age": found.said.min_age,
        "terms": bool(found.said.terms),
    }


async def _for_apps(visit: Visit, code: str) -> Answer:
    async with visit.server.read() as tx:
        found = await registering.door(tx, code)
    headers = [("vary", "Accept"), ("access-control-allow-origin", "*")]
    if found.invite is None:
        return Data({"error": _("This invite is not valid.")}, 401, headers)
    said = {"invite_code": found.invite.code, "instance_api_url": f"{visit.urls.base}/api/v2/instance"}
    return Data(said, headers=headers)
