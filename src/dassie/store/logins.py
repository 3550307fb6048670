"""Who calls: logins, tokens and browser sessions. Tokens are kept as hashes only."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, func, null, select, type_coerce, update

from dassie.domain.ids import UserId
from dassie.domain.roles import shown
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
    approved: bool = True
    confirmed_at: datetime | None = None
    """When the mail address was proved, or taken on trust."""
    unconfirmed_email: str | None = None
    """A new address, until it is proved."""
    app_id: int | None = None
    """By which somebody signed up."""

    @property
    def waits_for(self) -> str:
        """Why this login cannot be used yet, in the words that apps know; empty where it can."""
        if self.confirmed_at is None:
            return "Your login is missing a confirmed e-mail address"
        return "" if self.approved else "Your login is currently pending approval"


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


class Origin(Struct, frozen=True):
    """How a login came about."""

    approved: bool = True
    confirmed: bool = True
    reason: str = ""
    ip: str = ""
    app_id: int | None = None
    invite_id: int | None = None
    settings: UserSettings = UserSettings()

    @property
    def pending(self) -> bool:
        """Whether something is still to come before it can be used."""
        return not (self.approved and self.confirmed)


_USER_COLUMNS: list[Any] = [
    users.c.id,
    users.c.account_id,
    users.c.email,
    users.c.role,
    users.c.locale,
    type_coerce(users.c.settings, Json(UserSettings)),
    users.c.disabled,
    users.c.created_at,
    users.c.approved,
    users.c.confirmed_at,
    users.c.unconfirmed_email,
    users.c.app_id,
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
_INSERT_USER = Statement(
    put(
        users,
        *("id", "account_id", "email", "password_hash", "role", "locale", "settings", "created_at"),
        *("approved", "confirmed_at", "sign_up_reason", "sign_up_ip", "app_id", "invite_id"),
    )
)
_OF_USER = users.c.id == bindparam("user_id")
_SET_PASSWORD = Statement(update(users).where(_OF_USER).values(password_hash=bindparam("new_hash")))
_SET_ROLE = Statement(update(users).where(_OF_USER).values(role=bindparam("new_role")))
_SHOW_ROLE = Statement(
    update(accounts)
    .where(accounts.c.id == select(users.c.account_id).where(_OF_USER).scalar_subquery())
    .values(shown_role=bindparam("new_role"), rev=accounts.c.rev + 1)
)
_SET_EMAIL = Statement(update(users).where(_OF_USER).values(email=bindparam("new_email")))
_SET_DISABLED = Statement(update(users).where(_OF_USER).values(disabled=bindparam("new_disabled")))
_RECOVERY_CODES = Query(row, select(type_coerce(users.c.recovery_codes, Json(list[str]))).where(_OF_USER))
_SET_RECOVERY_CODES = Statement(
    update(users).where(_OF_USER).values(recovery_codes=bindparam("new_codes", type_=Json()))
)
_SEEN = Statement(update(users).where(_OF_USER).values(last_active_at=bindparam("at", type_=users.c.created_at.type)))
_LAST_ACTIVE = Query(row, select(users.c.last_active_at).where(_OF_USER))
_OWNER = Query(int, select(users.c.account_id).where(users.c.role == "Owner").order_by(users.c.id).limit(1))
_COUNT = Query(
    int, select(func.count()).select_from(users).where(users.c.approved, users.c.confirmed_at.is_not(null()))
)
_ACTIVE = Query(
    int,
    select(func.count())
    .select_from(users)
    .where(users.c.last_active_at >= bindparam("since", type_=users.c.created_at.type)),
)
_PAGE = Query(
    row,
    select(*_USER_COLUMNS, *account_store.columns())
    .select_from(users.join(accounts, accounts.c.id == users.c.account_id))
    .where(users.c.id > bindparam("after"))
    .order_by(users.c.id)
    .limit(bindparam("most")),
)
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
    tx: Tx,
    *,
    id: int,
    account_id: int,
    email: str | None,
    password_hash: str,
    role: str,
    locale: str,
    origin: Origin | None = None,
) -> None:
    """Add a login to an account of ours; without `origin` it can be used at once."""
    origin = origin or Origin()
    await tx.run(
        _INSERT_USER,
        id=id,
        account_id=account_id,
        email=email,
        password_hash=password_hash,
        role=role,
        locale=locale,
        settings=origin.settings,
        created_at=tx.now,
        approved=origin.approved,
        confirmed_at=tx.now if origin.confirmed else None,
        sign_up_reason=origin.reason,
        sign_up_ip=origin.ip,
        app_id=origin.app_id,
        invite_id=origin.invite_id,
    )
    if shown(role):
        await tx.run(_SHOW_ROLE, user_id=id, new_role=shown(role))


async def set_password(tx: Tx, user_id: int, password_hash: str) -> None:
    """Keep the hash of a new password."""
    await tx.run(_SET_PASSWORD, user_id=user_id, new_hash=password_hash)


async def set_role(tx: Tx, user_id: int, role: str) -> None:
    """Make the login Owner, Admin, Moderator or User."""
    await tx.run(_SET_ROLE, user_id=user_id, new_role=role)
    await tx.run(_SHOW_ROLE, user_id=user_id, new_role=shown(role))


async def set_email(tx: Tx, user_id: int, email: str | None) -> None:
    """Keep a mail address, already checked and in lower case."""
    await tx.run(_SET_EMAIL, user_id=user_id, new_email=email)


async def set_disabled(tx: Tx, user_id: int, disabled: bool) -> None:
    """Keep somebody from signing in and calling, or let them again."""
    await tx.run(_SET_DISABLED, user_id=user_id, new_disabled=disabled)


async def recovery_codes(tx: Tx, user_id: int) -> list[str]:
    """Hashes of the recovery codes that are left."""
    found = await tx.one(_RECOVERY_CODES, user_id=user_id)
    return list(found[0]) if found else []


async def set_recovery_codes(tx: Tx, user_id: int, hashes: list[str]) -> None:
    """Keep these hashes and no others."""
    await tx.run(_SET_RECOVERY_CODES, user_id=user_id, new_codes=hashes)


async def seen(tx: Tx, user_id: int) -> datetime | None:
    """The person was here now; returns when they were here before."""
    found = await tx.one(_LAST_ACTIVE, user_id=user_id)
    await tx.run(_SEEN, user_id=user_id, at=tx.now)
    return found[0] if found else None


# All of them ---------------------------------------------------------------------------------------


async def has_owner(tx: Tx) -> bool:
    """Whether somebody claimed this server."""
    return await tx.one(_OWNER) is not None


async def owner(tx: Tx) -> AccountView | None:
    """The first Owner's account."""
    found = await tx.one(_OWNER)
    return await account_store.by_id(tx, found) if found is not None else None


async def count(tx: Tx) -> int:
    """How many logins there are."""
    return await tx.one(_COUNT) or 0


async def active_since(tx: Tx, at: datetime) -> int:
    """How many people were here since then."""
    return await tx.one(_ACTIVE, since=at) or 0


async def page(tx: Tx, *, after: int = 0, limit: int = 1000) -> list[tuple[User, AccountView]]:
    """Logins with their accounts, oldest first, from behind the id `after`."""
    found = await tx.all(_PAGE, after=after, most=limit)
    return [(User(*values[:_USER_SIZE]), AccountView(*values[_USER_SIZE:])) for values in found]
