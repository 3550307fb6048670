"""Logins: made with their account and its signing key. Tokens that apps call with."""

from __future__ import annotations

import asyncio
import base64
import hmac
from hashlib import sha256
from typing import Any

from dassie.domain.addresses import is_address
from dassie.domain.errors import Invalid
from dassie.domain.ids import UserId, new_id
from dassie.domain.usernames import check_username, name_taken
from dassie.server import Server
from dassie.services.keys import encrypt_private_key, new_private_key
from dassie.services.passwords import check_password, hash_password
from dassie.store import accounts, apps, logins, search, tokens
from dassie.store.logins import Origin, User
from dassie.store.tx import Tx
from dassie.store.views import AccountView

__all__ = ["ROLES", "check_email", "check_password", "create_login", "hash_password", "issue_token", "token_text"]

ROLES = ("Owner", "Admin", "Moderator", "User")
LONGEST_NAME = 40


async def create_login(
    tx: Tx,
    server: Server,
    *,
    username: str,
    password_hash: str,
    email: str | None = None,
    role: str = "User",
    display_name: str = "",
    locked: bool = False,
    locale: str = "en",
    private_key: str | None = None,
    origin: Origin | None = None,
    **columns: Any,
) -> AccountView:
    """A new account of ours with a login. `columns` are further columns of the account.

    Without `origin` the login can be used at once.
    `private_key` is a PEM; callers with time before the transaction make it there (`keys.new_private_key`).
    Raises `Invalid` where name or mail address break a rule or are taken.
    """
    username = check_username(username)
    if role not in ROLES:
        raise Invalid(f"role takes one of {', '.join(ROLES)}.")
    if len(display_name) > LONGEST_NAME:
        raise Invalid(f"Validation failed: Display name is too long (maximum is {LONGEST_NAME} characters)")
    if username.lower() == server.urls.domain.lower() or await accounts.holder(tx, username) is not None:
        raise name_taken()
    email = await _free_email(tx, email)
    pem = await asyncio.to_thread(new_private_key) if private_key is None else private_key
    account_id, pending = new_id(tx.now), origin is not None and origin.pending
    values = _addresses(server, username) | columns
    added = await accounts.insert(
        tx,
        id=account_id,
        username=username,
        display_name=display_name,
        locked=locked,
        private_key=encrypt_private_key(server.secret, pem),
        created_at=tx.now,
        pending=pending,
        **values,
    )
    if not added:  # another process was quicker, or the name was deleted and must not come back
        raise name_taken()
    if not pending:
        await search.index_account(tx, account_id, f"{username} {display_name}")
    await logins.insert_user(
        tx,
        id=UserId(new_id(tx.now)),
        account_id=account_id,
        email=email,
        password_hash=password_hash,
        role=role,
        locale=locale,
        origin=origin,
    )
    made = await accounts.by_id(tx, account_id)
    assert made is not None
    return made


async def issue_token(tx: Tx, server: Server, user: User | None, scopes: str, app_id: int | None = None) -> str:
    """An access token. The same user, app and scopes get the same token again (limits_and_rules section 12).

    Without `user` it stands for the app itself; without `app_id` for the server's own tools.
    """
    if app_id is None:
        app_id = await apps.own_tools(tx)
    wanted = frozenset(scopes.split())
    user_id = user.id if user is not None else None
    for found in await tokens.valid(tx, app_id, user_id):
        text = token_text(server.secret, found.id)
        # One that was made elsewhere, or with another secret, cannot be worked out anew.
        if frozenset(found.scopes.split()) == wanted and await tokens.by_text(tx, text) is not None:
            return text
    token_id = new_id(tx.now)
    token = token_text(server.secret, token_id)
    await tokens.insert(tx, id=token_id, token=token, app_id=app_id, user_id=user_id, scopes=" ".join(scopes.split()))
    return token


def token_text(secret: bytes, token_id: int) -> str:
    """The token of a row. It follows from the server's secret, so the database alone gives no token away."""
    digest = hmac.new(secret, f"token:{token_id}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_email(text: str) -> str:
    """A mail address in lower case; raises `Invalid` where it cannot be one."""
    email = text.strip().lower()
    if not is_address(email):
        raise Invalid("Validation failed: Email is invalid", fields={"email": [("ERR_INVALID", "is invalid")]})
    return email


async def _free_email(tx: Tx, email: str | None) -> str | None:
    if not email:
        return None
    email = check_email(email)
    if await logins.by_email(tx, email) is not None:
        words = "has already been taken"
        raise Invalid(f"Validation failed: Email {words}", fields={"email": [("ERR_TAKEN", words)]})
    return email


def _addresses(server: Server, username: str) -> dict[str, str]:
    urls = server.urls
    return {
        "uri": urls.actor(username),
        "url": urls.profile(username),
        "inbox_url": urls.inbox(username),
        "shared_inbox_url": f"{urls.base}/inbox",
        "outbox_url": urls.collection(username, "outbox"),
        "followers_url": urls.collection(username, "followers"),
        "following_url": urls.collection(username, "following"),
        "featured_url": urls.collection(username, "collections/featured"),
    }
