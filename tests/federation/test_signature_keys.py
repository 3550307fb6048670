"""Keys are read in every shape that real servers publish, and junk is refused."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from dassie.federation.signatures import BadSignature, PublicKey, generate_rsa, load_private, load_public

PRIVATE_PEM, PUBLIC_PEM = generate_rsa()
ED25519 = Ed25519PrivateKey.generate().public_key()
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def spki(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def pkcs1() -> str:
    key = load_public(PUBLIC_PEM)
    assert isinstance(key, RSAPublicKey)
    return key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


def multikey(raw: bytes, prefix: bytes = b"\xed\x01") -> str:
    number, text = int.from_bytes(prefix + raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "z" + text


def kind_of(text: str) -> str:
    with pytest.raises(BadSignature) as refused:
        load_public(text)
    return refused.value.kind


def test_new_key_has_2048_bits_and_both_halves_belong_together() -> None:
    private = load_private(PRIVATE_PEM)
    assert private.key_size == 2048
    assert private.public_key() == load_public(PUBLIC_PEM)
    assert PUBLIC_PEM.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert PRIVATE_PEM.startswith("-----BEGIN PRIVATE KEY-----\n")


@pytest.mark.parametrize(
    "odd",
    [
        PUBLIC_PEM.strip(),
        f"\n \t{PUBLIC_PEM}\r\n\n",
        PUBLIC_PEM.replace("\n", "\r\n"),
        PUBLIC_PEM.replace("\n", " "),
        PUBLIC_PEM.replace("\n", ""),
        PUBLIC_PEM.replace("\n", "\\n"),
        PUBLIC_PEM.replace("\n", "\n  "),
        PUBLIC_PEM.replace("PUBLIC", "RSA PUBLIC"),
    ],
)
def test_oddly_written_pem_is_the_same_key(odd: str) -> None:
    assert load_public(odd) == load_public(PUBLIC_PEM)


def test_pkcs1_is_read_under_either_label() -> None:
    assert pkcs1().startswith("-----BEGIN RSA PUBLIC KEY-----")
    assert load_public(pkcs1()) == load_public(PUBLIC_PEM)
    assert load_public(pkcs1().replace("RSA PUBLIC", "PUBLIC")) == load_public(PUBLIC_PEM)


def test_private_key_of_an_imported_account_may_be_pkcs1() -> None:
    key = load_private(PRIVATE_PEM)
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert "RSA PRIVATE KEY" in old
    assert load_private(old.replace("\n", "\r\n")).private_numbers() == key.private_numbers()


def test_ed25519_key_is_read_as_pem_and_as_multikey() -> None:
    for text in (
        spki(ED25519),
        multikey(ED25519.public_bytes_raw()),
        f" {multikey(ED25519.public_bytes_raw())}\n",
    ):
        key = load_public(text)
        assert isinstance(key, Ed25519PublicKey)
        assert key.public_bytes_raw() == ED25519.public_bytes_raw()


def test_p256_key_is_read_and_other_curves_are_refused() -> None:
    assert isinstance(load_public(spki(generate_ec(SECP256R1()).public_key())), EllipticCurvePublicKey)
    assert kind_of(spki(generate_ec(SECP384R1()).public_key())) == "algorithm"


def test_huge_rsa_exponent_is_refused() -> None:
    numbers = load_private(PRIVATE_PEM).public_key().public_numbers()
    der = base64.b64encode(_rsa_der(numbers.n, 2**61 + 1)).decode()
    assert kind_of(f"-----BEGIN RSA PUBLIC KEY-----\n{der}\n-----END RSA PUBLIC KEY-----") == "algorithm"


def test_small_and_huge_rsa_keys_are_refused() -> None:
    for bits in (512, 9_000):
        der = base64.b64encode(_rsa_der((1 << bits) - 1, 65537)).decode()
        text = f"-----BEGIN RSA PUBLIC KEY-----\n{der}\n-----END RSA PUBLIC KEY-----"
        assert kind_of(text) in {"algorithm", "malformed"}


def test_old_rsa_key_with_1024_bits_is_still_read() -> None:
    key = generate_rsa_key(65537, 1024).public_key()
    assert load_public(spki(key)) == key


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "z",
        "z1",
        "z6Mk0OIl",
        "z" + "2" * 10_000,
        multikey(b"\x01" * 33),
        PRIVATE_PEM,
        PUBLIC_PEM[:-30],
        PUBLIC_PEM.replace("MII", "AAA"),
        PUBLIC_PEM.replace("MII", "M!I"),
        PUBLIC_PEM.replace("MII", "MÄI"),
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        PUBLIC_PEM + " " * 10_000,
        "-----BEGIN A-----" * 400,
    ],
)
def test_junk_is_refused(junk: str) -> None:
    assert kind_of(junk) == "malformed"


def test_multikey_of_another_type_is_refused() -> None:
    assert kind_of(multikey(ED25519.public_bytes_raw(), b"\x12\x05")) == "malformed"
    assert kind_of(multikey(ED25519.public_bytes_raw(), b"\xec\x01")) == "malformed"
    assert kind_of("z1" + multikey(ED25519.public_bytes_raw())[1:]) == "malformed"


@pytest.mark.parametrize("junk", ["", PUBLIC_PEM, PRIVATE_PEM[:900], PRIVATE_PEM.replace("MII", "AAA")])
def test_private_junk_is_refused_without_showing_it(junk: str) -> None:
    with pytest.raises(BadSignature) as refused:
        load_private(junk)
    assert refused.value.kind == "malformed"
    assert refused.value.details == {}


def test_private_key_that_cannot_sign_with_rsa_is_refused() -> None:
    key = Ed25519PrivateKey.generate()
    with pytest.raises(BadSignature):
        load_private(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def test_parsed_keys_are_kept() -> None:
    assert load_public(PUBLIC_PEM) is load_public(PUBLIC_PEM)
    assert load_private(PRIVATE_PEM) is load_private(PRIVATE_PEM)
    assert load_public.cache_info().maxsize == 512


@given(st.text() | st.text(BASE58, max_size=60).map(lambda text: "z" + text))
def test_any_text_is_refused_in_the_documented_way(text: str) -> None:
    with pytest.raises(BadSignature):
        load_public(text)


@given(st.binary(max_size=300))
def test_any_bytes_in_pem_are_refused_in_the_documented_way(raw: bytes) -> None:
    body = base64.b64encode(raw).decode()
    for load in (load_public, load_private):
        with pytest.raises(BadSignature):
            load(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----")


def _rsa_der(n: int, e: int) -> bytes:
    """An RSA public key in PKCS1, written without the checks of a library."""
    numbers = b"".join(_tagged(2, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in (n, e))
    return _tagged(0x30, numbers)


def _tagged(tag: int, content: bytes) -> bytes:
    return (
        bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content
        if len(content) > 127
        else (bytes([tag, len(content)]) + content)
    )
