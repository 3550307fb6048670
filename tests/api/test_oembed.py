"""Posts on other sites' pages."""

from __future__ import annotations

import pytest

from entities_check import check_entity, needs_definitions
from people import change, stranger, write
from worlds import World


@needs_definitions
async def test_a_public_post_is_described_and_its_frame_opens(idle_world: World) -> None:
    world = idle_world
    ana = await change(world, await world.account("ana"), display_name='Ana "A" <b>')
    post = await write(world, ana, "Good morning")
    api = await world.api_as(None)
    for address in (f"/@ana/{post}", f"/users/ana/statuses/{post}", f"/@ana/{post}/embed", f"/@Ana/{post}?x=1"):
        got = await api.get("/api/oembed", url=f"https://here.test{address}")
        assert got.code == 200, got.text
        assert check_entity("OEmbed", got.json) == []
    shown = got.json
    assert (shown["author_name"], shown["author_url"]) == ('Ana "A" <b>', "https://here.test/@ana")
    assert (shown["width"], shown["type"]) == (400, "rich")
    assert "<b>" not in shown["html"]
    assert f'src="https://here.test/@ana/{post}/embed"' in shown["html"]
    assert (await api.get(f"/api/web/embeds/{post}")).json == shown
    narrow = (await api.get("/api/oembed", url=f"https://here.test/@ana/{post}", maxwidth=300, maxheight=210)).json
    assert (narrow["width"], narrow["height"]) == (300, 210)
    page = await api.get(f"/@ana/{post}")
    assert f"https://here.test/api/oembed?format=json&amp;url=https%3A//here.test/%40ana/{post}" in page.text


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_not_everybody_may_see_is_not_embedded(idle_world: World, visibility: str) -> None:
    world = idle_world
    ana = await world.account("ana")
    post = await write(world, ana, visibility=visibility)
    api = await world.api_as(ana)
    assert (await api.get("/api/oembed", url=f"https://here.test/@ana/{post}")).code == 404
    assert (await api.get(f"/api/web/embeds/{post}")).code == 404


async def test_others_posts_and_addresses_are_not_ours_to_embed(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    await world.account("bob")
    theirs, ours = await write(world, await stranger(world, "eve")), await write(world, ana)
    api = await world.api_as(None)
    for address in (
        f"https://here.test/@eve@else.test/{theirs}",
        f"https://else.test/@ana/{ours}",
        f"https://here.test/@bob/{ours}",
        "https://here.test/@ana",
        "nonsense",
        "https://[",
    ):
        assert (await api.get("/api/oembed", url=address)).code == 404, address
    assert (await api.get("/api/oembed")).code == 422
    assert (await api.get("/api/oembed", url=f"https://here.test/@ana/{ours}", format="xml")).code == 501
    assert (await api.get(f"/api/web/embeds/{theirs}")).code == 404
