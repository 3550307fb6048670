"""Object integrity proofs (FEP-8b32, `eddsa-jcs-2022`): an Ed25519 signature over the JSON itself.

Signed is the text of the document, so what we read is what was signed, whatever its context says.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from dassie.federation.signatures.algorithms import ED25519, PublicKey, is_signed
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.jcs import canonical_json
from dassie.federation.signatures.multikey import signature_bytes
from dassie.federation.signatures.validity import EMBEDDED_PAST, Validity, moment
from dassie.federation.vocab.documents import Doc
from dassie.federation.vocab.values import objects

MAX_PROOFS = 4
TYPE = "DataIntegrityProof"
SUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"


class Proof(Struct, frozen=True):
    """A proof found in a document. It says who claims to have made it, nothing more."""

    key_id: str
    validity: Validity
    config: Doc
    """The proof without its value."""
    value: bytes

    def check(self, now: datetime) -> None:
        """Nothing, if made within the last two days and not expired; raises `BadSignature` otherwise."""
        self.validity.check(now)


def proof_of(doc: Doc) -> Proof | None:
    """The first proof of the kind we know; None where there is none or nothing could come of it."""
    found = (_read(proof) for proof in objects(doc.get("proof"), MAX_PROOFS))
    return next(filter(None, found), None)


def verify_proof(doc: Doc, proof: Proof, public_key: PublicKey, now: datetime) -> None:
    """Nothing, if the key made the proof for this very document; raises `BadSignature` otherwise.

    That the actor lists the key is for the caller to check. A Linked Data signature beside it may have been added
    after the proof was made, so the document is tried with it and without.
    """
    proof.check(now)
    content = {name: value for name, value in doc.items() if name != "proof"}
    if "@context" in proof.config:
        content["@context"] = _begun(content.get("@context"), proof.config["@context"])
    config = sha256(canonical_json(proof.config)).digest()
    tried = [content, {name: value for name, value in content.items() if name != "signature"}]
    for one in tried if "signature" in content else tried[:1]:
        if is_signed(ED25519, public_key, proof.value, config + sha256(canonical_json(one)).digest()):
            return
    raise BadSignature("mismatch", "The proof in the document does not fit it")


def _read(proof: Doc) -> Proof | None:
    if (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose")) != (TYPE, SUITE, PURPOSE):
        return None
    key_id = proof.get("verificationMethod")
    try:
        expires = moment(proof["expires"]) if "expires" in proof else None
        validity = Validity((moment(proof.get("created")),), expires, EMBEDDED_PAST)
        value = signature_bytes(proof.get("proofValue"))
    except BadSignature:
        return None
    config = {name: part for name, part in proof.items() if name != "proofValue"}
    return Proof(key_id, validity, config, value) if type(key_id) is str else None


def _begun(context: object, start: object) -> object:
    """The proof's context, with which the document's has to begin (vc-di-eddsa section 3.3.2)."""
    whole = context if type(context) is list else [context]
    first = start if type(start) is list else [start]
    if whole[: len(first)] != first:
        raise BadSignature("mismatch", "The proof was made for another context")
    return start
