"""A web client in Chromium, at another origin: registration, consent with PKCE, home, a picture, likes, live posts."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from client_server import PASSWORD, Person, Served
from sample_pictures import png
from strict_client import client
from test_masto import MODULE, WEB, node

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).with_name("web_client")
PATIENCE = 20_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The client as a site of its own; its address."""
    folder = tmp_path_factory.mktemp("web-client")
    shutil.copy(SOURCE / "index.html", folder)
    esbuild = WEB / "node_modules" / "esbuild" / "bin" / "esbuild"
    bundle = ["--bundle", "--format=esm", f"--alias:masto={MODULE}", f"--outfile={folder / 'client.js'}"]
    done = subprocess.run(
        [*node(), str(esbuild), str(SOURCE / "client.mjs"), *bundle], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[Page]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium is installed (set CHROMIUM to its path)")
        pytest.skip("no Chromium is installed (set CHROMIUM to its path)")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(ignore_https_errors=True)  # the test authority is not Chromium's
        context.set_default_timeout(PATIENCE)
        made = context.new_page()
        yield made
        browser.close()


def signed_in(page: Page, site: str, served: Served, person: Person) -> None:
    """From the client's button over the server's pages and back."""
    page.goto(f"{site}/?server={served.base}")
    page.get_by_role("button", name="Sign in").click()
    page.fill("#login", person.name)
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{site}/**")
    expect(page.locator("#who")).to_have_text(person.name, timeout=PATIENCE)


def test_a_client_in_a_browser_does_all_that_people_do_there(page: Page, site: str, served: Served) -> None:
    ana, ben = served.person(), served.person()
    as_ana, as_ben = client(served, ana), client(served, ben)
    as_ana.account_follow(ben.id)
    first = as_ben.status_post("A stone in the sun")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    signed_in(page, site, served, ana)
    post = page.locator(f"#post-{first['id']}")
    expect(post).to_contain_text("A stone in the sun")
    post.get_by_role("button").click()
    expect(post.get_by_role("button")).to_have_text("Liked 1", timeout=PATIENCE)

    picture: FilePayload = {"name": "dot.png", "mimeType": "image/png", "buffer": png(60, 40)}
    page.set_input_files("[name=file]", picture)
    page.fill("[name=status]", "From the browser")
    page.get_by_role("button", name="Post", exact=True).click()
    mine = page.locator("li", has_text="From the browser")
    expect(mine.locator("img")).to_have_attribute("alt", "From a browser", timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('li img').naturalWidth > 0", timeout=PATIENCE)

    page.wait_for_selector("#who[data-live]")
    second = as_ben.status_post("And another, live")
    for _ in range(20):  # the library does not say when it listens: posted again until it is heard
        if page.locator("li", has_text="And another, live").count():
            break
        page.wait_for_timeout(500)
        second = as_ben.status_post("And another, live")
    expect(page.locator(f"#post-{second['id']}")).to_be_visible(timeout=PATIENCE)
    as_ben.status_delete(second["id"])
    expect(page.locator(f"#post-{second['id']}")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#problem")).to_be_empty()
    assert complaints == []
    for api in (as_ana, as_ben):
        api.session.close()
