"""What pages say about this server; figures are counted at most once in ten minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from dassie import __version__
from dassie.domain.settings import InstanceSettings
from dassie.server import Server
from dassie.store import figures
from dassie.store import settings as settings_store
from dassie.store.figures import Figures
from dassie.store.tx import Database, Tx
from dassie.web.shown import Site

COUNTED_EVERY = timedelta(minutes=10)
READ_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Known:
    count_again: datetime
    read_again: datetime
    figures: Figures
    settings: InstanceSettings


_kept: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


async def read(tx: Tx, server: Server) -> Site:
    """This server as pages show it."""
    known = await _known(tx, server)
    said = known.settings
    return Site(
        title=said.title or server.urls.domain,
        domain=server.urls.domain,
        version=__version__,
        description=said.short_description,
        rules=[rule.text for rule in said.rules],
        contact=said.contact_email,
        statuses=known.figures.statuses,
        people=known.figures.people,
        peers=known.figures.peers,
        claimed=known.figures.owners > 0,
        sign_up=said.registrations != "none",
        mails=server.mail.on,
    )


async def _known(tx: Tx, server: Server) -> _Known:
    """Kept for a while: neither changes often, and every page needs them."""
    known = _kept.get(server.db)
    if known is None or tx.now >= known.count_again or not known.figures.owners:
        fresh = await figures.count(tx)
        known = _Known(tx.now + COUNTED_EVERY, tx.now + READ_EVERY, fresh, await settings_store.instance(tx))
    elif tx.now >= known.read_again:
        known = replace(known, read_again=tx.now + READ_EVERY, settings=await settings_store.instance(tx))
    _kept[server.db] = known
    return known
