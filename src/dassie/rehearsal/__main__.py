"""Processes of a rehearsal: `prepare FOLDER FIRST…` makes posts, `fleet FOLDER PORT` is the fleet.

The fleet takes commands from its input, one JSON object a line, and answers each with one line. It ends with its input,
so that it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from dassie.rehearsal.fleet import Fleet
from dassie.rehearsal.keyring import key_pairs
from dassie.rehearsal.pouring import Pour
from dassie.rehearsal.preparing import make_chunk, read_plan


def main(arguments: list[str]) -> None:
    """What was asked for on the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us; then our input ends
    what, folder, *rest = arguments
    if what == "prepare":
        plan, pairs = read_plan(Path(folder)), key_pairs(Path(folder))
        for first in map(int, rest):
            make_chunk(plan, pairs, Path(folder), first)
    elif what == "fleet":
        uvloop.run(_fleet(Path(folder), int(rest[0])))
    else:
        sys.exit(f"unknown: {what}")


async def _fleet(folder: Path, here: int) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with Fleet(read_plan(folder), folder, key_pairs(folder), here) as fleet:
        _say({"resolver": fleet.resolver, "bundle": str(fleet.authority.bundle)})
        desk = _Desk(fleet, folder, here)
        try:
            while command := await reader.readline():
                _say(await desk.do(msgspec.json.decode(command)))
        finally:
            await desk.close()


class _Desk:
    """Where commands are taken."""

    def __init__(self, fleet: Fleet, folder: Path, here: int) -> None:
        self._fleet = fleet
        self._folder = folder
        self._here = here
        self._pour: Pour | None = None

    async def do(self, command: dict[str, Any]) -> Any:
        what = command.pop("do")
        if what == "ledger":
            return self._fleet.ledger
        if what == "members":
            return {relay.via: relay.members for relay in (self._fleet.mastodon, self._fleet.litepub)}
        if what == "pour":
            await self.close()
            self._pour = Pour(self._here, self._folder, **command)
            return {}
        assert self._pour is not None, what
        if what == "enough":
            self._pour.enough()
            return {}
        if what == "between":
            return self._pour.taken_between(command["since"], command["until"])
        if what == "answered":
            path = self._folder / "answered.bin"
            path.write_bytes(self._pour.answered)
            return {"path": str(path)}
        return self._pour.poured

    async def close(self) -> None:
        if self._pour is not None:
            await self._pour.close()


def _say(answer: Any) -> None:
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
