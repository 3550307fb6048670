"""Who looks at what, in memory: what is to be fetched because of it, and whom to tell when it came.

Reading a page costs a few dictionary steps here, no query and no wait. What this process forgets is only
fetched at the next look.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from dassie.domain.ids import AccountId
from dassie.ports import Event
from dassie.server import PerServer, Server
from dassie.store.materials import Seen

MOST_SHOWN = 4_000
MOST_LOOKERS = 50
"""Of one thing; the latest are told."""
MOST_WAITING = 1_000
MOST_TRIED = 10_000
MOST_UNDER_WAY = 500
"""Things on their way because somebody looked; above, a thing is left to the next look."""
LOOKING_SECONDS = 60.0
"""So long after a look somebody still has it before them."""
AGAIN_SECONDS = 60.0
"""A thing is asked for at most so often, whatever came of it."""
FAILED_SECONDS = 900.0
FORGOTTEN_SECONDS = 180.0
"""What was put into the queue and not heard of again."""

Opened = Literal["thread", "profile"]


@dataclass(slots=True)
class _Shown:
    """A status on somebody's page."""

    lookers: dict[int, float] = field(default_factory=dict)
    """When each of them looked, the latest last."""
    author_id: int = 0
    attended: float = float("-inf")


@dataclass(slots=True)
class Asked:
    """What people looked at since the last time somebody took care of it."""

    statuses: list[int]
    profiles: list[int]
    threads: list[int]


