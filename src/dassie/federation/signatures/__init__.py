"""HTTP signatures: who sent this request, and proof that we sent ours. Nothing here does any I/O."""

from dassie.federation.signatures.algorithms import PublicKey
from dassie.federation.signatures.checking import parse, verify
from dassie.federation.signatures.errors import BadSignature, Kind
from dassie.federation.signatures.keys import generate_rsa, load_private, load_public
from dassie.federation.signatures.request import ParsedSignature, Scheme, SignedRequest
from dassie.federation.signatures.signing import signer

__all__ = [
    "BadSignature",
    "Kind",
    "ParsedSignature",
    "PublicKey",
    "Scheme",
    "SignedRequest",
    "generate_rsa",
    "load_private",
    "load_public",
    "parse",
    "signer",
    "verify",
]
