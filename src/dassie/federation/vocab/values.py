"""Values in documents, whatever shape they have: string, object, array or nothing.

Every accessor here takes any JSON value, never raises, and bounds what it gives.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.documents import MAX_NAME, short

MAX_URI = 2048
MAX_COUNT = 2**31 - 1
MAX_TYPES = 8
MAX_TRIED = 16
"""Entries of an array looked at when only one is wanted."""

_URL = re.compile(r"(https?)://([^/?#\\@\s]+)(?:[/?#]|\Z)", re.IGNORECASE)
_PORT = re.compile(r"(.*[^:]):([0-9]{0,5})\Z")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z|\[[0-9a-f:.]+\]\Z")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{1,8}){0,4}\Z")
_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?\Z", re.ASCII)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis"})


class Ref(Struct, frozen=True):
    """A mention of another thing: its id, and the embedded copy where there is one.

    The copy is only as good as the one who sent it: never trust it for another host.
    """

    id: str | None
    type: str = ""
    doc: dict[str, Any] | None = None


def many(value: Any, limit: int) -> list[Any]:
    """The value as a list of at most `limit` entries; nothing is an empty list."""
    if type(value) is list:
        return value[:limit]
    if value is None:
        return []
    if type(value) is dict and type(value.get("@list")) is list:
        return list(value["@list"][:limit])
    return [value]


def objects(value: Any, limit: int) -> list[dict[str, Any]]:
    """The objects among the values, at most `limit`."""
    return [entry for entry in many(value, limit) if type(entry) is dict]


def text(value: Any, limit: int) -> str:
    """A string cut to `limit` characters; empty where there is none."""
    if type(value) is list:
        value = value[0] if value else ""
    if type(value) is dict:
        value = value.get("@value")
    if type(value) is not str:
        return ""
    cut = value[:limit]
    return cut.replace("\0", "") if "\0" in cut else cut  # PostgreSQL stores no NUL


def line(value: Any, limit: int) -> str:
    """A string on one line, with control characters and outer spaces taken out."""
    found = text(value, limit)
    if not found.isprintable():
        found = "".join(" " if c in "\r\n\t" else c for c in found if c >= " " or c in "\r\n\t")
    return found.strip()


def ref(value: Any) -> str | None:
    """The id in a string, an object (`id`, or `href` of a Link) or the first of an array. Any scheme."""
    if type(value) is str:
        found = value.strip()
        return found if 0 < len(found) <= MAX_URI and found.isprintable() else None
    if type(value) is dict:
        inner = value.get("id")
        if type(inner) is not str or not inner:
            inner = value.get("href")
        return ref(inner) if type(inner) is str else None
    if type(value) is list:
        return next(filter(None, map(_flat_ref, value[:MAX_TRIED])), None)
    return None


def refs(value: Any, limit: int) -> tuple[str, ...]:
    """All ids in the value, once each, in their order."""
    if type(value) is str:
        found = ref(value)
        return (found,) if found else ()
    return tuple(dict.fromkeys(filter(None, map(_flat_ref, many(value, limit)))))


def http_id(value: Any) -> str | None:
    """Like `ref`, but only an http(s) id without spaces: the only kind that can be checked."""
    found = ref(value)
    return found if found and " " not in found and host_of(found) else None


def single_http_id(value: Any) -> str | None:
    """Like `http_id`, but an array with more or less than one entry is no answer."""
    if type(value) is list:
        value = value[0] if len(value) == 1 else None
    return http_id(value)


def http_ids(value: Any, limit: int) -> tuple[str, ...]:
    """All http(s) ids in the value, once each."""
    return tuple(found for found in refs(value, limit) if " " not in found and host_of(found))


def web_url(value: Any) -> str | None:
    """An http(s) URL to link to or load from, spaces escaped."""
    found = ref(value)
    return found.replace(" ", "%20") if found and host_of(found) else None


def page_url(value: Any) -> str | None:
    """The page for people in a `url`: the text/html Link of several, else the first http(s) one."""
    first = None
    for entry in many(value, MAX_TRIED):
        found = web_url(entry.get("href") or entry.get("url")) if type(entry) is dict else web_url(entry)
        if found and type(entry) is dict and text(entry.get("mediaType"), 100).startswith("text/html"):
            return found
        first = first or found
    return first


@lru_cache(maxsize=2048)
def host_of(url: str) -> str:
    """Host of an http(s) URL, lower case, ASCII, with its port unless usual; empty for anything else.

    URLs with a user name or password are refused, as are those that parsers disagree on.
    """
    match = _URL.match(url)
    if match is None or len(url) > MAX_URI:
        return ""
    scheme, host = match[1].lower(), match[2].lower()
    with_port = _PORT.match(host)
    port = ""
    if with_port:
        host, port = with_port[1], with_port[2]
        if port and not 0 < int(port) < 65536:
            return ""
    host = _ascii_host(host)
    if not host or not port or port == _DEFAULT_PORTS[scheme]:
        return host
    return f"{host}:{int(port)}"


def same_host(one: str | None, other: str | None) -> bool:
    """Whether both are http(s) URLs of the same host and port."""
    return bool(one and other and host_of(one) and host_of(one) == host_of(other))


def types_of(value: Any) -> tuple[str, ...]:
    """The short type names of an object; a Link or Note without type gives none."""
    found = value.get("type") if type(value) is dict else None
    if type(found) is str:
        return (short(found),) if 0 < len(found) <= MAX_NAME else ()
    names = (short(name) for name in many(found, MAX_TYPES) if type(name) is str and len(name) <= MAX_NAME)
    return tuple(filter(None, names))


def type_of(value: Any, known: frozenset[str]) -> str:
    """The first known type of an object, else its first one, else empty."""
    names = types_of(value)
    return next((name for name in names if name in known), names[0] if names else "")


def reference(value: Any, known: frozenset[str] = frozenset()) -> Ref:
    """An id of any scheme (`acct:…`, `as:Public`), or an embedded object with its http(s) id, as `Ref`."""
    if type(value) is dict:
        return Ref(http_id(value), type_of(value, known), value)
    return Ref(ref(value))


def when(value: Any, *, now: datetime | None = None) -> datetime | None:
    """An RFC 3339 time as aware UTC; a time after `now`, where given, becomes `now`."""
    found = text(value, 41).strip().upper()
    if not 8 <= len(found) <= 40:
        return None
    try:
        at = datetime.fromisoformat(found)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return min(at, now) if now else at


def count(value: Any) -> int | None:
    """A number of things, between 0 and 2^31 - 1; None where it is no number."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 12:
        value = int(value)
    if type(value) is float and math.isfinite(value):
        value = int(value)
    return min(max(value, 0), MAX_COUNT) if type(value) is int else None


