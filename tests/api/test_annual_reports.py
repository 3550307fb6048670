"""Looking back on a year: who may, what is counted, who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dassie.domain.annual_reports import archetype, campaign, latest, may_be_told, month_bounds
from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.services.writing import NewPoll
from dassie.store import follows, statuses
from dassie.store.views import AccountView, PollOption
from entities_check import check_entity, needs_definitions
from people import befriend, stranger, write
from worlds import World

YEAR = datetime.now(UTC).year - 1
MAY, JULY = datetime(YEAR, 5, 3, tzinfo=UTC), datetime(YEAR, 7, 31, 23, tzinfo=UTC)


async def wrote(world: World, author: AccountView, at: datetime, **values: Any) -> StatusId:
    """A status of that time."""
    id = StatusId(new_id(at))
    return await write(world, author, id=id, created_at=at, live=False, **values)


async def count(world: World, id: StatusId, **counts: int) -> None:
    async with world.server.write() as tx:
        for name, by in counts.items():
            await statuses.count(tx, id, f"{name}_count", by)


@needs_definitions
async def test_a_year_is_worked_out_once_and_told(world: World) -> None:
    ana, bob = await world.account("ana"), await stranger(world, "bob")
    await befriend(world, bob, ana)
    figs = await wrote(world, ana, MAY, tags=[("figs", "Figs")])
    await wrote(
        world, ana, JULY, tags=[("figs", "Figs"), ("stones", "stones")], poll=NewPoll(options=[PollOption("a")])
    )
    quiet = await wrote(world, ana, JULY, visibility="private")
    await wrote(world, ana, datetime(YEAR + 1, 1, 1, tzinfo=UTC))
    await wrote(world, ana, datetime(YEAR, 1, 1, tzinfo=UTC) - timedelta(seconds=1))
    theirs = await wrote(world, bob, MAY)
    async with world.server.read() as tx:
        parent, own = await statuses.by_id(tx, theirs), await statuses.by_id(tx, figs)
    reply = await wrote(world, ana, MAY, in_reply_to=parent)
    await wrote(world, ana, MAY, in_reply_to=own)
    await count(world, figs, reblogs=3, favourites=9)
    await count(world, reply, favourites=2)
    await count(world, quiet, favourites=20, replies=5)
    api = await world.api_as(ana)
    at = f"/api/v1/annual_reports/{YEAR}"
    assert (await api.get(f"{at}/state")).json == {"state": "eligible"}
    assert (await api.get(at)).code == 404
    assert (await api.get("/api/v1/annual_reports")).json["annual_reports"] == []
    asked = await api.post(f"{at}/generate")
    assert (asked.code, asked.json) == (202, {})
    await world.settle()
    assert (await api.get(f"{at}/state")).json == {"state": "available"}
    assert (await api.post(f"{at}/generate")).code == 200
    got = (await api.get(at)).json
    assert check_entity("WrappedAnnualReports", got) == []
    [report] = got["annual_reports"]
    assert (report["year"], report["account_id"], report["schema_version"]) == (YEAR, str(ana.id), 2)
    data = report["data"]
    assert data["archetype"] == "lurker"
    assert {m["month"]: m["statuses"] for m in data["time_series"] if m["statuses"]} == {5: 3, 7: 2}
    assert data["top_hashtags"] == [{"name": "Figs", "count": 2}, {"name": "stones", "count": 1}]
    assert data["top_statuses"] == {"by_reblogs": str(figs), "by_favourites": str(reply), "by_replies": None}
    assert [one["id"] for one in got["statuses"]] == [str(figs), str(reply)]
    assert [one["id"] for one in got["accounts"]] == [str(ana.id)]
    groups = (await api.get("/api/v2/notifications", types=["annual_report"])).json
    assert check_entity("GroupedNotificationsResults", groups) == []
    assert [one["annual_report"] for one in groups["notification_groups"]] == [{"year": YEAR}]
    assert (await api.get("/api/v1/annual_reports")).json == got
    assert (await api.post(f"{at}/read")).json == {}
    assert (await api.get("/api/v1/annual_reports")).json["annual_reports"] == []
    assert (await api.get(at)).json == got
    page = await (await world.api_as(None)).get(report["share_url"].removeprefix("https://here.test"))
    assert page.code == 200
    assert "Figs" in page.text


async def test_follows_are_counted_in_their_month(world: World) -> None:
    ana, bob = await world.account("ana"), await stranger(world, "bob")
    await wrote(world, ana, MAY)
    async with world.server.write() as tx:
        for one, other in ((ana, bob), (bob, ana)):
            await follows.add(
                tx,
                follows.Follow(new_id(MAY), AccountId(one.id), AccountId(other.id), None, True, False, None, MAY),
            )
    api = await world.api_as(ana)
    await api.post(f"/api/v1/annual_reports/{YEAR}/generate")
    await world.settle()
    series = (await api.get(f"/api/v1/annual_reports/{YEAR}")).json["annual_reports"][0]["data"]["time_series"]
    assert [(m["following"], m["followers"]) for m in series if m["month"] in (4, 5, 6)] == [(0, 0), (1, 1), (0, 0)]


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 5, 0, -3, 1999, 99_999])
async def test_years_without_posts_or_not_over_cannot_be_told(idle_world: World, year: int) -> None:
    world = idle_world
    ana = await world.account("ana")
    await wrote(world, ana, MAY)
    api = await world.api_as(ana)
    at = f"/api/v1/annual_reports/{year}"
    assert (await api.get(f"{at}/state")).json == {"state": "ineligible"}
    assert (await api.post(f"{at}/generate")).code == 404
    assert (await api.post(f"{at}/read")).code == 404
    assert (await (await world.api_as(None)).get(f"{at}/state")).code == 401


async def test_what_is_on_its_way_is_not_begun_again(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    await wrote(world, ana, MAY)
    api = await world.api_as(ana)
    for _ in range(2):
        assert (await api.post(f"/api/v1/annual_reports/{YEAR}/generate")).code == 202
    assert (await api.get(f"/api/v1/annual_reports/{YEAR}/state")).json == {"state": "generating"}
    assert (await api.get(f"/api/v1/annual_reports/{YEAR}")).code == 404


def test_a_year_can_be_told_from_december_on() -> None:
    november, december = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert (may_be_told(2026, november), may_be_told(2026, december), may_be_told(2025, november)) == (
        False,
        True,
        True,
    )
    assert (campaign(november), campaign(december)) == (None, 2026)
    assert (latest(november), latest(december)) == (2025, 2026)
    months = month_bounds(2026)
    assert (len(months), months[0][0], months[-1][1]) == (
        12,
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("alone", "replies", "reblogs", "polls", "who"),
    [
        (50, 50, 12, 30, "lurker"),
        (50, 0, 101, 0, "booster"),
        (100, 50, 0, 11, "pollster"),
        (50, 101, 0, 0, "replier"),
        (100, 100, 100, 10, "oracle"),
    ],
)
def test_who_somebody_was(alone: int, replies: int, reblogs: int, polls: int, who: str) -> None:
    assert archetype(alone=alone, replies=replies, reblogs=reblogs, polls=polls) == who
