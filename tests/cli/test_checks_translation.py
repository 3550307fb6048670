"""What `dassie doctor` says of the translation service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import translators
from dassie.cli.checks_translation import check_translation
from dassie.cli.findings import Finding
from dassie.config import load


async def found(folder: Path, **settings: Any) -> list[Finding]:
    return [one async for one in check_translation(load({"data": folder} | settings, environ={}))]


async def test_nothing_is_said_where_nobody_translates(tmp_path: Path) -> None:
    assert await found(tmp_path) == []


async def test_a_service_that_answers_is_fine_and_one_that_does_not_has_a_cure(tmp_path: Path) -> None:
    async with translators.libre_translate() as service:
        settings = {"translation": "libretranslate", "translation_url": service.url}
        (fine,) = await found(tmp_path, **settings)
        assert (fine.level, fine.what) == ("ok", "Translation by LibreTranslate: from 3 languages")
        service.code = 500
        (wrong,) = await found(tmp_path, **settings)
        assert wrong.level == "fail"
        assert "translation_url" in wrong.cure
    async with translators.deepl() as service:
        settings = {"translation": "deepl", "translation_key": "word", "translation_url": service.url}
        (fine,) = await found(tmp_path, **settings)
        assert fine.what == "Translation by DeepL.com: from 3 languages"
