"""Uploads made safe, by real workers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import blurhash
import pytest
import pytest_asyncio
import pyvips

import media_samples as samples
from dassie.adapters import media_tools, media_worker
from dassie.adapters.media_jobs import Made, Task
from dassie.adapters.media_tools import WorkerMediaTools
from dassie.domain.errors import Busy, Invalid
from dassie.domain.media_kinds import MAX_PICTURE_BYTES, NO_HEIC, UNREADABLE, UNSUPPORTED

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tools() -> AsyncIterator[WorkerMediaTools]:
    """One for most tests, so that workers have to outlive whatever they are given."""
    made = WorkerMediaTools()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def fresh() -> AsyncIterator[WorkerMediaTools]:
    """One of its own, for tests that look at its workers."""
    made = WorkerMediaTools()
    yield made
    await made.close()
    assert made.pids == []


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def image(path: Path | None) -> Any:
    assert path is not None
    return pyvips.Image.new_from_file(str(path))


def clean(path: Path) -> bool:
    """No private words and no metadata block at all."""
    data = path.read_bytes()
    fields = image(path).get_fields()
    return samples.SECRET not in data and not [f for f in fields if f.startswith(("exif", "xmp", "icc", "iptc"))]


# Pictures


async def test_a_place_in_a_photo_is_gone(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    source = samples.photo_with_secrets(tmp_path / "a.jpg")
    assert samples.SECRET in source.read_bytes()
    made = await tools.attachment(source, work)
    assert (made.kind, made.original_type, made.small_type) == ("image", "image/jpeg", "image/jpeg")
    assert made.small is not None
    assert clean(made.original)
    assert clean(made.small)
    assert made.meta["original"] == {"width": 120, "height": 80, "size": "120x80", "aspect": 1.5}
    assert sorted(work.iterdir()) == sorted([made.original, made.small])
    assert source.exists()


async def test_orientation_is_applied(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    made = await tools.attachment(samples.photo_with_secrets(tmp_path / "a.jpg", orientation=6), work)
    turned = image(made.original)
    assert (turned.width, turned.height) == (80, 120)
    assert (made.meta["original"]["size"], made.meta["small"]["size"]) == ("80x120", "80x120")
    red, _, blue = turned(40, 5)  # the left side, which is red, has come to the top
    assert red > 200 > 60 > blue


async def test_a_big_photo_is_made_smaller(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "big.jpg"
    samples.picture(4000, 3000).jpegsave(str(path))
    made = await tools.attachment(path, work)
    original, small = made.meta["original"], made.meta["small"]
    assert 8_200_000 < original["width"] * original["height"] <= 8_294_400
    assert 225_000 < small["width"] * small["height"] <= 230_400
    assert original["aspect"] == pytest.approx(4 / 3, abs=0.01)
    assert (image(made.small).width, image(made.small).height) == (small["width"], small["height"])


async def test_the_blurhash_shows_the_picture(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    made = await tools.attachment(samples.photo_with_secrets(tmp_path / "a.jpg"), work)
    assert made.blurhash is not None
    assert blurhash.components(made.blurhash) == (4, 4)
    rows = blurhash.decode(made.blurhash, 16, 8)
    (left_red, _, left_blue), (right_red, _, right_blue) = rows[4][1], rows[4][14]
    assert left_red > left_blue
    assert right_blue > right_red


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [("png", "image/png"), ("webp", "image/webp"), ("gif", "image/png"), ("avif", "image/jpeg")],
)
async def test_still_pictures_keep_a_form_browsers_know(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, ending: str, media_type: str
) -> None:
    path = tmp_path / f"a.{ending}"
    samples.picture(90, 60).write_to_file(str(path))
    made = await tools.attachment(path, work)
    assert (made.kind, made.original_type, made.small_type) == ("image", media_type, "image/jpeg")
    red, _, blue = image(made.original)(2, 30)
    assert red > 200 > 80 > blue


async def test_transparency_is_kept(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "a.png"
    samples.picture(90, 60).bandjoin(100).cast("uchar").write_to_file(str(path))
    made = await tools.attachment(path, work)
    assert (made.original_type, made.small_type) == ("image/png", "image/webp")
    assert image(made.original)(3, 3)[3] == 100
    assert image(made.small).hasalpha()


async def test_colours_of_another_profile_become_srgb(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "p3.png"
    plain = pyvips.Image.black(60, 40, bands=3).linear(1, [200, 80, 40]).cast("uchar").copy(interpretation="srgb")
    plain.icc_transform("p3", input_profile="srgb").write_to_file(str(path))
    assert abs(image(path)(5, 5)[0] - 200) > 5
    made = await tools.attachment(path, work)
    assert clean(made.original)
    assert image(made.original)(5, 5) == pytest.approx([200, 80, 40], abs=2)


async def test_print_colours_become_srgb(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "cmyk.jpg"
    samples.picture(60, 40).colourspace("cmyk").write_to_file(str(path))
    assert image(path).bands == 4
    made = await tools.attachment(path, work)
    assert image(made.original).bands == 3


async def test_a_name_does_not_matter(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "a.mp3"
    samples.picture(30, 30).jpegsave(str(path))
    assert (await tools.attachment(path, work)).original_type == "image/jpeg"


# Profiles and thumbnails


async def test_an_avatar_is_cut_to_a_square(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    made = await tools.avatar(samples.photo_with_secrets(tmp_path / "a.jpg"), work)
    assert (image(made.original).width, image(made.original).height) == (400, 400)
    assert made.original_type == "image/jpeg"
    assert made.small is None
    assert clean(made.original)


async def test_a_header_is_wide(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "a.png"
    samples.picture(900, 900).bandjoin(10).cast("uchar").write_to_file(str(path))
    made = await tools.header(path, work)
    assert (image(made.original).width, image(made.original).height) == (1500, 500)
    assert made.original_type == "image/webp"


@pytest.mark.parametrize("ending", ["gif", "webp"])
async def test_a_moving_avatar_has_a_still_version(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, ending: str
) -> None:
    path = samples.animation(tmp_path / f"a.{ending}", width=640, height=480, frames=6, delay=70)
    made = await tools.avatar(path, work)
    assert (made.original_type, made.small_type) == (f"image/{ending}", "image/png")
    moving = image(made.original)
    assert (moving.width, moving.height, moving.get("n-pages")) == (400, 400, 6)
    assert moving.get("delay") == [70] * 6
    assert (image(made.small).width, image(made.small).height) == (400, 400)


async def test_a_thumbnail_is_still_and_small(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    made = await tools.thumbnail(samples.animation(tmp_path / "a.gif", width=640), work, max_pixels=5000)
    still = image(made.original)
    assert still.width * still.height <= 5000
    assert made.original_type == "image/jpeg"
    assert made.small is None
    assert made.blurhash


async def test_a_video_is_no_avatar(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = samples.video(tmp_path / "a.mp4")
    for make in (tools.avatar, tools.header, tools.thumbnail):
        with pytest.raises(Invalid, match="not a supported picture"):
            await make(path, work)


# What moves and sounds


def streams(path: Path) -> tuple[Any, Any, dict[str, str]]:
    """Video, audio and the metadata of a file."""
    with av.open(str(path)) as container:
        told = dict(container.metadata)
        for stream in container.streams:
            told |= stream.metadata
        video = container.streams.video[0].codec_context if container.streams.video else None
        audio = container.streams.audio[0].codec_context if container.streams.audio else None
        return (video and (video.name, video.pix_fmt)), (audio and audio.name), told


@pytest.mark.parametrize("ending", ["gif", "webp"])
async def test_a_moving_gif_becomes_a_silent_video(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, ending: str
) -> None:
    source = samples.animation(tmp_path / f"a.{ending}", width=65, height=49, frames=10, delay=50)
    made = await tools.attachment(source, work)
    assert (made.kind, made.original_type, made.small_type) == ("gifv", "video/mp4", "image/jpeg")
    assert streams(made.original)[:2] == (("h264", "yuv420p"), None)
    meta = made.meta
    assert (meta["size"], meta["length"], meta["duration"], meta["fps"]) == ("64x48", "0:00:00.50", 0.5, 20)
    assert meta["original"]["frame_rate"] == "20/1"
    assert "audio_encode" not in meta
    assert made.blurhash


async def test_a_video_that_plays_everywhere_is_copied(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    source = samples.video(tmp_path / "a.mp4")
    assert samples.SECRET in source.read_bytes()
    made = await tools.attachment(source, work)
    assert (made.kind, made.original_type, made.small_type) == ("video", "video/mp4", "image/jpeg")
    data = made.original.read_bytes()
    assert samples.SECRET not in data
    assert b"18.4241" not in data
    assert data.index(b"moov") < data.index(b"mdat")  # it plays while it loads
    meta = made.meta
    assert (meta["width"], meta["height"], meta["size"], meta["aspect"]) == (96, 64, "96x64", 1.5)
    assert (meta["fps"], meta["length"], meta["duration"]) == (25, "0:00:01.00", 1.0)
    assert meta["original"]["frame_rate"] == "25/1"
    assert meta["original"]["bitrate"] > 0
    sound = (meta["audio_encode"], meta["audio_bitrate"], meta["audio_channels"])
    assert sound == ("aac (LC)", "48000 Hz", "stereo")


@pytest.mark.parametrize(
    ("name", "codec", "sound"),
    [("a.webm", "libvpx", "libopus"), ("a.mov", "mpeg4", "pcm_s16le"), ("b.webm", "libvpx-vp9", None)],
)
async def test_other_videos_are_encoded(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, name: str, codec: str, sound: str | None
) -> None:
    made = await tools.attachment(samples.video(tmp_path / name, codec=codec, audio=sound), work)
    video, audio, told = streams(made.original)
    assert video == ("h264", "yuv420p")
    assert audio == ("aac" if sound else None)
    assert samples.SECRET.decode() not in str(told)
    assert made.meta["duration"] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize("rotation", [90, -90, 180])
async def test_a_phone_held_upright_gives_an_upright_video(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, codec: str, rotation: int
) -> None:
    source = samples.video(tmp_path / "a.mp4", codec=codec, rotation=rotation, size=(96, 64))
    made = await tools.attachment(source, work)
    size = "96x64" if rotation == 180 else "64x96"
    assert (made.meta["size"], made.meta["small"]["size"]) == (size, size)
    # the source is red at its left; after turning, see where the red side is
    still = image(made.small)
    across, down = still.width // 2, still.height // 2
    red_edge = {90: (across, still.height - 3), -90: (across, 2), 180: (still.width - 3, down)}[rotation]
    red, _, blue = still(*red_edge)
    assert red > blue + 60


async def test_wider_colour_sampling_is_encoded_for_browsers(
    tools: WorkerMediaTools, tmp_path: Path, work: Path
) -> None:
    made = await tools.attachment(samples.video(tmp_path / "a.mp4", pixels="yuv444p"), work)
    assert streams(made.original)[0] == ("h264", "yuv420p")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.ogg", "libopus"),
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
        ("a.m4a", "aac"),
        ("a.aac", "aac"),
    ],
)
async def test_audio_becomes_mp3(tools: WorkerMediaTools, tmp_path: Path, work: Path, name: str, codec: str) -> None:
    made = await tools.attachment(samples.audio(tmp_path / name, codec), work)
    assert (made.kind, made.original_type, made.small, made.blurhash) == ("audio", "audio/mpeg", None, None)
    assert samples.SECRET not in made.original.read_bytes()
    assert made.meta["duration"] == pytest.approx(1.0, abs=0.1)
    assert made.meta["length"].startswith("0:00:0")
    assert made.meta["audio_encode"] == "mp3"
    assert made.meta["original"]["bitrate"] >= 32_000


async def test_the_cover_of_a_song_is_its_preview(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    cover = samples.picture(300, 300).pngsave_buffer()
    made = await tools.attachment(samples.audio(tmp_path / "a.mp3", "libmp3lame", cover=cover), work)
    assert made.small_type == "image/jpeg"
    assert made.meta["small"]["size"] == "300x300"
    assert made.blurhash
    assert sorted(work.iterdir()) == sorted([made.original, made.small or made.original])


async def test_too_many_frames_a_second_are_refused(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    with pytest.raises(Invalid, match="240 frames a second; at most 120"):
        await tools.attachment(samples.video(tmp_path / "a.mp4", rate=240, audio=None), work)


async def test_without_the_video_extra_still_pictures_work(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr(media_worker, "_limit_cpu", lambda seconds: None)
    monkeypatch.setenv("TMPDIR", str(work))  # the worker sets it for its whole process, which is ours here

    def run(source: Path) -> Any:
        return media_worker.run(Task("attachment", str(source), str(work), cpu_seconds=60))

    moving = samples.animation(tmp_path / "a.gif")
    refused = run(moving)
    assert "pip install dassie[video]" in refused.refused
    still = tmp_path / "still.gif"
    samples.picture(20, 20).write_to_file(str(still))
    assert run(still).made.original == "original.png"


# Hostile and broken files


def hostile(name: str, folder: Path) -> bytes:
    jpeg = bytes(samples.picture(400, 300).jpegsave_buffer())
    png = bytes(samples.picture(400, 300).pngsave_buffer())
    match name:
        case "truncated jpeg":
            return jpeg[: len(jpeg) // 2]
        case "truncated png":
            return png[: len(png) // 2]
        case "gif cut off in its first frame":
            return samples.animation(folder / "t.gif", width=300, height=200).read_bytes()[:400]
        case "corrupt png":
            middle = len(png) // 2
            return png[:middle] + os.urandom(200) + png[middle + 200 :]
        case "png of 60000 x 60000":
            return samples.png_claiming(60_000, 60_000)
        case "svg":
            return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
        case "html":
            return b"<!doctype html><script>alert(1)</script>"
        case "gif and script":
            return b"GIF89a=1;alert(1)//" + b" " * 500
        case "jpeg head, zip body":
            return b"\xff\xd8\xff\xe0" + b"PK\x03\x04" * 200
        case "webp head":
            return b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(100)
        case "truncated mp4":
            data = samples.video(folder / "t.mp4").read_bytes()
            return data[: len(data) // 2]
        case "playlist":
            return b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
        case "tiff":
            return bytes(samples.picture(30, 30).tiffsave_buffer())
        case "noise after a mp3 mark":
            return b"ID3\x04\0\0\0\0\0\0" + bytes(range(256)) * 8
        case _:
            return b""


HOSTILE = [
    "truncated jpeg",
    "truncated png",
    "gif cut off in its first frame",
    "corrupt png",
    "png of 60000 x 60000",
    "svg",
    "html",
    "gif and script",
    "jpeg head, zip body",
    "webp head",
    "truncated mp4",
    "playlist",
    "tiff",
    "noise after a mp3 mark",
    "empty",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused_and_work_goes_on(
    tools: WorkerMediaTools, tmp_path: Path, work: Path, name: str
) -> None:
    path = tmp_path / "upload.png"
    path.write_bytes(hostile(name, tmp_path))
    with pytest.raises(Invalid) as refusal:
        await tools.attachment(path, work)
    assert refusal.value.safe[0].isupper()
    for make in (tools.avatar, tools.thumbnail):
        with pytest.raises(Invalid):
            await make(path, work)
    assert list(work.iterdir()) == []
    good = samples.photo_with_secrets(tmp_path / "good.jpg")
    assert (await tools.attachment(good, work)).kind == "image"


async def test_refusals_say_what_is_wrong(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    async def refusal(content: bytes) -> str:
        path = tmp_path / "upload"
        path.write_bytes(content)
        with pytest.raises(Invalid) as refused:
            await tools.attachment(path, work)
        return refused.value.safe

    assert await refusal(b"<html>") == UNSUPPORTED
    assert await refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == NO_HEIC
    assert await refusal(samples.png_claiming(9000, 5000)) == (
        "This picture has 9000 x 5000 pixels; at most 33,177,600 pixels are possible"
    )
    assert "at most 16 MB; this file has 16.0 MB" in await refusal(b"\xff\xd8\xff" + bytes(MAX_PICTURE_BYTES))
    assert await refusal(b"\xff\xd8\xff" + bytes(50)) == UNREADABLE


async def test_what_hides_behind_a_picture_is_left_behind(tools: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(bytes(samples.picture(30, 30).pngsave_buffer()) + b"<script>alert(1)</script>PK\x03\x04")
    made = await tools.attachment(path, work)
    assert b"script" not in made.original.read_bytes()


@pytest.mark.parametrize("name", ["../upload.jpg", "/etc/passwd", "original", "original.html", "cover"])
async def test_a_worker_that_lies_about_its_files_is_not_believed(tmp_path: Path, name: str) -> None:
    (tmp_path / "upload.jpg").write_bytes(b"secret")
    folder = tmp_path / "making"
    folder.mkdir()
    (folder / "cover").write_bytes(b"x")
    with pytest.raises(Invalid):
        media_tools._collect(Made(kind="image", original=name), folder, tmp_path)


async def test_a_worker_cannot_hand_over_a_link(tmp_path: Path) -> None:
    (tmp_path / "original.jpg").symlink_to("/etc/passwd")
    with pytest.raises(Invalid):
        media_tools._collect(Made(kind="image", original="original.jpg"), tmp_path, tmp_path)


# Workers


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video that keeps a worker busy for seconds."""
    return samples.slow_video(tmp_path_factory.mktemp("slow") / "slow.mp4")


