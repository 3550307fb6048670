"""The door for people: sessions, forms that were not made here, errors, headers, static files."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from clicking import Browser
from dassie.domain.scopes import ALL
from dassie.web import assets, cookies
from dassie.web.visits import is_local
from worlds import World


async def test_signing_in_opens_home_and_signing_out_closes_it(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    page = await browser.sign_in("ana")
    assert page.path == "/home"
    assert "@ana" not in page.words("h1")
    page = await browser.submit(page, ".wide form[action='/auth/sign_out']")
    assert page.path == "/"
    assert "You are signed out" in page.words()
    assert (await browser.open("/home")).path.startswith("/auth/sign_in")


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    wrong = await browser.sign_in("ana", "not the password")
    unknown = await browser.sign_in("nobody", "not the password")
    assert wrong.code == unknown.code == 422
    assert wrong.words("#errors") == unknown.words("#errors")
    assert wrong.one("#login").attributes["value"] == "ana"


async def test_after_signing_in_one_is_where_one_wanted_to_go(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    page = await browser.open("/bookmarks")
    assert page.path == "/auth/sign_in?next=%2Fbookmarks"
    page = await browser.submit(page, "main form", login="ana", password="correct horse battery")
    assert page.path == "/bookmarks"


async def test_consent_can_be_given_with_another_account(world: World) -> None:
    await world.account("ana")
    await world.account("bo")
    back = "https://app.test/back"
    given = {"client_name": "App", "redirect_uris": back, "scopes": " ".join(ALL), "website": "https://app.test"}
    app = (await (await world.api_as()).post("/api/v1/apps", json=given)).json
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": back, "scope": " ".join(ALL)}
    address = f"/oauth/authorize?{urlencode(asked)}&force_login=true"
    assert len(address) > 1_000
    browser = Browser(world.app)
    page = await browser.open(address)
    # a browser holds the redirects of a form against the policy of its page: an app that is known is gone on to
    assert "form-action 'self' https://app.test;" in page.headers["content-security-policy"]
    page = await browser.submit(page, "main form", login="ana", password="correct horse battery")
    assert page.path == address
    token = str(page.one("main form input[name=token]").attributes["value"])
    other = page.one("button[formaction]").attributes
    page = await browser.post(str(other["formaction"]), {"token": token, "next": str(other["value"])})
    page = await browser.open(page.headers["location"])
    page = await browser.submit(page, "main form", login="bo", password="correct horse battery")
    assert page.path == address
    assert "@bo@" in page.words()
    for query in (f"client_id=x&redirect_uri={back}", f"client_id={app['client_id']}&redirect_uri=https://evil.test"):
        page = await Browser(world.app).open(f"/oauth/authorize?{query}")
        assert "form-action 'self';" in page.headers["content-security-policy"]


async def test_a_session_cookie_cannot_be_read_by_scripts_nor_sent_from_elsewhere(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    page = await browser.open("/auth/sign_in")
    token = str(page.one("input[name=token]").attributes["value"])
    fields = {"login": "ana", "password": "correct horse battery", "token": token}
    page = await browser.post("/auth/sign_in", fields)
    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-dassie=")
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_forms_from_elsewhere_are_refused_even_with_a_good_token(world: World, headers: dict[str, str]) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    home = await browser.sign_in("ana")
    token = str(home.one("form#act input[name=token]").attributes["value"])
    page = await browser.post("/auth/sign_out", {"token": token}, **headers)
    assert page.code == 403
    assert (await browser.open("/home")).path == "/home"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é", "A" * 5000])
async def test_forms_without_a_token_of_this_browser_are_refused(world: World, token: str) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert (await browser.post("/auth/sign_out", {"token": token})).code == 403


async def test_a_token_of_another_session_is_refused(world: World) -> None:
    await world.account("ana")
    first, second = Browser(world.app), Browser(world.app)
    page = await first.sign_in("ana")
    await second.sign_in("ana")
    token = str(page.one("form#act input[name=token]").attributes["value"])
    assert (await second.post("/auth/sign_out", {"token": token})).code == 403


def test_form_tokens_differ_each_time_and_all_fit() -> None:
    made = {cookies.form_token(b"s", "session") for _ in range(20)}
    assert len(made) == 20
    assert all(cookies.is_form_token(b"s", "session", token) for token in made)
    assert not any(cookies.is_form_token(b"s", "other", token) for token in made)
    assert not any(cookies.is_form_token(b"t", "session", token) for token in made)
    assert not cookies.is_form_token(b"s", "", cookies.form_token(b"s", ""))


def test_only_addresses_of_ours_are_gone_back_to() -> None:
    assert is_local("/home")
    assert is_local("/@ana/1?max_id=2")
    for address in ("", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/a\nb", "/é"):
        assert not is_local(address), address


async def test_every_page_forbids_what_it_does_not_need(world: World) -> None:
    page = await Browser(world.app).open("/about")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "private, no-cache"
    assert "HX-Request" in page.headers["vary"]


async def test_unknown_addresses_get_a_page(world: World) -> None:
    for path in ("/nothing/here", "/@nobody", "/@nobody/12", "/static/nothing.js", "/statuses/x/favourite"):
        page = await Browser(world.app).open(path)
        assert page.code in (404, 405), path
    page = await Browser(world.app).open("/@nobody")
    assert page.words("h1") == "Nothing here"


async def test_pages_come_compressed_where_the_browser_takes_it(world: World) -> None:
    browser = Browser(world.app)
    squeezed = await browser.open("/about")
    plain = await browser.open("/about", **{"accept-encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert squeezed.words("h1") == plain.words("h1")


async def test_static_files_with_a_hash_are_kept_for_good(world: World) -> None:
    if not assets.names():
        pytest.skip("the assets are not built: run `python web/build.py`")
    browser = Browser(world.app)
    style = await browser.open(assets.asset("app.css"))
    assert style.code == 200
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    missing = await browser.open("/static/avatar-missing.png")
    assert missing.headers["content-type"] == "image/png"
    assert "immutable" not in missing.headers["cache-control"]
    for name in ("..%2f..%2fapp.py", "assets.json", "../routing.py"):
        assert (await browser.open(f"/static/{name}")).code == 404


async def test_the_manifest_names_icons_that_exist(world: World) -> None:
    import msgspec

    browser = Browser(world.app)
    found = msgspec.json.decode((await browser.open("/manifest")).body)
    assert found["start_url"] == "/home"
    if not assets.names():
        pytest.skip("the assets are not built: run `python web/build.py`")
    for icon in found["icons"]:
        assert (await browser.open(icon["src"])).code == 200
