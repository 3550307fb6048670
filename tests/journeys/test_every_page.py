"""One furnished server, looked at all over in a real browser; and what people do with the newer pages, by click."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

import templates
from browsing import PASSWORD, Site, faults, open_site
from demo import say
from furnished import House, furnish
from mailbox_server import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PAGES = [
    *("/home", "/public", "/notifications", "/publish", "/bookmarks", "/favourites", "/search?q=stone"),
    *("/settings/profile", "/settings/preferences", "/auth/edit", "/oauth/authorized_applications"),
    *("/tags/Koppie", "/@ama", "/@ben", "/@ama/followers", "/about", "/nothing"),
]
GUEST_PAGES = [
    *("/", "/about", "/privacy-policy", "/@ama", "/public", "/nothing"),
    *("/auth/sign_in", "/auth/password/new", "/auth/confirmation/new"),
]
IN_THE_DARK = re.compile(
    r"^/(home|notifications|publish|settings/profile|admin/relays/\d+|collections/\d+)$|reports/|quotes$"
)
FRAME = ".nav, .side, header.guest"
"""The same around every page: axe-core looks at it once for each kind of reader."""
WHOLE = ("/home", "/")
WIDER = (768, 1280)
AT_ONCE = 3

FOCUSED = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const shown = [one, ...(one.labels ?? [])].map(each => each.getBoundingClientRect());
    const free = shown.some(at => {
        const top = document.elementFromPoint(at.x + at.width / 2, at.y + Math.min(at.height, 44) / 2);
        return top && !top.closest(".nav, .top:not(:focus-within)") && top.closest("main");
    });
    return one.closest("main") ? [one.dataset.walked ?? (one.dataset.walked = "1", "new"), free, one.outerHTML] : null;
}"""
"""Where the focus is in `main`: whether for the first time, whether no bar stands over it, and what it is."""
REACHABLE = """() => {
    const every = document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)");
    return [...every].filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.disabled
        && one.type !== "hidden" && !one.closest("[aria-hidden]") && !one.dataset.walked
        && !(one.type === "radio" && document.querySelector(`[name="${one.name}"][data-walked]`)))
        .map(one => one.outerHTML.slice(0, 120));
}"""
"""What in `main` can be pressed or filled in and did not have the focus; of radio buttons one is enough."""


@dataclass
class Home:
    """The server, the browser, who lives there, and the letters it sent."""

    site: Site
    house: House
    box: Mailbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    folder = tmp_path_factory.mktemp("everything")
    await templates.sqlite_copy(folder / "dassie.db")
    async with Mailbox() as box, open_site(folder, **box.settings) as site:
        yield Home(site, await furnish(site.world), box)


@pytest_asyncio.fixture(loop_scope="module")
async def home(everything: Home) -> AsyncIterator[Home]:
    """The same for every test; each is asked for its own complaints."""
    everything.site.complaints.clear()
    yield everything
    complaints = [one for one in everything.site.complaints if "404" not in one]  # /nothing is meant to be missing
    assert complaints == []


async def look(page: Page, address: str) -> list[str]:
    """What is wrong with a page at 360, 768 and 1280 pixels; axe-core looks at the first, and at some in the dark."""
    await page.set_viewport_size({"width": 360, "height": 860})
    answer = await page.goto(address)
    assert answer is not None
    told = [] if answer.status == 200 or "/nothing" in address else [f"it answers {answer.status}"]
    apart = "" if address in WHOLE else FRAME
    told += await faults(page, apart)
    for width in WIDER:
        await page.set_viewport_size({"width": width, "height": 860})
        beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        told += [f"{beyond} px too wide at {width}"] if beyond > 0 else []
    if IN_THE_DARK.search(address):
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        told += [f"dark: {one}" for one in await faults(page, apart)]
        await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return told


async def look_at_all(first: Page, addresses: Sequence[str]) -> dict[str, list[str]]:
    """What is wrong, by address. Several tabs share the work."""
    left, found = list(addresses)[::-1], {}

    async def go(page: Page) -> None:
        while left:
            address = left.pop()
            found[address] = await look(page, address)

    tabs = [first, *[await first.context.new_page() for _ in range(AT_ONCE - 1)]]
    await asyncio.gather(*map(go, tabs))
    return {address: told for address, told in found.items() if told}


async def test_every_page_fits_every_width_and_axe_finds_nothing(home: Home) -> None:
    house, first = home.house, home.house.first
    thread = [f"/@ama/{first.id}", f"/publish?in_reply_to={first.id}", f"/statuses/{first.id}/delete"]
    page = await home.site.signed_in("ama", width=360)
    mine = [*PAGES, *thread, f"/accounts/{house.ben.id}/block", *house.pages]
    assert await look_at_all(page, mine) == {}
    guest = await (await home.site.context(width=360)).new_page()
    assert await look_at_all(guest, [*GUEST_PAGES, *house.guest_pages]) == {}


