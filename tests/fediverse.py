"""Other servers for tests: actors with keys, documents to be fetched, and activities signed for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from dassie.config import load
from dassie.domain.errors import RemoteFailed
from dassie.federation.signatures import generate_rsa, load_private, signer
from dassie.ports import Answer, Sign
from worlds import Client, Got, MovableClock, World

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
AS_TYPE = "application/activity+json; charset=utf-8"


@cache
def keypair(number: int = 0) -> tuple[str, str]:
    """(private, public) PEM; making one takes a while, so tests share a few."""
    return generate_rsa()


class FakeHttp:
    """Implements `ports.Http` from what tests put in; records what was asked and sent."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.down: set[str] = set()
        """Hosts that do not answer."""
        self.slow: set[str] = set()
        """Hosts that take a second."""
        self.gate = asyncio.Event()
        """While it is not set, nobody answers."""
        self.gate.set()
        self.asked: list[str] = []
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def serve(self, doc: Mapping[str, Any], url: str | None = None, *, content_type: str = AS_TYPE) -> None:
        """Answer with this document at its id, or at `url`."""
        address = url or str(doc["id"])
        body = msgspec.json.encode(doc)
        self.answers[address] = Answer(200, address, {"content-type": content_type}, body)

    def serve_page(self, url: str, html: str, **headers: str) -> None:
        self.answers[url] = Answer(200, url, {"content-type": "text/html", **headers}, html.encode())

    def redirect(self, url: str, to: str) -> None:
        """What the client gives after a redirect: the answer of the other address."""
        self.answers[url] = self.answers[to]

    def gone(self, url: str, code: int = 410) -> None:
        self.answers[url] = Answer(code, url, {}, b"")

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
        await self.gate.wait()
        if urlsplit(url).netloc in self.slow:
            await asyncio.sleep(1)
        if urlsplit(url).netloc in self.down:
            raise RemoteFailed("The server cannot be reached", kind="connect")
        return self.answers.get(url) or Answer(404, url, {}, b"")

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
        if urlsplit(url).netloc in self.down:
            raise RemoteFailed("The server cannot be reached", kind="connect")
        self.posted.append((url, msgspec.json.decode(body)))
        return Answer(202, url, {}, b"")

    def download(self, url: str, *, accept: str, max_bytes: int, timeout: float = 60.0) -> Any:
        raise AssertionError("nothing is downloaded when activities come in")

    async def close(self) -> None:
        pass


@dataclass
class Actor:
    """Somebody on another server."""

    uri: str
    key: int
    doc: dict[str, Any]

    @property
    def key_id(self) -> str:
        return str(self.doc["publicKey"]["id"])

    @property
    def followers(self) -> str:
        return f"{self.uri}/followers"

    @property
    def host(self) -> str:
        return urlsplit(self.uri).netloc


@dataclass
class Fediverse:
    """A world and the servers around it."""

    world: World
    http: FakeHttp
    _count: int = 0
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str = "bob", host: str = "there.test", *, key: int = 0, **changes: Any) -> Actor:
        """An actor whose document and WebFinger answer are served."""
        uri = str(changes.get("id") or f"https://{host}/users/{name}")
        doc = actor_document(uri, name, key) | changes
        made = Actor(uri, key, doc)
        self.http.serve(doc)
        self.finger(name, host, uri)
        self.actors[uri] = made
        return made

    def finger(self, name: str, host: str, uri: str, *, at: str | None = None) -> None:
        """Say at `at` (or `host`) that the handle leads to this actor."""
        resource = quote(f"acct:{name}@{host}", safe=":@")
        link = {"rel": "self", "type": "application/activity+json", "href": uri}
        self.http.serve(
            {"subject": f"acct:{name}@{host}", "links": [link]},
            f"https://{at or host}/.well-known/webfinger?resource={resource}",
            content_type="application/jrd+json",
        )

    def note(self, by: Actor, text: str = "<p>hello</p>", **changes: Any) -> dict[str, Any]:
        """A public post, not served anywhere yet."""
        self._count += 1
        return {
            "id": f"https://{by.host}/notes/{self._count}",
            "type": "Note",
            "attributedTo": by.uri,
            "content": text,
            "published": timestamp(self.world.clock.now()),
            "to": [PUBLIC],
            "cc": [by.followers],
        } | changes

    def activity(self, type: str, by: Actor, object: Any, **changes: Any) -> dict[str, Any]:
        self._count += 1
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"https://{by.host}/activities/{self._count}",
            "type": type,
            "actor": by.uri,
            "object": object,
        } | changes

    def create(self, by: Actor, note: dict[str, Any]) -> dict[str, Any]:
        return self.activity("Create", by, note, to=note.get("to"), cc=note.get("cc"))

    async def send(
        self,
        by: Actor,
        activity: Mapping[str, Any] | bytes,
        inbox: str = "/inbox",
        *,
        at: datetime | None = None,
        key: int | None = None,
        key_id: str | None = None,
        url: str | None = None,
        scheme: Any = "cavage",
        sent_body: bytes | None = None,
        address: str = "203.0.113.9",
        headers: Mapping[str, str] | None = None,
    ) -> Got:
        """Deliver it, signed. `url`, `at`, `key` and `sent_body` make the signature wrong in one way each."""
        body = activity if isinstance(activity, bytes) else msgspec.json.encode(activity)
        private, _ = keypair(by.key if key is None else key)
        now = at or self.world.clock.now()
        sign = signer(key_id or by.key_id, load_private(private), scheme, lambda: now)
        signed = sign("POST", url or f"https://here.test{inbox}", body)
        given = {name.lower(): value for name, value in signed.items()} | dict(headers or {})
        client = Client(self.world.app, address=address)
        given.setdefault("content-type", "application/activity+json")
        return await client.request("POST", inbox, body if sent_body is None else sent_body, given)

    async def deliver(self, by: Actor, activity: Mapping[str, Any], inbox: str = "/inbox") -> None:
        """Deliver it and wait until all that follows from it is done."""
        got = await self.send(by, activity, inbox)
        assert got.code == 202, got.text
        await self.world.settle()

    async def count(self, name: str) -> int:
        """How often something was counted since the start (figures still in memory)."""
        return int(self.world.server.counters._counts[name])


def actor_document(uri: str, name: str, key: int = 0) -> dict[str, Any]:
    host = urlsplit(uri).netloc
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri,
        "type": "Person",
        "preferredUsername": name,
        "name": name.title(),
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "featured": f"{uri}/collections/featured",
        "endpoints": {"sharedInbox": f"https://{host}/inbox"},
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": keypair(key)[1]},
    }


def timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@asynccontextmanager
async def new_fediverse(folder: Path, *, database_url: str = "", **settings: Any) -> AsyncIterator[Fediverse]:
    """A world whose server sees only what the test serves."""
    from dassie.app import App, build_server

    options = {"data": folder, "domain": "here.test", "rate_limits": "off", "sync": "normal", "workers": 1}
    options |= {"link_cards": "off"} | settings
    config = load(options | {"database_url": database_url}, environ={})
    clock = MovableClock()
    http = FakeHttp()
    server = await build_server(config, clock=clock, http=http)
    app = App(server)
    await app.start()
    try:
        yield Fediverse(World(server, app, clock), http)
    finally:
        await app.stop()
