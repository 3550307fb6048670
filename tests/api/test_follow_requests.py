"""Answering those who want to follow."""

from __future__ import annotations

from dassie.services import following
from people import change, stranger
from worlds import World


async def test_requests_are_listed_and_answered(world: World) -> None:
    ana = await world.account("ana", locked=True)
    ben, cem = await world.account("ben"), await world.account("cem")
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ben, ana)
    async with world.server.write() as tx:
        await following.follow(tx, world.server, cem, ana)
    api = await world.api_as(ana)
    assert {one["username"] for one in (await api.get("/api/v1/follow_requests")).json} == {"ben", "cem"}
    me = (await api.get("/api/v1/accounts/verify_credentials")).json
    assert me["source"]["follow_requests_count"] == 2
    got = await api.post(f"/api/v1/follow_requests/{ben.id}/authorize")
    assert (got.code, got.json["followed_by"], got.json["requested_by"]) == (200, True, False)
    got = await api.post(f"/api/v1/follow_requests/{cem.id}/reject")
    assert (got.json["followed_by"], got.json["requested_by"]) == (False, False)
    assert (await api.get("/api/v1/follow_requests")).json == []
    assert (await api.post(f"/api/v1/follow_requests/{cem.id}/authorize")).code == 404
    assert (await api.post("/api/v1/follow_requests/5/reject")).code == 404


async def test_a_request_from_elsewhere_is_told_and_goes_with_its_answer(world: World) -> None:
    ana, eve = await world.account("ana", locked=True), await stranger(world, "eve")
    async with world.server.write() as tx:
        await following.receive_follow(tx, world.server, eve, ana, "https://else.test/f/1")
    api = await world.api_as(ana)
    [told] = (await api.get("/api/v1/notifications")).json
    assert (told["type"], told["account"]["acct"]) == ("follow_request", "eve@else.test")
    await api.post(f"/api/v1/follow_requests/{eve.id}/authorize")
    [told] = (await api.get("/api/v1/notifications")).json
    assert (told["type"], told["account"]["acct"]) == ("follow", "eve@else.test")


async def test_whoever_opens_their_account_lets_those_in_who_wait(world: World) -> None:
    ana, ben, cem = await world.account("ana", locked=True), await world.account("ben"), await world.account("cem")
    as_ben = await world.api_as(ben)
    await as_ben.post(f"/api/v1/accounts/{ana.id}/follow")
    await (await world.api_as(cem)).post(f"/api/v1/accounts/{ana.id}/follow")
    await change(world, cem, silenced_at=world.clock.now())
    api = await world.api_as(ana)
    await api.patch("/api/v1/accounts/update_credentials", locked=False)
    await world.settle()
    assert [one["username"] for one in (await api.get("/api/v1/follow_requests")).json] == ["cem"]
    (seen,) = (await as_ben.get("/api/v1/accounts/relationships", id=[ana.id])).json
    assert (seen["following"], seen["requested"]) == (True, False)
