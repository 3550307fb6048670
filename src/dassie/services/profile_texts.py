"""The words of a profile: bio and fields as typed, made into HTML with their mentions, tags, links and emoji."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.domain.errors import Invalid
from dassie.domain.text import Mention, clean, count, find_mentions, normalise_tag, render
from dassie.server import Server
from dassie.store import accounts, emojis, profiles
from dassie.store.tx import Tx
from dassie.store.views import AccountView, EmojiView, FieldView

BIO = 500
FIELDS = 4
FIELD = 255
_LINK = ' target="_blank" rel="nofollow noopener" translate="no">'
_MINE = ' target="_blank" rel="me nofollow noopener" translate="no">'


def check_note(text: str) -> None:
    """Raises `Invalid` for a bio that is too long; links and mentions count as in a post."""
    if len(text) > BIO * 20 or count(text) > BIO:
        raise Invalid(f"Validation failed: Note is too long (maximum is {BIO} characters)")


def check_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Raises `Invalid` for too many, too long or nameless fields."""
    kept = _filled(fields)
    if len(kept) > FIELDS:
        raise Invalid(f"Validation failed: Fields takes at most {FIELDS}")
    for name, value in kept:
        if len(name) > FIELD or len(value) > FIELD:
            raise Invalid(f"Validation failed: Fields are too long (maximum is {FIELD} characters)")
        if not name:
            raise Invalid("Validation failed: Fields contains values with missing labels")


async def texts(
    tx: Tx,
    server: Server,
    me: AccountView,
    note: str | None,
    fields: Sequence[tuple[str, str]] | None,
    display_name: str | None,
) -> dict[str, Any]:
    """The columns that follow from what was typed; None: not changed."""
    typed = [note or "", *(value for _, value in fields or [])]
    mention = await _mentioned(tx, server, typed)
    values: dict[str, Any] = {}
    if note is not None:
        values["note_source"] = clean(note).strip()
        values["note"] = render(values["note_source"], mention=mention, tag_url=_tag_url(server))
    if fields is not None:
        kept = _filled(fields)
        values["fields_source"] = [FieldView(name, value) for name, value in kept]
        values["fields"] = [_field(me, name, _value(server, value, mention)) for name, value in kept]
    if note is not None or fields is not None or display_name is not None:
        values["emojis"] = await _emojis(tx, server, me, note, fields, display_name)
    return values


def _filled(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found = [(" ".join(clean(name).split()), " ".join(clean(value).split())) for name, value in fields]
    return [(name, value) for name, value in found if name or value]


def _field(me: AccountView, name: str, value: str) -> FieldView:
    """A field that stays the same stays verified."""
    same = next((old for old in me.fields if old.name == name and old.value == value), None)
    return same or FieldView(name, value)


def _value(server: Server, text: str, mention: Mention) -> str:
    shown = render(text, mention=mention, tag_url=_tag_url(server))
    # One line without a paragraph around it; its links say that they are the owner's.
    return shown.removeprefix("<p>").removesuffix("</p>").replace(_LINK, _MINE)


def _tag_url(server: Server) -> Any:
    return lambda name: server.urls.tag(normalise_tag(name))


async def _mentioned(tx: Tx, server: Server, typed: Sequence[str]) -> Mention:
    """Pages of the accounts named, as far as they are known here."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for text in typed:
        for named in find_mentions(text)[:50]:
            key = _key(server, named.username, named.domain)
            account = await accounts.by_name(tx, *key) if key not in found else None
            if account is not None:
                found[key] = (account.url or account.uri, account.username)
    return lambda username, domain: found.get(_key(server, username, domain))


def _key(server: Server, username: str, domain: str | None) -> tuple[str, str]:
    own = domain is None or domain == server.urls.domain
    return username.lower(), "" if own or domain is None else domain


async def _emojis(
    tx: Tx,
    server: Server,
    me: AccountView,
    note: str | None,
    fields: Sequence[tuple[str, str]] | None,
    display_name: str | None,
) -> list[EmojiView]:
    source = await profiles.source(tx, me.id)
    kept = fields if fields is not None else [(field.name, field.value) for field in source.fields or []]
    parts = [display_name if display_name is not None else me.display_name]
    parts.append(note if note is not None else source.note or "")
    parts += [text for field in kept for text in field]
    return await emojis.used_in(tx, parts, server.urls)
