"""Statuses: rows, who may see them, and assembling what is shown in a handful of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from dassie.domain.ids import AccountId, StatusId
from dassie.store import accounts as account_store
from dassie.store import arrivals, cards, media, polls
from dassie.store.changes import changed
from dassie.store.dialect import any_of, greatest, put_once
from dassie.store.tables import (
    accounts,
    blocks,
    bookmarks,
    favourites,
    follows,
    mentions,
    oauth_apps,
    pins,
    status_tags,
    statuses,
    tags,
    thread_mutes,
    tombstones,
)
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import AppView, EmojiView, MentionView, StatusRow, StatusView, ViewerState


def columns(table: Any = statuses) -> list[Any]:
    """The columns of a `StatusRow`, in its order; `table` may be an alias."""
    return [
        type_coerce(table.c[name], Json(list[EmojiView])) if name == "emojis" else table.c[name]
        for name in StatusRow.__struct_fields__
    ]


# Who may see -----------------------------------------------------------------------------------------


def visible_to(viewer: AccountId | None, table: Any = statuses) -> Any:
    """The condition that `viewer` (parameter `viewer_id`) may see a row of `table`; decided here, once.

    Public and unlisted for all; private for followers, the mentioned and the author; direct and limited for
    the mentioned and the author. Never across a block by the author, never of suspended authors.
    """
    open_ = table.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")])
    suspended = exists().where(accounts.c.id == table.c.account_id, accounts.c.suspended_at.is_not(null()))
    if viewer is None:
        return and_(open_, ~suspended)
    me = bindparam("viewer_id", type_=statuses.c.account_id.type)
    addressed = exists().where(mentions.c.status_id == table.c.id, mentions.c.account_id == me)
    following = exists().where(follows.c.account_id == me, follows.c.target_id == table.c.account_id)
    blocked = exists().where(blocks.c.account_id == table.c.account_id, blocks.c.target_id == me)
    private = and_(table.c.visibility == literal_column("'private'"), following)
    return and_(~suspended, or_(table.c.account_id == me, and_(~blocked, or_(open_, addressed, private))))


def _select(condition: Any) -> Query[StatusRow]:
    return Query(StatusRow, select(*columns()).where(condition))


_BY_ID = _select(statuses.c.id == bindparam("status_id"))
_BY_IDS = _select(any_of(statuses.c.id, "ids"))
_BY_URI = _select(statuses.c.uri == bindparam("uri_is"))
_VISIBLE = {
    True: _select(and_(any_of(statuses.c.id, "ids"), visible_to(AccountId(0)))),
    False: _select(and_(any_of(statuses.c.id, "ids"), visible_to(None))),
}


async def by_id(tx: Tx, id: int) -> StatusRow | None:
    """The status with this id, whoever may see it: for services and federation."""
    return await tx.one(_BY_ID, status_id=id)


async def by_ids(tx: Tx, ids: Collection[int]) -> dict[int, StatusRow]:
    """Statuses by id, whoever may see them."""
    return {found.id: found for found in await tx.all(_BY_IDS, ids=list(ids))} if ids else {}


async def by_uri(tx: Tx, uri: str) -> StatusRow | None:
    """The status with this ActivityPub id, whoever may see it."""
    return await tx.one(_BY_URI, uri_is=uri)


async def visible(tx: Tx, ids: Collection[int], *, viewer: AccountId | None) -> dict[int, StatusRow]:
    """Those of `ids` that `viewer` may see."""
    if not ids:
        return {}
    params: dict[str, Any] = {"ids": list(ids)} | ({"viewer_id": viewer} if viewer is not None else {})
    return {found.id: found for found in await tx.all(_VISIBLE[viewer is not None], **params)}


# Showing ---------------------------------------------------------------------------------------------

_MENTIONS = Query(
    MentionView,
    select(
        mentions.c.status_id,
        mentions.c.account_id,
        accounts.c.username,
        accounts.c.domain,
        accounts.c.url,
        mentions.c.silent,
    )
    .join(accounts, accounts.c.id == mentions.c.account_id)
    .where(any_of(mentions.c.status_id, "ids"))
    .order_by(mentions.c.status_id, mentions.c.account_id),
)
_TAGS = Query(
    row,
    select(status_tags.c.status_id, tags.c.name)
    .join(tags, tags.c.id == status_tags.c.tag_id)
    .where(any_of(status_tags.c.status_id, "ids"))
    .order_by(status_tags.c.status_id, status_tags.c.position),
)
_APPS = Query(
    row, select(oauth_apps.c.id, oauth_apps.c.name, oauth_apps.c.website).where(any_of(oauth_apps.c.id, "ids"))
)


def _viewer_query() -> Query[Any]:
    me = bindparam("viewer_id", type_=statuses.c.account_id.type)
    mine = statuses.alias("mine")

    def did(table: Any) -> Any:
        return exists().where(table.c.status_id == statuses.c.id, table.c.account_id == me)

    reblogged = exists().where(mine.c.reblog_of_id == statuses.c.id, mine.c.account_id == me)
    muted = exists().where(thread_mutes.c.account_id == me, thread_mutes.c.thread_id == statuses.c.thread_id)
    return Query(
        row,
        select(statuses.c.id, did(favourites), reblogged, did(bookmarks), muted, did(pins)).where(
            any_of(statuses.c.id, "ids")
        ),
    )


_VIEWER = _viewer_query()


async def viewer_states(tx: Tx, ids: Collection[int], viewer: AccountId) -> dict[int, ViewerState]:
    """What `viewer` did with each of these statuses, in one query."""
    found = await tx.all(_VIEWER, ids=list(ids), viewer_id=viewer)
    return {id: ViewerState(*map(bool, did)) for id, *did in found}


async def show(tx: Tx, ids: Sequence[int], *, viewer: AccountId | None) -> list[StatusView]:
    """The statuses with these ids as `viewer` sees them, in this order; what may not be seen is left out."""
    rows = await visible(tx, ids, viewer=viewer)
    reblogged = {found.reblog_of_id for found in rows.values() if found.reblog_of_id is not None}
    originals = await visible(tx, reblogged - set(rows), viewer=viewer)
    every = {**originals, **rows}
    shown = await assemble(tx, list(every.values()), viewer=viewer)
    out = []
    for id in ids:
        view = shown.get(id)
        if view is None:
            continue
        if view.row.reblog_of_id is not None:
            original = shown.get(view.row.reblog_of_id)
            if original is None:
                continue
            view = StatusView(row=view.row, account=view.account, reblog=original, viewer=original.viewer)
        out.append(view)
    return out


async def assemble(tx: Tx, rows: Sequence[StatusRow], *, viewer: AccountId | None) -> dict[int, StatusView]:
    """Views of rows that were already found visible; reblogs come without their original."""
    ids = [found.id for found in rows if found.reblog_of_id is None]
    people = {found.account_id for found in rows}
    people |= {found.in_reply_to_account_id for found in rows if found.in_reply_to_account_id is not None}
    by_account = await account_store.by_ids(tx, people)
    attached = await media.of_statuses(tx, [found.id for found in rows if found.has_media])
    asked = await polls.of_statuses(tx, [found.id for found in rows if found.has_poll], viewer=viewer)
    named: dict[int, list[MentionView]] = {}
    tagged: dict[int, list[str]] = {}
    if ids:
        for mention in await tx.all(_MENTIONS, ids=ids):
            if not mention.silent:
                named.setdefault(mention.status_id, []).append(mention)
        for status_id, name in await tx.all(_TAGS, ids=ids):
            tagged.setdefault(status_id, []).append(name)
    app_ids = {found.application_id for found in rows if found.application_id is not None}
    apps = (
        {id: AppView(name, website) for id, name, website in await tx.all(_APPS, ids=list(app_ids))} if app_ids else {}
    )
    linked = await cards.of_statuses(tx, [found.id for found in rows if "<a " in found.content])
    states = await viewer_states(tx, ids, viewer) if viewer is not None and ids else {}
    return {
        found.id: StatusView(
            row=found,
            account=by_account[found.account_id],
            media=attached.get(found.id, []),
            mentions=named.get(found.id, []),
            tags=tagged.get(found.id, []),
            poll=asked.get(found.id),
            application=apps.get(found.application_id) if found.application_id is not None else None,
            viewer=states.get(found.id),
            card=linked.get(found.id),
            reply_to=by_account.get(found.in_reply_to_account_id) if found.in_reply_to_account_id is not None else None,
        )
        for found in rows
        if found.account_id in by_account
    }


# Changing --------------------------------------------------------------------------------------------


@cache
def _insert(*names: str) -> Statement:
    return Statement(put_once(statuses, *names))


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=statuses.c[name].type) for name in names}
    return Statement(
        update(statuses).where(statuses.c.id == bindparam("status_id")).values(**values, rev=statuses.c.rev + 1)
    )


async def insert(tx: Tx, **values: Any) -> bool:
    """Add a status; False where its uri (or id) is there already."""
    return await tx.run(_insert(*sorted(values)), **values) > 0


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a status."""
    if values:
        names = sorted(values)
        await tx.run(_update(*names), status_id=id, **{f"new_{name}": values[name] for name in names})
        changed(tx, id)


