"""Making room: what nobody has looked at for longest goes first, files and posts of other servers by one order.

Both have a time: a file when it was last seen, a post its rank (`domain/arrivals.py`). What is kept is passed over
(`store/evicting.py`); pictures of people that somebody here follows, or who follow somebody here, go last of all.
All of it in small steps, so that nobody waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from dassie.domain.jobs import FreeRoom
from dassie.domain.storage import POST
from dassie.jobs.registry import handles
from dassie.ports import Event
from dassie.server import Server
from dassie.store import cached_files, evicting
from dassie.store.cached_files import OldFile
from dassie.store.evicting import OldPost
from dassie.store.tx import Tx

LOOKED_AT = 50
"""So many files and posts are read at once."""
FILES_AT_ONCE = 20
POSTS_AT_ONCE = 10
PAUSE = 0.005
"""Seconds between two steps: others go first."""
MOST_POSTPONED = 2_000
MOST_PREVIEWED = 100_000
STRANGERS_AT_ONCE = 50
STRANGERS_STAY = timedelta(days=7)
"""An account of which nothing is left stays so long after it was read."""

Thing = OldFile | OldPost


class Need(Struct, frozen=True):
    """How many bytes are to go."""

    total: int
    """Of anything."""
    disk: int = 0
    """Of files: the database's own file does not become smaller."""


class Gone(Struct):
    """What went, or would go."""

    kinds: dict[str, tuple[int, int]]
    """(number, bytes) by kind."""
    hosts: dict[str, int]
    """Bytes by host."""
    oldest_left: datetime | None = None
    """When what would be next was last seen."""
    enough: bool = True
    """False: nothing more may go, and it is not enough."""
    more: bool = False
    """True: it is more than this, but nobody counted on."""

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.kinds.values())

    @property
    def files_bytes(self) -> int:
        return sum(size for kind, (_, size) in self.kinds.items() if kind != POST)

    def add(self, things: Sequence[Thing]) -> None:
        """Count these too."""
        for thing in things:
            kind, size = (thing.kind, thing.size) if isinstance(thing, OldFile) else (POST, thing.bytes)
            number, bytes = self.kinds.get(kind, (0, 0))
            self.kinds[kind] = (number + 1, bytes + size)
            self.hosts[thing.host] = self.hosts.get(thing.host, 0) + size

    def biggest_hosts(self, most: int = 10) -> list[tuple[str, int]]:
        """(host, bytes), the biggest first."""
        return Counter(self.hosts).most_common(most)


def nothing() -> Gone:
    """Nothing went yet."""
    return Gone({}, {})


class Sweep:
    """Goes once through all that may go, the least recently seen first. It may be left and taken up again."""

    def __init__(self) -> None:
        self._after_file: tuple[datetime, bytes] | None = None
        self._after_post: tuple[datetime, int] | None = None
        self._files: deque[tuple[OldFile, bool]] = deque()
        self._posts: deque[tuple[OldPost, bool]] = deque()
        self._no_more = {"files": False, "posts": False}
        self._postponed: deque[OldFile] = deque()

    def rest(self) -> None:
        """Forget what was read ahead: it may be seen, or kept, until we go on."""
        self._no_more = {"files": False, "posts": False}
        self._files.clear()
        self._posts.clear()
        self._postponed.clear()

    async def next(self, server: Server, *, files_only: bool = False) -> Thing | None:
        """What goes next; None where nothing more may."""
        while (thing := await self._ahead(server, files_only=files_only)) is not None:
            taken, goes = self._take(thing)
            if goes:
                return taken
        return self._postponed.popleft() if self._postponed else None

    async def peek(self, server: Server) -> datetime | None:
        """When what goes next was last seen."""
        while (thing := await self._ahead(server, files_only=False)) is not None:
            if self._is_going(thing):
                return _time(thing)
            self._take(thing)
        return self._postponed[0].last_seen_at if self._postponed else None

    def _is_going(self, thing: Thing) -> bool:
        line = self._files if isinstance(thing, OldFile) else self._posts
        return line[0][1]

    def _take(self, thing: Thing) -> tuple[Thing, bool]:
        if isinstance(thing, OldFile):
            self._after_file = (thing.last_seen_at, thing.url_hash)
            return self._files.popleft()
        self._after_post = (thing.ranked_at, thing.id)
        return self._posts.popleft()

    async def _ahead(self, server: Server, *, files_only: bool) -> Thing | None:
        """The least recently seen of all that was not taken yet, kept or not."""
        if not self._files and not self._no_more["files"]:
            await self._read_files(server)
        if not files_only and not self._posts and not self._no_more["posts"]:
            await self._read_posts(server)
        heads: list[Thing] = [self._files[0][0]] if self._files else []
        if self._posts and not files_only:
            heads.append(self._posts[0][0])
        return min(heads, key=_time) if heads else None

    async def _read_files(self, server: Server) -> None:
        async with server.read() as tx:
            found = await cached_files.least_recent(tx, LOOKED_AT, self._after_file)
            staying = await evicting.kept_urls(tx, {one.url for one in found if one.kind in ("original", "small")})
            friends = await evicting.friends_urls(tx, {one.url for one in found if one.kind in ("avatar", "header")})
        self._no_more["files"] = len(found) < LOOKED_AT
        for one in found:
            self._files.append((one, one.url not in staying and one.url not in friends))
            if one.url in friends and len(self._postponed) < MOST_POSTPONED:
                self._postponed.append(one)

    async def _read_posts(self, server: Server) -> None:
        async with server.read() as tx:
            found = await evicting.oldest_posts(tx, LOOKED_AT, self._after_post)
            staying = await evicting.kept(tx, [one.id for one in found])
        self._no_more["posts"] = len(found) < LOOKED_AT
        self._posts.extend((one, one.id not in staying) for one in found)


