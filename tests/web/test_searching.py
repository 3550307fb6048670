"""Search brings in people and posts from elsewhere: a handle, a profile's address, a post's address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

import templates
from clicking import Browser
from fediverse import Fediverse, new_fediverse


@pytest.fixture
async def fediverse(tmp_path: Path, database_url: str) -> AsyncIterator[Fediverse]:
    """Our server, and others that a test makes."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_fediverse(tmp_path, database_url=database_url) as made:
        yield made


async def signed_in(fediverse: Fediverse) -> Browser:
    await fediverse.world.account("ana")
    browser = Browser(fediverse.world.app)
    await browser.sign_in("ana")
    return browser


async def test_a_handle_finds_somebody_elsewhere(fediverse: Fediverse) -> None:
    fediverse.actor("bob")
    browser = await signed_in(fediverse)
    page = await browser.open("/search?q=" + quote("@bob@there.test"))
    assert page.code == 200
    assert "@bob@there.test" in page.words()


async def test_the_address_of_a_post_leads_to_it(fediverse: Fediverse) -> None:
    bob = fediverse.actor("bob")
    note = fediverse.note(bob, "<p>stones in the sun</p>")
    fediverse.http.serve(note)
    browser = await signed_in(fediverse)
    page = await browser.open("/search?q=" + quote(note["id"]))
    assert page.path.startswith("/@bob@there.test/")
    assert "stones in the sun" in page.words()


async def test_strangers_cannot_have_us_ask_other_servers(fediverse: Fediverse) -> None:
    fediverse.actor("bob")
    page = await Browser(fediverse.world.app).open("/search?q=" + quote("@bob@there.test"))
    assert page.code in (200, 303, 401)
    assert fediverse.http.asked == []


async def test_what_cannot_be_found_is_said(fediverse: Fediverse) -> None:
    browser = await signed_in(fediverse)
    page = await browser.open("/search?q=" + quote("@nobody@nowhere.test"))
    assert page.code == 200
    assert page.tree.css_first("main") is not None
    assert "nobody" in page.words() or "nothing" in page.words().lower()
