"""Following: asking, answering, ending; between people here and with other servers."""

from __future__ import annotations

from types import EllipsisType
from typing import Any, Literal

from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId, new_id
from dassie.domain.jobs import AcceptRequests, FillFeed, Tell
from dassie.domain.paging import Page
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import notifying
from dassie.store import (
    accounts,
    blocks,
    domain_blocks,
    endorsements,
    feed_changes,
    feeds,
    follows,
    list_feeds,
    lists,
    queue,
)
from dassie.store.follows import Follow
from dassie.store.tx import Tx
from dassie.store.views import AccountView

FREE_FOLLOWS = 7500
"""So many follows are free; above, 1.1 times one's followers (limits_and_rules section 8)."""
PUT_IN = 40
"""Statuses of a newly followed account that come into the home feed."""
AT_ONCE = 50
"""Requests that are accepted in one unit."""

Languages = list[str] | None | EllipsisType
Answer = Literal["follow", "undo_follow", "accept_follow", "reject_follow"]


# What people here do -------------------------------------------------------------------------------


async def follow(
    tx: Tx,
    server: Server,
    me: AccountView,
    target: AccountView,
    *,
    show_reblogs: bool | None = None,
    notify: bool | None = None,
    languages: Languages = ...,
    uri: str | None = None,
) -> None:
    """Follow, or ask to; what is there already only gets the new options.

    Another server has to accept, whether the account is locked or not: until then it is a request.
    """
    options = _options(show_reblogs, notify, languages)
    if (known := await follows.find(tx, me.id, target.id)) is not None:
        await follows.change(tx, known.id, **options)
        return
    if (asked := await follows.find_request(tx, me.id, target.id)) is not None:
        await follows.change_request(tx, asked.id, **options)
        return
    await _check_allowed(tx, me, target)
    id = new_id(tx.now)
    new = _new(tx, id, me, target, uri or f"{me.uri}/follows/{id}", options)
    if not target.local:
        await follows.add_request(tx, new)
        await _tell(tx, "follow", me, target, new.uri)
    elif target.locked or me.silenced_at is not None:
        await follows.add_request(tx, new)
        await notifying.notify(tx, server, target.id, "follow_request", me.id)
    else:
        await _begin(tx, new)
        await notifying.notify(tx, server, target.id, "follow", me.id)


async def unfollow(tx: Tx, server: Server, me: AccountView, target: AccountView, *, keep_posts: bool = False) -> None:
    """Stop following, or take the request back. Not following is not an error. `keep_posts`: those in the home feed
    stay there."""
    known = await follows.find(tx, me.id, target.id) or await follows.find_request(tx, me.id, target.id)
    if known is None:
        return
    await undo_received(tx, server, me, target)
    if not keep_posts:
        await feed_changes.take_out(tx, me.id, target.id)
    if not target.local:
        await _tell(tx, "undo_follow", me, target, known.uri)


async def accept_request(
    tx: Tx, server: Server, me: AccountView, follower: AccountView, *, quietly: bool = False
) -> None:
    """Let somebody follow who asked to; raises `NotFound` where nobody did. From a request it becomes a follow among
    my notifications too, unless `quietly`."""
    asked = await follows.find_request(tx, follower.id, me.id)
    if asked is None:
        raise NotFound
    await follows.remove_request(tx, follower.id, me.id)
    await _begin(tx, asked, local=follower.local)
    await notifying.forget(tx, "follow_request", me.id, follower.id)
    if not quietly:
        await notifying.notify(tx, server, me.id, "follow", follower.id)
    if not follower.local:
        await _tell(tx, "accept_follow", me, follower, asked.uri)


async def reject_request(tx: Tx, server: Server, me: AccountView, follower: AccountView) -> None:
    """Refuse somebody who asked to follow; raises `NotFound` where nobody did."""
    asked = await follows.find_request(tx, follower.id, me.id)
    if asked is None:
        raise NotFound
    await follows.remove_request(tx, follower.id, me.id)
    await notifying.forget(tx, "follow_request", me.id, follower.id)
    if not follower.local:
        await _tell(tx, "reject_follow", me, follower, asked.uri)


async def remove_follower(tx: Tx, server: Server, me: AccountView, follower: AccountView) -> None:
    """Have somebody no longer follow (or ask to); not being followed is not an error."""
    known = await follows.find(tx, follower.id, me.id) or await follows.find_request(tx, follower.id, me.id)
    if known is None:
        return
    await undo_received(tx, server, follower, me)
    if follower.local:
        await feed_changes.take_out(tx, follower.id, me.id)
    else:
        await _tell(tx, "reject_follow", me, follower, known.uri)


@handles(AcceptRequests)
async def accept_requests(server: Server, job: AcceptRequests) -> None:
    """Let everybody follow who waits for it, but for those who would have to ask an open account too."""
    below: int | None = None
    while True:
        async with server.write() as tx:
            me = await accounts.by_id(tx, AccountId(job.account_id))
            if me is None or me.locked:
                return
            waiting = await follows.requests_to(tx, me.id, Page(limit=AT_ONCE, max_id=below))
            known = await accounts.by_ids(tx, [id for _, id in waiting])
            for follower in known.values():
                if follower.silenced_at is None and follower.suspended_at is None:
                    await accept_request(tx, server, me, follower, quietly=True)
        if len(waiting) < AT_ONCE:
            return
        below = waiting[-1][0]


