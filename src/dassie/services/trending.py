"""What trends here: reckoned anew now and then, out of what is known, into a small table.

On a server of a few people nothing would ever trend by the numbers of a big one. So one person counts; those who
live here or are followed from here count more than strangers; and what is new counts more than what is always there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dassie.domain.ids import id_floor, id_time
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import trends
from dassie.store.trends import KEPT, Score, What

WINDOW = timedelta(hours=48)
USUAL = timedelta(days=7)
"""What is usual for a hashtag is what was said in the days before the window, back to this."""
OLDEST_POST = timedelta(days=5)
HALF_LIFE = timedelta(hours=12)
NEAR = 3.0
"""So many strangers does one person count who lives here or is followed from here."""
FEWEST = 2
"""People who use a hashtag or share a link, strangers among them."""


AT_ONCE = 1_000
"""Rows of one step: the queries must not keep others waiting."""
MOST_STEPS = 500


@dataclass(slots=True)
class Talk:
    """Who took something up."""

    target_id: int
    near: set[int] = field(default_factory=set)
    """Who live here or are followed from here."""
    people: set[int] = field(default_factory=set)
    newest: int = 0
    """The id of the newest status about it."""


@recurs(timedelta(minutes=10))
async def reckon_trends(server: Server) -> None:
    """Find out what is talked of, and keep it in place of what was."""
    now = server.clock.now()
    since, end = now - WINDOW, now + timedelta(minutes=5)  # clocks of others are a little ahead
    liked: dict[int, Talk] = {}
    used: dict[int, Talk] = {}
    usual: dict[int, Talk] = {}
    shared: dict[int, Talk] = {}
    await _gather(server, "liked", since, end, liked)
    await _gather(server, "boosted", since, end, liked)
    await _gather(server, "tag", since, end, used)
    await _gather(server, "tag", now - USUAL, since, usual)
    await _gather(server, "link", since, end, shared)
    several = [one for one in shared.values() if len(one.people) >= FEWEST or one.near]
    async with server.write() as tx:
        await trends.replace(tx, "status", _best([Score(one.target_id, _fresh(one, now)) for one in liked.values()]))
        await trends.replace(tx, "tag", _best(_unusual(used, usual)))
        await trends.replace(tx, "link", _best([Score(one.target_id, _fresh(one, now)) for one in several]))


async def _gather(server: Server, what: What, since: datetime, until: datetime, into: dict[int, Talk]) -> None:
    """Add who took what up between two times, in small steps; after very many of them the rest is left out."""
    at, end = id_floor(since), id_floor(until)
    for _ in range(MOST_STEPS):
        async with server.read() as tx:
            edge = await trends.edge(tx, what, at, end, AT_ONCE)
            found = await trends.taken(tx, what, at, edge + 1, oldest=until - OLDEST_POST) if edge is not None else []
        if edge is None:
            return
        for one in found:
            talk = into.setdefault(one.target_id, Talk(one.target_id))
            talk.people.add(one.who)
            talk.newest = max(talk.newest, one.newest)
            if one.near:
                talk.near.add(one.who)
        at = edge + 1
        await asyncio.sleep(0)


def _weight(one: Talk) -> float:
    return len(one.people) + (NEAR - 1) * len(one.near)


def _fresh(one: Talk, now: datetime) -> float:
    """The weight, halved every twelve hours since the newest post about it."""
    age = max(now - id_time(one.newest), timedelta())
    return _weight(one) * float(0.5 ** (age / HALF_LIFE))


def _unusual(used: Mapping[int, Talk], usual: Mapping[int, Talk]) -> list[Score]:
    """How far the use of each hashtag is above what is usual, against what is usual."""
    share = WINDOW / (USUAL - WINDOW)
    scores = []
    for one in used.values():
        before = usual.get(one.target_id)
        expected = _weight(before) * share if before is not None else 0.0
        more = _weight(one) - expected
        if len(one.people) >= FEWEST and more > 0:
            scores.append(Score(one.target_id, more * more / max(expected, 1.0)))
    return scores


def _best(scores: Sequence[Score]) -> list[Score]:
    return sorted(scores, key=lambda one: -one.score)[:KEPT]
