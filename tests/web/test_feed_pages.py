"""RSS feeds of people and hashtags."""

from __future__ import annotations

from xml.etree import ElementTree

from clicking import Browser, Page
from dassie.services.writing import NewMedia
from dassie.store import statuses
from people import change, stranger, write
from worlds import World

MEDIA = "{http://search.yahoo.com/mrss/}"


def items(page: Page) -> list[ElementTree.Element]:
    assert page.headers["content-type"] == "application/rss+xml; charset=utf-8"
    return ElementTree.fromstring(page.body).findall("channel/item")


async def test_somebodys_posts_are_a_feed(idle_world: World) -> None:
    world = idle_world
    ana = await change(world, await world.account("ana"), display_name="Ana \x0b& co", note="<p>Climbs</p>")
    first = await write(world, ana, 'one & two\x01 <b>"x"</b>', spoiler_text="Careful <", tags=[("figs", "Figs")])
    media = NewMedia(
        kind="image", remote_url="https://pictures.test/a.png", file_type="image/png", description='A "hill" & more'
    )
    second = await write(world, ana, "pictures", media=[media], visibility="unlisted", sensitive=True)
    await write(world, ana, "hidden", visibility="private")
    theirs = await write(world, await stranger(world, "eve"))
    async with world.server.read() as tx:
        row = await statuses.by_id(tx, theirs)
    await write(world, ana, "a reply", in_reply_to=row)
    browser = Browser(world.app)
    page = await browser.open("/@ana.rss")
    channel = ElementTree.fromstring(page.body).find("channel")
    assert channel is not None
    assert (channel.findtext("title"), channel.findtext("description")) == ("Ana & co", "Climbs")
    assert channel.findtext("link") == "https://here.test/@ana"
    found = items(page)
    assert [one.findtext("link") for one in found] == [f"https://here.test/@ana/{id}" for id in (second, first)]
    said = str(found[1].findtext("description"))
    assert said.startswith("<p><strong>Careful &lt;</strong></p><hr>")
    assert "<b>" in said
    assert found[1].findtext("category") == "figs"
    enclosure = found[0].find("enclosure")
    assert enclosure is not None
    assert (enclosure.get("type"), enclosure.get("length")) == ("image/png", "0")
    assert str(enclosure.get("url")).startswith("https://here.test/media_proxy/original/")
    content = found[0].find(f"{MEDIA}content")
    assert content is not None
    assert (content.findtext(f"{MEDIA}description"), content.findtext(f"{MEDIA}rating")) == ('A "hill" & more', "adult")
    again = await browser.open("/@ana.rss", **{"if-none-match": page.headers["etag"]})
    assert (again.code, again.body) == (304, b"")
    await write(world, ana, "news")
    assert (await browser.open("/@ana.rss", **{"if-none-match": page.headers["etag"]})).code == 200
    profile = await browser.open("/@ana")
    assert profile.one("link[type='application/rss+xml']").attributes["href"] == "/@ana.rss"
    assert (await browser.open("/@ANA.rss")).path == "/@ana.rss"


async def test_strangers_and_the_unknown_have_none(idle_world: World) -> None:
    await stranger(idle_world, "eve")
    browser = Browser(idle_world.app)
    for name in ("nobody", "eve@else.test", "here.test"):
        assert (await browser.open(f"/@{name}.rss")).code == 404


async def test_a_hashtag_is_a_feed_of_what_is_known_here(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    tags = [("figs", "Figs")]
    mine = await write(world, ana, "#Figs", tags=tags)
    theirs = await write(world, eve, "#figs", tags=tags, url="https://else.test/1")
    await write(world, ana, "#figs quietly", tags=tags, visibility="unlisted")
    browser = Browser(world.app)
    page = await browser.open("/tags/Figs.rss")
    found = items(page)
    assert [one.findtext("link") for one in found] == ["https://else.test/1", f"https://here.test/@ana/{mine}"]
    assert theirs != mine
    shown = await browser.open("/tags/Figs")
    assert shown.one("link[type='application/rss+xml']").attributes["href"] == "/tags/Figs.rss"
    assert items(await browser.open("/tags/nothing.rss")) == []
