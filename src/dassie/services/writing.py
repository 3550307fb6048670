"""Writing and removing a status, ours or another server's: the row and everything that hangs on it, in one unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.domain.arrivals import Reason
from dassie.domain.errors import Busy, Invalid
from dassie.domain.ids import AccountId, MediaId, PollId, StatusId, new_id
from dassie.jobs.current import charge
from dassie.ports import Event
from dassie.server import Server
from dassie.services import fanning_out, quoting, settling
from dassie.store import (
    accounts,
    arrivals,
    conversations,
    feeds,
    followed_tags,
    list_feeds,
    media,
    mentions,
    polls,
    search,
    statuses,
    tags,
    uploads,
)
from dassie.store.adoption import adopt_replies
from dassie.store.costs import Source
from dassie.store.tx import Tx
from dassie.store.views import AccountView, EmojiView, PollOption, StatusRow

DRAWS = 20
"""How often another id is drawn where posts of one moment have taken the first."""


class NewMedia(Struct, frozen=True, kw_only=True):
    """A file of another server, known by address only: it is fetched when somebody looks."""

    kind: str
    remote_url: str
    small_remote_url: str | None = None
    file_type: str | None = None
    description: str | None = None
    blurhash: str | None = None
    focus: tuple[float, float] | None = None
    meta: dict[str, Any] = {}


class NewPoll(Struct, frozen=True, kw_only=True):
    """A poll, with the tallies its author told."""

    options: list[PollOption]
    multiple: bool = False
    hide_totals: bool = False
    expires_at: datetime | None = None
    voters_count: int | None = 0
    fetched_at: datetime | None = None


class NewStatus(Struct, frozen=True, kw_only=True):
    """A status that is to be written; everything in it is checked, sanitised and resolved."""

    author: AccountView
    uri: str
    visibility: str
    id: StatusId | None = None
    url: str | None = None
    content: str = ""
    """HTML, sanitised."""
    text: str | None = None
    """As typed; ours only. Also what is searched."""
    searchable: str | None = None
    """Plain text to be found by; None: the plain text of `content` is worked out by the caller of search."""
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    in_reply_to: StatusRow | None = None
    in_reply_to_uri: str | None = None
    reblog_of: StatusRow | None = None
    quote_uri: str | None = None
    quote_approval: str | None = None
    """Of another server's status: the id of the quoted author's consent, to be proved."""
    quote_policy: int = 0
    """Who may quote it (domain/quotes.py)."""
    application_id: int | None = None
    emojis: list[EmojiView] = []
    mentions: list[tuple[AccountId, bool]] = []
    """(account, silent)"""
    tags: list[tuple[str, str]] = []
    """(normalised, as written)"""
    media_ids: list[MediaId] = []
    """Our uploads, in order."""
    media: list[NewMedia] = []
    poll: NewPoll | None = None
    created_at: datetime | None = None
    live: bool = True
    """False: looked up, not told. Nobody is notified and no feed changes."""
    reason: Reason = Reason.CONTEXT
    """Why another server's status is here, where nothing stronger shows: people here follow or are addressed."""
    unknown_mentions: list[str] = []
    """Actor ids it mentions that are unknown here: looked up when somebody looks."""


async def write_status(tx: Tx, server: Server, new: NewStatus) -> StatusRow | None:
    """Write a status with all its parts; None where its uri is known already or was deleted.

    Counters, home feeds, notifications, streams and the search index follow in the same unit.
    """
    local = new.author.local
    if not local and await statuses.is_buried(tx, new.uri):
        return None
    created_at = min(new.created_at or tx.now, tx.now)
    row = await _insert(tx, new, created_at)
    if row is None:
        return None
    id = row.id
    await mentions.attach(tx, id, new.mentions)
    await tags.attach(tx, id, new.tags)
    await _attach_media(tx, new, id)
    if new.poll is not None:
        await add_poll(tx, new, id)
    await _count(tx, server, new, created_at)
    if not local and new.reblog_of is None and new.quote_uri is not None:
        look = new.live and new.reason is not Reason.RELAY
        await quoting.receive_quote(tx, server, row, new.quote_uri, new.quote_approval, look=look)
    if new.reblog_of is None:
        await search.index_status(tx, id, searchable_text(new))
        tx.after_commit(server.unindexed.set)
        if not local:
            await adopt_replies(tx, row)
    wanted: Reason | None = None
    if new.live:
        tagged = [name for name, _ in new.tags]
        wanted = await fanning_out.deliver(tx, server, new.author, row, new.mentions, tagged, new.reblog_of)
    if not local:
        await _arrive(tx, server, new, row, wanted)
    return row


