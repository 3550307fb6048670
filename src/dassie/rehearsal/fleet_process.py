"""The fleet as a process of its own, and what it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from dassie.rehearsal.ledger import Ledger
from dassie.rehearsal.pouring import Poured

STARTING = 30.0
ASKED = 60.0
MAX_LINE = 2**24


class FleetProcess:
    """`async with FleetProcess(folder, port) as fleet`: running, told to flood the server on this port."""

    def __init__(self, folder: Path, here: int) -> None:
        self.resolver = ""
        self.bundle = ""
        self._command = [sys.executable, "-m", "dassie.rehearsal", "fleet", str(folder), str(here)]
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._child = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, limit=MAX_LINE)
        try:
            hello = await self._line(STARTING)
        except BaseException:
            await self._end()
            raise
        self.resolver, self.bundle = hello["resolver"], hello["bundle"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def pid(self) -> int:
        return self._child.pid

    async def ask(self, do: str, **more: Any) -> Any:
        """Its answer to a command."""
        async with self._turn:
            assert self._child.stdin is not None
            self._child.stdin.write(msgspec.json.encode({"do": do, **more}) + b"\n")
            await self._child.stdin.drain()
            return await self._line(ASKED)

    async def ledger(self) -> Ledger:
        """What it saw so far."""
        return msgspec.convert(await self.ask("ledger"), Ledger)

    async def members(self) -> dict[str, dict[str, str]]:
        """Relay → who subscribed, and where posts go."""
        found: dict[str, dict[str, str]] = await self.ask("members")
        return found

    async def pour(self, first: int, last: int, *, rate: float, lines: int = 8) -> None:
        """Begin to send these posts; a rate of 0 is as fast as they are answered."""
        await self.ask("pour", first=first, last=last, rate=rate, lines=lines)

    async def enough(self) -> None:
        """Pour nothing further."""
        await self.ask("enough")

    async def poured(self) -> Poured:
        """How far that is."""
        return msgspec.convert(await self.ask("poured"), Poured, strict=False)

    async def answered(self) -> bytes:
        """For each post of the pour the first digit of its answer's code."""
        return Path((await self.ask("answered"))["path"]).read_bytes()

    async def answered_between(self, since: float, until: float) -> int:
        """How many posts were taken in this stretch, in seconds after the pour began."""
        return int(await self.ask("between", since=since, until=until))

    def stop(self) -> None:
        """From now on nothing answers, as when the network is gone: connections are made and stay silent."""
        self._child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    async def _line(self, seconds: float) -> Any:
        assert self._child.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self._child.stdout.readline()
        if not line:
            raise RuntimeError("the fleet ended")
        return msgspec.json.decode(line)

    async def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.go_on()
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._child.wait()
        except TimeoutError:
            self._child.kill()
            await self._child.wait()
