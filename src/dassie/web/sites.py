"""What pages say about this server; figures are counted at most once in ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from dassie import __version__
from dassie.server import Server
from dassie.store import figures
from dassie.store import settings as settings_store
from dassie.store.figures import Figures
from dassie.store.tx import Database, Tx
from dassie.web.shown import Site

COUNTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Counted:
    at: datetime
    figures: Figures


_counted: WeakKeyDictionary[Database, _Counted] = WeakKeyDictionary()


async def read(tx: Tx, server: Server) -> Site:
    """This server as pages show it."""
    said = await settings_store.instance(tx)
    known = await _figures(tx, server)
    return Site(
        title=said.title or server.urls.domain,
        domain=server.urls.domain,
        version=__version__,
        description=said.short_description,
        rules=[rule.text for rule in said.rules],
        contact=said.contact_email,
        statuses=known.statuses,
        people=known.people,
        peers=known.peers,
        claimed=known.owners > 0,
    )


async def _figures(tx: Tx, server: Server) -> Figures:
    known = _counted.get(server.db)
    if known is None or tx.now - known.at > COUNTED_EVERY or not known.figures.owners:
        known = _Counted(tx.now, await figures.count(tx))
        _counted[server.db] = known
    return known.figures
