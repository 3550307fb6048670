"""Which posts somebody may find: their library, and public posts of those who allow it (limits_and_rules 18).

Candidates are read newest first, in portions, from the narrowest place there is; each portion is then held against
all conditions. So the cost is that of what is looked at, never of all that is stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
)

from dassie.domain.html import links
from dassie.domain.ids import MAX_ID, AccountId, StatusId
from dassie.store import cards, search
from dassie.store.dialect import any_of
from dassie.store.domain_blocks import refused
from dassie.store.statuses import visible_to
from dassie.store.tables import (
    accounts,
    blocks,
    bookmarks,
    favourites,
    follows,
    media_attachments,
    mentions,
    mutes,
    poll_votes,
    polls,
    status_tags,
    statuses,
)
from dassie.store.tx import Query, Tx, row

PORTIONS = (100, 400, 1000, 2000, 4000, 8000)
"""How many candidates are looked at, step by step. What is further back is not found."""
MAX_OUTSIDE = 4

_author = accounts.alias("author")  # `visible_to` has the table itself


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search of posts with everything resolved to ids. All must hold."""

    phrases: list[tuple[str, ...]] = field(default_factory=list)
    not_phrases: list[tuple[str, ...]] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    not_tags: list[int] = field(default_factory=list)
    properties: frozenset[str] = frozenset()
    not_properties: frozenset[str] = frozenset()
    languages: list[str] = field(default_factory=list)
    """Any of these; empty: whatever language."""
    not_languages: list[str] = field(default_factory=list)
    author: int | None = None
    not_authors: list[int] = field(default_factory=list)
    places: frozenset[str] = frozenset()
    not_places: frozenset[str] = frozenset()
    outside: list[tuple[int, int]] = field(default_factory=list)
    """Ranges of ids, from and up to, that are left out."""
    above: int = 0
    below: int = MAX_ID
    """Both are bounds that do not belong to it."""


async def find(tx: Tx, wanted: Wanted, *, viewer: AccountId, limit: int, offset: int = 0) -> list[StatusId]:
    """Ids of what `viewer` may find, newest first."""
    found: list[StatusId] = []
    async for ids in _candidates(tx, wanted, viewer):
        found += await _hold(tx, wanted, ids, viewer)
        if len(found) >= offset + limit:
            break
    return found[offset : offset + limit]


# Candidates ----------------------------------------------------------------------------------------


def _newest(source: Any) -> Query[int]:
    below, most = bindparam("below", type_=BigInteger), bindparam("most", type_=Integer)
    id = source.c.id
    return Query(
        int,
        select(id).where(id > bindparam("above", type_=BigInteger), id < below).order_by(id.desc()).limit(most),
    )


