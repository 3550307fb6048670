"""Translation services: LibreTranslate, on this machine or elsewhere, and DeepL.

Both are asked with a client of their own: the address is the owner's, may be in the own network, and is the only one
that is ever asked, since no redirect is followed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import structlog

from dassie.domain.errors import RemoteFailed
from dassie.ports import Answer, Clock, Translated, Translator

if TYPE_CHECKING:
    from dassie.adapters.http_client import HttpClient

log = structlog.get_logger("translating")

SECONDS = 40.0
"""A small machine takes its time over a long post."""
MAX_BYTES = 2_000_000
MOST_LANGUAGES = 300
OWN_NETWORKS = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
"""Where a service of one's own may be. Link-local addresses, as a cloud has for its metadata, are not among them."""
DEEPL = "https://api.deepl.com"
DEEPL_FREE = "https://api-free.deepl.com"
DEEPL_OLD_TARGETS = ("en", "pt")
"""Taken as targets, but no longer listed."""

_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")


def translator_for(provider: str, url: str, key: str, *, user_agent: str, clock: Clock) -> Translator | None:
    """The service that the settings name; None where they name none."""
    match provider:
        case "libretranslate":
            return LibreTranslate(_Service(url, user_agent, clock), key)
        case "deepl":
            own = DEEPL_FREE if key.endswith(":fx") else DEEPL
            return DeepL(_Service(url or own, user_agent, clock), key)
    return None


class LibreTranslate:
    """LibreTranslate's API: `/languages` and `/translate`, JSON both ways."""

    name = "LibreTranslate"

    def __init__(self, service: _Service, key: str) -> None:
        self._service = service
        self._key = key

    async def languages(self) -> Mapping[str, Sequence[str]]:
        found = _listed(await self._service.get("/languages"))
        codes = [code for one in found if (code := _code(one.get("code")))]
        pairs = {code: _targets(one.get("targets"), codes, code) for one in found if (code := _code(one.get("code")))}
        return {"und": codes} | pairs

    async def translate(self, texts: Sequence[str], *, source: str | None, target: str) -> Translated:
        asked: dict[str, Any] = {"q": list(texts), "source": source or "auto", "target": target, "format": "html"}
        if self._key:
            asked["api_key"] = self._key
        answer = await self._service.post("/translate", msgspec.json.encode(asked), "application/json")
        if answer.code == 403:
            raise _quota(answer)
        found = _object(_expect_ok(answer))
        detected = found.get("detectedLanguage")
        if isinstance(detected, list):
            detected = detected[0] if detected else None
        told = _code(detected.get("language")) if isinstance(detected, dict) else None
        return Translated(_texts(found.get("translatedText"), texts), source or told or "und")

    async def close(self) -> None:
        await self._service.close()


class DeepL:
    """DeepL's API, version 2. Its codes are upper case."""

    name = "DeepL.com"

    def __init__(self, service: _Service, key: str) -> None:
        self._service = service
        self._headers = {"Authorization": f"DeepL-Auth-Key {key}"}

    async def languages(self) -> Mapping[str, Sequence[str]]:
        sources, targets = await asyncio.gather(self._codes("source"), self._codes("target"))
        all_targets = list(dict.fromkeys([*targets, *DEEPL_OLD_TARGETS]))
        return {"und": all_targets} | {one: [to for to in all_targets if to != one] for one in sources}

    async def _codes(self, kind: str) -> list[str]:
        found = _listed(await self._service.get(f"/v2/languages?type={kind}", self._headers))
        return [_cased(code) for one in found if (code := _code(one.get("language")))]

    async def translate(self, texts: Sequence[str], *, source: str | None, target: str) -> Translated:
        asked = [*(("text", text) for text in texts), ("target_lang", target.upper()), ("tag_handling", "html")]
        if source is not None:
            asked.append(("source_lang", source.partition("-")[0].upper()))
        body = urlencode(asked).encode()
        answer = await self._service.post("/v2/translate", body, "application/x-www-form-urlencoded", self._headers)
        if answer.code == 456:
            raise _quota(answer)
        given = _object(_expect_ok(answer)).get("translations")
        found = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        told = _code(found[0].get("detected_source_language")) if found else None
        return Translated(_texts([one.get("text") for one in found], texts), (told or source or "und").lower())

    async def close(self) -> None:
        await self._service.close()


class _Service:
    """One address, asked with a client that is made when first needed."""

    def __init__(self, url: str, user_agent: str, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._user_agent = user_agent
        self._clock = clock
        self._client: HttpClient | None = None

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON at a path."""
        client = await self._ready()
        answer = await client.get(
            self._url + path, accept="application/json", headers=headers, max_bytes=MAX_BYTES, timeout=SECONDS
        )
        return _decoded(_expect_ok(answer))

    async def post(self, path: str, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer, whatever its code."""
        client = await self._ready()
        return await client.post(
            self._url + path, body, content_type=kind, headers=headers, max_bytes=MAX_BYTES, timeout=SECONDS
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _ready(self) -> HttpClient:
        from dassie.adapters.http_client import HttpClient  # aiohttp: see http_late.py

        if self._client is None:
            self._client = HttpClient(
                self._user_agent, clock=self._clock, allowed_private=OWN_NETWORKS, redirects=0, per_host=4
            )
        return self._client


def _expect_ok(answer: Answer) -> Answer:
    if answer.code == 200:
        return answer
    log.warning("the translation service refused", code=answer.code, said=answer.body[:300].decode("utf-8", "replace"))
    if answer.code == 429:
        raise RemoteFailed("The translation service is asked too often. Try again in a while.", kind="http", code=429)
    raise RemoteFailed("The translation service does not work at the moment.", kind="http", code=answer.code)


def _quota(answer: Answer) -> RemoteFailed:
    log.warning("the translation service refused", code=answer.code, said=answer.body[:300].decode("utf-8", "replace"))
    return RemoteFailed(
        "This server has used up what the translation service allows it.", kind="http", code=answer.code
    )


def _decoded(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        raise _wrong() from None


def _object(answer: Answer) -> dict[str, Any]:
    found = _decoded(answer)
    if not isinstance(found, dict):
        raise _wrong()
    return found


def _listed(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        raise _wrong()
    return [one for one in found[:MOST_LANGUAGES] if isinstance(one, dict)]


def _texts(found: Any, asked: Sequence[str]) -> list[str]:
    texts = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
    if len(texts) != len(asked):
        raise _wrong()
    return texts


def _targets(found: Any, codes: list[str], source: str) -> list[str]:
    """Versions before 1.4 list no targets: then any language goes into any other."""
    listed = [code for one in found if (code := _code(one))] if isinstance(found, list) else codes
    return [code for code in listed if code != source]


def _code(found: Any) -> str | None:
    return found if isinstance(found, str) and _CODE.match(found) else None


def _cased(code: str) -> str:
    """`PT-BR` as `pt-BR`."""
    base, _, region = code.partition("-")
    return f"{base.lower()}-{region.upper()}" if region else base.lower()


def _wrong() -> RemoteFailed:
    return RemoteFailed("The translation service does not work at the moment.", kind="malformed")
