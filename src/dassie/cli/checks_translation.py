"""Check of the translation service, where one is named: whether it tells its languages; nothing is translated."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dassie.adapters.clock import SystemClock
from dassie.adapters.translators import translator_for
from dassie.cli.findings import Finding, fail, ok
from dassie.config import Config
from dassie.domain.errors import RemoteFailed


async def check_translation(config: Config) -> AsyncIterator[Finding]:
    """Whether posts can be translated."""
    translator = translator_for(
        config.translation,
        config.translation_url,
        config.translation_key,
        user_agent="dassie-doctor",
        clock=SystemClock(),
    )
    if translator is None:
        return
    try:
        known = await translator.languages()
    except RemoteFailed as error:
        cure = "Start the service and check translation_url and translation_key (docs/home/translation.md)."
        yield fail(f"Translation by {translator.name}", error.safe, cure)
        return
    finally:
        await translator.close()
    yield ok(f"Translation by {translator.name}: from {max(len(known) - 1, 0)} languages")
