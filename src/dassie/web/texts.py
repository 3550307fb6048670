"""The reader's language: gettext catalogues where there are some, the English texts of the source otherwise."""

from __future__ import annotations

import gettext as gettext_module
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).parent.parent / "locale"
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

_language: ContextVar[str] = ContextVar("web_language", default="en")


@lru_cache(maxsize=32)
def _catalogue(language: str) -> gettext_module.NullTranslations:
    return gettext_module.translation("messages", str(LOCALES), [language], fallback=True)


def available() -> frozenset[str]:
    """Languages the pages can be shown in."""
    return frozenset({"en", *(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.mo"))})


def use(language: str) -> None:
    """Texts made from here on, in this task, come in `language`."""
    _language.set(language)


def language() -> str:
    """The language in use."""
    return _language.get()


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if language.split("-")[0].split("_")[0] in RIGHT_TO_LEFT else "ltr"


def gettext(text: str) -> str:
    """`text` in the reader's language."""
    return _catalogue(_language.get()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that goes with `count`."""
    return _catalogue(_language.get()).ngettext(one, many, count)


def choose(accept_language: str, wanted: str | None = None) -> str:
    """The best available language: the reader's setting, else what the browser asks for, else English."""
    have = available()
    asked = [*([] if wanted is None else [wanted]), *asked_for(accept_language)]
    for tag in asked:
        for form in (tag, tag.split("-")[0]):
            if form in have:
                return form
    return "en"


def asked_for(accept_language: str) -> list[str]:
    """The languages that the browser asks for, the dearest first."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language[:500].split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
