"""Friends: the reader follows them, and they post while the flood goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from dassie.rehearsal import documents
from dassie.rehearsal.keyring import Pairs
from dassie.rehearsal.plan import Person, Plan
from dassie.rehearsal.posting import Line, delivery, get, post

LINES = 4
FOLLOWED_WITHIN = 120.0
AGAIN = 1.0


class Sent(Struct):
    """A friend's post that was acknowledged."""

    uri: str
    marker: str
    at: float
    """When the delivery began that was answered 202, monotonic."""


async def follow_all(plan: Plan, port: int, token: str) -> None:
    """Have the reader follow every friend, as an app does it; raises `RuntimeError` where one does not accept."""
    numbers = iter(range(plan.friends))
    await asyncio.gather(*(_follower(plan, port, token, numbers) for _ in range(LINES)))
    async with asyncio.timeout(FOLLOWED_WITHIN), Line(port) as line:
        while (count := await _following(line, token)) < plan.friends:
            await asyncio.sleep(0.3)
    if count != plan.friends:
        raise RuntimeError(f"{count} of {plan.friends} friends are followed")


class Posting:
    """Friends' posts, evenly over the time; what is not taken is sent again, as their servers would."""

    def __init__(self, plan: Plan, pairs: Pairs, port: int, first: int, last: int, seconds: float) -> None:
        self.sent: list[Sent] = []
        self.refused: list[int] = []
        """Codes of answers other than 202."""
        self.may = asyncio.Event()
        """Cleared while there is no network."""
        self.may.set()
        self._plan = plan
        self._pairs = pairs
        self._lines = [Line(port) for _ in range(LINES)]
        self._waiting = iter(range(first, last))
        self._pace = seconds / max(last - first, 1)
        self._first = first
        self._begun = time.monotonic()
        self._tasks = [asyncio.get_running_loop().create_task(self._post(line)) for line in self._lines]

    async def done(self) -> None:
        """Wait until all were acknowledged."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self._lines:
            await line.close()

    def enough(self) -> None:
        """No further posts are begun."""
        self._waiting = iter(())

    async def _post(self, line: Line) -> None:
        while True:
            number = next(self._waiting, None)
            if number is None:
                return
            due = self._begun + (number - self._first) * self._pace
            await asyncio.sleep(max(due - time.monotonic(), 0))
            await self._send(line, number)

    async def _send(self, line: Line, number: int) -> None:
        person = self._plan.friend(number % self._plan.friends)
        note = documents.own_note(self._plan, number, datetime.now(UTC))
        activity = msgspec.json.encode(documents.create(note))
        while True:
            await self.may.wait()
            data = delivery(activity, person.key_id, self._pairs[person.key][0])
            begun = time.monotonic()
            reached = await line.send(data)
            if reached.code == 202:
                self.sent.append(Sent(note["id"], self._plan.marker(number), begun))
                return
            self.refused.append(reached.code)
            await asyncio.sleep(AGAIN)


async def _follower(plan: Plan, port: int, token: str, numbers: Iterator[int]) -> None:
    async with Line(port) as line:
        for number in numbers:
            await _follow(line, token, plan.friend(number))


async def _follow(line: Line, token: str, person: Person) -> None:
    handle = quote(f"@{person.name}@{person.host}")
    found = await _json(line, get(f"/api/v2/search?type=accounts&resolve=true&q={handle}", _bearer(token)))
    if not found["accounts"]:
        raise RuntimeError(f"@{person.name}@{person.host} was not found")
    await _json(line, post(f"/api/v1/accounts/{found['accounts'][0]['id']}/follow", b"", _bearer(token)))


async def _following(line: Line, token: str) -> int:
    me = await _json(line, get("/api/v1/accounts/verify_credentials", _bearer(token)))
    return int(me["following_count"])


async def _json(line: Line, data: bytes) -> Any:
    reached = await line.send(data)
    if reached.code != 200:
        raise RuntimeError(f"the API answered {reached.code}: {reached.body[:200]!r}")
    return msgspec.json.decode(reached.body)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
