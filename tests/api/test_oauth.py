"""Apps register, people agree, tokens come and go."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dassie.domain.errors import BadRequest
from dassie.services import authorising
from dassie.services.authorising import Asked, BackToApp
from dassie.store import logins, tokens
from dassie.store.views import AccountView
from worlds import Client, World

CALLBACK = "https://app.test/back?from=dassie"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-0123456789"
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def register(client: Client, **given: Any) -> dict[str, Any]:
    form = {"client_name": "App", "redirect_uris": CALLBACK, "scopes": "read write", **given}
    got = await client.post("/api/v1/apps", json=form)
    assert got.code == 200, got.text
    answer: dict[str, Any] = got.json
    return answer


async def agree(world: World, me: AccountView, app: dict[str, Any], **asked: Any) -> tuple[Asked, str]:
    async with world.server.write() as tx:
        user = await logins.user_of(tx, me.id)
        assert user is not None
        wanted = {"client_id": app["client_id"], "redirect_uri": CALLBACK, "scope": "read write", **asked}
        checked = await authorising.check_request(tx, **wanted)
        return checked, await authorising.grant_code(tx, user, checked)


def exchange_form(app: dict[str, Any], code: str, **other: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": CALLBACK,
        "code": code,
        **other,
    }


async def test_an_app_registers_with_lines_or_a_list_or_a_text(world: World) -> None:
    client = await world.api_as()
    by_lines = await register(client, redirect_uris="https://a.test/x\nurn:ietf:wg:oauth:2.0:oob")
    by_list = await register(client, redirect_uris=["https://a.test/x", "app://back"], website="https://a.test")
    got = await client.post("/api/v1/apps", client_name="Form", redirect_uris="http://localhost:1234/", scopes="read")

    assert by_lines["redirect_uris"] == ["https://a.test/x", "urn:ietf:wg:oauth:2.0:oob"]
    assert by_lines["redirect_uri"] == "https://a.test/x\nurn:ietf:wg:oauth:2.0:oob"
    assert by_list["redirect_uris"] == ["https://a.test/x", "app://back"]
    assert by_list["website"] == "https://a.test"
    assert by_list["client_secret_expires_at"] == 0
    assert by_list["client_secret"] != by_lines["client_secret"]
    assert len(base64.urlsafe_b64decode(by_list["vapid_key"] + "=")) == 65
    assert got.code == 200
    assert got.json["scopes"] == ["read"]


@pytest.mark.parametrize(
    "given",
    [
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "JavaScript:alert(1)"},
        {"redirect_uris": "data:text/html,hi"},
        {"redirect_uris": "vbscript:x"},
        {"redirect_uris": "/relative"},
        {"redirect_uris": "https://"},
        {"redirect_uris": "https://[broken"},
        {"redirect_uris": "https://a.test/#fragment"},
        {"redirect_uris": "https://a.test/" + "x" * 2000},
        {"redirect_uris": ""},
        {"client_name": ""},
        {"client_name": "x" * 61},
        {"scopes": "read fly"},
        {"website": "javascript:alert(1)"},
    ],
)
async def test_a_bad_registration_is_refused_with_a_reason(world: World, given: dict[str, str]) -> None:
    client = await world.api_as()
    form = {"client_name": "App", "redirect_uris": CALLBACK, "scopes": "read", **given}
    got = await client.post("/api/v1/apps", json=form)
    assert got.code == 422
    assert got.json["error"].startswith("Validation failed: ")


async def test_a_code_becomes_a_token_once(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app = await register(client)
    _, code = await agree(world, ana, app)

    first = await client.post("/oauth/token", **exchange_form(app, code))
    again = await client.post("/oauth/token", **exchange_form(app, code))

    assert first.code == 200
    assert first.json["token_type"] == "Bearer"
    assert first.json["scope"] == "read write"
    assert isinstance(first.json["created_at"], int)
    assert "no-store" in first.headers["cache-control"]
    assert first.headers["access-control-allow-origin"] == "*"
    assert again.code == 400
    assert again.json["error"] == "invalid_grant"
    signed_in = Client(world.app, first.json["access_token"])
    got = await signed_in.get("/api/v1/apps/verify_credentials")
    assert got.json["name"] == "App"
    assert got.json["id"] == app["id"]
    assert "client_secret" not in got.json


async def test_a_second_login_gets_the_same_token_and_other_scopes_another(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app = await register(client)

    async def given(who: AccountView, to: dict[str, Any], scope: str) -> str:
        _, code = await agree(world, who, to, scope=scope)
        got = await client.post("/oauth/token", **exchange_form(to, code))
        token: str = got.json["access_token"]
        assert (await Client(world.app, token).get("/api/v1/lists")).code == 200
        return token

    first = await given(ana, app, "read write")
    assert await given(ana, app, "write read") == first
    others = {await given(ana, app, "read"), await given(await world.account("bob"), app, "read write")}
    others |= {await given(ana, await register(client), "read write")}
    assert len(others - {first}) == 3  # other scopes, another person, another app
    login = {"client_id": app["client_id"], "client_secret": app["client_secret"], "scope": "read"}
    own = [await client.post("/oauth/token", grant_type="client_credentials", **login) for _ in range(2)]
    assert own[0].json["access_token"] == own[1].json["access_token"] not in others
    async with world.server.write() as tx:  # one that was brought along: it cannot be worked out, so there is a new one
        user = await logins.user_of(tx, ana.id)
        known = await tokens.by_text(tx, first)
        assert user is not None
        assert known is not None
        await tokens.insert(tx, id=7, token="other", app_id=known.app_id, user_id=user.id, scopes="read:lists")
    assert await given(ana, app, "read:lists") not in ("other", first)


async def test_tokens_are_not_stored_in_the_clear(world: World) -> None:
    ana = await world.account("ana")
    token = await world.token(ana)
    async with world.server.read() as tx:
        caller = await logins.by_token(tx, token)
    assert caller is not None
    database = world.server.config.database_path
    if database.exists():
        files = [database, database.with_name(database.name + "-wal")]
        assert all(token.encode() not in file.read_bytes() for file in files if file.exists())


@pytest.mark.parametrize("verifier", [None, "", "wrong-verifier-that-is-long-enough-for-the-rules-01", "short"])
async def test_a_wrong_code_verifier_fails_and_uses_the_code_up(world: World, verifier: str | None) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app = await register(client)
    _, code = await agree(world, ana, app, code_challenge=CHALLENGE, code_challenge_method="S256")

    given = {} if verifier is None else {"code_verifier": verifier}
    wrong = await client.post("/oauth/token", **exchange_form(app, code, **given))
    right = await client.post("/oauth/token", **exchange_form(app, code, code_verifier=VERIFIER))

    assert (wrong.code, wrong.json["error"]) == (400, "invalid_grant")
    assert (right.code, right.json["error"]) == (400, "invalid_grant")


async def test_the_right_code_verifier_works(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app = await register(client)
    _, code = await agree(world, ana, app, code_challenge=CHALLENGE, code_challenge_method="S256")
    got = await client.post("/oauth/token", **exchange_form(app, code, code_verifier=VERIFIER))
    assert got.code == 200


async def test_a_code_is_good_for_its_app_address_and_ten_minutes_only(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app, other = await register(client), await register(client, client_name="Other")

    _, code = await agree(world, ana, app)
    assert (await client.post("/oauth/token", **exchange_form(other, code))).json["error"] == "invalid_grant"
    _, code = await agree(world, ana, app)
    got = await client.post("/oauth/token", **exchange_form(app, code, redirect_uri="https://evil.test/"))
    assert got.json["error"] == "invalid_grant"
    _, code = await agree(world, ana, app)
    world.clock.forward(minutes=11)
    assert (await client.post("/oauth/token", **exchange_form(app, code))).json["error"] == "invalid_grant"


async def test_a_wrong_secret_is_no_client(world: World) -> None:
    client = await world.api_as()
    app = await register(client)
    for form in (
        {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": "wrong"},
        {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": app["client_secret"]},
        {"grant_type": "client_credentials", "client_id": "dassie", "client_secret": ""},
        {"grant_type": "client_credentials"},
    ):
        got = await client.post("/oauth/token", **form)
        assert (got.code, got.json["error"]) == (401, "invalid_client")


async def test_an_app_gets_a_token_of_its_own_by_http_basic(world: World) -> None:
    client = await world.api_as()
    app = await register(client)
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
    got = await client.request("POST", "/oauth/token", b"grant_type=client_credentials&scope=read", headers)
    assert got.code == 200
    assert got.json["scope"] == "read"

    as_app = Client(world.app, got.json["access_token"])
    assert (await as_app.get("/api/v1/apps/verify_credentials")).json["name"] == "App"
    whoami = await as_app.get("/oauth/userinfo")
    assert whoami.code in (403, 422)


async def test_an_app_may_not_ask_for_more_than_it_registered(world: World) -> None:
    client = await world.api_as()
    app = await register(client, scopes="read:statuses")
    form = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    assert (await client.post("/oauth/token", **form, scope="write")).json["error"] == "invalid_scope"
    assert (await client.post("/oauth/token", **form, scope="fly")).json["error"] == "invalid_scope"
    assert (await client.post("/oauth/token", **form, scope="read:statuses")).code == 200


@pytest.mark.parametrize("grant", ["password", "refresh_token", "implicit"])
async def test_other_grants_are_not_supported(world: World, grant: str) -> None:
    client = await world.api_as()
    got = await client.post("/oauth/token", grant_type=grant, client_id="x", client_secret="y")
    assert (got.code, got.json["error"]) == (400, "unsupported_grant_type")


async def test_what_the_page_is_asked_is_checked(world: World) -> None:
    client = await world.api_as()
    app = await register(client)
    fine = {"client_id": app["client_id"], "redirect_uri": CALLBACK, "scope": "read", "state": "s&t"}

    async def ask(**changed: Any) -> Asked:
        async with world.server.read() as tx:
            return await authorising.check_request(tx, **(fine | changed))

    asked = await ask()
    address = urlsplit(asked.address(code="abc"))
    assert address.netloc == "app.test"
    assert parse_qs(address.query) == {"from": ["dassie"], "code": ["abc"], "state": ["s&t"]}
    in_fragment = urlsplit((await ask(response_mode="fragment")).address(code="abc"))
    assert parse_qs(in_fragment.fragment) == {"code": ["abc"], "state": ["s&t"]}

    with pytest.raises(BadRequest, match="unknown client"):
        await ask(client_id="nobody")
    for address_of_somebody in ("https://app.test/", CALLBACK + "&more=1", "https://evil.test/"):
        with pytest.raises(BadRequest):
            await ask(redirect_uri=address_of_somebody)
    for changed, error in (
        ({"scope": "admin:read"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"response_mode": "smoke"}, "unsupported_response_mode"),
    ):
        with pytest.raises(BackToApp) as caught:
            await ask(**changed)
        assert caught.value.answer["error"] == error
        assert "error=" in caught.value.asked.address(**caught.value.answer)


async def test_a_scheme_of_an_app_keeps_its_shape_when_sent_back(world: World) -> None:
    client = await world.api_as()
    app = await register(client, redirect_uris=["myapp://back", "other:/back", "myapp://"])
    for uri, expected in (
        ("myapp://back", "myapp://back?code=1"),
        ("other:/back", "other:/back?code=1"),
        ("myapp://", "myapp://?code=1"),
    ):
        async with world.server.read() as tx:
            asked = await authorising.check_request(tx, client_id=app["client_id"], redirect_uri=uri, scope="read")
        assert asked.address(code="1") == expected


async def test_a_revoked_token_stops_working_and_only_its_app_may_revoke_it(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app, other = await register(client), await register(client, client_name="Other")
    _, code = await agree(world, ana, app)
    token = (await client.post("/oauth/token", **exchange_form(app, code))).json["access_token"]

    def form(of: dict[str, Any], text: str) -> dict[str, str]:
        return {"client_id": of["client_id"], "client_secret": of["client_secret"], "token": text}

    nobody = await client.post("/oauth/revoke", token=token)
    refused = await client.post("/oauth/revoke", **form(other, token))
    assert (nobody.code, nobody.json) == (refused.code, refused.json)
    assert (refused.code, refused.json["error"]) == (403, "unauthorized_client")
    watching = world.server.streams.subscribe(frozenset({"tokens"}))
    done = await client.post("/oauth/revoke", **form(app, token))
    assert (done.code, done.json) == (200, {})
    channel, event = await anext(aiter(watching))
    assert (channel, event.kind) == ("tokens", "token")
    watching.close()
    assert (await client.post("/oauth/revoke", **form(app, token))).code == 200
    assert (await client.post("/oauth/revoke", **form(app, "unknown"))).code == 200
    got = await Client(world.app, token).get("/api/v1/apps/verify_credentials")
    assert (got.code, got.json["error"]) == (401, "The access token is invalid")

    _, code = await agree(world, ana, app)
    fresh = (await client.post("/oauth/token", **exchange_form(app, code))).json["access_token"]
    assert fresh != token


async def test_a_token_is_introspected_by_its_own_app_only(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    app, other = await register(client), await register(client, client_name="Other")
    _, code = await agree(world, ana, app, scope="read")
    token = (await client.post("/oauth/token", **exchange_form(app, code))).json["access_token"]

    async def look(by: dict[str, Any]) -> Any:
        secrets = {"client_id": by["client_id"], "client_secret": by["client_secret"]}
        return (await client.post("/oauth/introspect", token=token, **secrets)).json

    assert await look(other) == {"active": False}
    seen = await look(app)
    assert (seen["active"], seen["scope"], seen["client_id"]) == (True, "read", app["client_id"])
    info = (await Client(world.app, token).get("/oauth/token/info")).json
    assert info["scope"] == ["read"]
    assert info["application"] == {"uid": app["client_id"]}
    assert info["created_at"] == seen["iat"]


async def test_userinfo_tells_who_one_is_to_tokens_with_profile(world: World) -> None:
    ana = await world.account("ana", display_name="Ana A.")
    told = await (await world.api_as(ana, "profile")).get("/oauth/userinfo")
    assert told.json == {
        "iss": "https://here.test/",
        "sub": "https://here.test/users/ana",
        "name": "Ana A.",
        "preferred_username": "ana",
        "profile": "https://here.test/@ana",
        "picture": told.json["picture"],
    }
    assert (await (await world.api_as(ana, "profile")).post("/oauth/userinfo")).json == told.json
    assert (await (await world.api_as(ana, "read")).get("/oauth/userinfo")).code == 403
    assert (await (await world.api_as()).get("/oauth/userinfo")).code == 401


async def test_clients_read_where_everything_is_across_origins(world: World) -> None:
    got = await (await world.api_as()).get("/.well-known/oauth-authorization-server")
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.json["issuer"] == "https://here.test/"
    assert got.json["token_endpoint"] == "https://here.test/oauth/token"
    assert got.json["app_registration_endpoint"] == "https://here.test/api/v1/apps"
    assert got.json["code_challenge_methods_supported"] == ["S256"]
    assert "profile" in got.json["scopes_supported"]
    assert "admin" not in got.json["scopes_supported"]


async def test_a_disabled_login_can_neither_call_nor_get_tokens(world: World) -> None:
    from dassie.services import signing_in

    ana = await world.account("ana")
    client = await world.api_as()
    app = await register(client)
    _, code = await agree(world, ana, app)
    as_ana = await world.api_as(ana)
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        await signing_in.set_disabled(tx, world.server, user, True)

    assert (await as_ana.get("/api/v1/apps/verify_credentials")).code == 403
    got = await client.post("/oauth/token", **exchange_form(app, code))
    assert (got.code, got.json["error"]) == (400, "invalid_grant")


async def test_registrations_are_limited_by_address(world: World) -> None:
    world.app.limits._on = True
    client = await world.api_as()
    codes = [(await client.post("/api/v1/apps", client_name="App", redirect_uris=CALLBACK)).code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    client.address = "203.0.113.77"
    assert (await client.post("/api/v1/apps", client_name="App", redirect_uris=CALLBACK)).code == 200


async def test_unused_apps_are_forgotten_and_used_ones_kept(world: World) -> None:
    from dassie.services.forgetting_logins import forget_logins

    ana = await world.account("ana")
    client = await world.api_as()
    unused, used = await register(client, client_name="Unused"), await register(client)
    _, code = await agree(world, ana, used)
    token = (await client.post("/oauth/token", **exchange_form(used, code))).json["access_token"]
    await world.token(ana)  # makes the app of the server's own tools
    world.clock.forward(days=3)
    await forget_logins(world.server)

    form = {"grant_type": "client_credentials", "scope": "read"}
    gone = await client.post(
        "/oauth/token", client_id=unused["client_id"], client_secret=unused["client_secret"], **form
    )
    kept = await client.post("/oauth/token", client_id=used["client_id"], client_secret=used["client_secret"], **form)
    assert gone.code == 401
    assert kept.code == 200
    assert (await Client(world.app, token).get("/api/v1/apps/verify_credentials")).code == 200