async def _started(fresh: WorkerMediaTools) -> int:
    while not fresh.pids:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.4)
    return fresh.pids[0]


async def test_a_killed_worker_costs_one_job(fresh: WorkerMediaTools, tmp_path: Path, work: Path, slow: Path) -> None:
    job = asyncio.create_task(fresh.attachment(slow, work))
    os.kill(await _started(fresh), signal.SIGKILL)
    with pytest.raises(Invalid) as refusal:
        await job
    assert refusal.value.safe == UNREADABLE
    assert list(work.iterdir()) == []
    assert (await fresh.attachment(samples.animation(tmp_path / "a.gif"), work)).kind == "gifv"


async def test_a_worker_that_died_while_idle_costs_nothing(fresh: WorkerMediaTools, tmp_path: Path, work: Path) -> None:
    path = samples.photo_with_secrets(tmp_path / "a.jpg")
    await fresh.attachment(path, work)
    os.kill(fresh.pids[0], signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert (await fresh.attachment(path, work)).kind == "image"


async def test_what_takes_too_long_is_ended(tmp_path: Path, work: Path, slow: Path) -> None:
    tools = WorkerMediaTools(moving_seconds=0.5)
    try:
        with pytest.raises(Invalid, match="too long to process"):
            await tools.attachment(slow, work)
        assert list(work.iterdir()) == []
        assert (await tools.attachment(samples.photo_with_secrets(tmp_path / "a.jpg"), work)).kind == "image"
    finally:
        await tools.close()


async def test_a_cancelled_job_leaves_nothing_behind(
    fresh: WorkerMediaTools, tmp_path: Path, work: Path, slow: Path
) -> None:
    job = asyncio.create_task(fresh.attachment(slow, work))
    await _started(fresh)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await fresh.attachment(samples.animation(tmp_path / "a.gif"), work)).kind == "gifv"
    assert not [path for path in work.iterdir() if path.is_dir()]


