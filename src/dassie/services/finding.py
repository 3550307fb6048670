"""Finding people, hashtags and posts: by words, by handle, by a pasted address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Literal, TypeVar
from urllib.parse import unquote

import structlog

from dassie.domain import search_query, time_zones
from dassie.domain.errors import DassieError
from dassie.domain.ids import MAX_ID, AccountId, StatusId, id_floor, parse_id
from dassie.domain.languages import LANGUAGES
from dassie.domain.search_query import Author, SearchQuery, Side
from dassie.domain.search_words import words_of
from dassie.domain.text import normalise_tag
from dassie.server import Server
from dassie.store import accounts, collections, findable, follows, logins, search, statuses, tag_uses
from dassie.store.collections import Collection
from dassie.store.findable import Wanted
from dassie.store.tag_uses import TagView
from dassie.store.tx import Tx
from dassie.store.views import AccountView

log = structlog.get_logger("search")

T = TypeVar("T")
What = Literal["accounts", "hashtags", "statuses"]

RESOLVE_SECONDS = 10.0
"""How long somebody who searches waits for another server."""
MAX_OFFSET = 1_000
"""Nothing is found behind so many."""
STRANGERS_LEAST = 3
"""Characters that the search of accounts takes from people who are not signed in."""

_HANDLE = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?)(?:@([^\s@/]{1,253}))?")
_DATED = re.compile(r"(?:before|after|during):", re.IGNORECASE)
_OWN_PAGE = re.compile(
    r"/(?:@|users/)([^/@?#]{1,255})(?:@([^/?#]{1,255}))?(?:/(?:statuses/)?([0-9]{1,20}))?/?(?:[?#].*)?"
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for."""

    text: str
    what: What | None = None
    """None: everything."""
    limit: int = 20
    offset: int = 0
    resolve: bool = False
    """Ask other servers for a handle or address that is not known here."""
    following: bool = False
    """Only accounts that I follow, and my own."""
    account_id: int | None = None
    """Only posts by this account."""
    min_id: int | None = None
    max_id: int | None = None


@dataclass(slots=True)
class Found:
    """What there is. Whether a status may be seen is still for the door to ask when it shows it."""

    accounts: list[AccountView] = field(default_factory=list)
    tags: list[TagView] = field(default_factory=list)
    statuses: list[StatusId] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)


async def find(server: Server, me: AccountView | None, sought: Sought) -> Found:
    """People, tags and posts. Nothing may be open on the database: another server may be asked."""
    text = sought.text.strip()[: search_query.MAX_LENGTH]
    if not text or sought.offset > MAX_OFFSET:
        return Found()
    if sought.resolve and me is not None and text.startswith(("https://", "http://")):
        return _of_kind(await _by_address(server, text, resolve=True), sought)
    found = Found()
    if sought.what in (None, "accounts") and not text.startswith(("#", "＃")):
        found.accounts = await find_accounts(server, me, sought)
    if sought.what in (None, "hashtags") and "@" not in text:
        async with server.read() as tx:
            found.tags = await tag_uses.starting_with(tx, normalise_tag(text), limit=sought.limit, offset=sought.offset)
    if sought.what in (None, "statuses") and me is not None:
        found.statuses = await find_statuses(server, me, sought)
    return found


# Addresses ------------------------------------------------------------------------------------------


async def _by_address(server: Server, url: str, *, resolve: bool) -> Found:
    """The one thing that an address stands for."""
    async with server.read() as tx:
        known = await _known(tx, server, url)
    if known is None and resolve and not url.startswith(server.urls.base + "/"):
        known = await _patiently(server.remote.resolve(url), url)
    if known is None:
        return Found()
    kind, id = known
    if kind == "status":
        return Found(statuses=[StatusId(id)])
    if kind == "collection":
        async with server.read() as tx:
            found = await collections.by_id(tx, id)
        return Found(collections=[found] if found is not None else [])
    async with server.read() as tx:
        account = await accounts.by_id(tx, id)
    return Found(accounts=[account] if account is not None and account.suspended_at is None else [])


