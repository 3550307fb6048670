"""Media files in a folder."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from dassie.adapters.media_files import CHUNK, LocalMediaFiles
from dassie.domain.errors import Invalid, NotFound

KEY = "media/ab/cd01.webp"


@pytest.fixture
def files(tmp_path: Path) -> LocalMediaFiles:
    return LocalMediaFiles(tmp_path / "store")


def upload(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


async def joined(files: LocalMediaFiles, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in files.read(key, start, end)])


async def test_put_takes_the_file_over(files: LocalMediaFiles, tmp_path: Path) -> None:
    source = upload(tmp_path, b"hello")
    assert await files.put(KEY, source) == 5
    assert not source.exists()
    assert await files.size(KEY) == 5
    assert await joined(files, KEY) == b"hello"
    path = files.local_path(KEY)
    assert path is not None
    assert path.read_bytes() == b"hello"
    assert path.stat().st_mode & 0o777 == 0o600


async def test_put_replaces_an_older_file(files: LocalMediaFiles, tmp_path: Path) -> None:
    await files.put(KEY, upload(tmp_path, b"old"))
    await files.put(KEY, upload(tmp_path, b"newer"))
    assert await joined(files, KEY) == b"newer"


async def test_put_from_another_file_system_copies(
    files: LocalMediaFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = upload(tmp_path, b"from afar")
    real = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(self, follow_symlinks=follow_symlinks)
        if self != source:
            return found
        fields = list(found)
        fields[2] = found.st_dev + 1
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "stat", stat)
    assert await files.put(KEY, source) == 9
    monkeypatch.undo()
    assert not source.exists()
    assert await joined(files, KEY) == b"from afar"
    assert (await files.usage()).files == 1


async def test_putting_what_is_not_there_changes_nothing(files: LocalMediaFiles, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await files.put(KEY, tmp_path / "nothing")
    assert await files.size(KEY) is None


async def test_a_link_is_not_taken_over(files: LocalMediaFiles, tmp_path: Path) -> None:
    secret = upload(tmp_path, b"secret")
    link = tmp_path / "link"
    link.symlink_to(secret)
    with pytest.raises(NotFound):
        await files.put(KEY, link)
    assert secret.exists()


@pytest.mark.parametrize(
    "key",
    [
        *["", "/etc/passwd", "a/../b", "..", "a//b", "a/", "./a", "a\0b", "A/b", "a b", "a\\b", "é", "a\n"],
        *[".incoming/x", "a/.hidden", "a" * 256],
    ],
)
async def test_keys_that_could_point_elsewhere_are_refused(files: LocalMediaFiles, key: str) -> None:
    with pytest.raises(Invalid):
        await files.size(key)
    with pytest.raises(Invalid):
        files.local_path(key)
    with pytest.raises(Invalid):
        await joined(files, key)
    with pytest.raises(Invalid):
        await files.delete(key)


async def test_ranges_are_read_in_chunks(files: LocalMediaFiles, tmp_path: Path) -> None:
    content = os.urandom(2 * CHUNK + 77)
    await files.put(KEY, upload(tmp_path, content))
    assert [len(chunk) async for chunk in files.read(KEY)] == [CHUNK, CHUNK, 77]
    assert await joined(files, KEY, 10, 20) == content[10:20]
    assert await joined(files, KEY, CHUNK - 1, CHUNK + 2) == content[CHUNK - 1 : CHUNK + 2]
    assert await joined(files, KEY, 2 * CHUNK + 70) == content[-7:]
    assert await joined(files, KEY, 5, 5) == b""
    assert await joined(files, KEY, 10 * CHUNK) == b""


async def test_a_file_deleted_while_read_is_read_to_its_end(files: LocalMediaFiles, tmp_path: Path) -> None:
    content = os.urandom(CHUNK + 1)
    await files.put(KEY, upload(tmp_path, content))
    seen = b""
    async for chunk in files.read(KEY):
        seen += chunk
        await files.delete(KEY)
    assert seen == content


async def test_what_is_not_there(files: LocalMediaFiles) -> None:
    assert await files.size("media/no.jpg") is None
    await files.delete("media/no.jpg")
    with pytest.raises(NotFound):
        await joined(files, "media/no.jpg")


async def test_a_folder_is_not_a_file(files: LocalMediaFiles, tmp_path: Path) -> None:
    await files.put(KEY, upload(tmp_path, b"x"))
    assert await files.size("media/ab") is None
    assert await files.size(f"{KEY}/deeper") is None
    with pytest.raises(NotFound):
        await joined(files, "media/ab")


async def test_usage_counts_files_and_bytes(files: LocalMediaFiles, tmp_path: Path) -> None:
    empty = await files.usage()
    assert (empty.files, empty.bytes) == (0, 0)
    await files.put("a/1.jpg", upload(tmp_path, b"12345"))
    await files.put("a/b/2.jpg", upload(tmp_path, b"123"))
    used = await files.usage()
    assert (used.files, used.bytes) == (2, 8)
    assert used.free > 0


async def test_the_loop_runs_while_a_big_file_is_read(files: LocalMediaFiles, tmp_path: Path) -> None:
    await files.put(KEY, upload(tmp_path, bytes(20 * CHUNK)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await joined(files, KEY)
    task.cancel()
    assert turns >= 20


async def test_copies_left_by_a_crash_are_swept(files: LocalMediaFiles) -> None:
    folder = files.root / ".incoming"
    folder.mkdir(parents=True)
    old, new = folder / "old", folder / "new"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    await files.usage()
    assert list(folder.iterdir()) == [new]
