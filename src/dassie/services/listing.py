"""Keeping lists of people: who is in them, and what that means for feeds (limits_and_rules section 16)."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.domain.jobs import FillFeed, FillList
from dassie.domain.paging import Page
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.store import accounts, feed_changes, list_feeds, lists, queue, timelines
from dassie.store.lists import UserList
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MOST_LISTS = 50
MAX_TITLE = 256
POLICIES = ("followed", "list", "none")
PUT_IN = 40
"""Statuses of a new member that come into the feed."""


async def find(tx: Tx, me: AccountView, id: int) -> UserList:
    """A list of mine; raises `NotFound`."""
    found = await lists.find(tx, me.id, id)
    if found is None:
        raise NotFound
    return found


async def create(
    tx: Tx, me: AccountView, title: str, replies_policy: str | None = None, exclusive: bool | None = None
) -> UserList:
    """A new, empty list."""
    if await lists.count(tx, me.id) >= MOST_LISTS:
        raise Invalid("Validation failed: You have reached the maximum number of lists")
    new = UserList(
        id=new_id(tx.now),
        account_id=me.id,
        title=_title(title),
        replies_policy=_policy(replies_policy or "list"),
        exclusive=bool(exclusive),
    )
    await lists.add(tx, new)
    return new


async def change(
    tx: Tx,
    me: AccountView,
    id: int,
    title: str | None = None,
    replies_policy: str | None = None,
    exclusive: bool | None = None,
) -> UserList:
    """Change what is given; an exclusive list takes its members' posts out of home, one that is no more gives them
    back. What is in the feed already stays there whatever the new policy."""
    known = await find(tx, me, id)
    new = UserList(
        id=id,
        account_id=me.id,
        title=_title(title) if title is not None else known.title,
        replies_policy=_policy(replies_policy) if replies_policy else known.replies_policy,
        exclusive=known.exclusive if exclusive is None else exclusive,
    )
    await lists.change(tx, id, title=new.title, replies_policy=new.replies_policy, exclusive=new.exclusive)
    if new.exclusive and not known.exclusive:
        await list_feeds.out_of_home(tx, id, me.id)
    elif known.exclusive and not new.exclusive:
        await list_feeds.back_home(tx, id, me.id)
    return new


async def remove(tx: Tx, me: AccountView, id: int) -> None:
    """Delete a list; who was in it is in the home feed again."""
    known = await find(tx, me, id)
    if known.exclusive:
        await list_feeds.back_home(tx, id, me.id)
    await lists.remove(tx, me.id, id)


# Members ---------------------------------------------------------------------------------------------


async def put_in(tx: Tx, me: AccountView, id: int, people: Sequence[int]) -> None:
    """Put people whom I follow (or asked to), or myself, into a list of mine; all or none.

    Raises `NotFound` where one is nobody I follow, and `Invalid` where one is in it already.
    """
    known = await find(tx, me, id)
    if len(await lists.takable(tx, me.id, people)) < len(people):
        raise NotFound
    if await lists.among(tx, id, people):
        raise Invalid("Validation failed: Account is already on the list")
    await lists.put_in(tx, id, people)
    for one in people:
        await queue.enqueue(tx, FillList(list_id=id, owner_id=me.id, target_id=one))
    if known.exclusive and people:
        await list_feeds.out_of_home(tx, id, me.id)


async def take_out(tx: Tx, me: AccountView, id: int, people: Sequence[int]) -> None:
    """Take people, and what they wrote, out of a list of mine; who is not in it is no error."""
    known = await find(tx, me, id)
    gone = await lists.drop(tx, id, people)
    await list_feeds.take_out(tx, id, gone)
    if known.exclusive:
        for one in gone:
            await queue.enqueue(tx, FillFeed(account_id=me.id, target_id=one))


async def lists_with(tx: Tx, me: AccountView, target_id: int) -> list[UserList]:
    """My lists that somebody is in; raises `NotFound` where there is no such account."""
    if await accounts.by_id(tx, target_id) is None:
        raise NotFound
    return await lists.containing(tx, me.id, target_id)


@handles(FillList)
async def fill_list(server: Server, job: FillList) -> None:
    """Put what a new member wrote last into the list's feed."""
    async with server.write() as tx:
        if await lists.among(tx, job.list_id, [job.target_id]):
            await list_feeds.fill(tx, job.list_id, await _newest(tx, AccountId(job.owner_id), job.target_id))


async def _newest(tx: Tx, owner_id: AccountId, target_id: int) -> list[StatusId]:
    if owner_id != target_id:
        return await feed_changes.newest(tx, owner_id, target_id, PUT_IN)
    return await timelines.of_account(tx, owner_id, Page(limit=PUT_IN), owner_id)


# Rules -----------------------------------------------------------------------------------------------


def _title(text: str) -> str:
    if not text.strip():
        raise Invalid("Validation failed: Title can't be blank")
    if len(text) > MAX_TITLE:
        raise Invalid(f"Validation failed: Title is too long (maximum is {MAX_TITLE} characters)")
    return text


def _policy(name: str) -> str:
    if name not in POLICIES:
        raise Invalid(f"'{name[:40]}' is not a valid replies_policy")
    return name
