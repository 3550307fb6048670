"""JSON in its canonical form (RFC 8785): one way to write each document, so that it can be signed as text."""

from __future__ import annotations

import json
import math
from typing import Any

from dassie.federation.signatures.errors import BadSignature

MAX_PIECES = 20_000
"""Names, values and brackets; a post has some hundred."""
_EXACT = 2**53
"""Whole numbers up to here are the same in ES6, whose only number is the double."""


def canonical_json(value: Any) -> bytes:
    """The canonical form in UTF-8; raises `BadSignature` for what JSON on the wire cannot hold."""
    parts: list[str] = []
    try:
        _write(value, parts)
        return "".join(parts).encode()
    except (UnicodeError, OverflowError):
        raise BadSignature("unsafe", "The document has characters or numbers that cannot be written") from None


def _write(value: Any, parts: list[str]) -> None:
    if type(value) is str:
        parts.append(_text(value))
    elif type(value) is dict:
        _object(value, parts)
    elif type(value) is list:
        _array(value, parts)
    elif value is None or type(value) is bool:
        parts.append("null" if value is None else "true" if value else "false")
    else:
        parts.append(_number(value))


def _object(value: dict[str, Any], parts: list[str]) -> None:
    _check_room(parts)
    parts.append("{")
    for at, name in enumerate(sorted(value, key=_code_units)):
        parts.append(f"{',' if at else ''}{_text(name)}:")
        _write(value[name], parts)
    _check_room(parts)
    parts.append("}")


def _array(value: list[Any], parts: list[str]) -> None:
    _check_room(parts)
    parts.append("[")
    for at, one in enumerate(value):
        if at:
            parts.append(",")
        _write(one, parts)
    parts.append("]")


def _check_room(parts: list[str]) -> None:
    if len(parts) > MAX_PIECES:
        raise BadSignature("too_complex", "The document has too many parts")


def _code_units(name: str) -> bytes:
    """Names are sorted by UTF-16 code units (section 3.2.3), which is not the order of characters."""
    return name.encode("utf-16-be")


def _text(value: str) -> str:
    """A string as ES6 writes it; the standard library does the same when it may keep characters as they are."""
    return json.dumps(value, ensure_ascii=False)


def _number(value: int | float) -> str:
    """A number as ES6 writes it (ECMA-262, Number::toString): 17 significant digits at most, `1e+21`, no `-0`."""
    if type(value) is int and abs(value) <= _EXACT:
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        raise BadSignature("unsafe", "The document has a number that is none")
    if number == 0:
        return "0"
    digits, point = _digits(abs(number))
    return ("-" if number < 0 else "") + _placed(digits, point)


def _digits(number: float) -> tuple[str, int]:
    """The shortest digits that give this number, and where its point is, counted from their start."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(digits))
    return digits.rstrip("0"), point


def _placed(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    part = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{part}e{'+' if point > 0 else '-'}{abs(point - 1)}"
