"""A lively world for the contract test: people, posts of all sorts, and everything that hangs on them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec import structs

from dassie.domain.jobs import State
from dassie.services import blocking_servers, describing, notifying, severing
from dassie.services.describing import Said
from dassie.services.trending import reckon_trends
from dassie.store import queue, settings
from dassie.store.views import AccountView
from people import befriend, stranger, write
from test_announcements import announce
from test_trends import link
from worlds import Client, Got, World

PICTURE = bytes.fromhex(  # a GIF of one pixel
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)
TYPES = ("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update")
ABOUT_STATUSES = {"mention", "status", "reblog", "favourite", "poll", "update"}
FOLLOWS = (("ana", "bob"), ("ana", "cas"), ("bob", "ana"), ("bob", "eve"), ("dan", "eve"), ("cas", "bob"))
REDIRECT = "urn:ietf:wg:oauth:2.0:oob"
EVERYTHING = "read write follow push profile"


@dataclass
class Scene:
    """A world, who calls in it, and the ids of what is there by name."""

    world: World
    people: dict[str, AccountView] = field(default_factory=dict)
    api: dict[str, Client] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    async def post(self, path: str, who: str = "ana", **form: Any) -> Any:
        """What a call that must succeed answers."""
        return _good(await self.api[who].post(path.format_map(self.ids), **form))

    async def get(self, path: str, who: str = "ana", **query: Any) -> Any:
        return _good(await self.api[who].get(path.format_map(self.ids), **query))


async def set_the_scene(world: World) -> Scene:
    """Ana calls; Bob, Cas and Dan live here too; Eve and Fay live elsewhere."""
    scene = Scene(world)
    await _people(scene)
    await _posts(scene)
    await _belongings(scene)
    await _notifications(scene)
    await _instance(scene)
    await settled(world)
    await reckon_trends(world.server)
    return scene


async def _people(scene: Scene) -> None:
    world = scene.world
    for name in ("ana", "bob", "cas", "dan"):
        who = scene.people[name] = await world.account(name, role="Owner" if name == "ana" else "User")
        scene.api[name] = await world.api_as(who, EVERYTHING)
    for name in ("eve", "fay"):
        scene.people[name] = await stranger(world, name, discoverable=True)
    scene.api[""] = await world.api_as()
    scene.ids |= {name: str(who.id) for name, who in scene.people.items()}
    people = scene.people
    for follower, target in (
        ("ana", "bob"),
        ("ana", "cas"),
        ("bob", "ana"),
        ("bob", "eve"),
        ("dan", "eve"),
        ("cas", "bob"),
    ):
        await befriend(world, people[follower], people[target])
    app = await scene.post("/api/v1/apps", client_name="Test", redirect_uris=REDIRECT, scopes=EVERYTHING)
    scene.ids |= {"client": app["client_id"], "secret": app["client_secret"]}
    given = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = await scene.post("/oauth/token", "", **given, scope="read write")
    scene.api["app"] = Client(world.app, token["access_token"])
    scene.ids["token"] = token["access_token"]


async def _posts(scene: Scene) -> None:
    ids = scene.ids
    ids["picture"] = await uploaded(scene)
    one = {"status": "Hello @bob, see #cats", "media_ids": [ids["picture"]], "spoiler_text": "careful"}
    ids["post"] = (await scene.post("/api/v1/statuses", json=one))["id"]
    await scene.api["ana"].put(
        f"/api/v1/statuses/{ids['post']}", json=one | {"status": "Hello @bob, see #cats and #dogs"}
    )
    await scene.post("/api/v1/statuses", status="Found some #stones")
    poll = {"options": ["yes", "no"], "expires_in": 3600}
    asked = await scene.post("/api/v1/statuses", "bob", json={"status": "Well? #cats", "poll": poll})
    ids |= {"asked": asked["id"], "poll": asked["poll"]["id"]}
    ids["reply"] = (await scene.post("/api/v1/statuses", "bob", status="@ana hi", in_reply_to_id=ids["post"]))["id"]
    ids["plain"] = (await scene.post("/api/v1/statuses", "bob", status="Nothing special"))["id"]
    talk = await scene.post("/api/v1/statuses", "bob", status="@ana between us", visibility="direct")
    ids["direct"] = talk["id"]
    famous = await write(scene.world, scene.people["eve"], "look", tags=[("cats", "cats")])
    ids["famous"] = str(famous)
    for who in ("ana", "bob", "cas", "dan"):
        for verb in ("favourite", "reblog", "bookmark"):
            await scene.post("/api/v1/statuses/{famous}/" + verb, who)
    for who in ("bob", "cas"):
        for verb in ("favourite", "reblog"):
            await scene.post("/api/v1/statuses/{post}/" + verb, who)
    await scene.post("/api/v1/statuses/{post}/pin")
    await link(scene.world, 1, famous)


async def uploaded(scene: Scene) -> str:
    """A picture that no post has yet."""
    got = await scene.api["ana"].upload("/api/v2/media", "file", PICTURE, description="One pixel")
    id: str = _good(got)["id"]
    await settled(scene.world)
    return id


async def _belongings(scene: Scene) -> None:
    ids = scene.ids
    ids["list"] = (await scene.post("/api/v1/lists", title="Friends"))["id"]
    await scene.post("/api/v1/lists/{list}/accounts", account_ids=[ids["bob"], ids["cas"]])
    await scene.post("/api/v1/statuses", "bob", status="for lists #cats")
    words = {"title": "Words", "context": ["home", "public"], "keywords_attributes": [{"keyword": "special"}]}
    made = await scene.post("/api/v2/filters", json=words)
    ids |= {"filter": made["id"], "keyword": made["keywords"][0]["id"]}
    ids["singled"] = (await scene.post("/api/v2/filters/{filter}/statuses", status_id=ids["plain"]))["id"]
    ids["featured"] = (await scene.post("/api/v1/featured_tags", name="cats"))["id"]
    await scene.post("/api/v1/tags/cats/follow")
    await scene.post("/api/v1/accounts/{bob}/endorse")
    await scene.post("/api/v1/accounts/{dan}/block")
    await scene.post("/api/v1/accounts/{fay}/mute", duration=3600)
    await scene.post("/api/v1/domain_blocks", domain="bad.test")
    later = (scene.world.clock.now() + timedelta(hours=1)).isoformat()
    ids["scheduled"] = (await scene.post("/api/v1/statuses", status="later", scheduled_at=later))["id"]
    await scene.post("/api/v1/markers", json={"home": {"last_read_id": ids["post"]}})
    await settled(scene.world)
    ids["conversation"] = (await scene.get("/api/v1/conversations"))[0]["id"]


async def _notifications(scene: Scene) -> None:
    """One of every kind, some in a group, and somebody who is held back."""
    world, ids = scene.world, scene.ids
    async with world.server.write() as tx:
        for type in TYPES:
            about = int(ids["post"]) if type in ABOUT_STATUSES else None
            await notifying.notify(tx, world.server, scene.people["ana"].id, type, scene.people["cas"].id, about)
        await severing.tell(tx, world.server, scene.people["ana"].id, "gone.test", followers=2, following=1)
    await settled(scene.world)
    told = await scene.get("/api/v1/notifications")
    ids["notification"] = told[0]["id"]
    groups = (await scene.get("/api/v2/notifications"))["notification_groups"]
    ids["group"] = next(one["group_key"] for one in groups if one["notifications_count"] > 1)
    await scene.api["ana"].patch("/api/v2/notifications/policy", for_not_following="filter")
    await asks(scene)


async def asks(scene: Scene) -> str:
    """Somebody whose mention is held back: the id of their request."""
    number = len(scene.people)
    who = scene.people[f"asker{number}"] = await stranger(scene.world, f"asker{number}")
    await write(scene.world, who, "hello", mentions=[(scene.people["ana"].id, False)])
    await settled(scene.world)
    scene.ids["request"] = (await scene.get("/api/v1/notifications/requests"))[0]["id"]
    return scene.ids["request"]


async def _instance(scene: Scene) -> None:
    world = scene.world
    said = dict.fromkeys(Said.__struct_fields__, "") | {"rules": "Be kind\nNo spam", "extended": "Hello"}
    async with world.server.write() as tx:
        await describing.describe(tx, world.server, Said(**said))
        await blocking_servers.block(tx, world.server, "awful.test", "suspend", public_comment="spam")
        await describing.publish_terms(tx, world.server, "Be good", world.clock.now().date())
    await _open(world)
    scene.ids["announcement"] = str(await announce(world, "News about #cats"))
    scene.ids["today"] = world.clock.now().date().isoformat()


async def _open(world: World) -> None:
    """Anybody may come, and may read which servers are kept away."""
    async with world.server.write() as tx:
        shown = {"show_domain_blocks": "all", "show_domain_blocks_rationale": "all"}
        said = structs.replace(await settings.instance(tx), registrations="open", **shown)
        await settings.save_instance(tx, said)


async def settled(world: World) -> None:
    """Wait until all is done but what waits for other servers, which are not there."""
    for _ in range(1000):
        async with world.server.read() as tx:
            left = [one for one in await queue.overview(tx) if one.state in (State.READY, State.RUNNING)]
        if not left and not world.app.runner.busy:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"jobs are still waiting: {left}")


def _good(got: Got) -> Any:
    assert 200 <= got.code < 300, got.text
    return got.json
