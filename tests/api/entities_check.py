"""Checks an answer against the API's entity definitions, which lie beside the samples and are not ours to commit.

`check_entity("Status", json)` gives every difference as a sentence with its place; an empty list means none.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
DEEPEST = 12


def definitions_path() -> Path | None:
    """The file with the definitions; None where this machine has none."""
    samples = os.environ.get("DASSIE_SAMPLES")
    path = Path(samples).parent / "reference" / "mastodon_entities.json" if samples else None
    return path if path is not None and path.is_file() else None


needs_definitions = pytest.mark.skipif(
    definitions_path() is None, reason="DASSIE_SAMPLES is not set, or has no ../reference/mastodon_entities.json"
)


@cache
def definitions() -> dict[str, Any]:
    """All entities by name."""
    path = definitions_path()
    assert path is not None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def check_entity(name: str, shown: Any) -> list[str]:
    """What is wrong with an answer that should be this entity (or `List<…>`, `Map<String, …>`)."""
    return list(_value(name, {}, shown, name, 0))


def attributes_of(name: str) -> dict[str, Any]:
    """The attributes of an entity with those of the one it extends."""
    entity = definitions()[name]
    inherited = attributes_of(entity["extends"]) if "extends" in entity else {}
    own: dict[str, Any] = entity["attributes"]
    return inherited | own


def _value(kind: str, rules: dict[str, Any], value: Any, at: str, depth: int) -> list[str]:
    if value is None:
        return [] if rules.get("nullable") else [f"{at} is null"]
    if depth > DEEPEST:
        return []
    if kind.startswith("List<"):
        if not isinstance(value, list):
            return [f"{at} is {value!r}, not a list"]
        inner: dict[str, Any] = {key: rules[key] for key in ("format", "enum") if key in rules}
        return [e for i, item in enumerate(value) for e in _value(kind[5:-1], inner, item, f"{at}[{i}]", depth + 1)]
    if kind.startswith("Map<"):
        inside = kind[4:-1].split(", ", 1)[1]
        if not isinstance(value, dict):
            return [f"{at} is {value!r}, not an object"]
        return [e for key, item in value.items() for e in _value(inside, {}, item, f"{at}.{key}", depth + 1)]
    if "|" in kind:
        tried = [_value(one, rules, value, at, depth) for one in kind.split("|")]
        return min(tried, key=len)
    if kind in definitions():
        return _entity(kind, value, at, depth)
    return _plain(kind, rules, value, at)


def _entity(kind: str, value: Any, at: str, depth: int) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at} is {value!r}, not a {kind}"]
    attributes, out = attributes_of(kind), []
    for name, rules in attributes.items():
        if name in value:
            out += _value(rules["type"], rules, value[name], f"{at}.{name}", depth + 1)
        elif not rules.get("optional") and "removed" not in rules:
            out.append(f"{at}.{name} is missing")
    out += [f"{at}.{name} is not part of {kind}" for name in value if name not in attributes]
    return out


def _plain(kind: str, rules: dict[str, Any], value: Any, at: str) -> list[str]:
    fits = {
        "String": isinstance(value, str),
        "Boolean": isinstance(value, bool),
        "Integer": isinstance(value, int) and not isinstance(value, bool),
        "Number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "Float": isinstance(value, (int, float)) and not isinstance(value, bool),
        "Hash": isinstance(value, dict),
    }
    if kind not in fits:
        return [f"{at}: nobody defined {kind}"]
    if not fits[kind]:
        return [f"{at} is {value!r}, not a {kind}"]
    if "enum" in rules and value not in rules["enum"]:
        return [f"{at} is {value!r}, none of {rules['enum']}"]
    check = FORMATS.get(rules.get("format", ""))
    if check is not None and not check(value):
        return [f"{at} is {value!r}, no {rules['format']}"]
    return []


def _is_url(value: Any) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https", "ws", "wss") and bool(parts.netloc)


FORMATS: dict[str, Callable[[Any], bool]] = {
    "id": lambda value: bool(re.fullmatch(r"-?\d{1,19}", value)),
    "url": _is_url,
    "datetime": lambda value: bool(DATETIME.match(value)),
    "date": lambda value: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)),
    "language": lambda value: bool(re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2,3})?", value)),
    "integer-string": lambda value: value.isdigit(),
    "unix": lambda value: str(value).isdigit(),
    "blurhash": lambda value: 6 <= len(value) <= 150,
    "email": lambda value: value == "" or "@" in value,
    "sha256": lambda value: bool(re.fullmatch(r"[0-9a-f]{64}", value)),
}
