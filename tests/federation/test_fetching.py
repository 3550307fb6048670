"""Flights shared by many, and failures remembered for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import pytest

from dassie.domain.errors import RemoteFailed
from dassie.federation.fetching import Fetcher
from dassie.ports import Answer, Download, Sign

URL = "https://a.test/note"


class HandClock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


class SlowHttp:
    """Counts what is asked and answers when told to."""

    def __init__(self, *outcomes: Answer | RemoteFailed) -> None:
        self.asked: list[str] = []
        self.cancelled = 0
        self.go = asyncio.Event()
        self.outcomes = list(outcomes) or [Answer(200, URL, {}, b"hello")]

    async def get(
        self,
        url: str,
        *,
        accept: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 1_000_000,
        timeout: float = 30.0,
    ) -> Answer:
        self.asked.append(url)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(outcome, RemoteFailed):
            raise outcome
        return outcome

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        raise AssertionError("a fetcher only gets")

    def download(
        self, url: str, *, accept: str, max_bytes: int, timeout: float = 60.0
    ) -> AbstractAsyncContextManager[Download]:
        raise AssertionError("a fetcher only gets")

    async def close(self) -> None: ...


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def http() -> SlowHttp:
    return SlowHttp()


def signer(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
    return {"Signature": "x"}


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_hundred_who_want_the_same_cause_one_request(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    tasks = [asyncio.create_task(fetcher.fetch(URL, accept="*/*")) for _ in range(100)]
    await settle()
    http.go.set()
    answers = await asyncio.gather(*tasks)
    assert {answer.body for answer in answers} == {b"hello"}
    assert http.asked == [URL]
    await fetcher.fetch(URL, accept="*/*")  # a success is not kept
    assert len(http.asked) == 2


async def test_what_differs_is_asked_apart(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    http.go.set()
    await asyncio.gather(
        fetcher.fetch(URL, accept="*/*"),
        fetcher.fetch(URL, accept="text/html"),
        fetcher.fetch(URL + "2", accept="*/*"),
        fetcher.fetch(URL, accept="*/*", max_bytes=5),
        fetcher.fetch(URL, accept="*/*", sign=signer, signed_by="ana#main-key"),
        fetcher.fetch(URL, accept="*/*", sign=signer, signed_by="ana#main-key"),
        fetcher.fetch(URL, accept="*/*", sign=signer, signed_by="ben#main-key"),
        fetcher.fetch(URL, accept="*/*", sign=signer),
        fetcher.fetch(URL, accept="*/*", sign=signer),
    )
    assert len(http.asked) == 8


async def test_one_who_gives_up_does_not_cancel_the_others(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    first, second = (asyncio.create_task(fetcher.fetch(URL, accept="*/*")) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    assert first.cancelled()
    http.go.set()
    assert (await second).body == b"hello"
    assert (http.cancelled, len(http.asked)) == (0, 1)


async def test_a_request_nobody_waits_for_is_ended(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    tasks = [asyncio.create_task(fetcher.fetch(URL, accept="*/*")) for _ in range(2)]
    await settle()
    for task in tasks:
        task.cancel()
    await settle()
    assert http.cancelled == 1
    http.go.set()
    assert (await fetcher.fetch(URL, accept="*/*")).ok  # a new flight, not the ended one


async def test_who_joins_late_waits_no_longer_than_asked(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    first = asyncio.create_task(fetcher.fetch(URL, accept="*/*"))
    await settle()
    with pytest.raises(RemoteFailed) as failed:
        await fetcher.fetch(URL, accept="*/*", timeout=0.01)
    assert failed.value.kind == "timeout"
    http.go.set()
    assert (await first).ok


async def test_a_failure_is_shared_and_each_gets_an_exception_of_its_own(clock: HandClock) -> None:
    http = SlowHttp(RemoteFailed("a.test refused the connection", kind="connect"))
    fetcher = Fetcher(http, clock)
    tasks = [asyncio.create_task(fetcher.fetch(URL, accept="*/*")) for _ in range(3)]
    await settle()
    http.go.set()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert len({id(failure) for failure in failures}) == 3
    assert {str(failure) for failure in failures} == {"a.test refused the connection"}
    assert len(http.asked) == 1


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (RemoteFailed("refused", kind="connect"), 60),
        (RemoteFailed("no name", kind="name"), 60),
        (RemoteFailed("inwards", kind="blocked_address"), 300),
        (Answer(404, URL, {}, b"no"), 300),
        (Answer(410, URL, {}, b"gone"), 300),
        (Answer(500, URL, {}, b"oops"), 60),
        (Answer(401, URL, {}, b"who"), 60),
        (Answer(429, URL, {"retry-after": "120"}, b""), 120),
        (Answer(503, URL, {"retry-after": "999999"}, b""), 3600),
    ],
)
async def test_a_failure_is_remembered_for_its_time(
    clock: HandClock, outcome: Answer | RemoteFailed, seconds: int
) -> None:
    http = SlowHttp(outcome)
    http.go.set()
    fetcher = Fetcher(http, clock)

    async def outcome_now() -> tuple[object, ...]:
        try:
            answer = await fetcher.fetch(URL, accept="*/*")
        except RemoteFailed as failed:
            return failed.kind, failed.safe
        return answer.code, answer.url

    first = await outcome_now()
    clock.seconds += seconds - 1
    assert await outcome_now() == first
    assert len(http.asked) == 1
    clock.seconds += 1
    assert await outcome_now() == first
    assert len(http.asked) == 2


async def test_who_does_not_want_the_memory_asks_again_and_a_success_clears_it(clock: HandClock) -> None:
    http = SlowHttp(Answer(404, URL, {}, b"no"), Answer(404, URL, {}, b"no"), Answer(200, URL, {}, b"now"))
    http.go.set()
    fetcher = Fetcher(http, clock)
    assert (await fetcher.fetch(URL, accept="*/*")).code == 404
    assert (await fetcher.fetch(URL, accept="*/*", cache_failures=False)).body == b"no"
    assert len(http.asked) == 2
    assert (await fetcher.fetch(URL, accept="*/*", cache_failures=False)).code == 200
    assert (await fetcher.fetch(URL, accept="*/*")).body == b"now"


async def test_a_failure_of_one_signer_is_not_the_failure_of_another(clock: HandClock) -> None:
    http = SlowHttp(Answer(401, URL, {}, b""), Answer(200, URL, {}, b"for ana"))
    http.go.set()
    fetcher = Fetcher(http, clock)
    assert (await fetcher.fetch(URL, accept="*/*")).code == 401
    assert (await fetcher.fetch(URL, accept="*/*", sign=signer, signed_by="ana")).body == b"for ana"


async def test_a_host_that_was_never_asked_is_not_blamed(clock: HandClock) -> None:
    http = SlowHttp(RemoteFailed("too busy", kind="breaker"), Answer(200, URL, {}, b"fine"))
    http.go.set()
    fetcher = Fetcher(http, clock)
    with pytest.raises(RemoteFailed):
        await fetcher.fetch(URL, accept="*/*")
    assert (await fetcher.fetch(URL, accept="*/*")).body == b"fine"


async def test_the_memory_of_failures_is_bounded_and_the_oldest_goes_first(clock: HandClock) -> None:
    http = SlowHttp(Answer(404, URL, {}, b""))
    http.go.set()
    fetcher = Fetcher(http, clock, max_failures=2)
    for name in ("1", "2", "1", "3", "1", "2"):  # 1 stays in use, so 3 pushes 2 out
        await fetcher.fetch(URL + name, accept="*/*")
    assert [url[-1] for url in http.asked] == ["1", "2", "3", "2"]
    huge = "https://a.test/" + "x" * 10_000
    await fetcher.fetch(huge, accept="*/*")
    await fetcher.fetch(huge, accept="*/*")
    assert http.asked[-2:] == [huge, huge]


async def test_closing_ends_what_is_under_way(http: SlowHttp, clock: HandClock) -> None:
    fetcher = Fetcher(http, clock)
    task = asyncio.create_task(fetcher.fetch(URL, accept="*/*"))
    await settle()
    await fetcher.close()
    assert http.cancelled == 1
    with pytest.raises(RemoteFailed) as failed:
        await task
    assert failed.value.kind == "breaker"
