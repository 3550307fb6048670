"""Deliveries against servers that are slow, broken, gone or choosy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import templates
from abroad import Abroad, abroad, until
from dassie.domain.errors import GiveUp, RemoteFailed, Retry
from dassie.domain.jobs import State
from dassie.federation.delivery import KEPT, forget_deliveries, host_of, judge, send
from dassie.ports import Answer
from dassie.store import accounts, activities, queue, schemes
from dassie.store.activities import Receipt
from dassie.store.views import AccountView
from net import Behaviour, Peer, TestCa, free_port, hang, reply
from others import follows_ours, other
from worlds import World, new_world

BODY = b'{"id":"https://here.test/users/ana#1","type":"Like"}'
INBOX = "https://b.test/inbox"


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    """A world with one other server, b.test, and one that refuses connections, dead.test."""
    dead = f"dead.test=127.0.0.1:{free_port()}"
    async with abroad(tmp_path, monkeypatch, database_url, ["b.test"], resolver=dead) as made:
        yield made


async def sent(far: Abroad, me: AccountView, *inboxes: str, order: str = "one", uri: str = "thing") -> None:
    """Put an activity on its way."""
    async with far.world.server.write() as tx:
        await send(tx, me.id, BODY, list(inboxes), order=order, object_uri=uri)


async def receipt(world: World, uri: str = "thing") -> list[Receipt]:
    async with world.server.read() as tx:
        return await activities.receipt(tx, uri)


async def when(world: World, condition: Callable[[Receipt], bool], uri: str = "thing") -> Receipt:
    """The only receipt, once it looks like this."""
    for _ in range(1000):
        found = await receipt(world, uri)
        if len(found) == 1 and condition(found[0]):
            return found[0]
        await asyncio.sleep(0.01)
    raise AssertionError(f"the receipt stays {found}")


async def set_aside(world: World) -> list[str]:
    async with world.server.read() as tx:
        return [kind.kind for kind in await queue.overview(tx) if kind.state == State.SET_ASIDE]


def tried(receipt: Receipt) -> bool:
    return receipt.tries > 0


def delivered(receipt: Receipt) -> bool:
    return receipt.state == "delivered"


def later(world: World, **by: float) -> None:
    """Time passes."""
    world.clock.forward(**by)
    world.app.runner.wake()


def first(*codes: int, headers: dict[str, str] | None = None) -> Behaviour:
    """These codes one after the other, then 202."""
    left = list(codes)

    async def behave(request: web.Request) -> web.StreamResponse:
        return web.Response(status=left.pop(0) if left else 202, headers=headers)

    return behave


# What answers mean -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_two_hundreds_mean_delivered(code: int) -> None:
    judge(Answer(code, INBOX, {}, b""), "b.test", None)


@pytest.mark.parametrize("code", [400, 403, 404, 405, 406, 410, 413, 415, 422, 501])
def test_a_plain_no_is_for_good(code: int) -> None:
    with pytest.raises(GiveUp):
        judge(Answer(code, INBOX, {}, b""), "b.test", 60.0)


@pytest.mark.parametrize(("code", "after"), [(408, 60.0), (429, 60.0), (503, 60.0), (500, None), (502, None)])
def test_trouble_counts_against_the_host(code: int, after: float | None) -> None:
    with pytest.raises(RemoteFailed) as failed:
        judge(Answer(code, INBOX, {}, b""), "b.test", 60.0)
    assert (failed.value.code, failed.value.retry_after) == (code, after)


@pytest.mark.parametrize("code", [301, 302, 307, 401])
def test_what_may_be_different_tomorrow_is_tried_again(code: int) -> None:
    with pytest.raises(Retry):
        judge(Answer(code, INBOX, {}, b""), "b.test", None)


def test_pauses_go_by_host_and_port() -> None:
    assert host_of("https://B.Test/inbox") == "b.test"
    assert host_of("https://u:p@b.test:8443/users/x/inbox") == "b.test:8443"


# Tries -----------------------------------------------------------------------------------------------


async def test_a_failed_delivery_waits_and_arrives(far: Abroad) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/inbox", first(500, 502))
    await sent(far, ana, INBOX)
    waiting = await when(far.world, tried)
    assert (waiting.state, waiting.tries, waiting.code) == ("waiting", 1, 500)
    assert waiting.error == "b.test answered 500"
    assert waiting.next_at is not None
    assert timedelta(seconds=20) < waiting.next_at - far.world.clock.now() < timedelta(minutes=2)
    later(far.world, minutes=2)
    await when(far.world, lambda one: one.tries == 2)
    later(far.world, minutes=3)
    done = await when(far.world, delivered)
    assert (done.tries, done.error, done.next_at) == (3, None, None)
    assert len(far.at("b.test")) == 3
    assert {seen.body for seen in far.at("b.test")} == {BODY}


async def test_retry_after_is_obeyed(far: Abroad) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/inbox", first(503, headers={"Retry-After": "600"}))
    await sent(far, ana, INBOX)
    waiting = await when(far.world, tried)
    assert waiting.next_at is not None
    assert timedelta(seconds=590) < waiting.next_at - far.world.clock.now() <= timedelta(seconds=600)
    await sent(far, ana, INBOX, order="two", uri="other thing")  # a second one does not knock either
    later(far.world, minutes=5)
    await asyncio.sleep(0.3)
    assert len(far.at("b.test")) == 1
    later(far.world, minutes=6)
    await when(far.world, delivered)
    await when(far.world, delivered, "other thing")
    assert len(far.at("b.test")) == 3


@pytest.mark.parametrize(("code", "reason"), [(410, "inbox is gone"), (404, "inbox is gone"), (403, "answered 403")])
async def test_a_refusal_is_not_repeated(far: Abroad, code: int, reason: str) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/inbox", reply(code=code))
    await sent(far, ana, INBOX)
    given_up = await when(far.world, tried)
    assert (given_up.state, given_up.code) == ("gave_up", code)
    assert given_up.error is not None
    assert reason in given_up.error
    assert await set_aside(far.world) == ["Deliver"]
    later(far.world, days=1)
    await far.world.settle()
    assert len(far.at("b.test")) == 1


async def test_the_other_way_of_signing_is_tried_and_remembered(far: Abroad) -> None:
    ana = await far.world.account("ana")

    async def choosy(request: web.Request) -> web.StreamResponse:
        return web.Response(status=202 if "Signature-Input" in request.headers else 401)

    far.peer.on("/inbox", choosy)
    await sent(far, ana, INBOX)
    await when(far.world, delivered)
    assert ["signature-input" in seen.headers for seen in far.at("b.test")] == [False, True]
    async with far.world.server.read() as tx:
        assert await schemes.scheme_of(tx, "b.test") == "rfc9421"
    await sent(far, ana, INBOX, uri="second")
    await when(far.world, delivered, "second")
    assert len(far.at("b.test")) == 3


async def test_where_no_signature_is_good_it_is_tried_later(far: Abroad) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/inbox", reply(code=401))
    await sent(far, ana, INBOX)
    waiting = await when(far.world, tried)
    assert (waiting.state, waiting.code) == ("waiting", 401)
    assert len(far.at("b.test")) == 2
    far.peer.on("/inbox", reply(code=202))
    later(far.world, minutes=2)
    await when(far.world, delivered)


async def test_an_edit_waits_for_its_post(far: Abroad) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/inbox", first(500))
    async with far.world.server.write() as tx:
        await send(tx, ana.id, b'{"n":1}', [INBOX], order="status 1", object_uri="thing")
    await when(far.world, tried)
    async with far.world.server.write() as tx:
        await send(tx, ana.id, b'{"n":2}', [INBOX], order="status 1")
        await send(tx, ana.id, b'{"n":3}', [INBOX], order="status 2")
    await until(lambda: len(far.at("b.test")) == 2)
    later(far.world, minutes=2)
    await until(lambda: len(far.at("b.test")) == 4)
    assert [seen.body for seen in far.at("b.test")] == [b'{"n":1}', b'{"n":3}', b'{"n":1}', b'{"n":2}']


async def test_a_dead_host_is_left_alone_after_some_failures(far: Abroad) -> None:
    ana = await far.world.account("ana")
    for n in range(5):
        await sent(far, ana, "https://dead.test/inbox", order=f"{n}", uri=f"{n}")
    for n in range(5):
        waiting = await when(far.world, tried, f"{n}")
        assert waiting.state == "waiting"
        assert "dead.test" in (waiting.error or "")
    paused = far.world.server.hosts.paused_until("dead.test")
    assert paused is not None
    await sent(far, ana, "https://dead.test/inbox", order="6", uri="6")
    await sent(far, ana, INBOX, order="7", uri="7")
    await when(far.world, delivered, "7")
    (untried,) = await receipt(far.world, "6")
    assert untried.tries == 0
    later(far.world, minutes=5)
    await when(far.world, lambda one: one.tries == 2, "0")


# What is not sent ------------------------------------------------------------------------------------


async def test_a_server_suspended_meanwhile_gets_nothing(far: Abroad) -> None:
    from dassie.store.dialect import put
    from dassie.store.tables import peers
    from dassie.store.tx import Statement

    ana = await far.world.account("ana")
    async with far.world.server.write() as tx:
        suspend = Statement(put(peers, "domain", "suspended_at", "created_at"))
        await tx.run(suspend, domain="b.test", suspended_at=tx.now, created_at=tx.now)
        await send(tx, ana.id, BODY, [INBOX], order="one", object_uri="thing")
    dropped = await when(far.world, tried)
    assert (dropped.state, dropped.error) == ("gave_up", "we do not talk with this server any more")
    await far.world.settle()
    assert far.at("b.test") == []
    assert await set_aside(far.world) == []


async def test_what_has_no_key_is_given_up(far: Abroad) -> None:
    ana = await far.world.account("ana")
    async with far.world.server.write() as tx:
        await accounts.change(tx, ana.id, private_key=None)
    await sent(far, ana, INBOX)
    given_up = await when(far.world, tried)
    assert given_up.state == "gave_up"
    assert "no key" in (given_up.error or "")


async def test_what_is_old_is_forgotten(far: Abroad) -> None:
    ana = await far.world.account("ana")
    await sent(far, ana, INBOX)
    await when(far.world, delivered)
    await forget_deliveries(far.world.server)
    assert len(await receipt(far.world)) == 1
    far.world.clock.forward(seconds=KEPT.total_seconds() + 60)
    await forget_deliveries(far.world.server)
    assert await receipt(far.world) == []


# Many servers ----------------------------------------------------------------------------------------


async def test_dead_and_slow_servers_do_not_delay_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """40 servers, 12 of them hang, refuse or fail: the other 28 have their six posts each within seconds."""
    names = [f"s{n:02}.test" for n in range(40)]
    hanging, refusing, failing, healthy = names[0:12:3], names[1:12:3], names[2:12:3], names[12:]
    ca = TestCa(tmp_path)
    refused = ",".join(f"{name}=127.0.0.1:{free_port()}" for name in refusing)
    async with Peer(ca, *hanging) as mute, Peer(ca, *failing) as broken, Peer(ca, *healthy) as fine:
        mute.on("/inbox", hang())
        broken.on("/inbox", reply(code=500))
        fine.on("/inbox", reply(code=202))
        places = [f"{name}={ip}:{port}" for peer in (mute, broken, fine) for name, (ip, port) in peer.overrides.items()]
        monkeypatch.setenv("SSL_CERT_FILE", str(ca.bundle))
        if not database_url:
            await templates.sqlite_copy(tmp_path / "dassie.db")
        settings: dict[str, Any] = {
            "test_resolver": ",".join([*places, refused]),
            "allowed_private_networks": "127.0.0.0/8",
        }
        async with new_world(tmp_path, database_url=database_url, **settings) as world:
            ana = await world.account("ana")
            for n, name in enumerate(names):
                await follows_ours(world, await other(world, f"p{n}", name), ana)
            api = await world.api_as(ana)
            started = asyncio.get_running_loop().time()
            for n in range(6):
                assert (await api.post("/api/v1/statuses", status=f"post {n}")).code == 200
            await until(lambda: len(fine.seen) >= 168, 30.0, lambda: f"{len(fine.seen)} of 168 arrived")
            took = asyncio.get_running_loop().time() - started
            assert took < 8.0, f"it took {took:.1f} s"
            assert len({(seen.headers["host"], seen.body) for seen in fine.seen}) == 168
            assert len(mute.seen) <= 4 * len(hanging)
            await world.app.runner.stop(grace=0.1)  # not waiting for those who hang