_BY_AUTHOR = Query(
    int,
    select(statuses.c.id)
    .where(
        statuses.c.account_id == bindparam("author", type_=BigInteger),
        statuses.c.id > bindparam("above", type_=BigInteger),
        statuses.c.id < bindparam("below", type_=BigInteger),
    )
    .order_by(statuses.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)
_BY_TAG = Query(
    int,
    select(status_tags.c.status_id)
    .where(
        status_tags.c.tag_id == bindparam("tag", type_=BigInteger),
        status_tags.c.status_id > bindparam("above", type_=BigInteger),
        status_tags.c.status_id < bindparam("below", type_=BigInteger),
    )
    .order_by(status_tags.c.status_id.desc())
    .limit(bindparam("most", type_=Integer)),
)
_ALL = _newest(statuses)


def _library_query() -> Query[int]:
    me = bindparam("viewer_id", type_=BigInteger)

    def kept(table: Any) -> Any:
        return select(table.c.status_id.label("id")).where(table.c.account_id == me)

    reblogged = select(statuses.c.reblog_of_id.label("id")).where(
        statuses.c.account_id == me, statuses.c.reblog_of_id.is_not(null())
    )
    own = select(statuses.c.id.label("id")).where(statuses.c.account_id == me, statuses.c.reblog_of_id.is_(null()))
    voted = (
        select(polls.c.status_id.label("id"))
        .join(poll_votes, poll_votes.c.poll_id == polls.c.id)
        .where(poll_votes.c.account_id == me)
    )
    return _newest(union(own, reblogged, voted, kept(mentions), kept(favourites), kept(bookmarks)).subquery())


_LIBRARY = _library_query()


async def _candidates(tx: Tx, wanted: Wanted, viewer: AccountId) -> AsyncIterator[list[int]]:
    below = wanted.below
    read = _source(tx, wanted, viewer)
    for most in PORTIONS:
        ids = await read(above=wanted.above, below=below, most=most)
        if ids:
            yield ids
        if len(ids) < most:
            return
        below = ids[-1]


def _source(tx: Tx, wanted: Wanted, viewer: AccountId) -> Callable[..., Any]:
    """The narrowest place to look in."""
    if wanted.phrases:
        return lambda **bounds: search.with_words(tx, wanted.phrases, **bounds)
    if wanted.author is not None:
        return lambda **bounds: tx.all(_BY_AUTHOR, author=wanted.author, **bounds)
    if wanted.tags:
        return lambda **bounds: tx.all(_BY_TAG, tag=wanted.tags[0], **bounds)
    if "library" in wanted.places:
        return lambda **bounds: tx.all(_LIBRARY, viewer_id=viewer, **bounds)
    return lambda **bounds: tx.all(_ALL, **bounds)


# Conditions ----------------------------------------------------------------------------------------

_Shape = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str], frozenset[str], int]


async def _hold(tx: Tx, wanted: Wanted, ids: list[int], viewer: AccountId) -> list[StatusId]:
    """Those of `ids` that meet every condition, in their order."""
    given = {
        "tags": wanted.tags,
        "not_tags": wanted.not_tags,
        "languages": wanted.languages,
        "not_languages": wanted.not_languages,
        "author": wanted.author,
        "not_authors": wanted.not_authors,
        "not_phrases": wanted.not_phrases,
    }
    used = {name: value for name, value in given.items() if value not in (None, [])}
    outside = wanted.outside[:MAX_OUTSIDE]
    query = _filter(
        (
            frozenset(used),
            wanted.properties,
            wanted.not_properties,
            wanted.places,
            wanted.not_places,
            len(outside),
        )
    )
    params: dict[str, Any] = {**used, "ids": ids, "viewer_id": viewer, "at": tx.now, "tags_count": len(wanted.tags)}
    params |= {"lowest": ids[-1], "highest": ids[0]}
    for number, (start, end) in enumerate(outside):
        params |= {f"out_from_{number}": start, f"out_to_{number}": end}
    held: dict[int, str] = dict(await tx.all(query, **params))
    if "link" in wanted.properties:
        held = {id: content for id, content in held.items() if links(content)}
    if "link" in wanted.not_properties:
        held = {id: content for id, content in held.items() if not links(content)}
    return [StatusId(id) for id in ids if id in held]


@lru_cache(maxsize=256)
def _filter(shape: _Shape) -> Query[Any]:
    used, properties, not_properties, places, not_places, outside = shape
    about = _conditions()
    conditions = [about[name] for name in sorted(used)]
    conditions += [_property(name) for name in sorted(properties)]
    # Whether there is a link is settled by reading the content.
    conditions += [~_property(name) for name in sorted(not_properties - {"link"})]
    conditions += [_PLACES[place]() for place in sorted(places)]
    conditions += [~_PLACES[place]() for place in sorted(not_places)]
    for number in range(outside):
        start, end = bindparam(f"out_from_{number}", type_=BigInteger), bindparam(f"out_to_{number}", type_=BigInteger)
        conditions.append(or_(statuses.c.id < start, statuses.c.id >= end))
    content = statuses.c.content if "link" in properties | not_properties else literal_column("''")
    return Query(
        row,
        select(statuses.c.id, content)
        .select_from(statuses.join(_author, _author.c.id == statuses.c.account_id))
        .where(
            any_of(statuses.c.id, "ids"),
            statuses.c.reblog_of_id.is_(null()),
            or_(_in_library(), _is_public()),
            visible_to(AccountId(0)),
            _not_avoided(),
            *conditions,
        ),
    )


