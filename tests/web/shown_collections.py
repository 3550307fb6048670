"""The pages of collections with invented content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from dassie.services.curating import Draft
from dassie.store.collections import Collection, Item
from dassie.store.views import AccountView
from dassie.web.collections import Member
from dassie.web.shown import Page, Relation
from invented import AMA, BO, NOW, RTL, page

HOME = "https://rocks.example"


def collection(owner: AccountView, **changes: Any) -> Collection:
    made = Collection(
        id=5,
        account_id=owner.id,
        uri=f"{HOME}/ap/users/1/collections/5",
        url=f"{HOME}/collections/5",
        name="People of stone",
        description="Who looks after rocks & cliffs",
        language="en",
        tag="Koppie",
        local=True,
        sensitive=False,
        discoverable=True,
        total=0,
        created_at=NOW,
        updated_at=NOW,
        fetched_at=None,
    )
    return structs.replace(made, **changes)


def member(account: AccountView, number: int, state: Any = "accepted") -> Member:
    item = Item(
        id=number,
        collection_id=5,
        account_id=account.id,
        uri=f"{HOME}/ap/users/1/collection_items/{number}",
        object_uri=account.uri,
        request_uri=None,
        approval_uri=None,
        state=state,
        position=number,
        created_at=NOW,
        verified_at=NOW,
    )
    return Member(item, account)


def of_collections() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    """(name, template, page, values) of each state."""
    me, other, third = AMA, BO, RTL
    mine, theirs = (
        collection(me),
        collection(other, local=False, description="<p>Far <b>stones</b></p>", sensitive=True),
    )
    members = [member(other, 1), member(third, 2, "pending")]
    around = {"account": me, "relation": None, "sizes": {5: 2}}
    both = {**around, "collections": [mine], "within": [(theirs, other)]}
    yield "collections", "collections", page("/@ama/collections"), both
    none: dict[str, Any] = {**around, "account": other, "relation": Relation(), "collections": [], "within": []}
    yield "collections-none", "collections", page("/@other/collections"), none
    shown = {"owner": me, "tag": "koppie", "members": members, "relations": {}, "mine": None, "one": mine}
    yield "collection", "collection", page("/collections/5"), shown
    within = {**shown, "owner": other, "one": theirs, "mine": member(me, 3).item}
    yield "collection-elsewhere", "collection", page("/collections/5"), within
    form = {"one": mine, "members": members, "errors": {}, "handle": "", "max_name": 40, "max_description": 100}
    typed = Draft(mine.name, mine.description, "en", "Koppie", False, True)
    yield "collection-edit", "collection_edit", page("/collections/5/edit"), {**form, "typed": typed}
    new = {**form, "one": None, "members": [], "typed": Draft("", "", "", "", False, True)}
    yield "collection-new", "collection_edit", page("/collections/new"), {**new, "errors": {"name": "Can't be blank"}}
    chosen = {"account": other, "collections": [mine], "choices": [("5", mine.name)], "possible": True, "errors": {}}
    yield "choose-collection", "choose_collection", page("/accounts/2/collections"), chosen
    yield "choose-collection-not", "choose_collection", page("/accounts/2/collections"), {**chosen, "possible": False}
