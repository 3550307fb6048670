"""Posts in another language, in a browser without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import translators
from clicking import Browser
from translators import Service
from worlds import World, new_world


@asynccontextmanager
async def translating(folder: Path, database_url: str) -> AsyncIterator[tuple[World, Service]]:
    async with (
        translators.libre_translate() as service,
        new_world(
            folder, database_url=database_url, translation="libretranslate", translation_url=service.url
        ) as world,
    ):
        yield world, service


async def test_a_post_in_another_language_is_translated_from_its_page_and_lists(
    tmp_path: Path, database_url: str
) -> None:
    async with translating(tmp_path, database_url) as (world, service):
        ana = await world.account("ana")
        api = await world.api_as(ana)
        poll = {"options": ["chá", "areia"], "expires_in": 3600}
        got = await api.post("/api/v1/statuses", json={"status": "bom dia", "language": "pt", "poll": poll})
        own = await api.post("/api/v1/statuses", status="good day", language="en")
        secret = await api.post("/api/v1/statuses", status="segredo", language="pt", visibility="private")
        await world.account("ben")
        browser = Browser(world.app)
        await browser.sign_in("ben")
        listed = await browser.open("/public")
        (link,) = [one for one in listed.tree.css("a") if one.text() == "Translate"]
        path = str(link.attributes["href"])
        assert path == f"/@ana/{got.json['id']}/translation"
        shown = await browser.open(path)
        assert "BOM DIA" in shown.words("article")
        assert "CHÁ" in shown.words("article")
        assert "From Portuguese, by LibreTranslate." in shown.words()
        assert shown.one("article").attributes["lang"] == "en"
        german = await browser.submit(shown, "form[action$='/translation']", to="de")
        assert german.path == f"{path}?to=de"
        assert german.one("article").attributes["lang"] == "de"
        assert "Translate" not in (await browser.open(f"/@ana/{own.json['id']}")).words()
        assert (await browser.open(f"/@ana/{secret.json['id']}/translation")).code == 404
        service.code = 403
        world.clock.forward(hours=30)
        refused = await browser.open(path)
        assert refused.code == 503


async def test_the_language_somebody_writes_in_is_the_one_they_read(tmp_path: Path, database_url: str) -> None:
    async with translating(tmp_path, database_url) as (world, _):
        api = await world.api_as(await world.account("ana"))
        id = (await api.post("/api/v1/statuses", status="good day", language="en")).json["id"]
        await world.account("ben")
        browser = Browser(world.app)
        await browser.sign_in("ben")
        assert "Translate" not in (await browser.open(f"/@ana/{id}")).words()
        assert "Translate" in (await browser.open(f"/@ana/{id}", **{"accept-language": "de, en;q=0.5"})).words()
        guest = await Browser(world.app).open(f"/@ana/{id}", **{"accept-language": "de"})
        assert "Translate" not in guest.words()
        assert (await Browser(world.app).open(f"/@ana/{id}/translation")).path.startswith("/auth/sign_in")


async def test_nothing_is_offered_where_nobody_translates(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    id = (await api.post("/api/v1/statuses", status="bom dia", language="pt")).json["id"]
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert "Translate" not in (await browser.open(f"/@ana/{id}")).words()
    assert (await browser.open(f"/@ana/{id}/translation")).code == 404
