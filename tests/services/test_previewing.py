"""Link cards: fetched when somebody first looks, once per address, and shown to everybody from then on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import templates
from dassie.domain.ids import StatusId
from dassie.domain.jobs import FetchCard
from dassie.services import previewing
from dassie.store import cards, usage
from dassie.store.cards import Unread
from filing import picture, world_with_peer
from net import Peer
from people import change, run, stranger, waiting, write
from worlds import Client, World

HEAD = """<!doctype html><html lang="de-AT"><head><meta charset="utf-8"><title>Plain &amp; simple</title>
<meta property="og:title" content="A stone &amp; a bird"><meta property="og:description" content="What they did">
<meta property="og:site_name" content="News"><meta property="og:image" content="/bird.png">
<meta property="og:image:alt" content="A bird"><meta name="author" content="Kim">
<meta name="fediverse:creator" content="@{creator}">
<meta property="article:published_time" content="2026-03-04T05:06:07+01:00">
</head><body>…</body></html>"""


class Site:
    """A site of the web, and how often it was asked."""

    def __init__(self, world: World, peer: Peer) -> None:
        self.world, self.peer = world, peer

    def page(self, path: str, html: str | bytes, content_type: str = "text/html; charset=utf-8") -> str:
        body = html if isinstance(html, bytes) else html.encode()

        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, headers={"content-type": content_type})

        self.peer.on(path, answer)
        return f"https://news.test{path}"

    def picture(self, path: str = "/bird.png") -> None:
        self.page(path, picture(600, 400), "image/png")

    async def attend(self) -> list[Any]:
        """Attend to what was looked at; the fetches that are planned now."""
        await self.world.app.materialiser.attend()
        return await waiting(self.world, FetchCard)

    async def fetch(self) -> None:
        """Attend, and do what is planned."""
        for job in await self.attend():
            await run(self.world, job)

    def asked(self, path: str) -> int:
        return self.peer.paths.count(path)


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """A world that runs no jobs by itself, beside https://news.test."""
    (tmp_path / "data").mkdir()
    if not database_url:
        await templates.sqlite_copy(tmp_path / "data" / "dassie.db")
    async with world_with_peer(tmp_path, "news.test", "video.test", database_url=database_url, link_cards="on") as (
        world,
        peer,
    ):
        yield Site(world, peer)


def link(url: str) -> str:
    return f'see <a href="{url}" target="_blank" rel="nofollow noopener">it</a>'


async def reader(site: Site, name: str = "ana") -> Client:
    return await site.world.api_as(await site.world.account(name))


async def card(client: Client, id: int) -> Any:
    got = await client.get(f"/api/v1/statuses/{id}")
    assert got.code == 200, got.text
    return got.json["card"]


async def test_nothing_is_fetched_before_a_look_and_then_once_for_all(site: Site) -> None:
    url = site.page("/a", HEAD)
    site.picture()
    eve = await stranger(site.world, "eve")
    ids = [await write(site.world, eve, link(url)) for _ in range(3)]
    assert await site.attend() == []
    await Client(site.world.app).get(f"/api/v1/statuses/{ids[0]}")
    assert await site.attend() == []  # guests make us ask nobody
    ana, ben = await reader(site), await reader(site, "ben")
    for client in (ana, ben):
        await client.get("/api/v1/timelines/public")
    assert len(await site.attend()) == 1
    await site.fetch()
    for id in ids:
        assert (await card(ana, id))["title"] == "A stone & a bird"
    later = await write(site.world, eve, link(url))
    await ben.get("/api/v1/timelines/public")
    await site.attend()
    assert (await card(ben, later))["title"] == "A stone & a bird"
    assert site.asked("/a") == 1


async def test_the_card_says_what_the_page_says(site: Site) -> None:
    url = site.page("/a", HEAD)
    site.picture()
    id = await write(site.world, await stranger(site.world, "eve"), link(f"{url}#part"))
    ana = await reader(site)
    await card(ana, id)
    await site.fetch()
    shown = await card(ana, id)
    image = shown.pop("image")
    assert shown.pop("blurhash")
    assert shown == {
        "url": url,
        "title": "A stone & a bird",
        "description": "What they did",
        "language": "de",
        "type": "link",
        "author_name": "Kim",
        "author_url": "",
        "provider_name": "News",
        "provider_url": "",
        "html": "",
        "width": 587,
        "height": 391,
        "image_description": "A bird",
        "embed_url": "",
        "published_at": "2026-03-04T04:06:07.000Z",
        "authors": [{"name": "Kim", "url": "", "account": None}],
    }
    got = await Client(site.world.app).get(image.removeprefix("https://here.test"))
    assert (got.code, got.headers["content-type"]) == (200, "image/jpeg")
    assert site.asked("/bird.png") == 1
    async with site.world.server.read() as tx:
        used = (await usage.by_kind(tx))["card"]
    assert (used.files, used.bytes) == (1, len(got.body))


