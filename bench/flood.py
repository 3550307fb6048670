"""The replay of the bad day: `python -m bench.flood --help`. bench/README.md explains it."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from bench.world import fresh_database
from dassie.rehearsal import telling
from dassie.rehearsal.ending import until_stopped
from dassie.rehearsal.outcome import Outcome
from dassie.rehearsal.plan import Plan
from dassie.rehearsal.replay import Day, replay

SHORT = 3_000
FULL = 100_000


class CannotRun(Exception):
    """A variant that this machine does not allow, with the reason."""


async def run(kind: str, database_url: str) -> None:
    """The short day of `python -m bench flood`."""
    options = _parser().parse_args(["--database-url", database_url, "--rate", "300"])
    print("\n".join(telling.figures(await flood(options))))


async def flood(options: argparse.Namespace) -> Outcome:
    """One day as the options say."""
    async with fresh_database(options.database_url) as url, contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dassie-flood-")))
        if options.disk:
            (folder / "data").mkdir()
            stack.enter_context(_small_disk(folder / "data", options.disk))
        day = Day(
            plan=plan_of(options),
            rate=options.rate,
            lines=options.lines,
            idle_seconds=options.idle,
            drain_seconds=options.drain,
            settle_seconds=options.settle,
            admit_all=options.admit_all,
            kill=options.kill,
            cut_seconds=options.cut,
            database_url=url,
            settings=dict(item.split("=", 1) for item in options.set),
        )
        outcome = await replay(day, folder, _posts_folder(day.plan), lambda text: print(text, file=sys.stderr))
        if options.disk:
            outcome.remarks.append(f"the data folder was a disk of {options.disk}")
        if options.keep_log:
            shutil.copy(folder / "server.log", options.keep_log)
        return outcome


def plan_of(options: argparse.Namespace) -> Plan:
    """Numbers that are not given follow from the number of posts, in the proportions of the full day."""
    share = options.posts / FULL
    return Plan(
        seed=options.seed,
        posts=options.posts,
        authors=options.authors or max(options.posts // 5, 1),
        hosts=options.hosts or (500 if share >= 0.1 else 200),
        friends=options.friends or (200 if share >= 0.1 else 40),
        own_posts=options.own_posts or max(int(500 * share), 60),
        faulty=options.faulty,
    )


def _posts_folder(plan: Plan) -> Path:
    """Where prepared posts of this plan stay for some hours: they take minutes to make. Nobody else may write there."""
    name = f"dassie-flood-posts-{os.getuid()}-{plan.seed}-{plan.posts}-{plan.authors}-{plan.hosts}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise CannotRun(f"{folder} belongs to somebody else")
    return folder


@contextlib.contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[None]:
    if os.getuid() != 0:
        raise CannotRun("only root can mount a disk of a certain size")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise CannotRun(f"a disk of {size} cannot be mounted: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description=__doc__)
    add = parser.add_argument
    add("--posts", type=int, default=SHORT, help=f"relayed posts; {FULL} is the whole day (default {SHORT})")
    add("--rate", type=float, default=0.0, help="offered per second; 0: as fast as they are answered")
    add("--lines", type=int, default=8, help="connections of the relays")
    add("--authors", type=int, help="default: a fifth of the posts")
    add("--hosts", type=int)
    add("--faulty", type=float, default=0.3, help="share of hosts with a fault")
    add("--friends", type=int)
    add("--own-posts", type=int, help="posts by friends, mixed in")
    add("--seed", type=int, default=1)
    add("--idle", type=float, default=20.0, help="seconds of quiet that are measured first")
    add("--drain", type=float, default=300.0, help="seconds that the queue is given at the end")
    add("--settle", type=float, default=0.0, help="seconds that later tries are waited for then")
    add("--admit-all", action="store_true", help="relays without quotas")
    add("--kill", action="store_true", help="kill -9 the server in the middle and start it again")
    add("--cut", type=float, default=0.0, help="so many seconds nobody can be reached")
    add("--disk", default="", help="put the data on a disk of this size, such as 64m (root only)")
    add("--database-url", default="", help="a PostgreSQL server, on which a database is made and dropped")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a further setting of the server")
    add("--json", type=Path, help="also write all figures there")
    add("--keep-log", type=Path, help="copy the server's log there")
    return parser


def main() -> None:
    """Run one day and print what came of it."""
    options = _parser().parse_args()
    try:
        outcome = uvloop.run(until_stopped(flood(options)))
    except CannotRun as reason:
        print(f"skipped: {reason}")
        return
    print("\n".join(telling.figures(outcome)))
    if options.json:
        found = {"outcome": outcome, "summary": outcome.summary()}
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


if __name__ == "__main__":
    main()