async def test_the_keyboard_reaches_everything_and_no_bar_stands_over_it(home: Home) -> None:
    ben, quoted = home.house.ben, home.house.quoted
    page = await home.site.signed_in("ama", width=360)
    collection = next(one for one in home.house.pages if one.endswith("/edit") and one.startswith("/collections/"))
    for address in (
        f"/publish?quoted_status_id={quoted.id}",
        f"/accounts/{ben.id}/report",
        collection,
        "/scheduled",
        "/notifications/requests",
        "/admin/domain_blocks/new?domain=spam.test",
    ):
        await page.goto(address)
        await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        await page.focus("#main")
        while True:
            await page.keyboard.press("Tab")
            at = await page.evaluate(FOCUSED)
            if at is None:
                break
            assert at[1], f"{address}: a bar stands over {at[2][:200]}"
        assert await page.evaluate(REACHABLE) == [], address


async def test_a_post_is_quoted_and_taken_out_again(home: Home) -> None:
    site, house = home.site, home.house
    post = await say(site.world, house.ama, "Quote this, if you like.")
    ben = await site.signed_in("ben", width=360)
    await ben.goto(f"/@ama/{post.id}")
    await ben.locator("article.opened").get_by_label("More").click()
    await ben.get_by_role("link", name="Quote", exact=True).click()
    await expect(ben.get_by_role("group", name="Quoted post by Ama Serwaa")).to_contain_text("if you like")
    await ben.fill("#status", "I like it.")
    await ben.get_by_role("button", name="Post", exact=True).click()
    await ben.wait_for_url("**/@ben/*")
    await expect(ben.locator("article.opened .quoted")).to_contain_text("Quote this, if you like.")

    ama = await site.signed_in("ama")
    await ama.goto("/notifications")
    await expect(ama.locator(".group", has_text="quoted your post").first).to_contain_text("I like it.")
    await ama.goto(f"/@ama/{post.id}")
    await ama.get_by_role("link", name="1 quote").click()
    await ama.locator("article.post").get_by_label("More").click()
    await ama.get_by_role("button", name="Take my post out of it").click()
    await expect(ama.get_by_text("Your post does not show in it any more.")).to_be_visible()
    await ben.reload()
    await expect(ben.locator("article.opened .quoted")).to_have_text("Its author took the post out of here.")


async def test_somebody_is_reported_and_the_report_is_closed(home: Home) -> None:
    post = await say(home.site.world, home.house.dalia, "Stones for sale!")
    ben = await home.site.signed_in("ben", width=360)
    await ben.goto(f"/@dalia/{post.id}")
    await ben.locator("article.opened").get_by_label("More").click()
    await ben.get_by_role("link", name="Report …").click()
    await ben.get_by_label("It breaks rules of this server").check()
    await ben.get_by_label("No adverts.").check()
    await expect(ben.get_by_label("Stones for sale!")).to_be_checked()
    await ben.fill("#comment", "She sells stones.")
    await ben.get_by_role("button", name="Report", exact=True).click()
    await expect(ben.get_by_text("Thank you.")).to_be_visible()

    ama = await home.site.signed_in("ama")
    await ama.goto("/notifications")
    await ama.get_by_role("link", name="A report was filed").first.click()
    await expect(ama.get_by_role("heading", level=1)).to_have_text("Report about داليا")
    for words in ("She sells stones.", "No adverts.", "Stones for sale!", "by @ben"):
        await expect(ama.locator("main")).to_contain_text(words)
    await ama.get_by_role("button", name="Close this report").click()
    await expect(ama.get_by_text("The report is closed.")).to_be_visible()
    await ama.get_by_role("link", name="Closed", exact=True).click()
    await expect(ama.locator("main li", has_text="She sells stones.")).to_be_visible()


async def test_somebody_comes_by_an_invitation_and_is_let_in(home: Home) -> None:
    site = home.site
    ben = await site.signed_in("ben")
    await ben.goto("/invites")
    await ben.get_by_role("button", name="Make an invitation").click()
    link = await ben.locator("main li bdi, main li p").first.inner_text()
    guest = await (await site.context(width=360)).new_page()
    await guest.goto(link)
    await expect(guest.locator("main")).to_contain_text("Ben of the Hills invites you to Koppie.")
    name, address = "newcomer", "newcomer@mail.test"
    typed = {"username": name, "email": address, "password": PASSWORD, "date_of_birth": "1990-01-01"}
    for field, text in typed.items():
        await guest.fill(f"#{field}", text)
    await guest.fill("#reason", "Ben said so.")
    await guest.get_by_label("I have read this and agree to it").check()
    await guest.get_by_role("button", name="Sign up").click()
    await expect(guest.get_by_role("heading", level=1)).to_have_text("Almost there")
    await site.world.settle()
    [letter] = home.box.to(address)
    found = re.search(r"https?://\S+?(/auth/confirmation\S+)", home.box.text(letter))
    assert found is not None
    await guest.goto(found[1])
    await guest.get_by_role("button", name="Yes, it is mine").click()
    await expect(guest.locator("main")).to_contain_text("looked at by hand")

    ama = await site.signed_in("ama", width=360)
    await ama.goto("/notifications")
    await ama.get_by_role("link", name="Who waits to be let in").first.click()
    await ama.get_by_role("button", name=f"Let in @{name}").click()
    await expect(ama.locator("main li", has_text=name)).to_have_count(0)
    arrived = await site.signed_in(name, width=360)
    await expect(arrived.get_by_role("heading", level=1)).to_have_text("Home")
