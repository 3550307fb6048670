"""Languages to choose from, named in the reader's own."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from dassie.domain.languages import LANGUAGES, valid_language


@lru_cache(maxsize=16)
def choices(shown_in: str) -> list[tuple[str, str]]:
    """(code, name) of every language a post can be in, by name; empty first for "not said"."""
    try:
        locale = Locale.parse(shown_in, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    named = [(code, _name(locale, code)) for code in LANGUAGES]
    return [("", "—"), *sorted(named, key=lambda pair: pair[1].casefold())]


def known(code: str | None) -> str | None:
    """The code as it is stored; None where it is no language."""
    return valid_language(code) if code else None


def named(code: str, shown_in: str) -> str:
    """One of them."""
    return next((name for known_code, name in choices(shown_in) if known_code == code), code)


def _name(locale: Locale, code: str) -> str:
    base, _, region = code.partition("-")
    name = str(locale.languages.get(code.replace("-", "_")) or locale.languages.get(base) or base)
    if region and code.replace("-", "_") not in locale.languages:
        name = f"{name} ({locale.territories.get(region, region)})"
    return name
