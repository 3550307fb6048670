"""Signing in and out of browsers; what to do when a password is lost."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Literal

from dassie.domain.errors import Invalid, NotAllowed
from dassie.ports import Event
from dassie.server import Server
from dassie.services import auditing, authorising, presence
from dassie.services.passwords import check_password, code_hash, new_recovery_codes, same
from dassie.store import accounts, logins, sessions, tokens
from dassie.store.logins import User
from dassie.store.tx import Tx
from dassie.store.views import AccountView

Count = Callable[[Literal["address", "user"], str], None]
"""Counts a try against a limit; raises `TooMany`. The doors hand it in (`door/signing_in.py`)."""
WRONG = "The name or the password is not right."


async def sign_in(server: Server, name_or_email: str, password: str, *, ip: str, user_agent: str, count: Count) -> str:
    """The token of a new browser session.

    A recovery code works in place of the password, once. Raises `Invalid` with the same words, after the same
    time, whether the name or the password is wrong; `NotAllowed` for a disabled login; `TooMany`.
    """
    count("address", ip)
    async with server.read() as tx:
        user, account = await _find(tx, name_or_email)
        kept = await logins.password_hash(tx, user.id) if user is not None else None
    count("user", str(user.id) if user is not None else name_or_email.strip().lower()[:100])
    right = await asyncio.to_thread(check_password, password, kept)
    async with server.write() as tx:
        if user is not None and not right and await use_recovery_code(tx, user, password):
            right = True
            await auditing.record(tx, "login.recovery_code_used", account_id=user.account_id, ip=ip)
        if user is None or account is None or not right:
            subject = account.username if account is not None else ""
            await auditing.record(tx, "login.refused", subject=subject, ip=ip)
            token = None
        elif user.disabled or account.suspended_at is not None:
            raise NotAllowed("Your login is currently disabled")
        elif user.waits_for:
            raise NotAllowed(user.waits_for, waits=True)
        else:
            token = await open_session(tx, server, user, ip=ip, user_agent=user_agent)
    if token is None:
        raise Invalid(WRONG)
    return token


async def open_session(tx: Tx, server: Server, user: User, *, ip: str, user_agent: str) -> str:
    """The token of a new browser session of somebody who has proved who they are."""
    token = secrets.token_urlsafe(32)
    await sessions.insert(tx, user.id, token, ip=ip, user_agent=user_agent)
    await presence.seen(tx, server, user.id)
    await auditing.record(tx, "login.signed_in", account_id=user.account_id, ip=ip)
    return token


async def sign_out(tx: Tx, token: str) -> None:
    """End this browser's session."""
    await sessions.end(tx, token)


async def sign_out_others(tx: Tx, user: User, session_id: int) -> int:
    """End all other browsers' sessions; how many."""
    ended = await sessions.end_all(tx, user.id, but=session_id)
    await auditing.record(tx, "login.others_signed_out", account_id=user.account_id, sessions=ended)
    return ended


async def change_password(tx: Tx, user: User, password_hash: str, *, session_id: int, ip: str) -> None:
    """A person sets a new password (already checked and hashed): other browsers are signed out, apps stay."""
    await logins.set_password(tx, user.id, password_hash)
    await sessions.end_all(tx, user.id, but=session_id)
    await auditing.record(tx, "login.password_changed", account_id=user.account_id, ip=ip)


async def reset_password(tx: Tx, server: Server, user: User, password_hash: str, *, by: int | None = None) -> None:
    """Somebody else sets a new password: all browsers are signed out and all apps lose their access."""
    await logins.set_password(tx, user.id, password_hash)
    await sessions.end_all(tx, user.id)
    authorising.tell_revoked(tx, server, await tokens.revoke_all(tx, user.id))
    account = await accounts.by_id(tx, user.account_id)
    subject = account.username if account is not None else ""
    await auditing.record(tx, "login.password_reset", account_id=by, subject=subject)


async def set_disabled(tx: Tx, server: Server, user: User, disabled: bool, *, by: int | None = None) -> None:
    """Keep somebody out (browsers are signed out, streams end, tokens rest), or let them in again."""
    await logins.set_disabled(tx, user.id, disabled)
    if disabled:
        await sessions.end_all(tx, user.id)
        tx.after_commit(lambda: server.streams.publish("tokens", Event("user", user.id)))
    account = await accounts.by_id(tx, user.account_id)
    subject = account.username if account is not None else ""
    await auditing.record(tx, "login.disabled" if disabled else "login.enabled", account_id=by, subject=subject)


async def make_recovery_codes(tx: Tx, user: User) -> list[str]:
    """Ten new codes, shown once; older ones stop working."""
    codes = new_recovery_codes()
    await logins.set_recovery_codes(tx, user.id, [code_hash(code) for code in codes])
    await auditing.record(tx, "login.recovery_codes_made", account_id=user.account_id)
    return codes


async def use_recovery_code(tx: Tx, user: User, code: str) -> bool:
    """Whether this is one of the person's codes, which is used up then."""
    given, kept = code_hash(code), await logins.recovery_codes(tx, user.id)
    left = [known for known in kept if not same(known, given)]
    if len(left) == len(kept):
        return False
    await logins.set_recovery_codes(tx, user.id, left)
    return True


async def _find(tx: Tx, name_or_email: str) -> tuple[User | None, AccountView | None]:
    name = name_or_email.strip().removeprefix("@")[:320]
    if "@" in name:
        user = await logins.by_email(tx, name)
        return user, await accounts.by_id(tx, user.account_id) if user is not None else None
    account = await accounts.holder(tx, name)
    return (await logins.user_of(tx, account.id), account) if account is not None else (None, None)
