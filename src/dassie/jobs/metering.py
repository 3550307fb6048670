"""How much CPU a job takes: only its own steps count, not what runs while it waits."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Generator
from typing import Any

from dassie.jobs.current import Current


class Metered:
    """Awaits a coroutine and adds the CPU of its steps on this thread to the job under way."""

    def __init__(self, work: Coroutine[Any, Any, None], running: Current) -> None:
        self._work = work
        self._running = running

    def __await__(self) -> Generator[Any, Any, None]:
        work, clock, spent = self._work, time.thread_time_ns, 0
        value: Any = None
        error: BaseException | None = None
        try:
            while True:
                began = clock()
                try:
                    waited = work.send(value) if error is None else work.throw(error)
                except StopIteration:
                    return
                finally:
                    spent += clock() - began
                value, error = None, None
                try:
                    value = yield waited
                except BaseException as thrown:
                    error = thrown
        finally:
            self._running.cpu_us += spent // 1000
