"""Notifications and markers by the API."""

from __future__ import annotations

import pytest

from dassie.domain.errors import Conflict
from dassie.domain.ids import AccountId
from dassie.services import notifying
from dassie.store import logins, markers, statuses
from dassie.store.views import AccountView
from people import change, stranger, write
from worlds import World


async def tell(world: World, account: AccountView, type: str, sender: AccountView, status: int | None = None) -> None:
    async with world.server.write() as tx:
        await notifying.notify(tx, world.server, account.id, type, sender.id, status)


async def test_notifications_show_who_and_what(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    id = await write(world, ana, "mine")
    await tell(world, ana, "favourite", eve, id)
    await tell(world, ana, "follow", eve)
    api = await world.api_as(ana)
    follow, favourite = (await api.get("/api/v1/notifications")).json
    assert (follow["type"], follow["account"]["acct"]) == ("follow", "eve@else.test")
    assert follow["group_key"].startswith("follow-")
    assert favourite["group_key"].startswith(f"favourite-{id}-")
    assert "status" not in follow
    assert favourite["status"]["id"] == str(id)
    assert favourite["created_at"].endswith("Z")
    assert (await api.get(f"/api/v1/notifications/{favourite['id']}")).json == favourite
    other = await world.api_as(await world.account("ben"))
    assert (await other.get(f"/api/v1/notifications/{favourite['id']}")).code == 404
    assert (await other.get("/api/v1/notifications")).json == []


async def test_types_and_senders_are_chosen(world: World) -> None:
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    id = await write(world, ana)
    await tell(world, ana, "favourite", eve, id)
    await tell(world, ana, "reblog", eve, id)
    await tell(world, ana, "follow", mal)
    api = await world.api_as(ana)

    async def types(**params: object) -> list[str]:
        return [one["type"] for one in (await api.get("/api/v1/notifications", **params)).json]

    assert await types(types=["favourite", "follow"]) == ["follow", "favourite"]
    assert await types(exclude_types=["follow"]) == ["reblog", "favourite"]
    assert await types(types=["favourite", "reblog"], exclude_types=["reblog"]) == ["favourite"]
    assert await types(account_id=mal.id) == ["follow"]
    got = await api.get("/api/v1/notifications", types=["reblog"], limit=5)
    assert "types%5B%5D=reblog" in got.headers["link"]
    assert "min_id=" in got.headers["link"]


async def test_pages_go_down_and_up(world: World) -> None:
    ana = await world.account("ana")
    for name in ("bea", "cem", "dan"):
        await tell(world, ana, "follow", await stranger(world, name))
    api = await world.api_as(ana)
    newest = (await api.get("/api/v1/notifications", limit=2)).json
    assert [one["account"]["username"] for one in newest] == ["dan", "cem"]
    rest = (await api.get("/api/v1/notifications", max_id=newest[-1]["id"])).json
    assert [one["account"]["username"] for one in rest] == ["bea"]
    above = (await api.get("/api/v1/notifications", min_id=rest[0]["id"], limit=1)).json
    assert [one["account"]["username"] for one in above] == ["cem"]


async def test_filtered_ones_are_shown_on_demand(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await change(world, eve, silenced_at=world.clock.now())
    await tell(world, ana, "follow", eve)
    api = await world.api_as(ana)
    assert (await api.get("/api/v1/notifications")).json == []
    [hidden] = (await api.get("/api/v1/notifications", include_filtered=True)).json
    assert hidden["filtered"] is True


async def test_a_status_that_is_gone_takes_its_notifications_along(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    id = await write(world, eve, "hi", mentions=[(AccountId(ana.id), False)])
    api = await world.api_as(ana)
    assert [one["type"] for one in (await api.get("/api/v1/notifications")).json] == ["mention"]
    async with world.server.write() as tx:
        await statuses.delete_row(tx, id)
    assert (await api.get("/api/v1/notifications")).json == []


async def test_notifications_are_dismissed_and_cleared(world: World) -> None:
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    await tell(world, ana, "follow", eve)
    await tell(world, ana, "follow", mal)
    api = await world.api_as(ana)
    [first, _] = (await api.get("/api/v1/notifications")).json
    assert (await api.post(f"/api/v1/notifications/{first['id']}/dismiss")).json == {}
    assert (await api.post(f"/api/v1/notifications/{first['id']}/dismiss")).code == 404
    assert len((await api.get("/api/v1/notifications")).json) == 1
    assert (await api.post("/api/v1/notifications/clear")).json == {}
    assert (await api.get("/api/v1/notifications")).json == []


async def test_unread_ones_are_counted_from_the_marker(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    for name in ("bea", "cem", "dan"):
        await tell(world, ana, "follow", await stranger(world, name))
    assert (await api.get("/api/v1/notifications/unread_count")).json == {"count": 3}
    assert (await api.get("/api/v1/notifications/unread_count", limit=2)).json == {"count": 2}
    newest = (await api.get("/api/v1/notifications")).json
    got = await api.post("/api/v1/markers", json={"notifications": {"last_read_id": newest[1]["id"]}})
    assert got.json["notifications"]["last_read_id"] == newest[1]["id"]
    assert (await api.get("/api/v1/notifications/unread_count")).json == {"count": 1}


async def test_markers_count_their_versions(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    assert (await api.get("/api/v1/markers", timeline=["home", "notifications"])).json == {}
    first = await api.post("/api/v1/markers", **{"home[last_read_id]": "101"})
    again = await api.post("/api/v1/markers", **{"home[last_read_id]": "102", "notifications[last_read_id]": "5"})
    assert set(again.json) == {"home", "notifications"}
    assert again.json["home"]["version"] == first.json["home"]["version"] + 1
    got = (await api.get("/api/v1/markers", timeline=["home"])).json
    assert (got["home"]["last_read_id"], set(got)) == ("102", {"home"})
    assert (await api.get("/api/v1/markers")).json == {}


async def test_two_devices_at_the_same_moment_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await api.post("/api/v1/markers", **{"home[last_read_id]": "101"})
    async with world.server.read() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        seen = await markers.read(tx, user.id, ["home"])
    await api.post("/api/v1/markers", **{"home[last_read_id]": "102"})
    async with world.server.write() as tx:
        assert await markers.save_from(tx, user.id, "home", 103, seen["home"]) is None
        assert await markers.save_from(tx, user.id, "home", 103, None) is None
        assert await markers.last_read(tx, user.id, "home") == 102

    async def late(*args: object) -> None:
        return None

    monkeypatch.setattr(markers, "save_from", late)
    got = await api.post("/api/v1/markers", **{"home[last_read_id]": "104"})
    assert (got.code, got.json["error"]) == (409, "Conflict during update, please try again")
    async with world.server.write() as tx:
        with pytest.raises(Conflict):
            await markers.save(tx, user.id, "home", 105)
