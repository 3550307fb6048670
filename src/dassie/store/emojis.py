"""Custom emojis: small pictures that stand for `:shortcode:` in a text."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Text, literal_column, select

from dassie.domain.text import find_emoji_shortcodes
from dassie.domain.urls import Urls
from dassie.store.dialect import any_of
from dassie.store.tables import custom_emojis
from dassie.store.tx import Query, Tx, row
from dassie.store.views import EmojiView

_OURS = Query(
    row,
    select(custom_emojis.c.shortcode, custom_emojis.c.file_key).where(
        any_of(custom_emojis.c.shortcode, "shortcodes"), custom_emojis.c.domain == literal_column("''", Text)
    ),
)


async def ours(tx: Tx, shortcodes: Collection[str], urls: Urls) -> list[EmojiView]:
    """Those of our emojis that these shortcodes stand for, in the order given."""
    found: dict[str, str | None] = dict(await tx.all(_OURS, shortcodes=list(shortcodes))) if shortcodes else {}
    keys = [(one, found.get(one)) for one in shortcodes]
    return [EmojiView(one, urls.media_file(key)) for one, key in keys if key]


async def used_in(tx: Tx, texts: Collection[str], urls: Urls) -> list[EmojiView]:
    """The emojis of ours that these texts use."""
    used = [shortcode for text in texts for shortcode in find_emoji_shortcodes(text)]
    return await ours(tx, list(dict.fromkeys(used)), urls)
