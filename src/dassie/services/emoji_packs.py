"""Packs of custom emoji: a folder, a tar or a zip of pictures, each named for its shortcode (`tootctl emoji` writes
such tar files too)."""

from __future__ import annotations

import asyncio
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from dassie.domain.errors import Invalid
from dassie.server import Server
from dassie.services import painting
from dassie.services.painting import MOST, MOST_BYTES, By
from dassie.store import emojis

ENDINGS = frozenset({".png", ".gif", ".webp"})


class Imported(Struct):
    """What became of a pack."""

    added: int = 0
    skipped: int = 0
    """Their names are taken."""
    failed: list[str] = field(default_factory=list)
    """File and reason."""


async def import_pack(
    server: Server,
    by: By,
    pack: Path,
    *,
    prefix: str = "",
    suffix: str = "",
    overwrite: bool = False,
    category: str | None = None,
    unlisted: bool = False,
) -> Imported:
    """Add all pictures of a pack; what will not do is told and left out. Raises `Invalid` where it is no pack."""
    found = Imported()
    work = Path(tempfile.mkdtemp(dir=server.config.data / "tmp", prefix="pack-"))
    try:
        files = await asyncio.to_thread(_unpack, pack, work)
        for name, file in files:
            shortcode = f"{prefix}{name}{suffix}"
            await _take(server, by, shortcode, file, found, overwrite, category, unlisted)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))
    return found


async def _take(
    server: Server,
    by: By,
    shortcode: str,
    file: Path,
    found: Imported,
    overwrite: bool,
    category: str | None,
    unlisted: bool,
) -> None:
    async with server.read() as tx:
        known = await emojis.by_shortcode(tx, shortcode)
    if known is not None and not overwrite:
        found.skipped += 1
        return
    try:
        await painting.add(
            server, by, shortcode, file, category=category, visible_in_picker=not unlisted, overwrite=overwrite
        )
        found.added += 1
    except Invalid as error:
        found.failed.append(f"{shortcode}: {error.safe.removeprefix('Validation failed: ')}")


async def export_pack(server: Server, folder: Path, *, category: str | None = None, overwrite: bool = False) -> Path:
    """Write all emoji, or those of a category, into `export.tar.gz` in a folder; its path."""
    target = folder / "export.tar.gz"
    if target.exists() and not overwrite:
        raise Invalid(f"There is a file {target} already: --overwrite replaces it")
    async with server.read() as tx:
        wanted = [one for one in await emojis.all_ours(tx) if category is None or one.category == category]
    with tarfile.open(target, "w:gz") as pack:
        for one in wanted:
            data = b"".join([chunk async for chunk in server.media_files.read(one.file_key)])
            info = tarfile.TarInfo(f"{one.shortcode}.{one.file_key.rpartition('.')[2]}")
            info.size = len(data)
            pack.addfile(info, io.BytesIO(data))
    return target


def _unpack(pack: Path, work: Path) -> list[tuple[str, Path]]:
    """(name without ending, file) of the pictures in it, in the order of their names."""
    if not pack.exists():
        raise Invalid(f"There is no {pack}")
    if pack.is_dir():
        files = [one for one in pack.rglob("*") if one.is_file() and _is_wanted(one.name)]
        return sorted((one.stem, one) for one in files)[:MOST]
    found = []
    for number, (name, data) in enumerate(_members(pack)):
        if number >= MOST:
            break
        file = work / str(number)
        file.write_bytes(data)
        found.append((PurePosixPath(name).stem, file))
    return sorted(found)


def _members(pack: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents, each read only as far as an emoji may be long: nothing is unpacked to where it says."""
    try:
        if zipfile.is_zipfile(pack):
            with zipfile.ZipFile(pack) as zipped:
                for entry in zipped.infolist():
                    if not entry.is_dir() and _is_wanted(entry.filename):
                        with zipped.open(entry) as opened:
                            yield entry.filename, opened.read(MOST_BYTES + 1)
            return
        with tarfile.open(pack) as packed:
            for member in packed:
                reader = packed.extractfile(member) if member.isfile() and _is_wanted(member.name) else None
                if reader is not None:
                    yield member.name, reader.read(MOST_BYTES + 1)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        raise Invalid(f"{pack} is no folder, tar or zip of pictures") from error


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".")
