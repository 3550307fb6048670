"""The admin pages of relays, without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from clicking import Browser, Page
from dassie.domain.arrivals import Reason
from dassie.domain.jobs import TellRelay, UndoRelay
from dassie.domain.media_limits import MIB
from dassie.domain.relay_rules import changed
from dassie.domain.relays import Offer, Relay, RelayRules
from dassie.services import subscribing
from dassie.services.admitting import admission_of
from dassie.store import audit, relays
from dassie.web import relay_words
from invented import NOW
from people import stranger, waiting, write
from shown_pages import RELAY
from worlds import World

URL = "https://relay.test/inbox"


async def owner(world: World, role: str = "Owner") -> Browser:
    await world.account("ana", role=role)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    return browser


async def entered(world: World, **values: object) -> Relay:
    async with world.server.write() as tx:
        relay = await subscribing.subscribe(tx, world.server, URL, RelayRules())
        await relays.change(tx, relay.id, **({"state": "accepted"} | values))
    return await now(world, relay)


async def now(world: World, relay: Relay) -> Relay:
    async with world.server.read() as tx:
        found = await relays.by_id(tx, relay.id)
    assert found is not None
    return found


async def actions(world: World) -> list[str]:
    async with world.server.read() as tx:
        return [one.action for one in await audit.newest(tx, 20) if one.action.startswith("relay.")]


@pytest.mark.parametrize("role", ["Owner", "Admin"])
async def test_admins_find_the_pages_in_the_navigation(world: World, role: str) -> None:
    browser = await owner(world, role)
    home = await browser.open("/home")
    admin = [str(a.attributes["href"]) for a in home.tree.css("nav.nav a") if "Admin" in a.text()]
    assert admin == ["/admin/reports"] * 2
    page = await browser.open("/admin")
    assert page.path == "/admin/reports"
    page = await browser.open(
        next(str(a.attributes["href"]) for a in page.tree.css("nav.tabs a") if a.text() == "Relays")
    )
    assert page.one("nav.tabs [aria-current=page]").text() == "Relays"
    assert "takes part in no relay" in page.words()


@pytest.mark.parametrize("path", ["/admin/relays", "/admin/relays/1", "/admin/relays/1/undo"])
async def test_others_are_told_which_permission_is_needed(world: World, path: str) -> None:
    relay = await entered(world)
    browser = await owner(world, "Moderator")
    page = await browser.open(path.replace("1", str(relay.id)))
    assert page.code == 403
    assert "“manage federation”" in page.words()
    assert (await Browser(world.app).open(path)).path.startswith("/auth/sign_in")


async def test_every_form_checks_the_role(world: World) -> None:
    relay = await entered(world)
    browser = await owner(world, "User")
    token = str((await browser.open("/home")).one("form#act input[name=token]").attributes["value"])
    for path in ("", *(f"/{relay.id}{verb}" for verb in ("", "/pause", "/resume", "/ask", "/leave", "/undo"))):
        refused = await browser.post(f"/admin/relays{path}", {"token": token, "hours": "1", "url": URL})
        assert refused.code == 403, path
    assert (await now(world, relay)) == relay
    assert await actions(world) == []


async def test_a_relay_is_added_with_its_price_before_the_eyes(idle_world: World) -> None:
    browser = await owner(idle_world)
    page = await browser.open("/admin/relays")
    proposed = page.one("input[name=posts_per_hour][checked]")
    assert proposed.attributes["value"] == "200"
    assert "200 an hour (proposed) 28.8 MB and 5,760 jobs a day" in page.words("form.form fieldset")
    assert "2.06 GB" in page.words("form.form details table")
    page = await browser.submit(
        page, "main form.form", url=URL, posts_per_hour="50", bytes_per_day="30 MB", languages="en de", bots=False
    )
    assert "The relay is asked" in page.words()
    assert "has not answered yet" in page.words()
    async with idle_world.server.read() as tx:
        relay = await relays.by_url(tx, URL)
    assert relay is not None
    assert (relay.rules.posts_per_hour, relay.rules.bytes_per_day) == (50, 30_000_000)
    assert (relay.rules.languages, relay.rules.bots, relay.sends) == (["en", "de"], False, True)
    assert await waiting(idle_world, TellRelay) == [TellRelay("follow", relay.id)]
    assert await actions(idle_world) == ["relay.subscribed"]
    listed = await browser.open("/admin/relays")
    assert "relay.test" in listed.words("table")
    assert "has not answered yet" in listed.words("table")


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(idle_world: World) -> None:
    browser = await owner(idle_world)
    page = await browser.open("/admin/relays")
    page = await browser.submit(page, "main form.form", url="ftp://relay.test", languages="en", posts_per_hour="400")
    assert page.code == 422
    assert "https://" in page.words("#url-error")
    assert page.one("#url").attributes["value"] == "ftp://relay.test"
    assert page.one("#languages").attributes["value"] == "en"
    assert page.one("input[name=posts_per_hour][checked]").attributes["value"] == "400"
    page = await browser.submit(page, "main form.form", url=URL, languages="English")
    assert "codes of two or three letters" in page.words("#languages-error")
    assert "open" in next(d.attributes for d in page.tree.css("details.more") if "More limits" in d.text())
    await entered(idle_world)
    page = await browser.submit(page, "main form.form", url=URL, languages="")
    assert "already" in page.words("#url-error")


async def test_the_report_shows_figures_reasons_and_what_was_refused_last(idle_world: World) -> None:
    relay = await entered(idle_world)
    for name, value in (("offered", 1_234), ("admitted", 200), ("refused.quota", 1_000), ("dropped.bot", 4)):
        idle_world.server.counters.add(f"relay.{relay.id}.{name}", value)
    idle_world.server.ledger.book(
        "relay", relay.id, admitted=200, requests=100, bytes=2_000_000, cpu_us=400_000, seen=1
    )
    eve = await stranger(idle_world, "eve", "rocks.test")
    status = await write(idle_world, eve, reason=Reason.RELAY, language="en")
    async with idle_world.server.write() as tx:
        await idle_world.server.counters.flush(tx)
        await idle_world.server.ledger.flush(tx)
        await relays.brought(tx, relay.id, status)
    await admission_of(idle_world.server).load(idle_world.server)
    offer = Offer(
        uri="https://far.test/1", host="far.test", author=None, bytes=9, language=None, tags=None, has_media=None
    )
    admission_of(idle_world.server).refuse(idle_world.server, relay, "language", offer)
    page = await (await owner(idle_world)).open(f"/admin/relays/{relay.id}")
    words = page.words()
    assert "Taking part." in words
    assert "1,234 posts were offered, 200 let in" in words
    assert "seen by somebody here0.5 %" in words
    rows = [[cell.text() for cell in row.css("th, td")] for row in page.tree.css("main tbody tr")]
    assert ["More than its posts an hour", "before any work", "1,000"] in rows
    assert ["By a bot", "after a look", "4"] in rows
    assert ["Data received", "2 MB", "2 MB", "10 kB"] in rows
    assert ["rocks.test", "1", "100 %"] in rows
    assert ["en", "1", "100 %"] in rows
    assert ["In another language", "https://far.test/1"] in [row[1:] for row in rows]
    assert len(page.tree.css("figure.chart > svg rect")) == 4
    assert len(page.tree.css("figure.chart table")[0].css("tbody tr")) == 24


async def test_limits_are_changed_and_shown_as_they_are_read(idle_world: World) -> None:
    relay = await entered(idle_world)
    browser = await owner(idle_world)
    page = await browser.open(f"/admin/relays/{relay.id}")
    assert page.one("#bytes_per_day").attributes["value"] == "200 MiB"
    form = f"main form.form[action='/admin/relays/{relay.id}']"
    page = await browser.submit(page, form)
    assert (await now(idle_world, relay)).rules == relay.rules
    page = await browser.submit(page, form, posts_per_hour="", media="with", only_followed_tags="1", sends=False)
    after = await now(idle_world, relay)
    assert (after.rules.posts_per_hour, after.rules.media, after.sends) == (None, "with", False)
    assert after.rules.only_followed_tags
    assert "Your changes are saved" in page.words()
    page = await browser.submit(page, form, posts_per_hour="many")
    assert page.code == 422
    assert "whole number" in page.words("#posts_per_hour-error")
    assert page.one("#posts_per_hour").attributes["value"] == "many"
    assert (await now(idle_world, relay)).rules == after.rules


async def test_pausing_leaving_and_asking_again(idle_world: World) -> None:
    relay = await entered(idle_world)
    browser = await owner(idle_world)
    path = f"/admin/relays/{relay.id}"
    page = await press(browser, await browser.open(path), "Pause for a day")
    assert "Paused until" in page.words()
    paused = (await now(idle_world, relay)).paused_until
    assert paused is not None
    assert paused - idle_world.clock.now() > timedelta(hours=23)
    page = await press(browser, page, "Let it in again")
    assert (await now(idle_world, relay)).paused_until is None
    page = await press(browser, page, "Leave this relay")
    assert (await now(idle_world, relay)).state == "left"
    assert "Pause" not in page.words()
    page = await press(browser, page, "Ask it again")
    assert (await now(idle_world, relay)).state == "pending"
    assert await actions(idle_world) == [f"relay.{what}" for what in ("subscribed", "left", "resumed", "paused")]


async def test_removing_what_only_it_brought_is_asked_about_first(idle_world: World) -> None:
    relay = await brought(idle_world)
    browser = await owner(idle_world)
    page = await browser.open(f"/admin/relays/{relay.id}")
    assert page.one("a.btn-risk").attributes["href"] == f"/admin/relays/{relay.id}/undo"
    page = await browser.open(f"/admin/relays/{relay.id}/undo")
    assert "1 post of it is here." in page.words()
    page = await browser.submit(page, "main form.prose")
    assert "is being removed" in page.words()
    assert not page.tree.css("a.btn-risk")
    assert await waiting(idle_world, UndoRelay) == [UndoRelay(relay.id)]
    assert await actions(idle_world) == ["relay.undone"]


async def test_what_went_is_told(world: World) -> None:
    relay = await brought(world, state="left")
    browser = await owner(world)
    await browser.submit(await browser.open(f"/admin/relays/{relay.id}/undo"), "main form.prose")
    await world.settle()
    page = await browser.open(f"/admin/relays/{relay.id}")
    assert "was removed: 1 posts, 1 profiles" in page.words()


def test_every_state_has_a_sentence_and_trouble_its_cure() -> None:
    def level(**values: object) -> tuple[str, bool]:
        found = relay_words.standing(structs.replace(RELAY, **values), NOW)
        assert found.sentence
        return found.level, bool(found.cure)

    assert level() == ("info", False)
    assert level(created_at=NOW - timedelta(days=2)) == ("warn", True)
    assert level(last_error="It did not answer.") == ("warn", True)
    assert level(state="rejected", last_error="No.") == ("risk", True)
    assert level(state="accepted") == ("good", False)
    assert level(state="accepted", last_error="No.")[0] == "warn"
    assert level(state="accepted", paused_until=NOW + timedelta(hours=1))[0] == "info"
    assert level(state="accepted", paused_until=NOW - timedelta(hours=1)) == ("good", False)
    assert level(state="accepted", trial_until=NOW + timedelta(hours=1))[0] == "info"
    assert level(state="left")[0] == "info"


def test_sizes_in_fields_are_read_back_as_they_are() -> None:
    for size in (None, 200 * MIB, 30_000_000, 1_234_567):
        assert changed(RelayRules(), {"bytes_per_day": relay_words.size_text(size)}).bytes_per_day == size


async def brought(world: World, **values: object) -> Relay:
    """A relay that brought a post."""
    relay = await entered(world, **values)
    status = await write(world, await stranger(world, "eve"), reason=Reason.RELAY)
    async with world.server.write() as tx:
        await relays.brought(tx, relay.id, status)
    return relay


async def press(browser: Browser, page: Page, label: str) -> Page:
    """Press the button of a small form by its words."""
    (form,) = [one for one in page.tree.css("main form") if label in one.text()]
    return await browser.submit(page, f"main form[action='{form.attributes['action']}']", button=label)