def _counting(name: str) -> Statement:
    return Statement(
        update(statuses)
        .where(statuses.c.id == bindparam("status_id"))
        .values(
            {
                name: greatest(statuses.c[name] + bindparam("by", type_=Integer), literal_column("0")),
                "rev": statuses.c.rev + 1,
            }
        )
    )


_COUNT = {name: _counting(name) for name in ("replies_count", "reblogs_count", "favourites_count", "quotes_count")}
_TOUCH = Statement(update(statuses).where(statuses.c.id == bindparam("status_id")).values(rev=statuses.c.rev + 1))
# A reblog that comes at this moment is counted before it goes with its original, or finds no original.
_LOCK = Query(int, select(statuses.c.id).where(statuses.c.id == bindparam("status_id")).with_for_update())
_DELETE = Statement(delete(statuses).where(statuses.c.id == bindparam("status_id")))
_ORPHANS = Statement(
    update(statuses)
    .where(statuses.c.in_reply_to_id == bindparam("status_id"))
    .values(in_reply_to_id=null(), rev=statuses.c.rev + 1)
)
_REBLOGS = Query(
    row, select(statuses.c.id, statuses.c.account_id).where(statuses.c.reblog_of_id == bindparam("status_id"))
)
_BURY = Statement(put_once(tombstones, "uri", "created_at"))
_IS_BURIED = Query(int, select(literal_column("1")).where(tombstones.c.uri == bindparam("uri_is")))


