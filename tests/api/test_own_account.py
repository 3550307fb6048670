"""One's own account by the API: profile, pictures, preferences."""

from __future__ import annotations

from pathlib import Path

import pytest
import pyvips

from dassie.domain.jobs import PublishProfile
from people import stranger, waiting
from worlds import Client, World

UPDATE = "/api/v1/accounts/update_credentials"


def picture(path: Path) -> bytes:
    pyvips.Image.black(60, 40, bands=3).pngsave(str(path))
    return path.read_bytes()


async def client(world: World) -> Client:
    return await world.api_as(await world.account("ana"))


async def test_credentials_show_what_was_typed(world: World) -> None:
    eve = await stranger(world, "eve")
    api = await client(world)
    got = await api.patch(UPDATE, display_name=" Ana  M. ", note="Hi @eve@else.test #Café\n\nhttps://a.example/x")
    assert got.code == 200
    shown = got.json
    assert shown["display_name"] == "Ana M."
    assert shown["source"]["note"] == "Hi @eve@else.test #Café\n\nhttps://a.example/x"
    assert f'href="{eve.url}"' in shown["note"]
    assert "https://here.test/tags/cafe" in shown["note"]
    assert shown["note"].count("<p>") == 2
    assert shown["role"]["name"] == ""
    assert (await api.get("/api/v1/accounts/verify_credentials")).json == shown
    narrow = await world.api_as(await world.account("ben"), "profile")
    assert (await narrow.get("/api/v1/accounts/verify_credentials")).code == 200
    assert (await narrow.patch(UPDATE, note="x")).code == 403


FIELDS = [{"name": "Web", "value": "https://ana.example"}, {"name": "Tree", "value": "oak & <elm>"}]


@pytest.mark.parametrize("shape", ["array", "object", "form"])
async def test_fields_come_in_three_shapes(world: World, shape: str) -> None:
    api = await client(world)
    if shape == "array":
        got = await api.patch(UPDATE, json={"fields_attributes": FIELDS})
    elif shape == "object":
        got = await api.patch(UPDATE, json={"fields_attributes": {"1": FIELDS[1], "0": FIELDS[0]}})
    else:
        form = {f"fields_attributes[{i}][{k}]": v for i, one in enumerate(FIELDS) for k, v in one.items()}
        got = await api.patch(UPDATE, **form)
    assert got.code == 200, got.text
    assert [(one["name"], one["value"]) for one in got.json["source"]["fields"]] == [
        (one["name"], one["value"]) for one in FIELDS
    ]
    link, tree = got.json["fields"]
    assert 'rel="me nofollow noopener"' in link["value"]
    assert "<p>" not in link["value"]
    assert tree["value"] == "oak &amp; &lt;elm&gt;"
    assert link["verified_at"] is None
    cleared = await api.patch(UPDATE, json={"fields_attributes": [{"name": "", "value": ""}]})
    assert cleared.json["fields"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"display_name": "x" * 41},
        {"note": "x" * 501},
        {"avatar_description": "x" * 151},
        {"fields_attributes": [{"name": str(i), "value": "v"} for i in range(5)]},
        {"fields_attributes": [{"name": "n", "value": "x" * 256}]},
        {"fields_attributes": [{"name": "", "value": "nameless"}]},
        {"attribution_domains": ["not a domain"]},
        {"source": {"privacy": "secret"}},
        {"source": {"language": "klingon"}},
    ],
)
async def test_what_breaks_a_rule_changes_nothing(world: World, change: dict[str, object]) -> None:
    api = await client(world)
    before = (await api.get("/api/v1/accounts/verify_credentials")).json
    got = await api.patch(UPDATE, json={"locked": True, **change})
    assert got.code == 422
    assert got.json["error"].startswith("Validation failed: ")
    assert (await api.get("/api/v1/accounts/verify_credentials")).json == before


async def test_a_long_link_counts_little_in_a_bio(world: World) -> None:
    api = await client(world)
    note = "x" * 470 + " https://a.example/" + "y" * 300
    assert (await api.patch(UPDATE, json={"note": note})).code == 200


