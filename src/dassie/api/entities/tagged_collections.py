"""Collections of recommended accounts that a status links to."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from dassie.api.entities.collections import show_collections
from dassie.domain.urls import Urls
from dassie.store import collections
from dassie.store.tx import Tx

NONE = b',"tagged_collections":[]'
MOST = 4
"""So many links of one status are looked at."""
_MARK = b"/collections/"
_START, _END = b'"content":"', b'","account":{'
_LINK = re.compile(rb'href=\\"(https?://[^"\\\s<>]{1,1000})\\"')
_encode = msgspec.json.Encoder().encode


async def tagged(tx: Tx, parts: Mapping[int, bytes], urls: Urls, viewer: int | None) -> dict[int, bytes]:
    """The end of the encoded statuses that link to collections known here, by id; nothing is asked where none does."""
    links = {id: found for id, part in parts.items() if _MARK in part and (found := _links(part))}
    if not links:
        return {}
    known = await collections.by_addresses(tx, {link for found in links.values() for link in found})
    hiding = await _hiding(tx, {one.account_id for one in known}, viewer)
    known = [one for one in known if one.account_id not in hiding]
    shown = dict(zip(known, await show_collections(tx, known, urls, viewer), strict=True))
    by_address = {address: entity for one, entity in shown.items() for address in (one.uri, one.url)}
    out = {}
    for id, found in links.items():
        named = {by_address[link]["id"]: by_address[link] for link in found if link in by_address}
        if named:
            out[id] = b',"tagged_collections":' + _encode(list(named.values()))
    return out


async def _hiding(tx: Tx, owners: set[int], viewer: int | None) -> set[int]:
    if viewer is None:
        return set()
    return set((await collections.between(tx, viewer, owners)).blocking)


def _links(part: bytes) -> list[str]:
    """Addresses in the text that may be those of collections."""
    start = part.find(_START)
    text = part[start : part.find(_END, start)] if start >= 0 else b""
    found = [link.decode("utf-8", "replace") for link in _LINK.findall(text) if _MARK in link]
    return list(dict.fromkeys(found))[:MOST]