async def count(tx: Tx, id: int, name: str, by: int) -> None:
    """Add to `replies_count`, `reblogs_count`, `favourites_count` or `quotes_count`; never below zero."""
    await tx.run(_COUNT[name], status_id=id, by=by)
    changed(tx, id)


async def touch(tx: Tx, id: int) -> None:
    """Something shown with this status changed (poll, media, mentions): what is cached is stale."""
    await tx.run(_TOUCH, status_id=id)
    changed(tx, id)


async def reblogs(tx: Tx, id: int) -> list[tuple[StatusId, AccountId]]:
    """(status id, account id) of all reblogs of a status."""
    return [(reblog, account) for reblog, account in await tx.all(_REBLOGS, status_id=id)]


async def delete_row(tx: Tx, id: int) -> None:
    """Remove a status and all that hangs on it; replies stay, without their parent."""
    await tx.one(_LOCK, status_id=id)
    await arrivals.leave(tx, [id])
    await tx.run(_ORPHANS, status_id=id)
    await tx.run(_DELETE, status_id=id)
    changed(tx, id)


async def bury(tx: Tx, uri: str) -> None:
    """Remember that this was deleted, so that it is not taken in again."""
    await tx.run(_BURY, uri=uri, created_at=tx.now)


async def is_buried(tx: Tx, uri: str) -> bool:
    """Whether this was deleted."""
    return await tx.one(_IS_BURIED, uri_is=uri) is not None
