"""Multikey texts: a key in base58 behind a two-byte prefix that tells its type (FEP-521a)."""

from __future__ import annotations

from typing import Any

from dassie.federation.signatures.errors import BadSignature

MAX_TEXT = 64
"""An Ed25519 Multikey has 48 characters."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {char: digit for digit, char in enumerate(_ALPHABET)}
_ED25519 = b"\xed\x01"
_LENGTH = len(_ED25519) + 32
_SIGNATURE = 64


def ed25519_bytes(text: str) -> bytes:
    """The 32 bytes of an Ed25519 key written as Multikey; raises `BadSignature` on anything else."""
    digits = text[1:]
    if not text.startswith("z") or len(text) > MAX_TEXT or not set(digits) <= _DIGITS.keys():
        raise _unreadable()
    number = 0
    for char in digits:
        number = number * 58 + _DIGITS[char]
    # The prefix begins with a set bit, so the length in bits is exact and no "1" (a zero byte) leads.
    if number.bit_length() != _LENGTH * 8 or digits.startswith("1"):
        raise _unreadable()
    raw = number.to_bytes(_LENGTH, "big")
    if not raw.startswith(_ED25519):
        raise _unreadable()
    return raw[len(_ED25519) :]


def signature_bytes(text: Any) -> bytes:
    """The 64 bytes of an Ed25519 signature written as multibase (`z…`); raises `BadSignature` on anything else."""
    if type(text) is not str or not text.startswith("z") or len(text) > 2 * MAX_TEXT:
        raise BadSignature("malformed", "The proof has no usable value")
    digits = text[1:]
    if not set(digits) <= _DIGITS.keys():
        raise BadSignature("malformed", "The proof has no usable value")
    number = 0
    for char in digits:
        number = number * 58 + _DIGITS[char]
    zeros = len(digits) - len(digits.lstrip("1"))
    if zeros + (number.bit_length() + 7) // 8 != _SIGNATURE:
        raise BadSignature("malformed", "The proof has no usable value")
    return number.to_bytes(_SIGNATURE, "big")


def _unreadable() -> BadSignature:
    return BadSignature("malformed", "The key is not an Ed25519 Multikey")
