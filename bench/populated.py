"""A server that has lived for a while: 100,000 statuses by 5,000 people, 2,000 of whom ana follows.

Written by the server's own services, so that every index, counter and feed is what it would be. Making it takes some
minutes; on SQLite the finished folder is kept in the folder for temporary files and copied for each run.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from bench.peers import WORDS, make_actors
from dassie.adapters.clock import SystemClock
from dassie.app import build_server, close_server, load_modules
from dassie.config import load
from dassie.domain.ids import AccountId
from dassie.server import Server
from dassie.services import favouriting, indexing, listing, notifying, signing_up, writing
from dassie.services.writing import NewMedia, NewPoll, NewStatus
from dassie.store import accounts, logins, statuses
from dassie.store.views import AccountView, PollOption, StatusRow

STATUSES = 100_000
PEOPLE = 5_000
HOSTS = 500
FOLLOWED = 2_000
LIVE = 4_000
"""The newest of them reach home feeds and lists as they are written."""
THREAD = 200
FAVOURITES = 1_500
LISTED = 100
AT_ONCE = 250
VOCABULARY = 20_000
"""Different words, used as Zipf found: the second half as often as the first, the third a third as often."""


@dataclass
class Populated:
    """What a measurement asks for."""

    token: str
    ana_id: int
    account_id: int
    """Somebody who wrote much."""
    thread_id: int
    """The first status of the long thread."""
    list_id: int
    common: str
    """Two words that stand together in thousands of posts."""
    rare: str
    """A word that stands in a few."""


class Vocabulary:
    """Words that nobody has seen, a few of them in every sentence."""

    def __init__(self, count: int) -> None:
        syllables = ("ba", "ki", "lo", "mu", "re", "sa", "ti", "ve", "zo", "ny")
        self.words = ["".join(syllables[int(digit)] for digit in str(n)) for n in range(100, 100 + count)]
        self._shares = list(accumulate(1 / rank for rank in range(1, count + 1)))

    def text(self, chance: random.Random, length: int) -> str:
        """So many words, the common ones often."""
        return " ".join(chance.choices(self.words, cum_weights=self._shares, k=length))


@dataclass
class _Making:
    server: Server
    chance: random.Random
    people: list[AccountView] = field(default_factory=list)
    recent: list[StatusRow] = field(default_factory=list)
    """What can be answered or boosted."""
    boosted: set[tuple[int, int]] = field(default_factory=set)
    """Who boosted what: once each."""
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary(VOCABULARY))


async def populated(data: Path, database_url: str, *, scale: float = 1.0) -> Populated:
    """Fill an empty database, or take the folder that an earlier run filled; what to ask it for."""
    kept = Path(tempfile.gettempdir()) / f"dassie-bench-populated-{_version()}-{scale}"
    if not database_url and (kept / "populated.json").exists():
        shutil.copytree(kept, data, dirs_exist_ok=True)
        return msgspec.json.decode((data / "populated.json").read_bytes(), type=Populated)
    load_modules()
    options = {"data": data, "domain": "here.test", "workers": 0, "database_url": database_url}
    server = await build_server(load(options, environ={}), clock=SystemClock())
    try:
        made = await _fill(server, scale)
    finally:
        await close_server(server)
    (data / "populated.json").write_bytes(msgspec.json.encode(made))
    if not database_url:
        shutil.copytree(data, kept, dirs_exist_ok=True)
    return made


def _version() -> str:
    """Changes with the tables."""
    from dassie.migrations import versions

    folder = Path(str(versions.__path__[0]))
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()[:12]


async def _fill(server: Server, scale: float) -> Populated:
    making = _Making(server, random.Random(11))
    async with server.write() as tx:
        ana = await signing_up.create_login(tx, server, username="ana", password_hash="unused")
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        token = await signing_up.issue_token(tx, server, user, "read write follow push")
    followed = await make_actors(server.db, int(FOLLOWED * scale), HOSTS, followed_by=ana.id)
    others = await make_actors(server.db, int((PEOPLE - FOLLOWED) * scale), HOSTS, followed_by=None, first=FOLLOWED)
    async with server.read() as tx:
        views = await accounts.by_ids(tx, [one.id for one in (*followed, *others)])
    making.people = [views[AccountId(one.id)] for one in (*followed, *others)]
    async with server.write() as tx:
        kept = await listing.create(tx, ana, "stones", "list", False)
        await listing.put_in(tx, ana, kept.id, [one.id for one in followed[:LISTED]])
    count = int(STATUSES * scale)
    begin = datetime.now(UTC) - timedelta(days=30)
    for first in range(0, count, AT_ONCE):
        async with server.write() as tx:
            for n in range(first, min(first + AT_ONCE, count)):
                at = begin + timedelta(days=30) * (n / count)
                await _write(tx, making, n, at, live=n >= count - LIVE)
        await indexing.drain(server)
    root = await _thread(making, ana)
    await _notifications(making, ana, root)
    await indexing.drain(server)
    words = making.vocabulary.words
    common, rare = f"{words[9]} {words[14]}", words[8_000]
    return Populated(token, ana.id, followed[0].id, root.id, kept.id, common, rare)


async def _write(tx: Any, making: _Making, n: int, at: datetime, *, live: bool) -> None:
    chance = making.chance
    # Few write much: the square favours the first.
    author = making.people[int(chance.random() ** 2 * len(making.people))]
    new = _boost(making, author, n, at, live) if making.recent and chance.random() < 0.15 else None
    row = await writing.write_status(tx, making.server, new or _post(making, author, n, at, live))
    if row is not None and new is None:
        making.recent.append(row)
        del making.recent[:-500]


def _boost(making: _Making, author: AccountView, n: int, at: datetime, live: bool) -> NewStatus | None:
    original = making.chance.choice(making.recent)
    if original.visibility != "public" or (author.id, original.id) in making.boosted:
        return None
    making.boosted.add((author.id, original.id))
    return NewStatus(
        author=author,
        uri=f"{author.uri}/boosts/{n}",
        visibility="public",
        reblog_of=original,
        created_at=at,
        live=live,
    )


def _post(making: _Making, author: AccountView, n: int, at: datetime, live: bool) -> NewStatus:
    chance = making.chance
    words = making.vocabulary.text(chance, chance.randrange(8, 60))
    tags = [(word, word) for word in chance.sample(WORDS, 2)] if chance.random() < 0.3 else []
    return NewStatus(
        author=author,
        uri=f"{author.uri}/statuses/{n}",
        url=f"{author.url}/{n}",
        visibility="public" if chance.random() < 0.8 else "unlisted",
        content=f"<p>{words}</p>",
        searchable=words,
        spoiler_text="stones" if chance.random() < 0.05 else "",
        language=chance.choice(("en", "en", "de", "ja", None)),
        in_reply_to=chance.choice(making.recent) if making.recent and chance.random() < 0.3 else None,
        tags=tags,
        media=[_picture(author, n, i) for i in range(chance.choice((1, 1, 2, 4)))] if chance.random() < 0.25 else [],
        poll=_poll(at) if chance.random() < 0.03 else None,
        created_at=at,
        live=live,
    )


def _picture(author: AccountView, n: int, i: int) -> NewMedia:
    size = {"width": 1200, "height": 800, "size": "1200x800", "aspect": 1.5}
    return NewMedia(
        kind="image",
        remote_url=f"https://{author.domain}/media/{n}-{i}.jpg",
        file_type="image/jpeg",
        description="A stone in the sun",
        blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        meta={"original": size},
    )


def _poll(at: datetime) -> NewPoll:
    options = [PollOption("stone", 3), PollOption("sand", 4)]
    return NewPoll(options=options, voters_count=7, expires_at=at + timedelta(days=3))


async def _thread(making: _Making, ana: AccountView) -> StatusRow:
    """A status of ana's with a tree of answers."""
    server, chance = making.server, making.chance
    async with server.write() as tx:
        uri = f"{ana.uri}/statuses/thread"
        new = NewStatus(author=ana, uri=uri, visibility="public", content="<p>Well?</p>", text="Well?")
        root = await writing.write_status(tx, server, new)
        assert root is not None
        rows = [root]
        for n in range(THREAD):
            author = chance.choice(making.people)
            parent = chance.choice(rows[-20:])
            answer = NewStatus(
                author=author,
                uri=f"{author.uri}/answers/{n}",
                visibility="public",
                content=f"<p>{making.vocabulary.text(chance, 20)}</p>",
                in_reply_to=parent,
                mentions=[(ana.id, False)] if parent is root else [],
            )
            row = await writing.write_status(tx, server, answer)
            assert row is not None
            rows.append(row)
    return root


async def _notifications(making: _Making, ana: AccountView, root: StatusRow) -> None:
    """Some posts of ana's that many liked, and people who follow her."""
    server, chance = making.server, making.chance
    rows: list[StatusRow] = [root]
    async with server.write() as tx:
        for n in range(20):
            uri = f"{ana.uri}/statuses/liked-{n}"
            new = NewStatus(author=ana, uri=uri, visibility="public", content="<p>Stones.</p>", text="Stones.")
            row = await writing.write_status(tx, server, new)
            assert row is not None
            rows.append(row)
    likers = chance.sample(making.people, min(FAVOURITES, len(making.people)))
    for part in _parts(likers):
        async with server.write() as tx:
            for person in part:
                status = await statuses.by_id(tx, chance.choice(rows).id)
                assert status is not None
                await favouriting.receive_favourite(tx, server, person, status, f"{person.uri}/likes/1")
                if chance.random() < 0.2:
                    await notifying.notify(tx, server, ana.id, "follow", person.id)


def _parts(people: Sequence[AccountView]) -> list[Sequence[AccountView]]:
    return [people[i : i + AT_ONCE] for i in range(0, len(people), AT_ONCE)]
