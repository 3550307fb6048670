"""Conversations: direct messages as threads, for those who take part and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from entities_check import check_entity, needs_definitions
from worlds import Client, World

LIST = "/api/v1/conversations"


@pytest.fixture
async def people(world: World) -> tuple[Client, Client, Client]:
    """Ana, Bo and Cleo, who take private mentions from anybody."""
    ana, bo, cleo = [await world.api_as(await world.account(name)) for name in ("ana", "bo", "cleo")]
    for person in (ana, bo, cleo):
        await person.patch("/api/v2/notifications/policy", for_private_mentions="accept")
    return ana, bo, cleo


async def direct(api: Client, text: str, **more: Any) -> Any:
    got = await api.post("/api/v1/statuses", {"status": text, "visibility": "direct", **more})
    assert got.code == 200, got.text
    return got.json


async def test_a_direct_message_is_a_conversation_of_both(people: tuple[Client, Client, Client]) -> None:
    ana, bo, cleo = people
    said = await direct(ana, "@bo psst")
    (hers,) = (await ana.get(LIST)).json
    (his,) = (await bo.get(LIST)).json
    assert (hers["unread"], [a["acct"] for a in hers["accounts"]]) == (False, ["bo"])
    assert (his["unread"], [a["acct"] for a in his["accounts"]]) == (True, ["ana"])
    assert hers["last_status"]["id"] == his["last_status"]["id"] == said["id"]
    assert (await cleo.get(LIST)).json == []


async def test_an_answer_belongs_to_the_same_conversation(people: tuple[Client, Client, Client]) -> None:
    ana, bo, cleo = people
    said = await direct(ana, "@bo psst")
    answer = await direct(bo, "@ana @cleo yes?", in_reply_to_id=said["id"])
    (hers,) = (await ana.get(LIST)).json
    assert (hers["last_status"]["id"], hers["unread"]) == (answer["id"], True)
    assert sorted(a["acct"] for a in hers["accounts"]) == ["bo", "cleo"]
    assert len((await bo.get(LIST)).json) == len((await cleo.get(LIST)).json) == 1


async def test_only_direct_messages_are_conversations(people: tuple[Client, Client, Client]) -> None:
    ana, bo, _ = people
    await ana.post("/api/v1/statuses", {"status": "@bo hello", "visibility": "private"})
    assert (await bo.get(LIST)).json == []


async def test_reading_and_forgetting_are_for_ones_own(people: tuple[Client, Client, Client]) -> None:
    ana, bo, cleo = people
    await direct(ana, "@bo psst")
    (his,) = (await bo.get(LIST)).json
    one = f"{LIST}/{his['id']}"
    assert (await bo.post(f"{one}/read")).json["unread"] is False
    assert (await bo.post(f"{one}/unread")).json["unread"] is True
    for call in (cleo.post(f"{one}/read"), cleo.post(f"{one}/unread"), cleo.delete(one)):
        assert (await call).code == 404
    assert (await bo.delete(one)).json == {}
    assert (await bo.get(LIST)).json == []
    assert len((await ana.get(LIST)).json) == 1
    await direct(ana, "@bo again", in_reply_to_id=his["last_status"]["id"])
    assert len((await bo.get(LIST)).json) == 1  # a new message brings it back


async def test_deleting_the_newest_message_shows_the_one_before(people: tuple[Client, Client, Client]) -> None:
    ana, bo, _ = people
    first = await direct(ana, "@bo one")
    second = await direct(ana, "@bo two", in_reply_to_id=first["id"])
    await ana.delete(f"/api/v1/statuses/{second['id']}")
    (his,) = (await bo.get(LIST)).json
    assert his["last_status"]["id"] == first["id"]
    await ana.delete(f"/api/v1/statuses/{first['id']}")
    assert (await bo.get(LIST)).json == []


async def test_pages_go_by_the_newest_message(people: tuple[Client, Client, Client]) -> None:
    ana, bo, _ = people
    said = [await direct(ana, f"@bo {n}") for n in range(5)]
    page = await bo.get(LIST, limit=2)
    assert [one["last_status"]["id"] for one in page.json] == [said[4]["id"], said[3]["id"]]
    assert f"max_id={said[3]['id']}" in page.headers["link"]
    older = await bo.get(LIST, limit=2, max_id=said[3]["id"])
    assert [one["last_status"]["id"] for one in older.json] == [said[2]["id"], said[1]["id"]]


async def test_a_block_keeps_messages_out(people: tuple[Client, Client, Client]) -> None:
    ana, bo, _ = people
    me = (await ana.get("/api/v1/accounts/verify_credentials")).json["id"]
    await bo.post(f"/api/v1/accounts/{me}/block")
    await direct(ana, "@bo psst")
    assert (await bo.get(LIST)).json == []


@needs_definitions
async def test_its_shape_is_mastodons(people: tuple[Client, Client, Client]) -> None:
    ana, bo, _ = people
    await direct(ana, "@bo psst")
    assert check_entity("List<Conversation>", (await bo.get(LIST)).json) == []
