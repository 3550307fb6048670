"""The one way out, over real sockets and real TLS."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import net
from dassie.adapters.http_client import HttpClient
from dassie.adapters.http_sessions import trusted_context
from dassie.adapters.resolving import Resolver
from dassie.domain.errors import FAILURE_KINDS, RemoteFailed
from dassie.ports import Download, Http
from dassie.store.hosts import Hosts
from net import LOOPBACK, Peer, TestCa, reply

AGENT = "dassie/1 (+https://me.test/)"
JSON = "application/activity+json"


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> TestCa:
    return TestCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture
async def peer(ca: TestCa) -> AsyncIterator[Peer]:
    async with Peer(ca, "a.test", "b.test") as peer:
        yield peer


Make = Callable[..., HttpClient]


@pytest.fixture
async def make(ca: TestCa) -> AsyncIterator[Make]:
    """Builds clients and closes them at the end."""
    async with AsyncExitStack() as stack:

        def build(*peers: Peer, **more: Any) -> HttpClient:
            overrides = {name: place for peer in peers for name, place in peer.overrides.items()}
            overrides.update(more.pop("overrides", {}))
            settings = {"allowed_private": LOOPBACK, "ssl_context": ca.client_context, **more}
            client = HttpClient(AGENT, clock=RealClock(), resolver_overrides=overrides, **settings)
            stack.push_async_callback(client.close)
            return client

        yield build


async def failing(client: HttpClient, url: str, **more: Any) -> RemoteFailed:
    """The failure of a GET that must fail, within two seconds."""
    with pytest.raises(RemoteFailed) as failed:
        async with asyncio.timeout(2):
            await client.get(url, accept=JSON, **more)
    assert failed.value.kind in FAILURE_KINDS
    return failed.value


async def collect(download: Download, write: Callable[[bytes], None]) -> None:
    async for chunk in download.chunks():
        write(chunk)


# --- what goes well


async def test_a_document_comes_with_code_headers_and_final_address(peer: Peer, make: Make) -> None:
    peer.on("/note", reply(b'{"id":1}', content_type=JSON, headers={"ETag": '"1"', "Set-Cookie": "spy=1"}))
    client: Http = make(peer)
    answer = await client.get("https://a.test/note#main-key", accept=JSON, headers={"If-None-Match": '"0"'})
    assert (answer.code, answer.url, answer.body) == (200, "https://a.test/note", b'{"id":1}')
    assert answer.content_type == JSON
    assert answer.headers["etag"] == '"1"'
    assert "set-cookie" not in answer.headers
    (seen,) = peer.seen
    assert seen.headers["host"] == "a.test"
    assert seen.headers["user-agent"] == AGENT
    assert seen.headers["accept"] == JSON
    assert seen.headers["accept-encoding"] == "gzip, deflate"
    assert seen.headers["if-none-match"] == '"0"'
    assert "cookie" not in seen.headers


async def test_a_cookie_is_not_sent_back(peer: Peer, make: Make) -> None:
    peer.on("/", reply(headers={"Set-Cookie": "spy=1; Path=/"}))
    client = make(peer)
    for _ in range(2):
        await client.get("https://a.test/", accept="*/*")
    assert all("cookie" not in seen.headers for seen in peer.seen)


async def test_the_path_is_sent_as_written(peer: Peer, make: Make) -> None:
    client = make(peer)
    for target in ("/%7Ea//x?y=%2f+z", "/ü"):
        await client.get("https://a.test" + target, accept="*/*")
    assert peer.paths == ["/%7Ea//x?y=%2f+z", "/%C3%BC"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
async def test_packed_answers_are_unpacked(peer: Peer, make: Make, encoding: str) -> None:
    packed = {"gzip": gzip.compress(b"x" * 9000), "deflate": zlib.compress(b"x" * 9000), "identity": b"x" * 9000}
    peer.on("/", reply(packed[encoding], headers={"Content-Encoding": encoding}))
    answer = await make(peer).get("https://a.test/", accept="*/*")
    assert answer.body == b"x" * 9000


async def test_an_unwelcome_code_is_an_answer(peer: Peer, make: Make) -> None:
    peer.on("/gone", reply(b"it left", code=410))
    peer.on("/busy", reply(b"z" * 500_000, code=503, headers={"Retry-After": "7"}))
    client = make(peer)
    gone = await client.get("https://a.test/gone", accept=JSON)
    busy = await client.get("https://a.test/busy", accept=JSON, max_bytes=1000)
    assert (gone.code, gone.body) == (410, b"it left")
    assert (busy.code, busy.retry_after(datetime.now(UTC))) == (503, 7.0)
    assert 0 < len(busy.body) <= 16_384


async def test_a_post_is_signed_and_delivered(peer: Peer, make: Make) -> None:
    signed: list[tuple[str, str, bytes | None]] = []

    def sign(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        signed.append((method, url, body))
        return {"Signature": "sig", "Date": "today"}

    peer.on("/inbox", reply(b"", code=202))
    answer = await make(peer).post("https://a.test/inbox", b"{}", content_type=JSON, sign=sign)
    assert answer.code == 202
    assert signed == [("POST", "https://a.test/inbox", b"{}")]
    (seen,) = peer.seen
    assert (seen.method, seen.body, seen.headers["signature"], seen.headers["date"]) == ("POST", b"{}", "sig", "today")
    assert seen.headers["content-type"] == JSON


async def test_an_accepted_post_is_an_answer_though_its_body_never_ends(
    peer: Peer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dassie.adapters.http_bodies.ASIDE_SECONDS", 0.1)
    peer.on("/inbox", net.drip(b"thanks ", every=0.02))
    answer = await make(peer).post("https://a.test/inbox", b"{}", content_type=JSON)
    assert answer.code == 200
    assert answer.body.startswith(b"thanks")


async def test_a_post_over_a_connection_that_was_just_closed_is_tried_again(peer: Peer, make: Make) -> None:
    peer.on("/inbox", net.reset(times=1))
    answer = await make(peer).post("https://a.test/inbox", b"{}", content_type=JSON)
    assert answer.body == b"at last"
    assert [seen.body for seen in peer.seen] == [b"{}", b"{}"]


# --- redirects


async def test_redirects_are_followed_and_signed_anew(peer: Peer, make: Make) -> None:
    peer.on("/1", net.redirect("/2", code=301))
    peer.on("/2", net.redirect("https://b.test/3", code=307))
    peer.on("/3", net.redirect("4", code=308))
    peer.on("/4", reply(b"here"))

    def sign(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        return {"Signature": f"for {url}"}

    answer = await make(peer).get(
        "https://a.test/1", accept=JSON, sign=sign, headers={"Authorization": "secret", "X-Own": "1"}
    )
    assert (answer.url, answer.body) == ("https://b.test/4", b"here")
    assert [seen.headers["signature"] for seen in peer.seen] == [
        "for https://a.test/1", "for https://a.test/2", "for https://b.test/3", "for https://b.test/4",
    ]  # fmt: skip
    assert [seen.headers.get("authorization") for seen in peer.seen] == ["secret", "secret", None, None]
    assert {seen.headers["x-own"] for seen in peer.seen} == {"1"}


async def test_a_fourth_redirect_is_too_many(peer: Peer, make: Make) -> None:
    peer.on("/loop", net.redirect("/loop"))
    failed = await failing(make(peer), "https://a.test/loop")
    assert (failed.kind, failed.safe) == ("redirects", "a.test redirected us more than 3 times")
    assert len(peer.seen) == 4


async def test_a_redirect_without_a_place_is_an_answer(peer: Peer, make: Make) -> None:
    peer.on("/", reply(code=302))
    assert (await make(peer).get("https://a.test/", accept="*/*")).code == 302


async def test_a_redirect_of_a_post_is_not_followed(peer: Peer, make: Make) -> None:
    peer.on("/inbox", net.redirect("https://b.test/other", code=307))
    answer = await make(peer).post("https://a.test/inbox", b"{}", content_type=JSON)
    assert (answer.code, answer.headers["location"]) == (307, "https://b.test/other")
    assert peer.paths == ["/inbox"]


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://10.0.0.1/", "blocked_address"),
        ("https://[::1]/", "blocked_address"),
        ("https://[::ffff:127.0.0.1]/", "blocked_address"),
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("https://2130706433/", "blocked_address"),
        ("https://inside.test/", "blocked_address"),
        ("https://user:word@b.test/", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("javascript:alert(1)", "malformed"),
    ],
)
async def test_a_redirect_does_not_lead_inwards(peer: Peer, make: Make, location: str, kind: str) -> None:
    peer.on("/", net.redirect(location))
    client = make(peer, overrides={"inside.test": ("10.0.0.1", None)})
    assert (await failing(client, "https://a.test/")).kind == kind


# --- addresses


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.0.1", "[::1]", "[::]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]",
     "[2002:7f00:1::]", "[fe80::1]", "[fec0::1]", "[fd00::1]", "[ff02::1]", "2130706433", "0x7f.1", "１２７.0.0.1"],
)  # fmt: skip
async def test_no_literal_leads_inwards(make: Make, host: str) -> None:
    client = make(allowed_private=())
    assert (await failing(client, f"https://{host}/")).kind == "blocked_address"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "64:ff9b::a00:1"])
async def test_no_name_leads_inwards(peer: Peer, make: Make, address: str) -> None:
    client = make(allowed_private=(), overrides={"evil.test": (address, peer.port)})
    failed = await failing(client, "https://evil.test/")
    assert failed.kind == "blocked_address"
    assert failed.safe.startswith("evil.test has an address that ")
    assert peer.seen == []


async def test_a_name_with_only_inward_addresses_says_so(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dassie.adapters.resolving._addresses", lambda *_: ["10.0.0.1", "::1", "127.0.0.1"])
    failed = await failing(make(allowed_private=()), "https://evil.test/")
    assert failed.kind == "blocked_address"


async def test_the_check_is_made_when_connecting_not_when_looking_up(
    peer: Peer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that first leads outwards and then inwards (DNS rebinding) gets nowhere."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    monkeypatch.setattr("dassie.adapters.resolving._addresses", lambda *_: next(answers))
    monkeypatch.setattr("dassie.adapters.http_sessions.DNS_SECONDS", 0)
    hosts = Hosts(RealClock())
    client = make(allowed_private=LOOPBACK, idle_hosts=0, hosts=hosts)
    first = await failing(client, f"https://evil.test:{peer.port}/")
    assert first.kind == "tls"  # reached; the certificate is for another name
    assert hosts.heard_from(f"evil.test:{peer.port}")  # or it would be left in peace for a while
    second = await failing(client, f"https://evil.test:{peer.port}/")
    assert second.kind == "blocked_address"


async def test_a_network_of_the_household_is_reached_on_any_port_and_without_tls(make: Make) -> None:
    async with Peer(None, "box.test") as box:
        box.on("/", reply(b"at home"))
        client = make(box)
        for url in ("http://box.test/", f"http://127.0.0.1:{box.port}/"):
            assert (await client.get(url, accept="*/*")).body == b"at home"
        assert box.seen[0].headers["host"] == "box.test"


async def test_plain_http_is_refused_elsewhere(make: Make) -> None:
    for client in (make(allowed_private=()), make(allowed_private=[ip_network("192.168.0.0/16")])):
        failed = await failing(client, "http://8.8.8.8/")
        assert (failed.kind, failed.safe) == ("blocked_address", "8.8.8.8 is asked for without TLS")


async def test_other_ports_than_the_webs_are_refused_elsewhere(make: Make) -> None:
    failed = await failing(make(allowed_private=()), "https://8.8.8.8:6379/")
    assert (failed.kind, failed.safe) == (
        "blocked_address", "8.8.8.8 is asked for on port 6379, which is not a web port",
    )  # fmt: skip


async def test_a_proxy_of_the_environment_is_ignored(peer: Peer, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{net.free_port()}")
    peer.on("/", reply(b"direct"))
    assert (await make(peer).get("https://a.test/", accept="*/*")).body == b"direct"


# --- kinds of failure


async def test_an_unknown_name(make: Make) -> None:
    failed = await failing(make(), "https://nowhere.invalid/")
    assert failed.kind == "name"
    assert "nowhere.invalid" in failed.safe


async def test_a_refused_connection(make: Make) -> None:
    client = make(overrides={"rocks.test": ("127.0.0.1", net.free_port())})
    failed = await failing(client, "https://rocks.test/")
    assert (failed.kind, failed.safe) == ("connect", "rocks.test refused the connection")


async def test_a_certificate_of_another_name_an_old_one_and_an_unknown_authority(
    ca: TestCa, make: Make, tmp_path: Path
) -> None:
    stranger = TestCa(tmp_path)
    cases = [
        (Peer(ca, "a.test", tls=ca.server_context("other.test")), "Hostname mismatch"),
        (Peer(ca, "a.test", tls=ca.server_context("a.test", valid_for=-timedelta(days=1))), "certificate has expired"),
        (Peer(ca, "a.test", tls=stranger.server_context("a.test")), "unable to get local issuer certificate"),
    ]
    for unsafe, words in cases:
        async with unsafe:
            failed = await failing(make(unsafe), "https://a.test/")
        assert failed.kind == "tls"
        assert words in failed.safe
        assert unsafe.seen == []


async def test_a_server_that_speaks_no_tls(make: Make) -> None:
    async with Peer(None, "a.test") as plain:
        assert (await failing(make(plain), "https://a.test/")).kind == "tls"


async def test_a_connection_that_is_never_taken_up_ends_in_time(make: Make) -> None:
    """A listener that never speaks TLS: the connection stands, the handshake does not move."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side leaves
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        client = make(overrides={"mute.test": ("127.0.0.1", port)}, connect_seconds=0.1)
        failed = await failing(client, "https://mute.test/")
    assert (failed.kind, failed.safe) == ("timeout", "mute.test did not take our connection in time")


