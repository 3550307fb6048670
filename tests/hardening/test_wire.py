"""Bytes no honest client sends: ambiguous lengths, odd targets, paths that climb, names that are not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dassie.config import Config, load
from dassie.door.request import Request
from wire import Wire, request, served
from worlds import World

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


@pytest.mark.parametrize("host", ["evil.test", "here.test.evil.test", "here.test:8080", "127.0.0.1"])
async def test_documents_speak_of_our_own_name_whatever_host_was_asked(
    wire: Wire, idle_world: World, host: str
) -> None:
    await idle_world.account("ana")
    heard = await wire.get("/users/ana", "Accept: application/activity+json", host=host)
    assert heard.code == 200
    assert b"https://here.test/users/ana" in heard.body
    assert host.encode() not in heard.body.replace(b"here.test/", b"")


def asked(config: Config, peer: str, *headers: tuple[str, str]) -> Request:
    """The request as the doors see it."""
    sent = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "path": "/", "client": (peer, 1), "scheme": "http", "headers": sent}

    async def never(*_: object) -> None:
        raise AssertionError("nothing is sent or received here")

    return Request(scope, never, never, config)


def test_only_our_own_proxy_is_believed(tmp_path: Path) -> None:
    config = load({"data": tmp_path, "domain": "here.test", "trusted_proxies": "127.0.0.1"}, environ={})
    told = (
        ("host", "backend:8420"),
        ("x-forwarded-host", "evil.test, here.test"),
        ("x-forwarded-for", "198.51.100.1, 203.0.113.1"),
        ("x-forwarded-proto", "https"),
    )
    ours = asked(config, "127.0.0.1", *told)  # the proxy's own word is the last
    assert (ours.host, ours.client, ours.scheme) == ("here.test", "203.0.113.1", "https")
    stranger = asked(config, "203.0.113.9", *told)
    assert (stranger.host, stranger.client, stranger.scheme) == ("backend:8420", "203.0.113.9", "http")


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
