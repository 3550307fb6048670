"""The parts of a status that is edited: its files and its poll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from dassie.domain.errors import Invalid
from dassie.services import choosing_previews, drafts, polling
from dassie.services.drafts import MediaChange
from dassie.services.writing import NewMedia, NewPoll, NewStatus, add_poll, add_remote_media
from dassie.store import media, polls, uploads, votes
from dassie.store.tx import Tx
from dassie.store.views import MediaView, PollView, StatusRow


async def place_files(
    tx: Tx, row: StatusRow, before: Sequence[MediaView], files: Sequence[MediaView], changes: Sequence[MediaChange]
) -> bool:
    """Attach these files in this order and no others, with their descriptions changed; whether that is news.

    Files that are taken away stay about a day, without a status.
    """
    news = [one.id for one in before] != [one.id for one in files]
    staying = {one.id for one in files}
    attached = {one.id for one in before}
    for one in before:
        if one.id not in staying:
            await media.change(tx, one.id, status_id=None, created_at=tx.now)
    for position, one in enumerate(files):
        if one.id in attached:
            await media.change(tx, one.id, position=position)
        elif not await uploads.attach(tx, one.id, row.id, position):
            raise Invalid(f"Media {one.id} not found or already attached to another post")
    by_id = {one.id: one for one in files}
    for change in changes:
        if change.id in by_id:
            news |= await change_file(tx, by_id[change.id], change)
    return news


async def change_file(tx: Tx, one: MediaView, change: MediaChange) -> bool:
    """Set description, focus and preview of a file; whether they were different."""
    values: dict[str, Any] = {}
    if change.description is not UNSET:
        values["description"] = drafts.check_description(change.description)
    if change.focus is not UNSET:
        values["focus_x"], values["focus_y"] = change.focus
    values = {name: value for name, value in values.items() if getattr(one, name) != value}
    if values:
        await media.change(tx, one.id, **values)
    if change.preview is not None:
        await choosing_previews.use(tx, one, change.preview)
    return bool(values) or change.preview is not None


async def place_remote_files(tx: Tx, row: StatusRow, before: Sequence[MediaView], files: Sequence[NewMedia]) -> bool:
    """The same for another server's status."""
    was = [(one.remote_url, one.small_remote_url, one.description) for one in before]
    if was == [(one.remote_url, one.small_remote_url, one.description) for one in files]:
        return False
    await uploads.delete_rows(tx, [one.id for one in before])
    await add_remote_media(tx, row.account_id, row.id, files)
    return True


async def place_poll(tx: Tx, row: StatusRow, before: PollView | None, new: NewStatus) -> bool:
    """Ask what `new` asks; whether that is news. Other options, or another way to choose, throw the votes away."""
    poll = new.poll
    if poll is None:
        if before is not None:
            await votes.remove_poll(tx, before.id)
        return before is not None
    if before is None:
        await add_poll(tx, new, row.id)
        await _plan(tx, row)
        return True
    return await _change_poll(tx, row, before, poll)


async def _change_poll(tx: Tx, row: StatusRow, before: PollView, poll: NewPoll) -> bool:
    titles = [option.title for option in poll.options]
    same = titles == [option.title for option in before.options] and poll.multiple == before.multiple
    values: dict[str, Any] = {"expires_at": poll.expires_at, "hide_totals": poll.hide_totals}
    if not same:
        await votes.clear(tx, before.id)
    if not same or not row.local:  # what another server told is newer; of ours we count ourselves
        values |= {
            "options": poll.options,
            "multiple": poll.multiple,
            "votes_count": sum(option.votes for option in poll.options),
            "voters_count": poll.voters_count,
            "fetched_at": poll.fetched_at,
        }
    await polls.change(tx, before.id, **values)
    moved = poll.expires_at != before.expires_at
    if moved:
        await votes.reopen(tx, before.id)
        await _plan(tx, row)
    return not same or (moved and row.local)


async def _plan(tx: Tx, row: StatusRow) -> None:
    if row.local:
        await polling.plan_close(tx, row.id)
