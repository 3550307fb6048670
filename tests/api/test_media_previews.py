"""Previews that people choose for what they upload: made, shown, replaced, sent along, and gone with their file."""

from __future__ import annotations

import asyncio
import io
import wave
from typing import Any

import pytest

from dassie.domain.jobs import ProcessMedia
from dassie.domain.storage import OWN
from dassie.federation.outbound.notes import render_media
from dassie.services import uploading
from dassie.services.processing_media import process_media
from dassie.services.recounting_storage import recount
from dassie.store import media
from dassie.store.views import MediaView
from stored import counted, noise
from worlds import Client, World


def sound() -> bytes:
    """A short silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(b"\x00" * 9_600)
    return file.getvalue()


async def uploaded(world: World, api: Client, file: bytes, picture: bytes, version: int = 1) -> Any:
    got = await api.multipart("POST", f"/api/v{version}/media", {"file": file, "thumbnail": picture})
    assert got.code == 200, got.text
    await world.settle()  # the preview that was made in vain goes after the answer
    return got.json


async def row_of(world: World, id: str) -> MediaView:
    async with world.server.read() as tx:
        (found,) = await media.by_ids(tx, [int(id)])
    return found


def small(shown: Any) -> tuple[int, int]:
    measures = shown["meta"]["small"]
    return measures["width"], measures["height"]


def names(world: World) -> set[str]:
    return {path.name for path in (world.server.config.data / "media").rglob("*") if path.is_file()}


def name_in(url: str) -> str:
    return url.rpartition("/")[2]


async def is_counted(world: World, files: int) -> bool:
    """Whether so many files are there and the books say so."""
    known = (await counted(world)).get(OWN)
    there = (known.files if known else 0, len(names(world)))
    return there == (files, files) and (await recount(world.server, young=-10.0)).clean


async def test_sound_gets_the_picture_that_came_with_it(world: World) -> None:
    pytest.importorskip("av")
    ana = await world.api_as(await world.account("ana"))
    made = await uploaded(world, ana, sound(), noise(1200, 800))
    assert (made["type"], small(made), made["meta"]["small"]["aspect"]) == ("audio", (587, 391), 587 / 391)
    assert made["blurhash"]
    assert {name_in(made["url"]), name_in(made["preview_url"])} == names(world)
    row = await row_of(world, made["id"])
    doc = render_media(row, world.server.urls)
    assert doc["icon"] == {"type": "Image", "mediaType": row.small_type, "url": made["preview_url"]}
    assert row.small_type in ("image/jpeg", "image/webp")
    other = await ana.multipart("PUT", f"/api/v1/media/{made['id']}", {"thumbnail": noise(30, 30)}, description="Rain")
    assert (other.json["description"], small(other.json), other.json["url"]) == ("Rain", (30, 30), made["url"])
    assert {name_in(made["url"]), name_in(other.json["preview_url"])} == names(world)
    assert other.json["preview_url"] != made["preview_url"]
    assert await is_counted(world, 2)
    post = (await ana.post("/api/v1/statuses", media_ids=[made["id"]])).json
    page = await (await world.api_as()).request("GET", f"/@ana/{post['id']}")
    assert f'<img src="{other.json["preview_url"]}"' in page.text
    assert (await ana.delete(f"/api/v1/statuses/{post['id']}", delete_media=True)).code == 200
    await uploading.clean_loose_uploads(world.server)
    assert await is_counted(world, 0)
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_a_picture_shows_the_preview_that_was_chosen_also_elsewhere(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    plain = (await ana.upload("/api/v2/media", "file", noise())).json
    assert "icon" not in render_media(await row_of(world, plain["id"]), world.server.urls)
    made = await uploaded(world, ana, noise(), noise(20, 10), version=2)
    assert (small(made), made["meta"]["original"]["width"]) == ((20, 10), 60)
    assert render_media(await row_of(world, made["id"]), world.server.urls)["icon"]["url"] == made["preview_url"]
    path = f"/api/v1/media/{made['id']}"
    got = await asyncio.gather(*(ana.multipart("PUT", path, {"thumbnail": noise(n, 10)}) for n in (20, 21, 22)))
    assert {one.code for one in got} == {200}
    assert await is_counted(world, 4)


async def test_what_is_no_picture_leaves_nothing_behind(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    made = (await ana.upload("/api/v1/media", "file", noise())).json
    path = f"/api/v1/media/{made['id']}"
    for got in (
        await ana.multipart("POST", "/api/v2/media", {"file": noise(), "thumbnail": sound()}),
        await ana.multipart("POST", "/api/v2/media", {"file": noise(), "thumbnail": b"x"}, focus="9,9"),
        await ana.multipart("POST", "/api/v2/media", {"file": noise(), "thumbnail": noise()}, description="x" * 10_001),
        await ana.multipart("PUT", path, {"thumbnail": b"<svg/>"}),
        await ana.multipart("PUT", path, {"thumbnail": noise()}, description="x" * 10_001),
    ):
        assert got.code == 422, got.text
    assert (await bob.multipart("PUT", path, {"thumbnail": noise()})).code == 404
    assert (await ana.get(path)).json == made
    assert await is_counted(world, 2)
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_a_preview_chosen_before_the_file_is_ready_stays(idle_world: World, monkeypatch: Any) -> None:
    from dassie.api import media as media_api

    world = idle_world
    monkeypatch.setattr(media_api, "QUICK_SECONDS", 0.0)
    ana = await world.api_as(await world.account("ana"))
    early = await ana.upload("/api/v2/media", "file", noise())
    id = early.json["id"]
    got = await ana.multipart("PUT", f"/api/v1/media/{id}", {"thumbnail": noise(20, 10)})
    assert (got.code, got.json["url"], small(got.json)) == (206, None, (20, 10))
    assert await is_counted(world, 1)
    await process_media(world.server, ProcessMedia(media_id=int(id), upload_key=f"media-{id}"))
    done = await ana.get(f"/api/v1/media/{id}")
    assert (done.code, done.json["preview_url"], small(done.json)) == (200, got.json["preview_url"], (20, 10))
    assert (done.json["meta"]["original"]["width"], done.json["blurhash"]) == (60, got.json["blurhash"])
    assert await is_counted(world, 2)


async def test_an_edit_changes_the_preview_of_a_file(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    id = (await ana.upload("/api/v1/media", "file", noise())).json["id"]
    made = (await ana.post("/api/v1/statuses", status="x", media_ids=[id])).json
    before = made["media_attachments"][0]
    path = f"/api/v1/statuses/{made['id']}"
    fields = {"status": "x", "media_ids[]": id, "media_attributes[][id]": id}
    wrong = await ana.multipart("PUT", path, {"media_attributes[][thumbnail]": b"x"}, **fields)
    assert wrong.code == 422
    other = {**fields, "media_attributes[][id]": "1"}
    assert (await ana.multipart("PUT", path, {"media_attributes[][thumbnail]": noise()}, **other)).code == 200
    assert names(world) == {name_in(before["url"]), name_in(before["preview_url"])}
    got = await ana.multipart("PUT", path, {"media_attributes[][thumbnail]": noise(20, 10)}, **fields)
    assert got.code == 200, got.text
    after = got.json["media_attachments"][0]
    assert (small(after), after["url"], got.json["edited_at"] is None) == ((20, 10), before["url"], False)
    assert names(world) == {name_in(after["url"]), name_in(after["preview_url"])}
    assert await is_counted(world, 2)
