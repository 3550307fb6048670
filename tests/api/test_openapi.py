"""The description of the API: valid, true to the routes, and served with a tag."""

from __future__ import annotations

import inspect
from collections import Counter
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import validate

from dassie import app
from dassie.api.openapi import answered_by, document
from dassie.api.routing import API, ROUTES
from dassie.door.routing import Route
from worlds import World

app.load_modules()
OURS = [route for route in ROUTES if route.door is API]
NAMES = [f"{'/'.join(sorted(route.methods - {'HEAD'}))} {route.path}" for route in OURS]


@cache
def described() -> dict[str, Any]:
    return document("https://here.test")


def test_the_description_is_valid_openapi() -> None:
    validate(described())


@pytest.mark.parametrize("route", OURS, ids=NAMES)
def test_every_route_says_what_it_answers(route: Route) -> None:
    assert route.path == "/api/openapi.json" or "Any" not in str(answered_by(route)), route.path
    assert inspect.getdoc(route.handler), route.path


def test_no_operation_has_the_name_of_another() -> None:
    names = Counter(one["operationId"] for path in described()["paths"].values() for one in path.values())
    assert [name for name, count in names.items() if count > 1] == []


async def test_the_description_is_served_with_a_tag(idle_world: World) -> None:
    client = await idle_world.api_as()
    got = await client.get("/api/openapi.json")
    assert got.json["openapi"] == "3.1.0"
    assert got.json["servers"] == [{"url": idle_world.server.urls.base}]
    assert "public" in got.headers["cache-control"]
    again = await client.request("GET", "/api/openapi.json", b"", {"if-none-match": got.headers["etag"]})
    assert (again.code, again.body) == (304, b"")


def test_scopes_stand_with_the_operations() -> None:
    paths = described()["paths"]
    assert paths["/api/v1/statuses"]["post"]["security"] == [{"token": ["write:statuses"]}]
    assert paths["/api/v1/statuses/{id}"]["get"]["security"] == [{"token": ["read:statuses"]}, {}]
    assert paths["/api/v2/instance"]["get"]["security"] == []
    assert paths["/api/v1/apps/verify_credentials"]["get"]["x-token"] == "app"


def test_a_status_is_described_with_all_its_parts() -> None:
    schemas = described()["components"]["schemas"]
    status = schemas["Status"]["properties"]
    assert status["account"] == {"$ref": "#/components/schemas/Account"}
    assert status["visibility"]["enum"] == ["public", "unlisted", "private", "direct"]
    assert "poll" in schemas["Status"]["required"]
    assert "pinned" not in schemas["Status"]["required"]
    assert schemas["Account"]["properties"]["last_status_at"]["type"] == ["string", "null"]
