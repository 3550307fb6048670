"""Who other servers' activities are from and about: the look-ups of the inbox, each one index step or a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Text, bindparam, delete, exists, func, literal_column, null, select, update

from dassie.domain.ids import AccountId, StatusId
from dassie.store.dialect import any_of, put, put_or_set
from dassie.store.tables import account_keys, accounts, blocks, favourites, follows, jobs, peers, statuses
from dassie.store.tx import Query, Statement, Tx, row


class Sender(Struct, frozen=True):
    """An account as the inbox sees it."""

    id: AccountId
    uri: str
    domain: str
    suspended_at: datetime | None
    fetched_at: datetime | None
    followed: bool
    """Whether somebody here follows it."""
    server_suspended: bool
    """Whether we do not talk with the server it is on."""


class StoredKey(Struct, frozen=True):
    """A public key and whose it is."""

    key_id: str
    public_key: str
    account_id: AccountId
    owner: str
    """URI of the account."""
    suspended_at: datetime | None


class KnownStatus(Struct, frozen=True):
    """The little the inbox asks of a status."""

    id: StatusId
    uri: str
    account_id: AccountId
    local: bool


_local = accounts.alias("local_accounts")
_followed = exists(
    select(literal_column("1"))
    .select_from(follows.join(_local, _local.c.id == follows.c.account_id))
    .where(follows.c.target_id == accounts.c.id, _local.c.domain == literal_column("''"))
)
_cut_off = exists().where(any_of(peers.c.domain, "domains"), peers.c.suspended_at.is_not(null()))
_SENDER = Query(
    Sender,
    select(
        accounts.c.id,
        accounts.c.uri,
        accounts.c.domain,
        accounts.c.suspended_at,
        accounts.c.fetched_at,
        _followed,
        _cut_off,
    ).where(accounts.c.uri == bindparam("uri_is")),
)
_IDS = Query(row, select(accounts.c.uri, accounts.c.id, accounts.c.domain).where(any_of(accounts.c.uri, "uris")))
_KNOWN = Query(
    KnownStatus,
    select(statuses.c.id, statuses.c.uri, statuses.c.account_id, statuses.c.local).where(
        any_of(statuses.c.uri, "uris")
    ),
)
_key_columns = (
    account_keys.c.key_id,
    account_keys.c.public_key,
    account_keys.c.account_id,
    accounts.c.uri,
    accounts.c.suspended_at,
)
_keys = select(*_key_columns).join(accounts, accounts.c.id == account_keys.c.account_id)
_KEY = Query(StoredKey, _keys.where(account_keys.c.key_id == bindparam("key_is")))
_KEYS_OF = Query(StoredKey, _keys.where(accounts.c.uri == bindparam("uri_is")).order_by(account_keys.c.key_id))
_FORGET_KEYS = Statement(delete(account_keys).where(account_keys.c.account_id == bindparam("of_account")))
_PUT_KEY = Statement(put_or_set(account_keys, ("key_id", "account_id", "public_key", "fetched_at"), key=("key_id",)))
_RENAME = Statement(
    update(accounts)
    .where(accounts.c.id == bindparam("of_account", type_=BigInteger))
    .values(uri=bindparam("new_uri", type_=Text), rev=accounts.c.rev + 1)
)
_SUSPENDED = Query(
    int,
    select(literal_column("1")).where(any_of(peers.c.domain, "domains"), peers.c.suspended_at.is_not(null())).limit(1),
)
_new_peer = put(peers, "domain", "last_seen_at", "created_at")
_SEEN = Statement(
    _new_peer.on_conflict_do_update(
        index_elements=[peers.c.domain], set_={"last_seen_at": _new_peer.excluded.last_seen_at}
    )
)
_HAS_FAVOURITE = Query(
    int,
    select(literal_column("1")).where(
        favourites.c.account_id == bindparam("of_account"), favourites.c.status_id == bindparam("on_status")
    ),
)
_FAVOURITE = Query(
    StatusId,
    select(favourites.c.status_id).where(
        favourites.c.account_id == bindparam("of_account"), favourites.c.uri == bindparam("uri_is")
    ),
)
_BLOCK = Query(
    AccountId,
    select(blocks.c.target_id).where(
        blocks.c.account_id == bindparam("of_account"), blocks.c.uri == bindparam("uri_is")
    ),
)
_WAITING = Query(
    int,
    select(func.count()).where(
        jobs.c.kind == literal_column("'Inbound'"),
        jobs.c.unique_key.is_not(null()),
        jobs.c.state < literal_column("4"),
    ),
)


async def sender(tx: Tx, uri: str, domain: str) -> Sender | None:
    """The account with this actor id, and how it stands with us; `domain` is the host in the id, without port."""
    return await tx.one(_SENDER, uri_is=uri, domains=with_parents(domain))


async def account_ids(tx: Tx, uris: Collection[str]) -> dict[str, tuple[AccountId, bool]]:
    """(id, local) by actor id, of those that are known here."""
    found = await tx.all(_IDS, uris=list(uris)) if uris else []
    return {uri: (id, not domain) for uri, id, domain in found}


async def known_statuses(tx: Tx, uris: Collection[str]) -> dict[str, KnownStatus]:
    """Statuses by uri, of those that are known here."""
    return {found.uri: found for found in await tx.all(_KNOWN, uris=list(uris))} if uris else {}


async def key(tx: Tx, key_id: str) -> StoredKey | None:
    """The key with this id."""
    return await tx.one(_KEY, key_is=key_id)


async def keys_of(tx: Tx, uri: str) -> list[StoredKey]:
    """All keys of the account with this actor id."""
    return await tx.all(_KEYS_OF, uri_is=uri)


async def replace_keys(tx: Tx, account_id: int, keys: Sequence[tuple[str, str]]) -> None:
    """Make these (key id, key text) the keys of an account, in place of those it had."""
    await tx.run(_FORGET_KEYS, of_account=account_id)
    for key_id, text in keys:
        await tx.run(_PUT_KEY, key_id=key_id, account_id=account_id, public_key=text, fetched_at=tx.now)


async def take_over(tx: Tx, account_id: int, uri: str) -> None:
    """Give an account a new actor id: its handle was proved to lead there now."""
    await tx.run(_RENAME, of_account=account_id, new_uri=uri)


async def has_favourite(tx: Tx, account_id: int, status_id: int) -> bool:
    """Whether this account favourited this status."""
    return await tx.one(_HAS_FAVOURITE, of_account=account_id, on_status=status_id) is not None


async def favourite_by_uri(tx: Tx, account_id: int, uri: str) -> StatusId | None:
    """The status that this account favourited with the activity of this id."""
    return await tx.one(_FAVOURITE, of_account=account_id, uri_is=uri)


async def block_by_uri(tx: Tx, account_id: int, uri: str) -> AccountId | None:
    """Whom this account blocked with the activity of this id."""
    return await tx.one(_BLOCK, of_account=account_id, uri_is=uri)


async def is_suspended(tx: Tx, domain: str) -> bool:
    """Whether we do not talk with this server, or with the domain it is part of."""
    return await tx.one(_SUSPENDED, domains=with_parents(domain)) is not None


async def seen(tx: Tx, domain: str) -> None:
    """A valid request came from there just now."""
    await tx.run(_SEEN, domain=domain, last_seen_at=tx.now, created_at=tx.now)


async def waiting(tx: Tx) -> int:
    """How many received activities wait for their handler; reads as many index entries."""
    return await tx.one(_WAITING) or 0


def with_parents(domain: str) -> list[str]:
    """The domain and those above it, without the top level."""
    labels = domain.split(".")
    return [".".join(labels[i:]) for i in range(max(len(labels) - 1, 1))]
