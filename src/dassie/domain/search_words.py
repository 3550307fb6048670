"""Words of a text as the search index keeps them: the same on both databases, so they are cut here and not there.

Letters are folded (case, width, accents); scripts written without spaces are cut into single characters, which a
phrase finds again.
"""

from __future__ import annotations

import re
import unicodedata

import regex

MAX_TEXT = 100_000
MAX_WORDS = 10_000
MAX_WORD = 64
"""Characters of a word that count; PostgreSQL takes words below 2 kB only."""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_WORD = regex.compile(
    rf"[{_UNSPACED}]\p{{M}}*+|(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}])(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}\p{{M}}])*+"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SPECIAL = str.maketrans({"ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe"})
_TAGS = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]")


def words_of(text: str) -> list[str]:
    """The words of a text in order; at most `MAX_WORDS`, from its first `MAX_TEXT` characters."""
    text = text[:MAX_TEXT]
    if text.isascii():  # most posts: twenty times quicker, with the same result
        return [word[:MAX_WORD] for word in _ASCII_WORD.findall(text.lower())[:MAX_WORDS]]
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        found.append(match[0][:MAX_WORD])
        if len(found) >= MAX_WORDS:
            break
    return found


def fold(text: str) -> str:
    """The text without differences that nobody searches by: case, width, accents, invisible joiners.

    Marks that make another letter stay: Japanese voicing, Indic vowels, Thai tones.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", _TAGS.sub("", text).casefold())
    kept = "".join(char for char in apart if not _is_accent(char))
    return unicodedata.normalize("NFC", kept).casefold().translate(_SPECIAL)


def _is_accent(char: str) -> bool:
    """Accents above and below, and the points of Hebrew, Arabic and Syriac, by combining class."""
    combining = unicodedata.combining(char)
    return combining >= 200 or 10 <= combining <= 36
