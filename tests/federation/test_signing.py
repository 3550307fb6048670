"""Signed requests: with which key, in which way, and what is learnt from the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from abroad import Abroad, abroad
from dassie.domain.errors import NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.federation.signatures import SignedRequest, load_public, parse, verify
from dassie.federation.signing import ACCEPT_ACTIVITY, signed_http
from dassie.store import accounts, schemes
from net import Behaviour, Seen, redirect, reply

URL = "https://b.test/users/bea?a=1"


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    """A world with two other servers."""
    async with abroad(tmp_path, monkeypatch, database_url, ["b.test", "c.test"]) as made:
        yield made


def only(scheme: str, *, otherwise: int = 401) -> Behaviour:
    """Understands one way of signing."""

    async def behave(request: web.Request) -> web.StreamResponse:
        used = "rfc9421" if "Signature-Input" in request.headers else "cavage"
        return web.Response(status=200 if used == scheme else otherwise, body=b"{}")

    return behave


def ways(seen: list[Seen]) -> list[str]:
    return ["rfc9421" if "signature-input" in one.headers else "cavage" for one in seen]


async def proved(far: Abroad, seen: Seen, account_id: int) -> str:
    """The key id of a request whose signature is good."""
    now = far.world.clock.now()
    host = seen.headers["host"]
    request = SignedRequest(seen.method, seen.target, f"https://{host}{seen.target}", seen.headers, seen.body)
    parsed = parse(request, hosts=frozenset({host}), now=now)
    verify(parsed, request, load_public(await signed_http(far.world.server).public_key(account_id)), now)
    return parsed.key_id


async def test_the_server_itself_signs_what_it_fetches(far: Abroad) -> None:
    far.peer.on("/users/bea", reply(b"{}"))
    answer = await signed_http(far.world.server).get(URL)
    assert answer.code == 200
    (seen,) = far.peer.seen
    assert seen.headers["accept"] == ACCEPT_ACTIVITY
    assert await proved(far, seen, INSTANCE_ACCOUNT_ID) == "https://here.test/actor#main-key"


async def test_a_person_signs_where_asked_to(far: Abroad) -> None:
    ana = await far.world.account("ana")
    far.peer.on("/users/bea", reply(b"{}"))
    await signed_http(far.world.server).get(URL, account_id=ana.id)
    (seen,) = far.peer.seen
    assert await proved(far, seen, ana.id) == f"{ana.uri}#main-key"


@pytest.mark.parametrize("code", [400, 401])
async def test_the_other_way_is_tried_once_and_kept(far: Abroad, code: int) -> None:
    far.peer.on("/users/bea", only("rfc9421", otherwise=code))
    http = signed_http(far.world.server)
    for _ in range(2):
        assert (await http.get(URL)).code == 200
    assert ways(far.peer.seen) == ["cavage", "rfc9421", "rfc9421"]
    assert await proved(far, far.peer.seen[-1], INSTANCE_ACCOUNT_ID)
    async with far.world.server.read() as tx:
        assert await schemes.scheme_of(tx, "b.test") == "rfc9421"
        assert await schemes.scheme_of(tx, "c.test") is None
    far.peer.on("/users/bea", only("cavage"))  # it was updated, or set back
    assert (await http.get(URL)).code == 200
    async with far.world.server.read() as tx:
        assert await schemes.scheme_of(tx, "b.test") == "cavage"


async def test_what_is_known_of_a_server_outlives_us(far: Abroad) -> None:
    async with far.world.server.write() as tx:
        await schemes.remember(tx, "b.test", "rfc9421")
    far.peer.on("/users/bea", reply(b"{}"))
    await signed_http(far.world.server).get(URL)
    assert ways(far.peer.seen) == ["rfc9421"]


@pytest.mark.parametrize("code", [200, 403, 404, 410, 500])
async def test_other_answers_are_taken_as_they_are(far: Abroad, code: int) -> None:
    far.peer.on("/users/bea", reply(code=code))
    assert (await signed_http(far.world.server).get(URL)).code == code
    assert len(far.peer.seen) == 1


async def test_where_both_are_refused_nothing_is_learnt(far: Abroad) -> None:
    far.peer.on("/users/bea", reply(code=401))
    assert (await signed_http(far.world.server).get(URL)).code == 401
    assert ways(far.peer.seen) == ["cavage", "rfc9421"]
    async with far.world.server.read() as tx:
        assert await schemes.scheme_of(tx, "b.test") is None


async def test_each_hop_of_a_redirect_is_signed_for_its_host(far: Abroad) -> None:
    far.peer.on("/users/bea", redirect("https://c.test/bea"))
    far.peer.on("/bea", reply(b"{}"))
    assert (await signed_http(far.world.server).get(URL)).url == "https://c.test/bea"
    assert [seen.headers["host"] for seen in far.peer.seen] == ["b.test", "c.test"]
    for seen in far.peer.seen:
        assert await proved(far, seen, INSTANCE_ACCOUNT_ID)


async def test_who_has_no_key_cannot_sign(far: Abroad) -> None:
    ana = await far.world.account("ana")
    http = signed_http(far.world.server)
    await http.signer_for(ana.id)
    async with far.world.server.write() as tx:
        await accounts.change(tx, ana.id, private_key=None)
    await http.signer_for(ana.id)  # keys are kept
    http.forget(ana.id)
    with pytest.raises(NotFound):
        await http.signer_for(ana.id)
    with pytest.raises(NotFound):
        await http.signer_for(12345)
