"""A whole thread read from real servers: signed requests, TLS, one slow host and one that is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from abroad import Abroad, abroad, until
from dassie.domain.arrivals import Reason
from dassie.federation.remote import remote_of
from dassie.federation.vocab.notes import read_note
from fediverse import PUBLIC, actor_document, timestamp
from net import reply
from worlds import Client

HOSTS = ["a.test", "b.test", "slow.test"]


def serve(far: Abroad, doc: dict[str, Any], *, after: float = 0.0) -> None:
    path = "/" + str(doc["id"]).split("/", 3)[3]
    far.peer.on(path, reply(msgspec.json.encode(doc), content_type="application/activity+json", after=after))


def note(host: str, number: int, parent: str | None, at: str) -> dict[str, Any]:
    uri = f"https://{host}/notes/{host[0]}{number}"
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": f"https://{host}/users/{host[0]}",
        "content": f"<p>{number}</p>",
        "published": at,
        "to": [PUBLIC],
        "inReplyTo": parent,
    }


def as_mastodon_lists(of: dict[str, Any], own: list[str], others: str | None) -> dict[str, Any]:
    """The post with its embedded list: its author's own answers, and where those of others are."""
    first: dict[str, Any] = {"type": "CollectionPage", "partOf": f"{of['id']}/replies", "items": own}
    if others:
        first["next"] = others
    return of | {"replies": {"id": f"{of['id']}/replies", "type": "Collection", "first": first}}


async def running(client: Client, token: str) -> bool:
    got = await client.get(f"/api/v1_alpha/async_refreshes/{token}")
    return bool(got.json["async_refresh"]["status"] == "running")


async def test_sixty_answers_on_four_hosts_of_which_one_is_slow_and_one_is_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    async with abroad(tmp_path, monkeypatch, database_url, HOSTS) as far:
        world = far.world
        for host in HOSTS:
            serve(far, actor_document(f"https://{host}/users/{host[0]}", host[0]))
        at = timestamp(world.clock.now())
        root = note("a.test", 0, None, at)
        own = [note("a.test", n, root["id"], at) for n in range(1, 4)]
        direct = [note("b.test", n, root["id"], at) for n in range(1, 26)]
        deeper = [note("a.test", 100 + n, direct[n]["id"], at) for n in range(25)]
        late = [note("slow.test", n, direct[0]["id"], at) for n in range(1, 8)]
        dead = [f"https://dead.test/notes/{n}" for n in range(20)]
        for one in (*own, *deeper):
            serve(far, as_mastodon_lists(one, [], None))
        for one in late:
            serve(far, one, after=0.2)
        for index, one in enumerate(direct):
            listed = f"{one['id']}/replies/others"
            items = [deeper[index]["id"], *([late_one["id"] for late_one in late] if index == 0 else [])]
            serve(far, {"id": listed, "type": "CollectionPage", "items": items})
            serve(far, as_mastodon_lists(one, [], listed))
        others = f"{root['id']}/replies/others"
        whole = as_mastodon_lists(root, [one["id"] for one in own], others)
        serve(far, whole)
        half = [one["id"] for one in direct[:12]]
        rest = [one["id"] for one in direct[12:]]
        serve(far, {"id": others, "type": "CollectionPage", "items": [*half, *dead], "next": f"{others}/2"})
        serve(far, {"id": f"{others}/2", "type": "CollectionPage", "items": rest})
        id = await remote_of(world.server).take_note(read_note(whole), reason=Reason.RELAY, thorough=False)
        ana = await world.api_as(await world.account("ana"))
        world.clock.forward(minutes=6)
        far.peer.seen.clear()
        got = await ana.get(f"/api/v1/statuses/{id}/context")
        token = got.headers["mastodon-async-refresh"].partition('"')[2].partition('"')[0]
        assert await running(ana, token)
        for _ in range(600):
            if not await running(ana, token):
                break
            await until(lambda: True)
        await world.settle(30)
        told = (await ana.get(f"/api/v1_alpha/async_refreshes/{token}")).json["async_refresh"]
        assert told == {"id": token, "status": "finished", "result_count": 60}
        shown = (await ana.get(f"/api/v1/statuses/{id}/context")).json["descendants"]
        assert {one["uri"] for one in shown} == {one["id"] for one in (*own, *direct, *deeper, *late)}
        asked = [seen for seen in far.peer.seen if seen.method == "GET" and "/notes/" in seen.target]
        assert all("signature" in seen.headers for seen in asked)
        again = [
            target for target in {seen.target for seen in asked} if len([s for s in asked if s.target == target]) > 1
        ]
        assert [target for target in again if target != "/notes/a0"] == []
