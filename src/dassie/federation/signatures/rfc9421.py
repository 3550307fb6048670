"""HTTP message signatures as RFC 9421 has them; for sending, the second knock after draft-cavage."""

from __future__ import annotations

import base64
from collections.abc import Set
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from dassie.federation.signatures import algorithms
from dassie.federation.signatures.algorithms import PublicKey
from dassie.federation.signatures.digest import check_content_digest, content_digest_header
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.fields import (
    InnerList,
    Item,
    Token,
    inner_list_text,
    item_text,
    parse_dictionary,
)
from dassie.federation.signatures.request import (
    MAX_COVERED,
    MAX_SIGNATURE,
    ParsedSignature,
    SignedRequest,
    checked_key_id,
    header_value,
    one_line,
    signed_bytes,
)
from dassie.federation.signatures.target import host_of, without_fragment
from dassie.federation.signatures.validity import Validity

LABEL = "sig1"
PARAMS = "@signature-params"


def sign(
    key_id: str, private_key: RSAPrivateKey, method: str, url: str, body: bytes | None, now: datetime
) -> dict[str, str]:
    """The headers to send: Signature-Input, Signature, and Content-Digest where there is a body.

    Covers what Mastodon demands. `url` is in ASCII, exactly as it goes on the wire. The algorithm is
    not named, so that receivers take it from the key.
    """
    values = {"@method": method.upper(), "@target-uri": without_fragment(url)}
    headers = {}
    if body is not None:
        headers["Content-Digest"] = values["content-digest"] = content_digest_header(body)
    items = tuple(Item(name) for name in values)
    params = inner_list_text(InnerList(items, {"created": int(now.timestamp()), "keyid": key_id}))
    lines = [f'"{name}": {value}' for name, value in values.items()]
    lines.append(f'"{PARAMS}": {params}')
    proof = base64.b64encode(algorithms.sign_rsa(private_key, "\n".join(lines).encode("ascii")))
    headers["Signature-Input"] = f"{LABEL}={params}"
    headers["Signature"] = f"{LABEL}=:{proof.decode('ascii')}:"
    return headers


def parse(request: SignedRequest, now: datetime) -> ParsedSignature:
    """The signature, after every check that needs no key; raises `BadSignature`."""
    members, signature = _only_signature(request)
    parsed = read(members, signature)
    _check_coverage(request, set(parsed.covered))
    parsed.validity.check(now)
    signature_base(parsed, request)  # everything that is signed was also sent
    if "content-digest" in parsed.covered:
        check_content_digest(request.headers["content-digest"], request.body)
    return parsed


def verify(parsed: ParsedSignature, request: SignedRequest, key: PublicKey) -> None:
    """Nothing, if the key made the signature; raises `BadSignature` otherwise."""
    candidates = algorithms.algorithms_for(key)
    if parsed.algorithm:
        if parsed.algorithm not in candidates:
            raise BadSignature("algorithm", "The algorithm does not go with the key", algorithm=parsed.algorithm)
        candidates = (parsed.algorithm,)
    base = signature_base(parsed, request)
    if not any(algorithms.is_signed(name, key, parsed.signature, base) for name in candidates):
        raise BadSignature("mismatch", "The signature does not fit", signed=base[:2_048].decode("latin-1"))


def read(members: InnerList, signature: bytes) -> ParsedSignature:
    """What one member of Signature-Input says, before any of it is compared with the request."""
    key_id = members.params.get("keyid")
    algorithm = members.params.get("alg", "")
    if not _is_string(key_id) or not _is_string(algorithm):
        raise BadSignature("malformed", "The signature needs keyid, and alg must be a string")
    if algorithm and algorithm not in algorithms.ACCEPTED:
        raise BadSignature("algorithm", "This signature algorithm is not accepted", algorithm=str(algorithm)[:64])
    return ParsedSignature(
        scheme="rfc9421",
        key_id=checked_key_id(str(key_id)),
        algorithm=str(algorithm),
        covered=_covered(members),
        signature=signature,
        validity=_validity(members),
        texts={PARAMS: inner_list_text(members)},
    )


def signature_base(parsed: ParsedSignature, request: SignedRequest) -> bytes:
    """The signed text (section 2.5)."""
    lines = [f'"{name}": {_value(name, request)}' for name in parsed.covered]
    lines.append(f'"{PARAMS}": {parsed.texts[PARAMS]}')
    return signed_bytes("\n".join(lines))


def _only_signature(request: SignedRequest) -> tuple[InnerList, bytes]:
    """The one member of Signature-Input and its bytes. More than one is refused, as Mastodon does."""
    if "signature-input" not in request.headers:
        raise BadSignature("missing", "The request is not signed")
    inputs = parse_dictionary(request.headers["signature-input"])
    signatures = parse_dictionary(request.headers.get("signature", ""))
    if len(inputs) != 1 or signatures.keys() != inputs.keys():
        raise BadSignature("malformed", "Exactly one signature is needed")
    (members,), (signature,) = inputs.values(), signatures.values()
    if not isinstance(members, InnerList) or not isinstance(signature, Item):
        raise BadSignature("malformed", "The signature cannot be read")
    if not isinstance(signature.value, bytes) or not 0 < len(signature.value) <= MAX_SIGNATURE:
        raise BadSignature("malformed", "The signature cannot be read")
    return members, signature.value


def _covered(members: InnerList) -> tuple[str, ...]:
    """The names of the covered components. None has parameters: nobody sends them to inboxes."""
    names = []
    for item in members.items:
        if item.params or not _is_string(item.value):
            raise BadSignature("coverage", "A signed component is not understood", name=item_text(item)[:64])
        names.append(str(item.value))
    if len(names) > MAX_COVERED or len(set(names)) != len(names):
        raise BadSignature("malformed", "The list of signed components cannot be read")
    return tuple(names)


def _validity(members: InnerList) -> Validity:
    created, expires = members.params.get("created"), members.params.get("expires")
    if type(created) is not int or type(expires) not in (int, type(None)):
        raise BadSignature("malformed", "The signature needs created, and times must be integers")
    return Validity((float(created),), None if expires is None else float(int(expires)))


def _check_coverage(request: SignedRequest, covered: Set[str]) -> None:
    """That enough is signed: what was asked of whom, and with which body."""
    in_parts = bool({"@authority", "host"} & covered) and (
        "@request-target" in covered or ("@path" in covered and ("@query" in covered or "?" not in request.target))
    )
    if "@method" not in covered or not ("@target-uri" in covered or in_parts):
        raise BadSignature("coverage", "@method and @target-uri must be signed")
    if not request.reads and "content-digest" not in covered:
        raise BadSignature("coverage", "Content-Digest must be signed when delivering")


def _value(name: str, request: SignedRequest) -> str:
    """The value of a component (sections 2.1 and 2.2)."""
    path, _, query = request.target.partition("?")
    derived = {
        "@method": request.method,
        "@target-uri": request.url,
        "@scheme": request.url.partition(":")[0].lower(),
        "@request-target": request.target,
        "@path": path or "/",
        "@query": f"?{query}",
    }
    if name in derived:
        return one_line(derived[name])
    if name == "@authority":
        return one_line(host_of(request.url))
    if name.startswith("@"):
        raise BadSignature("coverage", "A signed component is not understood", name=name[:64])
    return header_value(request, name)


def _is_string(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Token)