async def _arrive(tx: Tx, server: Server, new: NewStatus, row: StatusRow, wanted: Reason | None) -> None:
    """Note why it is here, and what it weighs; `wanted`: because of a followed author or tag."""
    reason = max(wanted or new.reason, new.reason)
    if await _addressed(tx, new):
        reason = Reason.ADDRESSED
    await arrivals.arrive(tx, row.id, new.author.domain, reason, weight_of(new), new.unknown_mentions)
    await _book(tx, server, new, wanted)
    if wanted is Reason.FOLLOWED and new.reblog_of is not None and not new.reblog_of.local:
        await arrivals.strengthen(tx, new.reblog_of.id, Reason.BOOSTED)


async def _book(tx: Tx, server: Server, new: NewStatus, wanted: Reason | None) -> None:
    """Have those because of whom it is here pay: the followed author, or the followed ones among its tags."""
    payers: list[tuple[Source, str | int]] = []
    if wanted is Reason.FOLLOWED:
        payers = [("account", new.author.id)]
    elif wanted is Reason.TAG:
        payers = [("tag", name) for name in await followed_tags.followed_among(tx, [name for name, _ in new.tags])]
    for source, name in payers:
        charge(source, name)

    def book() -> None:
        for source, name in payers:
            server.ledger.book(source, name, offered=1, admitted=1)

    if payers:
        tx.after_commit(book)


def weight_of(new: NewStatus) -> int:
    """About how many bytes of the database another server's status takes."""
    named = len(new.tags) + len(new.mentions)
    return arrivals.weight(new.content, new.spoiler_text, new.uri, new.url, media=len(new.media), tags=named)


async def _addressed(tx: Tx, new: NewStatus) -> bool:
    if new.in_reply_to is not None and new.in_reply_to.local:
        return True
    named = await accounts.by_ids(tx, [account for account, _ in new.mentions])
    return any(account.local for account in named.values())


async def _insert(tx: Tx, new: NewStatus, created_at: datetime) -> StatusRow | None:
    """The row, under an id that was free; None where the uri is known."""
    for _ in range(DRAWS):
        row = _row(new, new.id if new.id is not None else StatusId(new_id(created_at)), created_at)
        values = {name: getattr(row, name) for name in StatusRow.__struct_fields__ if name != "rev"}
        if await statuses.insert(tx, **values):
            return row
        if new.id is not None or await statuses.by_uri(tx, new.uri) is not None:
            return None
    raise Busy("So many posts are dated to this moment that no number was free for another.", retry_after=1)


def searchable_text(new: NewStatus) -> str:
    """What a status is found by: warning, text, poll options and descriptions."""
    options = [option.title for option in new.poll.options] if new.poll else []
    described = [one.description for one in new.media if one.description]
    body = new.searchable if new.searchable is not None else (new.text or "")
    return "\n".join(filter(None, [new.spoiler_text, body, *options, *described]))


def _row(new: NewStatus, id: StatusId, created_at: datetime) -> StatusRow:
    parent = new.in_reply_to
    return StatusRow(
        id=id,
        uri=new.uri,
        url=new.url,
        account_id=new.author.id,
        local=new.author.local,
        visibility=new.visibility,
        content=new.content,
        text=new.text,
        spoiler_text=new.spoiler_text,
        sensitive=new.sensitive,
        language=new.language,
        in_reply_to_id=parent.id if parent else None,
        in_reply_to_account_id=parent.account_id if parent else None,
        in_reply_to_uri=parent.uri if parent else new.in_reply_to_uri,
        thread_id=parent.thread_id if parent else id,
        reblog_of_id=new.reblog_of.id if new.reblog_of else None,
        quote_uri=new.quote_uri,
        application_id=new.application_id,
        emojis=new.emojis,
        has_media=bool(new.media or new.media_ids),
        has_poll=new.poll is not None,
        replies_count=0,
        reblogs_count=0,
        favourites_count=0,
        quotes_count=0,
        quote_policy=new.quote_policy,
        created_at=created_at,
        edited_at=None,
        rev=0,
    )


