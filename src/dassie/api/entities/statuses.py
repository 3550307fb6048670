"""Status entities. What is the same for every viewer is encoded once and kept until the status changes.

The kept part is found by (id, revision of the status, revision of its author), all read in the same query that
decides who may see it, so it can never be stale; the viewer's part is put behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import msgspec

from dassie.api.entities import tagged_collections
from dassie.api.entities.accounts import show_account
from dassie.api.entities.cards import show_card
from dassie.api.entities.encoded_parts import EncodedParts
from dassie.api.entities.filtered import NOTHING, filtered_part
from dassie.api.entities.media import show_media
from dassie.api.entities.polls import show_poll
from dassie.api.entities.status_shapes import QuoteApproval
from dassie.api.entities.values import emojis, stamp, text_id
from dassie.domain.audience import shown as shown_visibility
from dassie.domain.ids import AccountId
from dassie.domain.quotes import approval, names
from dassie.domain.urls import Urls
from dassie.services import filtering
from dassie.services.filtering import Reader
from dassie.store import polls, quotes, statuses
from dassie.store.heads import Head, heads
from dassie.store.quotes import Seen, Sight
from dassie.store.tx import Tx
from dassie.store.views import PollView, StatusView

KEPT_BYTES = 16_000_000
NO_QUOTE = b',"quote":null'
_encode = msgspec.json.Encoder().encode


KEPT: EncodedParts[tuple[int, int, int, str]] = EncodedParts(KEPT_BYTES)


async def show_statuses(tx: Tx, ids: Sequence[int], *, viewer: AccountId | None, urls: Urls) -> list[msgspec.Raw]:
    """The statuses with these ids as `viewer` sees them, encoded, in this order; the invisible are left out."""
    shown = await statuses_by_id(tx, ids, viewer=viewer, urls=urls)
    return [shown[id] for id in ids if id in shown]


async def statuses_by_id(tx: Tx, ids: Sequence[int], *, viewer: AccountId | None, urls: Urls) -> dict[int, msgspec.Raw]:
    """The same by id, for lists of things that speak of statuses.

    Quoted statuses are shown whole within those that are asked for, and by id within one another.
    """
    found = await heads(tx, ids, viewer=viewer)
    quoting = [head.proper_id for head in found.values() if head.quotes]
    seen = await quotes.seen(tx, quoting, viewer=viewer) if quoting else {}
    quoted = await heads(tx, quotes.shown_in(seen), viewer=viewer)
    every = [*found.values(), *quoted.values()]
    parts = await _parts(tx, every, urls)
    with_poll = [head.proper_id for head in every if head.has_poll]
    asked = await polls.of_statuses(tx, with_poll, viewer=viewer) if with_poll else {}
    reader = await _reader(tx, found, viewer, urls)
    linking = await tagged_collections.tagged(tx, parts, urls, viewer)
    page = _Page(tx.now, viewer, urls, parts, asked, reader, seen, quoted, linking)
    out: dict[int, msgspec.Raw] = {}
    for id in ids:
        head_of = found.get(id)
        if head_of is not None and head_of.proper_id in parts and id in parts:
            out[id] = msgspec.Raw(page.status(head_of))
    return out


class _Page(msgspec.Struct, frozen=True):
    """What is known of a page of statuses, to be put together."""

    now: datetime
    viewer: AccountId | None
    urls: Urls
    parts: dict[int, bytes]
    polls: dict[int, PollView]
    reader: Reader | None
    seen: dict[int, Seen]
    quoted: dict[int, Head]
    linking: dict[int, bytes]
    """The collections that statuses link to, encoded."""

    def status(self, head: Head) -> bytes:
        """One status, with the one it reblogs or quotes whole."""
        return self._put_together(head, self._quote(head) if head.quotes else NO_QUOTE)

    def _put_together(self, head: Head, quote: bytes) -> bytes:
        poll = self.polls.get(head.proper_id)
        caught = NOTHING
        if self.reader is not None and self.reader.active:
            caught = filtered_part(self.reader, head, self.parts[head.proper_id], poll)
        mine = b"}" if self.viewer is None else _viewer_part(head, self.viewer, caught)
        approval = _approval(*_approval_of(head, self.viewer))
        if poll is not None:
            ending = b',"poll":' + _encode(show_poll(poll, head.emojis, self.now, self.urls, self.viewer)) + mine
        else:
            ending = b',"poll":null' + mine
        linked = self.linking.get(head.proper_id, tagged_collections.NONE)
        whole = self.parts[head.proper_id] + linked + b',"reblog":null' + quote + approval + ending
        if head.reblog_of_id is not None:
            own = NO_QUOTE + approval + b',"poll":null' + mine
            whole = self.parts[head.id] + tagged_collections.NONE + b',"reblog":' + whole + own
        return whole

    def _quote(self, head: Head) -> bytes:
        """The quote in a status whole."""
        one = self.seen.get(head.proper_id)
        if one is None:
            return NO_QUOTE  # by other software's word only, and nothing is known of it
        inside = self.quoted.get(one.outer.quoted_id or 0) if one.outer.is_shown else None
        shown = b"null"
        if inside is not None and inside.proper_id in self.parts:
            shown = self._put_together(inside, _shallow(one.inner) if inside.quotes else NO_QUOTE)
        state = one.outer.shown_state
        return f',"quote":{{"state":"{state}","quoted_status":'.encode() + shown + b"}"


def _shallow(sight: Sight | None) -> bytes:
    """The quote in a quoted status: by its id alone."""
    if sight is None:
        return NO_QUOTE
    id = f'"{sight.quoted_id}"' if sight.is_shown else "null"
    return f',"quote":{{"state":"{sight.shown_state}","quoted_status_id":{id}}}'.encode()


def _approval_of(head: Head, viewer: AccountId | None) -> tuple[int, str]:
    if viewer is None:
        return head.quote_policy, "denied"
    return head.quote_policy, approval(
        head.quote_policy,
        head.visibility,
        own=head.author_id == viewer,
        follows=head.follows_author,
        followed=head.followed_by_author,
    )


@lru_cache(maxsize=1_024)
def _approval(policy: int, mine: str) -> bytes:
    automatic, manual = names(policy)
    shown: QuoteApproval = {"automatic": automatic, "manual": manual, "current_user": mine}
    return b',"quote_approval":' + _encode(shown)


async def _reader(tx: Tx, found: dict[int, Head], viewer: AccountId | None, urls: Urls) -> Reader | None:
    """The filters of the viewer; nothing is asked for where there are none, or they are known."""
    rev = next((head.filters_rev for head in found.values()), 0)
    return await filtering.reader(tx, viewer, urls.base, rev) if viewer is not None and rev else None


async def show_status(tx: Tx, id: int, *, viewer: AccountId | None, urls: Urls) -> msgspec.Raw | None:
    """One status as `viewer` sees it, encoded; None where it may not be seen."""
    found = await show_statuses(tx, [id], viewer=viewer, urls=urls)
    return found[0] if found else None


async def show_quote(tx: Tx, id: int, *, viewer: AccountId | None, urls: Urls) -> msgspec.Raw | None:
    """The quote in a status as `viewer` sees it, encoded; None where there is none, or nothing is known of it."""
    shown = await show_status(tx, id, viewer=viewer, urls=urls)
    quote = msgspec.json.decode(shown, type=_Quoting).quote if shown is not None else None
    return quote if quote != b"null" else None


class _Quoting(msgspec.Struct):
    """What is read of an encoded status."""

    quote: msgspec.Raw


def _keys(head: Head, urls: Urls) -> list[tuple[int, tuple[int, int, int, str]]]:
    keys = [(head.id, (head.id, head.rev, head.account_rev, urls.base))]
    if head.reblog_of_id is not None:
        keys.append(
            (head.reblog_of_id, (head.reblog_of_id, head.original_rev or 0, head.original_account_rev or 0, urls.base))
        )
    return keys


async def _parts(tx: Tx, every: Sequence[Head], urls: Urls) -> dict[int, bytes]:
    """What all viewers see of these statuses, from memory where it is still right."""
    parts: dict[int, bytes] = {}
    missing: list[int] = []
    for head in every:
        for id, key in _keys(head, urls):
            part = KEPT.get(key)
            if part is None:
                missing.append(id)
            else:
                parts[id] = part
    if missing:
        parts |= await _fill(tx, missing, urls)
    return parts


async def _fill(tx: Tx, missing: Sequence[int], urls: Urls) -> dict[int, bytes]:
    rows = await statuses.by_ids(tx, missing)
    views = await statuses.assemble(tx, list(rows.values()), viewer=None)
    parts: dict[int, bytes] = {}
    for id, view in views.items():
        part = _encode(common_part(view, urls))[:-1]
        parts[id] = part
        # Keyed by what was read now: a change in between only means that this is encoded once more.
        KEPT.put((id, view.row.rev, view.account.rev, urls.base), part)
    return parts


def common_part(view: StatusView, urls: Urls) -> dict[str, Any]:
    """What every viewer sees of a status, without reblog and poll."""
    row = view.row
    hidden_reblog = row.reblog_of_id is not None
    return {
        "id": str(row.id),
        "created_at": stamp(row.created_at),
        "in_reply_to_id": text_id(row.in_reply_to_id),
        "in_reply_to_account_id": text_id(row.in_reply_to_account_id),
        "sensitive": row.sensitive,
        "spoiler_text": row.spoiler_text,
        "visibility": shown_visibility(row.visibility),
        "language": row.language,
        "uri": row.uri,
        "url": row.url or row.uri,
        "replies_count": row.replies_count,
        "reblogs_count": row.reblogs_count,
        "favourites_count": row.favourites_count,
        "quotes_count": row.quotes_count,
        "edited_at": stamp(row.edited_at),
        "content": "" if hidden_reblog else row.content,
        "account": show_account(view.account, urls),
        "application": {"name": view.application.name, "website": view.application.website}
        if view.application is not None
        else None,
        "media_attachments": [show_media(media, urls) for media in view.media],
        "mentions": [
            {"id": str(m.account_id), "username": m.username, "url": m.url, "acct": m.acct} for m in view.mentions
        ],
        "tags": [{"name": name, "url": urls.tag(name)} for name in view.tags],
        "emojis": emojis(row.emojis, urls),
        "card": show_card(view.card, urls) if view.card is not None else None,
    }


def _viewer_part(head: Head, viewer: AccountId, caught: bytes) -> bytes:
    may_pin = head.author_id == viewer and head.visibility != "direct"
    done = _done(head.favourited, head.reblogged, head.muted, head.bookmarked, head.pinned if may_pin else None)
    return done + caught + b"}"


@cache
def _done(favourited: bool, reblogged: bool, muted: bool, bookmarked: bool, pinned: bool | None) -> bytes:
    """What the viewer did with a status, up to where the filters follow; `pinned` is None for what they cannot pin."""
    done = {"favourited": favourited, "reblogged": reblogged, "muted": muted, "bookmarked": bookmarked}
    if pinned is not None:
        done["pinned"] = pinned
    return b"," + _encode(done)[1:-1] + b',"filtered":'
