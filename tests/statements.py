"""Counting what is asked of the database, and reading what the server counted.

with counted() as asked:
    await client.get("/")
assert asked.count == 2
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dassie.store import counters
from dassie.store.tx import Statement
from worlds import World


@dataclass
class Asked:
    """Statements that were run, in order."""

    statements: list[Statement] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)


@contextmanager
def counted() -> Iterator[Asked]:
    """All statements run while the block is open, by whomever."""
    asked = Asked()
    real = Statement.on

    def on(self: Statement, name: Any) -> Any:
        asked.statements.append(self)
        return real(self, name)

    Statement.on = on  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Statement.on = real  # type: ignore[method-assign]


async def least(ask: Callable[[], Awaitable[object]], tries: int = 8) -> int:
    """How many statements a call takes, the least of a few tries: those who look after things ask in between."""
    found = []
    for _ in range(tries):
        with counted() as asked:
            await ask()
        found.append(asked.count)
    return min(found)


async def figures(world: World, start: str) -> dict[str, int]:
    """What the server counted under names that begin so, whether or not it is written by now."""
    found: dict[str, int] = {}
    async with world.server.write() as tx:
        await world.server.counters.flush(tx)
        for _, name, value in await counters.since(tx, "hour", tx.now - timedelta(days=1)):
            if name.startswith(start):
                found[name] = found.get(name, 0) + value
    return found
