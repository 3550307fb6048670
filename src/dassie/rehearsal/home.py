"""The flooded server from inside: one person, two relays, and in the end what its database holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from dassie.app import build_server, close_server
from dassie.config import load
from dassie.domain.jobs import State
from dassie.domain.relays import RelayRules
from dassie.rehearsal.metering import bytes_by_kind
from dassie.rehearsal.outcome import Storage
from dassie.rehearsal.plan import Via
from dassie.rehearsal.relays import ADDRESSES
from dassie.server import Server
from dassie.services import measuring_storage, signing_up, subscribing
from dassie.store import counters, database_size, logins, queue, relays, senders

START = datetime(2000, 1, 1, tzinfo=UTC)
AT_ONCE = 400
EVERYTHING = RelayRules(posts_per_hour=None, bytes_per_day=None, host_posts_per_hour=None, author_posts_per_hour=None)


@asynccontextmanager
async def opened(settings: Mapping[str, str]) -> AsyncIterator[Server]:
    """The server's parts in this process, without workers; the other process may run meanwhile."""
    own = {name: value for name, value in settings.items() if name != "test_resolver" and not name.isupper()}
    server = await build_server(load(own | {"workers": "0"}, environ={}))
    try:
        yield server
    finally:
        await close_server(server)


async def move_in(settings: Mapping[str, str], rules: RelayRules | None) -> str:
    """Make the database, a login, and ask both relays; the login's access token."""
    async with opened(settings) as server, server.write() as tx:
        account = await signing_up.create_login(tx, server, username="ana", password_hash="unused")  # noqa: S106
        user = await logins.user_of(tx, account.id)
        assert user is not None
        for address in ADDRESSES.values():
            await subscribing.subscribe(tx, server, address, rules)
        return await signing_up.issue_token(tx, server, user, "read write follow")


async def accepted(server: Server) -> bool:
    """Whether both relays took us in."""
    async with server.read() as tx:
        found = await relays.all_of_them(tx)
    return len(found) == len(ADDRESSES) and all(relay.state == "accepted" for relay in found)


async def relay_ids(server: Server) -> dict[Via, int]:
    """Relay → its id here."""
    async with server.read() as tx:
        return {relay.kind: relay.id for relay in await relays.all_of_them(tx)}


async def busy(server: Server, *, later: bool = False) -> int:
    """How many activities wait or are worked on; `later`: with those that are to be tried again."""
    async with server.read() as tx:
        found = await queue.overview(tx)
    kinds = ("Inbound", "FanOut", "Relayed", "FetchRelayed")
    idle = (State.SET_ASIDE,) if later else (State.SET_ASIDE, State.SCHEDULED)
    return sum(one.count for one in found if one.kind in kinds and one.state not in idle)


async def counted(server: Server) -> dict[str, int]:
    """All figures since the beginning."""
    found: dict[str, int] = {}
    async with server.read() as tx:
        for _, name, value in await counters.since(tx, "day", START):
            found[name] = found.get(name, 0) + value
    return found


async def jobs_left(server: Server) -> dict[str, int]:
    """`kind state` → how many."""
    async with server.read() as tx:
        return {f"{one.kind} {one.state.name.lower()}": one.count for one in await queue.overview(tx)}


async def disk(settings: Mapping[str, str], folder: Path) -> dict[str, int]:
    """Bytes by kind: files of the data folder, and the database where it is elsewhere."""
    found = bytes_by_kind(folder)
    if settings["database_url"]:
        async with opened(settings) as server, server.read() as tx:
            found["database"] = (await database_size.measure(tx)).total
    return found


async def storage(server: Server) -> Storage:
    """What the server itself says that it stores, and its budget."""
    found = await measuring_storage.report(server)
    return Storage(found.limits.budget, found.used, {line.kind: line.bytes for line in found.kinds if line.bytes})


async def stored(server: Server, uris: Iterable[str]) -> set[str]:
    """Those of these posts that are in the database."""
    wanted, found = list(uris), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        async with server.read() as tx:
            found.update(await senders.known_statuses(tx, wanted[start : start + AT_ONCE]))
    return found
