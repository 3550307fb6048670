"""Keys: made, and read from the texts that servers publish. Parsed keys are kept, within a bound."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from dassie.federation.signatures.algorithms import PublicKey
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.multikey import ed25519_bytes

MAX_KEY_TEXT = 8_192
MIN_RSA_BITS = 1_024
MAX_RSA_BITS = 8_192
MAX_RSA_EXPONENT = 2**33
"""A huge exponent would make each check as dear as a signature."""

_PEM = re.compile(r"-----BEGIN ([A-Z ]{1,32})-----([^-]*)-----END \1-----")
_BLANKS = re.compile(r"\s+|\\r|\\n")
_FAILURES = (ValueError, TypeError, UnsupportedAlgorithm)


def generate_rsa() -> tuple[str, str]:
    """A new private and public key with 2,048 bits, as PEM. Takes some 40 ms of CPU: call it in a thread."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode("ascii"), public.decode("ascii")


@lru_cache(maxsize=256)
def load_private(pem: str) -> RSAPrivateKey:
    """One of our own RSA keys; raises `BadSignature` when unreadable.

    Its numbers are not checked again: that takes 36 ms, and we made or imported the key ourselves.
    """
    try:
        key = load_der_private_key(_der(pem), password=None, unsafe_skip_rsa_key_validation=True)
    except _FAILURES:
        raise _unreadable() from None
    if not isinstance(key, RSAPrivateKey):
        raise _unreadable()
    return key


@lru_cache(maxsize=512)
def load_public(text: str) -> PublicKey:
    """Another server's key: RSA, Ed25519 or P-256 as PEM, or Ed25519 as Multikey (`z6Mk…`).

    PEM may be PKCS1 or SPKI under either label, on one line, with CRLF or written-out `\\n`, as real
    servers send it. Raises `BadSignature` on anything else.
    """
    if text.lstrip()[:1] == "z":
        return Ed25519PublicKey.from_public_bytes(ed25519_bytes(text.strip()))
    try:
        key = load_der_public_key(_der(text))
    except _FAILURES:
        raise _unreadable() from None
    if isinstance(key, RSAPublicKey):
        return _bounded(key)
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise BadSignature("algorithm", "Keys of this type are not accepted")


def _der(pem: str) -> bytes:
    """What is between the BEGIN and END lines, decoded."""
    found = _PEM.search(pem) if len(pem) <= MAX_KEY_TEXT else None
    if found is None:
        raise _unreadable()
    try:
        return base64.b64decode(_BLANKS.sub("", found[2]), validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None


def _bounded(key: RSAPublicKey) -> RSAPublicKey:
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS or key.public_numbers().e > MAX_RSA_EXPONENT:
        raise BadSignature("algorithm", "RSA keys of this size are not accepted")
    return key


def _unreadable() -> BadSignature:
    return BadSignature("malformed", "The key cannot be read")
