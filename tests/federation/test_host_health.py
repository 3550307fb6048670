"""One breaker per host, whoever wants something of it: fetches, deliveries, files; and what opens it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from abroad import Abroad, abroad, until
from dassie.domain.errors import RemoteFailed
from dassie.domain.jobs import Deliver
from dassie.federation.delivery import give_up_on_silent_servers, send
from dassie.ports import Answer
from dassie.services.caching_media import CACHE
from dassie.store import activities, failing, queue
from dassie.store.activities import Receipt
from fediverse import Fediverse, new_fediverse
from net import Seen, hang, redirect, reply
from worlds import World

B_ACTOR = "https://b.test/users/bea"
INBOX = "https://b.test/inbox"
PAUSE = RemoteFailed("The name server does not know there.test", kind="name")


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    async with abroad(tmp_path, monkeypatch, database_url, ["b.test", "c.test"]) as made:
        yield made


@pytest.fixture
async def fedi(tmp_path: Path, database_url: str) -> AsyncIterator[Fediverse]:
    async with new_fediverse(tmp_path, database_url=database_url) as made:
        yield made


async def kind_of_failure(world: World, url: str) -> str:
    with pytest.raises(RemoteFailed) as failed:
        await world.server.http.get(url, accept="*/*", timeout=2)
    return failed.value.kind


async def code_or_kind(world: World, url: str) -> str:
    try:
        return str((await world.server.http.get(url, accept="*/*")).code)
    except RemoteFailed as failed:
        return failed.kind


def at(far: Abroad, host: str) -> list[Seen]:
    return [seen for seen in far.peer.seen if seen.headers["host"] == host]


async def post(far: Abroad, count: int = 1, uri: str = "thing") -> None:
    ana = await far.world.account("ana")
    async with far.world.server.write() as tx:
        for n in range(count):
            await send(tx, ana.id, b'{"n":%d}' % n, [INBOX], order=f"{uri}{n}", object_uri=uri)


async def receipts(world: World, uri: str = "thing") -> list[Receipt]:
    async with world.server.read() as tx:
        return await activities.receipt(tx, uri)


def counted(world: World, name: str) -> int:
    return world.server.counters._counts[name]


# Shared by all -----------------------------------------------------------------------------------------


async def test_fetches_that_fail_keep_deliveries_and_files_from_asking_too(far: Abroad) -> None:
    far.peer.on("/users/bea", reply(code=502))
    server = far.world.server
    for _ in range(5):
        assert (await server.http.get(B_ACTOR, accept="*/*")).code == 502
    assert counted(far.world, "host.tries_failed.http_5xx") == 5
    before = len(far.peer.seen)
    assert await kind_of_failure(far.world, "https://b.test/another") == "breaker"
    with pytest.raises(RemoteFailed) as failed:
        await server.remote.account(B_ACTOR)
    assert failed.value.kind == "breaker"
    with pytest.raises(RemoteFailed) as failed:
        CACHE.fetch(server, "avatar", "https://b.test/a.png")
    assert failed.value.kind == "breaker"
    await post(far, 3)
    await far.world.settle()
    assert [(one.state, one.tries) for one in await receipts(far.world)] == [("waiting", 0)] * 3
    assert len(far.peer.seen) == before
    assert (await server.http.get("https://c.test/", accept="*/*")).code == 404


async def test_deliveries_that_fail_keep_fetches_from_asking_and_an_answer_frees_all(far: Abroad) -> None:
    far.peer.on("/inbox", reply(code=500))
    await post(far, 8)
    await until(lambda: far.world.server.hosts.paused_until("b.test") is not None)
    await far.world.settle()
    asked = len(at(far, "b.test"))
    assert 5 <= asked <= 8
    assert await kind_of_failure(far.world, B_ACTOR) == "breaker"
    assert len(at(far, "b.test")) == asked

    far.peer.on("/inbox", reply(code=202))
    far.world.clock.forward(minutes=2)
    assert (await far.world.server.http.get(B_ACTOR, accept="*/*")).code == 404  # a fetch is the probe
    await until(lambda: len({seen.body for seen in far.at("b.test")[asked:]}) == 8)  # and no delivery waits longer


async def test_of_many_requests_to_a_host_that_may_be_back_one_goes_out(far: Abroad) -> None:
    server = far.world.server
    server.hosts.failed("b.test", PAUSE)
    far.world.clock.forward(minutes=2)
    far.peer.on("/slow", reply(after=0.3))
    got = await asyncio.gather(
        *(server.http.get("https://b.test/slow", accept="*/*") for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Answer) for one in got) == 1
    assert {one.kind for one in got if isinstance(one, RemoteFailed)} == {"breaker"}
    assert len(far.peer.seen) == 1


async def test_who_waits_for_its_turn_is_let_go_when_the_host_turns_out_to_be_dead(far: Abroad) -> None:
    far.peer.on("/", reply(code=500, after=0.05))
    got = await asyncio.gather(
        *(far.world.server.http.get("https://b.test/", accept="*/*") for _ in range(100)), return_exceptions=True
    )
    assert len(at(far, "b.test")) <= 12
    assert sum(isinstance(one, RemoteFailed) and one.kind == "breaker" for one in got) >= 88


async def test_a_redirect_leads_to_no_host_that_is_left_in_peace_and_blames_the_right_one(far: Abroad) -> None:
    server = far.world.server
    far.peer.on("/go", redirect("https://c.test/broken"))
    far.peer.on("/broken", reply(code=500))
    codes = [await code_or_kind(far.world, "https://b.test/go") for _ in range(7)]
    assert codes == ["500"] * 5 + ["breaker"] * 2
    assert len(at(far, "c.test")) == 5
    assert len(at(far, "b.test")) == 7
    assert (server.hosts.reason("b.test"), server.hosts.reason("c.test")) == (None, "http_5xx")


async def test_a_name_nobody_knows_is_looked_up_once(far: Abroad, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    def none(host: str, *_: object) -> list[str]:
        looked_up.append(host)
        return []

    monkeypatch.setattr("dassie.adapters.resolving._addresses", none)
    kinds = [await kind_of_failure(far.world, f"https://nowhere.test/{n}") for n in range(20)]
    assert kinds == ["name"] + ["breaker"] * 19
    assert looked_up == ["nowhere.test"]
    far.world.clock.forward(minutes=2)
    assert await kind_of_failure(far.world, "https://nowhere.test/") == "name"
    assert len(looked_up) == 2


async def test_an_answer_that_takes_longer_than_usual_is_not_waited_for(
    far: Abroad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dassie.domain.patience.LEAST_SECONDS", 0.2)
    http = far.world.server.http
    far.peer.on("/quick", reply())
    far.peer.on("/hang", hang())
    for _ in range(30):
        await http.get("https://b.test/quick", accept="*/*")
    began = asyncio.get_running_loop().time()
    with pytest.raises(RemoteFailed) as failed:
        await http.get("https://b.test/hang", accept="*/*", timeout=30)
    assert failed.value.kind == "timeout"
    assert asyncio.get_running_loop().time() - began < 5
    assert counted(far.world, "host.tries_failed.timeout") == 1
    far.peer.on("/inbox", reply(after=0.6, code=202))
    await post(far)  # deliveries are patient
    await until(lambda: len(far.at("b.test")) == 1)
    await far.world.settle()
    assert [one.state for one in await receipts(far.world)] == ["delivered"]


async def test_who_is_in_a_hurry_does_not_speak_ill_of_a_host(far: Abroad) -> None:
    far.peer.on("/hang", hang())
    with pytest.raises(RemoteFailed) as failed:
        await far.world.server.http.get("https://b.test/hang", accept="*/*", timeout=0.2)
    assert failed.value.kind == "timeout"
    assert far.world.server.hosts.reason("b.test") is None


# Heard from --------------------------------------------------------------------------------------------


async def test_a_valid_activity_from_a_host_sends_what_waits_for_it_at_once(fedi: Fediverse) -> None:
    bob = fedi.actor()
    ana = await fedi.world.account("ana")
    hosts = fedi.world.server.hosts
    await fedi.world.server.remote.account(bob.uri)
    hosts.failed("there.test", PAUSE)
    async with fedi.world.server.write() as tx:
        for n in range(3):
            await send(tx, ana.id, b'{"n":%d}' % n, ["https://there.test/inbox"], order=f"{n}")
    await fedi.world.settle()
    assert fedi.http.posted == []
    like = fedi.activity("Follow", bob, ana.uri)
    assert (await fedi.send(bob, like, key=1)).code == 401  # somebody else's key proves nothing
    assert hosts.paused_until("there.test") is not None
    assert (await fedi.send(bob, like)).code == 202
    await until(lambda: {doc["n"] for _, doc in fedi.http.posted if "n" in doc} == {0, 1, 2})
    assert hosts.paused_until("there.test") is None


async def test_somebody_new_of_a_host_that_was_away_is_believed_after_one_look(far: Abroad) -> None:
    hosts = far.world.server.hosts
    for _ in range(2):
        hosts.failed("b.test", PAUSE)
        far.world.clock.forward(days=2)
    hosts.failed("b.test", PAUSE)
    assert await kind_of_failure(far.world, B_ACTOR) == "breaker"
    hosts.knocked("b.test")
    assert (await far.world.server.http.get(B_ACTOR, accept="*/*")).code == 404
    assert hosts.reason("b.test") is None


# Giving up ---------------------------------------------------------------------------------------------


async def test_deliveries_wait_for_two_weeks_and_then_give_up_with_a_reason(far: Abroad) -> None:
    hosts = far.world.server.hosts
    hosts.failed("b.test", PAUSE)
    await post(far, 3)
    await far.world.settle()
    far.world.clock.forward(days=13)
    await give_up_on_silent_servers(far.world.server)
    assert [one.state for one in await receipts(far.world)] == ["waiting"] * 3
    far.world.clock.forward(days=2)
    await give_up_on_silent_servers(far.world.server)
    given_up = await receipts(far.world)
    assert [(one.state, one.tries) for one in given_up] == [("gave_up", 0)] * 3
    assert given_up[0].error == "b.test did not answer in 15 days"
    assert far.at("b.test") == []
    async with far.world.server.read() as tx:
        assert [one for one in await queue.overview(tx) if one.kind == "Deliver"] == []
    assert counted(far.world, "jobs.gave_up.Deliver") == counted(far.world, "host.gave_up.dns") == 3
    assert counted(far.world, "jobs.tries_failed.Deliver") == 0
    assert Deliver.keeps == timedelta(days=14)


async def test_what_fails_is_shown_with_reason_and_next_try(far: Abroad) -> None:
    server = far.world.server
    server.hosts.failed("b.test", PAUSE)
    async with server.write() as tx:
        await server.hosts.save(tx)
        (shown,) = await failing.hosts(tx)
    assert (shown.host, shown.reason, shown.failures) == ("b.test", "dns", 1)
    assert shown.next_try_at is not None
    assert timedelta(seconds=50) < shown.next_try_at - shown.failing_since < timedelta(seconds=70)
