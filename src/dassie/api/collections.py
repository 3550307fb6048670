"""Collections of recommended accounts (Mastodon 4.6); early clients ask under `v1_alpha`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlencode

from msgspec import UNSET, UnsetType

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.collections import (
    Collection,
    Collections,
    CollectionWithAccounts,
    WrappedCollection,
    WrappedCollectionItem,
    show_collections,
    show_item,
)
from dassie.api.entities.feature_approval import approve
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, Reply, delete, get, post, put
from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId, parse_id
from dassie.door import taking as take
from dassie.services import collected, curating
from dassie.services.curating import Draft
from dassie.store import accounts, collections
from dassie.store.views import AccountView

SINCE = "@1781049600"
"""When what early clients use was given up: 10 June 2026."""
MOST_OFFSET = 10_000
DETAILS = [
    take.text("name", "At most 40 characters."),
    take.text("description", "At most 100 characters."),
    take.text("language"),
    take.text("tag_name", "The topic, a hashtag."),
    take.flag("sensitive"),
    take.flag("discoverable", "False: only who has the link finds it."),
]
PEOPLE = [*DETAILS, take.texts("account_ids", "Who is in it.", most=80)]
OFFSET = take.integer("offset", least=0, most=MOST_OFFSET)
T = TypeVar("T")


@get("/api/v1/accounts/{id}/collections", scope="read:collections?", takes=[take.limit(40, 100), OFFSET])
@get(
    "/api/v1_alpha/accounts/{id}/collections",
    scope="read:collections?",
    takes=[take.limit(40, 100), OFFSET],
    deprecated=SINCE,
)
async def collections_of(call: Call, id: AccountId) -> Reply[Collections]:
    """Somebody's collections, the newest first; those that are not to be discovered only for their owner."""
    limit, offset = call.params.limit(40, 100), _offset(call)
    async with call.server.read() as tx:
        account = await _account(call, id)
        found = await collected.list_of(tx, account, call.viewer, limit=limit + 1, offset=offset)
        shown = await show_collections(tx, found[:limit], call.urls, call.viewer)
    await collected.look_at_all(call.server, account)
    return Reply({"collections": shown}, headers=_linked(call, offset, limit, more=len(found) > limit))


@get("/api/v1/accounts/{id}/in_collections", scope="read:collections", takes=[take.limit(40, 80), OFFSET])
@get(
    "/api/v1_alpha/accounts/{id}/in_collections",
    scope="read:collections",
    takes=[take.limit(40, 80), OFFSET],
    deprecated=SINCE,
)
async def collections_with(call: Call, id: AccountId) -> Reply[Collections]:
    """The collections that the caller is in, the newest first; nobody else's are told."""
    limit, offset = call.params.limit(40, 80), _offset(call)
    await _account(call, id)
    if id != call.me.id:
        raise NotAllowed
    async with call.server.read() as tx:
        found = await collections.with_member(tx, id, limit=limit + 1, offset=offset)
        shown = await show_collections(tx, found[:limit], call.urls, call.viewer)
    return Reply({"collections": shown}, headers=_linked(call, offset, limit, more=len(found) > limit))


@get("/api/v1/collections/{id}", scope="read:collections?", takes=[])
@get("/api/v1_alpha/collections/{id}", scope="read:collections?", takes=[], deprecated=SINCE)
async def show(call: Call, id: int) -> CollectionWithAccounts:
    """A collection with its owner and the people in it. Another server's is read again in the background."""
    async with call.server.read() as tx:
        found = await curating.find(tx, id, call.viewer)
        shown = (await show_collections(tx, [found], call.urls, call.viewer))[0]
        ids = [found.account_id, *_people(shown)]
        people = await show_accounts(tx, list(dict.fromkeys(ids)), call.urls)
        await approve(tx, people, call.viewer)
    await collected.look(call.server, found)
    return {"accounts": people, "collection": shown}


@post("/api/v1/collections", scope="write:collections", takes=PEOPLE)
@post("/api/v1_alpha/collections", scope="write:collections", takes=PEOPLE, deprecated=SINCE)
async def create(call: Call) -> WrappedCollection:
    """A new collection."""
    draft, people = _draft(call), call.params.texts("account_ids", most=80)
    ids = [number for text in dict.fromkeys(people) if (number := parse_id(text)) is not None]
    if len(ids) < len(set(people)):
        raise NotFound
    with _nested():
        async with call.server.write() as tx:
            new = await curating.create(tx, call.server, call.me, draft, ids)
    return await _one(call, new.id)


