"""Quotes in the browser, without scripts: written, shown, listed, taken back, and who may."""

from __future__ import annotations

from clicking import Browser
from dassie.store.views import AccountView
from people import befriend, stranger, write
from test_reading import say
from worlds import World


async def signed_in(world: World, name: str) -> tuple[AccountView, Browser]:
    account = await world.account(name)
    browser = Browser(world.app)
    await browser.sign_in(name)
    return account, browser


async def test_a_quote_is_written_shown_listed_and_taken_back(world: World) -> None:
    ana, as_ana = await signed_in(world, "ana")
    _, as_ben = await signed_in(world, "ben")
    first = await say(world, ana, "The stones are warm.")

    page = await as_ben.open(f"/@ana/{first.id}")
    assert page.one(".opened .drop a[href^='/publish?quoted']").text() == "Quote"
    page = await as_ben.open(f"/publish?quoted_status_id={first.id}")
    assert "The stones are warm." in page.words(".quoted")
    page = await as_ben.submit(page, "form.write", status="So they are.")
    assert "So they are." in page.words(".opened .text")
    assert "The stones are warm." in page.words(".opened .quoted")
    quoting = page.path.rpartition("/")[2]

    page = await as_ana.open(f"/@ana/{first.id}")
    assert page.one(f".meta a[href='/@ana/{first.id}/quotes']").text() == "1 quote"
    page = await as_ana.open(f"/@ana/{first.id}/quotes")
    assert "So they are." in page.words("ol.posts")
    page = await as_ana.press(page, f"button[formaction='/statuses/{first.id}/quotes/{quoting}/revoke']")
    assert "does not show in it any more" in page.words()
    page = await as_ben.open(f"/@ben/{quoting}")
    assert "took the post out of here" in page.words(".opened .quoted")
    assert "The stones are warm." not in page.words("main")


async def test_a_quote_that_cannot_be_read_any_more_is_ended_all_the_same(world: World) -> None:
    ana, as_ana = await signed_in(world, "ana")
    ben = await world.api_as(await world.account("ben"))
    first = await say(world, ana, "The stones are warm.")
    quoting = (await ben.post("/api/v1/statuses", status="Not at all", quoted_status_id=first.id)).json["id"]
    await ben.post(f"/api/v1/accounts/{ana.id}/block")
    page = await as_ana.open(f"/@ana/{first.id}/quotes")
    assert "Not at all" not in page.words()
    page = await as_ana.submit(page, f"form[action='/statuses/{first.id}/quotes/{quoting}/revoke']")
    assert "does not show in it any more" in page.words()
    assert (await ben.get(f"/api/v1/statuses/{quoting}")).json["quote"]["state"] == "revoked"
    other = await signed_in(world, "cem")
    assert (await other[1].open(f"/@ana/{first.id}/quotes")).tree.css("form[action$='/revoke']") == []


async def test_who_may_quote_is_chosen_and_kept_to(world: World) -> None:
    _, as_ana = await signed_in(world, "ana")
    _, as_ben = await signed_in(world, "ben")
    page = await as_ana.open("/publish")
    page = await as_ana.submit(page, "form.write", status="As long as I like", quote_policy="followers")
    id = page.path.rpartition("/")[2].partition("#")[0]
    assert (await as_ben.open(f"/publish?quoted_status_id={id}")).code == 403
    page = await as_ana.open(f"/publish?edit={id}")
    assert page.one("#quote_policy option[selected]").attributes["value"] == "followers"
    await as_ana.submit(page, "form.write", quote_policy="public")
    writing = await as_ben.open(f"/publish?quoted_status_id={id}")

    page = await as_ana.open(f"/publish?edit={id}")
    await as_ana.submit(page, "form.write", quote_policy="nobody")
    refused = await as_ben.submit(writing, "form.write", status="Too late")
    assert refused.code == 422
    assert "does not want it quoted" in refused.words("#errors")
    assert refused.one("#status").text() == "Too late"
    page = await as_ben.open(f"/@ana/{id}")
    assert page.tree.css(".opened .drop a[href^='/publish?quoted']") == []


async def test_a_quote_of_somebody_muted_is_behind_a_button_and_one_of_nobody_is_told(world: World) -> None:
    ana, as_ana = await signed_in(world, "ana")
    eve = await stranger(world, "eve")
    await befriend(world, ana, eve)
    quoted = await write(world, eve, "Something loud.")
    api = await world.api_as(await world.account("ben"))
    await (await world.api_as(ana)).post(f"/api/v1/accounts/{eve.id}/mute")
    got = await api.post("/api/v1/statuses", status="Look", quoted_status_id=quoted)
    assert got.code == 404  # a stranger of whom nothing says that she may be quoted
    first = await say(world, ana, "Good morning.")
    cem = await world.account("cem")
    as_cem = await world.api_as(cem)
    quoting = (await as_cem.post("/api/v1/statuses", status="Indeed", quoted_status_id=first.id)).json
    await as_cem.post(f"/api/v1/accounts/{ana.id}/mute")
    browser = Browser(world.app)
    await browser.sign_in("cem")
    page = await browser.open(f"/@cem/{quoting['id']}")
    assert page.words(".opened details.quoted > summary") == "A post by somebody you mute"
    await (await world.api_as(ana)).delete(f"/api/v1/statuses/{first.id}")
    page = await as_ana.open(f"/@cem/{quoting['id']}")
    assert "was deleted" in page.words(".opened .quoted")
