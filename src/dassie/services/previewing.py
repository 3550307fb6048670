"""Link cards: asked for when somebody here first looks at a status, once per address, slowly per site (need N22).

A relay may bring ten thousand posts with the same link: nobody's server hears of it before a person looks, and then
it hears once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from dassie.domain.buckets import Buckets
from dassie.domain.cards import card_url
from dassie.domain.html import links as links_in
from dassie.domain.jobs import FetchCard
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.services import picturing_cards
from dassie.services.watching import Looks
from dassie.store import cards, queue
from dassie.store.cards import Link, Unread
from dassie.store.counters import Counters
from dassie.store.tx import Tx

SITE_AT_ONCE = 6
SITE_A_MINUTE = 12.0
"""Pages of one site; more wait for their turn."""
LONGEST_WAIT = 600.0
"""Seconds; what would have to wait longer is left to another look."""
SITES = 4_000
UNDER_WAY = timedelta(hours=1)
"""A fetch that was planned is not planned again before; a crash loses it for no longer."""
UNUSED = timedelta(days=30)
FORGOTTEN_AT_ONCE = 500

_PACES: WeakKeyDictionary[Counters, Buckets] = WeakKeyDictionary()


async def attend(server: Server, looks: Looks, ids: Collection[int]) -> None:
    """Somebody looks at these statuses: find their links, show the cards that are known, fetch those that are not."""
    if not server.config.link_cards:
        return
    async with server.read() as tx:
        unread = await cards.unread(tx, ids)
        due = await cards.due(tx, ids)
    if not unread and not due:
        return
    async with server.write() as tx:
        found = await _attach(tx, server, unread)
        for link in {link.id: link for link in [*found, *due]}.values():
            if link.next_at <= tx.now:
                await _plan(tx, server, looks, link)


def host_of(url: str) -> str:
    """The server of an address, by which it is paced and left in peace."""
    return urlsplit(url).netloc.lower()


def chosen(server: Server, content: str) -> str | None:
    """The first address in a status that may have a card: not one of this server."""
    ours = {server.urls.domain.lower(), host_of(server.urls.base)}
    for address in links_in(content):
        url = card_url(address)
        if url is not None and host_of(url) not in ours:
            return url
    return None


async def _attach(tx: Tx, server: Server, unread: list[Unread]) -> list[Link]:
    """Note which link each status is shown with; the links."""
    urls = {one.id: chosen(server, one.content) for one in unread}
    known = await cards.links(tx, [url for url in urls.values() if url is not None])
    shown = []
    for id, url in sorted(urls.items()):
        link = known.get(url or "")
        if await cards.attach(tx, id, link.id if link else None) and link and link.card_id is not None:
            shown.append(id)
    await cards.touch(tx, shown)
    picturing_cards.tell(tx, server, shown)
    return list(known.values())


async def _plan(tx: Tx, server: Server, looks: Looks, link: Link) -> None:
    host, now = host_of(link.url), server.clock.monotonic()
    if server.hosts.paused_until(host):
        return
    bucket = _paces(server).of(host, SITE_A_MINUTE / 60.0, SITE_AT_ONCE, now)
    wait = bucket.wait(1.0, now)
    if wait > LONGEST_WAIT or not looks.begin(f"card {link.id}", now):
        return
    at = tx.now + timedelta(seconds=wait) if wait else None
    if await queue.enqueue(tx, FetchCard(link_id=link.id), host=host, run_at=at, unique=str(link.id)):
        bucket.take(1.0, now)
        await cards.set_next(tx, link.id, tx.now + UNDER_WAY, link.failures)


def _paces(server: Server) -> Buckets:
    found = _PACES.get(server.counters)
    if found is None:
        found = _PACES[server.counters] = Buckets(SITES)
    return found


@recurs(timedelta(days=1))
async def forget_unused(server: Server) -> None:
    """Drop links that no status has any more, and their cards."""
    while True:
        async with server.write() as tx:
            gone = await cards.forget_unused(tx, tx.now - UNUSED, FORGOTTEN_AT_ONCE)
        if gone < FORGOTTEN_AT_ONCE:
            return