async def test_a_picture_does_not_wait_for_a_video(
    fresh: WorkerMediaTools, tmp_path: Path, work: Path, slow: Path
) -> None:
    film = asyncio.create_task(fresh.attachment(slow, work))
    await _started(fresh)
    await fresh.attachment(samples.photo_with_secrets(tmp_path / "a.jpg"), work)
    assert not film.done()
    film.cancel()
    await asyncio.gather(film, return_exceptions=True)


async def test_memory_is_bounded(tmp_path: Path, work: Path) -> None:
    tools = WorkerMediaTools(memory=150_000_000)
    path = tmp_path / "big.png"
    samples.picture(5700, 5700).pngsave(str(path), interlace=True)
    try:
        with pytest.raises(Invalid) as refusal:
            await tools.attachment(path, work)
        assert refusal.value.safe == UNREADABLE
        assert (await tools.attachment(samples.photo_with_secrets(tmp_path / "a.jpg"), work)).kind == "image"
    finally:
        await tools.close()


async def test_one_worker_serves_many_and_ends_when_idle(tmp_path: Path, work: Path) -> None:
    tools = WorkerMediaTools(idle_seconds=0.3)
    path = samples.photo_with_secrets(tmp_path / "a.jpg")
    try:
        assert tools.pids == []
        await tools.attachment(path, work)
        first = tools.pids
        await asyncio.gather(*(tools.attachment(path, work) for _ in range(5)))
        assert len(first) == 1
        assert tools.pids == first
        await asyncio.sleep(1)
        assert tools.pids == []
        await tools.attachment(path, work)
    finally:
        await tools.close()


async def test_too_many_at_once_are_sent_away(tmp_path: Path, work: Path) -> None:
    tools = WorkerMediaTools(waiting=1)
    path = samples.photo_with_secrets(tmp_path / "a.jpg")
    try:
        ends = await asyncio.gather(*(tools.attachment(path, work) for _ in range(5)), return_exceptions=True)
        assert [isinstance(end, Busy) for end in ends].count(True) == 3
    finally:
        await tools.close()


async def test_a_worker_sees_none_of_our_secrets(
    fresh: WorkerMediaTools, tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASSIE_SECRET_KEY", "hush")
    await fresh.attachment(samples.photo_with_secrets(tmp_path / "a.jpg"), work)
    assert b"hush" not in Path(f"/proc/{fresh.pids[0]}/environ").read_bytes()


async def test_the_server_itself_never_loads_the_picture_libraries() -> None:
    code = (
        "import sys, dassie.adapters.media_tools, dassie.adapters.media_files\n"
        "assert not {'pyvips', 'av', 'blurhash', 'cffi'} & set(sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
