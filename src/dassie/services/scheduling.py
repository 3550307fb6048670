"""Scheduled statuses: kept until their time, posted then to the second, exactly once (limits_and_rules section 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import structlog
from msgspec import structs

from dassie.domain.errors import Busy, DassieError, Invalid, NotFound, Retry, TooMany
from dassie.domain.ids import MediaId, StatusId, new_id, to_ms
from dassie.domain.jobs import PostScheduled
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import posting
from dassie.services.drafts import Draft
from dassie.store import accounts, idempotency, logins, media, queue, scheduled, uploads
from dassie.store.scheduled import Scheduled
from dassie.store.tx import Tx
from dassie.store.views import AccountView, MediaView

log = structlog.get_logger("scheduling")

LEAST_AHEAD = timedelta(minutes=5)
FURTHEST = timedelta(days=36_500)
MOST = 300
MOST_A_DAY = 25


async def schedule(tx: Tx, server: Server, me: AccountView, draft: Draft, at: datetime) -> Scheduled:
    """Keep a draft until `at`. The same idempotency key within an hour gives the first one again."""
    id = new_id(tx.now)
    if draft.idempotency_key:
        first = await idempotency.claim(tx, me.id, draft.idempotency_key[: posting.LONGEST_KEY], StatusId(id))
        if first != id:
            return await mine(tx, me, first)
    _check_time(tx, at)
    await posting.check(tx, me, draft)
    await _check_room(tx, me, at, more=1)
    user = await logins.user_of(tx, me.id)
    usual = user.settings.default_quote_policy if user is not None else None
    kept = structs.replace(draft, idempotency_key=None, quote_policy=draft.quote_policy or usual)
    await scheduled.insert(tx, id, me.id, msgspec.to_builtins(kept, str_keys=True), at)
    for position, media_id in enumerate(dict.fromkeys(draft.media_ids)):
        if not await uploads.hold(tx, media_id, id, position):
            raise Invalid(f"Media {media_id} not found or already attached to another post")
    await _plan(tx, id, at)
    return await mine(tx, me, id)


async def mine(tx: Tx, me: AccountView, id: int) -> Scheduled:
    """My scheduled status with this id; raises `NotFound`."""
    found = await scheduled.by_id(tx, id)
    if found is None or found.account_id != me.id:
        raise NotFound
    return found


async def move(tx: Tx, me: AccountView, id: int, at: datetime) -> Scheduled:
    """Post it at another time."""
    before = await mine(tx, me, id)
    _check_time(tx, at)
    if at.date() != before.scheduled_at.date():
        await _check_room(tx, me, at, more=0)
    await scheduled.move(tx, id, at)
    await _plan(tx, id, at)
    return await mine(tx, me, id)


async def cancel(tx: Tx, me: AccountView, id: int) -> Scheduled:
    """Do not post it; what it was. Its files are as if just uploaded."""
    found = await mine(tx, me, id)
    await uploads.release(tx, id)
    await scheduled.delete_row(tx, id)
    return found


def draft_of(one: Scheduled) -> Draft:
    """What is to be posted."""
    return msgspec.convert(one.draft, Draft)


async def files_of(tx: Tx, several: list[Scheduled]) -> dict[int, list[MediaView]]:
    """Their attachments, by the id of the scheduled status."""
    wanted = {one.id: draft_of(one).media_ids for one in several}
    ids = [MediaId(id) for ids in wanted.values() for id in ids]
    by_id = {int(found.id): found for found in await media.by_ids(tx, ids)} if ids else {}
    return {id: [by_id[one] for one in ids if one in by_id] for id, ids in wanted.items()}


# Rules -----------------------------------------------------------------------------------------------


def _check_time(tx: Tx, at: datetime) -> None:
    if at <= tx.now + LEAST_AHEAD or at > tx.now + FURTHEST:
        words = "The scheduled date must be in the future"
        raise Invalid(f"Validation failed: Scheduled at {words}", fields={"scheduled_at": [("ERR_INVALID", words)]})


async def _check_room(tx: Tx, me: AccountView, at: datetime, *, more: int) -> None:
    if await scheduled.count(tx, me.id) + more > MOST:
        raise Invalid(f"Validation failed: You have exceeded the limit of {MOST} scheduled posts")
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if await scheduled.count_between(tx, me.id, day, day + timedelta(days=1)) >= MOST_A_DAY:
        raise Invalid(f"Validation failed: You have exceeded the limit of {MOST_A_DAY} scheduled posts for today")


async def _plan(tx: Tx, id: int, at: datetime) -> None:
    await queue.enqueue(tx, PostScheduled(scheduled_id=id, at=to_ms(at)), run_at=at, unique=f"{id} {to_ms(at)}")


# Posting ---------------------------------------------------------------------------------------------


@handles(PostScheduled)
async def post_scheduled(server: Server, job: PostScheduled) -> None:
    """Post it, unless it was moved or cancelled. It is gone from the schedule in the unit that posts it.

    What cannot be posted any more is kept with the reason, for its author to see.
    """
    async with server.read() as tx:
        one = await scheduled.by_id(tx, job.scheduled_id)
    if one is None or not _is_due(one, job):
        return
    draft = draft_of(one)
    await posting.prepare(server, draft)
    try:
        async with server.write() as tx:
            held = await scheduled.by_id(tx, job.scheduled_id, hold=True)
            if held is not None and _is_due(held, job):
                await _post(tx, server, held, draft)
            await finish_with(tx)
    except (Busy, TooMany) as error:
        raise Retry(error.safe, after=error.retry_after) from error
    except DassieError as error:
        log.info("a scheduled post could not be posted", scheduled=one.id, why=error.safe)
        async with server.write() as tx:
            await scheduled.fail(tx, one.id, error.safe)
            await finish_with(tx)


def _is_due(one: Scheduled, job: PostScheduled) -> bool:
    return one.error is None and to_ms(one.scheduled_at) == job.at


async def _post(tx: Tx, server: Server, one: Scheduled, draft: Draft) -> None:
    me = await accounts.by_id(tx, one.account_id)
    user = await logins.user_of(tx, one.account_id)
    if me is None or user is None or user.disabled or me.suspended_at is not None:
        raise NotFound("This login is disabled.")
    await uploads.release(tx, one.id)
    await scheduled.delete_row(tx, one.id)
    await posting.post(tx, server, me, draft)
