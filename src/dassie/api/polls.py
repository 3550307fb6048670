"""Polls: their tallies, and voting."""

from __future__ import annotations

from dassie.api.entities.polls import Poll, show_poll
from dassie.api.routing import Call, get, post
from dassie.domain.errors import BadRequest, Invalid
from dassie.domain.ids import PollId
from dassie.door import taking as take
from dassie.services import polling, voting


@get("/api/v1/polls/{id}", scope="read:statuses?", takes=[])
async def get_poll(call: Call, id: PollId) -> Poll:
    """A poll whose status the caller may see. Older tallies of another server are asked for anew meanwhile."""
    async with call.server.read() as tx:
        poll, row = await voting.visible_poll(tx, call.viewer, id)
        shown = show_poll(poll, row.emojis, tx.now, call.urls, call.viewer)
        stale = call.viewer is not None and polling.is_stale(poll, row, tx.now)
    if stale:
        await polling.refresh(call.server, poll)
    return shown


@post(
    "/api/v1/polls/{id}/votes",
    scope="write:statuses",
    takes=[take.texts("choices", "Options by their index, from 0.", most=500, required=True)],
)
async def vote(call: Call, id: PollId) -> Poll:
    """Choose options by their index."""
    asked = call.params.texts("choices", most=500)
    if not asked:
        raise BadRequest("Missing parameter choices")
    choices = []
    for text in asked:
        if not (text.isascii() and text.isdigit() and len(text) < 5):
            raise Invalid("Validation failed: The chosen vote option does not exist")
        choices.append(int(text))
    async with call.server.write() as tx:
        poll = await voting.vote(tx, call.server, call.me, id, choices)
        _, row = await voting.visible_poll(tx, call.viewer, id)
        return show_poll(poll, row.emojis, tx.now, call.urls, call.viewer)
