"""The admin pages of storage, without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clicking import Browser
from dassie.domain.jobs import FreeRoom
from dassie.domain.storage import StorageSettings
from dassie.services import measuring_storage
from dassie.services.keeping_room import RoomKeeper
from dassie.store import audit, queue
from dassie.store.room import Level
from people import stranger
from stored import cached, is_cached
from strangers import remote_status
from worlds import World


async def somebody(world: World, role: str) -> Browser:
    await world.account("ana", role=role)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    return browser


async def changed(world: World) -> StorageSettings:
    async with world.server.read() as tx:
        return await measuring_storage.changed_settings(tx)


@pytest.mark.parametrize("role", ["User", "Moderator"])
async def test_others_are_refused_with_the_name_of_the_permission(world: World, role: str) -> None:
    browser = await somebody(world, role)
    for path in ("/admin/storage", "/admin/storage/preview?budget=1GB", "/admin/storage/free?size=1GB"):
        page = await browser.open(path)
        assert page.code == 403, path
        assert "manage settings" in page.words()


async def test_guests_are_asked_to_sign_in(world: World) -> None:
    assert (await Browser(world.app).open("/admin/storage")).path.startswith("/auth/sign_in")


@pytest.mark.parametrize("role", ["Owner", "Admin"])
async def test_the_page_shows_kinds_hosts_and_limits(world: World, role: str) -> None:
    browser = await somebody(world, role)
    bob = await stranger(world, "bob", "b.test")
    await remote_status(world, bob)
    await cached(world, "original", "https://b.test/a.mp4", 3_000_000)
    page = await browser.open("/admin/storage")
    assert page.code == 200
    words = page.words()
    assert "of a budget of 20 GB" in words
    assert "There is room." in words
    rows = {
        head.text(): row.text(separator=" ")
        for row in page.tree.css("table.data tbody tr")
        if (head := row.css_first("th")) is not None
    }
    assert "3 MB" in rows["Others' pictures, videos and sounds"]
    assert "b.test" in rows
    assert len(page.tree.css("meter")) >= 2 + 9
    assert page.one("nav.tabs a[aria-current='page']").attributes["href"] == "/admin/storage"


async def test_a_smaller_budget_is_previewed_then_saved_and_kept(world: World) -> None:
    browser = await somebody(world, "Owner")
    await world.app.room.stop()
    for n in range(3):
        await cached(world, "original", f"https://b.test/{n}.mp4", 60_000_000, age=timedelta(days=n))
    page = await browser.open("/admin/storage")
    page = await browser.submit(page, "form[action='/admin/storage/preview']", budget="150 MB", floor="0")
    assert page.code == 200
    assert "What would go" in page.words()
    assert "b.test" in page.words()
    assert await is_cached(world, "original", "https://b.test/2.mp4")
    assert await changed(world) == StorageSettings()

    page = await browser.submit(page, "form[action='/admin/storage']")
    assert page.path == "/admin/storage"
    assert "Your changes are saved." in page.text
    assert await changed(world) == StorageSettings(budget=150_000_000, floor=0)
    assert page.one("#budget").attributes["value"] == "150 MB"
    async with world.server.read() as tx:
        assert "storage.limits_changed" in [one.action for one in await audit.newest(tx, 5)]
    await RoomKeeper(world.server).turn()
    assert not await is_cached(world, "original", "https://b.test/2.mp4")

    page = await browser.submit(page, "form[action='/admin/storage/preview']", budget="", floor="")
    await browser.submit(page, "form[action='/admin/storage']")
    assert await changed(world) == StorageSettings(), "empty is as configured again"


async def test_what_cannot_be_a_limit_is_refused_with_the_field(world: World) -> None:
    browser = await somebody(world, "Owner")
    page = await browser.open("/admin/storage")
    for field, text in (("budget", "much"), ("budget", "1 MB"), ("floor", "-1")):
        typed = {"budget": "", "floor": "", field: text}
        form = "form[action='/admin/storage/preview']"
        refused = await browser.submit(page, form, budget=typed["budget"], floor=typed["floor"])
        assert refused.code == 422
        assert refused.one(f"#{field}").attributes["aria-invalid"] == "true"
        assert refused.one(f"#{field}").attributes["value"] == text
    assert await changed(world) == StorageSettings()


async def test_two_gigabytes_are_freed_after_they_were_shown(idle_world: World) -> None:
    world = idle_world
    browser = await somebody(world, "Owner")
    await cached(world, "original", "https://b.test/a.mp4", 3_000_000)
    page = await browser.open("/admin/storage")
    page = await browser.submit(page, "form[action='/admin/storage/free']")
    assert "Free 2 GB now?" in page.words("h1")
    assert "all the rest belongs to people here" in page.words()
    page = await browser.submit(page, "form[action='/admin/storage/free']")
    assert "Room is being made" in page.text
    async with world.server.read() as tx:
        assert [one.kind for one in await queue.overview(tx)] == [FreeRoom.__name__]


async def test_near_the_floor_the_page_says_what_waits_and_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await somebody(world, "Owner")

    async def disk(server: object) -> measuring_storage.Disk:
        return measuring_storage.Disk(100_000_000_000, 5_000_000)

    monkeypatch.setattr(measuring_storage, "disk_of", disk)
    await world.app.room.turn()
    assert world.server.room.level is Level.NEAR
    words = (await browser.open("/admin/storage")).words()
    assert "Look at this:" in words
    assert "5 MB are free on the disk" in words
