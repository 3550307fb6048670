"""Collections of recommended accounts: on profiles, on pages of their own, and the forms of their owner and members."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from dassie.domain.collections import MAX_DESCRIPTION, MAX_NAME, MOST_COLLECTIONS
from dassie.domain.errors import DassieError, Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.text import normalise_tag
from dassie.services import collected, curating, featuring, finding
from dassie.services.curating import Draft
from dassie.services.finding import Sought
from dassie.store import accounts, collections
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView
from dassie.web.answers import Answer, Go, Html
from dassie.web.profiles import find, relation, relations
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MOST = 40


class Member(Struct, frozen=True):
    """Somebody in a collection."""

    item: Item
    account: AccountView


# Looking ---------------------------------------------------------------------------------------------


@page("/@{username}/collections")
async def tab(visit: Visit, username: str) -> Answer:
    """What somebody made; on one's own profile also what one is in."""
    async with visit.server.read() as tx:
        account = await find(tx, visit, username)
        if account.acct != username:
            return Go(f"/@{account.acct}/collections")
        found = await collected.list_of(tx, account, visit.viewer, limit=MOST, offset=0)
        within = await collections.with_member(tx, account.id, limit=MOST) if visit.viewer == account.id else []
        sizes = await _sizes(tx, visit, [*found, *within])
        owners = await accounts.by_ids(tx, {one.account_id for one in within})
        mine = await relation(tx, visit, account)
        around = await visit.page(tx)
    await collected.look_at_all(visit.server, account)
    return visit.html(
        "pages/collections.html",
        around,
        account=account,
        relation=mine,
        collections=found,
        within=[(one, owners[one.account_id]) for one in within if one.account_id in owners],
        sizes=sizes,
    )


@page("/collections/new", signed_in=True)
async def new(visit: Visit) -> Html:
    """A form for another one."""
    return await _form(visit, None, _blank(), {})


@page("/collections/{id}")
async def show(visit: Visit, id: int) -> Html:
    """A collection and who is in it."""
    async with visit.server.read() as tx:
        one = await curating.find(tx, id, visit.viewer)
        owner = await accounts.by_id(tx, one.account_id)
        members = await _members(tx, visit, one)
        standing = await relations(tx, visit, [member.account for member in members])
        around = await visit.page(tx)
    if owner is None:
        raise NotFound
    await collected.look(visit.server, one)
    return visit.html(
        "pages/collection.html",
        around,
        one=one,
        owner=owner,
        tag=normalise_tag(one.tag),
        members=members,
        relations=standing,
        mine=next((member.item for member in members if member.account.id == visit.viewer), None),
    )


@page("/collections/{id}/edit", signed_in=True)
async def edit(visit: Visit, id: int) -> Html:
    """What is said of it, and who is in it."""
    return await _form(visit, id, None, {})


# Changing --------------------------------------------------------------------------------------------


@form("/collections")
async def create(visit: Visit) -> Answer:
    """A new collection, empty."""
    draft = _typed(visit)
    try:
        async with visit.server.write() as tx:
            made = await curating.create(tx, visit.server, visit.me, draft)
    except Invalid as error:
        return await _form(visit, None, draft, _wrong(error))
    return Go(f"/collections/{made.id}/edit", "collection_made")


@form("/collections/{id}/edit")
async def save(visit: Visit, id: int) -> Answer:
    """Keep what is said of it."""
    draft = _typed(visit)
    try:
        async with visit.server.write() as tx:
            await curating.change(tx, visit.server, visit.me, id, draft)
    except Invalid as error:
        return await _form(visit, id, draft, _wrong(error))
    return Go(f"/collections/{id}/edit", "saved")


@form("/collections/{id}/delete")
async def remove(visit: Visit, id: int) -> Answer:
    """Delete it."""
    async with visit.server.write() as tx:
        await curating.remove(tx, visit.me, id)
    return Go(f"/@{visit.me.username}/collections", "collection_deleted")


@form("/collections/{id}/items")
async def put_in(visit: Visit, id: int) -> Answer:
    """Put in whom a handle names."""
    handle = (visit.params.text("handle", most=1_000) or "").strip()
    found = await finding.find_accounts(visit.server, visit.me, Sought(handle, limit=1, resolve=True)) if handle else []
    named = [
        one
        for one in found
        if handle.lstrip("@").lower() in (one.acct.lower(), f"{one.acct}@{visit.urls.domain}".lower())
    ]
    if not named:
        return await _form(visit, id, None, {"handle": _("Nobody is found under this handle.")}, handle)
    wrong = await _put_in(visit, id, named[0])
    if wrong:
        return await _form(visit, id, None, {"handle": wrong}, handle)
    return Go(f"/collections/{id}/edit", "saved" if named[0].local else "feature_asked")