async def _attach_media(tx: Tx, new: NewStatus, id: StatusId) -> None:
    for position, media_id in enumerate(new.media_ids):
        if not await uploads.attach(tx, media_id, id, position):
            raise Invalid(f"Media {media_id} not found or already attached to another post")
    await add_remote_media(tx, new.author.id, id, new.media)


async def add_remote_media(tx: Tx, account_id: AccountId, status_id: StatusId, files: Sequence[NewMedia]) -> None:
    """Remember another server's attachments; nothing is fetched."""
    for position, one in enumerate(files):
        await media.insert(
            tx,
            id=new_id(tx.now),
            account_id=account_id,
            status_id=status_id,
            position=position,
            kind=one.kind,
            file_type=one.file_type,
            remote_url=one.remote_url,
            small_remote_url=one.small_remote_url,
            description=one.description,
            blurhash=one.blurhash,
            focus_x=one.focus[0] if one.focus else None,
            focus_y=one.focus[1] if one.focus else None,
            meta=one.meta,
            created_at=tx.now,
        )


async def add_poll(tx: Tx, new: NewStatus, id: StatusId) -> None:
    """Add the poll of `new` to the status with this id."""
    assert new.poll is not None
    await polls.insert(
        tx,
        id=PollId(new_id(tx.now)),
        status_id=id,
        account_id=new.author.id,
        options=new.poll.options,
        multiple=new.poll.multiple,
        hide_totals=new.poll.hide_totals,
        expires_at=new.poll.expires_at,
        votes_count=sum(option.votes for option in new.poll.options),
        voters_count=new.poll.voters_count,
        fetched_at=new.poll.fetched_at,
    )


async def _count(tx: Tx, server: Server, new: NewStatus, at: datetime) -> None:
    # As Mastodon, a person's count leaves direct messages out, and only open replies and boosts show as such.
    if new.visibility != "direct":
        await accounts.posted(tx, new.author.id, at)
    if new.visibility in ("public", "unlisted") and new.in_reply_to is not None:
        await statuses.count(tx, new.in_reply_to.id, "replies_count", 1)
    if new.reblog_of is not None:
        await settling.count(tx, server, new.reblog_of, "reblogs_count", 1, at_once=new.author.local)


# Removing --------------------------------------------------------------------------------------------


async def remove_status(tx: Tx, server: Server, row: StatusRow) -> None:
    """Remove a status with its reblogs, feed entries, counters and search entry; its uri never comes back."""
    reblogs = await statuses.reblogs(tx, row.id)
    ids = [row.id, *(id for id, _ in reblogs)]
    tagged = await tags.names_of(tx, row.id)
    watchers = await feeds.take_out(tx, ids)
    listed = await list_feeds.holding(tx, ids)
    counted = [account_id for _, account_id in reblogs] + ([row.account_id] if row.visibility != "direct" else [])
    await accounts.count_each(tx, counted, "statuses_count", -1)
    if row.in_reply_to_id is not None and row.visibility in ("public", "unlisted"):
        await statuses.count(tx, row.in_reply_to_id, "replies_count", -1)
    if row.reblog_of_id is not None:
        await settling.boost_gone(tx, server, row, row.reblog_of_id)
    await quoting.removed(tx, row)
    await search.forget_status(tx, row.id)
    await statuses.bury(tx, row.uri)
    if row.visibility == "direct":
        await conversations.let_go(tx, row.id)
    await statuses.delete_row(tx, row.id)
    channels = [f"user:{id}" for id in watchers] + [f"list:{id}" for id in listed]
    channels += fanning_out.public_channels(row, tagged)
    server.tell(tx, channels, Event("delete", row.id, row.account_id))
