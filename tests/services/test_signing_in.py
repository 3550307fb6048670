"""Passwords, sessions, recovery codes, and how a new server gets its owner."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dassie.domain.errors import DassieError, Invalid, NotAllowed, TooMany
from dassie.door.limits import SIGN_IN_ADDRESS, SIGN_IN_USER, Limits
from dassie.services import claiming, keys, passwords, signing_in, signing_up
from dassie.store import accounts, audit, logins, sessions
from dassie.store.logins import User
from dassie.store.views import AccountView
from worlds import World

PASSWORD = "correct horse battery"


def uncounted(kind: str, who: str) -> None:
    """No limits."""


async def enter(world: World, name: str, password: str = PASSWORD, **given: Any) -> str:
    options = {"ip": "203.0.113.5", "user_agent": "Browser", "count": uncounted, **given}
    return await signing_in.sign_in(world.server, name, password, **options)


async def user_of(world: World, account: AccountView) -> User:
    async with world.server.read() as tx:
        user = await logins.user_of(tx, account.id)
    assert user is not None
    return user


async def actions(world: World) -> list[str]:
    async with world.server.read() as tx:
        return [entry.action for entry in await audit.newest(tx, 50)]


@pytest.mark.parametrize("name", ["ana", "@Ana", " ANA ", "ana@mail.test", "Ana@Mail.test"])
async def test_a_person_signs_in_by_name_or_mail_address(world: World, name: str) -> None:
    ana = await world.account("ana")
    token = await enter(world, name)
    async with world.server.read() as tx:
        found = await logins.by_session(tx, token)
    assert found is not None
    assert found[0].account is not None
    assert found[0].account.id == ana.id
    assert "login.signed_in" in await actions(world)


@pytest.mark.parametrize(
    ("name", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("no@mail.test", "x"), ("", "")]
)
async def test_wrong_names_and_wrong_passwords_are_answered_alike(world: World, name: str, password: str) -> None:
    await world.account("ana")
    with pytest.raises(Invalid) as caught:
        await enter(world, name, password)
    assert caught.value.safe == signing_in.WRONG
    assert await actions(world) == ["login.refused"]


async def test_an_unknown_name_costs_as_much_time_as_a_wrong_password(world: World, monkeypatch: Any) -> None:
    await world.account("ana")
    checked: list[bool] = []
    real = passwords.check_password

    def check(text: str, kept: str | None) -> bool:
        checked.append(kept is None)
        return real(text, kept)

    monkeypatch.setattr(signing_in, "check_password", check)
    for name in ("ana", "nobody"):
        with pytest.raises(Invalid):
            await enter(world, name, "wrong")
    assert checked == [False, True]
    assert not passwords.check_password("anything", None)


async def test_tries_are_limited_by_address_and_by_login(world: World) -> None:
    await world.account("ana")
    limits = Limits()

    def count(kind: str, who: str) -> None:
        limits.count(SIGN_IN_ADDRESS if kind == "address" else SIGN_IN_USER, who, world.clock.now())

    for number in range(SIGN_IN_USER.most):
        limits.count(SIGN_IN_USER, str((await user_of(world, await _account(world, "ana"))).id), world.clock.now())
        assert number < 25
    with pytest.raises(TooMany):
        await enter(world, "ana", count=count)
    for _ in range(SIGN_IN_ADDRESS.most):
        limits.count(SIGN_IN_ADDRESS, "203.0.113.6", world.clock.now())
    with pytest.raises(TooMany):
        await enter(world, "somebody", ip="203.0.113.6", count=count)


async def _account(world: World, name: str) -> AccountView:
    async with world.server.read() as tx:
        found = await accounts.by_name(tx, name)
    assert found is not None
    return found


async def test_a_recovery_code_lets_in_once(world: World) -> None:
    ana = await world.account("ana")
    user = await user_of(world, ana)
    async with world.server.write() as tx:
        codes = await signing_in.make_recovery_codes(tx, user)
    assert len(set(codes)) == 10
    async with world.server.read() as tx:
        kept = await logins.recovery_codes(tx, user.id)
    assert not set(codes) & set(kept)

    assert await enter(world, "ana", codes[3].upper().replace("-", " "))
    with pytest.raises(Invalid):
        await enter(world, "ana", codes[3])
    assert await enter(world, "ana", codes[4])
    assert "login.recovery_code_used" in await actions(world)


async def test_a_disabled_login_cannot_sign_in_and_its_browsers_are_signed_out(world: World) -> None:
    ana = await world.account("ana")
    token = await enter(world, "ana")
    async with world.server.write() as tx:
        await signing_in.set_disabled(tx, world.server, await _user(tx, ana), True)
    async with world.server.read() as tx:
        assert await logins.by_session(tx, token) is None
    with pytest.raises(NotAllowed):
        await enter(world, "ana")
    async with world.server.write() as tx:
        await signing_in.set_disabled(tx, world.server, await _user(tx, ana), False)
    assert await enter(world, "ana")


async def _user(tx: Any, account: AccountView) -> User:
    user = await logins.user_of(tx, account.id)
    assert user is not None
    return user


async def test_a_changed_password_signs_other_browsers_out_and_a_reset_all_and_the_apps(world: World) -> None:
    ana = await world.account("ana")
    here, there = await enter(world, "ana"), await enter(world, "ana")
    client = await world.api_as(ana)
    fresh = await asyncio.to_thread(passwords.hash_password, "another long one")
    async with world.server.write() as tx:
        found = await logins.by_session(tx, here)
        assert found is not None
        user = await _user(tx, ana)
        await signing_in.change_password(tx, user, fresh, session_id=found[0].token_id, ip="")
    async with world.server.read() as tx:
        assert await logins.by_session(tx, here) is not None
        assert await logins.by_session(tx, there) is None
    with pytest.raises(Invalid):
        await enter(world, "ana")
    assert await enter(world, "ana", "another long one")
    assert (await client.get("/api/v1/apps/verify_credentials")).code == 200

    async with world.server.write() as tx:
        await signing_in.reset_password(tx, world.server, user, fresh)
        assert await sessions.of_user(tx, user.id) == []
    assert (await client.get("/api/v1/apps/verify_credentials")).code == 401


async def test_sessions_are_listed_ended_and_forgotten(world: World) -> None:
    ana = await world.account("ana")
    first, second = await enter(world, "ana"), await enter(world, "ana", ip="198.51.100.7", user_agent="Phone")
    user = await user_of(world, ana)
    async with world.server.write() as tx:
        listed = await sessions.of_user(tx, user.id)
        assert {one.user_agent for one in listed} == {"Browser", "Phone"}
        await signing_in.sign_out(tx, first)
        assert [one.user_agent for one in await sessions.of_user(tx, user.id)] == ["Phone"]
    world.clock.forward(days=91)
    async with world.server.write() as tx:
        assert await sessions.forget_unused(tx) == 1
        assert await logins.by_session(tx, second) is None


async def test_the_claim_code_makes_one_owner_and_no_second(world: World) -> None:
    async with world.server.write() as tx:
        old = await claiming.claim_code(tx, world.server)
        code = await claiming.claim_code(tx, world.server)
    assert old is not None
    assert code is not None
    assert claiming.claim_url(world.server, code) == f"https://here.test/claim/{code}"
    for wrong in (old, "", "guess"):
        async with world.server.write() as tx:
            with pytest.raises(Invalid):
                await claiming.claim(tx, world.server, wrong, "eve", "Eve", "hash")
    async with world.server.write() as tx:
        owner = await claiming.claim(tx, world.server, code, "ana", "Ana", "hash")
        assert (await _user(tx, owner)).role == "Owner"
        assert await claiming.claim_code(tx, world.server) is None
    async with world.server.write() as tx:
        with pytest.raises(NotAllowed):
            await claiming.claim(tx, world.server, code, "eve", "Eve", "hash")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"username": "ANA"}, "ERR_TAKEN"),
        ({"username": "here.test"}, "ERR_INVALID"),
        ({"username": "a b"}, "ERR_INVALID"),
        ({"username": "ünal"}, "ERR_INVALID"),
        ({"username": ""}, "ERR_BLANK"),
        ({"username": "x" * 31}, "ERR_TOO_LONG"),
        ({"username": "bob", "email": "Ana@mail.test"}, "ERR_TAKEN"),
        ({"username": "bob", "email": "not an address"}, "ERR_INVALID"),
    ],
)
async def test_names_and_mail_addresses_follow_rules(world: World, values: dict[str, Any], code: str) -> None:
    await world.account("ana")
    async with world.server.write() as tx:
        with pytest.raises(Invalid) as caught:
            await signing_up.create_login(tx, world.server, password_hash="x", **values)
    assert [found for problems in caught.value.fields.values() for found, _ in problems] == [code]


async def test_signing_keys_are_encrypted_and_need_the_same_secret(world: World) -> None:
    ana = await world.account("ana")
    async with world.server.read() as tx:
        kept = await accounts.private_key(tx, ana.id)
    assert kept is not None
    assert b"PRIVATE KEY" not in kept
    assert keys.decrypt_private_key(world.server.secret, kept).startswith("-----BEGIN PRIVATE KEY-----")
    for secret, data in ((b"another secret", kept), (world.server.secret, kept[:-1]), (world.server.secret, b"")):
        with pytest.raises(DassieError):
            keys.decrypt_private_key(secret, data)


async def test_the_server_has_one_account_of_its_own(world: World) -> None:
    made, again = await asyncio.gather(*(keys.instance_actor(world.server) for _ in range(2)))
    assert made == again
    assert (made.id, made.username, made.uri, made.actor_type) == (
        -99,
        "here.test",
        "https://here.test/actor",
        "Application",
    )


@pytest.mark.parametrize(
    ("text", "fits"), [("1234567", False), ("12345678", True), ("x" * 128, True), ("x" * 129, False)]
)
def test_passwords_have_a_length(text: str, fits: bool) -> None:
    if fits:
        assert passwords.check_new_password(text) == text
    else:
        with pytest.raises(Invalid):
            passwords.check_new_password(text)