class Looks:
    """What is looked at in this process. Times are seconds that only grow."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._shown: OrderedDict[int, _Shown] = OrderedDict()
        self._opened: OrderedDict[tuple[Opened, int], dict[int, float]] = OrderedDict()
        self._waiting: dict[int, None] = {}
        self._waiting_opened: dict[tuple[Opened, int], None] = {}
        self._not_before: OrderedDict[str, float] = OrderedDict()
        self._under_way: OrderedDict[str, float] = OrderedDict()

    # Looking ----------------------------------------------------------------------------------------

    def saw(self, viewer: int, statuses: Iterable[int], now: float) -> None:
        """Somebody is shown these statuses."""
        for id in statuses:
            shown = self._shown.get(id)
            if shown is None:
                shown = self._shown[id] = _Shown()
                if len(self._shown) > MOST_SHOWN:
                    self._shown.popitem(last=False)
            else:
                self._shown.move_to_end(id)
            _note(shown.lookers, viewer, now)
            if now - shown.attended >= AGAIN_SECONDS and len(self._waiting) < MOST_WAITING:
                self._waiting[id] = None
                self.news.set()

    def opened(self, viewer: int, what: Opened, id: int, now: float) -> None:
        """Somebody opened a thread (by the status in its middle) or a profile."""
        lookers = self._opened.setdefault((what, id), {})
        self._opened.move_to_end((what, id))
        if len(self._opened) > MOST_WAITING:
            self._opened.popitem(last=False)
        _note(lookers, viewer, now)
        if self.may_try(f"open {what} {id}", now) and len(self._waiting_opened) < MOST_WAITING:
            self.not_before(f"open {what} {id}", now + AGAIN_SECONDS)
            self._waiting_opened[what, id] = None
            self.news.set()

    # Attending --------------------------------------------------------------------------------------

    def take(self, most: int, now: float) -> Asked:
        """What is to be attended to now, at most `most` statuses; the rest stays."""
        self.news.clear()
        ids = list(self._waiting)[:most]
        for id in ids:
            del self._waiting[id]
            if (shown := self._shown.get(id)) is not None:
                shown.attended = now
        if self._waiting:
            self.news.set()
        opened, self._waiting_opened = self._waiting_opened, {}
        return Asked(
            ids,
            [id for what, id in opened if what == "profile"],
            [id for what, id in opened if what == "thread"],
        )

    def note(self, found: Iterable[Seen], now: float) -> None:
        """Remember whose these statuses are, and that who looks at a reblog looks at what it shows."""
        for one in found:
            shown = self._shown.get(one.id)
            if shown is None:
                continue
            shown.author_id = one.account_id
            if one.reblog_of_id is not None:
                original = self._shown.setdefault(one.reblog_of_id, _Shown())
                self._shown.move_to_end(one.reblog_of_id)
                original.attended = now
                for viewer, at in shown.lookers.items():
                    _note(original.lookers, viewer, at)
        while len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)

    def may_try(self, key: str, now: float) -> bool:
        """Whether a thing may be asked for again."""
        return self._not_before.get(key, float("-inf")) <= now

    def not_before(self, key: str, at: float) -> None:
        """Do not ask for a thing until then."""
        self._not_before[key] = at
        self._not_before.move_to_end(key)
        if len(self._not_before) > MOST_TRIED:
            self._not_before.popitem(last=False)

    def begin(self, key: str, now: float) -> bool:
        """Whether a thing may be put into the queue now; then it is under way."""
        while self._under_way and now - next(iter(self._under_way.values())) > FORGOTTEN_SECONDS:
            self._under_way.popitem(last=False)
        if key in self._under_way or len(self._under_way) >= MOST_UNDER_WAY:
            return False
        self._under_way[key] = now
        return True

    def end(self, key: str) -> None:
        """It is over, whatever came of it."""
        self._under_way.pop(key, None)

    # Telling ----------------------------------------------------------------------------------------

    def watchers(self, status_id: int, now: float) -> list[int]:
        """Who has this status before them."""
        shown = self._shown.get(status_id)
        return _latest(shown.lookers, now) if shown is not None else []

    def shown_of(self, author_id: int, now: float) -> list[int]:
        """Statuses by this account that somebody has before them."""
        found = []
        for id, shown in reversed(self._shown.items()):
            if not _latest(shown.lookers, now):
                break  # they stand in the order of the last look
            if shown.author_id == author_id:
                found.append(id)
        return found

    def openers(self, what: Opened, id: int, now: float, within: float = LOOKING_SECONDS) -> list[int]:
        """Who has this thread or profile open, or opened it `within` so many seconds."""
        return _latest(self._opened.get((what, id), {}), now, within)


def _note(lookers: dict[int, float], viewer: int, at: float) -> None:
    lookers.pop(viewer, None)
    lookers[viewer] = at
    if len(lookers) > MOST_LOOKERS:
        del lookers[next(iter(lookers))]


def _latest(lookers: dict[int, float], now: float, within: float = LOOKING_SECONDS) -> list[int]:
    return [viewer for viewer, at in lookers.items() if now - at <= within]


looks_of = PerServer(lambda _: Looks())
"""What people look at on this running server."""


# For the doors --------------------------------------------------------------------------------------


def look(
    server: Server,
    viewer: AccountId | None,
    statuses: Collection[int] = (),
    *,
    thread: int | None = None,
    profile: int | None = None,
) -> None:
    """Somebody was given these statuses, the thread around one, or a profile. Nothing happens for guests."""
    if viewer is None:
        return
    looks, now = looks_of(server), server.clock.monotonic()
    looks.saw(viewer, statuses, now)
    if thread is not None:
        looks.opened(viewer, "thread", thread, now)
    if profile is not None:
        looks.opened(viewer, "profile", profile, now)


# For what was fetched -------------------------------------------------------------------------------


def tell_status(server: Server, status_id: int) -> None:
    """Those who have this status before them hear that it changed."""
    looks, now = looks_of(server), server.clock.monotonic()
    for viewer in looks.watchers(status_id, now):
        server.streams.publish(f"user:{viewer}", Event("status.update", status_id))


def tell_account(server: Server, account_id: int, *, only_counts: bool) -> None:
    """The same for all that somebody wrote, and for their open profile.

    Pages show no counts beside posts: `only_counts` spares them a look.
    """
    looks, now = looks_of(server), server.clock.monotonic()
    extra = {"only_counts": True} if only_counts else {}
    for status_id in looks.shown_of(account_id, now):
        for viewer in looks.watchers(status_id, now):
            server.streams.publish(f"user:{viewer}", Event("status.update", status_id, account_id, extra))
    tell_opened(server, "profile", account_id)


def tell_opened(server: Server, what: Opened, id: int, came: int = 0, *, within: float = LOOKING_SECONDS) -> None:
    """Those who have a thread or profile open hear that it changed, and how many posts came to it."""
    looks, now = looks_of(server), server.clock.monotonic()
    for viewer in looks.openers(what, id, now, within):
        server.streams.publish(f"user:{viewer}", Event(what, id, extra={"count": came}))