async def test_own_posts_get_their_card_in_a_moment_and_those_who_look_hear_of_it(site: Site) -> None:
    url = site.page("/a", HEAD)
    site.picture()
    ana = await site.world.account("ana")
    client = await site.world.api_as(ana)
    heard = site.world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    id = (await client.post("/api/v1/statuses", status=f"look {url}")).json["id"]
    await site.fetch()
    kinds = []
    async for _, event in heard:
        kinds.append((event.kind, event.id))
        if event.kind == "status.update":
            break
    heard.close()
    assert ("status.update", int(id)) in kinds
    assert (await card(client, id))["url"] == url


async def test_beside_media_quotes_and_own_links_there_is_no_card(site: Site) -> None:
    from dassie.services.writing import NewMedia

    url = site.page("/a", HEAD)
    eve = await stranger(site.world, "eve")
    with_file = await write(
        site.world, eve, link(url), media=[NewMedia(kind="image", remote_url="https://else.test/p.png")]
    )
    quote = await write(site.world, eve, link(url), quote_uri="https://else.test/9")
    ours = await write(site.world, eve, link("https://here.test/@ana/1"))
    named = await write(site.world, eve, f'<a href="{url}" class="u-url mention">@news</a>')
    ana = await reader(site)
    for id in (with_file, quote, ours, named):
        assert await card(ana, id) is None
    assert await site.attend() == []


async def test_a_page_that_fails_is_left_alone_longer_and_longer(site: Site) -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    site.peer.on("/broken", broken)
    id = await write(site.world, await stranger(site.world, "eve"), link("https://news.test/broken"))
    ana = await reader(site)
    waits = []
    for _ in range(3):
        await card(ana, id)
        for job in await site.attend():
            await run(site.world, job)
            async with site.world.server.read() as tx:
                found = await cards.link(tx, job.link_id)
                assert found is not None
                waits.append(round((found.next_at - tx.now) / timedelta(hours=1)))
        async with site.world.server.write() as tx:
            from sqlalchemy import delete

            from dassie.store.tables import jobs
            from dassie.store.tx import Statement

            await tx.run(Statement(delete(jobs)))
        site.world.clock.forward(hours=waits[-1] + 1)
    assert waits == [1, 6, 24]
    assert await card(ana, id) is None


async def test_a_site_gets_a_few_requests_at_once_and_the_rest_in_their_turn(site: Site) -> None:
    eve = await stranger(site.world, "eve")
    ids = [await write(site.world, eve, link(site.page(f"/{n}", HEAD))) for n in range(9)]
    other = await write(site.world, eve, link("https://video.test/1"))
    ana = await reader(site)
    for id in (*ids, other):
        await card(ana, id)
    assert len(await site.attend()) == 10
    async with site.world.server.read() as tx:
        due = [when for when in await _due_times(tx) if when > tx.now + timedelta(seconds=2)]
    assert len(due) == len(ids) - previewing.SITE_AT_ONCE


async def _due_times(tx: Any) -> list[Any]:
    from sqlalchemy import select

    from dassie.store.tables import jobs
    from dassie.store.tx import Query

    found: list[Any] = await tx.all(Query(lambda at: at, select(jobs.c.run_at).where(jobs.c.kind == "FetchCard")))
    return found


async def test_a_page_may_credit_only_who_allows_its_domain(site: Site) -> None:
    ana = await site.world.account("ana")
    url = site.page("/a", HEAD.replace("{creator}", "ana@here.test"))
    other = site.page("/b", HEAD.replace("{creator}", "ben@here.test"))
    await site.world.account("ben")
    await change(site.world, ana, attribution_domains=["news.test"])
    eve = await stranger(site.world, "eve")
    ids = [await write(site.world, eve, link(one)) for one in (url, other)]
    client = await site.world.api_as(ana)
    for id in ids:
        await card(client, id)
    await site.fetch()
    credited, refused = [await card(client, id) for id in ids]
    assert credited["authors"][0]["account"]["username"] == "ana"
    assert refused["authors"][0]["account"] is None


