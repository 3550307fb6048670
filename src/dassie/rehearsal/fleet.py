"""The fleet: hundreds of hosts with TLS names on a few ports of this machine, and two relays."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dassie.rehearsal import documents
from dassie.rehearsal.authority import Authority
from dassie.rehearsal.hosts import Hosts
from dassie.rehearsal.http_server import Asked, Connection, Silence, Told, response
from dassie.rehearsal.keyring import Pairs
from dassie.rehearsal.ledger import Ledger
from dassie.rehearsal.plan import DOMAIN, KEYS, Fault, Plan
from dassie.rehearsal.posting import Line, delivery
from dassie.rehearsal.relays import HOSTS, Relay

BACKLOG = 1024
_NOBODY = Told(response(404))


class Fleet:
    """All of it in this process: `async with Fleet(…) as fleet`. `here` is the port of the flooded server."""

    def __init__(self, plan: Plan, folder: Path, pairs: Pairs, here: int) -> None:
        self.plan = plan
        self.ledger = Ledger()
        self.authority = Authority(folder)
        self.resolver = ""
        """For the flooded server's setting `test_resolver`."""
        self._line = Line(here)
        self._pairs = pairs
        self._connections: set[Connection] = set()
        self._silent: set[Silence] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._numbers = itertools.count()
        self._listening: list[asyncio.Server] = []
        self._hosts = Hosts(plan, [public for _, public in pairs], self.ledger, self._received)
        self.mastodon = Relay("mastodon", pairs[KEYS], self.ledger, self._line)
        self.litepub = Relay("litepub", pairs[KEYS + 1], self.ledger, self._line)
        self._relays = {HOSTS[relay.via]: relay for relay in (self.mastodon, self.litepub)}

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        speaking = await loop.create_server(
            lambda: Connection(self._answer, self._connections), "127.0.0.1", 0, ssl=self._tls(), backlog=BACKLOG
        )
        silent = await loop.create_server(
            lambda: Silence(self.ledger.met, self._silent), "127.0.0.1", 0, backlog=BACKLOG
        )
        self._listening = [speaking, silent]
        self._dead = socket.socket()  # bound and never listening: who connects is refused, and nobody else gets it
        self._dead.bind(("127.0.0.1", 0))
        ports = {Fault.DEAD: self._dead.getsockname()[1], Fault.BLACK_HOLE: _port(silent)}
        places = [f"*.{DOMAIN}=127.0.0.1:{_port(speaking)}"]
        places += [f"{host}=127.0.0.1:{ports[kind]}" for host, kind in self.plan.faults.items() if kind in ports]
        self.resolver = ",".join(places)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listening in self._listening:
            listening.close()
        for connection in tuple(self._connections):
            connection.close()
        for silence in tuple(self._silent):
            silence.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.mastodon.close()
        await self.litepub.close()
        await self._line.close()
        self._dead.close()

    def _answer(self, asked: Asked) -> Told:
        relay = self._relays.get(asked.host)
        told = relay.answer(asked) if relay is not None else self._hosts.answer(asked)
        self.ledger.bytes_out += len(told.data)
        return told

    def _tls(self) -> ssl.SSLContext:
        """One certificate for all names; hosts of the wrong name show another's."""
        right, wrong = self.authority.context(f"*.{DOMAIN}"), self.authority.context("elsewhere.test")
        faults = self.plan.faults

        def choose(spoken: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            self.ledger.connections += 1
            if name is not None and faults.get(name) is Fault.WRONG_NAME:
                self.ledger.met(Fault.WRONG_NAME.value)
                spoken.context = wrong

        right.sni_callback = choose
        return right

    def _received(self, host: str, activity: dict[str, Any]) -> None:
        """Friends accept who follows them."""
        target = activity.get("object")
        if activity.get("type") != "Follow" or not isinstance(target, str):
            return
        found = self._hosts.person(target.rpartition("/")[2], host)
        if found is not None and found[0].uri == target:
            person = found[0]
            accept = documents.answer("Accept", person.uri, activity, next(self._numbers))
            self._soon(delivery(accept, person.key_id, self._pairs[person.key][0]))

    def _soon(self, data: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._tell(data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, data: bytes) -> None:
        reached = await self._line.send(data)
        self.ledger.got(f"Accept answered {reached.code}", "friend itself")


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