# What other servers tell -----------------------------------------------------------------------------


async def receive_follow(tx: Tx, server: Server, follower: AccountView, target: AccountView, uri: str) -> None:
    """Somebody elsewhere wants to follow one of ours: accepted, asked about, or refused.

    Told again, it is answered again, since the first answer may have been lost.
    """
    if not target.local:
        return
    refused = await blocks.blocking(tx, target.id, follower.id) or await domain_blocks.blocking(
        tx, target.id, follower.domain
    )
    if target.suspended_at is not None or target.moved_to_uri or refused:
        await _tell(tx, "reject_follow", target, follower, uri)
        return
    if (known := await follows.find(tx, follower.id, target.id)) is not None:
        await follows.change(tx, known.id, uri=uri)
        await _tell(tx, "accept_follow", target, follower, uri)
        return
    if (asked := await follows.find_request(tx, follower.id, target.id)) is not None:
        await follows.change_request(tx, asked.id, uri=uri)
        return
    new = _new(tx, new_id(tx.now), follower, target, uri, {})
    if target.locked or follower.silenced_at is not None:
        await follows.add_request(tx, new)
        await notifying.notify(tx, server, target.id, "follow_request", follower.id)
    else:
        await _begin(tx, new, local=False)
        await notifying.notify(tx, server, target.id, "follow", follower.id)
        await _tell(tx, "accept_follow", target, follower, uri)


async def follow_accepted(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Another server accepts a request of ours; what nobody asked for changes nothing."""
    asked = await follows.find_request(tx, me.id, target.id)
    if asked is None:
        return
    await follows.remove_request(tx, me.id, target.id)
    await _begin(tx, asked)


async def follow_rejected(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
    """Another server refuses a request of ours, or ends a follow it had accepted."""
    await undo_received(tx, server, me, target)
    await feed_changes.take_out(tx, me.id, target.id)


async def undo_received(tx: Tx, server: Server, follower: AccountView, target: AccountView) -> None:
    """A follow, or the request for it, is taken back: lists hold only people who are followed."""
    if await follows.remove(tx, follower.id, target.id):
        await _count(tx, follower.id, target.id, -1)
        await notifying.forget(tx, "follow", target.id, follower.id)
    if await follows.remove_request(tx, follower.id, target.id):
        await notifying.forget(tx, "follow_request", target.id, follower.id)
    if follower.local:
        await lists.forget(tx, follower.id, target.id)
        await endorsements.remove(tx, follower.id, target.id)


# Home feeds ------------------------------------------------------------------------------------------


@handles(FillFeed)
async def fill_feed(server: Server, job: FillFeed) -> None:
    """Put what a newly followed account wrote last into the home feed, and into the lists it is in."""
    async with server.write() as tx:
        ids = await feed_changes.newest(tx, job.account_id, job.target_id, PUT_IN)
        if not await lists.excluded(tx, job.account_id, job.target_id):
            await feeds.put(tx, job.account_id, ids)
        for one in await lists.containing(tx, job.account_id, job.target_id):
            await list_feeds.fill(tx, one.id, ids)


# Private ---------------------------------------------------------------------------------------------


async def _begin(tx: Tx, new: Follow, *, local: bool = True) -> None:
    """The follow itself, its counters, and for somebody here the feed."""
    if not await follows.add(tx, new):
        return
    await _count(tx, new.account_id, new.target_id, 1)
    if local:
        await queue.enqueue(tx, FillFeed(account_id=new.account_id, target_id=new.target_id))


async def _count(tx: Tx, follower_id: int, target_id: int, by: int) -> None:
    # In the order of ids: two who follow each other at the same moment must not wait for each other's row.
    for account_id, name in sorted(((follower_id, "following_count"), (target_id, "followers_count"))):
        await accounts.count(tx, account_id, name, by)


async def _check_allowed(tx: Tx, me: AccountView, target: AccountView) -> None:
    if target.suspended_at is not None:
        raise NotFound
    if target.id == me.id or target.moved_to_uri or await blocks.between(tx, me.id, target.id):
        raise NotAllowed
    if await domain_blocks.blocking(tx, me.id, target.domain):
        raise NotAllowed
    if me.following_count >= FREE_FOLLOWS and me.following_count >= me.followers_count * 1.1:
        raise Invalid(f"Validation failed: You cannot follow more than {FREE_FOLLOWS} people")


def _options(show_reblogs: bool | None, notify: bool | None, languages: Languages) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if show_reblogs is not None:
        given["show_reblogs"] = show_reblogs
    if notify is not None:
        given["notify"] = notify
    if not isinstance(languages, EllipsisType):
        given["languages"] = languages or None
    return given


def _new(tx: Tx, id: int, follower: AccountView, target: AccountView, uri: str, options: dict[str, Any]) -> Follow:
    values = {"show_reblogs": True, "notify": False, "languages": None} | options
    return Follow(id=id, account_id=follower.id, target_id=target.id, uri=uri, created_at=tx.now, **values)


async def _tell(tx: Tx, what: Answer, ours: AccountView, theirs: AccountView, uri: str | None) -> None:
    job = Tell(what=what, account_id=ours.id, to_account_id=theirs.id, uri=uri)
    await queue.enqueue(tx, job, order=between(ours, theirs))


def between(ours: AccountView, theirs: AccountView) -> str:
    """The order key of what two accounts tell each other: an undo must not overtake what it undoes."""
    return f"between {ours.id} {theirs.id}"
