"""Conduct that apps rely on without looking: who is let in where, in which words one is refused, what may be kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dassie import app
from dassie.api.routing import API, EXPOSED, ROUTES
from dassie.domain.scopes import ALL, allows
from dassie.door.routing import Route
from dassie.services import blocking, signing_up
from dassie.store import logins
from people import befriend
from worlds import Client, Got, World, new_world

app.load_modules()
OURS = [route for route in ROUTES if route.door is API]
OUTSIDE = "This action is outside the authorized scopes"
CURSORS = {"max_id", "since_id", "min_id"}


def method_of(route: Route) -> str:
    return min(route.methods - {"HEAD"})


def named(route: Route) -> str:
    return f"{method_of(route)} {route.path}"


async def call(world: World, route: Route, token: str | None) -> Got:
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    return await Client(world.app, token).request(method_of(route), path)


def refused(got: Got) -> bool:
    return got.code == 403 and bool(got.json == {"error": OUTSIDE})


# Scopes ----------------------------------------------------------------------------------------------


async def test_every_scope_opens_its_routes_and_no_others(tmp_path: Path) -> None:
    async with new_world(tmp_path, run_jobs=False) as world:
        ana = await world.account("ana", role="Owner")
        tokens: dict[str, str] = {}

        async def holding(scopes: list[str]) -> str:
            text = " ".join(scopes)
            if text not in tokens:
                tokens[text] = await world.token(ana, text)
            return tokens[text]

        problems = []
        for route in OURS:
            needed = route.rules["scope"].rstrip("?")
            if not needed:
                continue
            for one in needed.split("|"):
                got = await call(world, route, await holding([one]))
                problems += [f"{named(route)} is shut to {one}: {got.text}"] if refused(got) or got.code == 401 else []
            others = [scope for scope in ALL if not allows([scope], needed)]
            if not refused(await call(world, route, await holding(others))):
                problems.append(f"{named(route)} does not need {needed}")
        assert not problems, "\n".join(problems)


FINEST = {
    "read:lists": {
        "GET /api/v1/lists",
        "GET /api/v1/lists/{id}",
        "GET /api/v1/lists/{id}/accounts",
        "GET /api/v1/accounts/{id}/lists",
        "GET /api/v1/timelines/list/{list_id}",
    },
    "push": {f"{method} /api/v1/push/subscription" for method in ("GET", "POST", "PATCH", "DELETE")},
    "profile": {
        "GET /api/v1/accounts/verify_credentials",
        "GET /api/v1/profile",
        "GET /oauth/userinfo",
        "POST /oauth/userinfo",
    },
    "write:conversations": {
        "DELETE /api/v1/conversations/{id}",
        "POST /api/v1/conversations/{id}/read",
        "POST /api/v1/conversations/{id}/unread",
    },
}


async def test_a_narrow_scope_reaches_this_and_nothing_else(tmp_path: Path) -> None:
    async with new_world(tmp_path, run_jobs=False) as world:
        ana = await world.account("ana", role="Owner")
        asked = [route for route in OURS if route.rules["scope"]]
        for scope, reached in FINEST.items():
            token = await world.token(ana, scope)
            assert {named(route) for route in asked if not refused(await call(world, route, token))} == reached, scope


# Refusals --------------------------------------------------------------------------------------------


async def test_refusals_are_in_the_words_that_apps_know(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    api, guest, stranger = await world.api_as(ana), await world.api_as(), Client(world.app, "no such token")
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, bob, ana)
        of_app = await signing_up.issue_token(tx, world.server, None, "read write")
    wrong_json = await api.request("POST", "/api/v1/statuses", b"{", {"content-type": "application/json"})
    for got, code, words in (
        (await guest.get("/api/v1/timelines/home"), 401, "The access token is invalid"),
        (await stranger.get("/api/v1/timelines/home"), 401, "The access token is invalid"),
        (await stranger.get("/api/v1/timelines/public"), 401, "The access token is invalid"),
        (await (await world.api_as(ana, "write")).get("/api/v1/timelines/home"), 403, OUTSIDE),
        (await api.post(f"/api/v1/accounts/{bob.id}/follow"), 403, "This action is not allowed"),
        (await Client(world.app, of_app).get("/api/v1/blocks"), 422, "This method requires an authenticated user"),
        (await api.get("/api/v1/statuses/1"), 404, "Record not found"),
        (await api.get("/api/v1/statuses/x"), 404, "Record not found"),
        (await api.get("/api/v1/no_such_thing"), 404, "Record not found"),
        (await api.post("/api/v1/statuses"), 422, "Validation failed: Text can't be blank"),
        (wrong_json, 400, "The body is not valid JSON."),
    ):
        assert (got.code, got.json["error"]) == (code, words), got.text
        assert got.json.keys() - {"details"} == {"error"}
        assert got.headers["content-type"].startswith("application/json")
        assert got.headers["access-control-allow-origin"] == "*"
        assert "etag" not in got.headers
        if code == 401:
            assert got.headers["www-authenticate"].startswith("Bearer ")
            assert got.headers["cache-control"] == "private, no-store"


async def test_a_login_that_is_disabled_is_refused_and_its_token_rests(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        await logins.set_disabled(tx, user.id, True)
    got = await api.get("/api/v1/lists")
    assert (got.code, got.json) == (403, {"error": "Your login is currently disabled"})
    async with world.server.write() as tx:
        await logins.set_disabled(tx, user.id, False)
    assert (await api.get("/api/v1/lists")).code == 200


# Methods, origins, deprecation -----------------------------------------------------------------------


def test_updates_are_taken_as_put_and_as_patch() -> None:
    taken: dict[str, set[str]] = {}
    for route in OURS:
        taken.setdefault(route.path, set()).update(route.methods)
    assert [path for path, methods in taken.items() if len(methods & {"PUT", "PATCH"}) == 1] == []


async def test_other_origins_may_call_and_read_what_apps_need(idle_world: World) -> None:
    world = idle_world
    await world.account("ana")
    guest = await world.api_as()
    activity = {"accept": "application/activity+json"}
    for path in (
        "/api/v2/instance",
        "/api/v1/timelines/home",
        "/api/v1/no_such_thing",
        "/oauth/userinfo",
        "/.well-known/oauth-authorization-server",
        "/.well-known/nodeinfo",
        "/.well-known/webfinger?resource=acct:ana@here.test",
        "/nodeinfo/2.0",
        "/users/ana",
        "/@ana",
    ):
        got = await guest.request("GET", path, headers=activity if "ana" in path else {})
        assert got.headers.get("access-control-allow-origin") == "*", path
        assert "access-control-allow-credentials" not in got.headers
    told = set(EXPOSED.split(", "))
    assert told >= {"Link", "Mastodon-Async-Refresh", "X-Request-Id", "Deprecation", "Retry-After", "ETag"}
    assert told >= {f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")}
    assert (await guest.get("/api/v2/instance")).headers["access-control-expose-headers"] == EXPOSED
    for path, allowed in (
        ("/api/v1/statuses", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/api/v1/statuses/1", {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        ("/oauth/token", {"POST", "OPTIONS"}),
        ("/oauth/revoke", {"POST", "OPTIONS"}),
    ):
        got = await guest.request("OPTIONS", path, headers={"origin": "https://app.test"})
        assert (got.code, got.body, set(got.headers["allow"].split(", "))) == (200, b"", allowed), path
        assert set(got.headers["access-control-allow-methods"].split(", ")) >= allowed - {"HEAD"}
        assert "authorization" in got.headers["access-control-allow-headers"].lower()
    wrong = await guest.request("DELETE", "/api/v1/lists")
    assert (wrong.code, "error" in wrong.json, wrong.headers["access-control-allow-origin"]) == (405, True, "*")


async def test_head_is_get_without_its_body(idle_world: World) -> None:
    world = idle_world
    api = await world.api_as(await world.account("ana"))
    await api.post("/api/v1/statuses", status="hello")
    for client in (api, await world.api_as()):
        for path in ("/api/v1/timelines/public", "/api/v2/instance", "/api/v1/statuses/1", "/api/v1/lists"):
            whole, head = await client.request("GET", path), await client.request("HEAD", path)
            assert (head.code, head.body) == (whole.code, b""), path
            assert whole.headers["content-length"] == str(len(whole.body))
            for name in whole.headers.keys() - {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset"}:
                assert head.headers.get(name) == whole.headers[name], (path, name)


async def test_what_is_old_says_so_whatever_it_answers(idle_world: World) -> None:
    old = {
        re.sub(r"\{[^}]+\}", "1", route.path): route.rules["deprecated"] for route in OURS if route.rules["deprecated"]
    }
    kept = {"instance", "filters", "filters/1", "suggestions", "trends", "accounts/1/identity_proofs"}
    assert {path for path in old if not path.startswith("/api/v1_alpha/")} == {f"/api/v1/{one}" for one in kept}
    assert {path for path in old if "/api/v1_alpha/" in path and "collections" not in path} == set()
    assert {route.path for route in OURS if re.search("v1_alpha.*collections", route.path)} <= {
        route.path for route in OURS if route.rules["deprecated"]
    }
    api = await idle_world.api_as(await idle_world.account("ana"))
    for path, since in old.items():
        got = await api.request("GET", path)
        assert re.fullmatch(r"@[0-9]{10}", since)
        assert got.headers.get("deprecation", since if got.code == 405 else "") == since, path
    for path in ("/api/v2/instance", "/api/v2/filters", "/api/v2/suggestions", "/api/v1/trends/tags"):
        assert "deprecation" not in (await api.get(path)).headers


# What may be kept ------------------------------------------------------------------------------------


async def again(client: Client, path: str, tag: str) -> Got:
    return await client.request("GET", path, headers={"if-none-match": tag})


async def test_what_anybody_may_read_has_a_tag_and_what_is_mine_is_private(idle_world: World) -> None:
    world = idle_world
    api = await world.api_as(await world.account("ana"))
    guest, path = await world.api_as(), "/api/v1/timelines/public"
    await api.post("/api/v1/statuses", status="hello")
    first = await guest.get(path)
    assert first.headers["cache-control"] == "public, max-age=15"
    tag = first.headers["etag"]
    same = await again(guest, path, f'"other", W/{tag}')
    assert (same.code, same.body, same.headers["etag"]) == (304, b"", tag)
    assert same.headers["cache-control"] == first.headers["cache-control"]
    assert same.headers["access-control-allow-origin"] == "*"
    assert {"authorization", "origin"} == set(same.headers["vary"].lower().split(", "))
    assert "content-length" not in same.headers
    mine = await again(api, path, tag)
    assert (mine.code, mine.headers["cache-control"]) == (200, "private, no-store")
    assert "etag" not in mine.headers
    assert mine.body != first.body  # whether I favourited it, for one
    by_query = await guest.get(path, access_token=api.token)
    assert (by_query.body, by_query.headers["cache-control"]) == (mine.body, "private, no-store")
    await api.post("/api/v1/statuses", status="more")
    changed = await again(guest, path, tag)
    assert (changed.code, changed.headers["etag"] != tag) == (200, True)
    for client in (guest, api):
        facts = await client.get("/api/v2/instance")
        assert facts.headers["cache-control"] == "public, max-age=300"
        assert (await again(client, "/api/v2/instance", facts.headers["etag"])).code == 304
    assert (await guest.get("/api/v1/streaming/health")).headers["cache-control"] == "no-store"


SHARED = re.compile(
    r"/api/(v[12]/instance|v1/custom_emojis|openapi\.json|v1/streaming/health)|/\.well-known/oauth-authorization-server"
)
"""What is the same for everybody."""


async def test_no_answer_to_a_person_may_be_kept_for_others(tmp_path: Path) -> None:
    async with new_world(tmp_path, run_jobs=False) as world:
        ana = await world.account("ana", role="Owner")
        token, answered = await world.token(ana, " ".join(ALL)), 0
        await Client(world.app, token).post("/api/v1/statuses", status="hello")
        for route in OURS:
            if "GET" not in route.methods or route.path.startswith("/api/v1/streaming/"):
                continue
            path = route.path.replace("{id}", str(ana.id))
            got = await Client(world.app, token).request("GET", re.sub(r"\{[^}]+\}", "1", path))
            answered += got.code == 200
            if not SHARED.match(route.path):
                kept = got.headers["cache-control"]
                assert kept in ("private, no-store", "no-store"), (route.path, kept)
                assert "etag" not in got.headers, route.path
        assert answered > 60


# Links -----------------------------------------------------------------------------------------------


def links(got: Got) -> dict[str, str]:
    found = re.findall(r'<https://here\.test([^>]+)>; rel="(\w+)"', got.headers.get("link", ""))
    return {name: target for target, name in found}


async def test_links_lead_on_in_any_script_and_repeat_what_was_asked(idle_world: World) -> None:
    world = idle_world
    api = await world.api_as(await world.account("ana"))
    ids = [(await api.post("/api/v1/statuses", status=f"#日本 #b {n}")).json["id"] for n in range(5)]
    tag = "/api/v1/timelines/tag/%E6%97%A5%E6%9C%AC"
    got = await api.get("/api/v1/timelines/tag/日本", limit=2, local=True, any=["b"], max_id=ids[4], other="x")
    assert [one["id"] for one in got.json] == [ids[3], ids[2]]
    kept = "limit=2&local=true&any%5B%5D=b"
    assert links(got) == {"next": f"{tag}?{kept}&max_id={ids[2]}", "prev": f"{tag}?{kept}&min_id={ids[3]}"}
    assert "link" not in (await api.get("/api/v1/timelines/tag/日本", max_id=ids[0])).headers
    both = await api.get("/api/v1/timelines/tag/日本", min_id=ids[0], max_id=ids[4], limit=2)
    assert [one["id"] for one in both.json] == [ids[2], ids[1]]
    newest = await api.get("/api/v1/timelines/tag/日本", since_id=ids[0], limit=2)
    assert [one["id"] for one in newest.json] == [ids[4], ids[3]]


async def test_lists_of_people_have_a_next_page_only_when_full(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    for name in ("bob", "cas", "dan"):
        await befriend(world, await world.account(name), ana)
    guest, path = await world.api_as(), f"/api/v1/accounts/{ana.id}/followers"
    seen: list[Any] = []
    target = f"{path}?limit=2"
    while target:
        got = await guest.request("GET", target)
        seen.append([one["username"] for one in got.json])
        assert "since_id=" in links(got)["prev"]
        target = links(got).get("next", "")
    assert seen == [["dan", "cas"], ["bob"]]
