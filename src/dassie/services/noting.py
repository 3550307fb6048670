"""Private notes: words about somebody that only their writer sees."""

from __future__ import annotations

from dassie.domain.errors import Invalid
from dassie.store import relationships
from dassie.store.tx import Tx
from dassie.store.views import AccountView

LONGEST = 2000


async def note(tx: Tx, me: AccountView, target: AccountView, comment: str) -> None:
    """Keep these words about somebody in place of earlier ones; empty ones take them away."""
    if len(comment) > LONGEST:
        raise Invalid(f"Validation failed: Comment is too long (maximum is {LONGEST} characters)")
    await relationships.write_note(tx, me.id, target.id, comment.strip())
