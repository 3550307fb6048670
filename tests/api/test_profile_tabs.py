"""Which parts of a profile its owner wants seen: said by apps and in the browser, and by other servers."""

from __future__ import annotations

import msgspec

from dassie.federation import receiving
from dassie.federation.vocab.actors import read_actor
from others import ACTIVITY
from people import fresh
from worlds import Client, World

ALL = {"show_media", "show_media_replies", "show_featured"}


async def test_tabs_are_taken_off_and_others_see_it(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    before = (await api.get("/api/v1/profile")).json
    assert {name for name in ALL if before[name]} == ALL
    changed = (await api.patch("/api/v1/profile", json={"show_media": False, "show_featured": "0"})).json
    assert (changed["show_media"], changed["show_media_replies"], changed["show_featured"]) == (False, True, False)
    shown = (await Client(world.app).get(f"/api/v1/accounts/{ana.id}")).json
    assert {name: shown[name] for name in ALL} == {name: changed[name] for name in ALL}
    document = await Client(world.app).request("GET", "/users/ana", headers={"accept": ACTIVITY})
    told = msgspec.json.decode(document.body)
    assert (told["showMedia"], told["showRepliesInMedia"], told["showFeatured"]) == (False, True, False)
    kept = receiving.account_values(read_actor(told, now=world.clock.now()), world.clock.now())
    assert {name: kept[name] for name in ALL} == {name: changed[name] for name in ALL}


async def test_what_is_not_said_is_shown(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    assert (await api.patch("/api/v1/profile", json={"display_name": "Ana"})).code == 200
    now = await fresh(world, ana.id)
    assert (now.show_media, now.show_media_replies, now.show_featured) == (True, True, True)


async def test_the_profile_names_its_hashtags(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    await api.post("/api/v1/featured_tags", name="stones")
    [tag] = (await api.get("/api/v1/profile")).json["featured_tags"]
    assert (tag["name"], tag["statuses_count"]) == ("stones", "0")
    assert tag == (await api.get("/api/v1/featured_tags")).json[0]
