"""How often one may call: per token, person and address, in windows that all share; the tightest is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dassie.domain.errors import TooMany
from dassie.door import limits
from worlds import Client, Got, World


def told(got: Got) -> tuple[int, int]:
    """The limit that is told, and how much of it is left."""
    return int(got.headers["x-ratelimit-limit"]), int(got.headers["x-ratelimit-remaining"])


@pytest.fixture
def limited(world: World) -> World:
    """The world with its limits on."""
    world.app.limits._on = True
    return world


async def test_the_tightest_window_is_told_with_its_end(limited: World) -> None:
    api = await limited.api_as(await limited.account("ana"))
    first = await api.get("/api/v1/lists")
    assert told(first) == (300, 299)
    reset = datetime.fromisoformat(first.headers["x-ratelimit-reset"])
    assert first.headers["x-ratelimit-reset"].endswith("Z")
    assert reset.timestamp() % 300 == 0
    assert 0 < (reset - limited.clock.now()).total_seconds() <= 300
    assert told(await api.get("/api/v1/lists")) == (300, 298)


async def test_a_person_shares_the_limit_of_pages_over_all_apps(limited: World) -> None:
    ana = await limited.account("ana")
    one, other = await limited.api_as(ana), await limited.api_as(ana, "read")
    limit = limits.PAGING.most
    for n in range(limit):
        got = await (one, other)[n % 2].get("/api/v1/blocks", **{("page", "max_id", "min_id", "since_id")[n % 4]: 1})
        assert got.code == 200, got.text
    refused = await one.get("/api/v1/blocks", max_id=1)
    assert refused.code == 429
    assert refused.json == {"error": "Too many requests"}
    assert int(refused.headers["retry-after"]) > 0
    assert told(refused) == (limit, 0)
    assert (await other.get("/api/v1/blocks", limit=1, maxim_id=1)).code == 200
    limited.clock.forward(seconds=limits.PAGING.seconds)
    assert (await one.get("/api/v1/blocks", max_id=1)).code == 200


async def test_all_tokens_of_a_person_together_have_a_limit(limited: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dassie.api.routing.API_USER", limits.Limit("api-user", 4, 300))
    ana = await limited.account("ana")
    apps = [await limited.api_as(ana, scopes) for scopes in ("read", "read write", "read follow")]
    codes = [(await app.get("/api/v1/lists")).code for app in [*apps, *apps]]
    assert codes == [200] * 4 + [429] * 2
    assert (await (await limited.api_as(await limited.account("ben"))).get("/api/v1/lists")).code == 200


async def test_guests_of_one_address_share_a_limit(limited: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dassie.api.routing.API_ANONYMOUS", limits.Limit("api-anonymous", 2, 300))
    client = Client(limited.app)
    codes = [(await client.get("/api/v2/instance")).code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert (await client.get("/api/v2/instance")).json == {"error": "Too many requests"}
    limited.clock.forward(seconds=300)
    unknown = [await Client(limited.app, "no such token").get("/api/v1/lists") for _ in range(3)]
    assert [got.code for got in unknown] == [401, 401, 429]
    assert [told(got) for got in unknown] == [(2, 1), (2, 0), (2, 0)]
    elsewhere = Client(limited.app, address="2001:db8:0:1::7")
    neighbour = Client(limited.app, address="2001:db8:0:1:ffff::1")
    assert [(await one.get("/api/v2/instance")).code for one in (elsewhere, neighbour, neighbour)] == [200, 200, 429]
    assert (await Client(limited.app, address="2001:db8:0:2::1").get("/api/v2/instance")).code == 200


async def test_what_makes_work_for_others_has_limits_of_its_own(limited: World) -> None:
    ana = await limited.account("ana")
    api = await limited.api_as(ana)
    now, address = limited.clock.now(), "203.0.113.9"
    by_person = {
        limits.POSTS: ("POST statuses", "PUT statuses/1", "POST statuses/1/reblog"),
        limits.DELETIONS: ("DELETE statuses/1", "POST statuses/1/unreblog"),
        limits.UPLOADS: ("POST media", "POST ../v2/media"),
        limits.FOLLOWS: (f"POST accounts/{(await limited.account('bob')).id}/follow", "POST tags/cats/follow"),
        limits.REPORTS: ("POST reports",),
    }
    by_address = {limits.APPS: ("POST apps",), limits.SIGN_UPS: ("POST accounts",)}
    for whose, all in ((str(ana.id), by_person), (address, by_address)):
        for limit, calls in all.items():
            limited.app.limits.count(limit, whose, now, amount=limit.most)
            for one in calls:
                method, _, path = one.partition(" ")
                got = await api.request(method, f"/api/v1/{path}".replace("v1/../", ""))
                assert (got.code, got.json) == (429, {"error": "Too many requests"}), one
                assert told(got) == (limit.most, 0), one
    assert (await api.post("/api/v1/statuses/1/favourite")).code == 404
    limited.clock.forward(days=1)
    made = await api.post("/api/v1/media")
    assert (made.code, told(made)) == (422, (30, 29))  # tighter than what all calls have


@pytest.mark.parametrize(
    ("limit", "most", "seconds"),
    [
        (limits.API_USER, 1500, 300),
        (limits.API_TOKEN, 300, 300),
        (limits.API_ANONYMOUS, 300, 300),
        (limits.PAGING, 300, 900),
        (limits.UPLOADS, 30, 1800),
        (limits.DELETIONS, 30, 1800),
        (limits.MEDIA_PROXY, 30, 600),
        (limits.SIGN_UPS, 5, 1800),
        (limits.APPS, 5, 600),
        (limits.SIGN_IN_ADDRESS, 25, 300),
        (limits.SIGN_IN_USER, 25, 3600),
        (limits.MAIL_ADDRESS, 25, 300),
        (limits.MAIL_RECEIVER, 5, 1800),
        (limits.PASSWORDS, 10, 600),
        (limits.FOLLOWS, 400, 86_400),
        (limits.POSTS, 300, 10_800),
        (limits.REPORTS, 400, 86_400),
    ],
)
def test_limits_are_those_that_apps_expect(limit: limits.Limit, most: int, seconds: int) -> None:
    counter = limits.Limits()
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert (limit.most, limit.seconds) == (most, seconds)
    assert counter.count(limit, "ana", now, amount=most).remaining == 0
    with pytest.raises(TooMany):
        counter.count(limit, "ana", now)
    assert counter.count(limit, "ben", now).remaining == most - 1
