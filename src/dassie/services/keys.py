"""Signing keys of our accounts: made, and kept encrypted with the server's secret. The instance's own account."""

from __future__ import annotations

import asyncio
import base64
import secrets
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dassie.domain.errors import DassieError
from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.urls import Urls
from dassie.store import accounts
from dassie.store.tx import Database
from dassie.store.views import AccountView


class Parts(Protocol):
    """What is needed of the running server."""

    @property
    def secret(self) -> bytes: ...
    @property
    def urls(self) -> Urls: ...
    @property
    def db(self) -> Database: ...


RSA_BITS = 2048
FORMAT = b"\x01"  # of the encrypted key: this byte, 12 bytes of nonce, AES-256-GCM of the PEM
NONCE_BYTES = 12
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_private_key() -> str:
    """A fresh RSA key as PEM (PKCS 8). Takes about a tenth of a second: call it in a thread where others wait."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def encrypt_private_key(secret: bytes, pem: str) -> bytes:
    """The key as it is stored."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(_wrapping_key(secret)).encrypt(nonce, pem.encode(), FORMAT)


def decrypt_private_key(secret: bytes, data: bytes) -> str:
    """The key as PEM; raises `DassieError` where the server's secret is another one than when it was stored."""
    nonce, sealed = data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
    try:
        if data[:1] != FORMAT:
            raise InvalidTag
        return AESGCM(_wrapping_key(secret)).decrypt(nonce, sealed, FORMAT).decode()
    except (InvalidTag, ValueError) as error:
        raise DassieError("A signing key cannot be read: the server's secret has changed.") from error


async def instance_actor(parts: Parts) -> AccountView:
    """The account that signs for the server itself; made on first need, with its key."""
    async with parts.db.read() as tx:
        found = await accounts.by_id(tx, INSTANCE_ACCOUNT_ID)
    if found is not None:
        return found
    pem = await asyncio.to_thread(new_private_key)
    urls = parts.urls
    uri = f"{urls.base}/actor"
    async with parts.db.write() as tx:
        await accounts.insert(  # once, however many ask at the same time
            tx,
            id=INSTANCE_ACCOUNT_ID,
            username=urls.domain,
            uri=uri,
            url=f"{urls.base}/about",
            actor_type="Application",
            locked=True,
            inbox_url=f"{uri}/inbox",
            outbox_url=f"{uri}/outbox",
            private_key=encrypt_private_key(parts.secret, pem),
            created_at=tx.now,
        )
        made = await accounts.by_id(tx, INSTANCE_ACCOUNT_ID)
    assert made is not None
    return made


@lru_cache(maxsize=4)
def vapid_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key that push messages are signed with (RFC 8292). It follows from the server's secret."""
    seed = HKDF(hashes.SHA256(), 48, salt=None, info=b"dassie vapid").derive(secret)
    return ec.derive_private_key(int.from_bytes(seed, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


@lru_cache(maxsize=4)
def vapid_public_key(secret: bytes) -> str:
    """Its public half as browsers take it: an uncompressed point, base64url."""
    point = vapid_key(secret).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _wrapping_key(secret: bytes) -> bytes:
    """A key for this purpose only, so that a leak elsewhere says nothing about the secret."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"dassie private keys").derive(secret)
