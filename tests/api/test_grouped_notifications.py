"""Notifications in groups by the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dassie.domain.ids import AccountId, StatusId
from dassie.services import notifying
from dassie.store import notification_groups, statuses
from dassie.store.views import AccountView
from entities_check import check_entity, needs_definitions
from people import change, stranger, write
from worlds import Client, Got, World

PATH = "/api/v2/notifications"


async def tell(world: World, account: AccountView, type: str, sender: AccountView, status: int | None = None) -> None:
    async with world.server.write() as tx:
        await notifying.notify(tx, world.server, account.id, type, sender.id, status)


async def strangers(world: World, count: int) -> list[AccountView]:
    return [await stranger(world, f"s{n}") for n in range(count)]


async def liked(world: World, ana: AccountView, *people: AccountView) -> StatusId:
    """A status of hers that all of them like, in this order."""
    id = await write(world, ana, "liked")
    for one in people:
        await tell(world, ana, "favourite", one, id)
    return id


async def groups(api: Client, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(PATH, **params)).json["notification_groups"]
    return found


def target(got: Got, rel: str) -> dict[str, list[str]]:
    """The parameters of one link of an answer."""
    [link] = [part for part in got.headers["link"].split(", ") if part.endswith(f'rel="{rel}"')]
    parts = urlsplit(link[1 : link.index(">")])
    assert parts.path == PATH
    return parse_qs(parts.query)


async def test_the_same_about_one_status_is_one_group(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    id = await liked(world, ana, bea, cem)
    other = await liked(world, ana, bea)
    await tell(world, ana, "reblog", bea, id)
    await tell(world, ana, "favourite", dan, id)
    api = await world.api_as(ana)
    got = (await api.get(PATH)).json
    favourites, reblog, second = got["notification_groups"]
    assert favourites["type"] == "favourite"
    assert favourites["notifications_count"] == 3
    assert favourites["sample_account_ids"] == [str(one.id) for one in (dan, cem, bea)]
    assert (favourites["status_id"], second["status_id"]) == (str(id), str(other))
    assert (reblog["type"], reblog["notifications_count"], reblog["status_id"]) == ("reblog", 1, str(id))
    assert sorted(one["id"] for one in got["statuses"]) == sorted([str(id), str(other)])
    assert sorted(one["id"] for one in got["accounts"]) == sorted(str(one.id) for one in (bea, cem, dan))
    assert "partial_accounts" not in got
    single = (await api.get("/api/v1/notifications")).json
    assert favourites["most_recent_notification_id"] == int(single[0]["id"])
    assert favourites["page_max_id"] == single[0]["id"]
    assert favourites["page_min_id"] == single[-1]["id"]
    assert favourites["latest_page_notification_at"] == single[0]["created_at"]
    keys = {one["group_key"] for one in single if one["type"] == "favourite" and one["status"]["id"] == str(id)}
    assert keys == {favourites["group_key"]}


async def test_a_group_takes_in_for_half_a_day(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    await tell(world, ana, "follow", bea)
    world.clock.forward(hours=11)
    await tell(world, ana, "follow", cem)
    world.clock.forward(hours=2)
    await tell(world, ana, "follow", dan)
    api = await world.api_as(ana)
    assert [one["notifications_count"] for one in await groups(api)] == [1, 2]


async def test_what_is_said_to_somebody_stands_alone(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    for text in ("one", "two"):
        await write(world, eve, text, mentions=[(AccountId(ana.id), False)])
    api = await world.api_as(ana)
    single = (await api.get("/api/v1/notifications")).json
    found = await groups(api)
    assert [one["group_key"] for one in found] == [f"ungrouped-{one['id']}" for one in single]
    assert [one["group_key"] for one in single] == [one["group_key"] for one in found]
    assert [one["type"] for one in found] == ["mention", "mention"]
    assert [one["sample_account_ids"] for one in found] == [[str(eve.id)]] * 2


async def test_sign_ups_are_told_together(world: World) -> None:
    ana, ben, cleo = [await world.account(name) for name in ("ana", "ben", "cleo")]
    await tell(world, ana, "admin.sign_up", ben)
    await tell(world, ana, "admin.sign_up", cleo)
    [found] = await groups(await world.api_as(ana))
    assert (found["type"], found["notifications_count"]) == ("admin.sign_up", 2)
    assert "status_id" not in found


async def test_the_client_says_what_is_grouped(world: World) -> None:
    ana, (bea, cem) = await world.account("ana"), await strangers(world, 2)
    await liked(world, ana, bea, cem)
    await tell(world, ana, "follow", bea)
    await tell(world, ana, "follow", cem)
    api = await world.api_as(ana)
    assert len(await groups(api)) == 2
    found = await groups(api, grouped_types=["follow", "mention"])
    assert [one["type"] for one in found] == ["follow", "favourite", "favourite"]
    assert found[1]["group_key"] == f"ungrouped-{found[1]['most_recent_notification_id']}"
    assert found[1]["sample_account_ids"] == [str(cem.id)]
    [alone] = (await api.get(f"{PATH}/{found[1]['group_key']}")).json["notification_groups"]
    assert alone["notifications_count"] == 1
    assert len(await groups(api, grouped_types=["mention"])) == 4
    got = await api.get(PATH, grouped_types=["follow"], expand_accounts="full", limit=2, account_id=bea.id)
    assert target(got, "next").keys() == {"grouped_types[]", "expand_accounts", "limit", "account_id", "max_id"}


async def test_types_and_the_sender_are_chosen(world: World) -> None:
    ana, (bea, cem) = await world.account("ana"), await strangers(world, 2)
    await liked(world, ana, bea)
    await tell(world, ana, "follow", cem)
    api = await world.api_as(ana)
    assert [one["type"] for one in await groups(api, types=["favourite"])] == ["favourite"]
    assert [one["type"] for one in await groups(api, exclude_types=["favourite"])] == ["follow"]
    assert [one["type"] for one in await groups(api, account_id=bea.id)] == ["favourite"]


async def test_hidden_ones_are_shown_on_demand_and_stand_alone(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    await change(world, bea, silenced_at=world.clock.now())
    for one in (bea, cem, dan):
        await tell(world, ana, "follow", one)
    api = await world.api_as(ana)
    assert [one["notifications_count"] for one in await groups(api)] == [2]
    together, hidden = await groups(api, include_filtered=True)
    assert (together["notifications_count"], hidden["notifications_count"]) == (2, 1)
    assert hidden["group_key"] == f"ungrouped-{hidden['page_max_id']}"


async def test_a_page_holds_groups_and_the_next_goes_on_below(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    id = await liked(world, ana, bea, cem)
    await tell(world, ana, "follow", bea)
    await tell(world, ana, "reblog", bea, id)
    await tell(world, ana, "favourite", dan, id)
    api = await world.api_as(ana)
    first = await api.get(PATH, limit=2)
    assert [one["type"] for one in first.json["notification_groups"]] == ["favourite", "reblog"]
    assert first.json["notification_groups"][0]["notifications_count"] == 3
    below = target(first, "next")
    assert below["max_id"] == [first.json["notification_groups"][1]["page_min_id"]]
    second = await api.get(PATH, limit=2, max_id=below["max_id"][0])
    follow, again = second.json["notification_groups"]
    assert (follow["type"], again["type"]) == ("follow", "favourite")
    assert again["group_key"] == first.json["notification_groups"][0]["group_key"]
    assert (again["notifications_count"], again["sample_account_ids"]) == (2, [str(cem.id), str(bea.id)])
    assert again["most_recent_notification_id"] == int(again["page_max_id"])
    assert int(again["page_min_id"]) < int(again["page_max_id"])
    last = await api.get(PATH, limit=2, max_id=target(second, "next")["max_id"][0])
    assert last.json == {"accounts": [], "statuses": [], "notification_groups": []}
    assert "link" not in last.headers


async def test_pages_go_up_and_newer_ones_are_found(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    id = await liked(world, ana, bea)
    await tell(world, ana, "follow", bea)
    api = await world.api_as(ana)
    seen = await api.get(PATH)
    above = target(seen, "prev")["min_id"][0]
    await tell(world, ana, "favourite", cem, id)
    await tell(world, ana, "follow", cem)
    await tell(world, ana, "reblog", dan, id)
    up = await api.get(PATH, min_id=above, limit=2)
    assert [one["type"] for one in up.json["notification_groups"]] == ["follow", "favourite"]
    assert [one["notifications_count"] for one in up.json["notification_groups"]] == [2, 2]
    assert [one["page_min_id"] == one["page_max_id"] for one in up.json["notification_groups"]] == [True, True]
    rest = await groups(api, min_id=target(up, "prev")["min_id"][0])
    assert [one["type"] for one in rest] == ["reblog"]
    newest = await groups(api, since_id=above, limit=1)
    assert [one["type"] for one in newest] == ["reblog"]
    assert len(await groups(api, since_id=above)) == 3


async def test_going_down_meets_each_notification_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, people = await world.account("ana"), await strangers(world, 6)
    ids = [await write(world, ana) for _ in range(3)]
    for n, one in enumerate(people):
        for id in ids[n % 2 :]:
            await tell(world, ana, "favourite", one, id)
        await tell(world, ana, "follow", one)
    api = await world.api_as(ana)
    single = [int(one["id"]) for one in (await api.get("/api/v1/notifications")).json]
    monkeypatch.setattr(notification_groups, "AT_ONCE", 2)
    monkeypatch.setattr(notification_groups, "LOOK_AT_MOST", 5)
    for limit in (1, 2, 3):
        page, met = await api.get(PATH, limit=limit), 0
        while page.json["notification_groups"]:
            found = page.json["notification_groups"]
            assert len(found) <= limit
            top, bottom = int(target(page, "prev")["min_id"][0]), int(target(page, "next")["max_id"][0])
            assert top == single[met]
            assert top == max(int(one["page_max_id"]) for one in found)
            assert bottom == min(int(one["page_min_id"]) for one in found)
            met = single.index(bottom) + 1
            page = await api.get(PATH, limit=limit, max_id=bottom)
        assert met == len(single)


async def test_eight_are_named_and_the_others_are_counted(world: World) -> None:
    ana, people = await world.account("ana"), await strangers(world, 11)
    await liked(world, ana, *people)
    api = await world.api_as(ana)
    got = (await api.get(PATH)).json
    [found] = got["notification_groups"]
    assert found["notifications_count"] == 11
    assert found["sample_account_ids"] == [str(one.id) for one in reversed(people[3:])]
    assert len(got["accounts"]) == 8
    shown = await api.get(f"{PATH}/{found['group_key']}")
    [again] = shown.json["notification_groups"]
    assert found.keys() - again.keys() == {"page_min_id", "page_max_id", "latest_page_notification_at"}
    assert all(again[name] == found[name] for name in again)
    path = f"{PATH}/{found['group_key']}/accounts"
    first = await api.get(path, limit=10)
    assert [one["id"] for one in first.json] == [str(one.id) for one in reversed(people[1:])]
    assert 'rel="next"' in first.headers["link"]
    single = (await api.get("/api/v1/notifications")).json
    rest = await api.get(path, limit=10, max_id=single[9]["id"])
    assert [one["id"] for one in rest.json] == [str(people[0].id)]
    assert 'rel="next"' not in rest.headers["link"]


async def test_small_pictures_only_take_what_they_need(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    await liked(world, ana, bea, cem, dan)
    await tell(world, ana, "follow", bea)
    api = await world.api_as(ana)
    got = (await api.get(PATH, expand_accounts="partial_avatars")).json
    assert sorted(one["id"] for one in got["accounts"]) == sorted([str(bea.id), str(dan.id)])
    [part] = got["partial_accounts"]
    assert (part["id"], part["acct"]) == (str(cem.id), "s1@else.test")
    assert "note" not in part
    refused = await api.get(PATH, expand_accounts="some")
    words = "Invalid value for 'expand_accounts': 'some', allowed values are 'full' and 'partial_avatars'"
    assert (refused.code, refused.json) == (400, {"error": words})


async def test_a_group_is_dismissed_by_its_key(world: World) -> None:
    ana, ben, (bea, cem) = await world.account("ana"), await world.account("ben"), await strangers(world, 2)
    for one in (bea, cem):
        await tell(world, ana, "follow", one)
    await write(world, bea, "you", mentions=[(AccountId(ana.id), False)])
    api, other = await world.api_as(ana), await world.api_as(ben)
    mention, follow = [one["group_key"] for one in await groups(api)]
    for key in (mention, follow):
        assert (await other.get(f"{PATH}/{key}")).code == 404
        assert (await other.get(f"{PATH}/{key}/accounts")).json == []
        assert (await other.post(f"{PATH}/{key}/dismiss")).code == 200
    assert len(await groups(api)) == 2
    assert (await api.post(f"{PATH}/{follow}/dismiss")).json == {}
    assert (await api.post(f"{PATH}/{follow}/dismiss")).json == {}
    assert [one["group_key"] for one in await groups(api)] == [mention]
    assert [one["id"] for one in (await api.get(f"{PATH}/{mention}/accounts")).json] == [str(bea.id)]
    assert (await api.post(f"{PATH}/{mention}/dismiss")).code == 200
    assert await groups(api) == []


async def test_all_are_cleared(world: World) -> None:
    ana, (bea, cem) = await world.account("ana"), await strangers(world, 2)
    await liked(world, ana, bea, cem)
    api = await world.api_as(ana)
    assert (await api.post(f"{PATH}/clear")).json == {}
    assert await groups(api) == []
    assert (await api.get("/api/v1/notifications")).json == []


async def test_unread_groups_are_counted_from_the_marker(world: World) -> None:
    ana, (bea, cem, dan) = await world.account("ana"), await strangers(world, 3)
    id = await liked(world, ana, bea, cem)
    await tell(world, ana, "follow", bea)
    await tell(world, ana, "reblog", dan, id)
    api = await world.api_as(ana)
    assert (await api.get(f"{PATH}/unread_count")).json == {"count": 3}
    assert (await api.get(f"{PATH}/unread_count", limit=2)).json == {"count": 2}
    assert (await api.get(f"{PATH}/unread_count", grouped_types=["follow"])).json == {"count": 4}
    assert (await api.get(f"{PATH}/unread_count", types=["favourite"])).json == {"count": 1}
    single = (await api.get("/api/v1/notifications")).json
    await api.post("/api/v1/markers", json={"notifications": {"last_read_id": single[1]["id"]}})
    assert (await api.get(f"{PATH}/unread_count")).json == {"count": 1}


async def test_a_status_that_is_gone_takes_its_groups_along(world: World) -> None:
    ana, (bea, cem) = await world.account("ana"), await strangers(world, 2)
    id = await liked(world, ana, bea, cem)
    api = await world.api_as(ana)
    [found] = await groups(api)
    async with world.server.write() as tx:
        await statuses.delete_row(tx, id)
    assert await groups(api) == []
    assert (await api.get(f"{PATH}/{found['group_key']}")).code == 404


async def test_what_is_no_key_finds_nothing(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    for key in ("x", "follow-", "ungrouped-1", f"ungrouped-{10**19}", "follow-%00-1", "-1", "%27", "favourite-1-2-3"):
        assert (await api.get(f"{PATH}/{key}")).code == 404
        assert (await api.get(f"{PATH}/{key}/accounts")).json == []
        assert (await api.post(f"{PATH}/{key}/dismiss")).code == 200


async def test_scopes_are_asked_for(world: World) -> None:
    ana = await world.account("ana")
    reader, writer = await world.api_as(ana, "read:notifications"), await world.api_as(ana, "write:notifications")
    for path in (PATH, f"{PATH}/unread_count", f"{PATH}/follow-1/accounts"):
        assert ((await reader.get(path)).code, (await writer.get(path)).code) == (200, 403)
    for path in (f"{PATH}/clear", f"{PATH}/follow-1/dismiss"):
        assert ((await reader.post(path)).code, (await writer.post(path)).code) == (403, 200)
    assert (await (await world.api_as()).get(PATH)).code == 401


@needs_definitions
async def test_the_answers_are_what_clients_expect(world: World) -> None:
    ana, people = await world.account("ana"), await strangers(world, 10)
    await liked(world, ana, *people)
    await tell(world, ana, "follow", people[0])
    await write(world, people[1], "you", mentions=[(AccountId(ana.id), False)])
    api = await world.api_as(ana)
    for params in ({}, {"expand_accounts": "partial_avatars"}, {"grouped_types": ["follow"]}):
        got = (await api.get(PATH, **params)).json
        assert check_entity("GroupedNotificationsResults", got) == []
        for one in got["notification_groups"]:
            shown = await api.get(f"{PATH}/{one['group_key']}")
            assert check_entity("GroupedNotificationsResults", shown.json) == []
            people_of = await api.get(f"{PATH}/{one['group_key']}/accounts")
            assert check_entity("List<Account>", people_of.json) == []
