"""Changing one's profile: names and words, pictures, and how posts are written by default."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.html import to_text
from dassie.domain.jobs import AcceptRequests, PublishProfile
from dassie.domain.settings import UserSettings
from dassie.domain.storage import OWN
from dassie.domain.text import clean
from dassie.ports import ProcessedMedia
from dassie.server import Server
from dassie.services import checking_links, profile_texts
from dassie.store import accounts, logins, queue, search, usage
from dassie.store.tx import Tx
from dassie.store.views import AccountView

DISPLAY_NAME = 40
DESCRIPTION = 150
"""Characters that describe a picture."""
DOMAINS = 100
Picture = Literal["avatar", "header"]


class ProfileChange(Struct, frozen=True, kw_only=True):
    """What is to be changed; the rest stays as it is."""

    display_name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    """As typed."""
    fields: Sequence[tuple[str, str]] | UnsetType = UNSET
    """(name, value) as typed."""
    locked: bool | UnsetType = UNSET
    bot: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET
    indexable: bool | UnsetType = UNSET
    hide_collections: bool | UnsetType = UNSET
    show_media: bool | UnsetType = UNSET
    show_media_replies: bool | UnsetType = UNSET
    show_featured: bool | UnsetType = UNSET
    attribution_domains: Sequence[str] | UnsetType = UNSET
    avatar: Path | UnsetType = UNSET
    """An uploaded file; it is only read."""
    avatar_description: str | UnsetType = UNSET
    header: Path | UnsetType = UNSET
    header_description: str | UnsetType = UNSET
    settings: dict[str, Any] = {}
    """Of `UserSettings`, by name; checked by the caller."""


async def change_profile(server: Server, me: AccountView, change: ProfileChange) -> AccountView:
    """Change a profile of ours and tell followers' servers; the account as it is then.

    Pictures are made before the unit that writes. Raises `Invalid` for what breaks a rule; then nothing changes.
    """
    _check(change)
    pictures = await _make_pictures(server, change)
    try:
        sizes = await _weigh(server, [*pictures.values(), *await _keys_now(server, me)] if pictures else [])
        async with server.write() as tx:
            before = await accounts.by_id(tx, me.id)
            if before is None:
                raise NotFound
            changed = await _write(tx, server, before, change, pictures)
            _count(tx, sizes, [getattr(before, name) for name in pictures], list(pictures.values()))
    except BaseException:
        await _delete(server, list(pictures.values()))
        raise
    await _delete(server, [getattr(before, name) for name in pictures])
    return changed


async def remove_picture(server: Server, me: AccountView, which: Picture) -> AccountView:
    """Go without avatar or header; without having one, nothing happens."""
    names = [f"{which}_key", f"{which}_static_key"]
    sizes = await _weigh(server, await _keys_now(server, me))
    async with server.write() as tx:
        before = await accounts.by_id(tx, me.id)
        if before is None:
            raise NotFound
        if getattr(before, names[0]) is None:
            return before
        await accounts.change(tx, me.id, **dict.fromkeys(names), **{f"{which}_description": ""})
        _count(tx, sizes, [getattr(before, name) for name in names], [])
        await publish(tx, me.id)
        changed = await accounts.by_id(tx, me.id)
    await _delete(server, [getattr(before, name) for name in names])
    return changed or before


async def publish(tx: Tx, account_id: int) -> None:
    """Tell followers' servers of a changed profile; several changes in a row are told once."""
    await queue.enqueue(tx, PublishProfile(account_id=account_id), unique=str(account_id))


# Words ---------------------------------------------------------------------------------------------

_TABS = ("show_media", "show_media_replies", "show_featured")
_PLAIN = ("locked", "discoverable", "indexable", "hide_collections", *_TABS)
_DESCRIPTIONS = ("avatar_description", "header_description")


async def _write(
    tx: Tx, server: Server, me: AccountView, change: ProfileChange, pictures: dict[str, str | None]
) -> AccountView:
    values: dict[str, Any] = dict(pictures)
    for name in (*_PLAIN, *_DESCRIPTIONS):
        if (value := getattr(change, name)) is not UNSET:
            values[name] = clean(value) if isinstance(value, str) else value
    if not isinstance(change.bot, UnsetType) and change.bot != me.bot:
        values["actor_type"] = "Service" if change.bot else "Person"
    if not isinstance(change.display_name, UnsetType):
        values["display_name"] = _one_line(change.display_name)
    if not isinstance(change.attribution_domains, UnsetType):
        values["attribution_domains"] = _domains(change.attribution_domains)
    note = None if isinstance(change.note, UnsetType) else change.note
    fields = None if isinstance(change.fields, UnsetType) else change.fields
    values |= await profile_texts.texts(tx, server, me, note, fields, values.get("display_name"))
    if values:
        await accounts.change(tx, me.id, **values)
        await publish(tx, me.id)
    now = await accounts.by_id(tx, me.id) or me
    if me.locked and not now.locked:
        await queue.enqueue(tx, AcceptRequests(account_id=me.id))
    if fields is not None:
        await checking_links.plan(tx, server, now)
    if not values.keys().isdisjoint(("display_name", "note", "discoverable")):
        about = to_text(now.note) if now.discoverable else ""
        await search.index_account(tx, me.id, f"{now.username} {now.display_name}", about)
    await _save_settings(tx, me, change.settings)
    return now