@form("/collections/{id}/items/{item_id}/remove")
async def take_out(visit: Visit, id: int, item_id: int) -> Answer:
    """Take somebody out."""
    async with visit.server.write() as tx:
        await curating.take_out(tx, visit.me, id, item_id)
    return Go(f"/collections/{id}/edit", "saved")


@form("/collections/{id}/items/{item_id}/leave")
async def leave(visit: Visit, id: int, item_id: int) -> Answer:
    """Leave somebody's collection, for good."""
    async with visit.server.write() as tx:
        await curating.leave(tx, visit.server, visit.me, id, item_id)
    return Go(f"/@{visit.me.username}/collections", "collection_left")


@page("/accounts/{id}/collections", signed_in=True)
async def choose(visit: Visit, id: AccountId) -> Html:
    """My collections, to put somebody into."""
    return await _choose(visit, id, "")


@form("/accounts/{id}/collections")
async def put(visit: Visit, id: AccountId) -> Answer:
    """Put somebody into one of them."""
    async with visit.server.read() as tx:
        account = await accounts.by_id(tx, id)
    chosen = parse_id(visit.params.text("collection") or "")
    if account is None or chosen is None:
        raise NotFound
    wrong = await _put_in(visit, chosen, account)
    if wrong:
        return await _choose(visit, id, wrong)
    return Go(f"/collections/{chosen}", "saved" if account.local else "feature_asked")


# Parts -----------------------------------------------------------------------------------------------


async def _put_in(visit: Visit, id: int, account: AccountView) -> str:
    """Why it cannot be; empty where it is done."""
    try:
        async with visit.server.write() as tx:
            await curating.put_in(tx, visit.server, visit.me, id, account.id)
    except NotAllowed:
        return _("They do not want to be in collections, or not in yours.")
    except Invalid as error:
        full = "collection_items" in error.fields
        return _("There is no more room in it.") if full else _("They are in it, or left it.")
    return ""


async def _choose(visit: Visit, id: AccountId, wrong: str) -> Html:
    async with visit.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        mine = await collections.of(tx, visit.me.id, hidden=True, limit=MOST_COLLECTIONS)
        possible = await featuring.may_feature(tx, visit.me, account)
        around = await visit.page(tx)
    errors = {"collection": wrong} if wrong else {}
    code = 422 if wrong else 200
    return visit.html(
        "pages/choose_collection.html",
        around,
        http_code=code,
        account=account,
        collections=mine,
        choices=[(str(one.id), one.name) for one in mine],
        possible=possible,
        errors=errors,
    )


async def _form(visit: Visit, id: int | None, typed: Draft | None, errors: dict[str, str], handle: str = "") -> Html:
    async with visit.server.read() as tx:
        one = await curating.find_own(tx, visit.me, id) if id is not None else None
        members = await _members(tx, visit, one) if one is not None else []
        around = await visit.page(tx)
    return visit.html(
        "pages/collection_edit.html",
        around,
        http_code=422 if errors else 200,
        one=one,
        typed=typed or (_draft_of(one) if one is not None else _blank()),
        members=members,
        errors=errors,
        handle=handle,
        max_name=MAX_NAME,
        max_description=MAX_DESCRIPTION,
    )


async def _members(tx: Tx, visit: Visit, one: Collection) -> list[Member]:
    items = (await collected.members(tx, [one], visit.viewer))[one.id]
    known = await accounts.by_ids(tx, [item.account_id for item in items if item.account_id is not None])
    found = [(item, known.get(item.account_id)) for item in items if item.account_id is not None]
    return [Member(item, account) for item, account in found if account is not None and account.suspended_at is None]


async def _sizes(tx: Tx, visit: Visit, found: Sequence[Collection]) -> dict[int, int]:
    return {id: len(items) for id, items in (await collected.members(tx, found, visit.viewer)).items()}


def _typed(visit: Visit) -> Draft:
    params = visit.params
    return Draft(
        name=params.text("name", most=1_000) or "",
        description=params.text("description", most=10_000) or "",
        language=params.text("language") or "",
        tag=(params.text("tag_name", most=1_000) or "").strip(),
        sensitive=bool(params.flag("sensitive")),
        discoverable=bool(params.flag("discoverable")),
    )


def _draft_of(one: Collection) -> Draft:
    return Draft(one.name, one.description, one.language or "", one.tag, one.sensitive, one.discoverable)


def _blank() -> Draft:
    return Draft("", "", "", "", False, True)


def _wrong(error: DassieError) -> dict[str, str]:
    found = fields_of(error, "name")
    if "base" in found:
        return {"name": _("There is room for ten collections.")}
    return found
