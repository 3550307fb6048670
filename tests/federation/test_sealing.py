"""Which of our activities carry a signature inside, and that it holds for whoever gets them second hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from abroad import Abroad, abroad
from dassie.domain.relays import Relay, RelayRules
from dassie.federation.proofs import prove
from dassie.federation.signing import signed_http
from dassie.services.writing import NewStatus, write_status
from dassie.store import relays
from dassie.store.views import AccountView
from net import reply
from others import follows_ours, other


class Key(msgspec.Struct, frozen=True):
    owner: str
    text: str


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    """A world with another server, where bea follows our ana."""
    behaviours = {"/users/bea/inbox": reply(b"", code=202)}
    async with abroad(tmp_path, monkeypatch, database_url, ["b.test"], behaviours=behaviours) as made:
        yield made


async def followed(far: Abroad) -> AccountView:
    ana = await far.world.account("ana")
    await follows_ours(far.world, await other(far.world, "bea", "b.test"), ana)
    return ana


async def take_part(far: Abroad, **more: Any) -> None:
    """A relay wants our posts."""
    async with far.world.server.write() as tx:
        values: dict[str, Any] = dict.fromkeys(Relay.__struct_fields__) | {
            "id": 1,
            "url": "https://relay.test/inbox",
            "kind": "mastodon",
            "state": "accepted",
            "domain": "relay.test",
            "inbox_url": "https://relay.test/inbox",
            "follow_uri": "https://here.test/actor#relays/1",
            "sends": True,
            "rules": RelayRules(),
            "created_at": tx.now,
        }
        relay = Relay(**(values | more))
        await relays.insert(tx, relay)


async def do(far: Abroad, me: AccountView, method: str, path: str, **form: Any) -> Any:
    client = await far.world.api_as(me)
    got = await (client.delete(f"/api/v1/{path}") if method == "DELETE" else client.post(f"/api/v1/{path}", **form))
    assert got.code == 200, got.text
    return got.json


async def proves(far: Abroad, doc: dict[str, Any], me: AccountView) -> bool:
    """Whether it is shown, without its bearer, that `me` wrote it."""
    text = await signed_http(far.world.server).public_key(me.id)

    async def key_of(key_id: str) -> Key | None:
        return Key(me.uri, text) if key_id == f"{me.uri}#main-key" else None

    return await prove(doc, me.uri, key_of, far.world.server.clock.now())


async def test_what_a_relay_passes_on_is_signed(far: Abroad) -> None:
    ana = await followed(far)
    await take_part(far)
    status = await do(far, ana, "POST", "statuses", status="hello *world* #tag", visibility="public")
    await far.got("b.test", 1)
    await do(far, ana, "POST", f"statuses/{status['id']}/reblog")
    await far.got("b.test", 2)
    await do(far, ana, "DELETE", f"statuses/{status['id']}")
    got = await far.got("b.test", 3)
    assert [doc["type"] for doc in got[:3]] == ["Create", "Announce", "Delete"]
    assert [await proves(far, doc, ana) for doc in got[:3]] == [True, True, True]


async def test_private_posts_are_not_signed(far: Abroad) -> None:
    ana = await followed(far)
    await take_part(far)
    await do(far, ana, "POST", "statuses", status="hello", visibility="private")
    (doc,) = await far.got("b.test", 1)
    assert "signature" not in doc


@pytest.mark.parametrize("more", [{"kind": "litepub"}, {"sends": False}, {"state": "left"}], ids=str)
async def test_without_a_relay_that_wants_it_nothing_is_signed(far: Abroad, more: dict[str, Any]) -> None:
    ana = await followed(far)
    await take_part(far, **more)
    await do(far, ana, "POST", "statuses", status="hello")
    (doc,) = await far.got("b.test", 1)
    assert "signature" not in doc


async def test_an_answer_is_signed_for_the_server_that_passes_it_on(far: Abroad) -> None:
    ana = await far.world.account("ana")
    bea = await other(far.world, "bea", "b.test")
    async with far.world.server.write() as tx:
        new = NewStatus(author=bea.view, uri=f"{bea.uri}/statuses/1", visibility="public", content="<p>hi</p>")
        theirs = await write_status(tx, far.world.server, new)
    assert theirs is not None
    answer = await do(far, ana, "POST", "statuses", status="@bea@b.test hi!", in_reply_to_id=theirs.id)
    await far.got("b.test", 1)
    await do(far, ana, "DELETE", f"statuses/{answer['id']}")
    created, deleted = await far.got("b.test", 2)
    assert await proves(far, created, ana)
    assert await proves(far, deleted, ana)


async def test_where_readers_must_sign_nothing_is_signed_for_passing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    async with abroad(tmp_path, monkeypatch, database_url, ["b.test"], authorized_fetch=True) as far:
        ana = await followed(far)
        await take_part(far)
        await do(far, ana, "POST", "statuses", status="hello")
        (doc,) = await far.got("b.test", 1)
    assert "signature" not in doc
