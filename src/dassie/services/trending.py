"""What trends here: reckoned anew now and then, out of what is known, into a small table.

On a server of a few people nothing would ever trend by the numbers of a big one. So one person counts; those who
live here or are followed from here count more than strangers; and what is new counts more than what is always there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dassie.domain.ids import id_time
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import trends
from dassie.store.trends import KEPT, Score, Talk

WINDOW = timedelta(hours=48)
USUAL = timedelta(days=7)
"""What is usual for a hashtag is what was said in the days before the window, back to this."""
OLDEST_POST = timedelta(days=5)
HALF_LIFE = timedelta(hours=12)
NEAR = 3.0
"""So many strangers does one person count who lives here or is followed from here."""
FEWEST = 2
"""People who use a hashtag or share a link, strangers among them."""


@recurs(timedelta(minutes=10))
async def reckon_trends(server: Server) -> None:
    """Find out what is talked of, and keep it in place of what was."""
    async with server.read() as tx:
        now = tx.now
        since, oldest = now - WINDOW, now - OLDEST_POST
        end = now + timedelta(minutes=5)  # clocks of others are a little ahead
        liked = await trends.talk_of(tx, "status", since, end, oldest=oldest)
        used = await trends.talk_of(tx, "tag", since, end, oldest=oldest)
        usual = await trends.talk_of(tx, "tag", now - USUAL, since, oldest=oldest)
        shared = await trends.talk_of(tx, "link", since, end, oldest=oldest)
    async with server.write() as tx:
        await trends.replace(tx, "status", _best([Score(one.target_id, _fresh(one, now)) for one in liked]))
        await trends.replace(tx, "tag", _best(_unusual(used, usual)))
        several = [one for one in shared if one.people >= FEWEST or one.near]
        await trends.replace(tx, "link", _best([Score(one.target_id, _fresh(one, now)) for one in several]))


def _weight(one: Talk) -> float:
    return one.people + (NEAR - 1) * one.near


def _fresh(one: Talk, now: datetime) -> float:
    """The weight, halved every twelve hours since the newest post about it."""
    age = max(now - id_time(one.newest), timedelta())
    return _weight(one) * float(0.5 ** (age / HALF_LIFE))


def _unusual(used: Sequence[Talk], usual: Sequence[Talk]) -> list[Score]:
    """How far the use of each hashtag is above what is usual, against what is usual."""
    share = WINDOW / (USUAL - WINDOW)
    before = {one.target_id: _weight(one) * share for one in usual}
    scores = []
    for one in used:
        expected = before.get(one.target_id, 0.0)
        more = _weight(one) - expected
        if one.people >= FEWEST and more > 0:
            scores.append(Score(one.target_id, more * more / max(expected, 1.0)))
    return scores


def _best(scores: Sequence[Score]) -> list[Score]:
    return sorted(scores, key=lambda one: -one.score)[:KEPT]
