"""Messages to apps, sealed so that no push service can read them, and signed so that it knows who sends them.

RFC 8291 with the coding of RFC 8188 (aes128gcm); for apps that are older, the drafts before them
(draft-ietf-webpush-encryption-04, draft-ietf-httpbis-encryption-encoding-03: aesgcm). Signed by RFC 8292.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from dassie.domain.push import AUTH_BYTES, MOST_MESSAGE, POINT_BYTES
from dassie.services.keys import vapid_key, vapid_public_key

SALT_BYTES = 16
MOST_PLAIN = MOST_MESSAGE - (SALT_BYTES + 4 + 1 + POINT_BYTES) - 17
"""Bytes of a message before it is sealed: without the header, the tag and the end of its padding."""
TOKEN_LASTS = timedelta(hours=12)
"""RFC 8292 allows 24 hours; half of it leaves room for clocks that are wrong."""
_JWT_HEADER = b'{"typ":"JWT","alg":"ES256"}'
_RECORD = MOST_MESSAGE.to_bytes(4, "big")


class Sealed(Struct, frozen=True):
    """What goes to the push service."""

    body: bytes
    headers: dict[str, str]


def read_key(text: str) -> bytes | None:
    """The public key of an app: an uncompressed point of P-256 in base64; None where it is none."""
    raw = _decoded(text)
    if raw is None or len(raw) != POINT_BYTES:
        return None
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return None
    return raw


def read_secret(text: str) -> bytes | None:
    """The secret that an app shares with us, from base64; None where it is none."""
    raw = _decoded(text)
    return raw if raw is not None and len(raw) == AUTH_BYTES else None


def seal(secret: bytes, message: bytes, *, p256dh: bytes, auth: bytes, standard: bool, vapid: str) -> Sealed:
    """A message as only the app can read it, with the headers that go along.

    `vapid` is the signed token of `sign`; every message is sealed with a key and a salt of its own.
    """
    if len(message) > MOST_PLAIN:
        raise ValueError(f"a message has at most {MOST_PLAIN} bytes")
    own = ec.generate_private_key(ec.SECP256R1())
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh))
    ours = own.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    salt = secrets.token_bytes(SALT_BYTES)
    seal_by = _seal_by_standard if standard else _seal_by_draft
    return seal_by(message, shared, p256dh, ours, auth, salt, vapid, vapid_public_key(secret))


def sign(secret: bytes, endpoint: str, contact: str, at: datetime) -> str:
    """The token by which a push service knows us (RFC 8292): a JWT for its origin. `contact`: mailto: or https:."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((at + TOKEN_LASTS).timestamp()), "sub": contact}
    text = f"{_encoded(_JWT_HEADER)}.{_encoded(msgspec.json.encode(claims))}"
    r, s = decode_dss_signature(vapid_key(secret).sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _seal_by_standard(
    message: bytes, shared: bytes, theirs: bytes, ours: bytes, auth: bytes, salt: bytes, vapid: str, public: str
) -> Sealed:
    material = _derive(auth, shared, b"WebPush: info\0" + theirs + ours, 32)
    key = _derive(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, material, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD + bytes([len(ours)]) + ours
    body = head + AESGCM(key).encrypt(nonce, message + b"\x02", None)  # 2: the last record
    headers = {"Content-Encoding": "aes128gcm", "Authorization": f"vapid t={vapid}, k={public}"}
    return Sealed(body, headers)


def _seal_by_draft(
    message: bytes, shared: bytes, theirs: bytes, ours: bytes, auth: bytes, salt: bytes, vapid: str, public: str
) -> Sealed:
    material = _derive(auth, shared, b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + b"".join(len(key).to_bytes(2, "big") + key for key in (theirs, ours))
    key = _derive(salt, material, b"Content-Encoding: aesgcm\0" + context, 16)
    nonce = _derive(salt, material, b"Content-Encoding: nonce\0" + context, 12)
    body = AESGCM(key).encrypt(nonce, b"\0\0" + message, None)  # no padding
    headers = {
        "Content-Encoding": "aesgcm",
        "Encryption": f"salt={_encoded(salt)}",
        "Crypto-Key": f"dh={_encoded(ours)};p256ecdsa={public}",
        "Authorization": f"WebPush {vapid}",
    }
    return Sealed(body, headers)


def _derive(salt: bytes, material: bytes, info: bytes, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt=salt, info=info).derive(material)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    """Base64 of either alphabet, padded or not."""
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw
