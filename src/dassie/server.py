"""The running server: handed to every call and every job, complete when built."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from dassie.config import Config
from dassie.domain.urls import Urls
from dassie.ports import Clock, Event, Http, MediaFiles, MediaTools, Remote, Streams
from dassie.store.costs import Ledger
from dassie.store.counters import Counters
from dassie.store.hosts import Hosts
from dassie.store.room import Room
from dassie.store.tx import Database, Tx


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
    counters: Counters
    hosts: Hosts
    """How other servers do; shared by all that asks them."""
    ledger: Ledger
    room: Room
    unindexed: asyncio.Event
    """Set when statuses wait for the search index."""

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
