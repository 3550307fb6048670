"""All that answers a post of another server, wherever it is: the lists of answers are followed from post to post.

What a list says is believed as a list of ids only. Each post is asked for at its own id, and stays here where it
answers one that is in the thread; its author stays a stranger until somebody looks. All of it has bounds
(`domain/threads.py`), takes strangers' turns, and ends where there is no room for strangers.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable

import structlog
from msgspec import Struct, structs

from dassie.domain.arrivals import Reason
from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import DassieError
from dassie.domain.jobs import FetchThread
from dassie.domain.threads import MOST_BYTES, MOST_OF_ONE_POST, MOST_PAGES, MOST_POSTS, SECONDS
from dassie.federation import receiving
from dassie.federation.remote import remote_of
from dassie.federation.turnstile import turn
from dassie.federation.vocab.collections import CollectionDoc
from dassie.federation.vocab.notes import NoteDoc
from dassie.federation.vocab.values import host_of
from dassie.jobs.current import charge, finish_with, spent
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import watching
from dassie.store import senders, statuses, thread_fetches
from dassie.store.views import StatusRow

log = structlog.get_logger("threads")

AT_ONCE = 6
AT_ONCE_OF_HOST = 2
MOST_MISSES = 10
"""So many failures and posts of no use in a row, and the host is left alone."""
MOST_LOOSE = 200
"""Posts that answer something not seen yet; they wait for it in memory."""
REPORT_SECONDS = 1.0


class Piece(Struct, frozen=True):
    """Something to be asked for."""

    uri: str
    of: str = ""
    """Whose list this is a page of; empty: it is a post."""
    left: int = 0
    """So many more ids are taken of that list."""


@handles(FetchThread)
async def fetch_thread(server: Server, job: FetchThread) -> None:
    """Read a thread as a whole; those who have it open see posts come."""
    async with server.read() as tx:
        known = await thread_fetches.of(tx, job.status_id)
        row = await statuses.by_id(tx, job.status_id)
    if known is None or known.token != job.token or not known.running(server.clock.now()):
        return
    walk = Walk(server, row, job.token) if row is not None and row.visibility in REBLOGGABLE else None
    try:
        if walk is not None and row is not None:
            charge("host", host_of(row.uri))
            async with asyncio.timeout(SECONDS):
                await walk.begin()
                await walk.go()
            server.counters.add("threads.read")
    except TimeoutError:
        server.counters.add("threads.late")
    except DassieError as error:
        server.counters.add("threads.refused")
        log.debug("a thread was not given", why=error.safe)
    async with server.write() as tx:
        await thread_fetches.finish(tx, job.status_id, job.token, walk.came if walk is not None else 0)
        await finish_with(tx)
    if walk is not None:
        walk.tell()


class Walk:
    """One thread on its way in. `go` returns when nothing is left, or a bound is reached."""

    def __init__(self, server: Server, row: StatusRow, token: str) -> None:
        self.came = 0
        self._server = server
        self._remote = remote_of(server)
        self._row = row
        self._token = token
        self._thread = {row.uri: row.uri, row.url or row.uri: row.uri}
        """Posts that are in it: their ids by their ids and pages, since some answer a page."""
        self._named: set[str] = {row.uri}
        """Posts that were named before, and are not asked for again."""
        self._lists: set[str] = set()
        """The same of pages of lists."""
        self._waiting: deque[Piece] = deque()
        self._loose: dict[str, list[NoteDoc]] = {}
        """By what they answer."""
        self._loose_count = 0
        self._at: Counter[str] = Counter()
        self._misses: Counter[str] = Counter()
        self._told = 0
        self._reported_at = server.clock.monotonic()

    async def begin(self) -> None:
        """Ask for the opened post itself; raises where its server does not give it."""
        note = await self._remote.note(self._row.uri)
        self._follow(note)
        context = note.context if note.context and host_of(note.context) else None
        if context is not None and host_of(context) not in self._own:
            self._read_on(Piece(context, of=context, left=MOST_POSTS))

    async def go(self) -> None:
        """Ask for all that is named, some at once, and for what that names."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                while len(running) < AT_ONCE and (piece := self._next()) is not None:
                    running.add(asyncio.create_task(self._do(piece)))
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                await self._report()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def tell(self) -> None:
        """Those who opened the thread hear what came since they last did."""
        new, self._told = self.came - self._told, self.came
        if new:
            watching.tell_opened(self._server, "thread", self._row.id, new, within=SECONDS)

    # What to ask for --------------------------------------------------------------------------------------

    def _next(self) -> Piece | None:
        """The first whose host has a place; those of hosts that are left alone are dropped."""
        if not self._server.room.for_strangers or spent() >= MOST_BYTES:
            self._waiting.clear()
        kept: list[Piece] = []
        chosen = None
        while self._waiting and chosen is None:
            piece = self._waiting.popleft()
            host = host_of(piece.uri)
            if self._misses[host] >= MOST_MISSES or self._server.hosts.paused_until(host):
                continue
            if self._at[host] >= AT_ONCE_OF_HOST:
                kept.append(piece)
            else:
                self._at[host] += 1
                chosen = piece
        self._waiting.extendleft(reversed(kept))
        return chosen

    def _name(self, ids: Iterable[str]) -> None:
        """Have these posts asked for."""
        new = [id for id in dict.fromkeys(ids) if id not in self._named and host_of(id) and receiving.fits(id)]
        new = new[: max(MOST_POSTS + 1 - len(self._named), 0)]  # the opened one is not counted
        self._named.update(new)
        self._waiting.extend(Piece(id) for id in new)

    def _follow(self, note: NoteDoc) -> None:
        """Have the answers to a post of the thread asked for."""
        self._name(note.replies)
        if note.replies_more is not None:
            self._read_on(Piece(note.replies_more, of=note.uri, left=MOST_OF_ONE_POST))

    def _read_on(self, piece: Piece) -> None:
        """Have a page of a list read, once."""
        if piece.uri not in self._lists and len(self._lists) < MOST_PAGES:
            self._lists.add(piece.uri)
            self._waiting.append(piece)

    @property
    def _own(self) -> frozenset[str]:
        return frozenset({self._server.urls.domain, host_of(self._server.urls.base)})

    # Asking ------------------------------------------------------------------------------------------------

    async def _do(self, piece: Piece) -> None:
        host = host_of(piece.uri)
        try:
            await turn(self._server)
            useful = await (self._read_list(piece) if piece.of else self._read_post(piece.uri))
            self._misses[host] = 0 if useful else self._misses[host] + 1
        except DassieError:
            self._misses[host] += 1
        finally:
            self._at[host] -= 1

    async def _read_list(self, piece: Piece) -> bool:
        """Have what a page of a list names asked for, and the page after it."""
        found: CollectionDoc = await self._remote.collection(piece.uri, of=piece.of, limit=MOST_OF_ONE_POST)
        ids = list(found.item_ids)
        if found.first_page is not None:
            ids += found.first_page.item_ids
        self._name(ids[: piece.left])
        inner = found.first_page.next if found.first_page is not None else found.first
        following = found.next or (None if found.items else inner)
        left = piece.left - len(ids)
        if following is not None and left > 0:
            self._read_on(Piece(following, of=piece.of, left=left))
        return True

    async def _read_post(self, uri: str) -> bool:
        """Take a post that a list named, as soon as what it answers is in the thread."""
        if host_of(uri) in self._own:
            return await self._take_own(uri)
        note = await self._remote.note(uri)
        if note.in_reply_to is None or note.vote is not None or not note.audience.is_public:
            return False
        if note.in_reply_to in self._thread:
            await self._take(note)
        elif self._loose_count < MOST_LOOSE:
            self._loose_count += 1
            self._loose.setdefault(note.in_reply_to, []).append(note)
        return True

    async def _take(self, note: NoteDoc) -> None:
        """Store a post that is in the thread, and those that waited for it."""
        ready = [note]
        while ready:
            note = ready.pop()
            note = structs.replace(note, in_reply_to=self._thread[note.in_reply_to or ""])
            async with self._server.read() as tx:
                known = await senders.known_statuses(tx, [note.uri])
            await turn(self._server)
            try:
                await self._remote.take_note(note, reason=Reason.CONTEXT, thorough=False)
            except DassieError as error:
                log.debug("a post of a thread was not taken", uri=note.uri, why=error.safe)
                continue
            self.came += note.uri not in known
            ready += self._joined(note.uri, note.url)
            self._follow(note)

    async def _take_own(self, uri: str) -> bool:
        """One of ours in between: it is here, and so are the answers to it that were sent to us."""
        uri = receiving.own_status_uri(self._server.urls, uri)
        async with self._server.read() as tx:
            row = await statuses.by_uri(tx, uri)
        if row is None or row.in_reply_to_uri not in self._thread:
            return False
        for note in self._joined(row.uri, row.url):
            await self._take(note)
        return True

    def _joined(self, uri: str, url: str | None) -> list[NoteDoc]:
        """It is in the thread now; what waited for it."""
        names = {uri, url or uri}
        self._thread |= dict.fromkeys(names, uri)
        found = [note for name in names for note in self._loose.pop(name, [])]
        self._loose_count -= len(found)
        return found

    async def _report(self) -> None:
        """Say now and then how many came."""
        now = self._server.clock.monotonic()
        if self.came > self._told and now - self._reported_at >= REPORT_SECONDS:
            self._reported_at = now
            async with self._server.write() as tx:
                await thread_fetches.came(tx, self._row.id, self._token, self.came)
            self.tell()
