"""Collections of recommended accounts: making them, and putting people in who agree (limits_and_rules section 20).

Somebody here agrees by what their profile says; somebody elsewhere is asked by their server, and shows once it says
yes. Who left cannot be put in again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from dassie.domain.collections import (
    MAX_DESCRIPTION,
    MAX_NAME,
    MOST_COLLECTIONS,
    MOST_ITEMS,
    SHOWN,
    ItemState,
)
from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId, new_id
from dassie.domain.jobs import PublishCollection, TellFeature
from dassie.domain.languages import valid_language
from dassie.domain.text import normalise_tag
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.services import notifying
from dassie.services.being_curated import tell_members
from dassie.services.featuring import may_feature
from dassie.store import accounts, blocks, collections, queue
from dassie.store.collections import Collection, Item
from dassie.store.tx import Tx
from dassie.store.views import AccountView

T = TypeVar("T")

UNANSWERED = timedelta(days=7)


class Draft(Struct, frozen=True):
    """What is said of a collection; what is not given stays."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    tag: str | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET


# Finding ---------------------------------------------------------------------------------------------


async def find(tx: Tx, id: int, viewer: int | None) -> Collection:
    """A collection that the viewer may see; raises `NotFound`."""
    found = await collections.by_id(tx, id)
    if found is None or (viewer is not None and await blocks.blocking(tx, found.account_id, viewer)):
        raise NotFound
    return found


async def find_own(tx: Tx, me: AccountView, id: int) -> Collection:
    """A collection of mine; raises `NotFound`, or `NotAllowed` where it is somebody else's."""
    found = await find(tx, id, me.id)
    if found.account_id != me.id:
        raise NotAllowed
    return found


# Making ----------------------------------------------------------------------------------------------


async def create(tx: Tx, server: Server, me: AccountView, draft: Draft, people: Sequence[int] = ()) -> Collection:
    """A new collection with these people in it; raises `Invalid`, `NotFound` or `NotAllowed` for one who cannot be."""
    _check(draft, new=True)
    if await collections.count(tx, me.id) >= MOST_COLLECTIONS:
        raise _invalid("base", "ERR_TOO_MANY", f"You can only have {MOST_COLLECTIONS} collections")
    if len(people) > MOST_ITEMS:
        raise _too_many_items()
    id = new_id(tx.now)
    new = Collection(
        id=id,
        account_id=me.id,
        uri=server.urls.curated(me.id, id),
        url=server.urls.collection_page(id),
        name=_given(draft.name, "").strip(),
        description=_given(draft.description, "").strip(),
        language=_language(draft.language),
        tag=_given(draft.tag, "").removeprefix("#"),
        local=True,
        sensitive=_given(draft.sensitive, False),
        discoverable=_given(draft.discoverable, True),
        total=0,
        created_at=tx.now,
        updated_at=tx.now,
        fetched_at=None,
    )
    await collections.insert(tx, new)
    for one in people:
        await _put_in(tx, server, me, new, await _account(tx, one), publish=False)
    await _publish(tx, new, "add")
    return new


async def change(tx: Tx, server: Server, me: AccountView, id: int, draft: Draft) -> Collection:
    """Change what is given; those in it are told of another name or description."""
    known = await find_own(tx, me, id)
    _check(draft, new=False)
    values = {
        "name": _given(draft.name, known.name).strip(),
        "description": _given(draft.description, known.description).strip(),
        "language": known.language if draft.language is UNSET else _language(draft.language),
        "tag": _given(draft.tag, known.tag).removeprefix("#"),
        "sensitive": _given(draft.sensitive, known.sensitive),
        "discoverable": _given(draft.discoverable, known.discoverable),
    }
    changed = {name: value for name, value in values.items() if value != getattr(known, name)}
    if not changed:
        return known
    await collections.change(tx, id, **changed)
    if changed.keys() & {"name", "description"}:
        await tell_members(tx, server, known)
    await _publish(tx, known, "update")
    return await find_own(tx, me, id)


