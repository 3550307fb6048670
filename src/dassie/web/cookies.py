"""What browsers keep for us: the session, a short notice, and what ties a form to the browser it was shown in."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256

from dassie.config import Config
from dassie.door.request import Request

YEAR = 31_536_000
SAID_SECONDS = 30
GUEST_SECONDS = 7_200
_SIZE = 16


def session_name(config: Config) -> str:
    """`__Host-` forbids a neighbouring host to set it; browsers allow that prefix with https only."""
    return "__Host-dassie" if config.base.startswith("https:") else "dassie"


def session_token(request: Request, config: Config) -> str:
    """The token of the browser's session; empty where it has none."""
    return request.cookie(session_name(config)) or ""


def new_token() -> str:
    """A session token: 256 random bits."""
    return secrets.token_urlsafe(32)


def set_session(config: Config, token: str) -> tuple[str, str]:
    """The header that signs a browser in."""
    return _cookie(config, session_name(config), token, YEAR)


def drop_session(config: Config) -> tuple[str, str]:
    """The header that makes a browser forget its session."""
    return _cookie(config, session_name(config), "", 0)


def set_said(config: Config, word: str) -> tuple[str, str]:
    """The header by which the next page tells what was done; `word` is a key of notices.SAID."""
    return _cookie(config, "said", word, SAID_SECONDS)


def drop_said(config: Config) -> tuple[str, str]:
    return _cookie(config, "said", "", 0)


def set_guest(config: Config, value: str) -> tuple[str, str]:
    """The header that ties forms of somebody who is not signed in to this browser."""
    return _cookie(config, "guest", value, GUEST_SECONDS)


def _cookie(config: Config, name: str, value: str, seconds: int) -> tuple[str, str]:
    secure = "; Secure" if config.base.startswith("https:") else ""
    return "set-cookie", f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def form_token(secret: bytes, bound_to: str) -> str:
    """What a form must carry. It looks different every time, so that a compressed page does not betray it."""
    mask = secrets.token_bytes(_SIZE)
    hidden = bytes(a ^ b for a, b in zip(mask, _proof(secret, bound_to), strict=True))
    return base64.urlsafe_b64encode(mask + hidden).decode().rstrip("=")


def is_form_token(secret: bytes, bound_to: str, token: str) -> bool:
    """Whether a form was made by us for this browser."""
    if not bound_to or not token.isascii() or len(token) > 100:
        return False
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    if len(raw) != 2 * _SIZE:
        return False
    shown = bytes(a ^ b for a, b in zip(raw[:_SIZE], raw[_SIZE:], strict=True))
    return hmac.compare_digest(shown, _proof(secret, bound_to))


def _proof(secret: bytes, bound_to: str) -> bytes:
    return hmac.new(secret, f"form:{bound_to}".encode(), sha256).digest()[:_SIZE]
