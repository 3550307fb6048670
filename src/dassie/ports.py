"""What we need from outside, as protocols. `adapters/` has the real ones, `tests/fakes.py` the tame ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from dassie.domain.arrivals import Reason
from dassie.domain.ids import AccountId, StatusId

Sign = Callable[[str, str, bytes | None], Mapping[str, str]]
"""Given method, URL and body, the headers that prove who asks. Called once per hop of a redirect."""


class Clock(Protocol):
    """What time it is. Always aware UTC."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float:
        """Seconds that only ever grow, for pauses and deadlines."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server answered. Header names are lower case."""

    code: int
    url: str
    """The final address, after redirects."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as sent; empty when missing."""
        return self.headers.get("content-type", "")

    def retry_after(self, now: datetime) -> float | None:
        """Seconds the other side asks us to wait (RFC 9110 section 10.2.3), clamped to 0 … 1 day."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.isascii() and text.isdigit():
            seconds = float(text)
        else:
            try:
                at = parsedate_to_datetime(text)
            except (ValueError, TypeError):
                return None
            if at.tzinfo is None:
                return None
            seconds = (at - now).total_seconds()
        return min(max(seconds, 0.0), 86_400.0)


class Download(Protocol):
    """An answer whose body is read piece by piece."""

    code: int
    url: str
    headers: Mapping[str, str]

    def chunks(self) -> AsyncIterator[bytes]:
        """The body; raises `RemoteFailed` past the byte limit or the deadline."""
        ...


class Http(Protocol):
    """The one way out. Every call is bounded in size, time, redirects and address.

    Raises `RemoteFailed` where no answer came; an answer of any code is returned.
    """

    async def get(
        self,
        url: str,
        *,
        accept: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 1_000_000,
        timeout: float = 30.0,
    ) -> Answer: ...

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """Redirects are not followed: a 3xx is returned as it came."""
        ...

    def download(
        self, url: str, *, accept: str, max_bytes: int, timeout: float = 60.0
    ) -> AbstractAsyncContextManager[Download]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Translated:
    """Texts in another language, in the order in which they were given."""

    texts: Sequence[str]
    source: str
    """The language they were in: as said, or as the service found."""


class Translator(Protocol):
    """A translation service. Raises `RemoteFailed` with a sentence for people."""

    name: str
    """As people know it."""

    async def languages(self) -> Mapping[str, Sequence[str]]:
        """Into which languages each can be translated; `und` where the service finds out the first by itself."""
        ...

    async def translate(self, texts: Sequence[str], *, source: str | None, target: str) -> Translated:
        """HTML texts in the language `target`; `source` None: the service finds it out."""
        ...

    async def close(self) -> None: ...


class MediaFiles(Protocol):
    """Where files lie: a folder or an object store. Keys look like `media/ab/cd….webp`."""

    async def put(self, key: str, source: Path) -> int:
        """Take over the file at `source` (it is moved away) and return its size in bytes."""
        ...

    async def size(self, key: str) -> int | None:
        """Bytes, or None where there is no such file."""
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from `start` up to, not including, `end`."""
        ...

    async def delete(self, key: str) -> None:
        """Deleting what is not there is not an error."""
        ...

    def local_path(self, key: str) -> Path | None:
        """The path of the file where it lies on this machine, for readers that need one."""
        ...


@dataclass(frozen=True, slots=True)
class ProcessedMedia:
    """A file made safe to serve, and what is worth knowing about it."""

    kind: str
    """image, gifv, video or audio"""
    original: Path
    original_type: str
    """Media type of `original`, such as image/webp."""
    small: Path | None
    """The preview; None for audio without a cover."""
    small_type: str | None
    blurhash: str | None
    meta: Mapping[str, Any] = field(default_factory=dict)
    """As the Mastodon API shows it: original, small, length, duration, fps, …; without focus."""


class MediaTools(Protocol):
    """Makes uploads safe. Raises `Invalid` with a sentence for the uploader."""

    async def attachment(self, source: Path, work: Path) -> ProcessedMedia:
        """Check by content, strip metadata, make preview and blurhash; results are put into folder `work`."""
        ...

    async def avatar(self, source: Path, work: Path) -> ProcessedMedia:
        """400 x 400, with a static version as `small` where the picture moves."""
        ...

    async def header(self, source: Path, work: Path) -> ProcessedMedia:
        """1500 x 500."""
        ...

    async def thumbnail(self, source: Path, work: Path, *, max_pixels: int = 230_400) -> ProcessedMedia:
        """A still preview of a remote picture; only `original` is set, together with the blurhash."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that listeners want to know. It carries ids, never rendered documents."""

    kind: str
    """As the streaming API names it: update, delete, status.update, notification, …"""
    id: int
    """Of the status or the notification."""
    account_id: int | None = None
    """The author, so that listeners can apply their blocks without a query."""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Remote(Protocol):
    """What other servers have, taken in here. Nothing may be open on the database while it is awaited.

    Raises `RemoteFailed` where the other server did not give it, `NotFound` where it says there is none,
    `NotAllowed` where we do not talk with it.
    """

    async def account(self, uri: str, *, fresh: bool = False) -> AccountId:
        """The account with this actor id; fetched where unknown, or in any case when `fresh`."""
        ...

    async def account_by_handle(self, username: str, domain: str, *, fresh: bool = False) -> AccountId:
        """The account of `@username@domain`, by WebFinger where unknown."""
        ...

    async def status(self, uri: str, *, reason: Reason = Reason.SEARCH) -> StatusId:
        """The status with this object id; fetched where unknown, and then here for this reason."""
        ...

    async def resolve(self, url: str) -> tuple[Literal["account", "status", "collection"], int] | None:
        """What a pasted address (page or id) stands for, or None where it is neither."""
        ...


class Mail(Protocol):
    """Where letters are handed in."""

    @property
    def on(self) -> bool:
        """Whether this server sends mail at all."""
        ...

    async def send(self, to: str, message: bytes) -> None:
        """Hand in a message (RFC 5322) for one address.

        Raises `MailRefused` where it will never be taken, `RemoteFailed` where it may be taken later.
        """
        ...

    async def check(self) -> None:
        """Go as far as signing in; raises `RemoteFailed`, whose detail `cure` says what to do."""
        ...


class Subscription(Protocol):
    """A listener's end: an async iterator of (channel, event) that can be widened and narrowed. It ends when it is
    closed, when the server stops, and for who takes events much more slowly than they come."""

    @property
    def fell_behind(self) -> bool:
        """Whether it ended because its listener was too slow."""
        ...

    def add(self, channel: str) -> None: ...

    def remove(self, channel: str) -> None: ...

    def close(self) -> None: ...

    def __aiter__(self) -> AsyncIterator[tuple[str, Event]]: ...


class Streams(Protocol):
    """Carries events from those who change things to those who watch. Losing one is allowed.

    Channels: `user:ID`, `notifications:ID`, `direct:ID`, `public`, `public:local`, `public:remote`,
    `hashtag:NAME`, `hashtag:local:NAME`, `list:ID`, `tokens` (revoked token and user ids; `all`: look at every one).
    """

    def publish(self, channel: str, event: Event) -> None: ...

    def subscribe(self, channels: frozenset[str] = frozenset()) -> Subscription: ...

    def listeners(self, channel: str) -> int:
        """How many listen, so that nobody renders for an empty room."""
        ...

    async def close(self) -> None: ...
