"""The two relays of the fleet: one forwards what its members wrote, one announces ids."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec

from dassie.rehearsal import documents
from dassie.rehearsal.http_server import Asked, Told, response
from dassie.rehearsal.ledger import Ledger
from dassie.rehearsal.plan import DOMAIN, KEYS, Person, Via
from dassie.rehearsal.posting import KIND, Line, delivery, get

MOMENT = 0.2
"""Seconds until a Follow is answered."""
HOSTS: dict[Via, str] = {"mastodon": f"relay-m.{DOMAIN}", "litepub": f"relay-l.{DOMAIN}"}
ADDRESSES: dict[Via, str] = {
    "mastodon": f"https://{HOSTS['mastodon']}/inbox",
    "litepub": f"https://{HOSTS['litepub']}/actor",
}
"""What the owner of a server enters to subscribe."""
_TAKEN = response(202)
_NOBODY = response(404)


def person_of(via: Via) -> Person:
    """The relay's actor, as far as keys go."""
    return _RelayActor("relay", HOSTS[via], KEYS + (via == "litepub"))


class _RelayActor(Person, frozen=True):
    @property
    def uri(self) -> str:
        return f"https://{self.host}/actor"


class Relay:
    """One relay. It remembers who subscribed, and answers after a moment, as a relay with a queue does."""

    def __init__(self, via: Via, pair: tuple[str, str], ledger: Ledger, line: Line) -> None:
        self.via = via
        self.actor = person_of(via)
        self.members: dict[str, str] = {}
        """Actor → where its posts are to go."""
        self._private, self._public = pair
        self._ledger = ledger
        self._line = line
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    def answer(self, asked: Asked) -> Told:
        """Its actor document, and its inbox."""
        if asked.method == "POST" and asked.path == "/inbox":
            self.receive(msgspec.json.decode(asked.body, type=dict[str, Any]))
            return Told(_TAKEN)
        if asked.path == "/actor":
            self._ledger.fetched("actor", "relay", asked.host)
            return Told(response(200, msgspec.json.encode(self.document())))
        if asked.path.startswith("/.well-known/webfinger?"):
            self._ledger.fetched("webfinger", "relay", asked.host)
            return Told(response(200, msgspec.json.encode(documents.webfinger(self.actor)), "application/jrd+json"))
        if asked.path in ("/followers", "/following", "/outbox"):
            uri = f"https://{asked.host}{asked.path}"
            return Told(response(200, msgspec.json.encode(documents.collection(uri, len(self.members)))))
        return Told(_NOBODY)

    def document(self) -> dict[str, Any]:
        """Its actor, with addresses beside it as relays have them."""
        root = f"https://{self.actor.host}"
        doc = documents.actor(self.actor, self._public, kind="Application", bio="I pass on what I get.")
        doc |= {name: f"{root}/{name}" for name in ("inbox", "outbox", "followers", "following")}
        for name in ("featured", "icon", "image"):
            del doc[name]
        return doc | {"endpoints": {"sharedInbox": f"{root}/inbox"}}

    def receive(self, activity: dict[str, Any]) -> None:
        """An activity came to its inbox."""
        kind, by = str(activity.get("type")), str(activity.get("actor"))
        self._ledger.got(kind, self.via)
        if kind == "Follow":
            self._soon(self._welcome(activity, by))
        elif kind == "Undo":
            self.members.pop(by, None)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _welcome(self, follow: dict[str, Any], by: str) -> None:
        await asyncio.sleep(MOMENT)
        inbox = await self._inbox_of(by)
        wanted = (documents.PUBLIC, "as:Public") if self.via == "mastodon" else (self.actor.uri,)
        kind = "Accept" if inbox and follow.get("object") in wanted else "Reject"
        if not inbox:
            return
        await self._send(documents.answer(kind, self.actor.uri, follow, self._next()), inbox)
        if kind == "Accept":
            self.members[by] = inbox
            if self.via == "litepub":  # it follows its members back
                await self._send(documents.follow(self.actor.uri, by, self._next()), inbox)

    async def _inbox_of(self, uri: str) -> str | None:
        """Where somebody on the flooded server is reached; None for everybody else."""
        if not documents.is_here(uri):
            return None
        reached = await self._line.send(get("/" + uri.split("/", 3)[3], {"Accept": KIND}))
        if reached.code != 200:
            return None
        doc = msgspec.json.decode(reached.body, type=dict[str, Any])
        shared = (doc.get("endpoints") or {}).get("sharedInbox")
        return str(shared or doc["inbox"])

    async def _send(self, activity: dict[str, Any], inbox: str) -> None:
        reached = await self._line.send(delivery(activity, self.actor.key_id, self._private, inbox=inbox))
        self._ledger.got(f"{activity['type']} answered {reached.code}", f"{self.via} itself")

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
