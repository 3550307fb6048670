"""What the relays will send, made before the run in all cores: documents, proofs in them, signed requests.

Making and signing a post costs more than taking it in; done meanwhile it would be measured as well.
"""

from __future__ import annotations

import asyncio
import os
import random
import struct
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dassie.federation.signatures import load_private
from dassie.rehearsal import documents
from dassie.rehearsal.keyring import Pairs, key_pairs
from dassie.rehearsal.plan import Plan
from dassie.rehearsal.posting import delivery
from dassie.rehearsal.relays import person_of

CHUNK = 1000
KEPT_SECONDS = 4 * 3600
"""Signatures of requests are taken for twelve hours, and posts of the last hour are wanted."""
_RECORD = struct.Struct(">II")


async def prepare(plan: Plan, folder: Path, *, workers: int | None = None) -> Plan:
    """The plan with its time; afterwards all its posts are in the folder, which is used again for some hours."""
    kept = _kept(folder, plan)
    if kept is None:
        for old in folder.glob("posts-*.bin"):
            old.unlink()
        kept = msgspec.structs.replace(plan, begun=int(time.time()))
        (folder / "plan.json").write_bytes(msgspec.json.encode(kept))
    key_pairs(folder)
    missing = [first for first in range(0, plan.posts, CHUNK) if not chunk_path(folder, first).exists()]
    count = workers or os.cpu_count() or 1
    await asyncio.gather(*(_worker(folder, missing[i::count]) for i in range(min(count, len(missing)))))
    return kept


async def _worker(folder: Path, firsts: list[int]) -> None:
    """A process that makes these chunks."""
    command = [sys.executable, "-m", "dassie.rehearsal", "prepare", str(folder), *map(str, firsts)]
    child = await asyncio.create_subprocess_exec(*command)
    try:
        if await child.wait():
            raise RuntimeError(f"preparing ended with {child.returncode}")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def make_chunk(plan: Plan, pairs: Pairs, folder: Path, first: int) -> None:
    """Write the requests of up to a thousand posts."""
    path = chunk_path(folder, first)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        for post in range(first, min(first + CHUNK, plan.posts)):
            data = request(plan, pairs, post)
            file.write(_RECORD.pack(post, len(data)) + data)
    fresh.replace(path)


def request(plan: Plan, pairs: Pairs, post: int) -> bytes:
    """The POST by which a relay brings this post."""
    author = plan.author_of(post)
    via = plan.via(author)
    relay = person_of(via)
    at = datetime.now(UTC)
    if via == "litepub":
        body = msgspec.json.encode(documents.announce(relay.uri, plan.uri_of(post), post))
    else:
        body = forwarded(plan, pairs, post, at)
    return delivery(body, relay.key_id, pairs[relay.key][0], at)


def forwarded(plan: Plan, pairs: Pairs, post: int, at: datetime) -> bytes:
    """The activity as its author's server sent it to the relay."""
    person = plan.author(plan.author_of(post))
    activity = documents.create(documents.note(plan, post))
    if random.Random(f"{plan.seed} signed {post}").random() < plan.signed:
        from dassie.federation.signatures.linked_data import sign_document

        activity = sign_document(activity, person.key_id, load_private(pairs[person.key][0]), at)
    return msgspec.json.encode(activity)


def prepared(folder: Path, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Posts from `first` up to but not including `last`, with their requests. Only a thousand are in memory."""
    for start in range(first - first % CHUNK, last, CHUNK):
        data, at = chunk_path(folder, start).read_bytes(), 0
        while at < len(data):
            post, length = _RECORD.unpack_from(data, at)
            at += _RECORD.size + length
            if first <= post < last:
                yield post, data[at - length : at]


def chunk_path(folder: Path, first: int) -> Path:
    return folder / f"posts-{first:07}.bin"


def read_plan(folder: Path) -> Plan:
    return msgspec.json.decode((folder / "plan.json").read_bytes(), type=Plan)


def _kept(folder: Path, plan: Plan) -> Plan | None:
    """The plan of this folder where it is the same and young enough."""
    try:
        kept = read_plan(folder)
    except (OSError, msgspec.MsgspecError):
        return None
    same = msgspec.structs.replace(kept, begun=plan.begun) == plan
    return kept if same and 0 <= time.time() - kept.begun < KEPT_SECONDS else None
