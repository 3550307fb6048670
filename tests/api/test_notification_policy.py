"""Notification policies and requests: who is held back, what shows of it, and how they are let through."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.domain.ids import AccountId
from dassie.domain.jobs import MergeNotifications
from dassie.domain.notification_policies import NotificationPolicy
from dassie.services import blocking, notifying, screening
from dassie.store import conversations, leavings, notification_policies, notification_requests, statuses
from dassie.store.views import AccountView
from entities_check import check_entity, needs_definitions
from listeners import events, listeners, listening
from people import befriend, change, run, stranger, waiting, write
from worlds import Client, World

POLICY = "/api/v2/notifications/policy"
OLD_POLICY = "/api/v1/notifications/policy"
REQUESTS = "/api/v1/notifications/requests"
LIST = "/api/v1/notifications"


async def tell(world: World, to: AccountView, type: str, sender: AccountView, status: int | None = None) -> None:
    async with world.server.write() as tx:
        await notifying.notify(tx, world.server, to.id, type, sender.id, status)


async def mention(
    world: World, sender: AccountView, *named: AccountView, answers: int | None = None, visibility: str = "public"
) -> int:
    """A post that mentions these people."""
    async with world.server.read() as tx:
        parent = await statuses.by_id(tx, answers) if answers is not None else None
    people = [(AccountId(one.id), False) for one in named]
    return await write(world, sender, "hello", mentions=people, in_reply_to=parent, visibility=visibility)


async def told(api: Client, **params: Any) -> list[tuple[str, str]]:
    return [(one["type"], one["account"]["username"]) for one in (await api.get(LIST, **params)).json]


async def strict(world: World, me: AccountView, verdict: str = "filter") -> Client:
    """Somebody who is told only by those they follow."""
    api = await world.api_as(me)
    assert (await api.patch(POLICY, for_not_following=verdict)).code == 200
    return api


# The policy ----------------------------------------------------------------------------------------


@needs_definitions
async def test_the_policy_is_read_and_changed_in_both_shapes(idle_world: World) -> None:
    api = await idle_world.api_as(await idle_world.account("ana"))
    usual = (await api.get(POLICY)).json
    assert check_entity("NotificationPolicy", usual) == []
    held = {name for name, verdict in usual.items() if verdict == "filter"}
    assert held == {"for_private_mentions", "for_limited_accounts"}
    assert usual["summary"] == {"pending_requests_count": 0, "pending_notifications_count": 0}
    got = await api.patch(POLICY, for_bots="drop", for_private_mentions="accept")
    assert got.json == usual | {"for_bots": "drop", "for_private_mentions": "accept"}
    assert (await api.put(POLICY, {"for_new_accounts": "filter"})).json["for_bots"] == "drop"
    old = (await api.get(OLD_POLICY)).json
    assert check_entity("V1::NotificationPolicy", old) == []
    assert {name for name, on in old.items() if on is True} == {"filter_new_accounts", "filter_bots"}
    got = await api.put(OLD_POLICY, filter_bots=False, filter_not_followers=True)
    assert got.json == old | {"filter_bots": False, "filter_not_followers": True}
    assert (await api.get(POLICY)).json["for_not_followers"] == "filter"
    assert (await api.patch(POLICY, for_bots="perhaps")).code == 422


async def test_the_policy_needs_its_scopes(idle_world: World) -> None:
    ana = await idle_world.account("ana")
    reader = await idle_world.api_as(ana, "read:notifications")
    assert (await reader.get(POLICY)).code == (await reader.get(REQUESTS)).code == 200
    assert (await reader.patch(POLICY, for_bots="drop")).code == 403
    assert (await reader.post(f"{REQUESTS}/accept", id=[1])).code == 403
    assert (await (await idle_world.api_as(ana, "write")).get(POLICY)).code == 403
    assert (await (await idle_world.api_as()).get(POLICY)).code == 401


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ("for_not_following", {"friend"}),
        ("for_not_followers", {"old"}),
        ("for_new_accounts", {"friend", "old", "fan", "bot"}),
        ("for_limited_accounts", {"friend", "old", "fan", "new", "bot"}),
        ("for_bots", {"friend", "old", "fan", "new", "limited"}),
    ],
)
@pytest.mark.parametrize("verdict", ["filter", "drop"])
async def test_each_rule_holds_back_its_own(idle_world: World, rule: str, passes: set[str], verdict: str) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    world.clock.forward(days=-100)
    people = {name: await stranger(world, name) for name in ("friend", "old", "fan", "bot")}
    world.clock.forward(days=95)
    await befriend(world, people["old"], ana)
    world.clock.forward(days=4)
    await befriend(world, people["fan"], ana)
    world.clock.forward(days=1)
    for name in ("new", "limited"):
        people[name] = await stranger(world, name)
    await befriend(world, ana, people["friend"])
    await change(world, people["bot"], actor_type="Service")
    await change(world, people["limited"], silenced_at=world.clock.now())
    await api.post(f"{LIST}/clear")
    await api.patch(POLICY, **{"for_limited_accounts": "accept", rule: verdict})
    status = await write(world, ana)
    for person in people.values():
        await tell(world, ana, "favourite", person, status)
    assert {name for _, name in await told(api)} == passes
    rest = set(people) if verdict == "filter" else passes
    assert {name for _, name in await told(api, include_filtered=True)} == rest
    for type in ("status", "poll", "update"):
        await tell(world, ana, type, people["new"], status)
    assert len(await told(api, types=["status", "poll", "update"])) == 3


async def test_private_mentions_pass_as_answers_only(idle_world: World) -> None:
    world = idle_world
    ana, ben, eve = await world.account("ana"), await world.account("ben"), await stranger(world, "eve")
    api = await world.api_as(ana)
    assert await mention(world, eve, ana, visibility="direct")
    open_one = await mention(world, ana, eve)
    assert await mention(world, eve, ana, answers=open_one, visibility="direct")  # what it answers is for all to read
    to_ben = await mention(world, ana, ben, visibility="direct")
    assert await mention(world, eve, ana, answers=to_ben, visibility="direct")
    assert await told(api) == []
    asked = await mention(world, ana, eve, visibility="direct")
    step = asked
    for _ in range(3):
        step = await mention(world, ben, ana, answers=step, visibility="direct")
    assert await told(api) == []  # nor has she written to Ben about this before
    assert await mention(world, eve, ana, answers=step, visibility="direct")
    assert await told(api) == [("mention", "eve")]
    assert await mention(world, eve, ana)
    assert len(await told(api)) == 2


async def test_a_long_way_up_a_thread_is_not_looked(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    mal = await stranger(world, "mal")
    api = await world.api_as(ana)
    step = await mention(world, ana, eve, visibility="direct")
    for _ in range(99):
        step = await mention(world, mal, answers=step, visibility="direct")
    assert await mention(world, eve, ana, visibility="direct", answers=step)
    assert await told(api) == [("mention", "eve")]
    step = await mention(world, mal, answers=step, visibility="direct")
    assert await mention(world, eve, ana, visibility="direct", answers=step)
    assert len(await told(api)) == 1


async def test_moderators_reach_everybody(idle_world: World) -> None:
    world = idle_world
    ana, mod = await world.account("ana"), await world.account("mod", role="Moderator")
    api = await strict(world, ana, "drop")
    await tell(world, ana, "follow", mod)
    assert await mention(world, mod, ana, visibility="direct")
    assert await told(api, include_filtered=True) == [("mention", "mod")]


# What is held back ---------------------------------------------------------------------------------


async def test_what_is_held_back_is_neither_listed_nor_counted_nor_heard(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    status = await write(world, ana)
    assert api.token is not None
    async with listening(world) as port, events(port, "user/notification", api.token) as heard:
        await listeners(world, f"notifications:{ana.id}", 1)
        await mention(world, eve, ana)
        await tell(world, ana, "favourite", eve, status)
        await befriend(world, ana, eve)
        await tell(world, ana, "reblog", eve, status)
        kind, payload = await heard.next()
    assert kind == "notification"
    assert '"type":"reblog"' in payload
    for version in ("v1", "v2"):
        assert (await api.get(f"/api/{version}/notifications/unread_count")).json == {"count": 1}
    assert (await api.get("/api/v2/notifications")).json["notification_groups"][0]["type"] == "reblog"
    shown = (await api.get(LIST, include_filtered=True)).json
    assert [(one["type"], one.get("filtered")) for one in shown] == [
        ("reblog", None),
        ("favourite", True),
        ("mention", True),
    ]
    of_eve = (await api.get(LIST, account_id=eve.id, types=["mention", "favourite"])).json
    assert of_eve == shown[1:]  # apps show what a request is about by its sender alone


@needs_definitions
async def test_who_mentions_asks_to_be_let_through(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    api, other = await strict(world, ana), await world.api_as(await world.account("ben"))
    await tell(world, ana, "follow", mal)
    assert (await api.get(REQUESTS)).json == []
    await mention(world, eve, ana)
    newest = await mention(world, eve, ana)
    await mention(world, mal, ana)
    got = await api.get(REQUESTS)
    assert check_entity("List<NotificationRequest>", got.json) == []
    assert [(one["account"]["username"], one["notifications_count"]) for one in got.json] == [
        ("mal", "1"),
        ("eve", "2"),
    ]
    of_eve = got.json[1]
    assert of_eve["last_status"]["id"] == str(newest)
    assert of_eve["updated_at"] >= of_eve["created_at"]
    one = f"{REQUESTS}/{of_eve['id']}"
    assert (await api.get(one)).json == of_eve
    assert (await other.get(one)).code == (await other.post(f"{one}/accept")).code == 404
    assert (await other.get(REQUESTS)).json == []
    summary = {"pending_requests_count": 2, "pending_notifications_count": 3}
    assert (await api.get(POLICY)).json["summary"] == (await api.get(OLD_POLICY)).json["summary"] == summary
    page = await api.get(REQUESTS, limit=1)
    assert "max_id=" in page.headers["link"]
    assert "min_id=" in page.headers["link"]
    assert (await api.get(REQUESTS, max_id=page.json[0]["id"])).json == [of_eve]
    await change(world, mal, suspended_at=world.clock.now())
    assert (await api.get(REQUESTS)).json == [of_eve]


async def test_a_request_is_as_large_as_what_is_left_of_it(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    first, second = await mention(world, eve, ana), await mention(world, eve, ana)
    [asked] = (await api.get(REQUESTS)).json
    async with world.server.write() as tx:
        await statuses.delete_row(tx, second)
    [left] = (await api.get(REQUESTS)).json
    assert (left["id"], left["notifications_count"]) == (asked["id"], "1")
    assert left["last_status"]["id"] == str(first)
    async with world.server.write() as tx:
        await statuses.delete_row(tx, first)
    assert (await api.get(REQUESTS)).json == []
    assert (await api.get(f"{REQUESTS}/{asked['id']}")).code == 404
    await mention(world, eve, ana)
    [anew] = (await api.get(REQUESTS)).json
    assert anew["id"] != asked["id"]
    await api.post(f"{LIST}/clear")
    await screening.forget_empty_requests(world.server)
    async with world.server.write() as tx:
        assert await notification_requests.remove_empty(tx, 10) == 0


async def test_counts_go_to_a_hundred(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    for _ in range(102):
        await mention(world, eve, ana)
    assert (await api.get(REQUESTS)).json[0]["notifications_count"] == "100"
    summary = {"pending_requests_count": 1, "pending_notifications_count": 100}
    assert (await api.get(POLICY)).json["summary"] == summary


# Letting through -----------------------------------------------------------------------------------


async def test_who_is_let_through_stays_so(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    status = await write(world, ana)
    assert api.token is not None
    async with listening(world) as port, events(port, "user", api.token) as heard:
        await listeners(world, f"user:{ana.id}", 1)
        await tell(world, ana, "favourite", eve, status)
        await mention(world, eve, ana)
        [asked] = (await api.get(REQUESTS)).json
        assert (await api.post(f"{REQUESTS}/{asked['id']}/accept")).json == {}
        while (heard_of := await heard.next())[0] != "notifications_merged":
            pass
        assert heard_of[1] == "1"
    assert (await api.get(f"{REQUESTS}/merged")).json == {"merged": True}
    assert (await api.get(REQUESTS)).json == []
    assert await told(api) == [("mention", "eve"), ("favourite", "eve")]
    assert all("filtered" not in one for one in (await api.get(LIST)).json)
    await mention(world, eve, ana)
    assert len(await told(api)) == 3
    assert (await api.post(f"{REQUESTS}/{asked['id']}/accept")).code == 404


async def test_merging_is_under_way_until_the_last_is_done(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    api = await strict(world, ana)
    for sender in (eve, mal, eve, eve):
        await mention(world, sender, ana)
    monkeypatch.setattr(screening, "AT_ONCE", 2)  # so that Eve's three take two rounds
    ids = [one["id"] for one in (await api.get(REQUESTS)).json]
    assert (await api.post(f"{REQUESTS}/accept", id=[*ids, "5"])).json == {}
    assert (await api.get(f"{REQUESTS}/merged")).json == {"merged": False}
    assert (await api.get(REQUESTS)).json == []
    jobs = await waiting(world, MergeNotifications)
    assert {job.from_account_id for job in jobs} == {eve.id, mal.id}
    for job in jobs:
        await run(world, job)
    assert len(await told(api)) == 4


async def test_a_private_message_that_is_let_through_is_a_conversation(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await world.api_as(ana)
    first = await mention(world, eve, ana, visibility="direct")
    second = await mention(world, eve, ana, visibility="direct", answers=first)
    assert (await api.get("/api/v1/conversations")).json == []
    [asked] = (await api.get(REQUESTS)).json
    assert asked["last_status"]["id"] == str(second)
    await api.post(f"{REQUESTS}/{asked['id']}/accept")
    await world.settle()
    [talk] = (await api.get("/api/v1/conversations")).json
    assert (talk["last_status"]["id"], talk["unread"]) == (str(second), True)
    async with world.server.read() as tx:
        found = await conversations.by_id(tx, ana.id, int(talk["id"]))
    assert found is not None
    assert found.participants == [eve.id]


async def test_a_dropped_private_message_is_no_conversation(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana, "drop")
    await mention(world, eve, ana, visibility="direct")
    assert (await api.get("/api/v1/conversations")).json == (await api.get(REQUESTS)).json == []


async def test_what_is_dismissed_is_forgotten_and_may_come_again(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    api = await strict(world, ana)
    status = await write(world, ana)
    for sender in (eve, mal):
        await mention(world, sender, ana)
        await tell(world, ana, "favourite", sender, status)
    of_mal, of_eve = (await api.get(REQUESTS)).json
    assert (await api.post(f"{REQUESTS}/{of_eve['id']}/dismiss")).json == {}
    assert [one["id"] for one in (await api.get(REQUESTS)).json] == [of_mal["id"]]
    assert {name for _, name in await told(api, include_filtered=True)} == {"mal"}
    assert (await api.post(f"{REQUESTS}/dismiss", id=[of_eve["id"], of_mal["id"]])).json == {}
    assert await told(api, include_filtered=True) == []
    await mention(world, eve, ana)
    assert [one["account"]["username"] for one in (await api.get(REQUESTS)).json] == ["eve"]
    assert await told(api) == []


@pytest.mark.parametrize("name", ["id[]", "id", "id[][]"])
async def test_ids_are_taken_as_apps_spell_them(idle_world: World, name: str) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    api = await strict(world, ana)
    for sender in (eve, mal):
        await mention(world, sender, ana)
    ids = [one["id"] for one in (await api.get(REQUESTS)).json]
    given = ids if name != "id" else ids[:1]
    body = "&".join(f"{name}={id}" for id in given).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await api.request("POST", f"{REQUESTS}/dismiss", body, form)).code == 200
    assert [one["id"] for one in (await api.get(REQUESTS)).json] == ids[len(given) :]


async def test_blocking_takes_back_what_was_let_through(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    async with world.server.write() as tx:
        await notification_policies.permit(tx, ana.id, eve.id)
        await notification_policies.permit(tx, ana.id, eve.id)
    await mention(world, eve, ana)
    assert len(await told(api)) == 1
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, eve)
        await blocking.unblock(tx, world.server, ana, eve)
    await mention(world, eve, ana)
    assert await told(api) == []


async def test_who_leaves_takes_policy_and_requests_along(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await strict(world, ana)
    await mention(world, eve, ana)
    async with world.server.write() as tx:
        await notification_policies.permit(tx, ana.id, eve.id)
        while await leavings.remove_some(tx, ana.id, 10):
            pass
        await leavings.remove_rest(tx, ana.id)
        assert await notification_policies.read(tx, ana.id) == NotificationPolicy()
    assert (await api.get(REQUESTS)).json == []
    await mention(world, eve, ana)
    assert await told(api) == [("mention", "eve")]


async def test_the_beta_paths_of_groups_still_answer(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await world.api_as(ana)
    await tell(world, ana, "follow", eve)
    old = "/api/v2_alpha/notifications"
    got = (await api.get(old)).json
    assert got == (await api.get("/api/v2/notifications")).json
    assert (await api.get(f"{old}/unread_count")).json == {"count": 1}
    key = got["notification_groups"][0]["group_key"]
    assert (await api.get(f"{old}/{key}")).json["notification_groups"][0]["group_key"] == key
    assert (await api.post(f"{old}/{key}/dismiss")).code == 200
    assert (await api.get(old)).json["notification_groups"] == []
