"""Posts in another language, by a LibreTranslate and a DeepL on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import translators
from dassie.config import load
from dassie.domain.errors import Invalid
from dassie.store.views import EmojiView
from entities_check import check_entity, needs_definitions
from people import stranger
from strangers import remote_status
from translators import Service
from worlds import Client, World, new_world


@asynccontextmanager
async def with_libre(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[tuple[World, Service]]:
    async with translators.libre_translate() as service:
        given = {"translation": "libretranslate", "translation_url": service.url} | settings
        async with new_world(folder, database_url=database_url, **given) as world:
            yield world, service


async def posted(client: Client, text: str, **more: Any) -> str:
    got = await client.post("/api/v1/statuses", status=text, **more)
    assert got.code == 200, got.text
    return str(got.json["id"])


async def test_a_post_with_all_its_parts_is_translated_and_kept(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, service):
        ana = await world.api_as(await world.account("ana"))
        got = await ana.post(
            "/api/v1/statuses",
            json={
                "status": "good <morning> & welcome",
                "spoiler_text": "be warned",
                "language": "en",
                "poll": {"options": ["tea", "sand"], "expires_in": 3600},
            },
        )
        path = f"/api/v1/statuses/{got.json['id']}/translate"
        shown = (await ana.post(path, lang="de")).json
        assert shown["content"] == "<p>GOOD &lt;MORNING&gt; &amp; WELCOME</p>"
        assert shown["spoiler_text"] == "BE WARNED"
        assert [one["title"] for one in shown["poll"]["options"]] == ["TEA", "SAND"]
        assert shown["poll"]["id"] == got.json["poll"]["id"]
        assert shown["media_attachments"] == []
        assert (shown["language"], shown["detected_source_language"]) == ("de", "en")
        assert shown["provider"] == "LibreTranslate"
        assert [service.asked[0][name] for name in ("source", "target", "format")] == ["en", "de", "html"]
        assert "api_key" not in service.asked[0]
        ben = await world.api_as(await world.account("ben"))
        assert (await ben.post(path, json={"lang": "de-AT"})).json == shown
        assert len(service.asked) == 1
        await ana.put(f"/api/v1/statuses/{got.json['id']}", status="good night", language="en")
        assert (await ben.post(path, lang="de")).json["content"] == "<p>GOOD NIGHT</p>"
        world.clock.forward(hours=25)
        await ben.post(path, lang="de")
        assert len(service.asked) == 3
        assert service.listed == 2


async def test_others_html_stays_safe_and_emoji_stay_what_they_are(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url, translation_key="word") as (world, service):
        eve = await stranger(world, "eve", "far.test")
        content = '<p>look :blob: <a href="https://far.test/:blob:/x">there</a></p>'
        row = await remote_status(world, eve, content=content, emojis=[EmojiView("blob", "https://far.test/b.png")])
        ana = await world.api_as(await world.account("ana"))
        path = f"/api/v1/statuses/{row.id}/translate"
        shown = (await ana.post(path, lang="en")).json
        assert 'LOOK :blob: <a href="https://far.test/:blob:/x"' in shown["content"]
        assert "translate=" not in shown["content"]
        assert shown["detected_source_language"] == "pt"
        assert (service.asked[0]["source"], service.asked[0]["api_key"]) == ("auto", "word")
        service.answer = {"translatedText": ['<p onclick="x()">boo<script>alert(1)</script></p>']}
        shown = (await ana.post(path, lang="de")).json
        assert "script" not in shown["content"]
        assert "onclick" not in shown["content"]


async def test_only_open_posts_and_known_languages(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, service):
        ana = await world.api_as(await world.account("ana"))
        ben = await world.api_as(await world.account("ben"))
        private = await posted(ana, "psst", visibility="private", language="en")
        unlisted = await posted(ana, "quiet", visibility="unlisted", language="en")
        assert (await ana.post(f"/api/v1/statuses/{private}/translate", lang="de")).code == 403
        assert (await ben.post(f"/api/v1/statuses/{private}/translate", lang="de")).code == 404
        assert (await ben.post(f"/api/v1/statuses/{unlisted}/translate", lang="de")).code == 200
        assert (await ben.post(f"/api/v1/statuses/{unlisted}/translate")).code == 403  # it is in the reader's language
        assert (await ben.post(f"/api/v1/statuses/{unlisted}/translate", lang="xx")).code == 403
        assert (await ben.post("/api/v1/statuses/1/translate", lang="de")).code == 404
        assert (await Client(world.app).post(f"/api/v1/statuses/{unlisted}/translate")).code == 401
        assert len(service.asked) == 1
        reblog = (await ben.post(f"/api/v1/statuses/{unlisted}/reblog")).json["id"]
        assert (await ben.post(f"/api/v1/statuses/{reblog}/translate", lang="de")).json["content"] == "<p>QUIET</p>"


async def test_what_the_service_refuses_is_said(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, service):
        ana = await world.api_as(await world.account("ana"))
        id = await posted(ana, "hello", language="en")
        assert (await ana.get("/api/v1/instance/translation_languages")).code == 200
        for code, word in ((403, "used up"), (429, "too often"), (500, "does not work")):
            service.code = code
            got = await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")
            assert got.code == 503
            assert word in got.json["error"]
            world.clock.forward(hours=1)
        service.code = 200
        wrong: list[Any] = [{"translatedText": []}, {"translatedText": [1]}, [], {}]
        for service.answer in wrong:
            assert (await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")).code == 503
        service.answer = None
        assert (await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")).code == 200


async def test_all_who_ask_at_once_share_one_request(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, service):
        ana = await world.api_as(await world.account("ana"))
        id = await posted(ana, "hello", language="en")
        service.slow = 0.2
        calls = [ana.post(f"/api/v1/statuses/{id}/translate", lang="de") for _ in range(5)]
        assert {got.code for got in await asyncio.gather(*calls)} == {200}
        assert len(service.asked) == 1


async def test_a_service_that_is_away_is_no_fault_of_ours(tmp_path: Path, database_url: str) -> None:
    settings: dict[str, Any] = {"translation": "libretranslate", "translation_url": "http://127.0.0.1:9"}
    async with new_world(tmp_path, database_url=database_url, **settings) as world:
        ana = await world.api_as(await world.account("ana"))
        id = await posted(ana, "hello", language="en")
        assert (await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")).code == 503
        assert (await ana.get("/api/v1/instance/translation_languages")).code == 503


async def test_deepl_is_asked_as_it_wants_it(tmp_path: Path, database_url: str) -> None:
    async with translators.deepl() as service:
        settings: dict[str, Any] = {"translation": "deepl", "translation_key": "k:fx", "translation_url": service.url}
        async with new_world(tmp_path, database_url=database_url, **settings) as world:
            ana = await world.api_as(await world.account("ana"))
            id = await posted(ana, "hello", language="en")
            shown = (await ana.post(f"/api/v1/statuses/{id}/translate", lang="pt-BR")).json
            assert (shown["content"], shown["language"], shown["provider"]) == ("<p>HELLO</p>", "pt-BR", "DeepL.com")
            asked = service.asked[0]
            assert asked == {
                "text": ["<p>hello</p>"],
                "target_lang": "PT-BR",
                "source_lang": "EN",
                "tag_handling": "html",
                "key": "DeepL-Auth-Key k:fx",
            }
            languages = (await ana.get("/api/v1/instance/translation_languages")).json
            assert languages["de"] == ["en-GB", "en-US", "pt-BR", "en", "pt"]
            assert set(languages) == {"und", "de", "en", "pt"}
            service.code = 456
            got = await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")
            assert (got.code, "used up" in got.json["error"]) == (503, True)


async def test_without_a_service_nothing_is_offered(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    id = await posted(ana, "hello")
    assert (await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")).code == 404
    assert (await ana.get("/api/v1/instance/translation_languages")).json == {}
    assert (await ana.get("/api/v2/instance")).json["configuration"]["translation"] == {"enabled": False}


async def test_the_instance_says_that_it_translates_and_from_what(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, _):
        guest = Client(world.app)
        assert (await guest.get("/api/v2/instance")).json["configuration"]["translation"] == {"enabled": True}
        found = (await guest.get("/api/v1/instance/translation_languages")).json
        assert found == {"und": ["de", "en", "pt"], "de": ["en", "pt"], "en": ["de", "pt"], "pt": ["de", "en"]}


@needs_definitions
async def test_a_translation_has_the_shape_of_the_entity(tmp_path: Path, database_url: str) -> None:
    async with with_libre(tmp_path, database_url) as (world, _):
        ana = await world.api_as(await world.account("ana"))
        poll = {"options": ["tea", "sand"], "expires_in": 3600}
        got = await ana.post("/api/v1/statuses", json={"status": "hello", "language": "en", "poll": poll})
        for id in (got.json["id"], await posted(ana, "hello", language="en")):
            shown = (await ana.post(f"/api/v1/statuses/{id}/translate", lang="de")).json
            assert check_entity("Translation", shown) == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"translation": "babelfish"}, "libretranslate, deepl"),
        ({"translation": "libretranslate"}, "translation_url"),
        ({"translation": "libretranslate", "translation_url": "127.0.0.1:5000"}, "http://"),
        ({"translation": "deepl"}, "translation_key"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, str], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        load({"data": tmp_path} | settings, environ={})


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    config = load({"data": tmp_path, "translation": "deepl", "translation_key": "word"}, environ={})
    assert config.masked()["translation_key"] == "***"
