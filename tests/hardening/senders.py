"""A real server that follows bea of far.test, and signed requests from her to it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from dassie.federation.signatures import load_private, signer
from dassie.server import Server
from dassie.store import accounts
from others import Other, followed_by_ours, other
from running import Reply, Running, town

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass
class Home:
    server: Server


@dataclass
class Inbox:
    """a.test, and who sends to it."""

    server: Running
    bea: Other
    eve: Other
    """At evil.test; nobody here follows her."""

    def create(self, number: object, **changes: Any) -> dict[str, Any]:
        """A post of bea's."""
        uri = f"{self.bea.uri}/statuses/{number}"
        to = {"to": [PUBLIC], "cc": [f"{self.bea.uri}/followers"]}
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        note = {"id": uri, "type": "Note", "attributedTo": self.bea.uri, "content": f"<p>{number}</p>"}
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{uri}/activity",
            "type": "Create",
            "actor": self.bea.uri,
            "object": {**note, "published": at, **to},
            **to,
        } | changes

    async def send(
        self,
        activity: Mapping[str, Any],
        *,
        path: str = "/inbox",
        signed_for: str = "https://a.test/inbox",
        by: Other | None = None,
        key_id: str | None = None,
        late: timedelta = timedelta(),
        sent: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Deliver over TLS; each argument makes one thing wrong. `headers` are used instead of signed ones."""
        who = by or self.bea
        body = json.dumps(activity).encode()
        sign = signer(key_id or who.key_id, load_private(who.private_key), "cavage", lambda: datetime.now(UTC) + late)
        given = dict(sign("POST", signed_for, body) if headers is None else headers)
        given["Content-Type"] = "application/activity+json"
        given.setdefault("Host", "a.test")
        town_ = self.server.town
        async with town_.session.post(
            f"https://127.0.0.1:{self.server.port}{path}",
            data=body if sent is None else sent,
            headers=given,
            ssl=town_.ca.client_context,
            server_hostname="a.test",
        ) as response:
            return Reply(response.status, await response.read(), response.headers)


@asynccontextmanager
async def inbox(folder: Path, **settings: str) -> AsyncIterator[Inbox]:
    """a.test with ana, who follows bea@far.test."""
    people: list[Other] = []

    async def prepare(server: Server) -> None:
        home = Home(server)
        async with server.read() as tx:
            ana = await accounts.by_name(tx, "ana")
        assert ana is not None
        people.extend([await other(home, "bea", "far.test"), await other(home, "eve", "evil.test")])
        await followed_by_ours(home, ana, people[0])

    async with town(folder) as made:
        server = await made.server("a.test", ["ana"], prepare=prepare, log_format="json", **settings)
        await server.start()
        yield Inbox(server, *people)


async def home_uris(server: Running) -> list[str]:
    """Uris of ana's home timeline, as often as they are in it."""
    found: list[str] = []
    below = ""
    while page := await server.api("ana").get(f"/api/v1/timelines/home?limit=40{below}"):
        found += [one["uri"] for one in page]
        below = f"&max_id={page[-1]['id']}"
    return found


CUT = (aiohttp.ClientError, asyncio.TimeoutError, ssl.SSLError, OSError)
"""What a sender sees when a server stops."""
