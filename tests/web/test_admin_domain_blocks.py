"""Keeping servers away in the browser."""

from __future__ import annotations

from clicking import Browser
from dassie.store import audit, server_blocks
from people import befriend, stranger
from worlds import World

FORM = "main form[action='/admin/domain_blocks']"


async def test_staff_block_a_server_after_seeing_what_it_costs(idle_world: World) -> None:
    world = idle_world
    owner = await world.account("owner", role="Owner")
    await befriend(world, owner, await stranger(world, "bob"))
    browser = Browser(world.app)
    await browser.sign_in("owner")
    page = await browser.open("/admin/domain_blocks")
    assert "No server is blocked" in page.words()
    wrong = await browser.submit(page, "main form[action='/admin/domain_blocks/new']", domain="here.test")
    assert wrong.code == 422
    page = await browser.submit(wrong, "main form[action='/admin/domain_blocks/new']", domain="Else.test")
    assert "1 account of it is known here. 1 follow of people here leads there, 0 lead here." in page.words()
    page = await browser.submit(page, FORM, severity="suspend", public_comment="spam", obfuscate="1")
    assert "els*.**st" in page.words() or "shown as" in page.words()
    async with world.server.read() as tx:
        found = await server_blocks.everything(tx)
        assert [(one.domain, one.severity, one.public_comment) for one in found] == [("else.test", "suspend", "spam")]
        assert (await audit.newest(tx, 1))[0].action == "server.blocked"
    page = await browser.open("/admin/domain_blocks/new?domain=else.test")
    assert page.one("input[name=severity][checked]").attributes["value"] == "suspend"
    page = await browser.submit(page, FORM, severity="silence")
    page = await browser.submit(page, "main form[action='/admin/domain_blocks/publish']", show_domain_blocks="all")
    assert "else.test" not in (await browser.open("/about")).words()
    assert "limited" in (await browser.open("/about")).words("#blocked")
    page = await browser.submit(await browser.open("/admin/domain_blocks"), "main li form")
    assert "No server is blocked" in page.words()


async def test_too_long_a_reason_is_said_where_it_is_typed(idle_world: World) -> None:
    world = idle_world
    await world.account("owner", role="Owner")
    browser = Browser(world.app)
    await browser.sign_in("owner")
    page = await browser.open("/admin/domain_blocks/new?domain=else.test")
    page = await browser.submit(page, FORM, severity="suspend", private_comment="x" * 501)
    assert page.code == 422
    assert "too long" in page.words("#errors")


async def test_others_may_not(idle_world: World) -> None:
    await idle_world.account("bob")
    browser = Browser(idle_world.app)
    await browser.sign_in("bob")
    for path in ("/admin/domain_blocks", "/admin/domain_blocks/new?domain=else.test"):
        assert (await browser.open(path)).code == 403
