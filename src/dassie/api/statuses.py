"""Statuses: writing, reading, changing and deleting them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import msgspec

from dassie.api.drafting import AUDIENCE, DRAFT, EDIT, posting_time, read_draft, with_previews
from dassie.api.entities.accounts import show_account
from dassie.api.entities.edits import StatusEdit, StatusSource, show_as_edit, show_edit
from dassie.api.entities.scheduled import ScheduledStatus, show_scheduled
from dassie.api.entities.status_shapes import DeletedStatus, EncodedStatus
from dassie.api.entities.statuses import show_quote, show_statuses
from dassie.api.marking import shown_now, shown_still
from dassie.api.routing import Call, delete, get, post, put
from dassie.domain.errors import Invalid
from dassie.domain.ids import StatusId
from dassie.domain.media_limits import MAX_PICTURE_BYTES
from dassie.door import taking as take
from dassie.door.limits import DELETIONS, POSTS
from dassie.services import deleting, editing, posting, scheduling
from dassie.services.choosing_previews import previews
from dassie.services.drafts import Draft
from dassie.services.seeing import own_status, proper_status, visible_status
from dassie.store import accounts, edits, media, statuses

MOST_AT_ONCE = 20
ONCE = take.header("Idempotency-Key", "The same within an hour gives the first status again.")


@post("/api/v1/statuses", scope="write:statuses", takes=[*DRAFT, *AUDIENCE, ONCE])
async def write_status(call: Call) -> EncodedStatus | ScheduledStatus:
    """Post a status, or schedule it. The same `Idempotency-Key` within an hour gives the first one again."""
    me = call.me
    draft = read_draft(call, new=True)
    call.limit(POSTS)
    at = posting_time(call)
    if at is not None:
        return await _schedule(call, draft, at)
    await posting.prepare(call.server, draft)
    try:
        async with call.server.write() as tx:
            row = await posting.post(tx, call.server, me, draft)
    except Invalid as error:
        raise await _with_accounts(call, error) from error
    return await shown_now(call, row.id)


@get("/api/v1/statuses", scope="read:statuses?", takes=[take.ids("id", most=MOST_AT_ONCE)])
async def list_statuses(call: Call) -> list[EncodedStatus]:
    """Several statuses by id; those that are not there for the caller are left out."""
    ids = call.params.ids("id", most=MOST_AT_ONCE)
    async with call.server.read() as tx:
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return shown


@get("/api/v1/statuses/{id}", scope="read:statuses?", takes=[])
async def get_status(call: Call, id: StatusId) -> EncodedStatus:
    """One status."""
    shown = await shown_now(call, id)
    call.looked([id])
    return shown


@put("/api/v1/statuses/{id}", scope="write:statuses", upload=MAX_PICTURE_BYTES, takes=EDIT)
async def edit_status(call: Call, id: StatusId) -> EncodedStatus:
    """Change a status of the caller's as a whole: media and poll that are not named go."""
    me = call.me
    draft: Draft = read_draft(call, new=False)
    call.limit(POSTS)
    await posting.prepare(call.server, draft)
    async with previews(call.server) as made:
        draft = await with_previews(call, draft, made)
        async with call.server.write() as tx:
            row = await editing.edit(tx, call.server, me, id, draft)
    return await shown_now(call, row.id)


@delete(
    "/api/v1/statuses/{id}", scope="write:statuses", takes=[take.flag("delete_media", "At once, and not after a day.")]
)
async def delete_status(call: Call, id: StatusId) -> DeletedStatus:
    """Delete a status of the caller's; the answer has its text as typed, to write it anew."""
    call.limit(DELETIONS)
    delete_media = call.params.flag("delete_media") or False
    async with call.server.read() as tx:
        await own_status(tx, call.me, id)
    shown: dict[str, Any] = msgspec.json.decode(await shown_still(call, id))
    async with call.server.write() as tx:
        row = await deleting.delete(tx, call.server, call.me, id, delete_media=delete_media)
    shown.pop("content", None)
    return cast(DeletedStatus, shown | {"text": row.text or ""})


@get("/api/v1/statuses/{id}/history", scope="read:statuses?", takes=[])
async def get_history(call: Call, id: StatusId) -> list[StatusEdit]:
    """All versions of a status, the first one first."""
    async with call.server.read() as tx:
        row = await proper_status(tx, call.viewer, id)
        versions = await edits.of_status(tx, row.id)
        quote = await show_quote(tx, row.id, viewer=call.viewer, urls=call.urls) if row.quote_uri is not None else None
        if not versions:
            view = (await statuses.assemble(tx, [row], viewer=None))[row.id]
            return [show_as_edit(view, call.urls, quote)]
        author = await accounts.by_id(tx, row.account_id)
        assert author is not None
        files = await media.by_ids(tx, list({one.id for version in versions for one in version.media}))
    by_id = {int(one.id): one for one in files}
    return [
        show_edit(one, author, by_id, call.urls, quote if one.quote_uri == row.quote_uri else None) for one in versions
    ]


@get("/api/v1/statuses/{id}/source", scope="read:statuses", takes=[])
async def get_source(call: Call, id: StatusId) -> StatusSource:
    """A status of the caller's as typed."""
    async with call.server.read() as tx:
        await visible_status(tx, call.viewer, id)
        row = await own_status(tx, call.me, id)
    return {"id": str(row.id), "text": row.text or "", "spoiler_text": row.spoiler_text}


async def _schedule(call: Call, draft: Draft, at: datetime) -> ScheduledStatus:
    async with call.server.write() as tx:
        one = await scheduling.schedule(tx, call.server, call.me, draft, at)
        files = await scheduling.files_of(tx, [one])
    return show_scheduled(one, files[one.id], call.urls)


async def _with_accounts(call: Call, error: Invalid) -> Invalid:
    """The error, with the accounts that were mentioned against the caller's will."""
    unexpected = error.details.get("unexpected")
    if unexpected is None:
        return error
    async with call.server.read() as tx:
        known = await accounts.by_ids(tx, unexpected)
    shown = [show_account(known[id], call.urls) for id in unexpected if id in known]
    return Invalid(error.safe, body={"unexpected_accounts": shown})
