"""A few subprocesses that open files of strangers, started when needed, ended when idle."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import msgspec

import dassie
from dassie.adapters.media_jobs import MAX_LINE, Outcome, Task
from dassie.domain.errors import Busy

_KEPT_ENV = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "PYTHONDONTWRITEBYTECODE")
_OWN_ENV = {
    "MALLOC_ARENA_MAX": "2",  # each arena would take 64 MB of the memory limit
    "MALLOC_TRIM_THRESHOLD_": "1000000",  # give memory back after a big picture
    "VIPS_CONCURRENCY": "1",  # the server needs the other core
    "VIPS_BLOCK_UNTRUSTED": "1",
}
_STOP_SECONDS = 2.0


class WorkerLost(Exception):
    """The subprocess ended, or spoke nonsense, before it answered."""


class Worker:
    """One subprocess. It does one task at a time."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.idle_timer: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, memory: int) -> Worker:
        """A fresh one, with at most `memory` bytes of address space and none of our secrets."""
        env = {name: os.environ[name] for name in _KEPT_ENV if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # never import from a folder of uploads
            "-m",
            "dassie.adapters.media_worker",
            str(memory),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=MAX_LINE,
            env={**env, **_OWN_ENV, "PYTHONPATH": str(Path(dassie.__file__).parent.parent)},
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def run(self, task: Task, seconds: float) -> Outcome:
        """What became of the task. Raises `TimeoutError` and `WorkerLost`; it is then of no more use."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(seconds):
                stdin.write(msgspec.json.encode(task) + b"\n")
                await stdin.drain()
                line = await stdout.readline()
            return msgspec.json.decode(line, type=Outcome)
        except (OSError, ValueError, msgspec.DecodeError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise WorkerLost(f"ended with code {self.process.returncode}") from error

    async def stop(self) -> None:
        """End it: politely when idle, else by force."""
        if self.idle_timer is not None:
            self.idle_timer.cancel()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it now, and wait until it is gone."""
        if self.idle_timer is not None:
            self.idle_timer.cancel()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class WorkerPool:
    """At most `size` workers. More tasks wait their turn, and beyond `waiting` they are refused."""

    def __init__(self, size: int, *, memory: int, idle_seconds: float, keep_kb: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(size)
        self._memory, self._idle_seconds, self._keep_kb = memory, idle_seconds, keep_kb
        self._room = size + waiting
        self._inside = 0
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, task: Task, seconds: float) -> Outcome:
        """What became of the task, within `seconds` of work. Raises `Busy` where too many wait."""
        if self._closed or self._inside >= self._room:
            raise Busy("The server is busy with other pictures and videos. Please try again in a moment")
        self._inside += 1
        try:
            async with self._slots:
                return await self._run(task, seconds)
        finally:
            self._inside -= 1

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers there are."""
        return [worker.process.pid for worker in self._all if worker.alive]

    async def close(self) -> None:
        """End all workers; tasks under way fail."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.stop() for worker in idle))
        self._all.difference_update(idle)
        await asyncio.gather(*(worker.kill() for worker in tuple(self._all)))
        await asyncio.gather(*self._endings)

    async def _run(self, task: Task, seconds: float) -> Outcome:
        worker = await self._take()
        try:
            outcome = await worker.run(task, seconds)
        except BaseException:  # cancelled too: it would answer a question nobody asks any more
            if worker.alive:
                worker.process.kill()
            self._end(worker)
            raise
        if outcome.rss_kb > self._keep_kb or self._closed:
            self._end(worker)
        else:
            self._keep(worker)
        return outcome

    async def _take(self) -> Worker:
        """One that is idle, or a fresh one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.idle_timer is not None:
                worker.idle_timer.cancel()
            if worker.alive:
                return worker
            self._end(worker)
        if self._closed:
            raise Busy("The server is shutting down")
        worker = await Worker.start(self._memory)
        self._all.add(worker)
        return worker

    def _keep(self, worker: Worker) -> None:
        """Let it wait for more, but not for long: an idle server is a small one."""
        self._idle.append(worker)
        worker.idle_timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire, worker)

    def _retire(self, worker: Worker) -> None:
        self._idle.remove(worker)
        self._end(worker)

    def _end(self, worker: Worker) -> None:
        self._all.discard(worker)
        ending = asyncio.get_running_loop().create_task(worker.stop())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
