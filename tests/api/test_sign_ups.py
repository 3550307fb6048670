"""Signing up from an app: who may, what is refused with which codes, and waiting to be confirmed and approved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from dassie.services import inviting, registering
from dassie.store import accounts, logins, settings
from dassie.store.logins import User
from dassie.store.tx import Tx
from entities_check import check_entity
from mailbox_server import Mailbox
from worlds import Client, Got, World, new_world

GIVEN: dict[str, Any] = {
    "username": "newcomer",
    "email": "New@Mail.test",
    "password": "correct horse battery",
    "agreement": True,
    "locale": "de",
}


async def allow(world: World, mode: str, **changed: Any) -> None:
    async with world.server.write() as tx:
        said = await settings.instance(tx)
        await settings.save_instance(tx, structs.replace(said, registrations=mode, **changed))


async def app(world: World, scopes: str = "read write follow push") -> Client:
    """A client with the token of an app."""
    client = await world.api_as()
    made = (
        await client.post("/api/v1/apps", client_name="App", redirect_uris="urn:ietf:wg:oauth:2.0:oob", scopes=scopes)
    ).json
    got = await client.post(
        "/oauth/token",
        grant_type="client_credentials",
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        scope=scopes,
    )
    return Client(world.app, got.json["access_token"])


def as_person(world: World, got: Got) -> Client:
    assert got.code == 200, got.text
    return Client(world.app, got.json["access_token"])


async def user(tx: Tx, name: str = "newcomer") -> User:
    account = await accounts.holder(tx, name)
    assert account is not None
    found = await logins.user_of(tx, account.id)
    assert found is not None
    return found


async def test_where_everybody_may_the_token_works_at_once(world: World) -> None:
    await allow(world, "open")
    got = await (await app(world)).post("/api/v1/accounts", json={**GIVEN, "time_zone": "Africa/Windhoek"})
    assert check_entity("Token", got.json) == []
    assert got.json["scope"] == "read write follow push"
    me = as_person(world, got)
    shown = (await me.get("/api/v1/accounts/verify_credentials")).json
    assert (shown["username"], shown["bot"], shown["statuses_count"]) == ("newcomer", False, 0)
    assert (await me.post("/api/v1/statuses", status="Hello")).code == 200
    async with world.server.read() as tx:
        kept = await user(tx)
    assert (kept.email, kept.locale, kept.settings.time_zone) == ("new@mail.test", "de", "Africa/Windhoek")
    guest = await world.api_as()
    assert (await guest.get("/api/v1/accounts/lookup", acct="newcomer")).code == 200


async def test_nobody_may_where_the_owner_did_not_say_so(world: World) -> None:
    got = await (await app(world)).post("/api/v1/accounts", json=GIVEN)
    assert (got.code, got.json) == (403, {"error": "This action is not allowed"})
    shown = (await (await world.api_as()).get("/api/v2/instance")).json["registrations"]
    assert (shown["enabled"], shown["approval_required"], shown["min_age"]) == (False, False, None)


async def test_only_the_token_of_an_app_with_the_scope_will_do(world: World) -> None:
    await allow(world, "open")
    assert (await (await world.api_as()).post("/api/v1/accounts", json=GIVEN)).code == 401
    got = await (await world.api_as(await world.account("ana"))).post("/api/v1/accounts", json=GIVEN)
    assert (got.code, got.json["error"]) == (403, "This method requires an client credentials authentication")
    got = await (await app(world, "read")).post("/api/v1/accounts", json=GIVEN)
    assert (got.code, got.json["error"]) == (403, "This action is outside the authorized scopes")


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"username": "ANA"}, {"username": "ERR_TAKEN"}),
        ({"username": "Admin"}, {"username": "ERR_RESERVED"}),
        ({"username": "a b"}, {"username": "ERR_INVALID"}),
        ({"username": ""}, {"username": "ERR_BLANK"}),
        ({"username": "a" * 31}, {"username": "ERR_TOO_LONG"}),
        ({"email": "ANA@mail.test"}, {"email": "ERR_TAKEN"}),
        ({"email": "no address"}, {"email": "ERR_INVALID"}),
        ({"email": "a@b.test\r\nBcc: c@d.test"}, {"email": "ERR_INVALID"}),
        ({"email": ""}, {"email": "ERR_BLANK"}),
        ({"password": "short"}, {"password": "ERR_TOO_SHORT"}),
        ({"password": ""}, {"password": "ERR_BLANK"}),
        ({"password": "x" * 200}, {"password": "ERR_TOO_LONG"}),
        ({"agreement": False}, {"agreement": "ERR_ACCEPTED"}),
        ({"reason": ""}, {"reason": "ERR_BLANK"}),
        ({"reason": "x" * 500}, {"reason": "ERR_TOO_LONG"}),
        ({"date_of_birth": ""}, {"date_of_birth": "ERR_BLANK"}),
        ({"date_of_birth": "31.12.1999"}, {"date_of_birth": "ERR_INVALID"}),
        ({"date_of_birth": "2999-01-01"}, {"date_of_birth": "ERR_INVALID"}),
        (
            {"username": "", "password": "short", "agreement": False},
            {"username": "ERR_BLANK", "password": "ERR_TOO_SHORT", "agreement": "ERR_ACCEPTED"},
        ),
    ],
)
async def test_what_is_wrong_is_told_in_codes(world: World, wrong: dict[str, Any], codes: dict[str, str]) -> None:
    await world.account("ana")
    await allow(world, "approved", reason_required=True, min_age=16)
    given = {**GIVEN, "reason": "I like stones", "date_of_birth": "1990-05-01", **wrong}
    got = await (await app(world)).post("/api/v1/accounts", json=given)
    assert got.code == 422
    assert {name: found[0]["error"] for name, found in got.json["details"].items()} == codes
    assert got.json["error"].startswith("Validation failed: ")
    assert all(found[0]["description"] in got.json["error"] for found in got.json["details"].values())


async def test_the_minimum_age_is_a_matter_of_days(world: World) -> None:
    await allow(world, "open", min_age=16)
    today = world.clock.now().date()
    born = today.replace(year=today.year - 16) if (today.month, today.day) != (2, 29) else today.replace(day=28)
    client = await app(world)
    young = await client.post("/api/v1/accounts", json={**GIVEN, "date_of_birth": str(born + timedelta(days=1))})
    assert young.json["details"]["date_of_birth"][0]["error"] == "ERR_BELOW_LIMIT"
    assert (await client.post("/api/v1/accounts", json={**GIVEN, "date_of_birth": str(born)})).code == 200


async def test_five_sign_ups_of_an_address_in_half_an_hour(tmp_path: Path) -> None:
    async with new_world(tmp_path, rate_limits="on") as world:
        await allow(world, "open")
        client = await app(world)
        codes = [(await client.post("/api/v1/accounts", json={**GIVEN, "agreement": False})).code for _ in range(6)]
        assert codes == [422] * 5 + [429]
        world.clock.forward(minutes=31)
        assert (await client.post("/api/v1/accounts", json=GIVEN)).code == 200


async def test_who_waits_for_approval_can_do_nothing_and_is_not_seen(world: World) -> None:
    owner = await world.account("owner", role="Owner")
    await allow(world, "approved")
    got = await (await app(world)).post("/api/v1/accounts", json={**GIVEN, "reason": "I like stones"})
    me, guest = as_person(world, got), await world.api_as()
    refused = await me.get("/api/v1/accounts/verify_credentials")
    assert (refused.code, refused.json) == (403, {"error": "Your login is currently pending approval"})
    assert (await me.post("/api/v1/statuses", status="Hello")).code == 403
    assert (await me.get("/api/v1/streaming/user")).code == 403
    assert (await guest.get("/api/v1/accounts/lookup", acct="newcomer")).code == 404
    assert (await guest.get("/.well-known/webfinger", resource="acct:newcomer@here.test")).code == 404
    assert (await guest.request("GET", "/users/newcomer", headers={"accept": "application/activity+json"})).code == 404
    assert (await guest.request("GET", "/@newcomer", headers={"accept": "text/html"})).code == 404
    async with world.server.read() as tx:
        account_id = (await user(tx)).account_id
    assert (await guest.get(f"/api/v1/accounts/{account_id}")).code == 404
    staff = await world.api_as(owner)
    assert (await staff.get(f"/api/v1/accounts/{account_id}")).code == 200
    told = (await staff.get("/api/v1/notifications")).json
    assert [(one["type"], one["account"]["username"]) for one in told] == [("admin.sign_up", "newcomer")]
    assert check_entity("List<Notification>", told) == []
    assert (await staff.get("/api/v2/search", q="newcomer")).json["accounts"] == []
    async with world.server.write() as tx:
        await registering.approve(tx, world.server, await user(tx), by=owner.id)
    assert (await me.get("/api/v1/accounts/verify_credentials")).code == 200
    assert (await guest.get("/.well-known/webfinger", resource="acct:newcomer@here.test")).code == 200
    found = (await staff.get("/api/v2/search", q="newcomer")).json["accounts"]
    assert [one["username"] for one in found] == ["newcomer"]


async def test_who_is_rejected_leaves_nothing_but_the_name_free(world: World) -> None:
    owner = await world.account("owner", role="Owner")
    await allow(world, "approved")
    client = await app(world)
    me = as_person(world, await client.post("/api/v1/accounts", json=GIVEN))
    async with world.server.write() as tx:
        await registering.reject(tx, world.server, await user(tx), by=owner.id)
    assert (await me.get("/api/v1/accounts/verify_credentials")).code == 401
    assert (await (await world.api_as(owner)).get("/api/v1/notifications")).json == []
    assert (await client.post("/api/v1/accounts", json=GIVEN)).code == 200


async def test_with_mail_the_address_is_proved_first(mail_world: World, box: Mailbox) -> None:
    await mail_world.account("owner", role="Owner")
    await allow(mail_world, "open")
    me = as_person(mail_world, await (await app(mail_world)).post("/api/v1/accounts", json=GIVEN))
    refused = await me.get("/api/v1/accounts/verify_credentials")
    assert (refused.code, refused.json) == (403, {"error": "Your login is missing a confirmed e-mail address"})
    assert (await me.get("/api/v1/emails/check_confirmation")).json is False
    await mail_world.settle()
    (letter,) = box.to("new@mail.test")
    assert "@newcomer@here.test" in box.text(letter)
    token = box.link(letter).partition("confirmation_token=")[2]
    with pytest.raises(Exception, match="not valid"):
        async with mail_world.server.write() as tx:
            await registering.confirm(tx, mail_world.server, token[:-1] + ("0" if token[-1] != "0" else "1"))
    async with mail_world.server.write() as tx:
        await registering.confirm(tx, mail_world.server, token)
    assert (await me.get("/api/v1/emails/check_confirmation")).json is True
    assert (await me.get("/api/v1/accounts/verify_credentials")).code == 200
    refused = await me.post("/api/v1/emails/confirmations")
    assert refused.code == 403
    assert refused.json["error"] == "This method is only available while the e-mail is awaiting confirmation"


async def test_the_letter_can_be_asked_for_again_at_another_address(mail_world: World, box: Mailbox) -> None:
    await mail_world.account("ana")
    await allow(mail_world, "approved")
    me = as_person(mail_world, await (await app(mail_world)).post("/api/v1/accounts", json=GIVEN))
    await mail_world.settle()
    old = box.link(box.to("new@mail.test")[0]).partition("confirmation_token=")[2]
    taken = await me.post("/api/v1/emails/confirmations", email="ana@mail.test")
    assert taken.json["details"]["email"][0]["error"] == "ERR_TAKEN"
    assert (await me.post("/api/v1/emails/confirmations", email="other@mail.test")).json == {}
    await mail_world.settle()
    assert (await me.post("/api/v1/emails/confirmations")).json == {}
    await mail_world.settle()
    assert len(box.to("other@mail.test")) == 2
    async with mail_world.server.write() as tx:
        with pytest.raises(Exception, match="not valid"):
            await registering.confirm(tx, mail_world.server, old)
    new = box.link(box.to("other@mail.test")[0]).partition("confirmation_token=")[2]
    async with mail_world.server.write() as tx:
        await registering.confirm(tx, mail_world.server, new)
        await registering.approve(tx, mail_world.server, await user(tx))
    await mail_world.settle()
    assert "approved" in box.to("other@mail.test")[-1]["Subject"]
    assert (await me.get("/api/v1/accounts/verify_credentials")).code == 200


async def test_another_app_has_no_say_in_the_address(mail_world: World) -> None:
    ana = await mail_world.account("ana")
    got = await (await mail_world.api_as(ana)).post("/api/v1/emails/confirmations", email="x@mail.test")
    words = "This method is only available to the application the user originally signed-up with"
    assert (got.code, got.json["error"]) == (403, words)
    check = "/api/v1/emails/check_confirmation"
    assert (await (await mail_world.api_as(ana)).get(check)).json is True
    assert (await (await mail_world.api_as()).get(check)).code == 401


async def test_who_never_proves_the_address_is_forgotten(mail_world: World) -> None:
    await allow(mail_world, "open")
    me = as_person(mail_world, await (await app(mail_world)).post("/api/v1/accounts", json=GIVEN))
    mail_world.clock.forward(days=6)
    await registering.forget_unproved(mail_world.server)
    assert (await me.get("/api/v1/emails/check_confirmation")).code == 200
    mail_world.clock.forward(days=2)
    await registering.forget_unproved(mail_world.server)
    assert (await me.get("/api/v1/emails/check_confirmation")).code == 401
    async with mail_world.server.read() as tx:
        assert await accounts.holder(tx, "newcomer") is None


async def test_an_invitation_opens_the_door_once(world: World) -> None:
    ana = await world.account("ana", role="Admin")
    async with world.server.write() as tx:
        one = await inviting.invite(tx, await user(tx, "ana"), max_uses=1, autofollow=True)
    client = await app(world)
    asked = await client.request("GET", f"/invite/{one.code}", headers={"accept": "application/json"})
    assert asked.json == {"invite_code": one.code, "instance_api_url": "https://here.test/api/v2/instance"}
    got = await client.post("/api/v1/accounts", json={**GIVEN, "invite_code": one.code})
    me = as_person(world, got)
    followed = (await me.get(f"/api/v1/accounts/{ana.id}/followers")).json
    assert [account["username"] for account in followed] == ["newcomer"]
    again = {**GIVEN, "username": "second", "email": "second@mail.test", "invite_code": one.code}
    assert (await client.post("/api/v1/accounts", json=again)).code == 403
    asked = await client.request("GET", f"/invite/{one.code}", headers={"accept": "application/json"})
    assert (asked.code, asked.json) == (401, {"error": "This invite is not valid."})


async def test_only_those_who_may_spare_their_guests_the_approval(world: World) -> None:
    await world.account("ana")
    await world.account("boss", role="Admin")
    await allow(world, "approved", reason_required=True)
    async with world.server.write() as tx:
        plain = await inviting.invite(tx, await user(tx, "ana"))
        sparing = await inviting.invite(tx, await user(tx, "boss"))
    client = await app(world)
    first = as_person(world, await client.post("/api/v1/accounts", json={**GIVEN, "invite_code": plain.code}))
    assert (await first.get("/api/v1/accounts/verify_credentials")).code == 403
    other = {**GIVEN, "username": "second", "email": "second@mail.test", "invite_code": sparing.code}
    second = as_person(world, await client.post("/api/v1/accounts", json=other))
    assert (await second.get("/api/v1/accounts/verify_credentials")).code == 200


async def test_password_managers_are_sent_to_the_form(world: World) -> None:
    got = await (await world.api_as()).get("/.well-known/change-password")
    assert (got.code, got.headers["location"]) == (302, "https://here.test/auth/edit")
