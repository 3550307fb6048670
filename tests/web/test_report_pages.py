"""Reporting in the browser, and looking at reports."""

from __future__ import annotations

from clicking import Browser
from dassie.domain.jobs import ForwardReport
from dassie.domain.settings import InstanceSettings, Rule
from dassie.services import curating
from dassie.store import audit, settings
from people import curated, stranger, waiting, write
from worlds import World


async def test_somebody_reports_a_post_and_the_staff_closes_it(idle_world: World) -> None:
    world = idle_world
    await world.account("owner", role="Owner")
    ana, bob = await world.account("ana"), await stranger(world, "bob")
    post, other = await write(world, bob, "buy <b>this</b>"), await write(world, bob, "harmless")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(f"/@bob@else.test/{post}")
    link = page.one(f"a[href='/accounts/{bob.id}/report?status={post}']")
    page = await browser.open(str(link.attributes["href"]))
    checked = [node.attributes["value"] for node in page.tree.css("input[name='status_ids[]'][checked]")]
    assert checked == [str(post)]
    form = f"form[action='/accounts/{bob.id}/report']"
    wrong = await browser.submit(page, form, category="spam", comment="x" * 1001)
    assert wrong.code == 422
    assert "too long" in wrong.words("#errors")
    done = await browser.submit(wrong, form, category="spam", comment="rude", status_ids__=[post, other], forward="1")
    assert done.path == "/@bob@else.test"
    assert "Thank you" in done.words()
    assert [job.account_ids for job in await waiting(world, ForwardReport)] == [[bob.id]]
    staff = Browser(world.app)
    await staff.sign_in("owner")
    page = await staff.open("/notifications")
    page = await staff.open(str(page.one("a[href^='/admin/reports/']").attributes["href"]))
    assert {word for word in ("rude", "buy", "harmless", "Spam", "by @ana") if word not in page.words()} == set()
    page = await staff.submit(page, "form[action$='/resolve']")
    assert "No report is open" in page.words()
    page = await staff.open("/admin/reports?only=closed")
    page = await staff.open(str(page.one("main li a").attributes["href"]))
    assert "Closed by @owner" in page.words()
    page = await staff.submit(page, "form[action$='/reopen']")
    assert page.tree.css("form[action$='/resolve']")
    async with world.server.read() as tx:
        assert [one.action for one in await audit.newest(tx, 2)] == ["report.reopened", "report.resolved"]
    assert (await browser.open("/admin/reports")).code == 403
    assert ana.id != bob.id


async def test_somebody_reports_a_collection(idle_world: World) -> None:
    world = idle_world
    await world.account("owner", role="Owner")
    await world.account("ana")
    bob = await world.account("bob")
    bad, other = await curated(world, bob, "Rude people", discoverable=False), await curated(world, bob, "Rocks")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(f"/collections/{bad}")
    page = await browser.open(str(page.one("main a[href*='/report?']").attributes["href"]))
    boxes = {
        str(node.attributes["value"]): "checked" in node.attributes
        for node in page.tree.css("input[name='collection_ids[]']")
    }
    assert boxes == {str(bad): True, str(other): False}
    form = f"form[action='/accounts/{bob.id}/report']"
    await browser.submit(page, form, category="other", collection_ids__=[bad, other])
    async with world.server.write() as tx:
        await curating.remove(tx, bob, other)
    staff = Browser(world.app)
    await staff.sign_in("owner")
    page = await staff.open("/admin/reports")
    page = await staff.open(str(page.one("main li a").attributes["href"]))
    assert page.one(f"main a[href='/collections/{bad}']").text() == "Rude people"
    assert "1 collection is deleted meanwhile" in page.words()


async def test_rules_are_named(idle_world: World) -> None:
    world = idle_world
    await world.account("owner", role="Owner")
    await world.account("ana")
    bob = await world.account("bob")
    async with world.server.write() as tx:
        await settings.save_instance(tx, InstanceSettings(rules=[Rule(3, "Be kind")]))
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(f"/accounts/{bob.id}/report")
    form = f"form[action='/accounts/{bob.id}/report']"
    wrong = await browser.submit(page, form, category="violation")
    assert "choose the rules" in wrong.words("#errors")
    await browser.submit(wrong, form, category="violation", rule_ids__="3")
    staff = Browser(world.app)
    await staff.sign_in("owner")
    page = await staff.open("/admin/reports")
    page = await staff.open(str(page.one("main li a").attributes["href"]))
    assert "Be kind" in page.words()


async def test_nobody_reports_the_unknown(idle_world: World) -> None:
    await idle_world.account("ana")
    browser = Browser(idle_world.app)
    assert (await browser.open("/accounts/1/report")).path.startswith("/auth/sign_in")
    await browser.sign_in("ana")
    assert (await browser.open("/accounts/1/report")).code == 404
    assert (await browser.open("/admin/reports")).code == 403