async def test_a_server_that_never_answers(peer: Peer, make: Make) -> None:
    peer.on("/", net.hang())
    failed = await failing(make(peer), "https://a.test/", timeout=0.1)
    assert (failed.kind, failed.safe) == ("timeout", "a.test did not answer within 0.1 seconds")


async def test_a_body_that_drips_ends_at_the_total_deadline(peer: Peer, make: Make) -> None:
    peer.on("/", net.drip(b"x", every=0.02))
    start = time.monotonic()
    assert (await failing(make(peer), "https://a.test/", timeout=0.3)).kind == "timeout"
    assert time.monotonic() - start < 1


async def test_slow_redirects_share_one_deadline(peer: Peer, make: Make) -> None:
    peer.on("/", reply(code=302, headers={"Location": "/"}, after=0.1))
    assert (await failing(make(peer), "https://a.test/", timeout=0.15)).kind == "timeout"
    assert len(peer.seen) == 2


async def test_a_connection_that_is_cut(peer: Peer, make: Make) -> None:
    peer.on("/reset", net.reset())
    peer.on("/half", net.broken_off(100, b"half"))
    client = make(peer)
    assert (await failing(client, "https://a.test/reset")).kind == "connect"
    failed = await failing(client, "https://a.test/half")
    assert (failed.kind, failed.safe) == ("connect", "a.test broke off in the middle of its answer")
    with pytest.raises(RemoteFailed) as posted:
        await client.post("https://a.test/reset", b"{}", content_type=JSON)
    assert posted.value.kind == "connect"


