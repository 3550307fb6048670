"""Reading a page for its card: the page, its oEmbed description, its author, its picture."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog
from msgspec import structs

from dassie.domain import charsets
from dassie.domain.cards import Details, card_url, may_credit
from dassie.domain.errors import DassieError, NotFound, RemoteFailed
from dassie.domain.ids import AccountId
from dassie.domain.jobs import FetchCard
from dassie.domain.oembed import read_oembed
from dassie.domain.page_details import read_page
from dassie.jobs.current import finish_with, spend
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import picturing_cards
from dassie.services.caching_media import CACHE
from dassie.services.previewing import host_of
from dassie.services.watching import looks_of
from dassie.store import accounts, cards, profiles, senders
from dassie.store.cards import Link

log = structlog.get_logger("cards")

PAGE_SECONDS = 15.0
OEMBED_SECONDS = 8.0
PAGE_BYTES = 1_000_000
"""So much of a page is read; what it says of itself stands at its beginning."""
SENT_BYTES = 50_000_000
OEMBED_BYTES = 200_000
PAGES = ("text/html", "application/xhtml+xml")
FRESH = timedelta(days=14)
WITHOUT = timedelta(days=7)
PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""After so many failures in a row."""
_LASTING = frozenset({"blocked_address", "too_large", "redirects", "content_type", "malformed"})


@handles(FetchCard)
async def fetch_card(server: Server, job: FetchCard) -> None:
    """Read the page behind a link, unless it is left in peace by now; statuses with it show what it says."""
    try:
        async with server.read() as tx:
            link = await cards.link(tx, job.link_id)
            refused = link is not None and await senders.is_suspended(tx, host_of(link.url).partition(":")[0])
        if link is None:
            return
        if refused:
            await _failed(server, link, lasting=True)
            return
        try:
            details = await _read(server, link.url)
        except (RemoteFailed, NotFound) as failure:
            log.debug("a page gave no card", url=link.url[:300], why=failure.safe)
            server.counters.add("cards.failed")
            await _failed(server, link, lasting=_is_lasting(failure))
            return
        await _keep(server, link, details)
        if details is not None and details.image_url:
            await _picture(server, details.image_url)
    finally:
        looks_of(server).end(f"card {job.link_id}")


async def _read(server: Server, url: str) -> Details | None:
    """What the page says; None where it says nothing for a card. Raises `RemoteFailed` or `NotFound`."""
    body, kind, final = await fetch_page(server, url)
    page = await asyncio.to_thread(lambda: read_page(charsets.decode(body, kind), card_url(final) or url))
    details = page.details
    if page.oembed_url:
        with contextlib.suppress(RemoteFailed):
            details = await _described(server, page.oembed_url, details) or details
    return details if details.title else None


async def fetch_page(server: Server, url: str) -> tuple[bytes, str, str]:
    """(its beginning, media type, final address) of a page. Raises `RemoteFailed` or `NotFound`."""
    body = bytearray()
    spend(requests=1)
    async with server.http.download(
        _over_tls(url), accept="text/html, application/xhtml+xml;q=0.9", max_bytes=SENT_BYTES, timeout=PAGE_SECONDS
    ) as answer:
        kind = answer.headers.get("content-type", "")
        if answer.code in (404, 410):
            raise NotFound("There is no such page")
        if answer.code != 200:
            raise RemoteFailed(f"The page answered {answer.code}", kind="http", code=answer.code)
        if kind.partition(";")[0].strip().lower() not in PAGES:
            raise RemoteFailed("This is no page", kind="content_type")
        async for chunk in answer.chunks():
            body += chunk
            if len(body) >= PAGE_BYTES:
                break
    spend(bytes=len(body))
    return bytes(body[:PAGE_BYTES]), kind, answer.url


async def _described(server: Server, endpoint: str, page: Details) -> Details | None:
    spend(requests=1)
    answer = await server.http.get(
        _over_tls(endpoint), accept="application/json", max_bytes=OEMBED_BYTES, timeout=OEMBED_SECONDS
    )
    spend(bytes=len(answer.body))
    return read_oembed(answer.body, endpoint, page) if answer.code == 200 else None


def _over_tls(url: str) -> str:
    """Sites that are linked to by http are asked by https: nothing is fetched in the clear."""
    return f"https://{url.removeprefix('http://')}" if url.startswith("http://") else url


async def _author(server: Server, details: Details) -> AccountId | None:
    """The account that the page names as its author, if it allows the page's domain to do so."""
    username, _, domain = details.creator.partition("@")
    if not domain:
        return None
    ours = domain in (server.urls.domain.lower(), host_of(server.urls.base))
    id: AccountId | None = None
    if ours:
        async with server.read() as tx:
            found = await accounts.by_name(tx, username)
        id = found.id if found is not None else None
    else:
        with contextlib.suppress(DassieError):
            id = await server.remote.account_by_handle(username, domain)
    if id is None:
        return None
    async with server.read() as tx:
        account = await accounts.by_id(tx, id)
        source = await profiles.source(tx, id)
    if account is None or account.suspended_at is not None:
        return None
    return id if may_credit(source.attribution_domains, details.url) else None


async def _keep(server: Server, link: Link, details: Details | None) -> None:
    if details is None:
        async with server.write() as tx:
            await cards.set_next(tx, link.id, tx.now + WITHOUT, 0)
            await finish_with(tx)
        return
    author = await _author(server, details)
    kept = structs.replace(details, url=details.url or link.url)
    async with server.write() as tx:
        shown = await cards.keep(tx, link.id, kept, author, tx.now + FRESH)
        picturing_cards.tell(tx, server, shown)
        if not kept.image_url:
            await finish_with(tx)
    server.counters.add("cards.fetched")


async def _picture(server: Server, url: str) -> None:
    """Fetch the picture now, as whoever looks wants it; what is none is not shown."""
    try:
        if await CACHE.kept(server, "card", url) is None:
            spend(requests=1)
            file = await CACHE.fetch(server, "card", url).done()
            spend(bytes=file.size)
    except (RemoteFailed, NotFound) as failure:
        if _is_lasting(failure):
            await picturing_cards.without_picture(server, url)
    except DassieError as error:  # no room, or too many at once: the reader's browser tries again
        log.debug("the picture of a card was not fetched", url=url[:300], why=error.safe)


async def _failed(server: Server, link: Link, *, lasting: bool) -> None:
    failures = min(link.failures + 1, len(PAUSES))
    pause = PAUSES[-1] if lasting else PAUSES[failures - 1]
    async with server.write() as tx:
        await cards.set_next(tx, link.id, tx.now + pause, failures)
        await finish_with(tx)


def _is_lasting(failure: DassieError) -> bool:
    if isinstance(failure, RemoteFailed):
        refused = failure.code is not None and 400 <= failure.code < 500 and failure.code not in (408, 425, 429)
        return failure.kind in _LASTING or refused
    return True
