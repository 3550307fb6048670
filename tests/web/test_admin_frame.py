"""The door of the admin pages: who comes in, who is told why not."""

from __future__ import annotations

from clicking import Browser
from dassie.domain.roles import may
from dassie.web import charts, sections
from worlds import World


async def test_nobody_signed_in_is_asked_to_sign_in(world: World) -> None:
    page = await Browser(world.app).open("/admin")
    assert page.path == "/auth/sign_in?next=%2Fadmin"


async def test_moderators_find_what_they_may_do_and_nothing_else(world: World) -> None:
    await world.account("ana", role="Moderator")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/admin")
    theirs = [one.path for one in sections.open_to("Moderator")]
    assert page.path == theirs[0]
    assert "/admin/custom_emojis" in theirs
    assert "/admin/relays" not in theirs
    assert "manage federation" in (await browser.open("/admin/relays")).words()


async def test_others_are_told_which_permission_they_lack(world: World) -> None:
    await world.account("ana", role="User")
    browser = Browser(world.app)
    home = await browser.sign_in("ana")
    assert "Admin" not in home.words("nav.nav")
    page = await browser.open("/admin")
    assert page.code == 403
    assert "permission “" in page.words()


def test_only_owners_and_admins_may_all_that_the_pages_need() -> None:
    for permission in ("manage_federation", "manage_settings", "view_dashboard"):
        assert may("Owner", permission)
        assert may("Admin", permission)
        assert not may("User", permission)
        assert not may("nonsense", permission)
    assert not may("Moderator", "manage_federation")
    assert sections.open_to("User") == []


def test_columns_of_a_chart_reach_from_the_foot_to_the_sum_and_the_table_says_the_same() -> None:
    chart = charts.stacked("T", "S", "Hour", ["a", "b"], [("1", [30, 20]), ("2", [0, 0]), ("3", [10, 0])])
    assert chart.most == 50
    assert [(bar.series, bar.y, bar.height) for bar in chart.bars] == [(0, 40.0, 60.0), (1, 0.0, 40.0), (0, 80.0, 20.0)]
    assert chart.rows == [["1", "30", "20"], ["2", "0", "0"], ["3", "10", "0"]]
    assert charts.stacked("T", "S", "Hour", ["a"], []).bars == []
