"""How the databases go about what a notification asks of them: by index, however much somebody was told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dassie.domain.paging import Page
from dassie.store import notification_requests, notifications, push_subscriptions, severances
from dassie.store import tables as t
from dassie.store.dialect import put
from dassie.store.tx import Database, Query, Statement
from test_plans import explained

PARAMS: dict[str, Any] = {
    "recipient": 1,
    "sender": 7,
    "about": 5,
    "of_account": 1,
    "but": 5,
    "most": 10,
    "page_above": 0,
    "page_below": 1 << 62,
    "page_limit": 20,
    "ids": [3],
    "floor": 1,
    "type_is": "user_domain_block",
    "target_is": "else.test",
}
BY_SENDER: dict[str, Statement] = {
    "requests": notification_requests._PAGE._down,
    "how many": notification_requests._NUMBER,
    "letting through": notification_requests._LET_THROUGH,
    "dropping": notification_requests._DROP,
    "what is held back": notification_requests._OF._down,
}
OTHERS: dict[str, Statement] = {
    "standing": notifications._STANDING,
    "unasked": notifications._UNASKED,
    "pushes": push_subscriptions._OF,
    "severances": severances._OPEN,
}


async def fill(db: Database) -> None:
    """Somebody who was told 5,000 things by 50 people, of which 100 mentions by five of them are held back."""
    async with db.write() as tx:
        people = [
            {
                "id": n,
                "username": f"p{n}",
                "username_key": f"p{n}",
                "domain": "" if n == 1 else "else.test",
                "uri": f"https://else.test/{n}",
                "created_at": tx.now,
            }
            for n in range(1, 51)
        ]
        await tx.run_many(Statement(put(t.accounts, *people[0])), people)
        told = [
            {
                "id": n,
                "account_id": 1,
                "type": "mention" if n % 50 == 0 else "follow",
                "from_account_id": 2 + n // 1_000 if n % 50 == 0 else 2 + n % 49,
                "filtered": n % 50 == 0,
                "created_at": tx.now,
            }
            for n in range(1, 5_001)
        ]
        await tx.run_many(Statement(put(t.notifications, *told[0])), told)
        for n in range(2, 8):
            await notification_requests.ask(tx, 1, n, 0)


async def plan(db: Database, statement: Statement) -> str:
    asked: Query[Any] = Query(tuple, statement.clause)
    async with db.read() as tx:
        lines = await tx.all(explained(asked, db), **PARAMS | {"at": tx.now})
    return "\n".join(str(line[-1]) for line in lines)


@pytest.mark.parametrize("name", BY_SENDER)
async def test_what_is_held_back_is_found_by_its_index(db: Database, name: str) -> None:
    await fill(db)
    found = await plan(db, BY_SENDER[name])
    if db.name == "sqlite":
        assert re.search(r"ix_notifications_filtered|\(account_id=\? AND type=\? AND from_account_id=\?", found), found
        assert "SCAN notification" not in found, found
    else:
        assert "Seq Scan on notifications" not in found, found


@pytest.mark.parametrize("name", OTHERS)
async def test_telling_somebody_walks_through_no_table(db: Database, name: str) -> None:
    await fill(db)
    found = await plan(db, OTHERS[name])
    if db.name == "sqlite":
        tables = [line for line in found.splitlines() if line.startswith("SCAN ") and "thread" not in line]
        assert [line for line in tables if line != "SCAN CONSTANT ROW"] == [], found
    else:
        assert "Seq Scan on notifications" not in found, found  # the other tables are empty here: reading them is right


async def test_requests_take_one_query_however_many_there_are(db: Database) -> None:
    await fill(db)
    async with db.read() as tx:
        found = await notification_requests.newest(tx, 1, Page(limit=80))
        assert [(one.from_account_id, one.count) for one in found] == [
            (7, 1),
            (6, 20),
            (5, 20),
            (4, 20),
            (3, 20),
            (2, 19),
        ]
        assert await notification_requests.number(tx, 1) == 6
        assert await notification_requests.summary(tx, 1) == (6, 100)
