"""People of other servers, as rows here, with keys to sign with.

bea = await other(world, "bea", "b.test")
await world.api_as()…            # or: await read(world, "/users/ana", bea)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from dassie.domain.ids import AccountId, new_id
from dassie.federation.signatures import Scheme, generate_rsa, load_private, signer
from dassie.server import Server
from dassie.store import accounts, follows, senders
from dassie.store.follows import Follow
from dassie.store.views import AccountView
from worlds import Client, Got, World

ACTIVITY = "application/activity+json"


@dataclass
class Other:
    """Somebody elsewhere."""

    id: AccountId
    uri: str
    view: AccountView
    private_key: str

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"


class Home(Protocol):
    """Where somebody is known: a world, or a server alone."""

    @property
    def server(self) -> Server: ...


async def other(world: Home, name: str, domain: str, *, shared: bool = True, **columns: Any) -> Other:
    """A known account of another server."""
    private, public = _keys(name)
    base = f"https://{domain}"
    uri = f"{base}/users/{name}"
    async with world.server.write() as tx:
        id = new_id(tx.now)
        values = {
            "url": f"{base}/@{name}",
            "inbox_url": f"{uri}/inbox",
            "shared_inbox_url": f"{base}/inbox" if shared else "",
            "followers_url": f"{uri}/followers",
            "fetched_at": tx.now,
            "created_at": tx.now,
        }
        assert await accounts.insert(tx, id=id, username=name, domain=domain, uri=uri, **(values | columns))
        await senders.replace_keys(tx, id, [(f"{uri}#main-key", public)])
        view = await accounts.by_id(tx, id)
    assert view is not None
    return Other(AccountId(id), uri, view, private)


async def follows_ours(world: Home, who: Other, target: AccountView) -> None:
    """`who` follows one of ours."""
    async with world.server.write() as tx:
        id = new_id(tx.now)
        row = Follow(id, who.id, target.id, f"{who.uri}#follows/{id}", True, False, None, tx.now)
        await follows.add(tx, row)
        await accounts.count(tx, target.id, "followers_count", 1)


async def followed_by_ours(world: Home, me: AccountView, who: Other) -> None:
    """One of ours follows `who`."""
    async with world.server.write() as tx:
        id = new_id(tx.now)
        await follows.add(tx, Follow(id, me.id, who.id, f"{me.uri}#follows/{id}", True, False, None, tx.now))
        await accounts.count(tx, me.id, "following_count", 1)


async def read(
    world: World,
    path: str,
    who: Other | None = None,
    *,
    accept: str = ACTIVITY,
    scheme: Scheme = "cavage",
    **headers: str,
) -> Got:
    """A GET by another server, signed by `who` where given."""
    sent = {"accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if who is not None:
        sign = signer(who.key_id, load_private(who.private_key), scheme, world.clock.now)
        sent |= {name.lower(): value for name, value in sign("GET", f"https://here.test{path}", None).items()}
    return await Client(world.app).request("GET", path, headers=sent)


@cache
def _keys(name: str) -> tuple[str, str]:
    return generate_rsa()