def flag(value: Any) -> bool:
    """Whether it says yes: true, or the string `true`."""
    if type(value) is dict:
        value = value.get("@value")
    return value is True or value == 1 or (type(value) is str and value.strip().lower() in ("true", "1"))


def optional_flag(value: Any) -> bool | None:
    """Like `flag`, and None where nothing was said."""
    return None if value is None else flag(value)


def number(value: Any) -> float | None:
    """A finite number; None for anything else."""
    if type(value) not in (int, float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def seconds(value: Any) -> float | None:
    """A duration in seconds, from a number or an xsd:duration such as `PT1M30S`."""
    found = number(value)
    if found is None:
        match = _DURATION.match(text(value, 60).strip())
        if match is None or not any(match.groups()):
            return None
        days, hours, minutes, rest = (float(part or 0) for part in match.groups())
        found = days * 86400 + hours * 3600 + minutes * 60 + rest
    return found if 0 <= found < 1e9 else None


def language(value: Any) -> str | None:
    """A language tag such as `de` or `pt-BR`; None for unknown ones."""
    found = text(value, 35)
    if not _LANGUAGE.match(found) or found.lower() in _NO_LANGUAGE:
        return None
    primary, *rest = found.replace("_", "-").split("-")
    return "-".join([primary.lower(), *rest])


def _flat_ref(value: Any) -> str | None:
    return None if type(value) is list else ref(value)


def _ascii_host(host: str) -> str:
    host = host.removesuffix(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return ""
    return host if len(host) <= 253 and _HOST.match(host) else ""
