"""HTTP signatures as almost every fediverse server speaks them: draft-cavage-http-signatures-12."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from dassie.federation.signatures import algorithms
from dassie.federation.signatures.algorithms import PublicKey
from dassie.federation.signatures.digest import check_digest, digest_header
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.request import (
    MAX_COVERED,
    MAX_HEADER,
    MAX_SIGNATURE,
    ParsedSignature,
    SignedRequest,
    checked_key_id,
    header_value,
    one_line,
    signed_bytes,
)
from dassie.federation.signatures.target import host_of, target_of
from dassie.federation.signatures.validity import Validity, epoch, http_date

ALGORITHMS = frozenset({"", "rsa-sha256", "hs2019"})
"""Names we accept. They mean little: RSA is PKCS#1 v1.5 with SHA-256 under all of them."""

_PARAM = re.compile(r'[ \t]*([A-Za-z]{1,32})=(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))[ \t]*(?:,|\Z)')
_ESCAPED = re.compile(r"\\(.)")
_NAME = re.compile(r"\((?:request-target|created|expires)\)|[!#$%&'*+.^_`|~0-9a-z-]+")


def sign(
    key_id: str, private_key: RSAPrivateKey, method: str, url: str, body: bytes | None, now: datetime
) -> dict[str, str]:
    """The headers to send: Host, Date, Signature, and Digest where there is a body.

    `url` is in ASCII, exactly as it goes on the wire. The order of names is the one that strict
    receivers have seen most often.
    """
    headers = {"Host": host_of(url), "Date": format_datetime(now, usegmt=True)}
    if body is not None:
        headers["Digest"] = digest_header(body)
    lines = [f"(request-target): {method.lower()} {target_of(url)}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    proof = base64.b64encode(algorithms.sign_rsa(private_key, "\n".join(lines).encode("ascii")))
    covered = " ".join(line.partition(": ")[0] for line in lines)
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{covered}",signature="{proof.decode("ascii")}"'
    )
    return headers


def parse(request: SignedRequest, now: datetime) -> ParsedSignature:
    """The signature, after every check that needs no key; raises `BadSignature`."""
    params = _params(request.headers.get("signature", ""))
    algorithm = params.get("algorithm", "").lower()
    if algorithm not in ALGORITHMS:
        raise BadSignature("algorithm", "This signature algorithm is not accepted", algorithm=algorithm[:64])
    covered = _covered(params.get("headers", ""))
    _check_coverage(request, covered, algorithm, params)
    parsed = ParsedSignature(
        scheme="cavage",
        key_id=checked_key_id(params.get("keyid", "")),
        algorithm=algorithm,
        covered=covered,
        signature=_signature(params.get("signature", "")),
        validity=_validity(request, covered, params),
        texts={name: params[name] for name in ("created", "expires") if name in params},
    )
    parsed.validity.check(now)
    signature_base(parsed, request, request.target)  # everything that is signed was also sent
    if "digest" in covered:
        check_digest(request.headers["digest"], request.body)
    return parsed


def verify(parsed: ParsedSignature, request: SignedRequest, key: PublicKey) -> None:
    """Nothing, if the key made the signature; raises `BadSignature` otherwise.

    About half of all servers leave the query out of what they sign, so it is tried with and without.
    """
    algorithm = algorithms.algorithms_for(key)[0]
    if algorithm == algorithms.ECDSA_P256:
        raise BadSignature("algorithm", "Keys of this type are not accepted")
    base = signature_base(parsed, request, request.target)
    if algorithms.is_signed(algorithm, key, parsed.signature, base):
        return
    path, query, _ = request.target.partition("?")
    if query and algorithms.is_signed(algorithm, key, parsed.signature, signature_base(parsed, request, path)):
        return
    raise BadSignature("mismatch", "The signature does not fit", signed=base[:2_048].decode("latin-1"))


def signature_base(parsed: ParsedSignature, request: SignedRequest, target: str) -> bytes:
    """The signed text (section 2.3), with `target` as what was asked for."""
    lines = []
    for name in parsed.covered:
        if name == "(request-target)":
            value = one_line(f"{request.method.lower()} {target}")
        elif name in ("(created)", "(expires)"):
            value = parsed.texts[name[1:-1]]
        else:
            value = header_value(request, name)
        lines.append(f"{name}: {value}")
    return signed_bytes("\n".join(lines))


def _params(header: str) -> dict[str, str]:
    """The parameters of a Signature header, names in lower case. None may come twice."""
    text = header.strip()
    if not text:
        raise BadSignature("missing", "The request is not signed")
    if len(text) > MAX_HEADER:
        raise BadSignature("malformed", "The Signature header is too long")
    text = text.removeprefix("Signature ")  # node-http-signature of old repeats the name of the scheme
    params: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _PARAM.match(text, at)
        if found is None or found[1].lower() in params:
            raise BadSignature("malformed", "The Signature header cannot be read")
        quoted = found[2]
        params[found[1].lower()] = found[3] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        at = found.end()
    return params


def _covered(headers: str) -> tuple[str, ...]:
    names = tuple(headers.lower().split())
    if len(names) > MAX_COVERED or len(set(names)) != len(names):
        raise BadSignature("malformed", "The list of signed headers cannot be read")
    if not all(_NAME.fullmatch(name) for name in names):
        raise BadSignature("malformed", "The list of signed headers cannot be read")
    return names


def _check_coverage(
    request: SignedRequest, covered: tuple[str, ...], algorithm: str, params: Mapping[str, str]
) -> None:
    """That enough is signed: what was asked of whom, when, and with which body."""
    if "date" not in covered and "(created)" not in covered:
        raise BadSignature("coverage", "The Date header or (created) must be signed")
    if request.reads and not {"(request-target)", "host"} <= set(covered):
        raise BadSignature("coverage", "(request-target) and Host must be signed when fetching")
    if not request.reads and "digest" not in covered:
        raise BadSignature("coverage", "The Digest header must be signed when delivering")
    for name in ("created", "expires"):
        if f"({name})" not in covered:
            continue
        if algorithm == "rsa-sha256":
            raise BadSignature("coverage", f"({name}) needs the algorithm hs2019")
        if name not in params:
            raise BadSignature("coverage", f"({name}) is signed but was not sent")


def _validity(request: SignedRequest, covered: tuple[str, ...], params: Mapping[str, str]) -> Validity:
    """The times that are signed. An end is respected even unsigned: it can only make us stricter."""
    made = []
    if "date" in covered:
        made.append(http_date(header_value(request, "date")))
    if "(created)" in covered:
        made.append(epoch(params["created"]))
    return Validity(tuple(made), epoch(params["expires"]) if "expires" in params else None)


def _signature(text: str) -> bytes:
    try:
        signature = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadSignature("malformed", "The signature cannot be read") from None
    if not 0 < len(signature) <= MAX_SIGNATURE:
        raise BadSignature("malformed", "The signature cannot be read")
    return signature
