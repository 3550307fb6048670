"""Deleting accounts, ours and others'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dassie.domain.ids import AccountId, new_id
from dassie.domain.jobs import DeleteAccount, PublishAccountDeletion
from dassie.services import blocking, deleting_accounts, notifying
from dassie.store import accounts, follows, logins, media, statuses
from dassie.store.views import AccountView
from people import befriend, fresh, run, stranger, waiting, write
from worlds import World


async def begin(world: World, account: AccountView) -> None:
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, account)


async def finish(world: World, account: AccountView) -> None:
    await run(world, DeleteAccount(account_id=account.id))


async def test_a_deleted_account_of_ours_leaves_an_empty_name(idle_world: World, tmp_path: Path) -> None:
    world = idle_world
    ana, ben, eve = (
        await world.account("ana", display_name="Ana"),
        await world.account("ben"),
        await stranger(world, "eve"),
    )
    for one, other in ((ana, ben), (ben, ana), (ana, eve), (eve, ana)):
        await befriend(world, one, other)
    ids = [await write(world, ana, str(i)) for i in range(3)]
    file = tmp_path / "file"
    file.write_bytes(b"picture")
    await world.server.media_files.put("media/aa/bb.webp", file)
    async with world.server.write() as tx:
        await media.insert(
            tx,
            id=new_id(tx.now),
            account_id=ana.id,
            status_id=ids[0],
            kind="image",
            file_key="media/aa/bb.webp",
            created_at=tx.now,
        )
        await notifying.notify(tx, world.server, ben.id, "favourite", ana.id, ids[0])
    client = await world.api_as(ana)
    await begin(world, ana)
    await begin(world, await fresh(world, ana.id))
    assert (await client.get("/api/v1/accounts/verify_credentials")).code == 401
    [told] = await waiting(world, PublishAccountDeletion)
    assert (told.account_id, told.inboxes) == (ana.id, ["https://else.test/inbox"])
    assert await waiting(world, DeleteAccount) == [DeleteAccount(account_id=ana.id)]
    await finish(world, ana)
    await finish(world, ana)
    after = await fresh(world, ana.id)
    assert (after.display_name, after.statuses_count, after.following_count) == ("", 0, 0)
    assert after.suspended_at is not None
    assert (await fresh(world, ben.id)).followers_count == 0
    assert (await fresh(world, ben.id)).following_count == 0
    async with world.server.read() as tx:
        assert await statuses.by_ids(tx, ids) == {}
        assert await logins.user_of(tx, ana.id) is None
        assert not await follows.following(tx, ben.id, ana.id)
        assert await accounts.private_key(tx, ana.id) is not None  # the Delete must still be signed
    assert await world.server.media_files.size("media/aa/bb.webp") is None
    with pytest.raises(Exception, match="taken"):
        await world.account("ana")


async def test_another_servers_account_goes_altogether(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await befriend(world, ana, eve)
    id = await write(world, eve, "hi", mentions=[(AccountId(ana.id), False)])
    async with world.server.write() as tx:
        await blocking.receive_block(tx, world.server, eve, ana, None)
    await begin(world, eve)
    await finish(world, eve)
    async with world.server.read() as tx:
        assert await accounts.by_id(tx, eve.id) is None
        assert await statuses.by_id(tx, id) is None
        assert await statuses.is_buried(tx, eve.uri)
    assert (await fresh(world, ana.id)).following_count == 0
    assert await waiting(world, PublishAccountDeletion) == []


async def test_a_long_deletion_goes_on_in_another_job(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = idle_world
    eve = await stranger(world, "eve")
    for i in range(5):
        await write(world, eve, str(i))
    settings: dict[str, Any] = {"STATUSES_AT_ONCE": 1, "STEPS": 2}
    for name, value in settings.items():
        monkeypatch.setattr(deleting_accounts, name, value)
    await finish(world, eve)
    assert (await fresh(world, eve.id)).statuses_count == 3
    assert await waiting(world, DeleteAccount) == [DeleteAccount(account_id=eve.id)]
    monkeypatch.setattr(deleting_accounts, "STEPS", 50)
    await finish(world, eve)
    async with world.server.read() as tx:
        assert await accounts.by_id(tx, eve.id) is None
