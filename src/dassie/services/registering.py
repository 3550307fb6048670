"""Signing up: who may, what becomes of them, and who is told. Nobody sees somebody who still waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from dassie.domain import time_zones
from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.roles import ALLOWED, may
from dassie.domain.settings import InstanceSettings, UserSettings
from dassie.jobs.registry import recurs
from dassie.ports import Event
from dassie.server import Server
from dassie.services import auditing, confirming, following, mailing, notifying
from dassie.services.checking_sign_ups import Rules, SignUp, check, known_locale
from dassie.services.keys import new_private_key
from dassie.services.passwords import hash_password
from dassie.services.signing_up import create_login
from dassie.store import accounts, invites, logins, search, settings, sign_ups
from dassie.store.invites import Invite
from dassie.store.logins import Origin, User
from dassie.store.tx import Tx
from dassie.store.views import AccountView

TOLD = 50
"""So many of the staff are told of somebody new, at most."""
UNPROVED_KEPT = timedelta(days=7)
STALE_AT_ONCE = 50


class Door(Struct, frozen=True):
    """How somebody may come in."""

    said: InstanceSettings
    invite: Invite | None
    """With a good invitation."""
    bypasses: bool
    """Whether who invites spares them the approval."""

    @property
    def is_open(self) -> bool:
        return self.said.registrations != "none" or self.invite is not None

    @property
    def approves(self) -> bool:
        """Whether they are in at once."""
        return self.said.registrations == "open" or self.bypasses

    @property
    def wants_reason(self) -> bool:
        """Whether they must say why."""
        return self.said.registrations == "approved" and self.said.reason_required and self.invite is None


async def door(tx: Tx, invite_code: str = "") -> Door:
    """How somebody with this invitation, or none, may come in."""
    said = await settings.instance(tx)
    invite = await invites.by_code(tx, invite_code[:100]) if invite_code else None
    inviter = await logins.by_id(tx, invite.user_id) if invite is not None else None
    good = invite is not None and inviter is not None and invite.is_open(tx.now) and not inviter.disabled
    if not good or inviter is None or not may(inviter.role, "invite_users"):
        return Door(said, None, False)
    return Door(said, invite, may(inviter.role, "invite_bypass_approval"))


async def sign_up(
    server: Server,
    given: SignUp,
    *,
    ip: str,
    app_id: int | None = None,
    allowed: Callable[[], None] = lambda: None,
) -> tuple[AccountView, User]:
    """A new account with its login. Raises `NotAllowed` where nobody may come, `Invalid` with all that is wrong.

    `allowed` is called once nothing is wrong, and may raise `TooMany`.
    """
    async with server.read() as tx:
        found = await door(tx, given.invite_code)
        if not found.is_open:
            raise NotAllowed
        wants_email = server.mail.on or app_id is not None
        rules = Rules(wants_email, found.wants_reason, found.said.min_age, tx.now.date())
        await check(tx, given, rules, server.urls.domain)
    allowed()
    hashed = await asyncio.to_thread(hash_password, given.password)
    key = await asyncio.to_thread(new_private_key)
    origin = Origin(
        approved=found.approves,
        confirmed=not server.mail.on,
        reason=given.reason.strip(),
        ip=ip,
        app_id=app_id,
        invite_id=found.invite.id if found.invite is not None else None,
        settings=UserSettings(time_zone=time_zones.known(given.time_zone)),
    )
    async with server.write() as tx:
        if found.invite is not None and not await invites.use(tx, found.invite.id):
            raise NotAllowed
        account = await create_login(
            tx,
            server,
            username=given.username,
            password_hash=hashed,
            email=given.email or None,
            locale=known_locale(given.locale),
            private_key=key,
            origin=origin,
        )
        user = await logins.user_of(tx, account.id)
        assert user is not None
        await auditing.record(tx, "account.signed_up", account_id=account.id, subject=account.username, ip=ip)
        if user.confirmed_at is None:
            await confirming.ask(tx, server, user)
        else:
            await _arrived(tx, server, user, account)
        return account, user


async def confirm(tx: Tx, server: Server, token: str) -> User:
    """An address is proved by the link that was sent there; who signed up with it may go on. Raises `Invalid`."""
    before = await confirming.read(tx, server, token)
    user = await confirming.take(tx, server, before)
    account = await accounts.by_id(tx, user.account_id)
    if before.confirmed_at is None and account is not None:
        await _arrived(tx, server, user, account)
    return user


async def approve(
    tx: Tx, server: Server, user: User, *, by: int | None = None, ip: str = "", trusting: bool = False
) -> None:
    """Let somebody in who waits for it. `trusting`: their address need not be proved any more."""
    account = await _waiting(tx, user)
    await sign_ups.approve(tx, user.id)
    if user.confirmed_at is None and (trusting or not server.mail.on):
        await sign_ups.confirm(tx, user.id, user.email)
    await auditing.record(tx, "account.approved", account_id=by, subject=account.username, ip=ip)
    now = await logins.by_id(tx, user.id)
    assert now is not None
    if not now.waits_for:
        await _let_in(tx, server, now, account)
        if now.email:
            about = {"user": str(now.id)}
            await mailing.send(tx, server, "approved", now.email, locale=now.locale, about=about)


async def reject(tx: Tx, server: Server, user: User, *, by: int | None = None, ip: str = "") -> None:
    """Turn somebody away who waits: nothing of them stays but this line in the audit log."""
    account = await _waiting(tx, user)
    await _remove(tx, server, user.id, account.id)
    await auditing.record(tx, "account.rejected", account_id=by, subject=account.username, ip=ip)


@recurs(timedelta(hours=6))
async def forget_unproved(server: Server) -> None:
    """Who signed up and did not prove their mail address within a week is forgotten, and the name is free again."""
    found = STALE_AT_ONCE
    while found == STALE_AT_ONCE:
        async with server.write() as tx:
            stale = await sign_ups.stale(tx, tx.now - UNPROVED_KEPT, STALE_AT_ONCE)
            for user_id, account_id in stale:
                await _remove(tx, server, user_id, account_id)
        found = len(stale)


async def _arrived(tx: Tx, server: Server, user: User, account: AccountView) -> None:
    """Their address is proved, or need not be: the staff hears of them, who may decide whether they are in."""
    if not user.waits_for:
        await _let_in(tx, server, user, account)
    deciding = [role for role in ALLOWED if may(role, "manage_users")]
    for staff in await sign_ups.with_roles(tx, deciding, TOLD):
        await notifying.notify(tx, server, staff, "admin.sign_up", account.id)


async def _let_in(tx: Tx, server: Server, user: User, account: AccountView) -> None:
    """From now on others see them."""
    await accounts.change(tx, account.id, pending=False)
    await search.index_account(tx, account.id, f"{account.username} {account.display_name}")
    came = await sign_ups.arrival(tx, user.id)
    invite = await invites.by_id(tx, came.invite_id) if came is not None and came.invite_id is not None else None
    if invite is None or not invite.autofollow:
        return
    inviter = await logins.by_id(tx, invite.user_id)
    target = await accounts.by_id(tx, inviter.account_id) if inviter is not None else None
    if target is not None and target.suspended_at is None:
        try:
            await following.follow(tx, server, account, target)
        except (NotAllowed, NotFound, Invalid):
            return  # such as blocked meanwhile: they are here all the same


async def _waiting(tx: Tx, user: User) -> AccountView:
    account = await accounts.by_id(tx, user.account_id)
    if account is None or not user.waits_for:
        raise Invalid("This login does not wait for anything.")
    return account


async def _remove(tx: Tx, server: Server, user_id: int, account_id: int) -> None:
    if await sign_ups.remove(tx, account_id):
        server.tell(tx, ["tokens"], Event("user", user_id))