async def test_flags_and_defaults_are_kept(world: World) -> None:
    api = await client(world)
    got = await api.patch(
        UPDATE,
        json={
            "locked": True,
            "bot": "1",
            "discoverable": "on",
            "indexable": True,
            "hide_collections": True,
            "attribution_domains": ["https://News.example/", "*.blog.example", "news.example"],
            "source": {"privacy": "private", "sensitive": True, "language": "de", "quote_policy": "nobody"},
        },
    )
    shown = got.json
    for name in ("locked", "bot", "discoverable", "indexable", "hide_collections"):
        assert shown[name] is True, name
    source = shown["source"]
    assert source["attribution_domains"] == ["news.example", "blog.example"]
    assert (source["privacy"], source["sensitive"], source["language"], source["quote_policy"]) == (
        "private",
        True,
        "de",
        "nobody",
    )
    preferences = (await api.get("/api/v1/preferences")).json
    assert preferences["posting:default:visibility"] == "private"
    assert preferences["posting:default:language"] == "de"
    assert preferences["reading:expand:media"] == "default"
    got = await api.patch(UPDATE, json={"source": {"language": ""}, "bot": False})
    assert (got.json["source"]["language"], got.json["bot"], got.json["locked"]) == (None, False, True)


async def test_followers_servers_are_told_once(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await api.patch(UPDATE, json={"source": {"privacy": "private"}})
    assert await waiting(world, PublishProfile) == []
    await api.patch(UPDATE, note="one")
    await api.patch(UPDATE, note="two")
    assert await waiting(world, PublishProfile) == [PublishProfile(account_id=ana.id)]


async def test_pictures_are_made_stored_described_and_removed(world: World, tmp_path: Path) -> None:
    api = await client(world)
    data = picture(tmp_path / "p.png")
    got = await api.upload(UPDATE, "avatar", data, method="PATCH", avatar_description="black")
    assert got.code == 200, got.text
    assert got.json["avatar"].startswith("https://here.test/system/accounts/")
    assert got.json["avatar_description"] == "black"
    first = got.json["avatar"].removeprefix("https://here.test/system/")
    assert await world.server.media_files.size(first)
    got = await api.upload(UPDATE, "avatar", data, method="PATCH")
    second = got.json["avatar"].removeprefix("https://here.test/system/")
    assert await world.server.media_files.size(first) is None
    assert await world.server.media_files.size(second)
    got = await api.upload(UPDATE, "header", data, method="PATCH")
    assert "/system/accounts/" in got.json["header"]
    for which in ("avatar", "header"):
        got = await api.delete(f"/api/v1/profile/{which}")
        assert got.json[which].endswith(f"/static/{which}-missing.png")
        assert (await api.delete(f"/api/v1/profile/{which}")).code == 200
    assert await world.server.media_files.size(second) is None
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_what_is_no_picture_is_refused(world: World) -> None:
    api = await client(world)
    got = await api.upload(UPDATE, "avatar", b"MZ this is a program", method="PATCH")
    assert got.code == 422
    got = await api.upload(UPDATE, "avatar", b"x" * 8_000_001, method="PATCH")
    assert got.code == 413
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_the_raw_profile_is_read_and_changed(world: World, tmp_path: Path) -> None:
    api = await client(world)
    got = await api.patch("/api/v1/profile", json={"note": "#oak", "fields_attributes": FIELDS, "locked": True})
    shown = got.json
    assert (got.code, shown["note"], shown["locked"], shown["avatar"]) == (200, "#oak", True, None)
    assert shown["fields"][1] == {"name": "Tree", "value": "oak & <elm>", "verified_at": None}
    assert shown["formatted_fields"][1]["value"] == "oak &amp; &lt;elm&gt;"
    assert "hashtag" in shown["formatted_note"]
    got = await api.upload("/api/v1/profile", "header", picture(tmp_path / "p.png"), method="PATCH")
    assert "/system/accounts/" in got.json["header"]
    assert (await api.get("/api/v1/profile")).json == got.json
