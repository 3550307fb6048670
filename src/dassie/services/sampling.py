"""Counting what relays on trial bring; in memory, with bounds, saved by who counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from dassie.domain.ids import to_ms
from dassie.domain.relays import Offer
from dassie.domain.trials import Sample
from dassie.server import PerServer

MOST_AUTHORS = 50_000
MOST_NAMES = 2_000
MOST_URLS = 400


class Counting:
    """What one relay brought so far."""

    def __init__(self, began: datetime) -> None:
        self.fetched = 0
        """Announced statuses that are being fetched to look at."""
        self.saved_at = 0.0
        self.urls: list[str] = []
        self._sample = Sample(began_ms=to_ms(began))
        self._authors: set[str] = set()
        self._languages: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()

    def offered(self, offer: Offer) -> None:
        """Something came."""
        self._sample.offered += 1
        self._sample.bytes += offer.bytes
        _count(self._hosts, offer.host)

    def looked_at(self, offer: Offer, files: Sequence[str], *, wanted: bool) -> None:
        """What it is, is known."""
        found = self._sample
        found.looked_at += 1
        found.with_media += bool(files)
        found.files += len(files)
        found.wanted += wanted
        _count(self._languages, offer.language or "")
        if offer.author is not None and len(self._authors) < MOST_AUTHORS:
            self._authors.add(offer.author)
        if files and len(self.urls) < MOST_URLS:
            self.urls.append(files[0])

    def sample(self, now: datetime) -> Sample:
        """The figures as they are now."""
        found = self._sample
        found.ended_ms = to_ms(now)
        found.authors = len(self._authors)
        found.languages = dict(self._languages.most_common(50))
        found.hosts = dict(self._hosts.most_common(50))
        return found


class Samples:
    """By relay."""

    def __init__(self) -> None:
        self._countings: dict[int, Counting] = {}

    def of(self, relay_id: int, now: datetime) -> Counting:
        """What is counted of this relay; begun now where it is the first."""
        found = self._countings.get(relay_id)
        if found is None:
            found = self._countings[relay_id] = Counting(now)
        return found

    def forget(self, relay_id: int) -> None:
        """Its trial is over."""
        self._countings.pop(relay_id, None)


def _count(names: Counter[str], name: str) -> None:
    if name in names or len(names) < MOST_NAMES:
        names[name] += 1


samples_of = PerServer(lambda _: Samples())
"""The samples of this running server."""
