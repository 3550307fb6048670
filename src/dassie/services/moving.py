"""Accounts of other servers that move: those here who follow them follow on, those who avoid them avoid on.

The new account has said that the old one is its own before any of this begins (`federation/inbound/move.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import structlog

from dassie.domain.errors import DassieError
from dassie.domain.ids import AccountId
from dassie.domain.jobs import FollowMoved
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import blocking, following, muting
from dassie.store import accounts, blocks, follows, lists, mutes, queue
from dassie.store.follows import LocalFollower
from dassie.store.tx import Tx
from dassie.store.views import AccountView

log = structlog.get_logger("moving")

T = TypeVar("T")

AT_ONCE = 50


async def moved(tx: Tx, server: Server, old: AccountView, new: AccountView) -> None:
    """An account lives elsewhere from now on."""
    await accounts.change(tx, old.id, moved_to_uri=new.uri)
    await queue.enqueue(tx, FollowMoved(old_id=old.id, new_id=new.id), unique=f"{old.id} {new.id}")


@handles(FollowMoved)
async def follow_moved(server: Server, job: FollowMoved) -> None:
    """Bring over all whom it concerns, some at a time. Run again, it goes on with those who are left."""
    async with server.read() as tx:
        followers = await follows.local_followers(tx, job.old_id)
        blockers = await blocks.local_blockers(tx, job.old_id)
        muters = await mutes.local_muters(tx, job.old_id)
    for part in _parts(followers):
        async with server.write() as tx:
            for one in part:
                await _follow_on(tx, server, one, job)
    for ids, avoid in ((blockers, _block_on), (muters, _mute_on)):
        for some in _parts(ids):
            async with server.write() as tx:
                for id in some:
                    await avoid(tx, server, id, job)
    async with server.write() as tx:
        await finish_with(tx)


async def _follow_on(tx: Tx, server: Server, one: LocalFollower, job: FollowMoved) -> None:
    """Follow the new one as the old one was followed, lists and all; who may not stays where they are."""
    me, old, new = await _all_three(tx, one.account_id, job)
    if me is None or old is None or new is None or await follows.find(tx, me.id, old.id) is None:
        return
    listed = await lists.containing(tx, me.id, old.id)
    if await follows.find(tx, me.id, new.id) is None and await follows.find_request(tx, me.id, new.id) is None:
        try:
            await following.follow(
                tx,
                server,
                me,
                new,
                show_reblogs=one.show_reblogs,
                notify=one.notify,
                languages=one.languages,
            )
        except DassieError as refused:
            log.info("somebody does not follow on", account=me.id, why=refused.safe)
            return
    await following.unfollow(tx, server, me, old, keep_posts=True)
    for kept in listed:
        await lists.put_in(tx, kept.id, [new.id])


async def _block_on(tx: Tx, server: Server, id: AccountId, job: FollowMoved) -> None:
    me, _, new = await _all_three(tx, id, job)
    if me is not None and new is not None and await _may_avoid(tx, me, new):
        await blocking.block(tx, server, me, new)


async def _mute_on(tx: Tx, server: Server, id: AccountId, job: FollowMoved) -> None:
    me, old, new = await _all_three(tx, id, job)
    known = await mutes.find(tx, me.id, old.id) if me is not None and old is not None else None
    if me is None or new is None or known is None or not await _may_avoid(tx, me, new):
        return
    if await mutes.find(tx, me.id, new.id) is None:
        left = (known.expires_at - tx.now).total_seconds() if known.expires_at is not None else None
        if left is None or left >= 1:
            duration = int(left) if left is not None else None
            await muting.mute(tx, server, me, new, hide_notifications=known.hide_notifications, duration=duration)


async def _may_avoid(tx: Tx, me: AccountView, new: AccountView) -> bool:
    """Whom somebody follows already they know themselves."""
    return me.id != new.id and await follows.find(tx, me.id, new.id) is None


async def _all_three(
    tx: Tx, id: AccountId, job: FollowMoved
) -> tuple[AccountView | None, AccountView | None, AccountView | None]:
    found = await accounts.by_ids(tx, [id, job.old_id, job.new_id])
    return found.get(id), found.get(AccountId(job.old_id)), found.get(AccountId(job.new_id))


def _parts(whole: Sequence[T]) -> list[Sequence[T]]:
    return [whole[at : at + AT_ONCE] for at in range(0, len(whole), AT_ONCE)]
