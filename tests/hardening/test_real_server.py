"""A real process: what its inbox refuses and says of it, how it stops under load, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from running import eventually
from senders import CUT, Inbox, home_uris, inbox

pytestmark = pytest.mark.slow


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Inbox]:
    async with inbox(tmp_path) as made:
        yield made


def refusals(one: Inbox, before: int) -> list[dict[str, Any]]:
    """Lines about refused requests that were logged since."""
    lines = [json.loads(line) for line in one.server.log[before:].splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "refused"]


async def test_each_refusal_has_its_code_and_one_line_that_says_why(one: Inbox) -> None:
    bea, eve = one.bea, one.eve
    forged = json.dumps(one.create("forged")).encode()
    cases: dict[str, tuple[int, str, dict[str, Any]]] = {
        "wrong digest": (401, "digest", {"sent": forged}),
        "other path": (401, "mismatch", {"signed_for": "https://a.test/users/ana/inbox"}),
        "expired": (401, "expired", {"late": timedelta(hours=-14)}),
        "future": (401, "future", {"late": timedelta(hours=14)}),
        "other key": (401, "mismatch", {"by": eve, "key_id": bea.key_id}),
        "other host": (401, "host", {"signed_for": "https://b.test/inbox"}),
        "unsigned": (401, "missing", {"headers": {}}),
    }
    for number, (name, (code, kind, wrong)) in enumerate(cases.items()):
        before = len(one.server.log)
        got = await one.send(one.create(number), **wrong)
        (line,) = refusals(one, before)
        assert (got.code, line["code"]) == (code, code), name
        assert line.get("kind", "") == kind, name
        assert line["why"]
        assert line["path"] == "/inbox"
    assert await home_uris(one.server) == []


async def test_who_signs_for_another_gets_nothing_in(one: Inbox) -> None:
    post = one.create("mine")
    assert (await one.send(post, by=one.eve)).code == 202  # a hint only: it is asked for at far.test
    foreign = one.create("theirs")
    foreign["object"]["id"] = "https://evil.test/1"
    assert (await one.send(foreign)).code == 202
    good = one.create("good")
    assert (await one.send(good)).code == 202

    async def arrived() -> bool:
        return await home_uris(one.server) == [good["object"]["id"]]

    await eventually(arrived)
    before = len(one.server.log)
    assert (await one.send(one.create("x"), headers={"Host": "evil.test"})).code == 401
    assert len(refusals(one, before)) == 1


async def test_a_stop_under_load_loses_and_doubles_nothing(one: Inbox) -> None:
    taken: list[str] = []

    async def post(number: int) -> None:
        activity = one.create(number)
        try:
            got = await one.send(activity)
        except CUT:
            return
        if got.code == 202:
            taken.append(activity["object"]["id"])

    sending = [asyncio.create_task(post(number)) for number in range(200)]
    while len(taken) < 40:
        await asyncio.sleep(0.01)
    process = one.server.process
    assert process is not None
    process.terminate()
    assert await asyncio.to_thread(process.wait, 20) == 0
    await asyncio.gather(*sending)
    assert "Traceback" not in one.server.log
    await one.server.start()

    async def all_there() -> bool:
        return set(taken) <= set(await home_uris(one.server))

    await eventually(all_there)
    assert set(Counter(await home_uris(one.server)).values()) == {1}


async def test_secrets_are_in_no_log_and_files_are_nobody_elses(one: Inbox) -> None:
    token = one.server.tokens["ana"]
    api = one.server.api("ana")
    await api.post("/api/v1/statuses", {"status": "hello"})
    await api.call("GET", f"/api/v1/accounts/verify_credentials?access_token={token}")
    one.server.tokens["bad"] = "a-wrong-token-that-somebody-typed"
    assert (await one.server.api("bad").call("GET", "/api/v1/timelines/home")).code == 401
    password = {"grant_type": "password", "username": "ana", "password": "hunter2-hunter2"}
    assert (await one.server.api().call("POST", "/oauth/token", password)).code in (400, 401, 422)
    form = {"username": "ana", "password": "hunter2-hunter2", "token": "x"}
    assert (await one.server.api().call("POST", "/auth/sign_in", form, {"Cookie": "__Host-dassie=cookie-cookie"})).code
    await one.send(one.create("x"), headers={"Authorization": "Bearer secret-bearer"})
    key = (one.server.folder / "secret.key").read_text().strip()
    for secret in (token, "a-wrong-token", "hunter2", "cookie-cookie", "secret-bearer", key, "PRIVATE KEY"):
        assert secret not in one.server.log, secret

    await one.server.stop()
    for path in one.server.folder.rglob("*"):
        if path.is_file() and path.suffix not in (".crt", ".txt"):
            data = path.read_bytes()
            assert token.encode() not in data, path
            assert b"PRIVATE KEY" not in data, path


async def test_a_server_makes_its_folder_and_files_for_itself_alone(tmp_path: Path) -> None:
    async with inbox(tmp_path) as one:
        assert one.server.process is not None
        await one.server.stop()
        one.server.settings["data"] = str(tmp_path / "fresh")
        await one.server.start()
        folder = tmp_path / "fresh"
        found = [folder, *folder.rglob("*")]
        assert len(found) > 4
        assert {path: oct(path.stat().st_mode) for path in found if path.stat().st_mode & 0o077} == {}
