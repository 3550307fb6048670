"""One `dassie up` that real apps talk to, over TLS as outside, with people who can sign in."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dassie.app import build_server, close_server
from dassie.config import load
from dassie.domain.ids import AccountId
from dassie.services import keys, signing_up
from dassie.store import logins
from net import TestCa, free_port

PASSWORD = "correct horse battery"
SCOPES = "read write follow push"
STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Person:
    """Somebody with a login, and a token from the command line."""

    name: str
    id: int
    token: str


class Served:
    """The running server. Every test takes people nobody else has, so that none sees another's traces."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = TestCa(folder)
        self.port = free_port()
        self.domain = f"localhost:{self.port}"
        self.base = f"https://{self.domain}"
        certificate, key = self.ca.issue("localhost")
        self.options = {
            "data": str(folder / "data"),
            "domain": self.domain,
            "listen": f"127.0.0.1:{self.port}",
            "tls_cert": str(certificate),
            "tls_key": str(key),
            "sync": "normal",
            "trusted_proxies": "127.0.0.1/32",  # see `address`
        }
        self._addresses = 0
        self._people: list[Person] = []

    def address(self) -> str:
        """Where somebody else calls from, for X-Forwarded-For: only so many apps register from one address."""
        self._addresses += 1
        return f"198.51.100.{self._addresses}"

    def person(self) -> Person:
        """Somebody new."""
        return self._people.pop()

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to trust this server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DASSIE_")}
        return kept | {"REQUESTS_CA_BUNDLE": str(self.ca.bundle), "PYTHONUNBUFFERED": "1"}

    async def make_people(self, count: int) -> None:
        """Logins, made before the server starts."""
        server = await build_server(load(self.options, environ={}))
        try:
            private_key = await asyncio.to_thread(keys.new_private_key)  # one for all: making keys takes long
            password_hash = signing_up.hash_password(PASSWORD)
            for number in range(count):
                name = f"person{number}"
                async with server.write() as tx:
                    account = await signing_up.create_login(
                        tx,
                        server,
                        username=name,
                        password_hash=password_hash,
                        private_key=private_key,
                        role="User" if number else "Owner",
                    )
                    user = await logins.user_of(tx, AccountId(account.id))
                    assert user is not None
                    token = await signing_up.issue_token(tx, server, user, SCOPES)
                self._people.append(Person(name, account.id, token))
        finally:
            await close_server(server)

    def start(self) -> subprocess.Popen[bytes]:
        """The process, once it answers."""
        given = {f"DASSIE_{name.upper()}": value for name, value in self.options.items()}
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dassie", "up"], env=self.environment | given, stdout=log, stderr=log
            )
        end = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert process.poll() is None, f"the server ended: {self.log}"
            assert time.monotonic() < end, f"the server does not answer: {self.log}"
            time.sleep(0.1)
        return process

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()[-4000:]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/health", timeout=5, context=self.trust):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False

    @property
    def trust(self) -> ssl.SSLContext:
        return self.ca.client_context


@contextmanager
def serve(folder: Path, people: int = 120) -> Iterator[Served]:
    """A server with people, ended afterwards."""
    served = Served(folder)
    asyncio.run(served.make_people(people))
    process = served.start()
    try:
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "Traceback" not in served.log, served.log
