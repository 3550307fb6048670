"""What the HTTP client calls to sign each request it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from dassie.federation.signatures import cavage, rfc9421
from dassie.federation.signatures.request import Scheme
from dassie.ports import Sign


def signer(key_id: str, private_key: RSAPrivateKey, scheme: Scheme, now: Callable[[], datetime]) -> Sign:
    """A function that signs for one actor. It reads the clock at each call, so it may be kept."""
    sign = rfc9421.sign if scheme == "rfc9421" else cavage.sign

    def signed(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        return sign(key_id, private_key, method, url, body, now())

    return signed
