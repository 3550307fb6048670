"""Linked Data signatures (RsaSignature2017) inside documents: what lets a relay pass on what others wrote.

Signed are two digests of canonical RDF, one of the signature's own properties and one of the document. That the
triples allow no other plain reading is seen to in `triples`; a document where they would is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from msgspec import Struct

from dassie.federation.signatures.algorithms import RSA_SHA256, PublicKey, is_signed, sign_rsa
from dassie.federation.signatures.canonical import digest
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.triples import Triples
from dassie.federation.signatures.validity import EMBEDDED_PAST, Validity, moment
from dassie.federation.vocab.documents import Doc, unsafe_for_signature

TYPE = "RsaSignature2017"
MAX_VALUE = 2_048
_IDENTITY = "https://w3id.org/identity/v1"
_UNSIGNED = frozenset({"type", "id", "signatureValue"})
_SIGNED = frozenset({"creator", "created", "expires", "domain", "nonce"})
_APART = frozenset({"signature", "proof"})
"""What proves a document is no part of it; nobody reads these two as content."""


class EmbeddedSignature(Struct, frozen=True):
    """A signature found in a document. It says who claims to have signed, nothing more."""

    key_id: str
    validity: Validity
    options: Doc
    """The signature's own signed properties."""
    value: bytes

    def check(self, now: datetime) -> None:
        """Nothing, if made within the last two days; raises `BadSignature` otherwise."""
        self.validity.check(now)


def embedded_signature(doc: Doc) -> EmbeddedSignature | None:
    """The RsaSignature2017 of a document; None where there is none or nothing could come of it."""
    found = doc.get("signature")
    if type(found) is not dict or found.get("type") != TYPE or unsafe_for_signature(_content(doc)):
        return None
    options = {name: value for name, value in found.items() if name not in _UNSIGNED}
    if not _SIGNED.issuperset(options) or not all(type(value) is str for value in options.values()):
        return None
    value = found.get("signatureValue")
    if type(value) is not str or not 0 < len(value) <= MAX_VALUE or "creator" not in options:
        return None
    try:
        expires = moment(options["expires"]) if "expires" in options else None
        validity = Validity((moment(options.get("created")),), expires, EMBEDDED_PAST)
        return EmbeddedSignature(
            options["creator"], validity, options, base64.b64decode("".join(value.split()), validate=True)
        )
    except (BadSignature, binascii.Error, ValueError):
        return None


def verify_embedded(doc: Doc, signature: EmbeddedSignature, public_key: PublicKey, now: datetime) -> None:
    """Nothing, if the key signed this document and its plain reading; raises `BadSignature` otherwise.

    That the key belongs to the actor is for the caller to check. Takes below half a millisecond for a usual post,
    and some 20 ms at most whatever is sent. Where software differs in writing RDF, each usual way is tried.
    """
    signature.check(now)
    options = _options_digest(signature.options)
    for document in _document_digests(doc):
        if is_signed(RSA_SHA256, public_key, signature.value, (options + document).encode("ascii")):
            return
    raise BadSignature("mismatch", "The signature in the document does not fit it")


def sign_document(doc: Doc, key_id: str, private_key: RSAPrivateKey, now: datetime) -> Doc:
    """The document with a signature of ours; raises `BadSignature` where it cannot be signed.

    That happens where somebody else's address in it is none that RDF allows.
    """
    options = {"creator": key_id, "created": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    text = _options_digest(options) + next(_document_digests(doc))
    value = base64.b64encode(sign_rsa(private_key, text.encode("ascii"))).decode("ascii")
    return {**doc, "signature": {"type": TYPE, **options, "signatureValue": value}}


def _options_digest(options: Doc) -> str:
    return digest(Triples({"@context": _IDENTITY, **options}).found)


def _document_digests(doc: Doc) -> Iterator[str]:
    """The document's digest in each way that software has of writing what it holds, the specified one first."""
    content = _content(doc)
    try:
        first = Triples(content)
        yield digest(first.found)
        for old in (False, True) if first.controls else (False,):
            for lower in (False, True) if first.languages else (False,):
                if old or lower:
                    yield digest(Triples(content, old=old, lower=lower).found)
    except UnicodeError:
        raise BadSignature("unsafe", "The document has characters that cannot be written") from None


def _content(doc: Doc) -> Doc:
    return {name: value for name, value in doc.items() if name not in _APART}
