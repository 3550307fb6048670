"""WebFinger, host-meta and NodeInfo, as other servers ask for them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from dassie.federation.vocab.nodeinfo import read_nodeinfo, read_nodeinfo_link
from dassie.federation.vocab.webfinger import read_jrd
from dassie.services.deleting_accounts import delete_account
from others import read
from worlds import Client, World

PATH = "/.well-known/webfinger?resource="


@pytest.mark.parametrize(
    "resource",
    [
        "acct:ana@here.test",
        "acct:ANA@HERE.TEST",
        "ana@here.test",
        "@ana@here.test",
        "https://here.test/@ana",
        "https://here.test/users/ana",
        "https://here.test/users/ana/",
    ],
)
async def test_every_form_of_a_resource_finds_the_actor(world: World, resource: str) -> None:
    ana = await world.account("ana")
    got = await Client(world.app).get(PATH + quote(resource, safe=""))
    assert got.code == 200
    assert got.headers["content-type"].startswith("application/jrd+json")
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.json["subject"] == "acct:ana@here.test"
    found = read_jrd(got.body)
    assert found.self_links[0].href == ana.uri
    assert {"https://here.test/@ana", ana.uri} == set(got.json["aliases"])
    templates = [link["template"] for link in got.json["links"] if "template" in link]
    assert templates == ["https://here.test/authorize_interaction?uri={uri}"]


@pytest.mark.parametrize(
    "resource", ["acct:here.test@here.test", "https://here.test/actor", "https://here.test/", "https://here.test"]
)
async def test_the_server_itself_has_an_actor(world: World, resource: str) -> None:
    got = await Client(world.app).get(PATH + quote(resource, safe=""))
    assert got.code == 200
    assert got.json["subject"] == "acct:here.test@here.test"
    assert read_jrd(got.body).self_links[0].href == "https://here.test/actor"


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("", 400),
        ("ana", 400),
        ("acct:", 400),
        ("x" * 600, 400),
        ("acct:nobody@here.test", 404),
        ("acct:ana@elsewhere.test", 404),
        ("https://elsewhere.test/@ana", 404),
        ("https://here.test/@ana/1", 404),
        ("https://here.test/users/ana/inbox", 404),
        ("https://here.test/about", 404),
    ],
)
async def test_what_is_no_resource_of_ours_is_refused(world: World, resource: str, code: int) -> None:
    await world.account("ana")
    got = await Client(world.app).get(PATH + quote(resource, safe=""))
    assert got.code == code
    assert got.json["error"]


async def test_a_deleted_account_is_gone(world: World) -> None:
    ana = await world.account("ana")
    async with world.server.write() as tx:
        await delete_account(tx, world.server, ana)
    assert (await Client(world.app).get(PATH + "acct:ana@here.test")).code == 410
    gone = await read(world, "/users/ana")
    assert gone.code == 410
    assert gone.json["type"] == "Tombstone"
    assert gone.json["id"] == ana.uri


async def test_host_meta_leads_to_webfinger(world: World) -> None:
    got = await Client(world.app).get("/.well-known/host-meta")
    assert got.code == 200
    assert got.headers["content-type"].startswith("application/xrd+xml")
    assert 'rel="lrdd" template="https://here.test/.well-known/webfinger?resource={uri}"' in got.text
    as_json = await Client(world.app).request(
        "GET", "/.well-known/host-meta", headers={"accept": "application/jrd+json"}
    )
    assert as_json.json["links"][0]["template"].endswith("/.well-known/webfinger?resource={uri}")
    assert (await Client(world.app).get("/.well-known/host-meta.json")).json == as_json.json


async def test_nodeinfo_counts_what_is_here(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    posted = await api.post("/api/v1/statuses", status="one")
    assert posted.code == 200
    links = await Client(world.app).get("/.well-known/nodeinfo")
    assert read_nodeinfo_link(links.body) == "https://here.test/nodeinfo/2.1"
    for version in ("2.0", "2.1"):
        got = await Client(world.app).get(f"/nodeinfo/{version}")
        info = read_nodeinfo(got.body)
        assert info.software == "dassie"
        assert info.protocols == ("activitypub",)
        assert info.users_total == 1
        assert info.local_posts == 1
        assert info.open_registrations is False
        assert got.headers["access-control-allow-origin"] == "*"
        assert got.json["version"] == version


async def test_other_origins_may_ask_before_they_ask(world: World) -> None:
    got = await Client(world.app).request("OPTIONS", "/.well-known/webfinger")
    assert got.code == 200
    assert got.headers["access-control-allow-origin"] == "*"
    assert "GET" in got.headers["allow"]
