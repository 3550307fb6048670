"""Tag entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.domain.urls import Urls
from dassie.store import tag_uses
from dassie.store.tag_uses import DayOfUse, TagView
from dassie.store.tx import Tx


async def show_tags(tx: Tx, found: Sequence[TagView], urls: Urls) -> list[dict[str, Any]]:
    """Tags with their uses in the last seven days, in this order."""
    used = await tag_uses.uses(tx, [tag.id for tag in found if tag.id is not None])
    unused = tag_uses.no_uses(tx.now)
    return [_show(tag, used.get(tag.id, unused) if tag.id is not None else unused, urls) for tag in found]


def _show(tag: TagView, days: Sequence[DayOfUse], urls: Urls) -> dict[str, Any]:
    return {
        "id": str(tag.id) if tag.id is not None else "",
        "name": tag.display_name,
        "url": urls.tag(tag.name),
        "history": [
            {"day": str(int(used.day.timestamp())), "uses": str(used.uses), "accounts": str(used.accounts)}
            for used in days
        ],
    }
