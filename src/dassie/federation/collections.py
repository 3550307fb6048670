"""Lists of ours for other servers: outbox, followers, pinned posts, answers, counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import NotAllowed, NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID, AccountId, parse_id
from dassie.domain.paging import Page
from dassie.federation.documents import readable
from dassie.federation.outbound import building
from dassie.federation.outbound.notes import replies_after
from dassie.federation.outbound.terms import AS, NOTE_CONTEXT, TAG_CONTEXT, Doc, with_context
from dassie.federation.owners import owner
from dassie.federation.readers import check_open
from dassie.federation.routing import Document, Visit, get
from dassie.federation.serving import collection, page, serve
from dassie.store import accounts, follows, outgoing, statuses
from dassie.store import featured_tags as tags
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

PER_PAGE = 20
PEOPLE_PER_PAGE = 50

People = Callable[[Tx, int, Page], Awaitable[list[tuple[int, AccountId]]]]


# Of accounts -----------------------------------------------------------------------------------------


@get("/users/{username}/outbox")
async def outbox(visit: Visit, username: str) -> Document:
    """Open posts and reblogs, newest first."""
    await check_open(visit)
    urls = visit.server.urls
    async with visit.server.read() as tx:
        account = await owner(tx, username)
        uri = urls.collection(account.username, "outbox")
        asked = _asked(visit)
        if asked is None:
            return serve(visit, collection(uri, account.statuses_count), account.id)
        rows = await outgoing.outbox(tx, account.id, Page(PER_PAGE, max_id=asked))
        docs = [await building.activity_of(tx, urls, row) for row in rows]
    items = [{name: value for name, value in doc.items() if name != "@context"} for doc in docs if doc is not None]
    following = _next(uri, rows[-1].id, len(rows), PER_PAGE) if rows else None
    shown = [id for row in rows for id in (row.id, row.reblog_of_id) if id is not None]
    return serve(visit, page(uri, _own_address(visit, uri), items, following, NOTE_CONTEXT), account.id, *shown)


@get("/actor/outbox")
async def instance_outbox(visit: Visit) -> Document:
    """The server itself posts nothing."""
    return serve(visit, collection(f"{visit.server.urls.base}/actor/outbox", 0, paged=False), INSTANCE_ACCOUNT_ID)


@get("/users/{username}/followers")
async def followers(visit: Visit, username: str) -> Document:
    """Who follows: the number, and the accounts unless the owner hides them."""
    return await _people(visit, username, "followers", follows.followers_of)


@get("/users/{username}/following")
async def following(visit: Visit, username: str) -> Document:
    """Who is followed: the number, and the accounts unless the owner hides them."""
    return await _people(visit, username, "following", follows.followed_by)


async def _people(visit: Visit, username: str, name: str, read: People) -> Document:
    await check_open(visit)
    async with visit.server.read() as tx:
        account = await owner(tx, username)
        uri = visit.server.urls.collection(account.username, name)
        total = account.followers_count if name == "followers" else account.following_count
        asked = _asked(visit)
        if asked is None:
            return serve(visit, collection(uri, total, paged=not account.hide_collections), account.id)
        if account.hide_collections:
            raise NotAllowed("This list is not shown")
        found = await read(tx, account.id, Page(PEOPLE_PER_PAGE, max_id=asked))
        people = await accounts.by_ids(tx, [id for _, id in found])
    items = [people[id].uri for _, id in found if id in people]
    after = _next(uri, found[-1][0], len(found), PEOPLE_PER_PAGE) if found else None
    return serve(visit, page(uri, _own_address(visit, uri), items, after, AS), account.id)


@get("/users/{username}/collections/featured")
async def featured(visit: Visit, username: str) -> Document:
    """Pinned posts, whole."""
    await check_open(visit)
    async with visit.server.read() as tx:
        account = await owner(tx, username)
        ids = await outgoing.pinned(tx, account.id)
        rows = await statuses.by_ids(tx, ids)
        items = [await building.note_of(tx, visit.server.urls, rows[id]) for id in ids if id in rows]
    uri = visit.server.urls.collection(account.username, "collections/featured")
    return serve(visit, _whole(uri, "OrderedCollection", items, NOTE_CONTEXT), account.id, *ids)


@get("/users/{username}/collections/tags")
async def featured_tags(visit: Visit, username: str) -> Document:
    """Hashtags that stand on a profile."""
    await check_open(visit)
    urls = visit.server.urls
    async with visit.server.read() as tx:
        account = await owner(tx, username)
        chosen = await tags.of(tx, account.id)
    items: list[Doc] = [
        {"type": "Hashtag", "href": urls.tagged_by(account.username, one.tag), "name": f"#{one.name}"} for one in chosen
    ]
    uri = urls.collection(account.username, "collections/tags")
    return serve(visit, _whole(uri, "Collection", items, TAG_CONTEXT), account.id)


# Of statuses -----------------------------------------------------------------------------------------


@get("/users/{username}/statuses/{id}/replies")
async def replies(visit: Visit, username: str, id: str) -> Document:
    """Open answers: first the author's own, then those of others, the newest first."""
    row = await readable(visit, username, id)
    uri = f"{row.uri}/replies"
    query = parse_qs(visit.request.query[:1_000])
    if "page" in query and "only_other_accounts" in query:
        doc = await _others_replies(visit, row, uri)
    elif "page" in query:
        after = parse_id(query.get("min_id", [""])[0]) or 0
        doc = await _own_replies(visit, row, uri, _own_address(visit, uri), PER_PAGE, after)
    else:
        first = await _own_replies(visit, row, uri, f"{uri}?page=true", outgoing.FIRST_REPLIES, 0)
        del first["@context"]
        doc = with_context({"id": uri, "type": "Collection", "first": first})
    return serve(visit, doc, row.id, row.account_id, everybody=_open(row.visibility))


