"""Documents from other servers: bytes in, a bounded JSON object out.

JSON-LD is read as plain JSON. The few prefixes that software really sends (`as:Note`, `toot:Emoji`,
full IRIs) are shortened by `plain`; no context is ever fetched or expanded.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from dassie.domain.errors import DassieError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_PARTS = 20_000
"""Objects and arrays in one document: a full page of posts has a few thousand."""
MAX_NAME = 100

Doc = dict[str, Any]
"""A JSON object as `decode` gives it: string keys, at most `MAX_DEPTH` levels deep."""

_decoder = msgspec.json.Decoder()
_BOM = b"\xef\xbb\xbf"
_OPENINGS = (b"{", b"[")
_KEYWORDS = {"@id": "id", "@type": "type"}
_PREFIXES = (
    "as:",
    "https://www.w3.org/ns/activitystreams#",
    "http://www.w3.org/ns/activitystreams#",
    "toot:",
    "http://joinmastodon.org/ns#",
    "litepub:",
    "http://litepub.social/ns#",
    "misskey:",
    "https://misskey-hub.net/ns#",
    "schema:",
    "sc:",
    "http://schema.org#",
    "http://schema.org/",
    "https://schema.org/",
    "sec:",
    "https://w3id.org/security#",
    "ostatus:",
    "http://ostatus.org#",
    "ldp:",
    "http://www.w3.org/ns/ldp#",
    "gts:",
    "https://gotosocial.org/ns#",
    "https://w3id.org/fep/044f#",
)
_REARRANGING = frozenset({"@graph", "@included", "@reverse", "@nest"})


class Malformed(DassieError):
    """The document is not what it should be. `safe` says what is wrong, never quoting it."""


def decode(body: bytes) -> Doc:
    """The JSON object in `body`, exactly as sent.

    Raises `Malformed` when it is over 1 MB, not JSON, not an object, nested over 32 levels, or made of
    more than 20 000 objects and arrays.
    """
    if len(body) > MAX_BYTES:
        raise Malformed("The document is over 1 MB")
    try:
        doc = _decoder.decode(body.removeprefix(_BOM))
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Malformed("The document is not JSON") from error
    if type(doc) is not dict:
        raise Malformed("The document is not a JSON object")
    if sum(map(body.count, _OPENINGS)) > MAX_DEPTH:
        _check_shape(doc)
    return doc


def plain(doc: Doc) -> Doc:
    """The same document with shortened names; the very same object where nothing needed it."""
    return _renamed(doc) if _has_long_names(doc) else doc


@lru_cache(maxsize=512)
def short(name: str) -> str:
    """`Note` for `as:Note` or the full IRI; a name with an unknown prefix stays as it is."""
    if name in _KEYWORDS:
        return _KEYWORDS[name]
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :] or name
    return name


def unsafe_for_signature(doc: Doc) -> frozenset[str]:
    """Which JSON-LD keywords let the plain reading of `doc` differ from its signed RDF reading.

    Such a document may be read, but its embedded signature proves nothing about our reading
    (CVE-2026-46349 and relatives). `@context` stands for a context that is reset or nested.
    """
    found: set[str] = set()
    waiting: list[Any] = [value for key, value in doc.items() if key != "@context"]
    found.update(_REARRANGING.intersection(doc))
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            if "@context" in value:
                found.add("@context")
            found.update(_REARRANGING.intersection(value))
            waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
    return frozenset(found | _context_aliases(doc.get("@context", "")))


def _context_aliases(context: Any) -> set[str]:
    found: set[str] = set()
    waiting = [context]
    while waiting:
        value = waiting.pop()
        if value is None:
            found.add("@context")
        elif type(value) is str and value in _REARRANGING:
            found.add(value)
        elif type(value) is dict:
            found.update(_REARRANGING.intersection(value))
            if "@context" in value:
                found.add("@context")
            waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
    return found


def _check_shape(doc: Doc) -> None:
    level: list[Any] = [doc]
    parts = 0
    for _ in range(MAX_DEPTH):
        parts += len(level)
        if parts > MAX_PARTS:
            raise Malformed("The document has too many parts")
        level = [
            child
            for value in level
            for child in (value.values() if type(value) is dict else value)
            if type(child) in (dict, list)
        ]
        if not level:
            return
    raise Malformed("The document is nested too deeply")


def _has_long_names(doc: Doc) -> bool:
    waiting: list[Any] = [doc]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            for key, child in value.items():
                if key == "@context":
                    continue
                if ":" in key or key in _KEYWORDS:
                    return True
                if type(child) is dict or type(child) is list:
                    waiting.append(child)
        else:
            waiting.extend(child for child in value if type(child) in (dict, list))
    return False


def _renamed(value: Any) -> Any:
    if type(value) is list:
        return [_renamed(child) for child in value]
    if type(value) is not dict:
        return value
    renamed: Doc = {}
    for key, child in value.items():
        name = short(key) if len(key) <= MAX_NAME else key
        if name == key:
            renamed[key] = child if key == "@context" else _renamed(child)
        elif name not in value:  # the plain spelling wins over the prefixed one
            renamed.setdefault(name, _renamed(child))
    return renamed
