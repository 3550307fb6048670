"""Rules of a relay as people give them: in a form, in JSON, on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from dassie.domain.errors import Invalid
from dassie.domain.relays import RelayRules
from dassie.domain.sizes import parse_size

NUMBERS = ("posts_per_hour", "host_posts_per_hour", "author_posts_per_hour")
NO_LIMIT = frozenset({"", "none", "no limit", "unlimited"})
FALSE = frozenset({"0", "f", "false", "off", "no"})
TRUE = frozenset({"1", "t", "true", "on", "yes"})


def changed(rules: RelayRules, given: Mapping[str, Any]) -> RelayRules:
    """`rules` with what is given in the place of what was; raises `Invalid` that names what is wrong.

    A number that is empty, null or `none` is no limit. Sizes may have a unit (`200 MB`), languages may be a list or
    a text with commas.
    """
    unknown = set(given) - set(RelayRules.__struct_fields__)
    if unknown:
        raise Invalid(f"There is no limit named {sorted(unknown)[0][:50]}.")
    values = {name: _read(name, value) for name, value in given.items()}
    return msgspec.structs.replace(rules, **values).checked()


def _read(name: str, value: Any) -> Any:
    if name in NUMBERS or name == "bytes_per_day":
        if value is None or (isinstance(value, str) and value.strip().lower() in NO_LIMIT):
            return None
        return _size(value) if name == "bytes_per_day" else _number(name, value)
    if name == "languages":
        return _languages(value)
    if name == "media":
        if value not in ("any", "with", "without"):
            raise Invalid("media takes any, with or without.")
        return value
    return _flag(name, value)


def _number(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", digits := re.sub(r"[ ,_]", "", value)):
        return int(digits)
    raise Invalid(f"{name} takes a whole number, or nothing for no limit.")


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or len(str(value)) > 30:
        raise Invalid("bytes_per_day takes a size such as 200 MB, or nothing for no limit.")
    try:
        return parse_size(value)
    except ValueError as error:
        raise Invalid(f"bytes_per_day: {error}, or nothing for no limit.") from error


def _languages(value: Any) -> list[str]:
    if isinstance(value, str):
        value = re.split(r"[\s,;]+", value.strip()) if value.strip() else []
    if not isinstance(value, list) or len(value) > 100 or not all(isinstance(code, str) for code in value):
        raise Invalid("languages takes codes such as en, de.")
    return list(dict.fromkeys(code.strip().lower() for code in value if code.strip()))


def _flag(name: str, value: Any) -> bool:
    word = str(value).strip().lower() if isinstance(value, (bool, int, str)) else ""
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Invalid(f"{name} takes true or false.")