async def test_what_is_not_http(peer: Peer, make: Make) -> None:
    peer.on("/", net.raw(b"220 mail.test ESMTP\r\n"))
    failed = await failing(make(peer), "https://a.test/")
    assert (failed.kind, failed.safe) == ("malformed", "a.test sent something that is not HTTP")


async def test_headers_in_no_encoding_can_be_stored_and_logged(peer: Peer, make: Make) -> None:
    peer.on("/", net.raw(b"HTTP/1.1 200 OK\r\nX-Odd: caf\xe9\r\nContent-Length: 0\r\n\r\n"))
    peer.on("/odd", net.raw(b"HTTP/1.1 302 OK\r\nLocation: https://caf\xe9.test/\r\nContent-Length: 0\r\n\r\n"))
    client = make(peer)
    assert (await client.get("https://a.test/", accept="*/*")).headers["x-odd"] == "caf?"
    assert (await failing(client, "https://a.test/odd")).kind == "malformed"


async def test_headers_have_a_limit(peer: Peer, make: Make) -> None:
    peer.on("/long", net.raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n"))
    peer.on("/many", net.raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 500 + b"Content-Length: 0\r\n\r\n"))
    client = make(peer)
    assert (await failing(client, "https://a.test/long")).kind == "too_large"
    assert (await failing(client, "https://a.test/many")).kind == "too_large"


