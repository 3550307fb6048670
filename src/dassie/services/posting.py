"""Posting: a status of ours is written, and other servers hear of it."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.audience import POSTABLE
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import MediaId, StatusId, new_id
from dassie.domain.jobs import Publish
from dassie.domain.languages import valid_language
from dassie.domain.settings import UserSettings
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.services import composing, drafts, polling, quoting, watching
from dassie.services.drafts import Draft, PollDraft
from dassie.services.seeing import proper_status
from dassie.services.writing import NewPoll, NewStatus, write_status
from dassie.store import idempotency, logins, media, queue, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, MediaView, PollOption, StatusRow

LONGEST_KEY = 255


async def prepare(server: Server, draft: Draft) -> None:
    """To be awaited before `post` or `edit`, with no unit open: gets to know whom the text names."""
    await composing.look_up_mentioned(server, draft.text)


async def post(tx: Tx, server: Server, me: AccountView, draft: Draft) -> StatusRow:
    """Write a status of mine. The same idempotency key within an hour gives the first one again."""
    id = StatusId(new_id(tx.now))
    if draft.idempotency_key:
        key = draft.idempotency_key[:LONGEST_KEY]
        first = await idempotency.claim(tx, me.id, key, id)
        known = await statuses.by_id(tx, first) if first != id else None
        if known is not None:
            return known
        if first != id:  # deleted meanwhile
            await idempotency.move(tx, me.id, key, id)
    typed, spoiler = drafts.checked_text(draft, quoting=draft.quoted_status_id is not None)
    poll = drafts.checked_poll(draft.poll) if draft.poll is not None else None
    files = await _files(tx, me, draft)
    user = await logins.user_of(tx, me.id)
    settings = user.settings if user is not None else UserSettings()
    composed = await composing.compose(tx, server, me, typed, spoiler, *(poll.options if poll else []))
    composing.check_allowed(composed.mentions, draft.allowed_mentions)
    quoted = await quoting.quotable(tx, me, draft.quoted_status_id) if draft.quoted_status_id is not None else None
    visibility = _visibility(me, draft, settings)
    if quoted is not None:
        visibility = quoting.audience(visibility, quoted, me, [one.id for one in composed.mentions])
    row = await write_status(
        tx,
        server,
        NewStatus(
            id=id,
            author=me,
            uri=server.urls.status_uri(me.username, id),
            url=server.urls.status(me.username, id),
            visibility=visibility,
            content=composed.content,
            text=typed,
            spoiler_text=spoiler,
            sensitive=drafts.is_warned(draft)
            or (settings.default_sensitive if draft.sensitive is None else draft.sensitive),
            language=language(draft, settings),
            in_reply_to=await _parent(tx, me, draft),
            quote_uri=quoted.uri if quoted is not None else None,
            quote_policy=quoting.policy(draft.quote_policy, settings, visibility),
            application_id=draft.application_id if settings.show_application else None,
            emojis=composed.emojis,
            mentions=[(one.id, False) for one in composed.mentions],
            tags=composed.tags,
            media_ids=[one.id for one in files],
            searchable="\n".join([typed, *(one.description for one in files if one.description)]),
            poll=new_poll(tx, poll) if poll is not None else None,
        ),
    )
    assert row is not None  # the id is new
    if quoted is not None:
        await quoting.quote(tx, server, me, row, quoted)
    if poll is not None:
        await polling.plan_close(tx, row.id)
    await queue.enqueue(tx, Publish(activity="Create", status_id=row.id), order=f"status {row.id}")
    if "<a " in row.content:
        tx.after_commit(lambda: watching.look(server, me.id, [row.id]))  # its link card is fetched in a moment
    return row


async def check(tx: Tx, me: AccountView, draft: Draft) -> None:
    """Raises `Invalid` or `NotFound` where this could not be posted as things are now."""
    drafts.checked_text(draft, quoting=draft.quoted_status_id is not None)
    if draft.poll is not None:
        drafts.checked_poll(draft.poll)
    await _files(tx, me, draft)
    _visibility(me, draft, UserSettings())
    await _parent(tx, me, draft)
    if draft.quoted_status_id is not None:
        await quoting.quotable(tx, me, draft.quoted_status_id)


def new_poll(tx: Tx, poll: PollDraft) -> NewPoll:
    """A checked draft as the poll that is written."""
    return NewPoll(
        options=[PollOption(title) for title in poll.options],
        multiple=poll.multiple,
        hide_totals=poll.hide_totals,
        expires_at=poll.expires_at or tx.now + timedelta(seconds=poll.expires_in or 0),
    )


def language(draft: Draft, settings: UserSettings, before: str | None = None) -> str | None:
    """What it is written in: as chosen, as it was, or as the person usually writes."""
    return valid_language(draft.language) or before or settings.default_language


async def _files(tx: Tx, me: AccountView, draft: Draft) -> list[MediaView]:
    if not draft.media_ids:
        return []
    ids = list(dict.fromkeys(draft.media_ids))
    found = await media.by_ids(tx, [MediaId(id) for id in ids], owner=me.id)
    drafts.check_media(ids, found)
    return found


def _visibility(me: AccountView, draft: Draft, settings: UserSettings) -> str:
    chosen = draft.visibility or settings.default_visibility
    if chosen not in POSTABLE:
        raise Invalid("Validation failed: Visibility is not included in the list")
    return "unlisted" if chosen == "public" and me.silenced_at is not None else chosen


async def _parent(tx: Tx, me: AccountView, draft: Draft) -> StatusRow | None:
    if draft.in_reply_to_id is None:
        return None
    try:
        return await proper_status(tx, me.id, draft.in_reply_to_id)
    except NotFound:
        raise NotFound("The post you are trying to reply to does not appear to exist.") from None


@recurs(timedelta(hours=1))
async def forget_idempotency_keys(server: Server) -> None:
    """Drop keys that are past their hour."""
    async with server.write() as tx:
        await idempotency.forget_old(tx)
