"""Documents read from the server they belong to, and only there: media type, size, id and host are checked.

What a document says about another host than its own is a claim to be fetched from there (CVE-2024-23832).
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin

from msgspec import Struct

from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.federation.fetching import Fetcher
from dassie.federation.signing import ACCEPT_ACTIVITY, SignedHttp
from dassie.federation.vocab.documents import Doc, Malformed, decode, plain
from dassie.federation.vocab.tags import is_activity_media_type
from dassie.federation.vocab.values import host_of, http_id
from dassie.jobs.current import spend
from dassie.ports import Answer, Clock, Http, Sign
from dassie.store import senders
from dassie.store.tx import Database

ACCEPT_PAGE = f"{ACCEPT_ACTIVITY}, text/html;q=0.1"
MAX_BYTES = 1_000_000
MAX_ID_BYTES = 1_000
"""Ids are indexed, and PostgreSQL's indexes take some 2,700 bytes; honest ids have about a hundred."""
HTML_READ = 200_000
SECONDS = 20.0
GONE = frozenset({404, 410})

_LINK_TAG = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]{1,20})\s*=\s*(?:"([^"]{0,2048})"|'([^']{0,2048})')""", re.IGNORECASE)
_LINK_HEADER = re.compile(r"<([^<>]{1,2048})>([^<>]{0,500})")


class Found(Struct, frozen=True):
    """A document that its own server gave for its own id."""

    uri: str
    doc: Doc


class Origin:
    """Asks other servers, signed by the instance actor; shared by all who want the same thing."""

    def __init__(self, signed: SignedHttp, http: Http, db: Database, clock: Clock) -> None:
        self._signed = Fetcher(_Signing(signed), clock)
        self._plain = Fetcher(http, clock)
        self._db = db

    async def document(self, uri: str, *, again: bool = False) -> Found:
        """The ActivityPub document with this id.

        Where the answer names another id, that one is asked once, and has to name itself. `again` asks even
        where it failed a moment ago. Raises `RemoteFailed`, `NotFound` or `NotAllowed`.
        """
        named, doc, itself = await self._read(uri, again)
        if not itself:
            uri = named
            named, doc, itself = await self._read(uri, again)
        if not itself:
            raise RemoteFailed("The document has another id than its address", kind="malformed", url=uri)
        return Found(named, doc)

    async def _read(self, uri: str, again: bool) -> tuple[str, Doc, bool]:
        """(id, document, whether it was found at its own id and host)."""
        answer = await self.answer(uri, again=again)
        doc = document_of(answer)
        named = http_id(doc.get("id"))
        if named is None or len(named.encode()) > MAX_ID_BYTES:
            raise RemoteFailed("The document has no usable id", kind="malformed", url=uri[:300])
        own_host = host_of(named) == host_of(answer.url)
        return named, doc, own_host and (_same(named, answer.url) or _same(named, uri))

    async def answer(self, url: str, *, accept: str = ACCEPT_ACTIVITY, again: bool = False) -> Answer:
        """What is at `url`, code 200 only; raises `RemoteFailed`, `NotFound` or `NotAllowed`."""
        await self._check_allowed(url)
        spend(requests=1)
        answer = await self._signed.fetch(
            url.partition("#")[0], accept=accept, cache_failures=not again, max_bytes=MAX_BYTES, timeout=SECONDS
        )
        spend(bytes=len(answer.body))
        if host_of(answer.url) != host_of(url):
            await self._check_allowed(answer.url)
        return expect_ok(answer)

    async def unsigned(self, url: str, *, accept: str) -> Answer:
        """The same without a signature, for what is open to everybody."""
        await self._check_allowed(url)
        spend(requests=1)
        answer = await self._plain.fetch(url, accept=accept, max_bytes=MAX_BYTES, timeout=SECONDS)
        spend(bytes=len(answer.body))
        return expect_ok(answer)

    async def close(self) -> None:
        """End what is under way."""
        await self._signed.close()
        await self._plain.close()

    async def _check_allowed(self, url: str) -> None:
        host = host_of(url)
        if not host:
            raise NotFound("This is no address of another server", url=url[:300])
        async with self._db.read() as tx:
            if await senders.is_suspended(tx, host.partition(":")[0]):
                raise NotAllowed("We do not talk with this server", domain=host)


class _Signing:
    """GETs signed by the instance actor, in the shape that `Fetcher` wraps."""

    def __init__(self, signed: SignedHttp) -> None:
        self._signed = signed

    async def get(
        self, url: str, *, accept: str, sign: Sign | None = None, max_bytes: int = MAX_BYTES, timeout: float = SECONDS
    ) -> Answer:
        return await self._signed.get(url, accept=accept, max_bytes=max_bytes, timeout=timeout)


def expect_ok(answer: Answer) -> Answer:
    """The answer, when its code is 200."""
    if answer.code in GONE:
        raise NotFound("The other server has no such thing", code=answer.code, url=answer.url)
    if answer.code != 200:
        raise RemoteFailed(f"The other server answered {answer.code}", kind="http", code=answer.code, url=answer.url)
    return answer


def document_of(answer: Answer) -> Doc:
    """The JSON object in an answer that says it is ActivityPub; raises `RemoteFailed` otherwise.

    Another media type may be somebody's upload that is served from the same host (CVE-2024-25623).
    """
    if not is_activity_media_type(answer.content_type):
        raise RemoteFailed("The other server sent no ActivityPub document", kind="content_type", url=answer.url)
    try:
        return plain(decode(answer.body))
    except Malformed as error:
        raise RemoteFailed(error.safe, kind="malformed", url=answer.url) from error


def alternate(answer: Answer) -> str | None:
    """The ActivityPub address that a page names: in its Link header, or in a `<link>` of its head."""
    for target, rest in _LINK_HEADER.findall(answer.headers.get("link", "")[:8192]):
        if "alternate" in rest and "activity+json" in rest:
            return http_id(urljoin(answer.url, target))
    page = answer.body[:HTML_READ].decode("utf-8", "replace")
    for tag in _LINK_TAG.findall(page):
        values = {name.lower(): unescape(one or two) for name, one, two in _ATTRIBUTE.findall(tag)}
        rels = values.get("rel", "").lower().split()
        if "alternate" in rels and is_activity_media_type(values.get("type")) and values.get("href"):
            return http_id(urljoin(answer.url, values["href"]))
    return None


def _same(one: str, other: str) -> bool:
    return one == other or one.partition("#")[0] == other.partition("#")[0]