async def test_a_packing_we_did_not_ask_for(peer: Peer, make: Make) -> None:
    for code, encoding in [(200, "br"), (404, "compress"), (200, "gzip, gzip")]:
        peer.on("/", reply(b"\x00", code=code, headers={"Content-Encoding": encoding}))
        if code == 404:
            assert (await make(peer).get("https://a.test/", accept="*/*")).code == 404
        else:
            assert (await failing(make(peer), "https://a.test/")).kind == "malformed"


async def test_a_body_that_cannot_be_unpacked(peer: Peer, make: Make) -> None:
    peer.on("/", reply(b"this is not gzip", headers={"Content-Encoding": "gzip"}))
    assert (await failing(make(peer), "https://a.test/")).kind == "malformed"


async def test_credentials_in_an_address_are_refused_before_anything_is_asked(peer: Peer, make: Make) -> None:
    assert (await failing(make(peer), "https://ana:pass@a.test/")).kind == "malformed"
    assert peer.seen == []


# --- sizes


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_the_limit(peer: Peer, make: Make, announced: bool) -> None:
    peer.on("/", net.oversize(3_000_000, announced=announced))
    failed = await failing(make(peer), "https://a.test/", max_bytes=1_000_000)
    assert (failed.kind, failed.code) == ("too_large", 200)
    assert failed.safe == "a.test sent more than 1000000 bytes"


