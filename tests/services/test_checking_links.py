"""Links on profiles are shown as their owner's once the page links back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import templates
from dassie.domain.jobs import CheckLink
from dassie.services import checking_links
from dassie.store import accounts
from dassie.store.views import FieldView
from filing import world_with_peer
from net import Peer
from people import fresh, run, stranger, waiting
from worlds import World

Site = tuple[World, Peer]


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """A world that runs no jobs by itself, beside https://news.test."""
    (tmp_path / "data").mkdir()
    if not database_url:
        await templates.sqlite_copy(tmp_path / "data" / "dassie.db")
    async with world_with_peer(tmp_path, "news.test", database_url=database_url, link_cards="on") as found:
        yield found


def page(site: Site, path: str, html: str) -> str:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    site[1].on(path, answer)
    return f"https://news.test{path}"


async def check(world: World) -> None:
    for job in await waiting(world, CheckLink):
        await run(world, job)


async def test_a_link_of_ones_own_is_proved_and_stays_so_until_it_changes(site: Site) -> None:
    world, _ = site
    api = await world.api_as(await world.account("ana"))
    mine = page(site, "/mine", '<a rel="me" href="https://here.test/@ana">me</a>')
    other = page(site, "/other", '<a rel="me" href="https://here.test/@ben">ben</a>')

    async def fields(*given: tuple[str, str]) -> list[Any]:
        sent = [{"name": name, "value": value} for name, value in given]
        got = await api.patch("/api/v1/accounts/update_credentials", json={"fields_attributes": sent})
        await check(world)
        assert got.code == 200, got.text
        shown = (await api.get("/api/v1/accounts/verify_credentials")).json
        return [one["verified_at"] is not None for one in shown["fields"]]

    gone, said = ("gone", "https://news.test/gone"), ("said", "my page: https://news.test/mine")
    assert await fields(("mine", mine), ("other", other), gone, said) == [True, False, False, False]
    assert await fields(("mine", mine), ("pronouns", "they")) == [True, False]
    page(site, "/mine", "nothing")
    assert await fields(("renamed", mine)) == [False]


async def test_what_others_proved_is_kept_over_their_updates(site: Site) -> None:
    world, peer = site
    eve = await stranger(world, "eve")
    url = page(site, "/eve", f'<link rel="me" href="{eve.url}">')
    link = FieldView("web", f'<a href="{url}">{url}</a>')
    async with world.server.write() as tx:
        await accounts.change(tx, eve.id, fields=[link])
    async with world.server.write() as tx:
        await checking_links.plan(tx, world.server, await fresh(world, eve.id))
    await check(world)
    assert peer.paths == ["/eve"]
    proved = (await fresh(world, eve.id)).fields
    assert proved[0].verified_at is not None
    renamed = FieldView("other", link.value)
    assert checking_links.still_proved(proved, [renamed, link]) == [renamed, proved[0]]
