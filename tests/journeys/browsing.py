"""A real browser on a real server: uvicorn on a free port of this machine, Chromium, nothing beyond both."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from dassie.web import assets
from worlds import World, new_world

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "correct horse battery"


@dataclass
class Site:
    """A running server and the browser that looks at it."""

    world: World
    base: str
    chromium: Browser
    complaints: list[str] = field(default_factory=list)
    """What went wrong in any page: console errors, refused or failed requests, requests to other hosts."""

    async def context(self, *, width: int = 1280, scripts: bool = True, dark: bool = False) -> BrowserContext:
        """A fresh browser profile whose complaints are noted."""
        made = await self.chromium.new_context(
            base_url=self.base,
            viewport={"width": width, "height": 860},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        made.on("request", self._requested)
        made.on("requestfailed", lambda r: self._failed(r))
        made.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        made.on("weberror", lambda e: self.complaints.append(str(e.error)))
        return made

    async def signed_in(self, name: str, **options: Any) -> Page:
        """A page at home of somebody who signed in by the form."""
        page = await (await self.context(**options)).new_page()
        await page.goto("/auth/sign_in")
        await page.fill("#login", name)
        await page.fill("#password", PASSWORD)
        await page.click("main form button")
        await page.wait_for_url("**/home")
        return page

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left meanwhile
            self.complaints.append(f"{request.url}: {request.failure}")


async def faults(page: Page, apart: str = "") -> list[str]:
    """What axe-core finds wrong, but for what `apart` selects; and whether the page can be scrolled sideways."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate(
        "([apart, rules]) => axe.run(document.querySelector(apart || 'x-none') ? { exclude: [[apart]] } : document,"
        "{ runOnly: rules, resultTypes: ['violations'] }).then(({ violations }) => violations)",
        [apart, RULES],
    )
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
    beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*told, *([f"{beyond} px too wide"] if beyond > 0 else [])]


@asynccontextmanager
async def open_site(folder: Path, **settings: Any) -> AsyncIterator[Site]:
    """A server, and Chromium; skips (on CI fails) where something is missing."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        _without("no Chromium is installed (set CHROMIUM to its path)")
    if not assets.names():
        _without("the pages' assets are not built: run `python web/build.py`")
    if not AXE.exists():
        _without("axe-core is not installed: run `npm ci` in web/")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        domain = f"localhost:{listening.getsockname()[1]}"
        made = new_world(folder, domain=domain, **settings)
        async with made as world, _served(world, listening), async_playwright() as play:
            chromium = await play.chromium.launch(executable_path=program, args=FLAGS)
            try:
                yield Site(world, f"http://{domain}", chromium)
            finally:
                await chromium.close()


@asynccontextmanager
async def _served(world: World, listening: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        world.app,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


def _without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
