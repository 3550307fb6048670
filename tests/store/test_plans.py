"""How the databases go about the hot queries: by index, never through a whole table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store import heads, list_feeds, marks, threads, timelines
from dassie.store.dialect import Compiled, put
from dassie.store.paging import PagedQuery
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tables import accounts, favourites, follows, home_feed, list_feed, lists, status_tags, statuses, tags
from dassie.store.timelines import Flags, Public
from dassie.store.tx import Database, Query, Statement, row
from worlds import MovableClock

ROWS = 5_000
PARAMS: dict[str, Any] = {
    "viewer_id": 1,
    "author_id": 1,
    "at": None,
    "tag_is": 1,
    "list_is": 1,
    "tag_name": "apple",
    "all_ids": [1],
    "all_count": 1,
    "none_ids": [2],
    "page_above": 0,
    "page_below": 1 << 62,
    "page_limit": 20,
    "ids": list(range(4_980, 5_000)),
    "by_account": 1,
    "on_status": 4_990,
    "start": 4_990,
    "most": 100,
    "depth": 20,
}


def hot() -> Iterator[tuple[str, Query[Any]]]:
    """Every statement behind a timeline, a thread, a list of marks and a page of statuses."""
    for name, paged in _paged():
        yield f"{name} down", paged._down
        yield f"{name} up", paged._up
    yield "heads with a viewer", heads._HEADS[True]
    yield "heads", heads._HEADS[False]
    yield "ancestors", threads._ANCESTORS
    yield "descendants", threads._DESCENDANTS
    yield "thread, filtered", threads._SHOWN[True]


def _paged() -> Iterator[tuple[str, PagedQuery]]:
    yield "home", timelines._HOME
    yield "list", list_feeds._PAGE
    for with_viewer in (False, True):
        for which in (Public(), Public(local=True), Public(remote=True), Public(only_media=True)):
            yield f"public {which} {with_viewer}", timelines._public(which, with_viewer)
        yield f"tag {with_viewer}", timelines._tagged(Public(), with_viewer, False, False)
        yield f"tags {with_viewer}", timelines._tagged(Public(), with_viewer, True, True)
        for flags in (
            Flags(),
            Flags(pinned=True),
            Flags(only_media=True),
            Flags(exclude_replies=True, exclude_reblogs=True, exclude_direct=True),
            Flags(tagged=""),
        ):
            yield f"account {flags} {with_viewer}", timelines._of_account(flags, with_viewer)
    yield "favourites", marks.favourites._newest
    yield "bookmarks", marks.bookmarks._newest
    yield "favourited by", marks.favourites._of_status[True]
    yield "reblogged by", marks._REBLOGGERS[True]


@asynccontextmanager
async def filled(db: Database, *, analysed: bool = True) -> AsyncIterator[Database]:
    """The database with rows in it, opened anew: SQLite reads its figures when it opens."""
    await fill(db, analysed=analysed)
    if not isinstance(db, SqliteDatabase):
        yield db
        return
    async with db.read() as tx:
        (found,) = await tx.all(Query(row, text("SELECT file FROM pragma_database_list WHERE name = 'main'")))
    again = SqliteDatabase(Path(found[0]), MovableClock(), full_sync=False)
    try:
        yield again
    finally:
        await again.close()


async def fill(db: Database, *, analysed: bool = True) -> None:
    """5,000 statuses by 50 people, half of them from elsewhere, in one feed, some tagged; figures for the planner."""
    async with db.write() as tx:
        people = [
            {
                "id": n,
                "username": f"p{n}",
                "username_key": f"p{n}",
                "domain": "" if n % 2 else "else.test",
                "uri": f"https://else.test/{n}",
                "created_at": tx.now,
            }
            for n in range(1, 51)
        ]
        await tx.run_many(Statement(put(accounts, *people[0])), people)
        written = [
            {
                "id": n,
                "uri": f"https://else.test/s/{n}",
                "account_id": n % 50 + 1,
                "local": bool(n % 2 == 0),
                "visibility": "public",
                "thread_id": n,
                "has_media": n % 3 == 0,
                "in_reply_to_id": n - 1 if n % 10 == 0 else None,
                "reblog_of_id": n - 5 if n % 7 == 0 and n > 10 and (n - 5) % 7 else None,
                "created_at": tx.now,
            }
            for n in range(1, ROWS + 1)
        ]
        await tx.run_many(Statement(put(statuses, *written[0])), written)
        named = [
            {"id": n, "name": name, "display_name": name, "created_at": tx.now}
            for n, name in enumerate(["apple", "pear", *(f"tag{n}" for n in range(48))], 1)
        ]
        await tx.run_many(Statement(put(tags, *named[0])), named)
        await tx.run_many(
            Statement(put(status_tags, "tag_id", "status_id", "position")),
            [{"tag_id": 1 + n % 50, "status_id": n, "position": 0} for n in range(1, ROWS + 1)],
        )
        await tx.run_many(
            Statement(put(home_feed, "account_id", "status_id")),
            [{"account_id": 1 + n % 5, "status_id": n} for n in range(1, ROWS + 1)],
        )
        of_one = {"id": 1, "account_id": 1, "title": "l", "replies_policy": "list", "created_at": tx.now}
        await tx.run(Statement(put(lists, *of_one)), **of_one)
        await tx.run_many(
            Statement(put(list_feed, "list_id", "status_id")),
            [{"list_id": 1, "status_id": n} for n in range(4_000, ROWS + 1)],
        )
        pairs = [{"id": n, "account_id": 1, "target_id": n, "created_at": tx.now} for n in range(2, 51)]
        await tx.run_many(Statement(put(follows, *pairs[0])), pairs)
        liked = [{"id": n, "account_id": n % 50 + 1, "status_id": n, "created_at": tx.now} for n in range(1, ROWS + 1)]
        await tx.run_many(Statement(put(favourites, *liked[0])), liked)
    if analysed:
        # Other tests have used and emptied these tables of PostgreSQL: what they left would mislead its planner.
        refresh = "VACUUM ANALYZE" if db.name == "postgresql" else "ANALYZE"
        async with db.read() if db.name == "postgresql" else db.write() as tx:
            await tx.run(Statement(text(refresh)))


def explained(query: Query[Any], db: Database) -> Query[Any]:
    """The query that tells how `query` would be answered."""

    class Explained(Query[Any]):
        def on(self, name: Any) -> Compiled:
            found = query.on(name)
            copy: Compiled = object.__new__(Compiled)
            copy._binds = found._binds
            copy.converters = ()
            copy.sql = ("EXPLAIN QUERY PLAN " if name == "sqlite" else "EXPLAIN ") + found.sql
            return copy

    return Explained(row, query.clause)


async def plan(db: Database, query: Query[Any]) -> str:
    async with db.read() as tx:
        lines = await tx.all(explained(query, db), **PARAMS | {"at": tx.now})
    return "\n".join(str(line[-1]) for line in lines)


@pytest.mark.parametrize("analysed", [True, False])
async def test_no_hot_query_goes_through_a_whole_table(db: Database, analysed: bool) -> None:
    if db.name == "postgresql" and not analysed:
        pytest.skip("PostgreSQL looks at its tables by itself")
    tables = "|".join(table for table in statuses.metadata.tables)
    scan = {
        "sqlite": re.compile(rf"SCAN (?:{tables}|original|author|original_author|also|mine)\b", re.IGNORECASE),
        # Tables of a few rows are read whole by PostgreSQL whatever indexes there are.
        "postgresql": re.compile(r"Seq Scan on (?:statuses|home_feed|status_tags|favourites|media_attachments)\b"),
    }[db.name]
    bad = {}
    async with filled(db, analysed=analysed) as there:
        for name, query in hot():
            found = await plan(there, query)
            if scan.search(found):
                bad[name] = found
    assert not bad, _told(bad)


@pytest.mark.parametrize("analysed", [True, False])
async def test_pages_need_no_sorting(db: Database, analysed: bool) -> None:
    if db.name != "sqlite":
        pytest.skip("PostgreSQL chooses by cost: on so few rows sorting may be cheaper")
    bad = {}
    async with filled(db, analysed=analysed) as there:
        for name, paged in _paged():
            found = await plan(there, paged._down)
            # Reblogs are ordered by id within those of one status; pins are a handful.
            if name != "reblogged by" and "pinned=True" not in name and "TEMP B-TREE FOR ORDER BY" in found:
                bad[name] = found
    assert not bad, _told(bad)


def _told(bad: dict[str, str]) -> str:
    return "\n\n".join(f"{name}:\n{found}" for name, found in bad.items())


async def test_the_explained_queries_answer(db: Database) -> None:
    async with filled(db) as there, there.read() as tx:
        assert len(await timelines.home(tx, AccountId(1), Page())) == 20
        assert len(await timelines.public(tx, Page(), AccountId(1))) == 20
        assert len(await timelines.tagged(tx, "apple", Page(), None, all_names=["apple"], no_names=["pear"])) == 20
        assert len(await timelines.of_account(tx, AccountId(3), Page(), AccountId(1))) == 20
        assert len(await heads.heads(tx, PARAMS["ids"], viewer=AccountId(1))) == 20
