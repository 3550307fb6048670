"""Looking back on a year in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

from clicking import Browser
from dassie.domain.ids import StatusId, new_id
from people import change, write
from worlds import World

YEAR = datetime.now(UTC).year - 1


async def test_a_year_is_asked_for_seen_and_handed_out(world: World) -> None:
    may = datetime(YEAR, 5, 3, tzinfo=UTC)
    ana = await change(world, await world.account("ana"), created_at=datetime(YEAR, 1, 2, tzinfo=UTC))
    await write(world, ana, "#figs", id=StatusId(new_id(may)), created_at=may, live=False, tags=[("figs", "figs")])
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/wrapstodon")
    page = await browser.submit(page, f"form[action='/wrapstodon/{YEAR}']")
    assert page.path == f"/wrapstodon/{YEAR}"
    await world.settle()
    page = await browser.open("/notifications")
    page = await browser.open(str(page.one(f"a[href='/wrapstodon/{YEAR}']").attributes["href"]))
    assert f"{YEAR} of ana" in page.words("h1")
    assert "#figs" in page.words()
    share = str(page.one("main a[href*='/@ana/wrapstodon/']").attributes["href"])
    guest = Browser(world.app)
    shared = await guest.open(share)
    assert "#figs" in shared.words()
    assert (await guest.open(f"{share}x")).code == 404
    assert (await guest.open(f"/@ana/wrapstodon/{YEAR - 1}/{share.rpartition('/')[2]}")).code == 404
    assert (await guest.open("/wrapstodon")).path.startswith("/auth/sign_in")


async def test_a_new_person_has_no_year_yet(idle_world: World) -> None:
    await idle_world.account("ana")
    browser = Browser(idle_world.app)
    await browser.sign_in("ana")
    assert "no year to look back on" in (await browser.open("/wrapstodon")).words()
    assert (await browser.open(f"/wrapstodon/{YEAR}")).code == 404
