"""Passwords and recovery codes: argon2id for what people choose, one round of SHA-256 for what we choose."""

from __future__ import annotations

import hmac
import secrets
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dassie.domain.errors import Invalid

SHORTEST = 8
LONGEST = 128  # Mastodon takes 72; argon2 has no such bound, but unbounded input costs time
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
# 19 MiB, two passes: OWASP's recommendation for argon2id, and about 30 ms on an old laptop
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def check_new_password(text: str) -> str:
    """The password; raises `Invalid` where it is too short or too long."""
    if len(text) < SHORTEST:
        words = f"is too short (minimum is {SHORTEST} characters)"
        raise Invalid(f"Validation failed: Password {words}", fields={"password": [("ERR_TOO_SHORT", words)]})
    if len(text) > LONGEST:
        words = f"is too long (maximum is {LONGEST} characters)"
        raise Invalid(f"Validation failed: Password {words}", fields={"password": [("ERR_TOO_LONG", words)]})
    return text


def hash_password(text: str) -> str:
    """The argon2id hash to keep. Call it in a thread: it takes time on purpose."""
    return _HASHER.hash(text)


def check_password(text: str, kept: str | None) -> bool:
    """Whether the password is right. `None` (nobody of that name) takes as long and is always wrong.

    Call it in a thread.
    """
    if len(text) > LONGEST:
        text = ""
    try:
        return _HASHER.verify(kept if kept is not None else _nobody(), text) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """A password to hand out: 80 bits, easy to read aloud."""
    return _grouped(16)


def new_recovery_codes() -> list[str]:
    """Ten codes that each let a person in once."""
    return [_grouped(12) for _ in range(RECOVERY_CODES)]


def code_hash(code: str) -> str:
    """What is kept of a code of ours; spaces, dashes and case do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return sha256(plain.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Equal, found out in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _grouped(letters: int) -> str:
    text = "".join(secrets.choice(_LETTERS) for _ in range(letters))
    return "-".join(text[i : i + 4] for i in range(0, letters, 4))


@cache
def _nobody() -> str:
    """A hash that no password fits, to spend the same time on."""
    return _HASHER.hash(secrets.token_hex(16))
