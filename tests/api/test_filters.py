"""Filters: set up in both versions of the API, and found in statuses wherever they are shown."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.services import deleting_accounts
from dassie.services.writing import NewMedia, NewPoll
from dassie.store import filters
from dassie.store.views import PollOption
from entities_check import check_entity, needs_definitions
from listeners import events, listening, socket
from people import befriend, stranger, write
from statements import counted
from test_timelines import posted
from worlds import Client, World

CONTEXT = ["home", "public"]


async def made(api: Client, title: str = "pests", words: tuple[str, ...] = ("wasps",), **more: Any) -> Any:
    """A filter as v2 makes it."""
    words_sent = [{"keyword": word, "whole_word": True} for word in words]
    asked = {"title": title, "context": CONTEXT, "keywords_attributes": words_sent} | more
    got = await api.post("/api/v2/filters", json=asked)
    assert got.code == 200, got.text
    return got.json


async def results(api: Client, id: str) -> list[Any]:
    got = await api.get(f"/api/v1/statuses/{id}")
    assert got.code == 200
    return list(got.json["filtered"])


# Version 2 -------------------------------------------------------------------------------------------


async def test_a_filter_is_made_read_changed_and_deleted(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    new = await made(ana, words=("wasps", "hornets"), filter_action="hide", expires_in=3600)
    assert (new["title"], new["context"], new["filter_action"]) == ("pests", CONTEXT, "hide")
    assert [(one["keyword"], one["whole_word"]) for one in new["keywords"]] == [("wasps", True), ("hornets", True)]
    assert new["statuses"] == []
    assert new["expires_at"].endswith("Z")
    assert (await ana.get("/api/v2/filters")).json == [new]
    assert (await ana.get(f"/api/v2/filters/{new['id']}")).json == new
    first, second = new["keywords"]
    change_ = {
        "title": "insects",
        "expires_in": "",
        "keywords_attributes": [
            {"id": first["id"], "keyword": "wasp", "whole_word": False},
            {"id": second["id"], "_destroy": True},
            {"keyword": "gnats"},
        ],
    }
    got = (await ana.put(f"/api/v2/filters/{new['id']}", json=change_)).json
    assert (got["title"], got["expires_at"], got["context"]) == ("insects", None, CONTEXT)
    assert [(one["keyword"], one["whole_word"]) for one in got["keywords"]] == [("wasp", False), ("gnats", True)]
    assert got["keywords"][0]["id"] == first["id"]
    assert (await ana.delete(f"/api/v2/filters/{new['id']}")).json == {}
    assert (await ana.get("/api/v2/filters")).json == []
    assert (await ana.delete(f"/api/v2/filters/{new['id']}")).code == 404


async def test_forms_say_the_same_as_json(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    form = (
        "title=bugs&context[]=home&context[]=thread&filter_action=blur&keywords_attributes[][keyword]=one"
        "&keywords_attributes[][whole_word]=false&keywords_attributes[][keyword]=two"
    )
    kind = {"content-type": "application/x-www-form-urlencoded"}
    got = (await ana.request("POST", "/api/v2/filters", form.encode(), kind)).json
    assert (got["context"], got["filter_action"]) == (["home", "thread"], "blur")
    assert [(one["keyword"], one["whole_word"]) for one in got["keywords"]] == [("one", False), ("two", True)]
    indexed = f"keywords_attributes[0][id]={got['keywords'][0]['id']}&keywords_attributes[0][_destroy]=1"
    got = (await ana.request("PATCH", f"/api/v2/filters/{got['id']}", indexed.encode(), kind)).json
    assert [one["keyword"] for one in got["keywords"]] == ["two"]


async def test_keywords_have_their_own_endpoints(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    new = await made(ana, words=())
    path = f"/api/v2/filters/{new['id']}/keywords"
    word = (await ana.post(path, keyword="wasps")).json
    assert (word["keyword"], word["whole_word"]) == ("wasps", True)
    assert (await ana.get(path)).json == [word]
    assert (await ana.get(f"/api/v2/filters/keywords/{word['id']}")).json == word
    changed = (await ana.put(f"/api/v2/filters/keywords/{word['id']}", keyword="wasp", whole_word="false")).json
    assert changed == {"id": word["id"], "keyword": "wasp", "whole_word": False}
    assert (await ana.delete(f"/api/v2/filters/keywords/{word['id']}")).json == {}
    assert (await ana.get(path)).json == []
    assert (await ana.get(f"/api/v2/filters/keywords/{word['id']}")).code == 404


async def test_single_posts_have_their_own_endpoints(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    new = await made(ana)
    seen, secret = await posted(bob, "hello"), await posted(bob, "hello", visibility="direct")
    path = f"/api/v2/filters/{new['id']}/statuses"
    one = (await ana.post(path, status_id=seen)).json
    assert one["status_id"] == seen
    assert (await ana.post(path, status_id=seen)).code == 422
    assert (await ana.post(path, status_id=secret)).code == 422
    assert (await ana.post(path)).code == 422
    assert (await ana.get(path)).json == [one]
    assert (await ana.get(f"/api/v2/filters/statuses/{one['id']}")).json == one
    (found,) = await results(ana, seen)
    assert (found["keyword_matches"], found["status_matches"]) == (None, [seen])
    assert (await ana.delete(f"/api/v2/filters/statuses/{one['id']}")).json == one
    assert (await ana.get(path)).json == []
    assert await results(ana, seen) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": " "}, "Title can't be blank"),
        ({"title": "x" * 257}, "Title is too long"),
        ({"context": []}, "Context"),
        ({"context": ["home", "elsewhere"]}, "Context"),
        ({"filter_action": "explode"}, "not a valid action"),
        ({"expires_in": -5}, "expires_in"),
        ({"expires_in": 10**12}, "expires_in"),
        ({"keywords_attributes": [{"keyword": "", "whole_word": True}]}, "Keyword can't be blank"),
        ({"keywords_attributes": [{"keyword": "x" * 513}]}, "Keyword is too long"),
    ],
)
async def test_what_makes_no_filter_is_refused(world: World, wrong: dict[str, Any], says: str) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = await ana.post("/api/v2/filters", json={"title": "t", "context": ["home"]} | wrong)
    assert got.code == 422
    assert says in got.json["error"]
    assert (await ana.get("/api/v2/filters")).json == []


async def test_nobody_reaches_the_filters_of_others(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    new = await made(ana)
    word = new["keywords"][0]["id"]
    post = await posted(ana)
    single = (await ana.post(f"/api/v2/filters/{new['id']}/statuses", status_id=post)).json["id"]
    for path in (
        f"/api/v2/filters/{new['id']}",
        f"/api/v2/filters/{new['id']}/keywords",
        f"/api/v2/filters/{new['id']}/statuses",
        f"/api/v2/filters/keywords/{word}",
        f"/api/v2/filters/statuses/{single}",
        f"/api/v1/filters/{word}",
    ):
        assert (await bob.get(path)).code == 404
        assert (await bob.delete(path)).code in (404, 405)
    assert (await bob.put(f"/api/v2/filters/{new['id']}", title="mine")).code == 404
    assert (await bob.put(f"/api/v2/filters/keywords/{word}", keyword="mine")).code == 404
    own = await made(bob)
    stolen = {"keywords_attributes": [{"id": word, "keyword": "mine"}]}
    assert (await bob.put(f"/api/v2/filters/{own['id']}", json=stolen)).code == 404
    assert (await ana.get(f"/api/v2/filters/{new['id']}")).json["keywords"] == new["keywords"]


async def test_scopes_are_those_of_filters(world: World) -> None:
    ana = await world.account("ana")
    reader = await world.api_as(ana, "read:filters")
    for path in ("/api/v1/filters", "/api/v2/filters"):
        assert (await reader.get(path)).code == 200
        assert (await reader.post(path, title="t", phrase="t", context=["home"])).code == 403
        assert (await (await world.api_as(ana, "read:lists")).get(path)).code == 403
        assert (await (await world.api_as()).get(path)).code == 401
    writer = await world.api_as(ana, "write:filters")
    assert (await writer.post("/api/v2/filters", title="t", context=["home"])).code == 200


async def test_there_is_an_end_to_filters(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await world.api_as(await world.account("ana"))
    for name, most in (("MOST_FILTERS", 2), ("MOST_KEYWORDS", 3), ("MOST_STATUSES", 1)):
        monkeypatch.setattr(f"dassie.services.setting_filters.{name}", most)
    new = await made(ana, words=("a", "b"))
    assert (await ana.post("/api/v2/filters", title="t", context=["home"])).code == 200
    assert (await ana.post("/api/v2/filters", title="t", context=["home"])).code == 422
    assert (await ana.post(f"/api/v2/filters/{new['id']}/keywords", keyword="c")).code == 200
    assert (await ana.post(f"/api/v2/filters/{new['id']}/keywords", keyword="d")).code == 422
    path = f"/api/v2/filters/{new['id']}/statuses"
    assert (await ana.post(path, status_id=await posted(ana))).code == 200
    assert (await ana.post(path, status_id=await posted(ana))).code == 422


@needs_definitions
async def test_answers_are_filter_entities(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    new = await made(ana, expires_in=60)
    post = await posted(ana, "all wasps")
    await ana.post(f"/api/v2/filters/{new['id']}/statuses", status_id=post)
    assert check_entity("Filter", (await ana.get("/api/v2/filters")).json[0]) == []
    assert check_entity("V1::Filter", (await ana.get("/api/v1/filters")).json[0]) == []
    assert check_entity("Status", (await ana.get(f"/api/v1/statuses/{post}")).json) == []
    (found,) = await results(ana, post)
    assert check_entity("FilterResult", found) == []


# Version 1 -------------------------------------------------------------------------------------------


async def test_version_1_sees_one_object_for_each_keyword(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = await ana.post("/api/v1/filters", phrase="wasps", context=["home"], irreversible=True, whole_word=False)
    assert got.headers["deprecation"].startswith("@")
    old = got.json
    assert (old["phrase"], old["context"], old["irreversible"], old["whole_word"]) == ("wasps", ["home"], True, False)
    (new,) = (await ana.get("/api/v2/filters")).json
    assert (new["title"], new["filter_action"]) == ("wasps", "hide")
    assert new["keywords"] == [{"id": old["id"], "keyword": "wasps", "whole_word": False}]
    await made(ana, "two", ("a", "b"))
    assert [one["phrase"] for one in (await ana.get("/api/v1/filters")).json] == ["wasps", "a", "b"]
    changed = await ana.put(f"/api/v1/filters/{old['id']}", phrase="gnats", context=["public"], whole_word=True)
    assert (changed.json["phrase"], changed.json["context"], changed.json["whole_word"]) == ("gnats", ["public"], True)
    assert changed.json["irreversible"] is True
    assert (await ana.get(f"/api/v1/filters/{old['id']}")).json == changed.json
    assert (await ana.delete(f"/api/v1/filters/{old['id']}")).json == {}
    assert [one["title"] for one in (await ana.get("/api/v2/filters")).json] == ["two"]


async def test_version_1_leaves_keywords_alone_that_it_cannot_see(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    new = await made(ana, "two", ("a", "b"))
    first = new["keywords"][0]["id"]
    got = await ana.put(f"/api/v1/filters/{first}", phrase="two", context=["account"])
    assert got.code == 422
    assert (await ana.get(f"/api/v2/filters/{new['id']}")).json == new
    same = await ana.put(f"/api/v1/filters/{first}", phrase="two", context=CONTEXT, whole_word=False)
    assert (same.code, same.json["whole_word"]) == (200, False)
    assert (await ana.delete(f"/api/v1/filters/{first}")).code == 200
    assert [one["keyword"] for one in (await ana.get(f"/api/v2/filters/{new['id']}")).json["keywords"]] == ["b"]


@pytest.mark.parametrize("wrong", [{"phrase": ""}, {"context": ["nowhere"]}, {"phrase": "x" * 257}])
async def test_version_1_refuses_what_makes_no_filter(world: World, wrong: dict[str, Any]) -> None:
    ana = await world.api_as(await world.account("ana"))
    assert (await ana.post("/api/v1/filters", json={"phrase": "p", "context": ["home"]} | wrong)).code == 422
    assert (await ana.get("/api/v2/filters")).json == []


# Matching --------------------------------------------------------------------------------------------


async def test_warning_text_answers_and_descriptions_are_looked_at(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    as_ana = await world.api_as(ana)
    await made(as_ana, words=("wasps",))
    poll = NewPoll(options=[PollOption("no"), PollOption("Wasps?")])
    picture = NewMedia(kind="image", remote_url="https://else.test/1.png", description="two WASPS")
    caught = [
        await write(world, eve, "<b>Was</b>ps here"),
        await write(world, eve, spoiler_text="wasps!"),
        await write(world, eve, poll=poll),
        await write(world, eve, media=[picture]),
    ]
    words = []
    for id in caught:
        (found,) = await results(as_ana, str(id))
        assert (found["filter"]["title"], found["status_matches"]) == ("pests", None)
        assert "keywords" not in found["filter"]
        words += found["keyword_matches"]
    assert words == ["Wasps", "wasps", "Wasps", "WASPS"]
    for text in ("waspish", "a <a href='https://wasps.test'>link</a>"):
        assert await results(as_ana, str(await write(world, eve, text))) == []


async def test_boosts_and_own_posts_are_matched_and_strangers_see_nothing_of_it(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    new = await made(as_ana)
    own = await posted(as_ana, "my wasps")
    assert len(await results(as_ana, own)) == 1
    boost = (await as_bob.post(f"/api/v1/statuses/{own}/reblog")).json["id"]
    shown = (await as_ana.get(f"/api/v1/statuses/{boost}")).json
    assert shown["filtered"] == shown["reblog"]["filtered"] != []
    await as_ana.post(f"/api/v2/filters/{new['id']}/statuses", status_id=boost)
    shown = (await as_ana.get(f"/api/v1/statuses/{boost}")).json
    assert [one["status_matches"] for one in shown["filtered"]] == [[boost]]
    assert [one["status_matches"] for one in await results(as_ana, own)] == [None]
    assert await results(as_bob, own) == []
    assert "filtered" not in (await (await world.api_as()).get(f"/api/v1/statuses/{own}")).json


async def test_every_answer_with_statuses_says_it_and_hides_nothing(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    await made(as_ana, filter_action="hide", context=["account"])
    root = await posted(as_bob, "@ana wasps #wasps")
    await posted(as_bob, "quiet", in_reply_to_id=root)
    await as_ana.post(f"/api/v1/statuses/{root}/bookmark")
    for path in (
        "timelines/home",
        "timelines/public",
        "timelines/tag/wasps",
        f"accounts/{bob.id}/statuses",
        "bookmarks",
    ):
        shown = {one["id"]: one for one in (await as_ana.get(f"/api/v1/{path}")).json}
        assert [one["keyword_matches"] for one in shown[root]["filtered"]] == [["wasps"]], path
    told = (await as_ana.get("/api/v1/notifications")).json
    assert len(told[0]["status"]["filtered"]) == 1
    reply = (await as_ana.get("/api/v1/timelines/home")).json[0]["id"]
    above = (await as_ana.get(f"/api/v1/statuses/{reply}/context")).json["ancestors"]
    assert len(above[0]["filtered"]) == 1


async def test_an_edit_of_post_or_filter_is_seen_at_once_and_time_ends_filters(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    post = await posted(bob, "bees")
    new = await made(ana, expires_in=600)
    assert await results(ana, post) == []
    await bob.put(f"/api/v1/statuses/{post}", status="wasps")
    assert len(await results(ana, post)) == 1
    await ana.put(f"/api/v2/filters/{new['id']}", title="other", filter_action="blur")
    (found,) = await results(ana, post)
    assert (found["filter"]["title"], found["filter"]["filter_action"]) == ("other", "blur")
    world.clock.forward(seconds=601)
    assert await results(ana, post) == []
    assert len((await ana.get("/api/v2/filters")).json) == 1
    await ana.put(f"/api/v2/filters/{new['id']}", expires_in=0)
    assert len(await results(ana, post)) == 1
    await ana.delete(f"/api/v2/filters/{new['id']}")
    assert await results(ana, post) == []


async def test_filters_cost_no_queries_once_they_are_known(idle_world: World) -> None:
    world = idle_world  # no job asks in between
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    for n in range(3):
        await posted(as_bob, f"wasps {n}")

    async def asked_of_filters() -> int:
        with counted() as asked:
            assert len((await as_ana.get("/api/v1/timelines/home")).json) == 3
        reading = (filters._OF, filters._KEYWORDS, filters._SINGLED, filters._REV)
        return sum(one in reading for one in asked.statements)

    assert await asked_of_filters() == 0
    for n in range(5):
        await made(as_ana, f"f{n}", ("wasps", "bees"))
    assert await asked_of_filters() == 3
    assert await asked_of_filters() == 0


# Streams ---------------------------------------------------------------------------------------------


async def test_streams_tell_of_changed_filters_and_carry_what_was_found(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    token = await world.token(ana)
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, bob)
    async with listening(world) as port, events(port, "user", token) as heard, socket(port, token) as frames:
        await frames.subscribe("user")
        await made(as_ana)
        assert (await heard.next())[0] == "filters_changed"
        assert await frames.next() == {"stream": ["user"], "event": "filters_changed"}
        await posted(as_bob, "wasps")
        kind, data = await heard.next()
        assert kind == "update"
        assert '"keyword_matches":["wasps"]' in data


async def test_filters_go_with_their_account(world: World) -> None:
    ana = await world.account("ana")
    await made(await world.api_as(ana))
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, ana)
    await world.settle()
    async with world.server.read() as tx:
        assert await filters.of(tx, ana.id) == []
        assert await filters.keywords(tx, ana.id) == []
