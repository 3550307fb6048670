"""Which statuses and accounts changed just now in this process, for those who keep answers made of them.

Every change that shows bumps a `rev` (decision 0004); the same places say so here. What is kept elsewhere, by another
process, must not rely on it alone: it must also run out soon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol
from weakref import WeakSet

from dassie.store.tx import Tx


class Listener(Protocol):
    """Somebody who keeps what was made of rows."""

    def forget(self, ids: Iterable[int]) -> None:
        """These statuses or accounts are different from now on. Ids that nothing is known of are common."""
        ...


_LISTENERS: WeakSet[Listener] = WeakSet()


def listen(listener: Listener) -> None:
    """Tell it of all changes, of whatever database: forgetting too much is harmless."""
    _LISTENERS.add(listener)


def changed(tx: Tx, *ids: int) -> None:
    """These statuses or accounts are different once the change is durable; nothing is said when it is undone."""
    if _LISTENERS:
        tx.after_commit(_telling(ids))


def _telling(ids: Iterable[int]) -> Callable[[], None]:
    def tell() -> None:
        for listener in _LISTENERS:
            listener.forget(ids)

    return tell
