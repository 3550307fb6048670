"""What is talked of: who used a hashtag, shared a link, favourited or boosted a post lately, as far as known here.

Those who live here or are followed from here are counted apart (`near`): on a small server they say more than the
rest of the world does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    distinct,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from dassie.domain.ids import StatusId, id_floor, to_ms
from dassie.store.dialect import any_of, put_once
from dassie.store.suggestions import listed
from dassie.store.tables import (
    accounts,
    card_links,
    favourites,
    follows,
    preview_cards,
    status_cards,
    status_tags,
    statuses,
    tags,
    trends,
    users,
)
from dassie.store.tag_uses import DAY_MS, DayOfUse, TagView, no_uses
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.views import CardView

Kind = Literal["tag", "status", "link"]
What = Literal["liked", "boosted", "tag", "link"]
KEPT = 200
"""Of each kind."""


class Taken(Struct, frozen=True):
    """Somebody took something up."""

    target_id: int
    who: int
    near: bool
    """They live here or are followed from here."""
    newest: int
    """The id of the newest status about it."""


class Score(Struct, frozen=True):
    """What is talked of, and how much."""

    target_id: int
    score: float


_since = bindparam("since", type_=BigInteger)
_until = bindparam("until", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_open = and_(statuses.c.visibility == literal_column("'public'"), statuses.c.reblog_of_id.is_(null()))


def _taken(events: Any, *conditions: Any, with_status: bool = False) -> Query[Taken]:
    """Events are (target, who, status); who is limited counts for nothing."""
    who = accounts.alias("who")
    near = or_(
        who.c.domain == literal_column("''"),
        exists().where(follows.c.target_id == who.c.id, users.c.account_id == follows.c.account_id).correlate(who),
    )
    source = events.join(who, who.c.id == events.c.who)
    if with_status:
        source = source.join(statuses, statuses.c.id == events.c.target).join(
            accounts, accounts.c.id == statuses.c.account_id
        )
    several = (
        select(events.c.target, who.c.id.label("who"), func.max(events.c.status).label("newest"))
        .select_from(source)
        .where(who.c.suspended_at.is_(null()), who.c.silenced_at.is_(null()), *conditions)
        .group_by(events.c.target, who.c.id)
        .subquery()
    )
    return Query(
        Taken,
        select(several.c.target, several.c.who, near, several.c.newest).select_from(
            several.join(who, who.c.id == several.c.who)
        ),
    )


def _boosts() -> Any:
    """(boosted status, who, boost) of the time that is asked for."""
    return (
        select(statuses.c.reblog_of_id.label("original"), statuses.c.account_id.label("who"))
        .where(statuses.c.reblog_of_id.is_not(null()), statuses.c.id >= _since, statuses.c.id < _until)
        .subquery()
    )


def _of_statuses(events: Any) -> Query[Taken]:
    return _taken(
        events,
        _open,
        statuses.c.id >= bindparam("oldest", type_=BigInteger),
        statuses.c.in_reply_to_id.is_(null()),
        statuses.c.in_reply_to_uri.is_(null()),
        ~statuses.c.sensitive,
        statuses.c.spoiler_text == literal_column("''"),
        events.c.who != statuses.c.account_id,
        listed(),
        with_status=True,
    )


def _liked() -> Query[Taken]:
    liked = select(favourites.c.status_id, favourites.c.account_id, favourites.c.status_id).where(
        favourites.c.id >= _since, favourites.c.id < _until
    )
    return _of_statuses(_events(liked))


def _boosted() -> Query[Taken]:
    boosts = _boosts()
    return _of_statuses(_events(select(boosts.c.original, boosts.c.who, boosts.c.original)))


def _events(*parts: Any) -> Any:
    named = [part.with_only_columns(*(c.label(n) for c, n in _labelled(part))) for part in parts]
    if len(named) == 1:
        return named[0].subquery("events")
    return union_all(*named).subquery("events")


def _labelled(part: Any) -> list[tuple[Any, str]]:
    return list(zip(part.selected_columns, ("target", "who", "status"), strict=True))


def _of_tags() -> Query[Taken]:
    boosts = _boosts()
    original = statuses.alias("original")
    used = (
        select(status_tags.c.tag_id, statuses.c.account_id, statuses.c.id)
        .join(statuses, statuses.c.id == status_tags.c.status_id)
        .where(status_tags.c.status_id >= _since, status_tags.c.status_id < _until, _open)
    )
    boosted = (
        select(status_tags.c.tag_id, boosts.c.who, status_tags.c.status_id)
        .join(boosts, boosts.c.original == status_tags.c.status_id)
        .join(original, original.c.id == status_tags.c.status_id)
        .where(original.c.visibility == literal_column("'public'"))
    )
    return _taken(_events(used, boosted))


def _of_links() -> Query[Taken]:
    boosts = _boosts()
    original = statuses.alias("original")
    linked = status_cards.join(card_links, card_links.c.id == status_cards.c.link_id)
    used = (
        select(card_links.c.card_id, statuses.c.account_id, statuses.c.id)
        .select_from(linked.join(statuses, statuses.c.id == status_cards.c.status_id))
        .where(
            status_cards.c.status_id >= _since, status_cards.c.status_id < _until, card_links.c.card_id.is_not(null())
        )
        .where(_open)
    )
    boosted = (
        select(card_links.c.card_id, boosts.c.who, status_cards.c.status_id)
        .select_from(
            linked.join(boosts, boosts.c.original == status_cards.c.status_id).join(
                original, original.c.id == status_cards.c.status_id
            )
        )
        .where(card_links.c.card_id.is_not(null()), original.c.visibility == literal_column("'public'"))
    )
    return _taken(_events(used, boosted))


_TAKEN: dict[What, Query[Taken]] = {
    "liked": _liked(),
    "boosted": _boosted(),
    "tag": _of_tags(),
    "link": _of_links(),
}


def _edge(table: Any) -> Query[int]:
    step = select(table.c.id).where(table.c.id >= _since, table.c.id < _until).order_by(table.c.id).limit(_most)
    return Query(int, select(func.coalesce(func.max(step.subquery().c.id), literal_column("0"))))


_EDGE_OF_LIKES, _EDGE = _edge(favourites), _edge(statuses)
_kind = bindparam("kind_is", type_=Text)
_CLEAR = Statement(delete(trends).where(trends.c.kind == _kind))
_PUT = Statement(put_once(trends, "kind", "target_id", "score"))


async def edge(tx: Tx, what: What, since: int, until: int, most: int) -> int | None:
    """The id up to which `most` rows reach, from `since` on; None where there is nothing more before `until`."""
    return await tx.one(_EDGE_OF_LIKES if what == "liked" else _EDGE, since=since, until=until, most=most) or None


async def taken(tx: Tx, what: What, since: int, until: int, *, oldest: datetime) -> list[Taken]:
    """Who took what up between two ids, each once. `oldest`: of posts that count."""
    params = {"oldest": id_floor(oldest)} if what in ("liked", "boosted") else {}
    return await tx.all(_TAKEN[what], since=since, until=until, **params)


async def replace(tx: Tx, kind: Kind, scores: Sequence[Score]) -> None:
    """Keep these in place of what was reckoned before."""
    await tx.run(_CLEAR, kind_is=kind)
    await tx.run_many(_PUT, [{"kind": kind, "target_id": one.target_id, "score": one.score} for one in scores])


# Reading -------------------------------------------------------------------------------------------

_skip = bindparam("skip", type_=Integer)


def _ranked(chosen: Any, kind: Kind) -> Any:
    return (
        chosen.where(trends.c.kind == literal_column(f"'{kind}'"))
        .order_by(trends.c.score.desc(), trends.c.target_id.desc())
        .limit(_most)
        .offset(_skip)
    )


@cache
def _statuses(with_viewer: bool) -> Query[StatusId]:
    conditions = [_open, listed()]
    if with_viewer:
        conditions.append(wanted(statuses.c.account_id))
    chosen = (
        select(statuses.c.id)
        .select_from(
            trends.join(statuses, statuses.c.id == trends.c.target_id).join(
                accounts, accounts.c.id == statuses.c.account_id
            )
        )
        .where(*conditions)
    )
    return Query(StatusId, _ranked(chosen, "status"))


_TAGS = Query(
    TagView,
    _ranked(select(tags.c.id, tags.c.name, tags.c.display_name).join(trends, trends.c.target_id == tags.c.id), "tag"),
)
_CARD_FIELDS = CardView.__struct_fields__[1:-1]
_LINKS = Query(
    CardView,
    _ranked(
        select(preview_cards.c.id, *(preview_cards.c[name] for name in _CARD_FIELDS)).join(
            trends, trends.c.target_id == preview_cards.c.id
        ),
        "link",
    ),
)
_DAY = type_coerce(statuses.c.created_at, BigInteger) // literal_column(str(DAY_MS), BigInteger)
_LINK_USES = Query(
    row,
    select(card_links.c.card_id, _DAY.label("day"), func.count(), func.count(distinct(statuses.c.account_id)))
    .select_from(
        card_links.join(status_cards, status_cards.c.link_id == card_links.c.id).join(
            statuses, statuses.c.id == status_cards.c.status_id
        )
    )
    .where(any_of(card_links.c.card_id, "ids"), status_cards.c.status_id >= _since, _open)
    .group_by(card_links.c.card_id, literal_column("day")),
)


async def trending_statuses(tx: Tx, viewer: int | None, *, limit: int, offset: int) -> list[StatusId]:
    """Posts, the most talked of first, without those of people the viewer avoids."""
    params = {} if viewer is None else {"viewer_id": viewer, "at": tx.now}
    return await tx.all(_statuses(viewer is not None), most=limit, skip=offset, **params)


async def trending_tags(tx: Tx, *, limit: int, offset: int) -> list[TagView]:
    """Hashtags, the most talked of first."""
    return await tx.all(_TAGS, most=limit, skip=offset)


async def trending_links(tx: Tx, *, limit: int, offset: int) -> list[CardView]:
    """Cards, the most talked of first; `status_id` of each is the card's own id."""
    return await tx.all(_LINKS, most=limit, skip=offset)


async def link_uses(tx: Tx, ids: Sequence[int]) -> dict[int, list[DayOfUse]]:
    """Public posts with each of these cards in the last seven days, today first."""
    days = [used.day for used in no_uses(tx.now)]
    counted: dict[tuple[int, int], tuple[int, int]] = {}
    if ids:
        for card, day, count, people in await tx.all(_LINK_USES, ids=list(ids), since=id_floor(days[-1])):
            counted[card, day * DAY_MS] = (count, people)
    return {id: [DayOfUse(day, *counted.get((id, to_ms(day)), (0, 0))) for day in days] for id in ids}
