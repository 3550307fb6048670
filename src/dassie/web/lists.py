"""Lists of people: their timelines, who is in them, and putting somebody in."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import AccountId, parse_id
from dassie.services import listing
from dassie.store import accounts, list_feeds, lists
from dassie.store.lists import UserList
from dassie.store.tx import Tx
from dassie.store.views import AccountView
from dassie.web.answers import Answer, Go, Html
from dassie.web.reading import feed, show
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of
from dassie.web.visits import Visit

PEOPLE = 80


@page("/lists", signed_in=True)
async def list_lists(visit: Visit) -> Html:
    """My lists, and a form for another."""
    return await _lists(visit, "", {})


@form("/lists")
async def create(visit: Visit) -> Answer:
    """A new list."""
    title = visit.params.text("title", most=1_000) or ""
    try:
        async with visit.server.write() as tx:
            new = await listing.create(tx, visit.me, title)
    except Invalid as error:
        return await _lists(visit, title, fields_of(error, "title"))
    return Go(f"/lists/{new.id}/edit", "list_made")


@page("/lists/{id}", signed_in=True)
async def timeline(visit: Visit, id: int) -> Html:
    """What the people in a list write."""
    async with visit.server.read() as tx:
        one = await listing.find(tx, visit.me, id)
        ids = await list_feeds.page(tx, id, visit.me.id, visit.part())
        shown = await show(tx, visit, ids, "home")
        around = await visit.page(tx)
    return feed(visit, "pages/list.html", around, shown, ids, one=one)


@page("/lists/{id}/edit", signed_in=True)
async def edit(visit: Visit, id: int) -> Html:
    """Its name and rules, and who is in it."""
    return await _edit(visit, id, None, {})


@form("/lists/{id}/edit")
async def save(visit: Visit, id: int) -> Answer:
    """Keep name and rules."""
    params = visit.params
    title, policy = params.text("title", most=1_000) or "", params.text("replies_policy")
    exclusive = bool(params.flag("exclusive"))
    try:
        async with visit.server.write() as tx:
            await listing.change(tx, visit.me, id, title, policy, exclusive)
    except Invalid as error:
        return await _edit(visit, id, title, fields_of(error, "title"))
    return Go(f"/lists/{id}/edit", "saved")


@form("/lists/{id}/delete")
async def remove(visit: Visit, id: int) -> Answer:
    """Delete a list; the people in it are followed as before."""
    async with visit.server.write() as tx:
        await listing.remove(tx, visit.me, id)
    return Go("/lists", "list_deleted")


@form("/lists/{id}/members/{account_id}/remove")
async def take_out(visit: Visit, id: int, account_id: AccountId) -> Answer:
    """Take somebody out of a list."""
    async with visit.server.write() as tx:
        await listing.take_out(tx, visit.me, id, [account_id])
    return Go(f"/lists/{id}/edit", "saved")


@page("/accounts/{id}/lists", signed_in=True)
async def choose(visit: Visit, id: AccountId) -> Html:
    """My lists, with those marked that somebody is in."""
    async with visit.server.read() as tx:
        account = await _account(tx, id)
        mine = await lists.of(tx, visit.me.id)
        inside = {one.id for one in await lists.containing(tx, visit.me.id, id)}
        takable = bool(await lists.takable(tx, visit.me.id, [id]))
        around = await visit.page(tx)
    return visit.html("pages/choose_lists.html", around, account=account, lists=mine, inside=inside, takable=takable)


@form("/accounts/{id}/lists")
async def put(visit: Visit, id: AccountId) -> Answer:
    """Put somebody into the marked lists and take them out of the others."""
    wanted = {parse_id(text) for text in visit.params.texts("lists", most=listing.MOST_LISTS)}
    async with visit.server.write() as tx:
        account = await _account(tx, id)
        inside = {one.id for one in await lists.containing(tx, visit.me.id, id)}
        for one in await lists.of(tx, visit.me.id):
            if one.id in wanted and one.id not in inside:
                await listing.put_in(tx, visit.me, one.id, [id])
            elif one.id in inside and one.id not in wanted:
                await listing.take_out(tx, visit.me, one.id, [id])
    return Go(f"/@{account.acct}", "saved")


async def _account(tx: Tx, id: AccountId) -> AccountView:
    found = await accounts.by_id(tx, id)
    if found is None:
        raise NotFound
    return found


async def _lists(visit: Visit, typed: str, errors: dict[str, str]) -> Html:
    async with visit.server.read() as tx:
        mine: Sequence[UserList] = await lists.of(tx, visit.me.id)
        around = await visit.page(tx)
    code = 422 if errors else 200
    return visit.html("pages/lists.html", around, http_code=code, lists=mine, typed=typed, errors=errors)


async def _edit(visit: Visit, id: int, typed: str | None, errors: dict[str, str]) -> Html:
    async with visit.server.read() as tx:
        one = await listing.find(tx, visit.me, id)
        found = await lists.members(tx, id, visit.part(PEOPLE))
        known = await accounts.by_ids(tx, found)
        around = await visit.page(tx)
    return visit.html(
        "pages/list_edit.html",
        around,
        http_code=422 if errors else 200,
        one=one,
        members=[known[member] for member in found if member in known],
        older=visit.older(found, PEOPLE),
        typed=one.title if typed is None else typed,
        errors=errors,
    )
