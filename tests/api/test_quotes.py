"""Quotes by API: posting, seeing them, who may, and taking consent back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dassie.services import indexing
from dassie.store import statuses
from entities_check import check_entity, needs_definitions
from statements import least
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> Any:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return got.json


async def seen(api: Client, id: str) -> Any:
    got = await api.get(f"/api/v1/statuses/{id}")
    assert got.code == 200, got.text
    return got.json


async def two(world: World) -> tuple[Client, Client]:
    return await world.api_as(await world.account("ana")), await world.api_as(await world.account("ben"))


async def test_a_quote_shows_the_quoted_status_and_is_counted(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana, "first")
    assert first["quote"] is None
    assert first["quote_approval"] == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    second = await posted(ben, "look", quoted_status_id=first["id"])
    assert second["quote"]["state"] == "accepted"
    assert second["quote"]["quoted_status"]["id"] == first["id"]
    assert second["quote"]["quoted_status"]["quotes_count"] == 1
    assert (await seen(ana, first["id"]))["quotes_count"] == 1
    told = (await ana.get("/api/v1/notifications")).json
    assert [(one["type"], one["status"]["id"]) for one in told] == [("quote", second["id"])]
    anybody = await world.api_as()
    open_to_all = await seen(anybody, second["id"])
    assert open_to_all["quote"]["quoted_status"]["id"] == first["id"]
    assert open_to_all["quote_approval"]["current_user"] == "denied"


async def test_a_quote_needs_no_words_and_keeps_its_warning(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    bare = await posted(ben, "", quoted_status_id=first["id"])
    assert (bare["content"], bare["quote"]["state"]) == ("", "accepted")
    warned = await posted(ben, "", spoiler_text="Spiders", quoted_status_id=first["id"])
    assert (warned["spoiler_text"], warned["sensitive"], warned["content"]) == ("Spiders", True, "")
    edited = await ben.put(f"/api/v1/statuses/{warned['id']}", status="", spoiler_text="Snakes")
    assert (edited.code, edited.json["spoiler_text"]) == (200, "Snakes")


async def test_a_quote_within_a_quote_is_only_named(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana, "first")
    second = await posted(ben, "second", quoted_status_id=first["id"])
    third = await posted(ana, "third", quoted_status_id=second["id"])
    assert third["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": first["id"]}


async def test_a_boost_of_a_quote_shows_the_quote_in_the_boosted(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    boost = (await ana.post(f"/api/v1/statuses/{second['id']}/reblog")).json
    assert boost["quote"] is None
    assert boost["reblog"]["quote"]["quoted_status"]["id"] == first["id"]


@needs_definitions
async def test_quotes_are_as_the_entity_says(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana, "first")
    second = await posted(ben, "second", quoted_status_id=first["id"])
    third = await posted(ana, "third", quoted_status_id=second["id"])
    listed = (await ana.get(f"/api/v1/statuses/{first['id']}/quotes")).json
    revoked = (await ana.post(f"/api/v1/statuses/{first['id']}/quotes/{second['id']}/revoke")).json
    policy = (await ana.put(f"/api/v1/statuses/{first['id']}/interaction_policy", quote_approval_policy="nobody")).json
    for one in (first, second, third, *listed, revoked, policy):
        assert check_entity("Status", one) == []


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_private_posts_of_others_are_not_there_to_quote(world: World, visibility: str) -> None:
    ana, ben = await two(world)
    await ben.post(f"/api/v1/accounts/{(await ana.get('/api/v1/accounts/verify_credentials')).json['id']}/follow")
    first = await posted(ana, "for @ben", visibility=visibility)
    assert first["quote_approval"]["automatic"] == []
    assert (await seen(ben, first["id"]))["quote_approval"]["current_user"] == "denied"
    got = await ben.post("/api/v1/statuses", status="look", quoted_status_id=first["id"])
    assert got.code == 404


async def test_a_quote_of_ones_own_private_post_is_private(world: World) -> None:
    ana, _ = await two(world)
    first = await posted(ana, visibility="private")
    assert first["quote_approval"]["current_user"] == "automatic"
    again = await posted(ana, "again", quoted_status_id=first["id"], visibility="public")
    assert (again["visibility"], again["quote"]["state"]) == ("private", "accepted")


async def test_a_direct_quote_must_name_the_quoted_author(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    got = await ben.post("/api/v1/statuses", status="psst", quoted_status_id=first["id"], visibility="direct")
    assert got.code == 422
    made = await posted(ben, "psst @ana", quoted_status_id=first["id"], visibility="direct")
    assert made["quote"]["state"] == "accepted"


@pytest.mark.parametrize(("word", "stranger", "follower"), [("followers", 404, 200), ("nobody", 404, 404)])
async def test_the_policy_says_who_may_quote(world: World, word: str, stranger: int, follower: int) -> None:
    ana, ben = await two(world)
    first = await posted(ana, quote_approval_policy=word)
    assert (await seen(ben, first["id"]))["quote_approval"]["current_user"] == "denied"
    got = await ben.post("/api/v1/statuses", status="look", quoted_status_id=first["id"])
    assert got.code == stranger
    await ben.post(f"/api/v1/accounts/{first['account']['id']}/follow")
    state = (await seen(ben, first["id"]))["quote_approval"]["current_user"]
    assert state == ("automatic" if follower == 200 else "denied")
    got = await ben.post("/api/v1/statuses", status="look", quoted_status_id=first["id"])
    assert got.code == follower


async def test_the_policy_is_changed_later_and_on_editing(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    path = f"/api/v1/statuses/{first['id']}"
    changed = (await ana.put(f"{path}/interaction_policy", quote_approval_policy="followers")).json
    assert changed["quote_approval"]["automatic"] == ["followers"]
    assert changed["edited_at"] is None
    edited = (await ana.put(path, status="hello", quote_approval_policy="nobody")).json
    assert (edited["quote_approval"]["automatic"], edited["edited_at"]) == ([], None)
    assert (await ben.put(f"{path}/interaction_policy", quote_approval_policy="public")).code == 404
    assert (await ana.put(f"{path}/interaction_policy", quote_approval_policy="all")).code == 422
    assert (await ana.put(f"{path}/interaction_policy")).code == 422


async def test_posts_take_the_policy_of_the_settings(world: World) -> None:
    ana, _ = await two(world)
    await ana.patch("/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "followers"}})
    assert (await posted(ana))["quote_approval"]["automatic"] == ["followers"]
    preferences = (await ana.get("/api/v1/preferences")).json
    assert preferences["posting:default:quote_policy"] == "followers"


async def test_an_edit_keeps_the_quote_and_tells_quoters(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    edited = (await ben.put(f"/api/v1/statuses/{second['id']}", status="look!", quoted_status_id="1")).json
    assert edited["quote"]["quoted_status"]["id"] == first["id"]
    await ana.put(f"/api/v1/statuses/{first['id']}", status="hello!")
    told = (await ben.get("/api/v1/notifications", types=["quoted_update"])).json
    assert [(one["type"], one["status"]["id"], one["account"]["username"]) for one in told] == [
        ("quoted_update", second["id"], "ana")
    ]


async def test_consent_taken_back_hides_the_quoted_status(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    path = f"/api/v1/statuses/{first['id']}/quotes/{second['id']}/revoke"
    assert (await ben.post(path)).code == 403
    for _ in range(2):
        got = (await ana.post(path)).json
        assert (got["id"], got["quote"]) == (second["id"], {"state": "revoked", "quoted_status": None})
    assert (await seen(ana, first["id"]))["quotes_count"] == 0
    assert (await ana.get(f"/api/v1/statuses/{first['id']}/quotes")).json == []
    assert (await ana.get("/api/v1/notifications")).json == []
    other = await posted(ana)
    assert (await ana.post(f"/api/v1/statuses/{other['id']}/quotes/{second['id']}/revoke")).code == 404


@needs_definitions
async def test_the_history_of_a_quote_shows_what_became_of_it(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    path = f"/api/v1/statuses/{second['id']}/history"

    async def history() -> list[tuple[str, str | None]]:
        versions = (await ben.get(path)).json
        assert check_entity("List<StatusEdit>", versions) == []
        return [(one["quote"]["state"], (one["quote"]["quoted_status"] or {}).get("id")) for one in versions]

    assert await history() == [("accepted", first["id"])]
    await ben.put(f"/api/v1/statuses/{second['id']}", status="look!")
    assert await history() == [("accepted", first["id"])] * 2
    await ana.post(f"/api/v1/accounts/{second['account']['id']}/block")
    assert await history() == [("unauthorized", None)] * 2
    await ana.post(f"/api/v1/statuses/{first['id']}/quotes/{second['id']}/revoke")
    assert await history() == [("revoked", None)] * 2
    assert "quote" not in (await ana.get(f"/api/v1/statuses/{first['id']}/history")).json[0]


async def test_the_author_sees_and_ends_a_quote_for_followers_alone(world: World) -> None:
    account = await world.account("ben")
    ana, ben = await world.api_as(await world.account("ana")), await world.api_as(account)
    cleo = await world.api_as(await world.account("cleo"))
    first = await posted(ana)
    second = await posted(ben, "for my followers", quoted_status_id=first["id"], visibility="private")
    told = (await ana.get("/api/v1/notifications")).json
    assert [(one["type"], one["status"]["id"]) for one in told] == [("quote", second["id"])]
    path = f"/api/v1/statuses/{first['id']}/quotes"
    assert [one["id"] for one in (await ana.get(path)).json] == [second["id"]]
    assert (await seen(ana, second["id"]))["mentions"] == []
    assert (await cleo.get(path)).json == []
    assert (await cleo.get(f"/api/v1/statuses/{second['id']}")).code == 404
    got = await cleo.post(f"{path}/{second['id']}/revoke")
    assert got.code == 403
    revoked = (await ana.post(f"{path}/{second['id']}/revoke")).json
    assert (revoked["id"], revoked["quote"]["state"]) == (second["id"], "revoked")


async def test_a_quote_ends_also_where_its_author_cannot_read_it(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    await ben.post(f"/api/v1/accounts/{first['account']['id']}/block")
    assert (await ana.get(f"/api/v1/statuses/{second['id']}")).code == 404
    got = await ana.post(f"/api/v1/statuses/{first['id']}/quotes/{second['id']}/revoke")
    assert (got.code, got.json["id"], got.json["quotes_count"]) == (200, first["id"], 0)
    assert (await seen(ben, second["id"]))["quote"] == {"state": "revoked", "quoted_status": None}


async def test_a_deleted_quoted_status_leaves_a_deleted_quote(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    await ana.delete(f"/api/v1/statuses/{first['id']}")
    assert (await seen(ben, second["id"]))["quote"] == {"state": "deleted", "quoted_status": None}


async def test_a_deleted_quote_counts_no_more(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    await ben.delete(f"/api/v1/statuses/{second['id']}")
    assert (await seen(ana, first["id"]))["quotes_count"] == 0


async def test_quotes_look_different_to_those_who_keep_away(world: World) -> None:
    ana, ben = await two(world)
    cleo = await world.api_as(await world.account("cleo"))
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    author = first["account"]["id"]

    async def state(of: Client) -> tuple[str, bool]:
        quote = (await seen(of, second["id"]))["quote"]
        return quote["state"], quote["quoted_status"] is not None

    await cleo.post(f"/api/v1/accounts/{author}/mute")
    assert await state(cleo) == ("muted_account", True)
    await cleo.post(f"/api/v1/accounts/{author}/block")
    assert await state(cleo) == ("blocked_account", True)
    await cleo.post(f"/api/v1/accounts/{author}/unblock")
    me = (await cleo.get("/api/v1/accounts/verify_credentials")).json["id"]
    await ana.post(f"/api/v1/accounts/{me}/block")
    assert await state(cleo) == ("unauthorized", False)
    got = await cleo.post("/api/v1/statuses", status="look", quoted_status_id=first["id"])
    assert got.code == 404


async def test_a_quoted_status_carries_its_own_filters(world: World) -> None:
    ana, ben = await two(world)
    cleo = await world.api_as(await world.account("cleo"))
    first = await posted(ana, "a crocodile")
    second = await posted(ben, "look", quoted_status_id=first["id"])
    keywords = [{"keyword": "crocodile"}]
    got = await cleo.post(
        "/api/v2/filters", json={"title": "x", "context": ["public"], "keywords_attributes": keywords}
    )
    assert got.code == 200, got.text
    shown = await seen(cleo, second["id"])
    assert shown["filtered"] == []
    assert [one["filter"]["title"] for one in shown["quote"]["quoted_status"]["filtered"]] == ["x"]


async def test_quotes_are_listed_page_by_page(world: World) -> None:
    ana, ben = await two(world)
    cleo = await world.api_as(await world.account("cleo"))
    first = await posted(ana)
    made = [(await posted(ben, f"look {n}", quoted_status_id=first["id"]))["id"] for n in range(3)]
    hidden = await posted(cleo, "mine", quoted_status_id=first["id"], visibility="private")
    path = f"/api/v1/statuses/{first['id']}/quotes"
    page = await ben.get(path, limit=2)
    assert [one["id"] for one in page.json] == made[:0:-1]
    assert "since_id=" in page.headers["link"]
    rest = await ben.get(path, max_id=page.json[-1]["id"])
    assert [one["id"] for one in rest.json] == made[:1]
    assert [one["id"] for one in (await cleo.get(path)).json] == [hidden["id"], *reversed(made)]
    assert (await (await world.api_as()).get(path)).code == 401


async def test_quotes_are_found_by_search(world: World) -> None:
    ana, _ = await two(world)
    first = await posted(ana, "heron one")
    second = await posted(ana, "heron two", quoted_status_id=first["id"])
    await indexing.drain(world.server)
    found = (await ana.get("/api/v2/search", q="heron is:quote", type="statuses")).json
    assert [one["id"] for one in found["statuses"]] == [second["id"]]


async def test_a_scheduled_post_keeps_what_it_quotes(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    at = (world.clock.now().replace(microsecond=0)).isoformat()
    later = at.replace(at[:4], str(int(at[:4]) + 1), 1)
    got = await ben.post(
        "/api/v1/statuses",
        status="later",
        quoted_status_id=first["id"],
        quote_approval_policy="followers",
        scheduled_at=later,
    )
    assert got.code == 200, got.text
    assert got.json["params"]["quoted_status_id"] == first["id"]
    assert got.json["params"]["quote_approval_policy"] == "followers"
    world.clock.forward(days=366)
    world.app.runner.wake()  # nobody else sees that the clock was moved
    async with asyncio.timeout(10):
        while not (home := (await ben.get("/api/v1/timelines/home")).json):
            await asyncio.sleep(0.02)
    assert home[0]["quote"]["quoted_status"]["id"] == first["id"]
    assert home[0]["quote_approval"]["automatic"] == ["followers"]


async def test_quotes_cost_two_more_queries_and_nothing_where_nobody_quotes(world: World) -> None:
    ana, ben = await two(world)
    first = [await posted(ana, f"plain {n}") for n in range(6)]

    async def cost(of: Client) -> int:
        await world.settle()
        await of.get("/api/v1/timelines/public", limit=40)
        return await least(lambda: of.get("/api/v1/timelines/public", limit=40))

    plain = await cost(ben)
    await posted(ben, "look", quoted_status_id=first[0]["id"])
    one = await cost(ben)
    for each in first:
        await posted(ben, "look again", quoted_status_id=each["id"])
    assert (one, await cost(ben)) == (plain + 2, plain + 2)


async def test_the_count_is_never_below_zero_and_the_row_goes_with_the_status(world: World) -> None:
    ana, ben = await two(world)
    first = await posted(ana)
    second = await posted(ben, "look", quoted_status_id=first["id"])
    async with world.server.write() as tx:
        await statuses.count(tx, int(first["id"]), "quotes_count", -5)
    await ben.delete(f"/api/v1/statuses/{second['id']}")
    assert (await seen(ana, first["id"]))["quotes_count"] == 0