async def remove(tx: Tx, me: AccountView, id: int) -> None:
    """Delete a collection."""
    known = await find_own(tx, me, id)
    await _publish(tx, known, "remove", inboxes=await _inboxes(tx, (await collections.items(tx, [id]))[id]))
    await collections.remove(tx, id)


# People in it ----------------------------------------------------------------------------------------


async def put_in(tx: Tx, server: Server, me: AccountView, id: int, account_id: int) -> Item:
    """Put somebody into a collection of mine; elsewhere they are asked first.

    Raises `NotFound`, `NotAllowed` where they do not want it, and `Invalid` where they were in it or it is full.
    """
    known = await find_own(tx, me, id)
    return await _put_in(tx, server, me, known, await _account(tx, account_id), publish=True)


async def take_out(tx: Tx, me: AccountView, id: int, item_id: int) -> None:
    """Take somebody out of a collection of mine; who left it by themselves stays marked as such."""
    known = await find_own(tx, me, id)
    item = await _item(tx, known, item_id)
    if item.state == "revoked":
        raise NotFound
    await _gone(tx, known, item)
    await collections.remove_item(tx, item.id)
    await collections.change(tx, id)


async def leave(tx: Tx, server: Server, me: AccountView, id: int, item_id: int) -> None:
    """Leave a collection, whoever made it: for good."""
    known = await find(tx, id, None)
    item = await _item(tx, known, item_id)
    if item.account_id != me.id:
        raise NotAllowed
    if item.state not in SHOWN:
        return
    if known.local:
        await _gone(tx, known, item)
    elif item.approval_uri:
        await queue.enqueue(
            tx,
            TellFeature(
                what="withdraw",
                account_id=me.id,
                to_account_id=known.account_id,
                collection_uri=known.uri,
                authorization_uri=item.approval_uri,
            ),
        )
    await collections.change_item(tx, item.id, state="revoked")
    await collections.change(tx, id, updated_at=tx.now if known.local else known.updated_at)
    await collections.forget_told(tx, me.id, "added_to_collection", id)


async def answered(tx: Tx, item: Item, *, approval_uri: str | None) -> None:
    """Somebody elsewhere agreed to be in a collection of ours (`approval_uri`), or refused."""
    known = await collections.by_id(tx, item.collection_id)
    if known is None or item.state == "revoked":
        return
    if approval_uri is None:
        if item.state == "accepted":
            await _gone(tx, known, item)
        await collections.change_item(tx, item.id, state="rejected", approval_uri=None)
        return
    await collections.change_item(tx, item.id, state="accepted", approval_uri=approval_uri, verified_at=tx.now)
    await collections.change(tx, known.id)
    await _publish(tx, known, "add_item", item)


async def withdrawn(tx: Tx, item: Item) -> None:
    """Somebody elsewhere does not want to be in a collection any more, whoever made it."""
    known = await collections.by_id(tx, item.collection_id)
    if known is None or item.state == "revoked":
        return
    if known.local:
        await _gone(tx, known, item)
        await collections.change(tx, known.id)
    await collections.change_item(tx, item.id, state="revoked")


@recurs(timedelta(hours=6))
async def forget_unanswered(server: Server) -> None:
    """Who was asked and said nothing for a week, or no, may be asked again."""
    async with server.write() as tx:
        await collections.remove_unanswered(tx, tx.now - UNANSWERED)


# Steps -----------------------------------------------------------------------------------------------


async def _put_in(
    tx: Tx, server: Server, me: AccountView, known: Collection, account: AccountView, *, publish: bool
) -> Item:
    if not await may_feature(tx, me, account):
        raise NotAllowed("This account cannot be added to collections")
    if await collections.member(tx, known.id, account.id) is not None:
        raise _invalid("account", "ERR_TAKEN", "Account has already been taken")
    if len((await collections.items(tx, [known.id]))[known.id]) >= MOST_ITEMS:
        raise _too_many_items()
    id = new_id(tx.now)
    state: ItemState = "accepted" if account.local else "pending"
    item = Item(
        id=id,
        collection_id=known.id,
        account_id=account.id,
        uri=server.urls.curated_item(me.id, id),
        object_uri=account.uri,
        request_uri=None if account.local else f"{me.uri}/feature_requests/{id}",
        approval_uri=server.urls.feature_authorization(account.id, id) if account.local else None,
        state=state,
        position=await collections.next_position(tx, known.id),
        created_at=tx.now,
        verified_at=tx.now if account.local else None,
    )
    await collections.insert_item(tx, item)
    await collections.change(tx, known.id)
    if account.local:
        await notifying.notify(tx, server, account.id, "added_to_collection", me.id, collection_id=known.id)
        if publish:
            await _publish(tx, known, "add_item", item)
    else:
        await queue.enqueue(
            tx,
            TellFeature(
                what="request",
                account_id=me.id,
                to_account_id=account.id,
                collection_uri=known.uri,
                request_uri=item.request_uri or "",
            ),
        )
    return item