async def test_a_body_of_just_the_limit_is_taken(peer: Peer, make: Make) -> None:
    peer.on("/", net.oversize(200_000, announced=False))
    client = make(peer)
    assert len((await client.get("https://a.test/", accept="*/*", max_bytes=200_000)).body) == 200_000
    assert (await failing(client, "https://a.test/", max_bytes=199_999)).kind == "too_large"


async def test_a_gzip_bomb_is_dropped_without_being_unpacked(peer: Peer, make: Make) -> None:
    peer.on("/", net.gzip_bomb(200_000_000))
    client = make(peer)
    tracemalloc.start()
    try:
        failed = await failing(client, "https://a.test/", max_bytes=1_000_000)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failed.kind == "too_large"
    assert most < 8_000_000


# --- downloads


async def test_a_download_comes_in_pieces(peer: Peer, make: Make) -> None:
    peer.on("/a.png", net.oversize(300_000, announced=True))
    peer.on("/moved", net.redirect("/a.png"))
    async with make(peer).download("https://a.test/moved", accept="image/*", max_bytes=300_000) as download:
        assert (download.code, download.url) == (200, "https://a.test/a.png")
        assert download.headers["content-length"] == "300000"
        sizes = [len(chunk) async for chunk in download.chunks()]
    assert sum(sizes) == 300_000
    assert 0 < max(sizes) <= 65_536
    assert peer.seen[0].headers["accept-encoding"] == "identity"


async def test_a_download_ends_at_its_limit(peer: Peer, make: Make) -> None:
    peer.on("/said", net.oversize(300_000, announced=True))
    peer.on("/unsaid", net.oversize(300_000, announced=False))
    peer.on("/bomb", net.gzip_bomb(10_000_000))
    client = make(peer)
    for path, most in (("/said", 0), ("/unsaid", 100_000), ("/bomb", 100_000)):
        chunks: list[bytes] = []
        async with client.download("https://a.test" + path, accept="*/*", max_bytes=100_000) as download:
            with pytest.raises(RemoteFailed) as failed:
                await collect(download, chunks.append)
        assert failed.value.kind == "too_large"
        assert len(b"".join(chunks)) <= most


async def test_a_download_ends_at_its_deadline_but_not_the_work_between_chunks(peer: Peer, make: Make) -> None:
    peer.on("/", net.drip(b"x", every=0.02))
    async with make(peer).download("https://a.test/", accept="*/*", max_bytes=999, timeout=0.2) as download:
        reading = download.chunks()
        assert await anext(reading)
        await asyncio.sleep(0.3)
        with pytest.raises(RemoteFailed) as failed:
            await anext(reading)
    assert failed.value.kind == "timeout"


async def test_a_download_may_be_left_early_and_an_error_of_the_caller_is_their_own(peer: Peer, make: Make) -> None:
    peer.on("/", net.oversize(3_000_000, announced=False))
    client = make(peer, downloads_per_host=1)

    def write(chunk: bytes) -> None:
        raise OSError("disk full")

    async def keep() -> None:
        async with client.download("https://a.test/", accept="*/*", max_bytes=5_000_000) as download:
            await collect(download, write)

    with pytest.raises(OSError, match="disk full"):
        await keep()
    async with client.download("https://a.test/", accept="*/*", max_bytes=5_000_000) as download:
        assert download.code == 200  # its only place has been given back


