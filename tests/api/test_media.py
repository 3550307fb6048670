"""Uploads: coming in, being worked on, being attached, and going away."""

from __future__ import annotations

import asyncio
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dassie.domain.ids import new_id
from dassie.services import uploading
from dassie.store import media
from worlds import Client, World, new_world


def png(width: int = 40, height: int = 30) -> bytes:
    """A small picture of our own making."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = [b"\x00" + b"".join(bytes((x * 5 % 256, y * 7 % 256, 90)) for x in range(width)) for y in range(height)]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(lines))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


async def uploaded(api: Client, **fields: str) -> Any:
    got = await api.upload("/api/v1/media", "file", png(), **fields)
    assert got.code == 200, got.text
    return got.json


def files(world: World) -> list[Path]:
    return [path for path in (world.server.config.data / "media").rglob("*") if path.is_file()]


async def test_a_picture_is_ready_when_version_1_answers(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await uploaded(ana, description=" A square ", focus="0.5,-0.25")
    assert (made["type"], made["description"]) == ("image", "A square")
    assert made["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert (made["meta"]["original"]["width"], made["meta"]["original"]["height"]) == (40, 30)
    assert made["meta"]["original"]["size"] == "40x30"
    assert made["url"].startswith("https://here.test/system/media/")
    assert "." in made["url"].rpartition("/")[2]
    assert made["preview_url"]
    assert made["blurhash"]
    assert made["remote_url"] is None
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_version_2_answers_before_it_is_done(tmp_path: Path, database_url: str, monkeypatch: Any) -> None:
    from dassie.api import media as media_api
    from dassie.domain.jobs import ProcessMedia
    from dassie.services.processing_media import process_media

    monkeypatch.setattr(media_api, "QUICK_SECONDS", 0.1)
    async with new_world(tmp_path, database_url=database_url, run_jobs=False) as world:
        ana = await world.api_as(await world.account("ana"))
        got = await ana.upload("/api/v2/media", "file", png())
        assert (got.code, got.json["url"]) == (202, None)
        id = got.json["id"]
        assert (await ana.get(f"/api/v1/media/{id}")).code == 206
        early = await ana.post("/api/v1/statuses", status="x", media_ids=[id])
        assert early.code == 422
        assert early.json["error"] == ("Cannot attach files that have not finished processing. Try again in a moment!")
        for _ in range(2):  # a job may run twice
            await process_media(world.server, ProcessMedia(media_id=int(id), upload_key=f"media-{id}"))
        done = await ana.get(f"/api/v1/media/{id}")
        assert (done.code, done.json["url"] is None) == (200, False)


async def test_what_is_no_picture_is_refused_with_a_reason(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = await ana.upload("/api/v2/media", "file", b"<script>alert(1)</script>")
    assert got.code == 422
    assert len(got.json["error"]) > 10
    assert (await ana.post("/api/v1/media")).json["error"] == "Validation failed: File can't be blank"
    for focus in ("a", "0.5", "2,0", "nan,0", "1,1,1"):
        got = await ana.upload("/api/v1/media", "file", png(), focus=focus)
        assert got.code == 422, focus
    got = await ana.upload("/api/v1/media", "file", png(), description="x" * 10_001)
    assert got.code == 422
    assert files(world) == []
    assert list((world.server.config.data / "tmp").iterdir()) == []


async def test_description_and_focus_change(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    made = await uploaded(ana)
    path = f"/api/v1/media/{made['id']}"
    got = await ana.put(path, description="two", focus="-1,1")
    assert (got.json["description"], got.json["meta"]["focus"]) == ("two", {"x": -1.0, "y": 1.0})
    got = await ana.put(path, focus="0,0")
    assert got.json["description"] == "two"
    for answer in (await bob.get(path), await bob.put(path, description="mine"), await bob.delete(path)):
        assert answer.code == 404


async def test_media_are_attached_in_order_and_once(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    one, two = await uploaded(ana, description="one"), await uploaded(ana)
    theirs = await uploaded(bob)
    made = await ana.post("/api/v1/statuses", media_ids=[two["id"], one["id"]], sensitive=True)
    assert made.code == 200
    assert [file["id"] for file in made.json["media_attachments"]] == [two["id"], one["id"]]
    assert made.json["sensitive"] is True
    for ids in ([one["id"]], [theirs["id"]]):
        got = await ana.post("/api/v1/statuses", status="x", media_ids=ids)
        assert (got.code, got.json["error"]) == (
            422,
            f"Media {ids[0]} not found or already attached to another post",
        )
    assert (await ana.get(f"/api/v1/media/{one['id']}")).code == 404
    got = await ana.delete(f"/api/v1/media/{one['id']}")
    assert (got.code, got.json["error"]) == (422, "Media attachment is currently used by a status")


async def test_at_most_four_and_no_video_beside_others(world: World) -> None:
    account = await world.account("ana")
    ana = await world.api_as(account)
    ids = []
    async with world.server.write() as tx:
        for kind in ("image", "image", "image", "image", "image", "video"):
            id = new_id(tx.now)
            ids.append(str(id))
            await media.insert(tx, id=id, account_id=account.id, kind=kind, file_key="media/aa/x", created_at=tx.now)
    got = await ana.post("/api/v1/statuses", media_ids=ids[:5])
    assert got.json["error"] == "Cannot attach more than 4 files"
    got = await ana.post("/api/v1/statuses", media_ids=[ids[0], ids[5]])
    assert got.json["error"] == "Cannot attach a video to a post that already contains images"
    assert (await ana.post("/api/v1/statuses", media_ids=[ids[5]])).code == 200


async def test_an_edit_changes_files_in_place(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    one, two = await uploaded(ana, description="old"), await uploaded(ana)
    made = (await ana.post("/api/v1/statuses", status="x", media_ids=[one["id"]])).json
    path = f"/api/v1/statuses/{made['id']}"
    change = [{"id": one["id"], "description": "new", "focus": "0,1"}]
    got = await ana.put(path, json={"status": "x", "media_ids": [one["id"], two["id"]], "media_attributes": change})
    assert [file["description"] for file in got.json["media_attachments"]] == ["new", None]
    assert got.json["media_attachments"][0]["meta"]["focus"] == {"x": 0.0, "y": 1.0}
    assert got.json["edited_at"] is not None
    history = (await ana.get(f"{path}/history")).json
    assert [[file["description"] for file in version["media_attachments"]] for version in history] == [
        ["old"],
        ["new", None],
    ]
    got = await ana.put(path, json={"status": "x"})
    assert got.json["media_attachments"] == []
    assert (await ana.get(f"/api/v1/media/{one['id']}")).code == 200


async def test_an_upload_is_deleted_with_its_files(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await uploaded(ana)
    assert files(world)
    assert (await ana.delete(f"/api/v1/media/{made['id']}")).json == {}
    assert files(world) == []
    assert (await ana.get(f"/api/v1/media/{made['id']}")).code == 404
    assert (await ana.delete(f"/api/v1/media/{made['id']}")).code == 404


@pytest.mark.parametrize("delete_media", [False, True])
async def test_files_of_a_deleted_status_stay_a_day_unless_unwanted(world: World, delete_media: bool) -> None:
    ana = await world.api_as(await world.account("ana"))
    kept, lost = await uploaded(ana), await uploaded(ana)
    await ana.post("/api/v1/statuses", media_ids=[kept["id"]])
    world.clock.forward(hours=30)
    made = (await ana.post("/api/v1/statuses", media_ids=[lost["id"]])).json
    gone = await ana.delete(f"/api/v1/statuses/{made['id']}", delete_media=delete_media)
    assert [file["id"] for file in gone.json["media_attachments"]] == [lost["id"]]
    await world.settle()
    assert (await ana.get(f"/api/v1/media/{lost['id']}")).code == (404 if delete_media else 200)
    assert len(files(world)) == (2 if delete_media else 4)
    world.clock.forward(hours=25)
    await uploading.clean_loose_uploads(world.server)
    assert (await ana.get(f"/api/v1/media/{lost['id']}")).code == 404
    names = {path.name for path in files(world)}
    assert len(names) == 2
    async with world.server.read() as tx:
        (still,) = await media.by_ids(tx, [int(kept["id"])])
    assert still.file_key is not None
    assert still.file_key.rpartition("/")[2] in names


async def test_what_a_crash_left_is_cleaned(world: World) -> None:
    import os

    left = world.server.config.data / "tmp" / "upload-left"
    left.write_bytes(b"x")
    old = world.clock.now() - timedelta(days=2)
    os.utime(left, (old.timestamp(), old.timestamp()))
    work = world.server.config.data / "tmp" / "work-left"
    work.mkdir()
    (work / "original.webp").write_bytes(b"x")
    os.utime(work, (old.timestamp(), old.timestamp()))
    fresh = world.server.config.data / "tmp" / "upload-fresh"
    fresh.write_bytes(b"x")
    await uploading.clean_loose_uploads(world.server)
    assert not left.exists()
    assert not work.exists()
    assert fresh.exists()


async def test_one_file_is_attached_to_one_of_two_posts(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await uploaded(ana)
    got = await asyncio.gather(*(ana.post("/api/v1/statuses", status="x", media_ids=[made["id"]]) for _ in range(3)))
    assert sorted(one.code for one in got) == [200, 422, 422]
