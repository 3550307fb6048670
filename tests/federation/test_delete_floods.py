"""Deletes of accounts that nobody here ever met: most of what a small server is sent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import templates
from dassie.domain.jobs import Inbound
from dassie.store import senders
from fediverse import PUBLIC, Actor, Fediverse, actor_document, new_fediverse
from people import stranger, waiting
from statements import counted, figures

DELETES = 800
PER_ACTOR = 4


@pytest.fixture
async def quiet(tmp_path: Path, database_url: str) -> AsyncIterator[Fediverse]:
    """Other servers, and one here that does nothing by itself."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_fediverse(tmp_path, database_url=database_url, workers=0) as made:
        yield made


def gone(number: int) -> Actor:
    """Somebody who was deleted at home, with the key."""
    name, host = f"gone{number}", f"h{number % 50}.test"
    uri = f"https://{host}/users/{name}"
    return Actor(uri, 0, actor_document(uri, name))


async def test_a_flood_of_deletes_costs_one_look_up_each_and_no_fetch(quiet: Fediverse) -> None:
    actors = [gone(number) for number in range(DELETES // PER_ACTOR)]
    deletes = [(who, quiet.activity("Delete", who, who.uri, to=[PUBLIC])) for who in actors * PER_ACTOR]
    random.Random(1).shuffle(deletes)
    headers = {"signature": 'keyId="https://a.test/users/a#main-key",signature="AAAA"'}
    gate = asyncio.Semaphore(50)

    async def send(who: Actor, activity: dict[str, object]) -> int:
        async with gate:
            return (await quiet.send(who, activity, headers=headers)).code

    with counted() as asked:
        codes = await asyncio.gather(*(send(who, activity) for who, activity in deletes))
    assert set(codes) == {202}
    assert sum(statement is senders._SENDER for statement in asked.statements) == DELETES
    assert asked.count - DELETES < DELETES / 50  # the list of relays is read again every few seconds
    assert quiet.http.asked == []
    assert await figures(quiet.world, "inbox.") == {"inbox.dropped.unknown_actor": DELETES}


async def test_a_delete_counts_from_the_moment_its_actor_is_known(quiet: Fediverse) -> None:
    who = quiet.actor("eve", "else.test")
    for _ in range(3):
        assert (await quiet.send(who, quiet.activity("Delete", who, who.uri, to=[PUBLIC]))).code == 202
    assert await waiting(quiet.world, Inbound) == []
    await stranger(quiet.world, "eve", "else.test")
    assert (await quiet.send(who, quiet.activity("Delete", who, who.uri, to=[PUBLIC]))).code == 202
    assert len(await waiting(quiet.world, Inbound)) == 1