async def test_downloads_hold_no_place_of_posts(peer: Peer, make: Make) -> None:
    peer.on("/film", net.drip(b"x", every=0.01))
    client = make(peer, per_host=1, downloads_per_host=1)
    async with client.download("https://a.test/film", accept="*/*", max_bytes=100) as download:
        assert download.code == 200
        assert (await client.post("https://a.test/inbox", b"", content_type=JSON, timeout=1)).code == 404


# --- many at once


async def test_a_host_is_asked_by_few_at_once_and_others_are_not_held_up(ca: TestCa, peer: Peer, make: Make) -> None:
    now = most = 0

    async def behave(request: web.Request) -> web.StreamResponse:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return web.Response()

    peer.on("/slow", behave)
    async with Peer(ca, "c.test") as other:
        client = make(peer, other, per_host=2)
        slow = [asyncio.create_task(client.get("https://a.test/slow", accept="*/*")) for _ in range(8)]
        await asyncio.sleep(0.01)
        await client.get("https://c.test/", accept="*/*")
        assert sum(task.done() for task in slow) < 8
        await asyncio.gather(*slow)
    assert most == 2


async def test_who_never_got_a_turn_does_not_blame_the_other_side(peer: Peer, make: Make) -> None:
    peer.on("/hang", net.hang())
    client = make(peer, per_host=1)
    first = asyncio.create_task(client.get("https://a.test/hang", accept="*/*"))
    await asyncio.sleep(0.05)
    failed = await failing(client, "https://a.test/", timeout=0.05)
    assert (failed.kind, failed.safe) == ("breaker", "We were too busy to ask a.test in time")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await client.get("https://a.test/", accept="*/*")).code == 404


def ports_of(peer: Peer) -> Callable[[str], list[int]]:
    """From now on notes the client's port of every request for a path: one port is one connection."""
    ports: list[int] = []

    async def behave(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        return web.Response(body=b"ok")

    def watch(path: str) -> list[int]:
        peer.on(path, behave)
        return ports

    return watch


async def test_a_kept_connection_is_used_again(peer: Peer, make: Make) -> None:
    ports = ports_of(peer)("/")
    client = make(peer)
    for _ in range(3):
        await client.get("https://a.test/", accept="*/*")
    assert len(set(ports)) == 1


async def test_connections_beyond_the_bound_are_closed_after_use(peer: Peer, make: Make) -> None:
    ports = ports_of(peer)("/")
    client = make(peer, idle_hosts=1)
    for host in ("a.test", "b.test", "a.test", "b.test"):
        await client.get(f"https://{host}/", accept="*/*")
    a1, b1, a2, b2 = ports
    assert a1 == a2
    assert len({a1, b1, b2}) == 3


# --- trust


def test_ssl_cert_file_names_whom_to_trust(ca: TestCa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(ca.folder / "none"))
    context = trusted_context()
    (trusted,) = context.get_ca_certs()
    assert (("commonName", "dassie test authority"),) in trusted["subject"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_ssl_cert_file_is_enough_to_reach_a_server(
    ca: TestCa, peer: Peer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.bundle))
    assert (await make(peer, ssl_context=None).get("https://a.test/", accept="*/*")).code == 404


def test_certificates_cannot_be_left_unchecked() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="always verified"):
        HttpClient("x", clock=RealClock(), ssl_context=context)


async def test_a_closed_client_says_so(peer: Peer, make: Make) -> None:
    client = make(peer)
    await client.get("https://a.test/", accept="*/*")
    await client.close()
    with pytest.raises(RuntimeError, match="closed"):
        await client.get("https://a.test/", accept="*/*")


async def test_a_resolver_answers_while_another_name_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up blocks a thread of the resolver's own, never the loop and not the others."""

    def look_up(host: str, *_: object) -> list[str]:
        if host == "dead.test":
            time.sleep(0.3)
        return ["8.8.8.8"]

    monkeypatch.setattr("dassie.adapters.resolving._addresses", look_up)
    resolver = Resolver()
    hanging = [asyncio.create_task(resolver.resolve("dead.test", 443)) for _ in range(4)]
    start = time.monotonic()
    assert (await resolver.resolve("live.test", 443))[0]["host"] == "8.8.8.8"
    assert time.monotonic() - start < 0.25
    await asyncio.gather(*hanging)
    await resolver.close()
