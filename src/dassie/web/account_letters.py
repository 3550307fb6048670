"""Letters about one's login: proving an address, being let in, a lost password, and what was changed."""

from __future__ import annotations

from dassie.domain.ids import parse_id
from dassie.domain.jobs import SendMail
from dassie.server import Server
from dassie.services import confirming, resetting
from dassie.store import accounts, logins
from dassie.store.logins import User
from dassie.store.tx import Tx
from dassie.web.letters import Letter, letter
from dassie.web.texts import gettext as _


@letter("confirm")
async def confirm(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """The link that proves an address, as long as that is still wanted."""
    user = await _user(tx, job)
    if user is None or confirming.unproved(user) != job.to:
        return None
    expires = int((tx.now + confirming.LASTS).timestamp())
    return Letter(
        subject=_("Confirm your mail address"),
        lines=[
            _("Somebody, hopefully you, gave this address for @%(handle)s.")
            % {"handle": await _handle(tx, server, user)},
            _("Please confirm that it is yours. The link is good for a week."),
        ],
        button=(_("Confirm this address"), confirming.link(server, user, job.to, expires)),
        after=[_("If it was not you, do nothing: without this the address is not used.")],
    )


@letter("approved")
async def approved(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """Somebody was let in."""
    user = await _user(tx, job)
    if user is None or user.waits_for:
        return None
    handle = await _handle(tx, server, user)
    return Letter(
        subject=_("Your sign-up is approved"),
        lines=[
            _("Welcome! @%(handle)s is ready: sign in here, or in the app you signed up with.") % {"handle": handle}
        ],
        button=(_("Sign in"), f"{server.urls.base}/auth/sign_in"),
    )


@letter("reset")
async def reset(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """The link that sets a new password."""
    user = await _user(tx, job)
    if user is None or user.disabled or user.email != job.to:
        return None
    return Letter(
        subject=_("Set a new password"),
        lines=[
            _("Somebody, hopefully you, wants to set a new password for @%(handle)s.")
            % {"handle": await _handle(tx, server, user)},
            _("The link is good for six hours, and once."),
        ],
        button=(_("Set a new password"), await resetting.link(tx, server, user)),
        after=[_("If it was not you, do nothing: your password stays as it is.")],
    )


@letter("password_changed")
async def password_changed(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """The password was changed."""
    user = await _user(tx, job)
    if user is None:
        return None
    return Letter(
        subject=_("Your password was changed"),
        lines=[
            _("The password of @%(handle)s was changed. Browsers were signed out, and apps have no access any more.")
            % {"handle": await _handle(tx, server, user)},
            _("If it was not you, set a new one at once, and ask whoever runs this server for help."),
        ],
        button=(_("Set a new password"), f"{server.urls.base}/auth/password/new"),
    )


@letter("email_changed")
async def email_changed(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """To the old address: there is another one now."""
    user = await _user(tx, job)
    if user is None:
        return None
    return Letter(
        subject=_("Your mail address was changed"),
        lines=[
            _("@%(handle)s has another mail address now, and letters no longer come here.")
            % {"handle": await _handle(tx, server, user)},
            _("If it was not you, ask whoever runs this server for help at once."),
        ],
    )


async def _user(tx: Tx, job: SendMail) -> User | None:
    id = parse_id(job.about.get("user", ""))
    return await logins.by_id(tx, id) if id is not None else None


async def _handle(tx: Tx, server: Server, user: User) -> str:
    account = await accounts.by_id(tx, user.account_id)
    return f"{account.username if account is not None else ''}@{server.urls.domain}"
