"""Client applications that registered, and the codes they exchange for tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import bindparam, delete, exists, select, type_coerce

from dassie.domain.ids import new_id
from dassie.store.dialect import put, put_once
from dassie.store.logins import token_hash
from dassie.store.tables import oauth_apps, oauth_codes, oauth_tokens
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json

OWN_TOOLS = "dassie"
"""The client id that tokens made on the command line belong to; nobody knows its secret."""


class OAuthApp(Struct, frozen=True):
    """A registered application."""

    id: int
    client_id: str
    client_secret_hash: bytes
    name: str
    website: str | None
    redirect_uris: list[str]
    scopes: str
    created_at: datetime


class Code(Struct, frozen=True):
    """What a person agreed to; exchanged once."""

    app_id: int
    user_id: int
    redirect_uri: str
    scopes: str
    code_challenge: str | None
    expires_at: datetime


_COLUMNS = [
    type_coerce(oauth_apps.c[name], Json(list[str])) if name == "redirect_uris" else oauth_apps.c[name]
    for name in OAuthApp.__struct_fields__
]
_BY_ID = Query(OAuthApp, select(*_COLUMNS).where(oauth_apps.c.id == bindparam("app_id")))
_BY_CLIENT_ID = Query(OAuthApp, select(*_COLUMNS).where(oauth_apps.c.client_id == bindparam("client")))
_INSERT = Statement(put_once(oauth_apps, *OAuthApp.__struct_fields__))
_INSERT_CODE = Statement(put(oauth_codes, "code_hash", *Code.__struct_fields__))
_TAKE_CODE = Query(
    Code,
    delete(oauth_codes)
    .where(oauth_codes.c.code_hash == bindparam("hash"))
    .returning(*(oauth_codes.c[name] for name in Code.__struct_fields__)),
)
_FORGET_CODES = Statement(delete(oauth_codes).where(oauth_codes.c.expires_at < bindparam("before")))
_FORGET_APPS = Statement(
    delete(oauth_apps).where(
        oauth_apps.c.created_at < bindparam("before"),
        oauth_apps.c.client_id != OWN_TOOLS,
        ~exists().where(oauth_tokens.c.app_id == oauth_apps.c.id),
        ~exists().where(oauth_codes.c.app_id == oauth_apps.c.id),
    )
)


async def by_id(tx: Tx, id: int) -> OAuthApp | None:
    """The app with this id."""
    return await tx.one(_BY_ID, app_id=id)


async def by_client_id(tx: Tx, client_id: str) -> OAuthApp | None:
    """The app that calls itself so."""
    return await tx.one(_BY_CLIENT_ID, client=client_id)


async def register(
    tx: Tx,
    *,
    client_id: str,
    client_secret: str,
    name: str,
    website: str | None,
    redirect_uris: Sequence[str],
    scopes: str,
) -> OAuthApp:
    """A new app; of its secret only a hash is kept."""
    app = OAuthApp(
        new_id(tx.now), client_id, token_hash(client_secret), name, website, list(redirect_uris), scopes, tx.now
    )
    await tx.run(_INSERT, **{field: getattr(app, field) for field in OAuthApp.__struct_fields__})
    return app


async def own_tools(tx: Tx) -> int:
    """The id of the app that tokens of the command line belong to; made on first need."""
    found = await by_client_id(tx, OWN_TOOLS)
    if found is None:
        await register(
            tx,
            client_id=OWN_TOOLS,
            client_secret=secrets.token_urlsafe(32),
            name="dassie",
            website=None,
            redirect_uris=[],
            scopes="",
        )
        found = await by_client_id(tx, OWN_TOOLS)
        assert found is not None
    return found.id


async def insert_code(tx: Tx, code: str, granted: Code) -> None:
    """Keep what a person agreed to."""
    values = {field: getattr(granted, field) for field in Code.__struct_fields__}
    await tx.run(_INSERT_CODE, code_hash=token_hash(code), **values)


async def take_code(tx: Tx, code: str) -> Code | None:
    """What was agreed to with this code, which is used up by asking; expired ones count as unknown."""
    found = await tx.one(_TAKE_CODE, hash=token_hash(code))
    return found if found is not None and found.expires_at > tx.now else None


async def forget_codes(tx: Tx) -> int:
    """Drop codes that ran out; how many."""
    return await tx.run(_FORGET_CODES, before=tx.now)


async def forget_unused(tx: Tx, before: datetime) -> int:
    """Drop apps registered before then that nobody ever signed in with; how many."""
    return await tx.run(_FORGET_APPS, before=before)