async def test_a_video_is_shown_by_the_frame_alone(site: Site) -> None:
    page = '<title>V</title><link rel="alternate" type="application/json+oembed" href="/oembed?u=1">'
    url = site.page("/v", page)
    site.page(
        "/oembed",
        '{"version":"1.0","type":"video","title":"Film","width":640,"height":"360","author_name":"Zoe",'
        '"html":"<script>bad()</script><iframe src=\\"//video.test/e/1#t=3\\" onload=\\"bad()\\"></iframe>"}',
        "application/json",
    )
    id = await write(site.world, await stranger(site.world, "eve"), link(url))
    ana = await reader(site)
    await card(ana, id)
    await site.fetch()
    shown = await card(ana, id)
    assert (shown["type"], shown["title"], shown["width"], shown["height"]) == ("video", "Film", 640, 360)
    assert shown["html"].startswith('<iframe src="https://video.test/e/1#t=3"')
    assert "bad" not in shown["html"]
    assert [one["name"] for one in shown["authors"]] == ["Zoe"]
    await ana.post(f"/api/v1/statuses/{id}/bookmark")
    found = await ana.get("/api/v2/search", q="has:embed", type="statuses")
    assert [one["id"] for one in found.json["statuses"]] == [str(id)]
    assert (await ana.get("/api/v2/search", q="-has:embed in:library", type="statuses")).json["statuses"] == []


async def test_the_link_timeline_holds_what_was_seen_with_the_card(site: Site) -> None:
    url = site.page("/a", HEAD)
    site.picture()
    eve = await stranger(site.world, "eve", discoverable=True)
    shy = await stranger(site.world, "shy")
    id = await write(site.world, eve, link(url))
    other = await write(site.world, shy, link(url))
    ana = await reader(site)
    await ana.get("/api/v1/timelines/public")
    await site.fetch()
    got = await ana.get("/api/v1/timelines/link", url=url)
    assert [one["id"] for one in got.json] == [str(id)]
    assert await card(ana, other) is not None
    assert (await ana.get("/api/v1/timelines/link", url="https://news.test/none")).code == 404


async def test_an_edit_looks_at_the_links_again(site: Site) -> None:
    first, second = site.page("/a", HEAD), site.page("/b", "<title>Second</title>")
    site.picture()
    client = await reader(site)
    id = (await client.post("/api/v1/statuses", status=first)).json["id"]
    await site.fetch()
    assert (await card(client, id))["url"] == first
    site.world.clock.forward(minutes=2)
    assert (await client.put(f"/api/v1/statuses/{id}", status=second)).json["card"] is None
    await site.fetch()
    assert (await card(client, id))["title"] == "Second"


async def test_a_status_that_went_meanwhile_gets_no_card(site: Site) -> None:
    eve = await stranger(site.world, "eve")
    stays = await write(site.world, eve, link("https://news.test/a"))
    unread = [Unread(StatusId(id), link("https://news.test/a")) for id in (stays, stays + 1)]
    async with site.world.server.write() as tx:
        found = await previewing._attach(tx, site.world.server, unread)
        assert not await cards.attach(tx, stays, found[0].id)  # it has it already
        assert not await cards.attach(tx, stays + 1, found[0].id)
    assert [one.url for one in found] == ["https://news.test/a"]


async def test_links_without_statuses_are_forgotten(site: Site) -> None:
    client = await reader(site)
    id = (await client.post("/api/v1/statuses", status=site.page("/a", HEAD))).json["id"]
    site.picture()
    await site.fetch()
    site.world.clock.forward(days=31)
    await previewing.forget_unused(site.world.server)
    async with site.world.server.read() as tx:
        assert len(await cards.link_ids(tx, "https://news.test/a")) == 1
    await client.delete(f"/api/v1/statuses/{id}")
    await previewing.forget_unused(site.world.server)
    async with site.world.server.read() as tx:
        assert await cards.link_ids(tx, "https://news.test/a") == []


async def test_a_page_in_an_old_character_set_is_read_rightly(site: Site) -> None:
    url = site.page("/a", "<title>Žluťoučký kůň</title>".encode("iso-8859-2"), "text/html; charset=ISO-8859-2")
    id = await write(site.world, await stranger(site.world, "eve"), link(url))
    ana = await reader(site)
    await card(ana, id)
    await site.fetch()
    assert (await card(ana, id))["title"] == "Žluťoučký kůň"
