"""The contract: every endpoint of the table is there, takes and needs what it says, and answers in its shape."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import translators
from contract_calls import CALLS
from contract_rows import Row, needs_table, rows, wrong
from contract_scene import Scene, set_the_scene
from contract_table import STREAMS, api_route, differs, misfits, route_of
from dassie.api.differences import MORE, NOT_SERVED
from dassie.door.forms import Params
from listeners import events, listening, socket
from mailbox_server import Mailbox
from worlds import Got, new_world

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api" / "contract.md"
BARE = {
    "GET /api/v1/accounts/:id/identity_proofs": "there are none any more",
    "GET /api/v1/custom_emojis": "none was made",
    "GET /api/v1/instance/activity": "counted later",
}
"""Lists that may be empty."""
UNLIKE = {
    "POST /oauth/token": "a code has parameters of its own",
    "GET /api/v1/streaming": "only a WebSocket reads them",
}
"""Calls that read only a part of what may be said."""


@pytest.fixture
async def scene(tmp_path: Path, database_url: str) -> AsyncIterator[Scene]:
    async with translators.libre_translate() as service, Mailbox() as box:
        named: dict[str, Any] = {"translation": "libretranslate", "translation_url": service.url} | box.settings
        async with new_world(tmp_path, database_url=database_url, **named) as world:
            yield await set_the_scene(world)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[tuple[int, str]]:
    """What calls read of their parameters: which declaration, and which name."""
    found: set[tuple[int, str]] = set()
    check = Params._check

    def note(params: Params, name: str, *more: Any) -> None:
        check(params, name, *more)
        found.add((id(params._declared), name))

    monkeypatch.setattr(Params, "_check", note)
    return found


@needs_table
def test_every_row_is_served_as_the_table_says() -> None:
    problems = []
    for row in rows():
        route = route_of(row)
        if route is None and row.name not in NOT_SERVED:
            problems.append(f"{row.name} is not served")
        if (ours := api_route(row)) is not None:
            problems += [f"{row.name}: {one}" for one in differs(row, ours)]
    problems += [f"{name} is served" for name in NOT_SERVED if name in {row.name for row in rows() if route_of(row)}]
    assert not problems, "\n".join(problems)


@needs_table
async def test_every_endpoint_answers_in_its_shape(scene: Scene, read: set[tuple[int, str]]) -> None:
    problems: list[str] = []
    passed = 0
    for row in rows():
        if row.name in NOT_SERVED:
            continue
        found = await _stream(scene, row) if STREAMS.match(row.returns) else await _call(scene, row)
        problems += [f"{row.name}: {one}" for one in found[:5]]
        passed += not found
    problems += _unread(read)
    assert not problems, "\n".join(problems)
    _check_page(passed)


def _unread(read: set[tuple[int, str]]) -> list[str]:
    """What is declared, but was not looked for by a call that succeeded."""
    problems = []
    for row in rows():
        route = api_route(row)
        if route is None or row.name not in CALLS or row.name in UNLIKE:
            continue
        takes = route.rules["takes"]
        names = [name for name, take in takes.items() if take.kind != "header" and (id(takes), name) not in read]
        problems += [f"{row.name} takes {name}, and does not read it" for name in names]
    return problems


async def _call(scene: Scene, row: Row) -> list[str]:
    if row.name not in CALLS:
        return ["nobody calls it"]
    return _checked(row, await CALLS[row.name](scene, row))


def _checked(row: Row, got: Got) -> list[str]:
    if not (200 <= got.code < 400) and str(got.code) not in row.returns:
        return [f"{got.code} {got.text[:200]}"]
    found = wrong(row.returns, got)
    if row.name in MORE:
        found = [one for one in found if "is not part of" not in one and "'annual_report', none of" not in one]
    if got.code < 400 and (route := api_route(row)) is not None:
        found += misfits(row.method, route.path, got)
    if row.returns.startswith("List") and got.json == [] and row.name not in BARE:
        found.append("the list is empty, so nothing was checked")
    return found


async def _stream(scene: Scene, row: Row) -> list[str]:
    """It opens, and tells of what happens."""
    async with listening(scene.world) as port:
        token = scene.api["ana"].token
        if row.method == "WS":
            async with socket(port, token, "?stream=user") as heard:
                await heard.settled()
            return []
        values = {"tag": "cats", "list": scene.ids["list"]}
        path = row.path.removeprefix("/api/v1/streaming/")
        given = {name: value for name, value in values.items() if name in row.takes}
        async with events(port, path, token, **given) as stream:
            kind = stream.response.headers["content-type"]
            return (
                [] if stream.response.status == 200 and "event-stream" in kind else [f"{stream.response.status} {kind}"]
            )


def _check_page(passed: int) -> None:
    """The count is kept where people read it."""
    text = (
        "# The contract with Mastodon's apps\n\n"
        f"Of the {len(rows())} endpoints that Mastodon 4.6 documents for people's apps, {passed} are called by\n"
        "`tests/api/test_contract.py` on a running server and answer in the documented shape, which is also the one\n"
        f"that `/api/openapi.json` describes. Not served: {len(NOT_SERVED)}; [differences](differences.md) says why.\n"
    )
    if os.environ.get("DASSIE_WRITE_CONTRACT"):
        PAGE.write_text(text)
    assert PAGE.read_text() == text, f"run this test with DASSIE_WRITE_CONTRACT=1 and commit {PAGE}"
