"""Signing up from an app, and what it may do about the mail address until that is proved."""

from __future__ import annotations

from typing import NoReturn

from dassie.api.entities.apps import Token, show_token
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, get, post
from dassie.domain.errors import Invalid, NotAllowed, NotAuthenticated
from dassie.door import taking as take
from dassie.door.limits import MAIL_ADDRESS, MAIL_RECEIVER, SIGN_UPS
from dassie.services import authorising, confirming, registering
from dassie.services.checking_sign_ups import SignUp
from dassie.store import apps
from dassie.store.logins import User


@post(
    "/api/v1/accounts",
    scope="write:accounts",
    user=False,
    takes=[
        take.text("username", required=True, most=500),
        take.text("email", required=True, most=500),
        take.text("password", required=True, most=1000),
        take.flag("agreement", "To the rules and terms of this server.", required=True),
        take.text("locale", "The language of letters.", required=True, most=50),
        take.text("reason", "Why somebody wants to be here, where that is asked.", most=2000),
        take.text("date_of_birth", "A day such as 2001-12-31, where there is a minimum age; never kept.", most=50),
        take.text("time_zone", "As the IANA names it.", most=100),
        take.text("invite_code", most=100),
    ],
)
async def sign_up(call: Call) -> Token:
    """Sign up a new user from an app. The token works once the address is proved and the staff agreed, as needed."""
    call.limits.count(SIGN_UPS, call.request.client_group, call.server.clock.now())
    if call.caller is None or call.caller.app_id is None:
        raise NotAuthenticated
    if call.caller.user is not None:
        raise NotAllowed("This method requires an client credentials authentication")
    params = call.params
    given = SignUp(
        username=params.text("username", most=500) or "",
        email=params.text("email", most=500) or "",
        password=params.text("password", most=1000) or "",
        agreement=bool(params.flag("agreement")),
        locale=params.text("locale", most=50) or "en",
        reason=params.text("reason", most=2000) or "",
        date_of_birth=params.text("date_of_birth", most=50) or "",
        time_zone=params.text("time_zone", most=100) or "",
        invite_code=params.text("invite_code", most=100) or "",
    )
    app_id = call.caller.app_id
    _account, user = await registering.sign_up(call.server, given, ip=call.request.client, app_id=app_id)
    async with call.server.write() as tx:
        app = await apps.by_id(tx, app_id)
        if app is None:
            raise NotAuthenticated
        issued = await authorising.issue(tx, call.server, user, app.scopes, app)
    return show_token(issued)


@post("/api/v1/emails/confirmations", scope="write:accounts", user=False, takes=[take.text("email", most=500)])
async def send_confirmation(call: Call) -> Empty:
    """Send the confirmation mail again, to another address where one is given."""
    user = _signed_up_here(call)
    if confirming.unproved(user) is None:
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    now = call.server.clock.now()
    call.limits.count(MAIL_ADDRESS, call.request.client_group, now)
    call.limits.count(MAIL_RECEIVER, str(user.id), now)
    email = call.params.text("email", most=500)
    async with call.server.write() as tx:
        if email:
            user = await confirming.change_email(tx, call.server, user, email)
        await confirming.ask(tx, call.server, user)
    return {}


@get("/api/v1/emails/check_confirmation", scope="read:accounts", user=False, takes=[])
async def check_confirmation(call: Call) -> bool:
    """Whether my address is confirmed."""
    user = call.caller.user if call.caller is not None else None
    if user is None:
        raise Invalid("This method requires an authenticated user")
    return user.confirmed_at is not None


def _signed_up_here(call: Call) -> User:
    """The person, who signed up with this very app; raises `NotAllowed`."""
    user = call.caller.user if call.caller is not None else None
    if call.caller is None or user is None or user.app_id is None or user.app_id != call.caller.app_id:
        _refuse()
    return user


def _refuse() -> NoReturn:
    raise NotAllowed("This method is only available to the application the user originally signed-up with")
