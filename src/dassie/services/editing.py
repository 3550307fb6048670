"""Editing: a status changes, and what it was stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId, MediaId
from dassie.domain.jobs import Publish
from dassie.domain.quotes import policy_of
from dassie.domain.settings import UserSettings
from dassie.server import Server
from dassie.services import composing, drafts, editing_parts, notifying, quoting, showing_again, watching
from dassie.services.drafts import Draft
from dassie.services.posting import language, new_poll
from dassie.services.seeing import own_status
from dassie.services.writing import NewStatus, searchable_text, weight_of
from dassie.store import (
    arrivals,
    cards,
    edits,
    logins,
    media,
    mentions,
    polls,
    queue,
    quotes,
    reblogs,
    search,
    statuses,
    tags,
)
from dassie.store.tx import Tx
from dassie.store.views import AccountView, MediaView, PollView, StatusRow


class _Parts(Struct, frozen=True):
    media: list[MediaView]
    poll: PollView | None

    @property
    def titles(self) -> list[str] | None:
        return [option.title for option in self.poll.options] if self.poll is not None else None


async def edit(tx: Tx, server: Server, me: AccountView, id: int, draft: Draft) -> StatusRow:
    """Change my status to what the draft says, as a whole: warning, mark, media and poll that it does not name go.

    Visibility and what it answers stay. Nothing happens where nothing changed.
    """
    row = await own_status(tx, me, id)
    if row.reblog_of_id is not None:
        raise NotFound
    typed, spoiler = drafts.checked_text(draft, quoting=row.quote_uri is not None)
    poll = drafts.checked_poll(draft.poll) if draft.poll is not None else None
    ids = [MediaId(one) for one in dict.fromkeys(draft.media_ids)]
    files = await media.by_ids(tx, ids, owner=me.id)
    drafts.check_media(list(ids), files, status_id=row.id)
    user = await logins.user_of(tx, me.id)
    composed = await composing.compose(tx, server, me, typed, spoiler, *(poll.options if poll else []))
    before = await _parts(tx, row)
    changed = await editing_parts.place_files(tx, row, before.media, files, draft.media_changes)
    written = NewStatus(
        author=me,
        uri=row.uri,
        visibility=row.visibility,
        content=composed.content,
        text=typed,
        spoiler_text=spoiler,
        sensitive=drafts.is_warned(draft) or bool(draft.sensitive),
        language=language(draft, user.settings if user else UserSettings(), row.language),
        emojis=composed.emojis,
        mentions=await _still_addressed(tx, row, composed.mentions),
        tags=composed.tags,
        media_ids=list(ids),
        poll=new_poll(tx, poll) if poll is not None else None,
    )
    changed |= await editing_parts.place_poll(tx, row, before.poll, written)
    after = await _rewrite(tx, server, row, written, before, parts_changed=changed, at=tx.now)
    if draft.quote_policy is not None:
        await quoting.change_policy(tx, server, after, policy_of(draft.quote_policy, row.visibility))
    if after.rev != row.rev:
        await queue.enqueue(tx, Publish(activity="Update", status_id=row.id), order=f"status {row.id}")
        if "<a " in after.content:
            tx.after_commit(lambda: watching.look(server, me.id, [row.id]))
    return after


async def edit_received(
    tx: Tx, server: Server, row: StatusRow, new: NewStatus, *, edited_at: datetime | None = None
) -> StatusRow:
    """Another server says what its status is now; an older version than ours changes nothing.

    New tallies of a poll alone are no edit. Without `edited_at` a different text counts as edited now.
    """
    if edited_at is not None and row.edited_at is not None and edited_at < row.edited_at:
        return row
    await quoting.receive_quote(tx, server, row, new.quote_uri, new.quote_approval)
    await quoting.change_policy(tx, server, row, new.quote_policy)
    before = await _parts(tx, row)
    changed = await editing_parts.place_poll(tx, row, before.poll, new)
    if edited_at is not None and edited_at == row.edited_at:
        return row  # the same version: only tallies may be newer
    changed |= await editing_parts.place_remote_files(tx, row, before.media, new.media)
    at = max(min(edited_at or tx.now, tx.now), row.created_at + timedelta(milliseconds=1))
    return await _rewrite(tx, server, row, new, before, parts_changed=changed, at=at)


async def _parts(tx: Tx, row: StatusRow) -> _Parts:
    files = (await media.of_statuses(tx, [row.id])).get(row.id, []) if row.has_media else []
    asked = (await polls.of_statuses(tx, [row.id], viewer=None)).get(row.id) if row.has_poll else None
    return _Parts(files, asked)


async def _still_addressed(tx: Tx, row: StatusRow, named: list[AccountView]) -> list[tuple[AccountId, bool]]:
    """Who is named now, and silently those who were: they have a copy, and hear of changes."""
    everyone = dict.fromkeys(await mentions.of(tx, row.id), True)
    return list((everyone | {one.id: False for one in named}).items())


async def _rewrite(
    tx: Tx, server: Server, row: StatusRow, new: NewStatus, before: _Parts, *, parts_changed: bool, at: datetime
) -> StatusRow:
    worded = {name: getattr(new, name) for name in ("content", "text", "spoiler_text", "sensitive", "language")}
    if not parts_changed and all(getattr(row, name) == value for name, value in worded.items()):
        return row
    if not await edits.was_edited(tx, row.id):
        await edits.keep(tx, row, before.media, before.titles, row.created_at)
    has_media = bool(new.media or new.media_ids)
    await statuses.change(
        tx,
        row.id,
        **worded,
        emojis=new.emojis,
        has_media=has_media,
        has_poll=new.poll is not None,
        edited_at=at,
    )
    after = await statuses.by_id(tx, row.id)
    assert after is not None
    now = await _parts(tx, after)
    await edits.keep(tx, after, now.media, now.titles, at)
    if not row.local:
        await arrivals.reweigh(tx, row.id, new.author.domain, weight_of(new))
    await tags.replace(tx, row.id, new.tags)
    await cards.detach(tx, row.id)
    added = await mentions.replace(tx, row.id, new.mentions)
    described = [one.description for one in now.media if one.description]
    await search.index_status(tx, row.id, "\n".join([searchable_text(new), *described]))
    tx.after_commit(server.unindexed.set)
    await _tell(tx, server, after, added, [name for name, _ in new.tags])
    return after


async def _tell(tx: Tx, server: Server, row: StatusRow, added: Sequence[AccountId], tagged: Sequence[str]) -> None:
    for account_id in added:
        await notifying.notify(tx, server, account_id, "mention", row.account_id, row.id)
    for account_id in await reblogs.local_rebloggers(tx, row.id):
        await notifying.notify(tx, server, account_id, "update", row.account_id, row.id)
    for account_id, quoting_id in await quotes.local_quoters(tx, row.id):
        await notifying.notify(tx, server, account_id, "quoted_update", row.account_id, quoting_id)
    await showing_again.show_again(tx, server, row, tagged)