async def _own_replies(visit: Visit, row: StatusRow, uri: str, address: str, most: int, after: int) -> Doc:
    """A page of the author's own answers; the list goes on where there is anything more."""
    async with visit.server.read() as tx:
        own = await outgoing.own_replies(tx, row, most, after=after)
        others = await outgoing.other_replies(tx, row, Page(1))
    following = replies_after(uri, own, most) if others or len(own) == most else None
    return page(uri, address, [answer for _, answer in own], following, AS, ordered=False)


async def _others_replies(visit: Visit, row: StatusRow, uri: str) -> Doc:
    """A page of the answers of others."""
    async with visit.server.read() as tx:
        others = await outgoing.other_replies(tx, row, Page(PER_PAGE, max_id=_asked(visit)))
    more = f"{uri}?only_other_accounts=true&page=true&max_id={others[-1][0]}" if len(others) == PER_PAGE else None
    return page(uri, _own_address(visit, uri), [answer for _, answer in others], more, AS, ordered=False)


@get("/users/{username}/statuses/{id}/likes")
async def likes(visit: Visit, username: str, id: str) -> Document:
    """How many favourites a status has."""
    row = await readable(visit, username, id)
    counted = collection(f"{row.uri}/likes", row.favourites_count, paged=False, ordered=False)
    return serve(visit, counted, row.id, row.account_id, everybody=_open(row.visibility))


@get("/users/{username}/statuses/{id}/shares")
async def shares(visit: Visit, username: str, id: str) -> Document:
    """How often a status was reblogged."""
    row = await readable(visit, username, id)
    counted = collection(f"{row.uri}/shares", row.reblogs_count, paged=False, ordered=False)
    return serve(visit, counted, row.id, row.account_id, everybody=_open(row.visibility))


@get("/contexts/{id}")
async def context(visit: Visit, id: str) -> Document:
    """The open posts of a thread that began here (FEP-7888), the newest first."""
    root, author, found = await _thread(visit, id)
    uri = f"{visit.server.urls.base}/contexts/{id}"
    first = _thread_page(uri, f"{uri}/items?page=true", found)
    del first["@context"]
    whole: Doc = {"id": uri, "type": "OrderedCollection", "first": first}
    if author is not None:
        whole["attributedTo"] = author.uri
    return serve(visit, with_context(whole), root.id, root.account_id, *(id for id, _ in found))


@get("/contexts/{id}/items")
async def context_items(visit: Visit, id: str) -> Document:
    """A page of them."""
    root, _, found = await _thread(visit, id)
    uri = f"{visit.server.urls.base}/contexts/{id}"
    doc = _thread_page(uri, f"{uri}/items?{visit.request.query or 'page=true'}", found)
    return serve(visit, doc, root.id, root.account_id, *(id for id, _ in found))


async def _thread(visit: Visit, id: str) -> tuple[StatusRow, AccountView | None, list[tuple[int, str]]]:
    """The first post of a thread of ours, its author, and (id, uri) of the posts on the page that is asked for."""
    await check_open(visit)
    thread_id = parse_id(id)
    async with visit.server.read() as tx:
        root = await statuses.by_id(tx, thread_id) if thread_id is not None else None
        if root is None or not root.local or root.thread_id != root.id or not _open(root.visibility):
            raise NotFound
        found = await outgoing.thread(tx, root.id, Page(PER_PAGE, max_id=_asked(visit)))
        return root, await accounts.by_id(tx, root.account_id), found


def _thread_page(uri: str, address: str, found: list[tuple[int, str]]) -> Doc:
    after = _next(f"{uri}/items", found[-1][0], len(found), PER_PAGE) if found else None
    return page(uri, address, [post for _, post in found], after, AS)


# Pages -----------------------------------------------------------------------------------------------


def _asked(visit: Visit) -> int | None:
    """The bound of the page that is asked for; None where the collection itself is asked for."""
    query = parse_qs(visit.request.query[:1_000])
    if "page" not in query:
        return None
    bound = parse_id(query.get("max_id", [""])[0])
    return bound if bound is not None else (1 << 63) - 1


def _next(uri: str, last: int, got: int, per_page: int) -> str | None:
    return f"{uri}?page=true&max_id={last}" if got == per_page else None


def _own_address(visit: Visit, uri: str) -> str:
    return f"{uri}?{visit.request.query}"


def _whole(uri: str, kind: str, items: list[Doc], context: object) -> Doc:
    name = "orderedItems" if kind == "OrderedCollection" else "items"
    return with_context({"id": uri, "type": kind, "totalItems": len(items), name: items}, context)


def _open(visibility: str) -> bool:
    return visibility in REBLOGGABLE
