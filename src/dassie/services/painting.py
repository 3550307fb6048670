"""Custom emoji of this server: adding, changing, taking away, copying from elsewhere, packs.

Their files are kept as they came, since they may move; that they are pictures is checked by opening them apart.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from msgspec import UNSET, Struct, UnsetType

from dassie.domain.errors import Invalid, NotFound, RemoteFailed
from dassie.domain.ids import new_id
from dassie.domain.media_kinds import HEAD, MEDIA_TYPES, sniff
from dassie.domain.storage import OWN
from dassie.domain.text import clean
from dassie.server import Server
from dassie.services import auditing
from dassie.store import accounts, emojis, statuses, usage
from dassie.store.emojis import OwnEmoji
from dassie.store.tx import Tx

MOST_BYTES = 256 * 1024
PIXELS = 128 * 128
MOST = 5_000
LONGEST_CATEGORY = 100
SEEN_IN = 400
"""Emoji of others are looked for in so many of the latest statuses that show some."""
AT_ONCE = 200
SECONDS = 15.0
_SHORTCODE = re.compile(r"[A-Za-z0-9_]{2,128}\Z")
_KINDS = {"png": "png", "gif": "gif", "webp": "webp"}


class EmojiChange(Struct, frozen=True, kw_only=True):
    """What is to be changed; the rest stays as it is."""

    category: str | UnsetType | None = UNSET
    visible_in_picker: bool | UnsetType = UNSET
    featured: bool | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class By(Struct, frozen=True):
    """Who does it, for the audit log."""

    way: str
    account_id: int | None = None
    ip: str = ""


async def add(
    server: Server,
    by: By,
    shortcode: str,
    file: Path,
    *,
    category: str | None = None,
    visible_in_picker: bool = True,
    overwrite: bool = False,
) -> OwnEmoji:
    """Add an emoji; its file is only read. With `overwrite` one of the same name gets this picture.

    Raises `Invalid` where name or picture will not do, or the name is taken. No unit may be open.
    """
    shortcode = checked_shortcode(shortcode)
    category = checked_category(category)
    async with server.read() as tx:
        known = await emojis.by_shortcode(tx, shortcode)
        if known is None and len(await emojis.all_ours(tx)) >= MOST:
            raise Invalid(f"There are {MOST} emoji here already")
    if known is not None and not overwrite:
        raise _taken(shortcode)
    made = await _store(server, shortcode, file, category, visible_in_picker)
    try:
        async with server.write() as tx:
            before = await emojis.by_shortcode(tx, shortcode)
            if before is not None:
                if not overwrite:
                    raise _taken(shortcode)
                _count(tx, before, -1)
                await emojis.delete_row(tx, before.id)
            await emojis.insert(tx, made)
            _count(tx, made, 1)
            await _record(tx, by, "emoji.added", shortcode)
    except BaseException:
        await _delete(server, made.keys)
        raise
    if before is not None:
        await _repaint(server, made.shortcode, made)
        await _delete(server, before.keys)
    return made


async def change(server: Server, by: By, id: int, change: EmojiChange) -> OwnEmoji:
    """Change category, or whether it is offered, marked, or stands for anything at all."""
    values = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not UNSET}
    if "category" in values:
        values["category"] = checked_category(values["category"])
    async with server.write() as tx:
        found = await _known(tx, id)
        if values:
            await emojis.change(tx, id, **values, updated_at=tx.now)
            await _record(tx, by, "emoji.changed", found.shortcode)
        return await _known(tx, id)


async def remove(server: Server, by: By, id: int) -> OwnEmoji:
    """Take an emoji away with its files; where it was used its `:name:` is left."""
    async with server.write() as tx:
        found = await _known(tx, id)
        await emojis.delete_row(tx, id)
        _count(tx, found, -1)
        await _record(tx, by, "emoji.removed", found.shortcode)
    await _repaint(server, found.shortcode, None)
    await _delete(server, found.keys)
    return found


async def copy(
    server: Server, by: By, shortcode: str, domain: str, *, name: str = "", category: str | None = None
) -> OwnEmoji:
    """Take over an emoji that somebody of another server used of late, under `name` or its own name.

    Raises `NotFound` where none was seen, `RemoteFailed` where its server does not give it.
    """
    async with server.read() as tx:
        seen = await emojis.foreign(tx, SEEN_IN)
    urls = [one.url for one, host in seen if (one.shortcode, host) == (shortcode, domain.lower())]
    if not urls:
        raise NotFound(f"No emoji :{shortcode}: of {domain} was seen here of late")
    checked_shortcode(name or shortcode)
    work = _work(server)
    try:
        file = work / "copy"
        await _download(server, urls[0], file)
        return await add(server, by, name or shortcode, file, category=category)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))


# Rules -----------------------------------------------------------------------------------------------


def checked_shortcode(shortcode: str) -> str:
    """The name without its colons; raises `Invalid`."""
    shortcode = shortcode.strip().strip(":")
    if not _SHORTCODE.match(shortcode):
        words = "must be 2 to 128 letters, digits and underscores"
        raise Invalid(f"Validation failed: Shortcode {words}", fields={"shortcode": [("ERR_INVALID", words)]})
    return shortcode


def checked_category(category: str | None) -> str | None:
    """The category on one line; None for none."""
    return " ".join(clean(category or "").split())[:LONGEST_CATEGORY] or None


def _taken(shortcode: str) -> Invalid:
    words = "has already been taken"
    return Invalid(f"Validation failed: Shortcode :{shortcode}: {words}", fields={"shortcode": [("ERR_TAKEN", words)]})


def _picture(words: str) -> Invalid:
    return Invalid(f"Validation failed: Image {words}", fields={"image": [("ERR_INVALID", words)]})


async def _known(tx: Tx, id: int) -> OwnEmoji:
    found = await emojis.by_id(tx, id)
    if found is None:
        raise NotFound
    return found


# Files -----------------------------------------------------------------------------------------------


async def _store(server: Server, shortcode: str, file: Path, category: str | None, visible_in_picker: bool) -> OwnEmoji:
    size, head = await asyncio.to_thread(_look, file)
    if not size:
        raise _picture("can't be blank")
    if size > MOST_BYTES:
        raise _picture("must be less than 256 KB")
    kind = sniff(head)
    if kind.name not in _KINDS:
        raise _picture("must be a PNG, GIF or WebP picture")
    ending = _KINDS[kind.name]
    work = _work(server)
    try:
        still = await server.media_tools.thumbnail(file, work, max_pixels=PIXELS)
        whole = work / f"whole.{ending}"
        await asyncio.to_thread(shutil.copyfile, file, whole)
        stem = secrets.token_hex(16)
        key = f"emoji/{stem[:2]}/{stem}.{ending}"
        stored = await server.media_files.put(key, whole)
        static = None
        if kind.animated:
            static = f"emoji/{stem[:2]}/{stem}-static{still.original.suffix}"
            stored += await server.media_files.put(static, still.original)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))
    now = server.clock.now()
    return OwnEmoji(
        new_id(now), shortcode, key, static, MEDIA_TYPES[ending], stored, category, visible_in_picker, False, False, now
    )


def _look(file: Path) -> tuple[int, bytes]:
    with file.open("rb") as opened:
        return file.stat().st_size, opened.read(HEAD)


def _work(server: Server) -> Path:
    return Path(tempfile.mkdtemp(dir=server.config.data / "tmp", prefix="emoji-"))


async def _download(server: Server, url: str, to: Path) -> None:
    async with server.http.download(url, accept="image/*", max_bytes=MOST_BYTES, timeout=SECONDS) as answer:
        if answer.code != 200:
            raise RemoteFailed(f"The other server answered {answer.code}", kind="http", code=answer.code)
        with to.open("wb") as file:
            async for chunk in answer.chunks():
                await asyncio.to_thread(file.write, chunk)


async def _delete(server: Server, keys: Collection[str]) -> None:
    for key in keys:
        await server.media_files.delete(key)


def _count(tx: Tx, emoji: OwnEmoji, sign: int) -> None:
    usage.add(tx, OWN, "", sign * len(emoji.keys), sign * emoji.file_size)


# What shows them -------------------------------------------------------------------------------------


async def _repaint(server: Server, shortcode: str, made: OwnEmoji | None) -> None:
    """Show posts and profiles of ours with the new picture, or without any."""
    for what, change in (("statuses", statuses.change), ("accounts", accounts.change)):
        after = 0
        while True:
            async with server.write() as tx:
                found = await emojis.uses(tx, what, shortcode, AT_ONCE, after)
                for use in found:
                    kept = [one for one in use.emojis if one.shortcode != shortcode]
                    new = [emojis.view(made, server.urls)] if made is not None else []
                    await change(tx, use.id, emojis=[*kept, *new])
            if len(found) < AT_ONCE:
                break
            after = found[-1].id


async def _record(tx: Tx, by: By, action: str, shortcode: str) -> None:
    await auditing.record(tx, action, account_id=by.account_id, subject=f":{shortcode}:", ip=by.ip, by=by.way)
