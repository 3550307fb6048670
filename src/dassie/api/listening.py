"""One who listens to streams: what they subscribed to, what of it they may hear, and how it is written for them."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from dassie.api.entities.announcements import show_announcements
from dassie.api.entities.conversations import show_conversations
from dassie.api.entities.notifications import show_notifications
from dassie.api.entities.statuses import show_status
from dassie.api.routing import Call, encode
from dassie.domain.errors import BadRequest, NotAllowed, NotAuthenticated, TooMany
from dassie.domain.ids import AccountId
from dassie.domain.scopes import allows
from dassie.domain.settings import InstanceSettings
from dassie.domain.stream_names import NOTICES, SETTINGS, Stream
from dassie.ports import Event
from dassie.server import Server
from dassie.services import feed_access
from dassie.store import announcements, conversations, hearing, logins, notifications, settings
from dassie.store.hearing import Hearable
from dassie.store.logins import Caller

MOST_STREAMS = 100
"""Subscriptions of one connection."""
MOST_CONNECTIONS = 50
"""Connections of one account."""
REMEMBERED = 1_000

_open: Counter[tuple[str, int]] = Counter()


@dataclass(frozen=True, slots=True)
class Frame:
    """An event, written for one listener."""

    stream: Stream
    event: str
    payload: str
    """Empty where the event has none."""


@dataclass(frozen=True, slots=True)
class _Written:
    """An event as one account may see it; `payload` is None where it may not."""

    payload: str | None
    hearable: Hearable | None
    said: InstanceSettings | None = None
    """Where it matters who may read feeds."""


class Listener:
    """A connection. Close it at its end."""

    def __init__(self, call: Call, token: str) -> None:
        if call.caller is None or call.caller.account is None or call.caller.user is None:
            raise NotAuthenticated("Missing access token")
        if call.caller.user.waits_for:
            raise NotAllowed(call.caller.user.waits_for)
        self._server = call.server
        self._caller: Caller = call.caller
        self._user_id = call.caller.user.id
        self._token = token
        self.over: Literal["", "token", "slow", "stopped"] = ""
        """Why the frames ended."""
        self.me = call.caller.account.id
        self._who = (call.server.urls.base, int(self.me))
        if _open[self._who] >= MOST_CONNECTIONS:
            raise TooMany("Too many open streams")
        _open[self._who] += 1
        self._streams: dict[str, list[Stream]] = {}
        self._subscription = call.server.streams.subscribe(frozenset({"tokens"}))

    def close(self) -> None:
        """Hear nothing more."""
        self._subscription.close()
        _open[self._who] -= 1
        if _open[self._who] <= 0:
            del _open[self._who]

    def add(self, stream: Stream) -> None:
        """Subscribe; twice is once. Raises where the token does not allow it."""
        if not allows(self._caller.scopes, stream.scope):
            raise NotAuthenticated("Access token does not have the required scopes")
        if stream in self._streams.get(stream.channel, ()):
            return
        if sum(map(len, self._streams.values())) >= MOST_STREAMS:
            raise BadRequest("Too many subscriptions on one connection")
        for channel in stream.channels:
            self._streams.setdefault(channel, []).append(stream)
            self._subscription.add(channel)

    def remove(self, stream: Stream) -> None:
        """Unsubscribe; what was not subscribed to is no error."""
        for channel in stream.channels:
            heard = self._streams.get(channel, [])
            left = [one for one in heard if (one.name, one.channel) != (stream.name, stream.channel)]
            if left:
                self._streams[channel] = left
            else:
                self._streams.pop(channel, None)
                self._subscription.remove(channel)

    async def frames(self) -> AsyncIterator[Frame]:
        """What is heard, until the token ends, the server stops or the listener falls too far behind."""
        async for channel, event in self._subscription:
            if channel == "tokens":
                if await self._ended(event):
                    self.over = "token"
                    return
                continue
            for stream in tuple(self._streams.get(channel, ())):
                payload = await self._payload(stream, event)
                if payload is not None:
                    yield Frame(stream, event.kind, payload)
        self.over = "slow" if self._subscription.fell_behind else "stopped"

    def _is_open(self, stream: Stream, written: _Written) -> bool:
        """Whether the feed is not closed for those like the listener."""
        role = self._caller.user.role if self._caller.user is not None else ""
        kind: feed_access.Kind = "live" if stream.argument is None else "topic"
        if written.said is None or written.hearable is None:
            return True
        return feed_access.is_heard(written.said, kind, role, local=written.hearable.local)

    async def _ended(self, event: Event) -> bool:
        concerned = event.kind == "all" or event.id in (self._caller.token_id, self._user_id)
        return concerned and await self.has_ended()

    async def has_ended(self) -> bool:
        """Whether the token is not good any more, or its login is kept out."""
        async with self._server.read() as tx:
            caller = await logins.by_token(tx, self._token)
        return caller is None or caller.disabled

    async def _payload(self, stream: Stream, event: Event) -> str | None:
        """The event as it is sent on this stream; None where it does not belong there."""
        if event.kind not in stream.kinds:
            return None
        if event.kind in NOTICES and not allows(self._caller.scopes, "read:notifications"):
            return None
        if event.kind in ("delete", "announcement.delete"):
            return str(event.id)
        if event.kind == "announcement.reaction":
            return encode(event.extra).decode()
        if event.kind in SETTINGS:
            return ""
        if event.kind == "notifications_merged":
            return "1"
        written = await _write(self._server, self.me, event, open_to_all=stream.open_to_all)
        if stream.open_to_all and not (_heard(stream, written.hearable) and self._is_open(stream, written)):
            return None
        return written.payload


def _heard(stream: Stream, facts: Hearable | None) -> bool:
    if facts is None or not facts.open or facts.avoided:
        return False
    if stream.only_media and not facts.has_media:
        return False
    return stream.argument is not None or not facts.answers_others


# Writing --------------------------------------------------------------------------------------------

_Key = tuple[int, int, bool]
_written: OrderedDict[_Key, tuple[Event, asyncio.Task[_Written]]] = OrderedDict()
"""An event is written once for each account, however many of its connections and streams hear it."""


async def _write(server: Server, viewer: AccountId, event: Event, *, open_to_all: bool) -> _Written:
    key = (viewer, id(event), open_to_all)
    known = _written.get(key)
    if known is None or known[0] is not event or known[1].get_loop() is not asyncio.get_running_loop():
        task = asyncio.create_task(_written_anew(server, viewer, event, open_to_all))
        _written[key] = known = (event, task)  # holds the event, so that its id is not used again
        while len(_written) > REMEMBERED:
            _written.popitem(last=False)
    return await asyncio.shield(known[1])


async def _written_anew(server: Server, viewer: AccountId, event: Event, open_to_all: bool) -> _Written:
    async with server.read() as tx:
        if event.kind == "notification":
            one = await notifications.by_id(tx, viewer, event.id)
            shown = await show_notifications(tx, [one], viewer=viewer, urls=server.urls) if one is not None else []
            return _Written(encode(shown[0]).decode() if shown else None, None)
        if event.kind == "announcement":
            news = await announcements.by_id(tx, event.id)
            written = await show_announcements(tx, server, [news] if news else [], viewer=None)
            return _Written(encode(written[0]).decode() if written else None, None)
        if event.kind == "conversation":
            talk = await conversations.by_id(tx, viewer, event.id)
            told = await show_conversations(tx, [talk] if talk else [], viewer=viewer, urls=server.urls)
            return _Written(encode(told[0]).decode() if told else None, None)
        facts = await hearing.hearable(tx, event.id, viewer=viewer) if open_to_all else None
        said = await settings.instance(tx) if facts is not None else None
        status = await show_status(tx, event.id, viewer=viewer, urls=server.urls)
    return _Written(bytes(status).decode() if status is not None else None, facts, said)