def _of_kind(found: Found, sought: Sought) -> Found:
    """The one thing, where it is of the kind that is asked for and on the first page."""
    if sought.offset or not sought.limit:
        return Found()
    match sought.what:
        case "accounts":
            return Found(accounts=found.accounts)
        case "statuses":
            return Found(statuses=found.statuses)
        case "hashtags":
            return Found()
        case None:
            return found


async def _known(tx: Tx, server: Server, url: str) -> tuple[Literal["account", "status", "collection"], int] | None:
    account = await accounts.by_uri(tx, url)
    if account is not None:
        return "account", account.id
    status = await statuses.by_uri(tx, url)
    if status is not None:
        return "status", status.id
    collection = await collections.by_uri(tx, url)
    if collection is not None:
        return "collection", collection.id
    if not url.startswith(server.urls.base + "/"):
        return None
    if url.startswith(page := server.urls.collection_page(0)[:-1]):
        own = await collections.by_id(tx, parse_id(url.removeprefix(page)) or 0)
        return ("collection", own.id) if own is not None else None
    match = _OWN_PAGE.fullmatch(unquote(url.removeprefix(server.urls.base)))
    if match is None:
        return None
    account = await accounts.by_name(tx, match[1], _domain(server, match[2]))
    if account is None or match[3] is None:
        return None if account is None else ("account", account.id)
    status = await statuses.by_id(tx, parse_id(match[3]) or 0)
    return ("status", status.id) if status is not None and status.account_id == account.id else None


async def _patiently(asking: Awaitable[T], what: str) -> T | None:
    """What another server says within our patience; None where it does not."""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            return await asking
    except TimeoutError:
        log.info("looking up took too long", what=what)
    except DassieError as error:
        log.info("looking up failed", what=what, why=error.safe)
    return None


def _domain(server: Server, domain: str | None) -> str:
    """As stored: empty for ours."""
    name = (domain or "").lower()
    return "" if name == server.config.domain.lower() else name


# Accounts -------------------------------------------------------------------------------------------


async def find_accounts(server: Server, me: AccountView | None, sought: Sought) -> list[AccountView]:
    """Accounts by handle or how names begin: the one named, those I follow, those called just so, the most followed."""
    text = sought.text.strip()
    bare = text.removeprefix("@")
    if (me is None and len(bare) < STRANGERS_LEAST) or not bare or sought.offset > MAX_OFFSET:
        return []
    if text.startswith(("https://", "http://")):
        return (await _by_address(server, text, resolve=sought.resolve and me is not None)).accounts
    handle = _HANDLE.fullmatch(text)
    exact = await _named(server, handle, resolve=sought.resolve and me is not None) if handle else None
    most = sought.limit + sought.offset
    async with server.read() as tx:
        ids = [exact] if exact is not None else []
        if sought.following and me is not None:
            ids = [id for id in ids if id == me.id or await follows.following(tx, me.id, id)]
        ids += await _beginning(tx, server, me, text, handle, most, following=sought.following)
        wanted = list(dict.fromkeys(ids))[most - sought.limit : most]
        by_id = await accounts.by_ids(tx, wanted)
    return [by_id[id] for id in wanted if id in by_id and by_id[id].suspended_at is None]


async def _named(server: Server, handle: re.Match[str], *, resolve: bool) -> AccountId | None:
    domain = _domain(server, handle[2])
    async with server.read() as tx:
        known = await accounts.by_name(tx, handle[1], domain)
    if known is not None:
        return known.id
    if not resolve or not domain:
        return None
    return await _patiently(server.remote.account_by_handle(handle[1], domain), f"@{handle[1]}@{domain}")