@put("/api/v1/collections/{id}", scope="write:collections", takes=DETAILS)
@put("/api/v1_alpha/collections/{id}", scope="write:collections", takes=DETAILS, deprecated=SINCE)
async def change(call: Call, id: int) -> WrappedCollection:
    """Change what is said of a collection; who is in it stays."""
    with _nested():
        async with call.server.write() as tx:
            await curating.change(tx, call.server, call.me, id, _draft(call))
    return await _one(call, id)


@delete("/api/v1/collections/{id}", scope="write:collections", takes=[])
@delete("/api/v1_alpha/collections/{id}", scope="write:collections", takes=[], deprecated=SINCE)
async def remove(call: Call, id: int) -> Empty:
    """Delete a collection."""
    async with call.server.write() as tx:
        await curating.remove(tx, call.me, id)
    return {}


@post("/api/v1/collections/{id}/items", scope="write:collections", takes=[take.id("account_id", required=True)])
@post(
    "/api/v1_alpha/collections/{id}/items",
    scope="write:collections",
    takes=[take.id("account_id", required=True)],
    deprecated=SINCE,
)
async def put_in(call: Call, id: int) -> WrappedCollectionItem:
    """Put somebody in; people of other servers are asked first, and are pending until their server answers."""
    account_id = call.params.id("account_id")
    if account_id is None:
        raise Invalid("`account_id` parameter is missing")
    with _nested():
        async with call.server.write() as tx:
            item = await curating.put_in(tx, call.server, call.me, id, account_id)
    return {"collection_item": show_item(item)}


@delete("/api/v1/collections/{id}/items/{item_id}", scope="write:collections", takes=[])
@delete("/api/v1_alpha/collections/{id}/items/{item_id}", scope="write:collections", takes=[], deprecated=SINCE)
async def take_out(call: Call, id: int, item_id: int) -> Empty:
    """Take somebody out."""
    async with call.server.write() as tx:
        await curating.take_out(tx, call.me, id, item_id)
    return {}


@post("/api/v1/collections/{id}/items/{item_id}/revoke", scope="write:collections", takes=[])
@post("/api/v1_alpha/collections/{id}/items/{item_id}/revoke", scope="write:collections", takes=[], deprecated=SINCE)
async def leave(call: Call, id: int, item_id: int) -> Empty:
    """Leave somebody else's collection, for good."""
    async with call.server.write() as tx:
        await curating.leave(tx, call.server, call.me, id, item_id)
    return {}


# Parts -----------------------------------------------------------------------------------------------


async def _account(call: Call, id: AccountId) -> AccountView:
    async with call.server.read() as tx:
        found = await accounts.by_id(tx, id)
    if found is None:
        raise NotFound
    return found


async def _one(call: Call, id: int) -> WrappedCollection:
    async with call.server.read() as tx:
        found = await curating.find(tx, id, call.viewer)
        return {"collection": (await show_collections(tx, [found], call.urls, call.viewer))[0]}


def _people(shown: Collection) -> list[int]:
    return [int(id) for item in shown["items"] if (id := item.get("account_id"))]


def _draft(call: Call) -> Draft:
    params = call.params
    return Draft(
        name=_said(params.text("name")),
        description=_said(params.text("description")),
        language=_said(params.text("language")),
        tag=_said(params.text("tag_name")),
        sensitive=_said(params.flag("sensitive")),
        discoverable=_said(params.flag("discoverable")),
    )


@contextmanager
def _nested() -> Iterator[None]:
    """What is wrong stands inside `error` here, with its details (limits_and_rules section 5)."""
    try:
        yield
    except Invalid as error:
        details = {
            name: [{"error": kind, "description": text} for kind, text in problems]
            for name, problems in error.fields.items()
        }
        body = {"error": {"error": error.safe, "details": details}}
        raise Invalid(error.safe, body=body) from error


def _said(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _offset(call: Call) -> int:
    return call.params.integer("offset", least=0, most=MOST_OFFSET) or 0


def _linked(call: Call, offset: int, limit: int, *, more: bool) -> list[tuple[str, str]]:
    """The Link header of lists that are paged by offset."""
    base = call.urls.base + call.request.path
    kept = [("limit", str(limit))] if call.params.get("limit") is not None else []
    links: Sequence[tuple[str, int]] = [
        *([("next", offset + limit)] if more else []),
        *([("prev", max(offset - limit, 0))] if offset else []),
    ]
    text = ", ".join(f'<{base}?{urlencode([*kept, ("offset", str(at))])}>; rel="{rel}"' for rel, at in links)
    return [("link", text)] if text else []
