"""Kept pages of grouped notifications are never other than those put together anew, and cost one statement."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import text

from dassie.domain.notification_groups import GROUPABLE
from dassie.domain.paging import Page
from dassie.store import kept_groups, notification_groups
from dassie.store.dialect import put
from dassie.store.kept_groups import KeptGroups
from dassie.store.notifications import Wanted
from dassie.store.tables import notifications
from dassie.store.tx import Database, Statement
from statements import counted
from test_notification_groups import fill

ME = 1
PAGES = [
    (Wanted(), Page(limit=40)),
    (Wanted(), Page(limit=4)),
    (Wanted(filtered=True), Page(limit=4)),
    (Wanted(types=["follow"]), Page(limit=3)),
    (Wanted(from_account_id=7), Page(limit=3)),
    (Wanted(), Page(limit=3, max_id=1_060)),
    (Wanted(), Page(limit=3, min_id=1_020)),
    (Wanted(), Page(limit=3, since_id=1_030)),
]
CHANGES = {
    "one goes": "DELETE FROM notifications WHERE account_id = 1 AND id = {old}",
    "a group goes": "DELETE FROM notifications WHERE account_id = 1 AND group_key = 'follow-{group}'",
    "one is held back": "UPDATE notifications SET filtered = true WHERE account_id = 1 AND id = {old}",
    "one is let through": "UPDATE notifications SET filtered = false WHERE account_id = 1 AND id = {old}",
    "somebody else is told": "DELETE FROM notifications WHERE account_id = 2 AND id = 2{old}",
}


async def tell(db: Database, id: int, chance: random.Random) -> None:
    group = chance.choice(["", "follow-1", "follow-2", "follow-9"])
    values: dict[str, Any] = {"id": id, "account_id": ME, "from_account_id": chance.randint(1, 100), "group_key": group}
    async with db.write() as tx:
        values |= {"type": "follow" if group else "mention", "created_at": tx.now}
        await tx.run(Statement(put(notifications, *values)), **values)


async def change(db: Database, name: str, chance: random.Random) -> None:
    sql = CHANGES[name].format(old=chance.randint(1_001, 1_100), group=chance.randint(1, 4))
    async with db.write() as tx:
        await tx.run(Statement(text(sql)))


async def test_what_is_kept_is_what_would_be_found(db: Database) -> None:
    await fill(db)
    chance, kept = random.Random(20261125), KeptGroups()
    for n in range(60):
        if n % 3 == 0:
            await tell(db, 1_200 + n, chance)
        else:
            await change(db, chance.choice(list(CHANGES)), chance)
        async with db.read() as tx:
            for wanted, page in PAGES:
                here = await kept.part(tx, ME, wanted, page, GROUPABLE)
                assert here == await notification_groups.part(tx, ME, wanted, page, GROUPABLE), (n, wanted, page)


async def test_a_page_that_did_not_change_costs_one_statement(db: Database) -> None:
    await fill(db)
    kept = KeptGroups()
    async with db.read() as tx:
        first = await kept.part(tx, ME, Wanted(), Page(limit=40), GROUPABLE)
        with counted() as asked:
            again = await kept.part(tx, ME, Wanted(), Page(limit=40), GROUPABLE)
    assert again is first
    assert asked.statements == [kept_groups._STATE]


async def test_so_many_pages_are_kept(db: Database) -> None:
    await fill(db)
    kept = KeptGroups()
    async with db.read() as tx:
        for limit in range(1, kept_groups.MOST + 11):
            await kept.part(tx, ME, Wanted(), Page(limit=limit), GROUPABLE)
        assert len(kept._kept) == kept_groups.MOST
        with counted() as asked:
            await kept.part(tx, ME, Wanted(), Page(limit=1), GROUPABLE)
    assert asked.count > 1  # the first was the first to go
