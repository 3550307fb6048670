"""The mathematics of signatures, under the names that RFC 9421 gives them."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PublicKey = RSAPublicKey | Ed25519PublicKey | EllipticCurvePublicKey

RSA_SHA256 = "rsa-v1_5-sha256"
RSA_PSS = "rsa-pss-sha512"
ED25519 = "ed25519"
ECDSA_P256 = "ecdsa-p256-sha256"
ACCEPTED = frozenset({RSA_SHA256, RSA_PSS, ED25519, ECDSA_P256})
"""Without hmac: a shared secret cannot be looked up, and a public key must never serve as one."""

_PKCS1 = padding.PKCS1v15()
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=64)
_P256_HALF = 32


def sign_rsa(key: RSAPrivateKey, text: bytes) -> bytes:
    """An rsa-v1_5-sha256 signature, the only kind that every server understands."""
    return key.sign(text, _PKCS1, hashes.SHA256())


def algorithms_for(key: PublicKey) -> tuple[str, ...]:
    """What a key may be used for, the usual one first. The key decides, not what a sender claims."""
    if isinstance(key, RSAPublicKey):
        return (RSA_SHA256, RSA_PSS)
    return (ED25519,) if isinstance(key, Ed25519PublicKey) else (ECDSA_P256,)


def is_signed(algorithm: str, key: PublicKey, signature: bytes, text: bytes) -> bool:
    """Whether the signature is that of the text; False also when key and algorithm do not go together."""
    if algorithm not in algorithms_for(key):
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, text)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(_der(signature), text, ECDSA(hashes.SHA256()))
        elif algorithm == RSA_PSS:
            key.verify(signature, text, _PSS, hashes.SHA512())
        else:
            key.verify(signature, text, _PKCS1, hashes.SHA256())
    except (InvalidSignature, ValueError):  # ValueError: numbers in the key that make no sense
        return False
    return True


def _der(signature: bytes) -> bytes:
    """The two halves of an ECDSA signature as the library wants them (RFC 9421 section 3.3.4)."""
    if len(signature) != 2 * _P256_HALF:
        raise InvalidSignature
    r, s = signature[:_P256_HALF], signature[_P256_HALF:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