@cache
def _conditions() -> dict[str, Any]:
    """By parameter name."""

    def tagged(name: str) -> Any:
        return and_(status_tags.c.status_id == statuses.c.id, any_of(status_tags.c.tag_id, name))

    count = select(func.count()).select_from(status_tags).where(tagged("tags")).scalar_subquery()
    language = func.coalesce(statuses.c.language, literal_column("''"), type_=statuses.c.language.type)
    unwanted = search.with_any_of("not_phrases", statuses.c.id)
    return {
        "tags": count == bindparam("tags_count", type_=Integer),
        "not_tags": ~exists().where(tagged("not_tags")),
        "languages": any_of(statuses.c.language, "languages"),
        "not_languages": ~any_of(language, "not_languages"),
        "author": statuses.c.account_id == bindparam("author", type_=BigInteger),
        "not_authors": ~any_of(statuses.c.account_id, "not_authors"),
        "not_phrases": ~unwanted,
    }


def _property(name: str) -> Any:
    def with_file(*kinds: str) -> Any:
        return exists().where(
            media_attachments.c.status_id == statuses.c.id,
            media_attachments.c.kind.in_([literal_column(f"'{kind}'") for kind in kinds]),
        )

    match name:
        case "image" | "audio":
            return with_file(name)
        case "video":
            return with_file("video", "gifv")
        case "media":
            return statuses.c.has_media
        case "poll":
            return statuses.c.has_poll
        case "link":
            return statuses.c.content.contains(literal_column("'<a '"))
        case "sensitive":
            return statuses.c.sensitive
        case "reply":
            return or_(statuses.c.in_reply_to_id.is_not(null()), statuses.c.in_reply_to_uri.is_not(null()))
        case "quote":
            return statuses.c.quote_uri.is_not(null())
        case "embed":
            return cards.embeds()
        case _:
            return false()


def _in_library() -> Any:
    me = bindparam("viewer_id", type_=BigInteger)
    mine = statuses.alias("mine")

    def kept(table: Any) -> Any:
        return exists().where(table.c.status_id == statuses.c.id, table.c.account_id == me)

    return or_(
        statuses.c.account_id == me,
        kept(mentions),
        kept(favourites),
        kept(bookmarks),
        exists().where(mine.c.reblog_of_id == statuses.c.id, mine.c.account_id == me),
        exists().where(
            polls.c.status_id == statuses.c.id, poll_votes.c.poll_id == polls.c.id, poll_votes.c.account_id == me
        ),
    )


def _is_public() -> Any:
    followed = exists().where(
        follows.c.account_id == bindparam("viewer_id", type_=BigInteger), follows.c.target_id == _author.c.id
    )
    return and_(
        statuses.c.visibility == literal_column("'public'"),
        _author.c.indexable,
        or_(_author.c.silenced_at.is_(null()), followed),
    )


_PLACES: dict[str, Callable[[], Any]] = {"library": _in_library, "public": _is_public}


def _not_avoided() -> Any:
    """No block either way, of the author's server neither, and no mute stands between the viewer and the author."""
    me = bindparam("viewer_id", type_=BigInteger)
    author = statuses.c.account_id
    still = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=mutes.c.expires_at.type))
    return and_(
        ~exists().where(blocks.c.account_id == me, blocks.c.target_id == author),
        ~exists().where(blocks.c.account_id == author, blocks.c.target_id == me),
        ~exists().where(mutes.c.account_id == me, mutes.c.target_id == author, still),
        ~refused(me, author),
    )
