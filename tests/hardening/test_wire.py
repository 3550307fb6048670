"""Bytes no honest client sends: ambiguous lengths, odd targets, paths that climb, names that are not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wire import HOST, Wire, request, served
from worlds import World, new_world

JSON = "Content-Type: application/activity+json"


@pytest.fixture
async def wire(idle_world: World) -> AsyncIterator[Wire]:
    async with served(idle_world) as made:
        yield made


AMBIGUOUS = {
    "two lengths": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
    "length and chunks": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nContent-Length: 4\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
    "space before colon": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nContent-Length : 2\r\n\r\n{}",
    "negative length": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nContent-Length: -1\r\n\r\n",
    "length with sign": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nContent-Length: +2\r\n\r\n{}",
    "folded header": "GET / HTTP/1.1\r\nHost: here.test\r\nX-A: 1\r\n folded\r\n\r\n",
    "bare line feeds": "GET / HTTP/1.1\nHost: here.test\nContent-Length : 0\n\n",
    "chunk size of nonsense": "POST /inbox HTTP/1.1\r\nHost: here.test\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: here.test\r\nHost: evil.test\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "NUL in a header": "GET / HTTP/1.1\r\nHost: here.test\r\nX-A: a\0b\r\n\r\n",
    "another server's address": "GET http://evil.test/api/v2/instance HTTP/1.1\r\nHost: here.test\r\n\r\n",
    "a tunnel": "CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n",
    "no HTTP at all": "\x16\x03\x01 hello\r\n\r\n",
    "another version": "GET / HTTP/3.7\r\nHost: here.test\r\n\r\n",
}


@pytest.mark.parametrize("name", sorted(AMBIGUOUS))
async def test_ambiguous_requests_are_refused_and_the_line_closed(wire: Wire, name: str) -> None:
    line = await wire.line()
    await line.say(AMBIGUOUS[name].encode("latin-1"))
    assert (await line.hear()).code == 400
    assert await line.ended()


async def test_a_second_request_does_not_hide_in_the_first(wire: Wire) -> None:
    inner = b"GET /api/v2/instance HTTP/1.1\r\nHost: here.test\r\n\r\n"
    line = await wire.line()
    await line.say(request("POST", "/inbox", JSON, body=inner) + request("GET", "/api/v1/streaming/health"))
    assert (await line.hear()).code == 400  # the inbox got it as a body, and it is no JSON
    last = await line.hear()
    assert (last.code, last.body) == (200, b"OK")


async def test_our_own_address_in_full_is_understood(wire: Wire) -> None:
    assert (await wire.get("http://here.test/api/v1/streaming/health")).code == 200


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br", "gzip, identity"])
async def test_compressed_bodies_are_not_taken(wire: Wire, kind: str) -> None:
    assert (await wire.ask(request("POST", "/inbox", JSON, f"Content-Encoding: {kind}", body=b"x" * 40))).code == 400


async def test_a_byte_more_than_a_megabyte_is_too_large_said_or_not(wire: Wire) -> None:
    assert (await wire.ask(request("POST", "/inbox", JSON, body=b"[" * 1_000_001))).code == 413
    head = request("POST", "/inbox", JSON, "Transfer-Encoding: chunked")
    chunk = b"%x\r\n" % 100_001 + b" " * 100_001 + b"\r\n"
    assert (await wire.ask(head + chunk * 10 + b"0\r\n\r\n")).code == 413
    assert (await wire.ask(request("POST", "/inbox", JSON, body=b"[" * 1_000_000))).code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/system/../secret.key",
        "/system/..%2fsecret.key",
        "/system/%2e%2e/%2e%2e/etc/passwd",
        "/system/media/..%5c..%5csecret.key",
        "/system/secret.key%00.png",
        "/system//etc/passwd",
        "/system/.incoming/x",
        "/static/..%2f..%2frouting.py",
        "/static/assets.json",
        "/@ana%00",
        "/users/%00",
        "/api/v1/accounts/1%00",
        "/.well-known/webfinger?" + "a=1&" * 200,
        "//evil.test/..",
        "/%ff%fe",
        "/%",
    ],
)
async def test_no_path_leads_out_of_the_folder_or_to_a_fault(wire: Wire, idle_world: World, path: str) -> None:
    heard = await wire.get(path)
    assert heard.code in (400, 404)
    assert idle_world.server.secret not in heard.body


@pytest.mark.parametrize("host", ["evil.test", "here.test.evil.test", "here.test:8080", "127.0.0.1", ""])
async def test_activitypub_is_only_spoken_under_our_own_name(wire: Wire, idle_world: World, host: str) -> None:
    await idle_world.account("ana")
    accept = "Accept: application/activity+json"
    assert (await wire.get("/users/ana", accept, host=host)).code == 421
    assert (await wire.ask(request("POST", "/inbox", JSON, body=b"{}", host=host))).code == 421
    for ours in ("here.test", "HERE.test:443"):
        assert (await wire.get("/users/ana", accept, host=ours)).code == 200


async def test_forwarded_headers_of_strangers_are_ignored(wire: Wire) -> None:
    forged = ("X-Forwarded-Host: here.test", "X-Forwarded-For: 203.0.113.1", "X-Forwarded-Proto: https")
    assert (await wire.get("/actor", "Accept: application/activity+json", *forged, host="evil.test")).code == 421


async def test_forwarded_headers_of_our_own_proxy_are_believed(tmp_path: Path) -> None:
    async with new_world(tmp_path, run_jobs=False, trusted_proxies="127.0.0.1") as world, served(world) as wire:
        told = ("Accept: application/activity+json", f"X-Forwarded-Host: {HOST}")
        assert (await wire.get("/actor", *told, host="127.0.0.1")).code == 200
        lied = ("Accept: application/activity+json", "X-Forwarded-Host: here.test, evil.test")
        assert (await wire.get("/actor", *lied)).code == 421  # the proxy's own word is the last


async def test_every_answer_tells_browsers_to_be_careful(wire: Wire, idle_world: World) -> None:
    folder = idle_world.server.config.data / "media" / "x"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("<script>alert(1)</script>")
    await idle_world.account("ana")
    for path in (
        "/",
        "/@ana",
        "/auth/sign_in",
        "/nowhere",
        "/api/v2/instance",
        "/api/v1/nowhere",
        "/system/x/page.html",
    ):
        heard = await wire.get(path, "Accept: text/html" if "/api/" not in path else "Accept: application/json")
        policy = heard.headers["content-security-policy"] if heard.code != 303 else "default-src 'none'"
        assert heard.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "server" not in heard.headers
        if heard.code == 303:
            continue
        if path.startswith("/system"):
            assert "sandbox" in policy
            assert heard.headers["content-type"] != "text/html"
            continue
        assert "frame-ancestors 'none'" in policy, path
        if "/api/" not in path:
            assert heard.headers["referrer-policy"] == "same-origin"
            assert "script-src 'self'" in policy
    cookie = (await wire.get("/auth/sign_in")).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= {part.strip() for part in cookie.split(";")}
