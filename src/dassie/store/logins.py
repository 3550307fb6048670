"""Who calls: logins, tokens and browser sessions. Tokens are kept as hashes only."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, null, select, type_coerce, update

from dassie.domain.ids import UserId
from dassie.domain.settings import UserSettings
from dassie.store import accounts as account_store
from dassie.store.dialect import put
from dassie.store.tables import accounts, oauth_tokens, sessions, users
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import AccountView


class User(Struct, frozen=True):
    """A local login."""

    id: UserId
    account_id: int
    email: str | None
    role: str
    locale: str
    settings: UserSettings
    disabled: bool
    created_at: datetime


class Caller(Struct, frozen=True):
    """Whose token (or session) this is, and what it allows."""

    token_id: int
    """Of the token, or of the browser session."""
    app_id: int | None
    scopes: frozenset[str]
    user: User | None
    account: AccountView | None
    """None: the app itself."""
    disabled: bool = False


class Token(Struct, frozen=True):
    """An access token, without the token itself."""

    id: int
    app_id: int
    user_id: int | None
    scopes: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_ip: str


_USER_COLUMNS: list[Any] = [
    users.c.id,
    users.c.account_id,
    users.c.email,
    users.c.role,
    users.c.locale,
    type_coerce(users.c.settings, Json(UserSettings)),
    users.c.disabled,
    users.c.created_at,
]
_USER_SIZE = len(_USER_COLUMNS)
_BY_TOKEN = Query(
    row,
    select(oauth_tokens.c.id, oauth_tokens.c.app_id, oauth_tokens.c.scopes, *_USER_COLUMNS, *account_store.columns())
    .select_from(
        oauth_tokens.outerjoin(users, users.c.id == oauth_tokens.c.user_id).outerjoin(
            accounts, accounts.c.id == users.c.account_id
        )
    )
    .where(oauth_tokens.c.token_hash == bindparam("hash"), oauth_tokens.c.revoked_at.is_(null())),
)
_BY_SESSION = Query(
    row,
    select(sessions.c.id, sessions.c.last_used_at, *_USER_COLUMNS, *account_store.columns())
    .select_from(
        sessions.join(users, users.c.id == sessions.c.user_id).join(accounts, accounts.c.id == users.c.account_id)
    )
    .where(sessions.c.token_hash == bindparam("hash")),
)
_BY_ACCOUNT = Query(User, select(*_USER_COLUMNS).where(users.c.account_id == bindparam("of_account")))
_BY_EMAIL = Query(User, select(*_USER_COLUMNS).where(users.c.email == bindparam("email_is")))
_BY_ID = Query(User, select(*_USER_COLUMNS).where(users.c.id == bindparam("user_id")))
_INSERT_USER = Statement(put(users, "id", "account_id", "email", "password_hash", "role", "locale", "created_at"))
_TOKEN_COLUMNS = [oauth_tokens.c[name] for name in Token.__struct_fields__]
_TOKENS = {
    True: Query(
        Token,
        select(*_TOKEN_COLUMNS)
        .where(
            oauth_tokens.c.user_id == bindparam("of_user"),
            oauth_tokens.c.app_id == bindparam("of_app"),
            oauth_tokens.c.revoked_at.is_(null()),
        )
        .order_by(oauth_tokens.c.id),
    ),
    False: Query(
        Token,
        select(*_TOKEN_COLUMNS)
        .where(
            oauth_tokens.c.user_id.is_(null()),
            oauth_tokens.c.app_id == bindparam("of_app"),
            oauth_tokens.c.revoked_at.is_(null()),
        )
        .order_by(oauth_tokens.c.id),
    ),
}
_INSERT_TOKEN = Statement(put(oauth_tokens, "id", "token_hash", "app_id", "user_id", "scopes", "created_at"))
_PASSWORD = Query(row, select(users.c.password_hash).where(users.c.id == bindparam("user_id")))
_SETTINGS = Statement(
    update(users).where(users.c.id == bindparam("user_id")).values(settings=bindparam("new_settings", type_=Json()))
)


def token_hash(token: str) -> bytes:
    """What is kept of a token. Tokens are long and random, so one round of SHA-256 is enough."""
    return sha256(token.encode("utf-8", "replace")).digest()


async def by_token(tx: Tx, token: str) -> Caller | None:
    """The caller with this OAuth token; None for an unknown or revoked one."""
    found = await tx.one(_BY_TOKEN, hash=token_hash(token))
    if found is None:
        return None
    token_id, app_id, scopes, *rest = found
    user, account = _person(rest)
    suspended = account is not None and account.suspended_at is not None
    disabled = user is not None and (user.disabled or suspended)
    return Caller(token_id, app_id, frozenset(scopes.split()), user, account, disabled)


async def by_session(tx: Tx, token: str) -> tuple[Caller, datetime] | None:
    """The signed-in caller of a browser session, and when it was last used."""
    found = await tx.one(_BY_SESSION, hash=token_hash(token))
    if found is None:
        return None
    session_id, last_used_at, *rest = found
    user, account = _person(rest)
    if user is None or account is None:
        return None
    disabled = user.disabled or account.suspended_at is not None
    return Caller(session_id, None, frozenset(), user, account, disabled), last_used_at


def _person(values: list[Any]) -> tuple[User | None, AccountView | None]:
    if values[0] is None:
        return None, None
    return User(*values[:_USER_SIZE]), AccountView(*values[_USER_SIZE:])


async def user_of(tx: Tx, account_id: int) -> User | None:
    """The login of one of our accounts."""
    return await tx.one(_BY_ACCOUNT, of_account=account_id)


async def by_email(tx: Tx, email: str) -> User | None:
    """The login with this mail address, in any case of letters."""
    return await tx.one(_BY_EMAIL, email_is=email.strip().lower())


async def password_hash(tx: Tx, user_id: int) -> str | None:
    """The argon2 hash of a login's password."""
    found = await tx.one(_PASSWORD, user_id=user_id)
    return found[0] if found else None


async def save_settings(tx: Tx, user_id: int, settings: UserSettings) -> None:
    """Keep what the person set."""
    await tx.run(_SETTINGS, user_id=user_id, new_settings=settings)


# Making --------------------------------------------------------------------------------------------


async def by_id(tx: Tx, user_id: int) -> User | None:
    """The login with this id."""
    return await tx.one(_BY_ID, user_id=user_id)


async def insert_user(
    tx: Tx, *, id: int, account_id: int, email: str | None, password_hash: str, role: str, locale: str
) -> None:
    """Add a login to an account of ours."""
    await tx.run(
        _INSERT_USER,
        id=id,
        account_id=account_id,
        email=email,
        password_hash=password_hash,
        role=role,
        locale=locale,
        created_at=tx.now,
    )


async def tokens_of(tx: Tx, app_id: int, user_id: int | None) -> list[Token]:
    """Valid tokens of an app for a person, or for itself where `user_id` is None; oldest first."""
    if user_id is None:
        return await tx.all(_TOKENS[False], of_app=app_id)
    return await tx.all(_TOKENS[True], of_app=app_id, of_user=user_id)


async def insert_token(tx: Tx, *, id: int, token: str, app_id: int, user_id: int | None, scopes: str) -> None:
    """Keep the hash of a new token."""
    await tx.run(
        _INSERT_TOKEN,
        id=id,
        token_hash=token_hash(token),
        app_id=app_id,
        user_id=user_id,
        scopes=scopes,
        created_at=tx.now,
    )
