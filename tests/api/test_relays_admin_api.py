"""Our own admin API for relays."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.domain.jobs import TellRelay, UndoRelay
from dassie.domain.media_limits import MIB
from dassie.store import audit
from people import waiting
from worlds import Client, World

BASE = "/api/dassie/v1/admin/relays"
URL = "https://relay.test/inbox"


async def admin(world: World, scopes: str = "admin:read admin:write", role: str = "Owner") -> Client:
    return await world.api_as(await world.account("ana", role=role), scopes)


async def added(api: Client, url: str = URL, **more: Any) -> dict[str, Any]:
    got = await api.post(BASE, {"url": url, **more})
    assert got.code == 200, got.text
    return dict(got.json)


async def test_a_relay_is_added_with_its_limits_and_listed(idle_world: World) -> None:
    api = await admin(idle_world)
    assert (await api.get(BASE)).json == []
    rules = {"posts_per_hour": 50, "bytes_per_day": "20 MB", "languages": ["en", "DE"], "host_posts_per_hour": None}
    relay = await added(api, rules=rules, sends=False)
    assert (relay["url"], relay["kind"], relay["state"], relay["sends"]) == (URL, "mastodon", "pending", False)
    assert relay["rules"]["bytes_per_day"] == 20_000_000
    assert relay["rules"]["languages"] == ["en", "de"]
    assert relay["rules"]["host_posts_per_hour"] is None
    assert relay["rules"]["author_posts_per_hour"] == 12
    (listed,) = (await api.get(BASE)).json
    assert listed == {name: value for name, value in relay.items() if name != "report"}
    assert await waiting(idle_world, TellRelay) == [TellRelay("follow", int(relay["id"]))]
    again = await api.post(BASE, {"url": URL})
    assert (again.code, "already" in again.json["error"]) == (409, True)


async def test_figures_of_the_last_day_stand_beside_it(idle_world: World) -> None:
    api = await admin(idle_world)
    relay = await added(api)
    for name, value in (("offered", 7), ("admitted", 4), ("refused.quota", 3)):
        idle_world.server.counters.add(f"relay.{relay['id']}.{name}", value)
    async with idle_world.server.write() as tx:
        await idle_world.server.counters.flush(tx)
    (listed,) = (await api.get(BASE)).json
    assert (listed["last_day"]["offered"], listed["last_day"]["refused"]) == (7, {"quota": 3})
    report = (await api.get(f"{BASE}/{relay['id']}")).json["report"]
    assert len(report["hours"]) == 24
    assert len(report["days"]) == 30
    assert report["hours"][-1]["admitted"] == 4
    assert report["per_admitted_post"]["bytes"] is None


async def test_changing_leaves_what_is_not_named(idle_world: World) -> None:
    api = await admin(idle_world)
    relay = await added(api, rules={"languages": ["en"]})
    path = f"{BASE}/{relay['id']}"
    got = await api.patch(path, {"rules": {"posts_per_hour": None, "only_followed_tags": True}, "sends": False})
    rules = got.json["rules"]
    assert (rules["posts_per_hour"], rules["only_followed_tags"], rules["languages"]) == (None, True, ["en"])
    assert got.json["sends"] is False
    form = await api.patch(path, **{"rules[posts_per_hour]": "300", "rules[bots]": "false", "rules[bytes_per_day]": ""})
    rules = form.json["rules"]
    assert (rules["posts_per_hour"], rules["bots"], rules["bytes_per_day"]) == (300, False, None)
    assert form.json["sends"] is False


@pytest.mark.parametrize(
    "rules",
    [
        {"posts_per_hour": 0},
        {"posts_per_hour": "many"},
        {"bytes_per_day": MIB - 1},
        {"bytes_per_day": "much"},
        {"languages": ["english"]},
        {"languages": 7},
        {"media": "films"},
        {"bots": "perhaps"},
        {"speed": 1},
        {"posts_per_hour": True},
        "all",
    ],
)
async def test_wrong_limits_are_named(idle_world: World, rules: Any) -> None:
    api = await admin(idle_world)
    got = await api.post(BASE, {"url": URL, "rules": rules})
    assert got.code == 422
    assert len(got.json["error"]) > 15
    assert (await api.get(BASE)).json == []


async def test_pausing_leaving_and_undoing(idle_world: World) -> None:
    api = await admin(idle_world)
    relay = await added(api)
    path = f"{BASE}/{relay['id']}"
    assert (await api.post(f"{path}/pause", hours=24)).json["paused_until"] is not None
    assert (await api.post(f"{path}/pause", hours=0)).json["paused_until"] is None
    assert (await api.post(f"{path}/pause", hours=100_000)).code == 422
    assert (await api.delete(path)).json["state"] == "left"
    assert (await api.delete(path)).json["state"] == "left"
    assert (await api.post(f"{path}/pause")).code == 422
    undone = await api.post(f"{path}/undo")
    assert undone.json["report"]["undoing"] is True
    assert await waiting(idle_world, UndoRelay) == [UndoRelay(int(relay["id"]))]
    async with idle_world.server.read() as tx:
        done = [(one.action, one.subject) for one in await audit.newest(tx, 20) if one.action.startswith("relay.")]
    assert done == [(f"relay.{what}", URL) for what in ("undone", "left", "resumed", "paused", "subscribed")]


async def test_scope_and_role_are_both_needed(idle_world: World) -> None:
    owner = await idle_world.account("ana", role="Owner")
    relay = await added(await idle_world.api_as(owner, "admin:write"))
    reader = await idle_world.api_as(owner, "admin:read")
    assert (await reader.get(BASE)).code == 200
    assert (await reader.post(BASE, {"url": URL})).code == 403
    assert (await (await idle_world.api_as(owner, "read write")).get(BASE)).code == 403
    for role in ("User", "Moderator"):
        other = await idle_world.api_as(await idle_world.account(role.lower(), role=role), "admin:read admin:write")
        for got in (
            await other.get(BASE),
            await other.get(f"{BASE}/{relay['id']}"),
            await other.post(BASE, {"url": URL}),
            await other.delete(f"{BASE}/{relay['id']}"),
            await other.post(f"{BASE}/{relay['id']}/undo"),
        ):
            assert (got.code, got.json) == (403, {"error": "This action is not allowed"})
    assert (await (await idle_world.api_as()).get(BASE)).code == 401
    assert (await reader.get(f"{BASE}/12345")).code == 404
