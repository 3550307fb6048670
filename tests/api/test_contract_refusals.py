"""The other half of the contract: who may not call, what is not there, and how long lists go on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from contract_calls import CALLS, default_caller
from contract_rows import Row, needs_table, rows
from contract_scene import Scene, set_the_scene
from contract_table import STREAMS, WAITING, api_route, misfits
from worlds import Client, Got, new_world

UNKNOWN = "99999"
FORGIVING = {
    "POST /api/v2/notifications/:group_key/dismiss": "what is not there is gone",
    "POST /api/v2_alpha/notifications/:group_key/dismiss": "what is not there is gone",
    "GET /api/v2/notifications/:group_key/accounts": "a group without anybody",
    "GET /api/v1/timelines/tag/:hashtag": "any word may be a hashtag",
    "GET /api/v1/annual_reports/:year/state": "any year is one that has, or has not, a report",
    "GET /api/v1/tags/:name": "any word may be a hashtag",
}
"""Unknown names that are no error."""
BY_SINCE = re.compile(
    "/(followers|following|blocks|mutes|follow_requests|endorsements|lists/[^/]+/accounts|reblogged_by|favourited_by|quotes"
    "|followed_tags|domain_blocks)$"
)
"""Lists whose newer page is asked for by `since_id`; all others by `min_id`."""


@pytest.fixture
async def scene(tmp_path: Path, database_url: str) -> AsyncIterator[Scene]:
    async with new_world(tmp_path, database_url=database_url) as world:
        yield await set_the_scene(world)


def called() -> list[Row]:
    """The rows of the API's own door that have a call and are no streams."""
    return [row for row in rows() if row.name in CALLS and not STREAMS.match(row.returns) and api_route(row)]


async def bare(scene: Scene, row: Row, client: Client, **values: Any) -> Got:
    """The row's call without what it makes first, by this client."""
    scene.ids["it"] = scene.ids["item"] = scene.ids["ending"] = "1"
    ask = CALLS[row.name]
    return await replace(ask, values=ask.values | values).send(scene, row, client)


def problem(row: Row, got: Got, *codes: int) -> list[str]:
    """What is wrong with a refusal that should have one of these codes."""
    if got.code not in codes:
        return [f"{row.name}: {got.code}, not {codes}: {got.text[:150]}"]
    route = api_route(row)
    assert route is not None
    return [f"{row.name} {got.code}: {one}" for one in misfits(row.method, route.path, got)]


@needs_table
async def test_without_a_token_there_is_401(scene: Scene) -> None:
    problems: list[str] = []
    for row in called():
        if row.auth != "none":
            problems += problem(row, await bare(scene, row, scene.api[""]), 401)
    assert not problems, "\n".join(problems)


@needs_table
async def test_a_token_of_another_scope_gets_403(scene: Scene) -> None:
    ana = scene.people["ana"]
    narrow = {scope: await scene.world.api_as(ana, scope) for scope in ("push", "read:mutes")}
    problems: list[str] = []
    for row in called():
        if row.scopes:
            client = narrow["read:mutes" if row.scopes == "push" else "push"]
            problems += problem(row, await bare(scene, row, client), 403)
    assert not problems, "\n".join(problems)


@needs_table
async def test_an_app_alone_gets_422_where_a_person_is_needed(scene: Scene) -> None:
    problems: list[str] = []
    for row in called():
        if row.auth == "user" and row.name != WAITING and not re.search("push|profile", row.scopes):
            problems += problem(row, await bare(scene, row, scene.api["app"]), 422)
    assert not problems, "\n".join(problems)


@needs_table
async def test_what_is_not_there_is_404(scene: Scene) -> None:
    problems: list[str] = []
    for row in called():
        if row.path_names and row.name not in FORGIVING and "tags/" not in row.path:
            client = scene.api[default_caller(row) or "ana"]
            unknown = dict.fromkeys(row.path_names, UNKNOWN)
            problems += problem(row, await bare(scene, row, client, **unknown), 404)
    assert not problems, "\n".join(problems)


@needs_table
async def test_a_cursor_that_is_no_id_is_refused(scene: Scene) -> None:
    problems: list[str] = []
    for row in called():
        if "max_id" in row.takes:
            client = scene.api[CALLS[row.name].who or default_caller(row)]
            problems += problem(row, await bare(scene, row, client, max_id="x"), 422)
    assert not problems, "\n".join(problems)


@needs_table
async def test_long_lists_go_on_where_their_links_say(scene: Scene) -> None:
    problems, followed = [], 0
    for row in called():
        if not row.returns.startswith("List<") or "limit" not in row.takes or "max_id" not in row.takes:
            continue
        ask = CALLS[row.name]
        client = scene.api[ask.who or default_caller(row)]
        first = await replace(ask, values=ask.values | {"limit": 1})(scene, row)
        found, went_on = await _follow(client, first)
        problems += [f"{row.name}: {one}" for one in [*found, *_mislinked(row, first)]]
        followed += went_on
    assert not problems, "\n".join(problems)
    assert followed >= 12, "too few lists have more than one page here"


async def _follow(client: Client, first: Got) -> tuple[list[str], bool]:
    """What is wrong with the links of a page of one, and whether there was a second page."""
    if not first.json:
        return [], False
    if len(first.json) > 1:
        return [f"{len(first.json)} came, though one was asked for"], False
    links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', first.headers.get("link", "")))
    by_name = {name: url for url, name in links.items()}
    if "prev" not in by_name:
        return ["no link to what is newer"], False
    if "next" not in by_name:
        return [], False
    second = await client.get(_target(by_name["next"]))
    if second.code != 200 or any(one in first.json for one in second.json):
        return [f"the next page is {second.code}, or the same again"], False
    newer = await client.get(_target(by_name["prev"]))
    if newer.code != 200 or first.json[0] in newer.json:
        return ["what is newer has the same again"], False
    return [], bool(second.json)


def _mislinked(row: Row, first: Got) -> list[str]:
    """Where links ask for something else than the table's cursor, the limit and the filters of this endpoint."""
    cursors = {"next": "max_id", "prev": "since_id" if BY_SINCE.search(row.path) else "min_id"}
    found = []
    for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', first.headers.get("link", "")):
        asked = {one.removesuffix("[]") for one, _ in parse_qsl(urlsplit(url).query)}
        if not {"limit", cursors[name]} <= asked <= row.takes | {cursors[name]}:
            found.append(f"{name} asks for {sorted(asked)}")
        if asked & {"max_id", "since_id", "min_id"} != {cursors[name]}:
            found.append(f"{name} has the cursors of {sorted(asked)}")
    return found


def _target(url: str) -> str:
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "here.test")
    return f"{parts.path}?{parts.query}"
