"""Custom emoji of this server: what is taken, where it shows, what it weighs, packs and copies."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import pyvips

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.storage import OWN
from dassie.services import emoji_packs, painting
from dassie.services.painting import By, EmojiChange
from dassie.store import audit, emojis, usage
from dassie.store.emojis import OwnEmoji
from dassie.store.views import EmojiView
from filing import picture, world_with_peer
from people import stranger, write
from test_previewing import Site
from worlds import Client, World

ME = By("tests")


def moving() -> bytes:
    """A picture that moves."""
    frames = [pyvips.Image.black(24, 24, bands=3).copy(interpretation="srgb") + shade for shade in (40, 200)]
    joined = pyvips.Image.arrayjoin([frame.cast("uchar") for frame in frames], across=1).copy()
    joined.set_type(pyvips.GValue.gint_type, "page-height", 24)
    return bytes(joined.write_to_buffer(".gif"))


async def added(world: World, folder: Path, name: str = "cat", data: bytes | None = None, **how: Any) -> OwnEmoji:
    file = folder / f"{name}-file"
    file.write_bytes(data if data is not None else picture(24, 24))
    return await painting.add(world.server, ME, name, file, **how)


async def own_bytes(world: World) -> tuple[int, int]:
    async with world.server.read() as tx:
        found = (await usage.by_kind(tx)).get(OWN)
    return (found.files, found.bytes) if found else (0, 0)


def stored(world: World) -> list[Path]:
    return [path for path in (world.server.config.data / "media" / "emoji").rglob("*") if path.is_file()]


async def test_an_emoji_shows_in_posts_names_and_polls_and_goes_out_with_them(world: World, tmp_path: Path) -> None:
    one = await added(world, tmp_path, category=" Animals ")
    ana = await world.account("ana")
    client = await world.api_as(ana)
    listed = (await client.get("/api/v1/custom_emojis")).json
    assert [(e["shortcode"], e["category"], e["visible_in_picker"]) for e in listed] == [("cat", "Animals", True)]
    posted = (await client.post("/api/v1/statuses", status="a :cat: and a :dog:")).json
    assert [e["shortcode"] for e in posted["emojis"]] == ["cat"]
    assert posted["emojis"][0]["url"] == listed[0]["url"]
    changed = (await client.patch("/api/v1/accounts/update_credentials", display_name="Ana :cat:")).json
    assert [e["shortcode"] for e in changed["emojis"]] == ["cat"]
    got = await Client(world.app).get(listed[0]["url"].removeprefix("https://here.test"))
    assert (got.headers["content-type"], got.body) == ("image/png", picture(24, 24))
    note = await Client(world.app).request("GET", f"/users/ana/statuses/{posted['id']}", b"", {"accept": ACTIVITY})
    (tag,) = [tag for tag in note.json["tag"] if tag["type"] == "Emoji"]
    assert (tag["name"], tag["icon"]["url"]) == (":cat:", listed[0]["url"])
    assert await own_bytes(world) == (1, one.file_size)


ACTIVITY = "application/activity+json"


async def test_what_moves_has_a_still_version(world: World, tmp_path: Path) -> None:
    one = await added(world, tmp_path, data=moving())
    assert one.static_key is not None
    client = await world.api_as(await world.account("ana"))
    (shown,) = (await client.post("/api/v1/statuses", status=":cat:")).json["emojis"]
    assert shown["url"].endswith(".gif")
    assert "-static." in shown["static_url"]
    assert len(stored(world)) == 2
    assert await own_bytes(world) == (2, sum(path.stat().st_size for path in stored(world)))


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("c", b"", "2 to 128"),
        ("a b", b"", "2 to 128"),
        ("cat", b"", "blank"),
        ("cat", b"\x89PNG\r\n\x1a\n" + b"x" * 300_000, "256 KB"),
        ("cat", b"<svg></svg>", "supported"),
        ("cat", b"\x89PNG\r\n\x1a\n damaged", "damaged"),
        ("cat", b"\xff\xd8\xff\xe0 jpeg", "PNG, GIF or WebP"),
    ],
)
async def test_what_will_not_do_is_refused(world: World, tmp_path: Path, name: str, data: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        await added(world, tmp_path, name, data)
    assert why in refused.value.safe
    assert stored(world) == []
    assert await own_bytes(world) == (0, 0)


async def test_a_taken_name_is_refused_and_replaced_on_request(world: World, tmp_path: Path) -> None:
    first = await added(world, tmp_path)
    client = await world.api_as(await world.account("ana"))
    id = (await client.post("/api/v1/statuses", status=":cat:")).json["id"]
    with pytest.raises(Invalid):
        await added(world, tmp_path)
    second = await added(world, tmp_path, data=moving(), overwrite=True)
    assert second.file_key != first.file_key
    (shown,) = (await client.get(f"/api/v1/statuses/{id}")).json["emojis"]
    assert shown["url"].endswith(second.file_key)
    assert len(stored(world)) == 2
    assert await own_bytes(world) == (2, second.file_size)


async def test_removing_leaves_the_name_and_no_file(world: World, tmp_path: Path) -> None:
    one = await added(world, tmp_path)
    ana = await world.account("ana")
    client = await world.api_as(ana)
    id = (await client.post("/api/v1/statuses", status=":cat:")).json["id"]
    await client.patch("/api/v1/accounts/update_credentials", display_name=":cat:")
    await painting.remove(world.server, ME, one.id)
    shown = (await client.get(f"/api/v1/statuses/{id}")).json
    assert (shown["emojis"], shown["account"]["emojis"]) == ([], [])
    assert ":cat:" in shown["content"]
    assert stored(world) == []
    assert await own_bytes(world) == (0, 0)
    async with world.server.read() as tx:
        actions = [one.action for one in await audit.newest(tx, 10) if one.action.startswith("emoji")]
    assert actions == ["emoji.removed", "emoji.added"]


async def test_one_that_is_off_stands_for_nothing_new(world: World, tmp_path: Path) -> None:
    one = await added(world, tmp_path)
    await painting.change(world.server, ME, one.id, EmojiChange(disabled=True, category="Off"))
    client = await world.api_as(await world.account("ana"))
    assert (await client.post("/api/v1/statuses", status=":cat:")).json["emojis"] == []
    assert (await client.get("/api/v1/custom_emojis")).json == []
    changed = await painting.change(world.server, ME, one.id, EmojiChange(disabled=False, visible_in_picker=False))
    assert (changed.category, changed.disabled) == ("Off", False)
    assert (await client.get("/api/v1/custom_emojis")).json == []  # pickers need not know it, as in Mastodon
    (used,) = (await client.post("/api/v1/statuses", status="a :cat:")).json["emojis"]
    assert used["shortcode"] == "cat"


async def test_packs_are_read_from_folders_tars_and_zips(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "sun.png").write_bytes(picture(20, 20))
    (folder / "moon.gif").write_bytes(moving())
    (folder / "._sun.png").write_bytes(b"x")
    (folder / "read.me").write_bytes(b"x")
    (folder / "bad name.png").write_bytes(picture(20, 20))
    tar, zipped = tmp_path / "pack.tar.gz", tmp_path / "pack.zip"
    with tarfile.open(tar, "w:gz") as pack:
        info = tarfile.TarInfo("../../sun.png")
        info.size = len(picture(20, 20))
        pack.addfile(info, io.BytesIO(picture(20, 20)))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(folder / "moon.gif", "deep/er/moon.gif")
    found = await emoji_packs.import_pack(world.server, ME, folder, prefix="x_", category="Sky")
    assert (found.added, found.skipped, len(found.failed)) == (2, 0, 1)
    again = await emoji_packs.import_pack(world.server, ME, folder, prefix="x_")
    assert (again.added, again.skipped) == (0, 2)
    assert (await emoji_packs.import_pack(world.server, ME, tar, suffix="_y", unlisted=True)).added == 1
    assert (await emoji_packs.import_pack(world.server, ME, zipped)).added == 1
    async with world.server.read() as tx:
        ours = await emojis.all_ours(tx)
    assert [(one.shortcode, one.category, one.visible_in_picker) for one in ours] == [
        ("moon", None, True),
        ("sun_y", None, False),
        ("x_moon", "Sky", True),
        ("x_sun", "Sky", True),
    ]
    with pytest.raises(Invalid):
        await emoji_packs.import_pack(world.server, ME, folder / "read.me")
    target = await emoji_packs.export_pack(world.server, tmp_path, category="Sky")
    with tarfile.open(target) as exported:
        assert sorted(exported.getnames()) == ["x_moon.gif", "x_sun.png"]
    with pytest.raises(Invalid):
        await emoji_packs.export_pack(world.server, tmp_path)


async def test_what_others_used_of_late_can_be_copied(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with world_with_peer(tmp_path, "news.test") as (world, peer):
        url = Site(world, peer).page("/wave.png", picture(30, 30), "image/png")
        eve = await stranger(world, "eve", "news.test")
        await write(world, eve, ":wave:", emojis=[EmojiView("wave", url)])
        async with world.server.read() as tx:
            assert await emojis.foreign(tx, 10) == [(EmojiView("wave", url), "news.test")]
        with pytest.raises(NotFound):
            await painting.copy(world.server, ME, "wave", "else.test")
        copied = await painting.copy(world.server, ME, "wave", "news.test", name="hello", category="Hands")
        assert (copied.shortcode, copied.category) == ("hello", "Hands")
        assert [path.read_bytes() for path in stored(world)] == [picture(30, 30)]
