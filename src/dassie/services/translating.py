"""Translations of open posts by the service that the owner has chosen (config `translation`).

A translation is kept in memory for a day by the texts it was made of; all who ask for the same meanwhile share one
request. Texts of posts leave this server for that service, so only open posts are translated, and only when asked.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from msgspec import Struct

from dassie.domain import html
from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import Invalid, NotAllowed, NotFound, RemoteFailed
from dassie.domain.ids import MediaId, PollId
from dassie.ports import Translated, Translator
from dassie.server import PerServer, Server
from dassie.store.views import StatusView

KEPT_BYTES = 4_000_000
KEPT_SECONDS = 86_400.0
LANGUAGES_SECONDS = 86_400.0
ASK_AGAIN_SECONDS = 60.0
"""After the service did not tell its languages."""
LONGEST = 50_000
"""Characters of a post with all its parts."""
AT_ONCE = 4
UNKNOWN = "und"

_TAG = re.compile(r"(<[^<>]*>)")
_KEPT_EMOJI = re.compile(r'<span translate="no">(:[A-Za-z0-9_]{2,}:)</span>')


class Translation(Struct, frozen=True):
    """A post in another language."""

    content: str
    """HTML, sanitised."""
    spoiler_text: str
    language: str
    source: str
    provider: str
    poll_id: PollId | None
    options: list[str]
    media: list[tuple[MediaId, str]]
    """(id, description) of those that have one."""


class _Kept:
    """What was translated, and the languages that the service knows."""

    def __init__(self) -> None:
        self.languages: Mapping[str, Sequence[str]] = {}
        self.languages_until = float("-inf")
        self.languages_wrong: RemoteFailed | None = None
        self.asking = asyncio.Lock()
        self.places = asyncio.Semaphore(AT_ONCE)
        self.flights: dict[bytes, asyncio.Task[Translated]] = {}
        self._found: OrderedDict[bytes, tuple[float, int, Translated]] = OrderedDict()
        self._size = 0

    def get(self, key: bytes, now: float) -> Translated | None:
        found = self._found.get(key)
        if found is None or found[0] < now:
            return None
        self._found.move_to_end(key)
        return found[2]

    def put(self, key: bytes, made: Translated, now: float) -> None:
        size = sum(len(text.encode("utf-8", "replace")) for text in made.texts) + 200
        self._size += size - self._found.pop(key, (0.0, 0, made))[1]
        self._found[key] = (now + KEPT_SECONDS, size, made)
        while self._size > KEPT_BYTES:
            _, (_, gone, _) = self._found.popitem(last=False)
            self._size -= gone


_kept_by = PerServer(lambda _: _Kept())


async def languages(server: Server) -> Mapping[str, Sequence[str]]:
    """Into which languages each can be translated; empty where nobody translates. Raises `RemoteFailed`."""
    if server.translator is None:
        return {}
    kept = _kept_by(server)
    async with kept.asking:
        now = server.clock.monotonic()
        if now >= kept.languages_until:
            try:
                kept.languages = await server.translator.languages()
                kept.languages_until, kept.languages_wrong = now + LANGUAGES_SECONDS, None
            except RemoteFailed as failed:
                kept.languages_until, kept.languages_wrong = now + ASK_AGAIN_SECONDS, failed
        if kept.languages_wrong is not None and not kept.languages:
            wrong = kept.languages_wrong
            raise RemoteFailed(wrong.safe, kind=wrong.kind, code=wrong.code)
    return kept.languages


async def translate(server: Server, view: StatusView, wanted: str) -> Translation:
    """A post in the language `wanted`.

    Raises `NotFound` where nobody translates, `NotAllowed` for posts that are not open and for languages that the
    service does not know, `RemoteFailed` where it does not do it now.
    """
    translator = server.translator
    if translator is None:
        raise NotFound
    if view.row.visibility not in REBLOGGABLE:
        raise NotAllowed
    source, target = _pair(await languages(server), view.row.language, wanted)
    options = [option.title for option in view.poll.options] if view.poll is not None else []
    described = [one for one in view.media if one.description]
    plain = [view.row.spoiler_text, *options, *(one.description or "" for one in described)]
    codes = {one.shortcode for one in view.row.emojis}
    texts = [_keep_emojis(text, codes) for text in (view.row.content, *map(html.escape_text, plain))]
    if sum(map(len, texts)) > LONGEST:
        raise Invalid("This post is too long to be translated.")
    made = await _made(server, translator, texts, source, target)
    content, spoiler_text, *rest = made.texts
    return Translation(
        content=html.sanitise(_KEPT_EMOJI.sub(r"\1", content)),
        spoiler_text=_plain(spoiler_text),
        language=target,
        source=made.source,
        provider=translator.name,
        poll_id=view.poll.id if view.poll is not None else None,
        options=[_plain(text) for text in rest[: len(options)]],
        media=[(one.id, _plain(text)) for one, text in zip(described, rest[len(options) :], strict=True)],
    )


async def targets(server: Server, view: StatusView) -> list[str]:
    """Into which languages the service can translate a post."""
    found = await languages(server)
    source = next((code for code in _names(view.row.language) if code in found), UNKNOWN)
    return sorted(found.get(source, ()))


async def _made(
    server: Server, translator: Translator, texts: Sequence[str], source: str | None, target: str
) -> Translated:
    """The texts in the same order; the empty ones are not sent."""
    kept, now = _kept_by(server), server.clock.monotonic()
    sent = [text for text in texts if text.strip()]
    if not sent:
        return Translated(list(texts), source or UNKNOWN)
    key = sha256("\0".join([translator.name, source or "", target, *sent]).encode("utf-8", "replace")).digest()
    found = kept.get(key, now)
    if found is None:
        flight = kept.flights.get(key)
        if flight is None:
            flight = kept.flights[key] = asyncio.ensure_future(_ask(kept, translator, sent, source, target))
            flight.add_done_callback(lambda done: _landed(server, kept, key, done))
        found = await asyncio.shield(flight)
    given = iter(found.texts)
    return Translated([next(given) if text.strip() else text for text in texts], found.source)


async def _ask(
    kept: _Kept, translator: Translator, texts: Sequence[str], source: str | None, target: str
) -> Translated:
    async with kept.places:
        return await translator.translate(texts, source=source, target=target)


def _landed(server: Server, kept: _Kept, key: bytes, done: asyncio.Task[Translated]) -> None:
    kept.flights.pop(key, None)
    if not done.cancelled() and done.exception() is None:
        kept.put(key, done.result(), server.clock.monotonic())


def _pair(known: Mapping[str, Sequence[str]], said: str | None, wanted: str) -> tuple[str | None, str]:
    """(source or None, target) in the service's own codes; raises `NotAllowed` where it cannot do that."""
    source = next((code for code in _names(said) if code in known), None)
    targets = {code.lower(): code for code in known.get(source or UNKNOWN, ())}
    for name in _names(wanted):
        if name.lower() in targets:
            return source, targets[name.lower()]
    raise NotAllowed


def _names(code: str | None) -> list[str]:
    """`pt-BR` as itself, then as `pt`."""
    return list(dict.fromkeys([code, code.partition("-")[0]])) if code else []


def _keep_emojis(text: str, codes: Collection[str]) -> str:
    """HTML in which custom emoji are marked as not to be translated."""
    if not codes:
        return text
    code = re.compile(f":({'|'.join(map(re.escape, sorted(codes)))}):")
    parts = _TAG.split(text)
    parts[::2] = [code.sub(r'<span translate="no">:\1:</span>', part) for part in parts[::2]]
    return "".join(parts)


def _plain(text: str) -> str:
    return html.to_text(html.sanitise(_KEPT_EMOJI.sub(r"\1", text))).strip()