async def _gone(tx: Tx, known: Collection, item: Item) -> None:
    """Tell other servers that somebody who was shown is not in a collection of ours any more."""
    if item.state == "accepted" and known.local:
        await _publish(tx, known, "remove_item", item, inboxes=await _inboxes(tx, [item]))


async def _publish(
    tx: Tx, known: Collection, what: str, item: Item | None = None, *, inboxes: list[str] | None = None
) -> None:
    job = PublishCollection(
        what=what,  # type: ignore[arg-type]
        account_id=known.account_id,
        collection_id=known.id,
        uri=known.uri,
        item_id=item.id if item is not None else 0,
        item_uri=item.uri if item is not None else "",
        inboxes=inboxes or [],
    )
    await queue.enqueue(tx, job, order=f"collection {known.id}")


async def _inboxes(tx: Tx, items: Sequence[Item]) -> list[str]:
    ids = [item.account_id for item in items if item.account_id is not None]
    return [found.inbox for found in (await accounts.endpoints(tx, ids)).values() if found.domain and found.inbox]


async def _account(tx: Tx, id: int) -> AccountView:
    found = await accounts.by_id(tx, AccountId(id))
    if found is None or found.id < 0:
        raise NotFound
    return found


async def _item(tx: Tx, known: Collection, id: int) -> Item:
    found = await collections.item(tx, id)
    if found is None or found.collection_id != known.id:
        raise NotFound
    return found


# Rules -----------------------------------------------------------------------------------------------


def _check(draft: Draft, *, new: bool) -> None:
    """Raises `Invalid` with what is wrong, by field."""
    wrong: dict[str, list[tuple[str, str]]] = {}
    name, description = _given(draft.name, "" if new else "-"), _given(draft.description, "")
    if not name.strip():
        wrong["name"] = [("ERR_BLANK", "can't be blank")]
    elif len(name) > MAX_NAME:
        wrong["name"] = [("ERR_TOO_LONG", f"is too long (maximum is {MAX_NAME} characters)")]
    if len(description) > MAX_DESCRIPTION:
        wrong["description"] = [("ERR_TOO_LONG", f"is too long (maximum is {MAX_DESCRIPTION} characters)")]
    if isinstance(draft.language, str) and draft.language and valid_language(draft.language) is None:
        wrong["language"] = [("ERR_INVALID", "is not a valid language")]
    tag = _given(draft.tag, "").removeprefix("#")
    if tag and not normalise_tag(tag):
        wrong["tag_name"] = [("ERR_INVALID", "is not a hashtag")]
    if wrong:
        first, problems = next(iter(wrong.items()))
        raise Invalid(f"Validation failed: {first.replace('_', ' ').capitalize()} {problems[0][1]}", fields=wrong)


def _invalid(field: str, code: str, sentence: str) -> Invalid:
    return Invalid(f"Validation failed: {sentence}", fields={field: [(code, sentence)]})


def _too_many_items() -> Invalid:
    return _invalid("collection_items", "ERR_TOO_MANY", f"There is room for {MOST_ITEMS} accounts in a collection")


def _language(value: str | UnsetType | None) -> str | None:
    return valid_language(value) if isinstance(value, str) and value else None


def _given(value: T | UnsetType, otherwise: T) -> T:
    return otherwise if isinstance(value, UnsetType) else value
