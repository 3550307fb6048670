"""What follows a post is not dropped because the post itself still waits in the queue."""

from __future__ import annotations

from pathlib import Path

import templates
from dassie.store import statuses
from dassie.store.tx import Tx
from fediverse import Fediverse, new_fediverse


async def _mention(fediverse: Fediverse) -> tuple[str, dict[str, object]]:
    bob = fediverse.actor()
    note = fediverse.note(bob, to=["https://here.test/users/ana"], cc=[])
    got = await fediverse.send(bob, fediverse.create(bob, note))
    assert got.code == 202
    return str(note["id"]), note


async def _stored(tx: Tx, uri: str) -> str | None:
    row = await statuses.by_uri(tx, uri)
    return row.content if row is not None else None


async def test_an_update_and_a_delete_right_behind_a_waiting_create_take_effect(tmp_path: Path) -> None:
    await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_fediverse(tmp_path, workers=0) as fediverse:
        await fediverse.world.account("ana")
        deleted, note = await _mention(fediverse)
        bob = fediverse.actor()
        gone = {"id": deleted, "type": "Tombstone"}
        assert (await fediverse.send(bob, fediverse.activity("Delete", bob, gone, to=note["to"]))).code == 202
        edited, note = await _mention(fediverse)
        changed = note | {"content": "<p>changed</p>", "updated": "2099-01-01T00:00:00Z", "to": [], "cc": []}
        assert (await fediverse.send(bob, fediverse.activity("Update", bob, changed, to=[]))).code == 202
    async with new_fediverse(tmp_path) as fediverse:
        fediverse.actor()
        await fediverse.world.settle()
        async with fediverse.world.server.read() as tx:
            assert await _stored(tx, deleted) is None
            assert await statuses.is_buried(tx, deleted)
            assert await _stored(tx, edited) == "<p>changed</p>"
