"""When statuses of other servers were last seen: marked many at once, so that reading costs nothing."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable

from dassie.server import Server
from dassie.store import arrivals, materials
from dassie.store.tx import Tx

EVERY_SECONDS = 30.0
AT_ONCE = 500
SEEN_AGAIN_SECONDS = 3600.0
REMEMBERED = 20_000


class SeenMarks:
    """What was seen since it was last written. Times are seconds that only grow."""

    def __init__(self) -> None:
        self._pending: dict[int, None] = {}
        self._marked: OrderedDict[int, float] = OrderedDict()
        self._since = 0.0

    def add(self, ids: Iterable[int], now: float) -> None:
        """Somebody saw these; those marked within the hour are left out."""
        for id in ids:
            if now - self._marked.get(id, float("-inf")) < SEEN_AGAIN_SECONDS:
                continue
            if not self._pending:
                self._since = now
            self._pending[id] = None
            self._marked[id] = now
            self._marked.move_to_end(id)
            if len(self._marked) > REMEMBERED:
                self._marked.popitem(last=False)

    def wait(self, now: float) -> float | None:
        """In how many seconds there is something to write; None while nobody saw anything new."""
        if not self._pending:
            return None
        return 0.0 if len(self._pending) >= AT_ONCE else max(self._since + EVERY_SECONDS - now, 0.0)

    async def write(self, server: Server) -> None:
        """Mark what was seen, and tell the ledger what of it nobody had seen before."""
        ids, self._pending = list(self._pending), {}
        for start in range(0, len(ids), AT_ONCE):
            async with server.write() as tx:
                fresh = await arrivals.see(tx, ids[start : start + AT_ONCE])
                await _book(tx, server, fresh)


async def _book(tx: Tx, server: Server, fresh: Iterable[int]) -> None:
    sources, relays, tags = await materials.sources(tx, list(fresh))
    hosts = Counter(one.domain for one in sources)
    followed = Counter(one.account_id for one in sources if one.followed)

    def book() -> None:
        for host, seen in hosts.items():
            server.ledger.book("host", host, seen=seen)
        for account_id, seen in followed.items():
            server.ledger.book("account", account_id, seen=seen)
        for relay_id, seen in Counter(relays).items():
            server.ledger.book("relay", relay_id, seen=seen)
        for tag, seen in Counter(tags).items():
            server.ledger.book("tag", tag, seen=seen)

    tx.after_commit(book)
