"""How the databases go about groups of notifications: by their index, whatever else is in the table."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from dassie.store import notification_groups
from dassie.store.dialect import put
from dassie.store.tables import accounts, notifications
from dassie.store.tx import Database, Query, Statement
from test_plans import explained

PEOPLE, TOLD = 40, 100
PARAMS: dict[str, Any] = {
    "recipient": 1,
    "keys": ["follow-3", "follow-4"],
    "key_is": "follow-3",
    "up_to": 1 << 62,
    "page_above": 0,
    "page_below": 1 << 62,
    "page_limit": 20,
}
QUERIES: dict[str, Query[Any]] = {
    "open group": notification_groups._OPEN,
    "counts": notification_groups._COUNTS,
    "samples": notification_groups._SAMPLES,
    "count": notification_groups._COUNT,
    "members down": notification_groups._members(False)._down,
    "members up": notification_groups._members(False)._up,
}


async def fill(db: Database, *, analysed: bool = True) -> None:
    """4,000 notifications: 40 people were told of 100 follows each, four of five in groups."""
    async with db.write() as tx:
        people = [
            {
                "id": n,
                "username": f"p{n}",
                "username_key": f"p{n}",
                "domain": "",
                "uri": f"https://here.test/{n}",
                "created_at": tx.now,
            }
            for n in range(1, TOLD + 1)
        ]
        await tx.run_many(Statement(put(accounts, *people[0])), people)
        told = [
            {
                "id": who * 1000 + n,
                "account_id": who,
                "type": "follow" if n % 5 else "mention",
                "from_account_id": n,
                "group_key": f"follow-{n % 5}" if n % 5 else "",
                "created_at": tx.now,
            }
            for who in range(1, PEOPLE + 1)
            for n in range(1, TOLD + 1)
        ]
        await tx.run_many(Statement(put(notifications, *told[0])), told)
        if analysed:
            await tx.run(Statement(text("ANALYZE")))


async def plans(db: Database) -> dict[str, str]:
    async with db.read() as tx:
        found = {name: await tx.all(explained(query, db), **PARAMS) for name, query in QUERIES.items()}
    return {name: "\n".join(str(line[-1]) for line in lines) for name, lines in found.items()}


@pytest.mark.parametrize("analysed", [True, False])
async def test_groups_are_found_by_their_index(db: Database, analysed: bool) -> None:
    if db.name == "postgresql" and not analysed:
        pytest.skip("PostgreSQL looks at its tables by itself")
    await fill(db, analysed=analysed)
    for name, plan in (await plans(db)).items():
        read = re.findall(r"(?:SEARCH|SCAN|Scan.* on) (?:notifications|last_shown)\b.*", plan)
        assert read, f"{name}:\n{plan}"
        by_index = re.findall(r"ix_notifications_group\b", plan)
        by_key = re.findall(r"group_key = |group_key=\?", plan)
        assert len(by_index) == len(by_key) == len(read), f"{name}:\n{plan}"


async def test_samples_are_the_newest_eight_of_each(db: Database) -> None:
    await fill(db)
    async with db.read() as tx:
        found = await tx.all(notification_groups._SAMPLES, **PARAMS | {"up_to": 1_090})
        counts = await tx.all(notification_groups._COUNTS, **PARAMS | {"up_to": 1_090})
    assert [sender for key, sender in found if key == "follow-3"] == [88, 83, 78, 73, 68, 63, 58, 53]
    assert [sender for key, sender in found if key == "follow-4"] == [89, 84, 79, 74, 69, 64, 59, 54]
    assert [tuple(one) for one in counts] == [("follow-3", 18, 1_003), ("follow-4", 18, 1_004)]
