"""Access tokens of apps, kept as hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, null, select, update

from dassie.store.dialect import any_of, put
from dassie.store.logins import token_hash
from dassie.store.tables import oauth_apps, oauth_tokens, push_subscriptions
from dassie.store.tx import Query, Statement, Tx


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


class AuthorisedApp(Struct, frozen=True):
    """An app that may call as a person."""

    token_id: int
    app_id: int
    name: str
    website: str | None
    scopes: str
    created_at: datetime
    last_used_at: datetime | None


_COLUMNS = [oauth_tokens.c[name] for name in Token.__struct_fields__]
_VALID = oauth_tokens.c.revoked_at.is_(null())


def _of(person: Any) -> Query[Token]:
    wanted = (oauth_tokens.c.app_id == bindparam("of_app"), _VALID)
    return Query(Token, select(*_COLUMNS).where(person, *wanted).order_by(oauth_tokens.c.id))


_OF_APP = _of(oauth_tokens.c.user_id.is_(null()))
_OF_USER = _of(oauth_tokens.c.user_id == bindparam("of_user"))
_BY_TEXT = Query(Token, select(*_COLUMNS).where(oauth_tokens.c.token_hash == bindparam("hash"), _VALID))
_INSERT = Statement(put(oauth_tokens, "id", "token_hash", "app_id", "user_id", "scopes", "created_at"))
_AUTHORISED = Query(
    AuthorisedApp,
    select(
        oauth_tokens.c.id,
        oauth_apps.c.id,
        oauth_apps.c.name,
        oauth_apps.c.website,
        oauth_tokens.c.scopes,
        oauth_tokens.c.created_at,
        oauth_tokens.c.last_used_at,
    )
    .select_from(oauth_tokens.join(oauth_apps, oauth_apps.c.id == oauth_tokens.c.app_id))
    .where(oauth_tokens.c.user_id == bindparam("of_user"), _VALID)
    .order_by(oauth_tokens.c.id.desc())
    .limit(200),
)


def _revoke(*conditions: Any) -> Query[int]:
    at = bindparam("at", type_=oauth_tokens.c.created_at.type)
    changed = update(oauth_tokens).where(*conditions, _VALID).values(revoked_at=at)
    return Query(int, changed.returning(oauth_tokens.c.id))


_REVOKE = _revoke(oauth_tokens.c.id == bindparam("token_id"))
_REVOKE_APP = _revoke(oauth_tokens.c.user_id == bindparam("of_user"), oauth_tokens.c.app_id == bindparam("of_app"))
_REVOKE_ALL = _revoke(oauth_tokens.c.user_id == bindparam("of_user"))
_END_PUSH = Statement(delete(push_subscriptions).where(any_of(push_subscriptions.c.token_id, "ids")))
_USED = Statement(
    update(oauth_tokens)
    .where(oauth_tokens.c.id == bindparam("token_id"))
    .values(
        last_used_at=bindparam("at", type_=oauth_tokens.c.created_at.type),
        last_used_ip=bindparam("ip"),
    )
)


async def valid(tx: Tx, app_id: int, user_id: int | None) -> list[Token]:
    """Valid tokens of an app for a person, or for itself where `user_id` is None; oldest first."""
    if user_id is None:
        return await tx.all(_OF_APP, of_app=app_id)
    return await tx.all(_OF_USER, of_app=app_id, of_user=user_id)


async def by_text(tx: Tx, token: str) -> Token | None:
    """The row of a valid token."""
    return await tx.one(_BY_TEXT, hash=token_hash(token))


async def insert(tx: Tx, *, id: int, token: str, app_id: int, user_id: int | None, scopes: str) -> None:
    """Keep the hash of a new token."""
    await tx.run(
        _INSERT,
        id=id,
        token_hash=token_hash(token),
        app_id=app_id,
        user_id=user_id,
        scopes=scopes,
        created_at=tx.now,
    )


async def authorised(tx: Tx, user_id: int) -> list[AuthorisedApp]:
    """Apps that may call as this person, newest first; at most 200."""
    return await tx.all(_AUTHORISED, of_user=user_id)


async def revoke(tx: Tx, token_id: int) -> list[int]:
    """End one token; the ids that ended."""
    return await _end(tx, _REVOKE, token_id=token_id)


async def revoke_app(tx: Tx, user_id: int, app_id: int) -> list[int]:
    """End all tokens of an app for a person; the ids that ended."""
    return await _end(tx, _REVOKE_APP, of_user=user_id, of_app=app_id)


async def revoke_all(tx: Tx, user_id: int) -> list[int]:
    """End all tokens of a person; the ids that ended."""
    return await _end(tx, _REVOKE_ALL, of_user=user_id)


async def _end(tx: Tx, revoke: Query[int], **params: int) -> list[int]:
    """Nobody is pushed anything for a token that ended."""
    ended = await tx.all(revoke, **params, at=tx.now)
    if ended:
        await tx.run(_END_PUSH, ids=ended)
    return ended


async def used(tx: Tx, token_id: int, ip: str) -> None:
    """Note when and from where a token was last used."""
    await tx.run(_USED, token_id=token_id, ip=ip, at=tx.now)
