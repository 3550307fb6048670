"""Scheduled posts: what is to be posted later, moved or cancelled; and what could not be posted, with the reason."""

from __future__ import annotations

from dassie.domain.errors import Invalid
from dassie.services import scheduling
from dassie.store import scheduled
from dassie.web import timed
from dassie.web.answers import Answer, Go, Html
from dassie.web.routing import form, page
from dassie.web.shown import Planned
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit


@page("/scheduled", signed_in=True)
async def list_scheduled(visit: Visit) -> Html:
    """All of one's scheduled posts, the next one first."""
    return await _list(visit, None, "")


@form("/scheduled/{id}/move")
async def move(visit: Visit, id: int) -> Answer:
    """Post it at another time."""
    try:
        zone = visit.params.integer("zone", least=-1_000, most=1_000) or 0
        at = timed.read((visit.params.text("scheduled_at") or "")[:40], zone)
        if at is None:
            raise Invalid(_("Choose a date and time."))
        async with visit.server.write() as tx:
            await scheduling.move(tx, visit.me, id, at)
    except Invalid as error:
        return await _list(visit, id, error.safe.removeprefix("Validation failed: "))
    return Go("/scheduled", "moved")


@form("/scheduled/{id}/cancel")
async def cancel(visit: Visit, id: int) -> Answer:
    """Do not post it."""
    async with visit.server.write() as tx:
        await scheduling.cancel(tx, visit.me, id)
    return Go("/scheduled", "cancelled")


async def _list(visit: Visit, wrong: int | None, why: str) -> Html:
    async with visit.server.read() as tx:
        found = await scheduled.next_of(tx, visit.me.id)
        files = await scheduling.files_of(tx, found)
        around = await visit.page(tx)
    planned = []
    for one in found:
        draft = scheduling.draft_of(one)
        fault = why if one.id == wrong else ""
        planned.append(
            Planned(
                id=one.id,
                text=draft.text or (draft.poll.options[0] if draft.poll else ""),
                spoiler=draft.spoiler_text,
                visibility=draft.visibility or visit.user.settings.default_visibility,
                at=one.scheduled_at,
                field=timed.field(one.scheduled_at),
                error=one.error or "",
                fault=fault,
                files=files[one.id],
                poll=draft.poll is not None,
                answers=draft.in_reply_to_id,
            )
        )
    return visit.html("pages/scheduled.html", around, http_code=422 if why else 200, planned=planned)
