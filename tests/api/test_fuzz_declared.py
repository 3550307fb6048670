"""Every operation of the API gets what it declares to take, and a little beyond: no 500, and answers fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_table import misfits
from dassie import app
from dassie.api.openapi import taken_by
from dassie.api.routing import API, ROUTES
from dassie.door.routing import Route
from declared_values import values_of
from test_fuzz import ENDLESS, Fuzzed

app.load_modules()
OPERATIONS = sorted(
    (
        (min(route.methods - {"HEAD"}), route)
        for route in ROUTES
        if route.door is API and not ENDLESS.match(route.path) and route.path != "/api/openapi.json"
    ),
    key=lambda one: (one[1].path, one[0]),
)
ENDS_ITSELF = re.compile(r"/oauth/revoke$")
"""Would end the token that all others are called with."""
NAMES = ["ana", "cats", "home", "99999", "x", "2026-01-01", "🎉"]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    made = Fuzzed(tmp_path_factory.mktemp("declared"))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("method", "route"), OPERATIONS, ids=[f"{method} {route.path}" for method, route in OPERATIONS]
)
def test_what_is_declared_is_taken(fuzzed: Fuzzed, method: str, route: Route) -> None:
    if ENDS_ITSELF.search(route.path):
        pytest.skip("it would end the token that all others are called with")
    names = st.sampled_from([*fuzzed.real, *fuzzed.real, *NAMES])

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(values=values_of(taken_by(route), fuzzed.real), data=st.data(), as_json=st.booleans())
    def calls(values: dict[str, object], data: st.DataObject, as_json: bool) -> None:
        target = re.sub(r"\{[^}]+\}", lambda _: quote(data.draw(names), safe=""), route.path)
        kind, body = "", b""
        if method in ("GET", "DELETE") or not as_json:
            form = urlencode(_flat(values)).encode()
            if method in ("GET", "DELETE"):
                target += f"?{form.decode()}" if form else ""
            else:
                kind, body = "application/x-www-form-urlencoded", form
        else:
            kind, body = "application/json", msgspec.json.encode(values)
        client = fuzzed.clients[0 if data.draw(st.integers(0, 4)) else 1]
        got = fuzzed.runner.run(client.request(method, target, body, {"content-type": kind} if kind else {}))
        said = (method, target, kind, body, got.code, got.body[:300])
        assert 200 <= got.code < 500 or got.code in (501, 503), said
        if got.code == 200:
            assert misfits(method, route.path, got) == [], said

    calls()


def _flat(value: object, name: str = "") -> list[tuple[str, str]]:
    """A form of nested values: `a[b][]=1`."""
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _flat(one, f"{name}[{key}]" if name else str(key))]
    if isinstance(value, list):
        return [pair for one in value for pair in _flat(one, f"{name}[]")]
    if value is None:
        return []
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return [(name, text.encode("utf-8", "replace").decode())]
