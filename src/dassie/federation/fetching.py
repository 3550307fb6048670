"""Fetching with others: one flight for all who want the same thing now, and a short memory of failures.

A boosted post makes many tasks want the same document within a second; a dead server makes them all wait.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dassie.domain.errors import RemoteFailed
from dassie.ports import Answer, Clock, Sign

NETWORK_SECONDS = 60.0
GONE_SECONDS = 300.0
MAX_PAUSE_SECONDS = 3600.0
MAX_REMEMBERED_URL = 2048
_GONE_CODES = frozenset({404, 410})
_LASTING_KINDS = frozenset({"blocked_address", "too_large", "redirects", "malformed"})

_Key = tuple[str, str, str, int]
"""URL, accept, who signs, limit of bytes: what makes two fetches the same."""


class Gets(Protocol):
    """What is wrapped: `Http`, or something that signs on the way to it."""

    async def get(
        self, url: str, *, accept: str, sign: Sign | None = None, max_bytes: int = 1_000_000, timeout: float = 30.0
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class _Failure:
    """What went wrong, without traceback and body, and until when we believe it."""

    outcome: Answer | RemoteFailed
    until: float


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Answer]
    waiters: int = 0


class Fetcher:
    """Wraps GETs. Close it before the client it uses."""

    def __init__(self, http: Gets, clock: Clock, *, max_failures: int = 2048) -> None:
        self._http = http
        self._clock = clock
        self._max_failures = max_failures
        self._flights: dict[_Key, _Flight] = {}
        self._failures: OrderedDict[_Key, _Failure] = OrderedDict()
        self._closed = False

    async def fetch(
        self,
        url: str,
        *,
        accept: str,
        sign: Sign | None = None,
        signed_by: str = "",
        cache_failures: bool = True,
        max_bytes: int = 1_000_000,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer; raises `RemoteFailed`. Either may be a failure that is remembered from a moment ago.

        `signed_by` names who signs (a key id): only fetches of one signer are shared. A signed fetch
        without it is made alone. A remembered answer has neither headers nor body.
        """
        if sign is not None and not signed_by:
            return await self._http.get(url, accept=accept, sign=sign, max_bytes=max_bytes, timeout=timeout)
        key = (url, accept, signed_by, max_bytes)
        if cache_failures and (failure := self._remembered(key)):
            return _outcome(failure)
        if flight := self._flights.get(key):
            return await self._ride(key, flight, cache_failures, timeout)
        return await self._ride(key, self._start(key, sign, timeout), cache_failures, None)

    async def close(self) -> None:
        """Ends the flights under way; who waits for them gets `RemoteFailed`."""
        self._closed = True
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, key: _Key, sign: Sign | None, seconds: float) -> _Flight:
        url, accept, _, max_bytes = key
        asking = self._http.get(url, accept=accept, sign=sign, max_bytes=max_bytes, timeout=seconds)
        flight = self._flights[key] = _Flight(asyncio.ensure_future(asking))
        flight.task.add_done_callback(lambda task: self._landed(key, task))
        return flight

    async def _ride(self, key: _Key, flight: _Flight, cache_failures: bool, seconds: float | None) -> Answer:
        """Waits with the others, for `seconds` where the flight's own deadline is that of somebody else."""
        flight.waiters += 1
        try:
            async with asyncio.timeout(seconds):
                answer = await asyncio.shield(flight.task)
        except TimeoutError:
            raise RemoteFailed(f"No answer came within {seconds:g} seconds", kind="timeout") from None
        except asyncio.CancelledError:
            if not self._closed:
                raise
            raise RemoteFailed("We are shutting down", kind="breaker") from None
        except RemoteFailed as failed:
            if cache_failures:
                self._remember(key, failed)
            raise _again(failed) from failed
        finally:
            self._leave(key, flight)
        if cache_failures or answer.ok:
            self._remember(key, answer)
        return answer

    def _leave(self, key: _Key, flight: _Flight) -> None:
        """The flight ends early only when nobody waits any more."""
        flight.waiters -= 1
        if not flight.waiters and not flight.task.done():
            flight.task.cancel()
            self._flights.pop(key, None)

    def _landed(self, key: _Key, task: asyncio.Task[Answer]) -> None:
        if (flight := self._flights.get(key)) and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # all who waited may have left; then nobody else asks for it

    def _remembered(self, key: _Key) -> _Failure | None:
        failure = self._failures.get(key)
        if failure is None:
            return None
        if failure.until <= self._clock.monotonic():
            del self._failures[key]
            return None
        self._failures.move_to_end(key)
        return failure

    def _remember(self, key: _Key, outcome: Answer | RemoteFailed) -> None:
        """Keeps a failure for its time; what went well forgets the failure before it."""
        seconds = self._seconds(outcome)
        if not seconds or len(key[0]) > MAX_REMEMBERED_URL:
            self._failures.pop(key, None)
            return
        kept = Answer(outcome.code, outcome.url, {}, b"") if isinstance(outcome, Answer) else _again(outcome)
        self._failures[key] = _Failure(kept, self._clock.monotonic() + seconds)
        self._failures.move_to_end(key)
        while len(self._failures) > self._max_failures:
            self._failures.popitem(last=False)

    def _seconds(self, outcome: Answer | RemoteFailed) -> float:
        if isinstance(outcome, RemoteFailed):
            if outcome.kind == "breaker":  # it was never asked
                return 0.0
            return GONE_SECONDS if outcome.kind in _LASTING_KINDS else NETWORK_SECONDS
        if outcome.code < 400:
            return 0.0
        if outcome.code in _GONE_CODES:
            return GONE_SECONDS
        return min(outcome.retry_after(self._clock.now()) or NETWORK_SECONDS, MAX_PAUSE_SECONDS)


def _outcome(failure: _Failure) -> Answer:
    if isinstance(failure.outcome, RemoteFailed):
        raise _again(failure.outcome)
    return failure.outcome


def _again(failed: RemoteFailed) -> RemoteFailed:
    """The same failure as a new exception; one raised in many tasks would gather all their tracebacks."""
    details: Mapping[str, object] = failed.details
    return RemoteFailed(failed.safe, kind=failed.kind, code=failed.code, retry_after=failed.retry_after, **details)
