"""Custom emojis: small pictures that stand for `:shortcode:` in a text."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, delete, literal_column, select, type_coerce, update

from dassie.domain.text import find_emoji_shortcodes
from dassie.domain.urls import Urls
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import accounts, custom_emojis, statuses
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import EmojiView

_t = custom_emojis
_ours: Any = _t.c.domain == literal_column("''", Text)


class OwnEmoji(Struct, frozen=True):
    """A custom emoji of ours."""

    id: int
    shortcode: str
    file_key: str
    static_key: str | None
    """Where it moves, a still one."""
    file_type: str | None
    file_size: int
    """Of both files."""
    category: str | None
    visible_in_picker: bool
    featured: bool
    disabled: bool
    """Stands for nothing in new texts."""
    updated_at: datetime

    @property
    def keys(self) -> list[str]:
        """Of its files."""
        return [key for key in (self.file_key, self.static_key) if key]


class Use(Struct, frozen=True):
    """A status or an account that shows emojis."""

    id: int
    emojis: list[EmojiView]


_COLUMNS = [_t.c[name] for name in OwnEmoji.__struct_fields__]
_OURS = Query(
    row,
    select(_t.c.shortcode, _t.c.file_key, _t.c.static_key).where(
        any_of(_t.c.shortcode, "shortcodes"), _ours, ~_t.c.disabled
    ),
)
_ALL = Query(OwnEmoji, select(*_COLUMNS).where(_ours, _t.c.file_key.is_not(None)).order_by(_t.c.shortcode))
_BY_CODE = Query(OwnEmoji, select(*_COLUMNS).where(_ours, _t.c.shortcode == bindparam("code", type_=Text)))
_BY_ID = Query(OwnEmoji, select(*_COLUMNS).where(_ours, _t.c.id == bindparam("emoji", type_=BigInteger)))
_PUT = Statement(put_once(_t, *OwnEmoji.__struct_fields__, "domain"))
_DELETE = Statement(delete(_t).where(_t.c.id == bindparam("emoji", type_=BigInteger)))


def view(emoji: OwnEmoji, urls: Urls) -> EmojiView:
    """One of ours as texts show it."""
    return _view(emoji.shortcode, emoji.file_key, emoji.static_key, urls)


def _view(shortcode: str, key: str, static: str | None, urls: Urls) -> EmojiView:
    return EmojiView(shortcode, urls.media_file(key), urls.media_file(static) if static else "")


async def ours(tx: Tx, shortcodes: Collection[str], urls: Urls) -> list[EmojiView]:
    """Those of our emojis that these shortcodes stand for, in the order given."""
    rows = await tx.all(_OURS, shortcodes=list(shortcodes)) if shortcodes else []
    found = {code: (key, static) for code, key, static in rows if key}
    return [_view(one, *found[one], urls) for one in shortcodes if one in found]


async def used_in(tx: Tx, texts: Collection[str], urls: Urls) -> list[EmojiView]:
    """The emojis of ours that these texts use."""
    used = [shortcode for text in texts for shortcode in find_emoji_shortcodes(text)]
    return await ours(tx, list(dict.fromkeys(used)), urls)


async def all_ours(tx: Tx) -> list[OwnEmoji]:
    """All of ours, by name; those that are switched off among them."""
    return await tx.all(_ALL)


async def by_shortcode(tx: Tx, shortcode: str) -> OwnEmoji | None:
    """Ours of this name."""
    return await tx.one(_BY_CODE, code=shortcode)


async def by_id(tx: Tx, id: int) -> OwnEmoji | None:
    """Ours with this id."""
    return await tx.one(_BY_ID, emoji=id)


async def insert(tx: Tx, emoji: OwnEmoji) -> bool:
    """Add one; False where the name is taken."""
    values = {name: getattr(emoji, name) for name in OwnEmoji.__struct_fields__}
    return await tx.run(_PUT, domain="", **values) > 0


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=_t.c[name].type) for name in names}
    return Statement(update(_t).where(_t.c.id == bindparam("emoji", type_=BigInteger)).values(**values))


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of one of ours."""
    await tx.run(_update(*sorted(values)), emoji=id, **{f"new_{name}": value for name, value in values.items()})


async def delete_row(tx: Tx, id: int) -> None:
    """Take one away."""
    await tx.run(_DELETE, emoji=id)


# Where they are shown --------------------------------------------------------------------------------


def _uses(table: Any, local: Any) -> Query[Use]:
    return Query(
        Use,
        select(table.c.id, type_coerce(table.c.emojis, Json(list[EmojiView])))
        .where(
            table.c.id > bindparam("after", type_=BigInteger),
            local,
            type_coerce(table.c.emojis, Text).contains(bindparam("named", type_=Text)),
        )
        .order_by(table.c.id)
        .limit(bindparam("most", type_=Integer)),
    )


_USES = {
    "statuses": _uses(statuses, statuses.c.local),
    "accounts": _uses(accounts, accounts.c.domain == literal_column("''", Text)),
}
_FOREIGN = Query(
    row,
    select(type_coerce(statuses.c.emojis, Json(list[EmojiView])), accounts.c.domain)
    .join(accounts, accounts.c.id == statuses.c.account_id)
    .where(~statuses.c.local, type_coerce(statuses.c.emojis, Text) != literal_column("'[]'", Text))
    .order_by(statuses.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)


async def uses(tx: Tx, what: str, shortcode: str, most: int, after: int = 0) -> list[Use]:
    """Statuses or accounts of ours that show the emoji of this name, in the order of their ids."""
    return await tx.all(_USES[what], named=f'"shortcode":"{shortcode}"', most=most, after=after)


async def foreign(tx: Tx, most: int) -> list[tuple[EmojiView, str]]:
    """Emojis of other servers with their domain, from the latest `most` statuses that show some; each once."""
    found: dict[tuple[str, str], EmojiView] = {}
    for shown, domain in await tx.all(_FOREIGN, most=most):
        for emoji in shown:
            found.setdefault((emoji.shortcode, domain), emoji)
    return [(emoji, domain) for (_, domain), emoji in found.items()]