async def _beginning(
    tx: Tx,
    server: Server,
    me: AccountView | None,
    text: str,
    handle: re.Match[str] | None,
    most: int,
    *,
    following: bool,
) -> list[AccountId]:
    starts: tuple[str, str] | None = None
    if handle is not None and (handle[2] or text.startswith("@")):
        starts = (handle[1].lower(), _domain(server, handle[2]))
        phrases = [tuple(words_of(handle[1]))]
    else:
        phrases = [words for part in text.split()[: search_query.MAX_TERMS] if (words := tuple(words_of(part)))]
    if not phrases or not phrases[0]:
        return []
    ids: list[AccountId] = []
    exactly = handle[1].lower() if handle is not None else ""
    if me is not None:
        ids = await search.accounts_with_words(
            tx, phrases, most=most, followed_by=me.id, handle=starts, exactly=exactly
        )
    if not following and len(ids) < most:
        ids += await search.accounts_with_words(tx, phrases, most=most, handle=starts, exactly=exactly)
    if starts is None and len(ids) < most:
        mine = me.id if me is not None and following else None
        ids += await search.accounts_with_words(tx, phrases, most=most, followed_by=mine, about=True)
    return ids


# Statuses -------------------------------------------------------------------------------------------


async def find_statuses(server: Server, me: AccountView, sought: Sought) -> list[StatusId]:
    """Posts in my library and public ones that may be found, newest first."""
    async with server.read() as tx:
        user = await logins.user_of(tx, me.id) if _DATED.search(sought.text) else None
        query = search_query.parse(sought.text, time_zones.zone(user.settings.time_zone) if user else UTC)
        if query.empty:
            return []
        wanted = await _wanted(tx, server, me, query, sought)
        if wanted is None:
            return []
        return await findable.find(tx, wanted, viewer=me.id, limit=sought.limit, offset=sought.offset)


async def _wanted(tx: Tx, server: Server, me: AccountView, query: SearchQuery, sought: Sought) -> Wanted | None:
    """The query with ids for names; None where it cannot find anything."""
    must, must_not = query.must, query.must_not
    authors = {await _author(tx, server, me, author) for author in must.authors}
    if sought.account_id is not None:
        authors.add(AccountId(sought.account_id))
    unwanted = {await _author(tx, server, me, author) for author in must_not.authors}
    tags = await tag_uses.by_names(tx, [*must.tags, *must_not.tags])
    one_language = len(must.languages) <= 1
    if None in authors or len(authors) > 1 or not one_language or any(name not in tags for name in must.tags):
        return None
    above = -1 if query.not_before is None else id_floor(query.not_before) - 1
    below = MAX_ID if query.before is None else id_floor(query.before)
    return Wanted(
        phrases=must.phrases,
        not_phrases=must_not.phrases,
        tags=_tag_ids(tags, must),
        not_tags=_tag_ids(tags, must_not),
        properties=frozenset(must.properties),
        not_properties=frozenset(must_not.properties),
        languages=_with_regions(must.languages),
        not_languages=_with_regions(must_not.languages),
        author=next(iter(authors), None),
        not_authors=[author for author in unwanted if author is not None],
        places=frozenset(must.places),
        not_places=frozenset(must_not.places),
        outside=[(id_floor(start), id_floor(end)) for start, end in query.outside],
        above=max(above, sought.min_id or -1),
        below=min(below, sought.max_id or MAX_ID),
    )


async def _author(tx: Tx, server: Server, me: AccountView, author: Author) -> AccountId | None:
    if author.me:
        return me.id
    found = await accounts.by_name(tx, author.username, _domain(server, author.domain))
    return found.id if found is not None else None


def _tag_ids(known: dict[str, TagView], side: Side) -> list[int]:
    ids = [known[name].id for name in dict.fromkeys(side.tags) if name in known]
    return [id for id in ids if id is not None]


def _with_regions(languages: Sequence[str]) -> list[str]:
    """`zh` finds `zh-TW` too."""
    return [code for code in LANGUAGES if any(code == one or code.startswith(f"{one}-") for one in languages)]
