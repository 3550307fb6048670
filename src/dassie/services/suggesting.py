"""Whom to suggest, and why."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from dassie.domain.ids import AccountId
from dassie.server import Server
from dassie.store import suggestions
from dassie.store.kept import Kept
from dassie.store.tx import Tx

EACH = 400
"""So many of each reason are looked at."""


class Suggestion(Struct, frozen=True):
    """Somebody worth following, perhaps."""

    account_id: AccountId
    sources: list[str]
    """Why, in the words of the API: friends_of_friends, most_interactions, most_followed; the strongest first."""


async def _read_here(tx: Tx) -> dict[int, int]:
    return await suggestions.read_here(tx, EACH)


_popular = Kept(_read_here, timedelta(minutes=5))


async def suggest(server: Server, viewer: AccountId) -> list[Suggestion]:
    """All that can be suggested, the best first: by how many reasons and people speak for somebody."""
    popular = await _popular.get(server.db)
    async with server.read() as tx:
        reasons = {
            "friends_of_friends": await suggestions.of_friends(tx, viewer, EACH),
            "most_interactions": await suggestions.boosted(tx, viewer, EACH),
            "most_followed": popular,
        }
        fit = await suggestions.fit(tx, viewer, {id for found in reasons.values() for id in found})
    weights: dict[AccountId, float] = {}
    for weight, found in zip((3.0, 2.0, 1.0), reasons.values(), strict=True):
        most = max(found.values(), default=1)
        for id, people in found.items():
            if AccountId(id) in fit:
                weights[AccountId(id)] = weights.get(AccountId(id), 0.0) + weight * (0.5 + people / most)
    ranked = sorted(weights, key=lambda id: (-weights[id], -id))
    return [Suggestion(id, [name for name, found in reasons.items() if id in found]) for id in ranked]
