"""Every endpoint of every door gets nonsense: it may refuse, it may never break (no 500)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import templates
from dassie.app import route_table
from dassie.store.views import AccountView
from worlds import Client, new_world

# Streams answer for as long as one listens; they have tests of their own.
ENDLESS = re.compile(r"^/(api/v1/streaming|live)")
ROUTES = sorted(
    {
        (method, route.path)
        for route in route_table().routes
        for method in route.methods - {"HEAD"}
        if not ENDLESS.match(route.path)
    }
)
NAMES = Path(__file__).with_name("fuzz_names.txt").read_text().split()
REAL = "«real»"
"""Stands for the id of something that exists."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1" * 30,
            "true",
            REAL,
            REAL,
            REAL,
            REAL,
            "\x00",
            "\ud800",
            "🦣" * 20,
            "../../etc/passwd",
            "1e9",
            "[]",
            "%00",
        ]
    ),
    st.integers(-(1 << 70), 1 << 70).map(str),
)
names = st.sampled_from(NAMES).flatmap(
    lambda name: st.sampled_from([name, f"{name}[]", f"{name}[0]", f"{name}[a][b]", f"{name}[][x]"])
)
forms = st.lists(st.tuples(names, texts), max_size=6)
bodies = st.one_of(
    forms.map(lambda pairs: ("application/x-www-form-urlencoded", _urlencoded(pairs).encode())),
    st.dictionaries(st.sampled_from(NAMES), json_values, max_size=6).map(
        lambda value: ("application/json", _json(value))
    ),
    json_values.map(lambda value: ("application/json", _json(value))),
    st.binary(max_size=60).map(lambda data: ("application/json", data)),
    st.binary(max_size=60).map(lambda data: ("multipart/form-data; boundary=x", b"--x\r\n" + data)),
    st.binary(max_size=60).map(lambda data: ("text/plain", data)),
)


def _urlencoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])


def _json(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return b'{"text":"\\ud800"}'


class Fuzzed:
    """One server for all examples of this file."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.runner.run(templates.sqlite_copy(folder / "dassie.db"))
        self._world = new_world(folder)
        self.world = self.runner.run(self._world.__aenter__())
        ana = self.runner.run(self.world.account("ana"))
        self.real = [str(ana.id), *self.runner.run(self._posts(ana))]
        self.clients = [self.runner.run(self.world.api_as(ana)), self.runner.run(self.world.api_as())]

    async def _posts(self, ana: AccountView) -> list[str]:
        """Ids of a status with a poll, of its poll, and of a reply."""
        client = await self.world.api_as(ana)
        poll = {"options": ["a", "b"], "expires_in": 3600}
        first = (await client.post("/api/v1/statuses", {"status": "one #stone", "poll": poll})).json
        second = (await client.post("/api/v1/statuses", {"status": "two", "in_reply_to_id": first["id"]})).json
        return [first["id"], first["poll"]["id"], second["id"]]

    def realistic(self, text: str, n: int) -> str:
        return text.replace(REAL, self.real[n % len(self.real)])

    def call(self, client: Client, method: str, target: str, kind: str, body: bytes) -> tuple[int, bytes]:
        got = self.runner.run(client.request(method, target, body, {"content-type": kind}))
        return got.code, got.body

    def close(self) -> None:
        self.runner.run(self._world.__aexit__(None, None, None))
        self.runner.close()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    made = Fuzzed(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_nonsense_is_refused_and_never_breaks_anything(fuzzed: Fuzzed, method: str, path: str) -> None:
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(values=st.lists(texts, min_size=6, max_size=6), query=forms, body=bodies, signed_in=st.booleans())
    def nonsense(values: list[str], query: list[tuple[str, str]], body: tuple[str, bytes], signed_in: bool) -> None:
        given_values = iter(values)

        def fill(_: re.Match[str]) -> str:
            value = fuzzed.realistic(next(given_values), len(query))
            return quote(value.encode("utf-8", "surrogatepass"), safe="") or "x"

        target = re.sub(r"\{[^}]+\}", fill, path)
        if query:
            target += "?" + _urlencoded([(name, fuzzed.realistic(value, n)) for n, (name, value) in enumerate(query)])
        kind, data = body if method not in ("GET", "DELETE") else ("", b"")
        code, answer = fuzzed.call(fuzzed.clients[0 if signed_in else 1], method, target, kind, data)
        assert 200 <= code < 500 or code == 503, (method, target, kind, data, code, answer[:300])

    nonsense()
