"""The owner says who may read the feeds of everybody's posts."""

from __future__ import annotations

import pytest

from dassie.services import describing, feed_access
from dassie.services.describing import Said
from dassie.store import settings
from people import stranger
from strangers import remote_status
from worlds import Client, World

NOTHING = dict.fromkeys(Said.__struct_fields__, "")


async def say(world: World, **access: str) -> None:
    async with world.server.write() as tx:
        await describing.describe(tx, world.server, Said(**(NOTHING | access)))


async def test_feeds_are_open_closed_to_guests_or_closed_by_halves(world: World) -> None:
    ana, own = await world.account("ana"), await world.account("own", role="Owner")
    as_ana, as_own, guest = await world.api_as(ana), await world.api_as(own), await world.api_as()
    here = int((await as_ana.post("/api/v1/statuses", status="here #tag")).json["id"])
    there = (await remote_status(world, await stranger(world, "eve"), "there", tags=[("tag", "tag")])).id

    async def seen(api: Client, path: str) -> list[int] | int:
        got = await api.get(f"/api/v1/timelines/{path}")
        return sorted(int(one["id"]) for one in got.json) if got.code == 200 else got.code

    for path in ("public", "tag/tag"):
        assert await seen(guest, path) == [here, there]
    await say(world, local_live_feed_access="authenticated", remote_topic_feed_access="disabled")
    assert [await seen(guest, f"public{part}") for part in ("", "?local=true", "?remote=true")] == [422, 422, [there]]
    assert [await seen(guest, f"tag/tag{part}") for part in ("", "?local=true", "?remote=true")] == [422, [here], 422]
    assert [await seen(as_ana, path) for path in ("public", "tag/tag", "tag/tag?remote=true")] == [
        [here, there],
        [here],
        [],
    ]
    assert await seen(as_own, "tag/tag") == [here, there]
    closed = (await guest.get("/api/v1/timelines/public")).json
    assert closed == {"error": "This method requires an authenticated user"}
    told = (await guest.get("/api/v2/instance")).json["configuration"]["timelines_access"]
    assert told["live_feeds"] == {"local": "authenticated", "remote": "public"}
    assert told["hashtag_feeds"] == told["trending_link_feeds"] == {"local": "public", "remote": "disabled"}
    assert (await guest.get("/tags/tag.rss")).code == 404
    assert [(await guest.get(path)).code for path in ("/public", "/tags/tag", "/public/remote")] == [303, 303, 200]
    assert "here #" not in (await guest.get("/")).text
    async with world.server.read() as tx:
        said = await settings.instance(tx)
    assert not feed_access.is_heard(said, "topic", "User", local=False)
    assert feed_access.is_heard(said, "topic", "Owner", local=False)
    assert feed_access.is_heard(said, "live", "User", local=True)
    await say(world, local_live_feed_access="disabled", remote_live_feed_access="disabled")
    assert await seen(as_ana, "public") == []
    with pytest.raises(Exception, match="must be one of"):
        await say(world, local_topic_feed_access="disabled")
