"""Polls and votes."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from msgspec import structs
from sqlalchemy import bindparam, select, type_coerce, update

from dassie.domain.ids import AccountId, PollId
from dassie.store.dialect import any_of, put, put_once
from dassie.store.tables import poll_votes, polls
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import PollOption, PollView

_FIELDS = [name for name in PollView.__struct_fields__ if name != "own_votes"]
_COLUMNS = [
    type_coerce(polls.c[name], Json(list[PollOption])) if name == "options" else polls.c[name] for name in _FIELDS
]
_BY_ID = Query(PollView, select(*_COLUMNS).where(polls.c.id == bindparam("poll_id")))
_OF_STATUSES = Query(PollView, select(*_COLUMNS).where(any_of(polls.c.status_id, "ids")))
_OWN = Query(
    row,
    select(poll_votes.c.poll_id, poll_votes.c.choice)
    .where(any_of(poll_votes.c.poll_id, "ids"), poll_votes.c.account_id == bindparam("viewer_id"))
    .order_by(poll_votes.c.choice),
)
_VOTE = Statement(put_once(poll_votes, "id", "poll_id", "account_id", "choice", "uri", "created_at"))


async def by_id(tx: Tx, id: int, *, viewer: AccountId | None = None) -> PollView | None:
    """A poll with the viewer's choices."""
    found = await tx.one(_BY_ID, poll_id=id)
    return (await _with_votes(tx, [found], viewer))[0] if found is not None else None


async def of_statuses(tx: Tx, ids: Collection[int], *, viewer: AccountId | None) -> dict[int, PollView]:
    """Polls by status id, with the viewer's choices."""
    found = await tx.all(_OF_STATUSES, ids=list(ids)) if ids else []
    return {poll.status_id: poll for poll in await _with_votes(tx, found, viewer)}


async def _with_votes(tx: Tx, found: list[PollView], viewer: AccountId | None) -> list[PollView]:
    if viewer is None or not found:
        return found
    chosen: dict[int, list[int]] = {}
    for poll_id, choice in await tx.all(_OWN, ids=[poll.id for poll in found], viewer_id=viewer):
        chosen.setdefault(poll_id, []).append(choice)
    return [structs.replace(poll, own_votes=chosen.get(poll.id, [])) for poll in found]


@cache
def _insert(*names: str) -> Statement:
    return Statement(put(polls, *names))


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=polls.c[name].type) for name in names}
    return Statement(update(polls).where(polls.c.id == bindparam("poll_id")).values(**values))


async def insert(tx: Tx, **values: Any) -> None:
    """Add a poll."""
    await tx.run(_insert(*sorted(values)), **values)


async def change(tx: Tx, id: PollId | int, **values: Any) -> None:
    """Set columns of a poll."""
    names = sorted(values)
    await tx.run(_update(*names), poll_id=id, **{f"new_{name}": values[name] for name in names})


async def add_vote(tx: Tx, *, id: int, poll_id: int, account_id: int, choice: int, uri: str | None = None) -> bool:
    """Record one choice; False where it was there."""
    values = {"id": id, "poll_id": poll_id, "account_id": account_id, "choice": choice, "uri": uri}
    return await tx.run(_VOTE, **values, created_at=tx.now) > 0