async def make_room(
    server: Server, need: Need, sweep: Sweep | None = None, *, go_on: Callable[[], bool] = lambda: True
) -> Gone:
    """Remove what was not seen for longest until this need is met, or `go_on` says no; what went."""
    sweep = sweep or Sweep()
    gone = nothing()
    while (gone.bytes < need.total or gone.files_bytes < need.disk) and go_on():
        things = await _some(server, sweep, need, gone)
        if not things:
            gone.enough = False
            break
        done = await _remove_files(server, [one for one in things if isinstance(one, OldFile)])
        done += await _remove_posts(server, [one for one in things if isinstance(one, OldPost)])
        gone.add(done)
        await asyncio.sleep(PAUSE)
    sweep.rest()
    return gone


async def preview(server: Server, need: Need, *, most: int = MOST_PREVIEWED) -> Gone:
    """What `make_room` would remove, and the oldest view that would stay; counted up to `most` things."""
    sweep, gone, looked = Sweep(), nothing(), 0
    while gone.bytes < need.total or gone.files_bytes < need.disk:
        thing = await sweep.next(server, files_only=gone.bytes >= need.total)
        if thing is None:
            gone.enough = False
            return gone
        gone.add([thing])
        looked += 1
        if looked >= most:
            gone.more = True
            return gone
        if looked % LOOKED_AT == 0:
            await asyncio.sleep(0)
    gone.oldest_left = await sweep.peek(server)
    return gone


@handles(FreeRoom)
async def free_room(server: Server, job: FreeRoom) -> None:
    """Remove so many bytes of what was not seen for longest, as an admin asked."""
    gone = await make_room(server, Need(job.bytes))
    server.counters.add("storage.freed_bytes", gone.bytes)


async def remove_lonely(server: Server, after: int) -> int:
    """Remove some accounts of strangers of which nothing is left; where to go on, 0 at the end."""
    async with server.write() as tx:
        found = await evicting.strangers(tx, tx.now - STRANGERS_STAY, STRANGERS_AT_ONCE, after)
        gone = await evicting.take_away_lonely(tx, found)
    server.counters.add("storage.accounts_gone", len(gone))
    return found[-1] if len(found) == STRANGERS_AT_ONCE else 0


async def remove_posts(tx: Tx, server: Server, ids: Sequence[int]) -> evicting.Taken:
    """Remove those of these statuses of other servers that are not kept, as if they had never come; what went.

    In the unit `tx`; give it few at a time. Those who watch a home feed with one of them are told, nobody else.
    """
    taken = await evicting.take_away(tx, ids)
    for account_id, status_id in taken.shown:
        server.tell(tx, [f"user:{account_id}"], Event("delete", status_id))
    return taken


async def _some(server: Server, sweep: Sweep, need: Need, gone: Gone) -> list[Thing]:
    """As much as one step removes, and no more than is needed."""
    things: list[Thing] = []
    total, disk, posts = gone.bytes, gone.files_bytes, 0
    while len(things) < FILES_AT_ONCE and posts < POSTS_AT_ONCE and (total < need.total or disk < need.disk):
        thing = await sweep.next(server, files_only=total >= need.total)
        if thing is None:
            break
        things.append(thing)
        if isinstance(thing, OldFile):
            total, disk = total + thing.size, disk + thing.size
        else:
            total, posts = total + thing.bytes, posts + 1
    return things


async def _remove_files(server: Server, files: Sequence[OldFile]) -> list[Thing]:
    if not files:
        return []
    for file in files:  # before their rows: should we stop in between, a row without its file is fetched anew
        await server.media_files.delete(file.file_key)
    async with server.write() as tx:
        freed = await cached_files.forget(tx, files)
        tx.after_commit(lambda: server.room.stored(-freed))
    server.counters.add("storage.files_gone", len(files))
    server.counters.add("storage.file_bytes_gone", freed)
    return list(files)


async def _remove_posts(server: Server, posts: Sequence[OldPost]) -> list[Thing]:
    if not posts:
        return []
    async with server.write() as tx:
        taken = await remove_posts(tx, server, [post.id for post in posts])
        gone = await evicting.take_away_lonely(tx, taken.authors)
        tx.after_commit(lambda: server.room.reused(taken.bytes))
    server.counters.add("storage.posts_gone", len(taken.ids))
    server.counters.add("storage.post_bytes_gone", taken.bytes)
    server.counters.add("storage.accounts_gone", len(gone))
    went = set(taken.ids)
    return [post for post in posts if post.id in went]


def _time(thing: Thing) -> datetime:
    return thing.last_seen_at if isinstance(thing, OldFile) else thing.ranked_at
