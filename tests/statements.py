"""Counting what is asked of the database.

with counted() as asked:
    await client.get("/")
assert asked.count == 2
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dassie.store.tx import Statement


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