async def _save_settings(tx: Tx, me: AccountView, settings: dict[str, Any]) -> None:
    user = await logins.user_of(tx, me.id) if settings else None
    if user is not None:
        kept: UserSettings = structs.replace(user.settings, **settings)
        await logins.save_settings(tx, user.id, kept)


def _check(change: ProfileChange) -> None:
    _at_most("Display name", change.display_name, DISPLAY_NAME)
    for name in _DESCRIPTIONS:
        _at_most(name.replace("_", " ").capitalize(), getattr(change, name), DESCRIPTION)
    if not isinstance(change.note, UnsetType):
        profile_texts.check_note(change.note)
    if not isinstance(change.fields, UnsetType):
        profile_texts.check_fields(change.fields)
    if not isinstance(change.attribution_domains, UnsetType) and len(change.attribution_domains) > DOMAINS:
        raise Invalid(f"Validation failed: Attribution domains takes at most {DOMAINS}")


def _at_most(what: str, text: str | UnsetType, most: int) -> None:
    if not isinstance(text, UnsetType) and len(text) > most:
        raise Invalid(f"Validation failed: {what} is too long (maximum is {most} characters)")


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _domains(texts: Sequence[str]) -> list[str]:
    """Host names alone, each once: `https://*.Example.org/` is `example.org`."""
    found = []
    for text in texts:
        host = clean(text).strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("*.")
        host = host.split("/", 1)[0]
        if not host:
            continue
        if "." not in host or len(host) > 253 or any(not (c.isalnum() or c in ".-") for c in host):
            raise Invalid(f"Validation failed: Attribution domains contains an invalid domain: {host[:80]}")
        found.append(host)
    return list(dict.fromkeys(found))


# Pictures --------------------------------------------------------------------------------------------


async def _make_pictures(server: Server, change: ProfileChange) -> dict[str, str | None]:
    """Keys of the new files by column."""
    found: dict[str, str | None] = {}
    wanted: list[tuple[Picture, Path | UnsetType]] = [("avatar", change.avatar), ("header", change.header)]
    try:
        for which, source in wanted:
            if not isinstance(source, UnsetType):
                found |= await _make_picture(server, which, source)
    except BaseException:
        await _delete(server, list(found.values()))
        raise
    return found


async def _make_picture(server: Server, which: Picture, source: Path) -> dict[str, str | None]:
    work = Path(tempfile.mkdtemp(prefix="profile-", dir=server.config.data / "tmp"))
    try:
        make = server.media_tools.avatar if which == "avatar" else server.media_tools.header
        made = await make(source, work)
        return await _store(server, which, made)
    finally:
        shutil.rmtree(work, ignore_errors=True)


async def _store(server: Server, which: Picture, made: ProcessedMedia) -> dict[str, str | None]:
    name = secrets.token_hex(16)
    stem = f"accounts/{name[:2]}/{name[2:]}"
    key = f"{stem}{made.original.suffix}"
    await server.media_files.put(key, made.original)
    static: str | None = None
    if made.small is not None:
        static = f"{stem}-static{made.small.suffix}"
        await server.media_files.put(static, made.small)
    return {f"{which}_key": key, f"{which}_static_key": static}


async def weigh_pictures(server: Server, account: AccountView) -> dict[str, int]:
    """The files of avatar and header that are there: bytes by key."""
    return await _weigh(server, _keys(account))


def _keys(account: AccountView) -> list[str | None]:
    return [account.avatar_key, account.avatar_static_key, account.header_key, account.header_static_key]


async def _keys_now(server: Server, me: AccountView) -> list[str | None]:
    async with server.read() as tx:
        now = await accounts.by_id(tx, me.id)
    return _keys(now or me)


async def _weigh(server: Server, keys: Sequence[str | None]) -> dict[str, int]:
    sizes = {key: await server.media_files.size(key) for key in keys if key}
    return {key: size for key, size in sizes.items() if size is not None}


def _count(tx: Tx, sizes: Mapping[str, int], before: Sequence[str | None], after: Sequence[str | None]) -> None:
    """Book that files were replaced by others."""
    gone, come = ([sizes[key] for key in keys if key is not None and key in sizes] for keys in (before, after))
    usage.add(tx, OWN, "", len(come) - len(gone), sum(come) - sum(gone))


async def _delete(server: Server, keys: Sequence[str | None]) -> None:
    for key in keys:
        if key:
            await server.media_files.delete(key)
