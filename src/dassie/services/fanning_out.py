"""Who here gets to see a new status: home feeds, notifications, streams.

With few followers here it happens in the unit that writes the status; with many it is a job.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dassie.domain.arrivals import Reason
from dassie.domain.ids import AccountId
from dassie.domain.jobs import FanOut
from dassie.jobs.registry import handles, recurs
from dassie.ports import Event
from dassie.server import Server
from dassie.services import conversing, notifying
from dassie.store import accounts, feeds, followed_tags, follows, list_feeds, mentions, queue, statuses, tags
from dassie.store.follows import LocalFollower
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

AT_ONCE = 100
"""Up to so many followers here are served in the writing unit itself."""


async def deliver(
    tx: Tx,
    server: Server,
    author: AccountView,
    row: StatusRow,
    named: Sequence[tuple[AccountId, bool]],
    tagged: Sequence[str],
    original: StatusRow | None,
) -> Reason | None:
    """Bring a new status to those here who should see it; the reason, where somebody follows its author or a tag."""
    held = await _notify(tx, server, row, named, original)
    if row.visibility == "direct":
        await conversing.tell(tx, server, author, row, named, held)
    people = [account for account, _ in named]
    followers = await follows.local_followers(tx, author.id)
    readers = await _tag_readers(tx, author, row, people, tagged)
    if len(followers) + len(readers) > AT_ONCE:
        await queue.enqueue(tx, FanOut(status_id=row.id), order=f"fan-out {row.id}")
    else:
        await _spread(tx, server, author, row, people, original, followers, readers)
    channels = public_channels(row, tagged) if author.silenced_at is None else []
    server.tell(tx, channels, Event("update", row.id, row.account_id))
    return Reason.FOLLOWED if followers else Reason.TAG if readers else None


@handles(FanOut)
async def fan_out(server: Server, job: FanOut) -> None:
    """The same for somebody with many followers here."""
    async with server.write() as tx:
        row = await statuses.by_id(tx, job.status_id)
        author = await accounts.by_id(tx, row.account_id) if row is not None else None
        if row is None or author is None:
            return  # deleted meanwhile
        original = await statuses.by_id(tx, row.reblog_of_id) if row.reblog_of_id is not None else None
        named = list(await mentions.of(tx, row.id))
        readers = await _tag_readers(tx, author, row, named, await tags.names_of(tx, row.id))
        followers = await follows.local_followers(tx, author.id)
        await _spread(tx, server, author, row, named, original, followers, readers)


async def _tag_readers(
    tx: Tx, author: AccountView, row: StatusRow, named: Sequence[AccountId], tagged: Sequence[str]
) -> list[AccountId]:
    """Who gets it for its tags: public ones, no boosts, and no limited authors."""
    if row.visibility != "public" or row.reblog_of_id is not None or author.silenced_at is not None:
        return []
    return await followed_tags.readers(tx, tagged, author_id=author.id, people=[author.id, *named])


async def _spread(
    tx: Tx,
    server: Server,
    author: AccountView,
    row: StatusRow,
    named: Sequence[AccountId],
    original: StatusRow | None,
    followers: Sequence[LocalFollower],
    readers: Sequence[AccountId] = (),
) -> None:
    got: list[AccountId] = []
    orphan = row.in_reply_to_uri is not None and row.in_reply_to_id is None  # says nothing to anybody yet
    if (followers or author.local) and not orphan:
        people = {author.id, *named}
        if original is not None:
            people |= {original.account_id, *await mentions.of(tx, original.id)}
        other = row.in_reply_to_account_id not in (None, author.id)
        new = feeds.New(
            status_id=row.id,
            author_id=author.id,
            people=sorted(people),
            language=row.language,
            original=(original.id, original.account_id) if original else None,
            reply_to_id=row.in_reply_to_account_id if other else None,
            addressed=list(named) if row.visibility in ("direct", "limited") else None,
        )
        got = await feeds.spread(tx, new) if followers else []
        lists = author.local or any(follower.listed for follower in followers)
        listed = await list_feeds.spread(tx, new) if lists else []
        server.tell(tx, [f"list:{id}" for id in listed], Event("update", row.id, row.account_id))
    if author.local:
        await feeds.put(tx, author.id, [row.id])
        got = [*got, author.id]
    if others := [id for id in readers if id not in got]:
        await feeds.put_into(tx, others, row.id)
        got = [*got, *others]
    if original is None and (row.in_reply_to_uri is None or row.in_reply_to_account_id == author.id):
        for follower in followers:
            if follower.notify and _is_for(row, follower, named):
                await notifying.notify(tx, server, follower.account_id, "status", author.id, row.id)
    server.tell(tx, [f"user:{id}" for id in got], Event("update", row.id, row.account_id))


def _is_for(row: StatusRow, follower: LocalFollower, named: Sequence[AccountId]) -> bool:
    """Whether somebody who wants to hear of each post wants to hear of this one."""
    if row.visibility in ("direct", "limited") and follower.account_id not in named:
        return False
    return not follower.languages or row.language is None or row.language in follower.languages


async def _notify(
    tx: Tx, server: Server, row: StatusRow, named: Sequence[tuple[AccountId, bool]], original: StatusRow | None
) -> list[AccountId]:
    """Those whose policy holds the mention back, or drops it."""
    held = []
    for account_id, silent in named:
        if not silent and not await notifying.notify(tx, server, account_id, "mention", row.account_id, row.id):
            held.append(account_id)
    if original is not None and original.local:
        await notifying.notify(tx, server, original.account_id, "reblog", row.account_id, original.id)
    return held


def public_channels(row: StatusRow, tagged: Sequence[str]) -> list[str]:
    """The streams everybody can watch that this status belongs to: public, no boosts, no replies to others."""
    if row.visibility != "public" or row.reblog_of_id is not None:
        return []
    channels = []
    if row.in_reply_to_uri is None or row.in_reply_to_account_id == row.account_id:
        channels = ["public", "public:local" if row.local else "public:remote"]
    for name in tagged:
        channels.append(f"hashtag:{name}")
        if row.local:
            channels.append(f"hashtag:local:{name}")
    return channels


@recurs(timedelta(hours=1))
async def trim_feeds(server: Server) -> None:
    """Keep home feeds, and those of lists, at their length."""
    async with server.write() as tx:
        await feeds.trim(tx)
        await list_feeds.trim(tx)
