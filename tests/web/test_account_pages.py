"""Claiming, settings, sessions, apps, notifications, search, and the consent of OAuth."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlencode, urlsplit

from clicking import Browser
from dassie.domain.redirects import OUT_OF_BAND
from dassie.services import claiming, favouriting
from dassie.store import apps
from dassie.store.apps import OAuthApp
from test_composing import png
from test_reading import follow, say
from worlds import World


async def register(world: World, redirect: str = "https://app.example/back", scopes: str = "read write") -> OAuthApp:
    async with world.server.write() as tx:
        return await apps.register(
            tx,
            client_id="client",
            client_secret="secret",
            name="Tusky",
            website="https://app.example",
            redirect_uris=[redirect],
            scopes=scopes,
        )


def asking(redirect: str = "https://app.example/back", **more: str) -> str:
    wanted = {"client_id": "client", "redirect_uri": redirect, "response_type": "code", "scope": "read write:media"}
    return f"/oauth/authorize?{urlencode(wanted | more)}"


async def test_the_printed_link_makes_the_owner_once(world: World) -> None:
    async with world.server.write() as tx:
        code = await claiming.claim_code(tx, world.server)
    assert code is not None
    browser = Browser(world.app)
    assert "Set up this server" in (await browser.open("/")).words()
    page = await browser.open(f"/claim/{code}")
    page = await browser.submit(page, "main form", username="ana", password="a long password", display_name="Ana")
    assert len(page.tree.css("ol.codes li")) == 10
    assert (await browser.open("/home")).path == "/home"
    assert (await browser.open("/@ana")).words("h1") == "Ana"
    assert (await Browser(world.app).open(f"/claim/{code}")).code == 403


async def test_a_wrong_code_claims_nothing(world: World) -> None:
    async with world.server.write() as tx:
        await claiming.claim_code(tx, world.server)
    browser = Browser(world.app)
    page = await browser.open("/claim")
    page = await browser.submit(page, "main form", code="wrong", username="ana", password="a long password")
    assert page.code == 422
    assert page.one("#username").attributes["value"] == "ana"
    assert (await browser.open("/@ana")).code == 404


async def test_a_recovery_code_lets_in_once(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open("/auth/edit"), "form[action='/auth/recovery_codes']")
    code = page.words("ol.codes li")
    assert (await Browser(world.app).sign_in("ana", code)).path == "/home"
    assert (await Browser(world.app).sign_in("ana", code)).code == 422


async def test_a_new_password_signs_other_browsers_out(world: World) -> None:
    await world.account("ana")
    here, there = Browser(world.app), Browser(world.app)
    await here.sign_in("ana")
    await there.sign_in("ana")
    page = await here.open("/auth/edit")
    assert len(page.tree.css("li.box")) == 2
    wrong = await here.submit(page, "main form[action='/auth/edit']", current="no", password="another password")
    assert "not your password" in wrong.words("#errors")
    page = await here.submit(
        page, "main form[action='/auth/edit']", current="correct horse battery", password="another password"
    )
    assert "Your password is changed" in page.words()
    assert (await there.open("/home")).path.startswith("/auth/sign_in")
    assert (await here.open("/home")).path == "/home"


async def test_another_browser_can_be_signed_out(world: World) -> None:
    await world.account("ana")
    here, there = Browser(world.app), Browser(world.app)
    await there.sign_in("ana")
    await here.sign_in("ana")
    await here.submit(await here.open("/auth/edit"), "form[action*='/auth/sessions/']")
    assert (await there.open("/home")).path.startswith("/auth/sign_in")


async def test_a_profile_is_changed_with_a_picture(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/settings/profile")
    page = await browser.submit(
        page,
        "main form[action='/settings/profile']",
        display_name="Ana S.",
        note="I like #stones",
        field_name__=["Site", "", "", ""],
        field_value__=["https://ana.example", "", "", ""],
        files={"avatar": png(32, 32)},
    )
    assert "Your changes are saved" in page.words()
    shown = await browser.open("/@ana")
    assert shown.words("h1") == "Ana S."
    assert "I like #stones" in shown.words(".who .text")
    assert "ana.example" in shown.words(".who dl")
    assert "missing" not in str(shown.one(".who .pebble-l").attributes["src"])


async def test_a_profile_that_breaks_a_rule_is_shown_again(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/settings/profile")
    page = await browser.submit(page, "main form[action='/settings/profile']", note="y" * 501, display_name="Ana")
    assert page.code == 422
    assert page.one("#note").text() == "y" * 501


async def test_preferences_are_kept(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/settings/preferences")
    page = await browser.submit(
        page, "main form[action='/settings/preferences']", color_scheme="dark", default_visibility="private"
    )
    assert page.one("html").attributes["data-scheme"] == "dark"
    assert (await browser.open("/publish")).one("#visibility option[selected]").attributes["value"] == "private"
    page.body = page.body.replace(b'value="light"', b'value="pink"')
    bad = await browser.submit(page, "main form[action='/settings/preferences']", color_scheme="pink")
    assert bad.code == 422


async def test_notifications_are_grouped_and_counted_until_read(world: World) -> None:
    ana, ben, cas = [await world.account(name) for name in ("ana", "ben", "cas")]
    post = await say(world, ana, "warm stone")
    for who in (ben, cas):
        async with world.server.write() as tx:
            await favouriting.favourite(tx, world.server, who, post)
    await follow(world, ben, ana)
    await say(world, ben, "@ana are you there?")
    await world.settle()
    browser = Browser(world.app)
    home = await browser.sign_in("ana")
    assert home.words("[data-badge] .dot") == "4"
    page = await browser.open("/notifications")
    assert "cas and 1 other person favourited your post" in page.words()
    assert "ben follows you now" in page.words()
    assert "are you there?" in page.words("article")
    assert not (await browser.open("/home")).tree.css("[data-badge] .dot")
    mentions = await browser.open("/notifications?only=mentions")
    assert "favourited" not in mentions.words("ol.posts")
    assert "are you there?" in mentions.words("ol.posts")


async def test_search_finds_people_tags_and_leads_links_home(world: World) -> None:
    ana = await world.account("ana")
    post = await say(world, ana, "#granite is warm")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    found = await browser.open("/search?q=granite")
    assert "#granite" in found.words(".chips")
    found = await browser.open("/search?q=warm")
    for _ in range(50):  # words are put into the index in the background
        if found.tree.css("ol.posts"):
            break
        await asyncio.sleep(0.1)
        found = await browser.open("/search?q=warm")
    assert "is warm" in found.words("ol.posts")
    assert "@ana" in (await browser.open("/search?q=@ana")).words("main")
    assert (await browser.open(f"/search?q={post.url}")).path == f"/@ana/{post.id}"
    assert "Nothing found" in (await browser.open("/search?q=zzzz")).words()
    assert "Search for people" in (await Browser(world.app).open("/search")).words()


async def test_an_app_is_allowed_and_gets_its_code(world: World) -> None:
    await world.account("ana")
    await register(world)
    browser = Browser(world.app)
    page = await browser.open(asking(state="s t"))
    page = await browser.submit(page, "main form", login="ana", password="correct horse battery")
    assert "Allow Tusky?" in page.words("h1")
    assert "app.example" in page.words(".facts")
    assert "Change: media files" in page.words()
    assert "form-action 'self' https://app.example;" in page.headers["content-security-policy"]
    page = await browser.submit(page, "main form", button="Allow")
    assert page.code == 303
    answer = parse_qs(urlsplit(page.headers["location"]).query)
    assert page.headers["location"].startswith("https://app.example/back?")
    assert answer["state"] == ["s t"]
    assert len(answer["code"][0]) >= 32


async def test_an_app_is_refused(world: World) -> None:
    await world.account("ana")
    await register(world)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open(asking(state="x")), "main form", button="Refuse")
    assert "error=access_denied" in page.headers["location"]
    assert "state=x" in page.headers["location"]


async def test_an_unknown_app_or_return_address_is_never_followed(world: World) -> None:
    await world.account("ana")
    await register(world)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    for address in (asking("https://evil.example/"), asking(client_id="other")):
        page = await browser.open(address)
        assert page.code in (400, 401)
        assert not page.trail
    told = await browser.open(asking(scope="admin:write"))
    assert "error=invalid_scope" in told.headers["location"]


async def test_a_code_without_return_address_is_shown(world: World) -> None:
    await world.account("ana")
    await register(world, OUT_OF_BAND)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open(asking(OUT_OF_BAND)), "main form", button="Allow")
    assert len(page.words("#code")) >= 32
    assert page.headers["cache-control"] == "no-store"


async def test_an_app_that_wants_a_form_gets_one(world: World) -> None:
    await world.account("ana")
    await register(world)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(asking(response_mode="form_post", state="x"))
    page = await browser.submit(page, "main form", button="Allow")
    form = page.one("main form")
    assert form.attributes["action"] == "https://app.example/back"
    assert {str(field.attributes["name"]) for field in form.css("input")} == {"code", "state"}


async def test_a_signed_in_app_can_be_removed(world: World) -> None:
    ana = await world.account("ana")
    token = await world.token(ana)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/oauth/authorized_applications")
    page = await browser.submit(page, "main form[action$='/revoke']")
    assert "The app has no access any more" in page.words()
    client = await world.api_as(None)
    client.token = token
    assert (await client.get("/api/v1/accounts/verify_credentials")).code == 401
