"""The running server: handed to every call and every job, complete when built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from dassie.config import Config
from dassie.domain.urls import Urls
from dassie.ports import Clock, Event, Http, Mail, MediaFiles, MediaTools, Remote, Streams, Translator
from dassie.store.costs import Ledger
from dassie.store.counters import Counters
from dassie.store.hosts import Hosts
from dassie.store.room import Room
from dassie.store.tx import Database, Tx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """Everything a request or a job may use."""

    config: Config
    secret: bytes
    urls: Urls
    db: Database
    clock: Clock
    http: Http
    remote: Remote
    media_files: MediaFiles
    media_tools: MediaTools
    streams: Streams
    mail: Mail
    counters: Counters
    hosts: Hosts
    """How other servers do; shared by all that asks them."""
    ledger: Ledger
    room: Room
    unindexed: asyncio.Event
    """Set when statuses wait for the search index."""
    translator: Translator | None = None
    """None: nobody translates here."""

    def read(self) -> AbstractAsyncContextManager[Tx]:
        """Read what is committed."""
        return self.db.read()

    def write(self) -> AbstractAsyncContextManager[Tx]:
        """Change things in one unit; it is durable when the block is left."""
        return self.db.write()

    def tell(self, tx: Tx, channels: Sequence[str], event: Event) -> None:
        """Publish an event on these channels once the change is durable."""

        def publish() -> None:
            for channel in channels:
                self.streams.publish(channel, event)

        if channels:
            tx.after_commit(publish)


class PerServer(Generic[T]):
    """Something in memory of which each running server has its own, made when it is first asked for.

    For what only one module uses and what may be lost: caches, gates, figures on the way. It ends with its server.
    """

    def __init__(self, make: Callable[[Server], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[Counters, T] = WeakKeyDictionary()  # every server has counters of its own

    def __call__(self, server: Server) -> T:
        found = self._made.get(server.counters)
        if found is None:
            found = self._made[server.counters] = self._make(server)
        return found

    def forget(self, server: Server) -> None:
        """Begin anew, as another process would."""
        self._made.pop(server.counters, None)
