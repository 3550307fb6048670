"""Web Push subscriptions: where the notifications of an app are sent. One for each token; they end with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, delete, null, select, type_coerce, update

from dassie.domain.ids import AccountId
from dassie.domain.push import PushPolicy
from dassie.store.dialect import put_or_set
from dassie.store.tables import accounts, oauth_tokens, push_subscriptions, users
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json


class PushSubscription(Struct, frozen=True):
    """What an app asked for."""

    id: int
    token_id: int
    account_id: AccountId
    endpoint: str
    p256dh: bytes
    """Public key of the app, an uncompressed point of P-256."""
    auth: bytes
    standard: bool
    """RFC 8291; else the draft before it."""
    alerts: dict[str, bool]
    policy: PushPolicy
    created_at: datetime


class Receiver(Struct, frozen=True):
    """Who gets what is sent."""

    locale: str
    token_hash: bytes


_t = push_subscriptions
_COLUMNS = PushSubscription.__struct_fields__
_SHOWN: list[Any] = [
    type_coerce(_t.c.alerts, Json(dict[str, bool])) if name == "alerts" else _t.c[name] for name in _COLUMNS
]
_of_token = _t.c.token_id == bindparam("of_token", type_=BigInteger)
_of_id = _t.c.id == bindparam("id_is", type_=BigInteger)
_PUT = Statement(put_or_set(_t, _COLUMNS, key=("token_id",)))
_BY_TOKEN = Query(PushSubscription, select(*_SHOWN).where(_of_token))
_BY_ID = Query(PushSubscription, select(*_SHOWN).where(_of_id))
_OF = Query(PushSubscription, select(*_SHOWN).where(_t.c.account_id == bindparam("of_account", type_=BigInteger)))
_CHANGE = Statement(
    update(_t)
    .where(_of_token)
    .values(alerts=bindparam("new_alerts", type_=Json()), policy=bindparam("new_policy", type_=_t.c.policy.type))
)
_REMOVE = Statement(delete(_t).where(_of_id))
_REMOVE_OF_TOKEN = Statement(delete(_t).where(_of_token))
_RECEIVER = Query(
    Receiver,
    select(users.c.locale, oauth_tokens.c.token_hash)
    .select_from(
        _t.join(oauth_tokens, oauth_tokens.c.id == _t.c.token_id)
        .join(users, users.c.id == oauth_tokens.c.user_id)
        .join(accounts, accounts.c.id == users.c.account_id)
    )
    .where(_of_id, oauth_tokens.c.revoked_at.is_(null()), ~users.c.disabled, accounts.c.suspended_at.is_(null())),
)


async def put(tx: Tx, new: PushSubscription) -> None:
    """Keep a subscription, in place of the one that its token had."""
    await tx.run(_PUT, **{name: getattr(new, name) for name in _COLUMNS})


async def of_token(tx: Tx, token_id: int) -> PushSubscription | None:
    """The subscription of a token."""
    return await tx.one(_BY_TOKEN, of_token=token_id)


async def by_id(tx: Tx, id: int) -> PushSubscription | None:
    """The subscription with this id."""
    return await tx.one(_BY_ID, id_is=id)


async def of(tx: Tx, account_id: int) -> list[PushSubscription]:
    """All subscriptions of one person."""
    return await tx.all(_OF, of_account=account_id)


async def receiver(tx: Tx, id: int) -> Receiver | None:
    """Who gets what is sent; None where the token, the login or the account is not good any more."""
    return await tx.one(_RECEIVER, id_is=id)


async def change(tx: Tx, token_id: int, alerts: dict[str, bool], policy: PushPolicy) -> None:
    """Ask for other notifications."""
    await tx.run(_CHANGE, of_token=token_id, new_alerts=alerts, new_policy=policy)


async def remove(tx: Tx, id: int) -> bool:
    """End a subscription; False where there is none."""
    return await tx.run(_REMOVE, id_is=id) > 0


async def remove_of_token(tx: Tx, token_id: int) -> None:
    """End the subscription of a token; where there is none, nothing happens."""
    await tx.run(_REMOVE_OF_TOKEN, of_token=token_id)
