"""Translation services on loopback, scripted by the test: plain HTTP, as LibreTranslate and DeepL speak it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from net import free_port


@dataclass
class Service:
    """What it was asked, and how it is to behave."""

    port: int
    code: int = 200
    slow: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of what was to be translated, with the header `Authorization` as `key` where there was one."""
    listed: int = 0
    """How often its languages were asked for."""
    answer: Any = None
    """In place of the translation."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def shout(text: str) -> str:
    """What stands in for another language: the words in capitals, tags and emoji as they are."""
    out, keep = [], False
    for index, piece in enumerate(_pieces(text)):
        if index % 2:
            keep = piece == '<span translate="no">' or (keep and piece != "</span>")
            out.append(piece)
        else:
            out.append(piece if keep else piece.upper())
    return "".join(out)


def _pieces(text: str) -> list[str]:
    return re.split(r"(<[^<>]*>|&[a-z#0-9]+;)", text)


@asynccontextmanager
async def libre_translate() -> AsyncIterator[Service]:
    """A LibreTranslate with three languages."""
    service = Service(free_port())

    async def languages(request: web.Request) -> web.Response:
        service.listed += 1
        if service.code != 200:
            return web.json_response({"error": "no"}, status=service.code)
        codes = ["de", "en", "pt"]
        return web.json_response([{"code": one, "name": one, "targets": codes} for one in codes])

    async def translate(request: web.Request) -> web.Response:
        asked = await request.json()
        service.asked.append(asked)
        await asyncio.sleep(service.slow)
        if service.code != 200:
            return web.json_response({"error": "no"}, status=service.code)
        if service.answer is not None:
            return web.json_response(service.answer)
        found: dict[str, Any] = {"translatedText": [shout(one) for one in asked["q"]]}
        if asked["source"] == "auto":
            found["detectedLanguage"] = [{"language": "pt", "confidence": 90}] * len(asked["q"])
        return web.json_response(found)

    async with _served(service, {"/languages": languages}, {"/translate": translate}):
        yield service


@asynccontextmanager
async def deepl() -> AsyncIterator[Service]:
    """DeepL, as its free plan answers."""
    service = Service(free_port())

    async def languages(request: web.Request) -> web.Response:
        service.listed += 1
        codes = ["DE", "EN", "PT"] if request.query["type"] == "source" else ["DE", "EN-GB", "EN-US", "PT-BR"]
        return web.json_response([{"language": one, "name": one} for one in codes])

    async def translate(request: web.Request) -> web.Response:
        form = await request.post()
        asked: dict[str, Any] = {name: str(form[name]) for name in form if name != "text"}
        service.asked.append(
            asked | {"text": [str(one) for one in form.getall("text")], "key": request.headers["authorization"]}
        )
        if service.code != 200:
            return web.json_response({"message": "no"}, status=service.code)
        texts = [shout(str(one)) for one in form.getall("text")]
        return web.json_response({"translations": [{"detected_source_language": "EN", "text": one} for one in texts]})

    async with _served(service, {"/v2/languages": languages}, {"/v2/translate": translate}):
        yield service


@asynccontextmanager
async def _served(service: Service, gets: dict[str, Any], posts: dict[str, Any]) -> AsyncIterator[None]:
    app = web.Application()
    app.add_routes([web.get(path, handler) for path, handler in gets.items()])
    app.add_routes([web.post(path, handler) for path, handler in posts.items()])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", service.port).start()
    try:
        yield
    finally:
        await runner.cleanup()
